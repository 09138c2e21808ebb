"""`ivr run`: the whole hotline on one machine, supervised."""

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.store_sqlalchemy import StoreError, upgrade
from ivr.adapters.supervisor import StartFailed, Supervisor
from ivr.cli.processes import stages, understudy
from ivr.cli.settings import settings_or_exit
from ivr.config import Settings
from ivr.config.loading import WORKERS_VARIABLE
from ivr.config.settings import dialable


def run(
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-n", min=1, max=64, help="Workers to run. Default: workers.count."),
    ] = None,
) -> None:
    """Start broker, recogniser and workers, keep them running, and stop them in order.

    Ctrl-C or SIGTERM lets calls in hand finish, up to hotline.drain_s; a second one ends everything at once.

    Example: ivr run --workers 3
    """
    if workers is not None:
        # The workers divide the RTP ports by this number, so they must be told it as well.
        os.environ[WORKERS_VARIABLE] = str(workers)
    settings = settings_or_exit()
    raise typer.Exit(asyncio.run(_run(settings)))


async def _run(settings: Settings) -> int:
    try:
        await upgrade(settings.database_url)
    except StoreError as error:
        _tell(f"database: {error}")
        return 1
    _tell("database ready")
    async with Supervisor(stages(settings), announce=_tell, understudy=understudy()) as house:
        return await _serve(house, settings)


async def _serve(house: Supervisor, settings: Settings) -> int:
    asked_to_stop = asyncio.Event()

    def on_signal() -> None:
        if asked_to_stop.is_set():
            _tell("stopping at once")
            house.kill()
            return
        _tell(f"stopping: calls in hand get {settings.hotline.drain_s} s; ask again to stop at once")
        asked_to_stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    starting = asyncio.create_task(house.start())
    stopping = asyncio.create_task(asked_to_stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            _tell(ready_text(settings))
            await stopping
    except StartFailed as error:
        _tell(f"not started: {error}")
        return 1
    finally:
        for task in (starting, stopping):
            task.cancel()
        await asyncio.gather(starting, stopping, return_exceptions=True)
        await house.stop()
    _tell("stopped")
    return 0


def ready_text(settings: Settings) -> str:
    """What a newcomer needs next: `ready`, the addresses to dial, and a call to try."""
    host = dialable(settings.sip.host)
    numbers = list(settings.hotline.numbers) or ["hotline"]
    addresses = [f"sip:{numbers[0]}@{host}:{settings.sip_port(i)}" for i in range(settings.workers.count)]
    others = [f"sip:{number}@{host}:{settings.sip_port(0)}" for number in numbers[1:]]
    program = _program()
    lines = [
        "ready",
        f"  dial   {'  '.join([*addresses, *others])}",
        f"  try    {program} call {addresses[0]} --say 我要查询贷款余额 --keys 1234",
        f"  look   {program} calls list",
    ]
    return "\n".join(lines)


def _program() -> str:
    """How the reader would type this program's name here."""
    own = Path(sys.argv[0])
    if shutil.which("ivr") or own.name != "ivr":
        return "ivr"
    return os.path.relpath(own) if own.is_relative_to(Path.cwd()) else str(own)


def _tell(line: str) -> None:
    typer.echo(line)
