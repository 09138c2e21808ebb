"""`ivr chat`: the hotline's dialogue in writing, for people and for scripts."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from ivr.adapters.chat_memory import MemoryRecentDialogues
from ivr.adapters.intent_files import IntentFault
from ivr.adapters.store_memory import MemoryLoanBook
from ivr.adapters.store_sqlalchemy import (
    Database,
    SqlLoanBook,
    SqlRecentDialogues,
    SqlStore,
    StoreError,
    database_url,
)
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.voice import PromptFilesError
from ivr.bootstrap.chat import ChatKit, load_chat, with_recent_context
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.loan_book import open_loan_book
from ivr.bootstrap.sessions import new_call_id
from ivr.bootstrap.store_link import running
from ivr.calls.disposition import HangupCause
from ivr.calls.events import CallEnded, CallEvent
from ivr.calls.ids import LegId, WorkerId
from ivr.cli.chat_view import ChatView, JsonView, TerminalView, explained
from ivr.cli.demo_book import demo_customers
from ivr.cli.settings import settings_or_exit
from ivr.config import Settings
from ivr.dialogue.script_data import ScriptFault
from ivr.grammar.errors import GrammarError
from ivr.runtime.call_plan import CallPlan
from ivr.runtime.chat.exchange import ChatDevices, MessageTooLong
from ivr.runtime.chat.session import ChatSession
from ivr.runtime.fanout import EventFanout
from ivr.runtime.ports import LoanBook
from ivr.runtime.recent_context import RecentDialogues
from ivr.runtime.services import HotlineServices

_DEMO_CUSTOMERS = 20
_PROPER = frozenset({HangupCause.COMPLETED, HangupCause.TRANSFERRED})


@dataclass(frozen=True, slots=True)
class _Wanted:
    locale: str
    caller: str
    explain: bool
    demo: bool
    record: bool


@dataclass(frozen=True, slots=True)
class _Books:
    """Where customers are looked up and where events go."""

    loan_book: LoanBook
    dialogues: RecentDialogues
    emit: Callable[[CallEvent], None]
    events: list[CallEvent] = field(default_factory=list)


def chat(
    locale: Annotated[str, typer.Option(help="Such as en-US. Default: hotline.default_locale.")] = "",
    caller: Annotated[str, typer.Option(help="Telephone number that proposes who writes.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each exchange.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say how each answer was taken.")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Invented customers in memory instead of the loan book.")
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Keep it in the record of calls; else nothing is kept.")
    ] = False,
) -> None:
    """Have the hotline's dialogue in writing: the same script, grammars and services as on the telephone.

    Reads a message from each line of standard input, so that it works in pipes. Exit code 0 when the
    dialogue came to its end, 1 when it was left before.

    Example: ivr chat --demo --caller 13800000001 --explain
    """
    settings = settings_or_exit()
    wanted = _Wanted(locale or settings.hotline.default_locale, caller, explain, demo, record)
    view: ChatView = JsonView() if as_json else TerminalView(Console(highlight=False, soft_wrap=True))
    try:
        proper = asyncio.run(_chat(settings, wanted, view))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (
        StoreError,
        ScriptFault,
        GrammarError,
        IntentFault,
        PromptFilesError,
        OSError,
        ValueError,
    ) as error:
        typer.echo(f"no chat: {error}", err=True)
        raise typer.Exit(1) from None
    if not proper:
        raise typer.Exit(1)


async def _chat(settings: Settings, wanted: _Wanted, view: ChatView) -> bool:
    clock = SystemClock()
    kit = load_chat(settings, clock)
    if wanted.locale not in kit.speech:
        raise ValueError(f"there is no script in {wanted.locale}: use one of {', '.join(kit.speech)}")
    async with _books(settings, wanted) as books:
        home = ZoneInfo(settings.hotline.timezone)
        services = HotlineServices(books.loan_book, clock, home)
        devices = ChatDevices(
            grammars=kit.grammars,
            wording=kit.wording,
            choices=kit.choices,
            services=with_recent_context(services, kit, books.dialogues, clock, settings),
            clock=clock,
            emit=books.emit,
            report=report_error,
        )
        call_id = new_call_id(clock)
        plan = CallPlan(
            call_id,
            LegId(f"{call_id}-a"),
            WorkerId(f"terminal:{os.getpid()}"),
            kit.script,
            kit.policy,
            wanted.locale,
        )
        session = ChatSession(plan, devices, phone=wanted.caller, channel="terminal")
        await _talk(session, kit, view, explain=wanted.explain, locale=wanted.locale)
        ended = next(event for event in books.events if isinstance(event, CallEnded))
        return ended.cause in _PROPER


async def _talk(session: ChatSession, kit: ChatKit, view: ChatView, *, explain: bool, locale: str) -> None:
    exchange = await session.begin()
    view.show(exchange, None)
    # The first line takes longer to write than this takes: learning what free sentences mean.
    threading.Thread(target=kit.speech.__getitem__, args=(locale,), daemon=True).start()
    while not exchange.ended:
        line = await asyncio.to_thread(view.read, secret=exchange.secret)
        if line is None:
            session.leave()
            return
        try:
            exchange = await session.write(line)
        except MessageTooLong as error:
            view.refuse(str(error))
            continue
        view.show(exchange, explained(exchange, kit.policy) if explain else None)


@asynccontextmanager
async def _books(settings: Settings, wanted: _Wanted) -> AsyncIterator[_Books]:
    async with AsyncExitStack() as stack:
        events: list[CallEvent] = []
        if wanted.demo and not wanted.record:
            files = list(demo_customers(_DEMO_CUSTOMERS, 1, _today(settings)))
            yield _Books(MemoryLoanBook(files), MemoryRecentDialogues(), events.append, events)
            return
        database = Database(_existing(settings.database_url), retry_s=5.0)
        stack.push_async_callback(database.close)
        book: LoanBook = await stack.enter_async_context(open_loan_book(settings, SqlLoanBook(database)))
        if wanted.demo:
            book = MemoryLoanBook(list(demo_customers(_DEMO_CUSTOMERS, 1, _today(settings))))
        emit = events.append
        if wanted.record:
            store = SqlStore(database, WorkerId(f"terminal:{os.getpid()}"))
            fanout = EventFanout(store, on_error=report_error)
            await stack.enter_async_context(running(fanout.run(), "fanout", before_cancel=fanout.flush))

            def emit(event: CallEvent) -> None:
                events.append(event)
                fanout.emit(event)

        yield _Books(book, SqlRecentDialogues(database), emit, events)


def _today(settings: Settings) -> date:
    return SystemClock().now().astimezone(ZoneInfo(settings.hotline.timezone)).date()


def _existing(url: str) -> str:
    """The address, unless it is that of a file which is not there: SQLite would make an empty one."""
    address = database_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        mend = "fill a loan book with `ivr demo seed`, or try with --demo"
        raise FileNotFoundError(f"{address.database} does not exist: {mend}")
    return url
