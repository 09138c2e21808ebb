"""What a chat in the terminal is to be, and what it works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.adapters.store_memory import MemoryLoanBook
from ivr.adapters.system_clock import SystemClock
from ivr.calls.events import CallEvent
from ivr.calls.speech import SlotValue
from ivr.cli.demo_book import demo_customers
from ivr.config import Settings
from ivr.dialogue.script import Script
from ivr.runtime.recent_context import RecentDialogues
from ivr.runtime.store_ports import LoanBook
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
    facts: Mapping[str, str]
    """Of the contact that a survey rings, where they are not its samples."""


@dataclass(frozen=True, slots=True)
class Books:
    """Where customers are looked up and where events go; `events` holds all of this chat."""

    loan_book: LoanBook
    desk: TicketDesk
    dialogues: RecentDialogues
    emit: Callable[[CallEvent], None]
    events: list[CallEvent] = field(default_factory=list)


def opening_slots(script: Script, facts: Mapping[str, str]) -> Mapping[str, SlotValue]:
    """What the script knows of its contact. Raises `ValueError` for facts that it cannot have."""
    if script.survey is None:
        if facts:
            raise ValueError("only a survey has facts: name one with --survey")
        return {}
    if unknown := sorted(set(facts) - set(script.survey.facts)):
        known = ", ".join(script.survey.facts)
        raise ValueError(f"{script.script_id} has no fact {', '.join(unknown)}; its facts are {known}")
    return script.survey.opening_slots({**script.survey.samples, **facts})


def fact_of(written: str) -> tuple[str, str]:
    """Name and value of `NAME=VALUE`. Raises `ValueError`."""
    name, equals, value = written.partition("=")
    if not equals:
        raise ValueError(f"{written}: write a fact as NAME=VALUE, such as customer_name=林晓雨")
    return name, value


def demo_book(settings: Settings) -> MemoryLoanBook:
    """Invented customers in memory, dates counted from today."""
    today = SystemClock().now().astimezone(ZoneInfo(settings.hotline.timezone)).date()
    return MemoryLoanBook(list(demo_customers(_DEMO_CUSTOMERS, 1, today)))
