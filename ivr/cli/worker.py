"""`ivr worker`: one process that takes calls."""

import asyncio
import faulthandler
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from ivr.adapters.intent_files import IntentFault
from ivr.adapters.logs import configure_logging
from ivr.adapters.sip_pjsua2.stack import SipStartError
from ivr.adapters.store_sqlalchemy import StoreError
from ivr.adapters.voice import PromptFilesError
from ivr.bootstrap.worker import serve_worker
from ivr.cli.processes import GOODBYES_S
from ivr.cli.settings import settings_or_exit
from ivr.config import Settings
from ivr.dialogue.script_data import ScriptFault
from ivr.grammar.errors import GrammarError


class NotNeeded(Exception):
    """The understudy's cue never came: its supervisor is gone, or has stopped."""


def worker(
    index: Annotated[int, typer.Option(min=0, max=63, help="Which of the workers this is, from 0.")] = 0,
    understudy: Annotated[
        bool,
        typer.Option(help="Prepare everything, then read from standard input which worker to be."),
    ] = False,
) -> None:
    """Take calls on this worker's own SIP port until told to stop; then let calls in hand finish.

    `ivr run` starts all processes that the settings ask for. This one alone needs the database, the
    recogniser and the broker to run elsewhere.

    Example: ivr worker --index 1
    """
    settings = settings_or_exit()

    async def at_once() -> int:
        return index

    try:
        asyncio.run(_serve(settings, _read_cue(settings) if understudy else at_once))
    except NotNeeded:
        raise typer.Exit(0) from None
    except (
        StoreError,
        SipStartError,
        ScriptFault,
        GrammarError,
        IntentFault,
        PromptFilesError,
        OSError,
        ValueError,
    ) as error:
        typer.echo(f"worker not started: {error}", err=True)
        raise typer.Exit(1) from None


def _read_cue(settings: Settings) -> Callable[[], Awaitable[int]]:
    async def read() -> int:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        line = await reader.readline()
        transport.close()
        if not line.strip():
            raise NotNeeded
        process = f"worker-{int(line)}"
        os.environ["IVR_PROCESS"] = process
        configure_logging(process=process, level=settings.log.level.value, form=settings.log.format.value)
        return int(line)

    return read


async def _serve(settings: Settings, cue: Callable[[], Awaitable[int]]) -> None:
    stopping = asyncio.Event()

    def stop() -> None:
        stopping.set()
        # From a thread of C: whatever hangs, be it the event loop or the library, it tells where and ends.
        faulthandler.dump_traceback_later(settings.hotline.drain_s + GOODBYES_S, exit=True)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await serve_worker(settings, cue, stopping)
