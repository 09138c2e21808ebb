"""`ivr worker`: one process that takes calls."""

import asyncio
import signal
from typing import Annotated

import typer

from ivr.adapters.sip_pjsua2.stack import SipStartError
from ivr.adapters.store_sqlalchemy import StoreError
from ivr.bootstrap import serve_worker
from ivr.cli.settings import settings_or_exit
from ivr.config import Settings
from ivr.dialogue.script_data import ScriptFault
from ivr.grammar.errors import GrammarError


def worker(
    index: Annotated[int, typer.Option(min=0, max=63, help="Which of the workers this is, from 0.")] = 0,
) -> None:
    """Take calls on this worker's own SIP port until told to stop; then let calls in hand finish.

    `ivr run` starts all processes that the settings ask for. This one alone needs the database, the
    recogniser and the broker to run elsewhere.

    Example: ivr worker --index 1
    """
    settings = settings_or_exit()
    try:
        asyncio.run(_serve(settings, index))
    except (StoreError, SipStartError, ScriptFault, GrammarError, OSError, ValueError) as error:
        typer.echo(f"worker {index} not started: {error}", err=True)
        raise typer.Exit(1) from None


async def _serve(settings: Settings, index: int) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await serve_worker(settings, index, stopping)
