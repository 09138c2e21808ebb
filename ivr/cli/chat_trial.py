"""What a chat in the terminal is to be, and what it works with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.adapters.store_memory import MemoryLoanBook
from ivr.adapters.system_clock import SystemClock
from ivr.calls.events import CallEvent
from ivr.cli.demo_book import demo_customers
from ivr.config import Settings
from ivr.runtime.ports import LoanBook
from ivr.runtime.recent_context import RecentDialogues
from ivr.runtime.ticket_ports import TicketDesk

_DEMO_CUSTOMERS = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command's options."""

    locale: str
    caller: str
    explain: bool
    demo: bool
    record: bool
    script: Path


@dataclass(frozen=True, slots=True)
class Books:
    """Where customers are looked up and where events go; `events` holds all of this chat."""

    loan_book: LoanBook
    desk: TicketDesk
    dialogues: RecentDialogues
    emit: Callable[[CallEvent], None]
    events: list[CallEvent] = field(default_factory=list)


def demo_book(settings: Settings) -> MemoryLoanBook:
    """Invented customers in memory, dates counted from today."""
    today = SystemClock().now().astimezone(ZoneInfo(settings.hotline.timezone)).date()
    return MemoryLoanBook(list(demo_customers(_DEMO_CUSTOMERS, 1, today)))
