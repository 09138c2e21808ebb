"""`ivr chat`: the hotline's dialogue in writing, for people and for scripts."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ivr.adapters.chat_memory import MemoryRecentDialogues
from ivr.adapters.intent_files import IntentFault
from ivr.adapters.script_files import survey_file
from ivr.adapters.store_memory import MemoryTicketDesk
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.voice.errors import PromptFilesError
from ivr.bootstrap.call_ids import new_call_id
from ivr.bootstrap.chat_kit import SCRIPT, ChatKit, load_chat
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.services import open_services, with_recent_context
from ivr.calls.disposition import HangupCause
from ivr.calls.events import CallEnded, CallEvent
from ivr.calls.ids import LegId, WorkerId
from ivr.cli.chat_trial import Books, Wanted, demo_book, fact_of, opening_slots
from ivr.cli.chat_view import ChatView, JsonView, TerminalView, explained
from ivr.cli.settings import settings_or_exit
from ivr.config import Settings
from ivr.dialogue.script_data import ScriptFault
from ivr.grammar.errors import GrammarError
from ivr.runtime.call_plan import CallPlan
from ivr.runtime.chat.exchange import ChatDevices, MessageTooLong
from ivr.runtime.chat.session import ChatSession

_PROPER = frozenset({HangupCause.COMPLETED, HangupCause.TRANSFERRED})


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
    script: Annotated[
        Path, typer.Option("--script", help="The script's frame, with its services/ beside it.")
    ] = SCRIPT,
    survey: Annotated[
        str, typer.Option(metavar="ID", help="Be rung with a survey, such as post_loan, instead.")
    ] = "",
    fact: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Of its contact. Default: its samples.")
    ] = None,
) -> None:
    """Have the hotline's dialogue in writing: the same script, grammars and services as on the telephone.

    Reads a message from each line of standard input, so that it works in pipes. Exit code 0 when the
    dialogue came to its end, 1 when it was left before.

    Example: ivr chat --demo --caller 13800000001 --explain

    Example: ivr chat --demo --survey post_loan
    """
    settings = settings_or_exit()
    view: ChatView = JsonView() if as_json else TerminalView(Console(highlight=False, soft_wrap=True))
    try:
        file = survey_file(settings.scripts_dir, survey) if survey else script
        facts = dict(fact_of(each) for each in fact or ())
        language = locale or settings.hotline.default_locale
        wanted = Wanted(language, caller, explain, demo, record, file, facts)
        proper = asyncio.run(_chat(settings, wanted, view))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (
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


async def _chat(settings: Settings, wanted: Wanted, view: ChatView) -> bool:
    clock = SystemClock()
    kit = load_chat(settings, clock, wanted.script)
    if wanted.locale not in kit.speech:
        raise ValueError(f"there is no script in {wanted.locale}: use one of {', '.join(kit.speech)}")
    async with _books(settings, wanted) as books:
        services = open_services(settings, books.loan_book, clock, books.desk)
        devices = ChatDevices(
            grammars=kit.grammars,
            wording=kit.wording,
            choices=kit.choices,
            services=with_recent_context(
                services, kit.script, books.dialogues, clock, settings, channel="chat"
            ),
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
            slots=opening_slots(kit.script, wanted.facts),
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
async def _books(settings: Settings, wanted: Wanted) -> AsyncIterator[Books]:
    if wanted.demo and not wanted.record:
        events: list[CallEvent] = []
        yield Books(demo_book(settings), MemoryTicketDesk(), MemoryRecentDialogues(), events.append, events)
        return
    # A second of imports that a trial with invented customers does without.
    from ivr.cli.chat_books import stored_books  # noqa: PLC0415

    async with stored_books(settings, wanted) as books:
        yield books
