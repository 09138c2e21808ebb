"""A process that has prepared everything and waits to be told whose place to take."""

import asyncio
import os
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence

import structlog

log = structlog.get_logger(__name__)


class Understudy:
    """One spare process for all that can stand in for one another.

    Starting Python with everything that a worker imports takes longer than a caller should meet a dead
    port. The spare has done that already; one line on its standard input, the cue, makes it serve.
    """

    def __init__(
        self, argv: Sequence[str], *, preexec: Callable[[], None], prepare_after_s: float = 3.0
    ) -> None:
        """`prepare_after_s` leaves the machine to the process that has just taken over."""
        self._argv = argv
        self._preexec = preexec
        self._prepare_after_s = prepare_after_s
        self._process: Process | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._ended = False

    def prepare(self) -> None:
        """Have a spare again, soon."""
        if not self._ended and self._process is None and (self._preparing is None or self._preparing.done()):
            self._preparing = asyncio.create_task(self._prepare(), name="prepare understudy")

    async def take(self, cue: str) -> Process | None:
        """The spare, told to serve as `cue`; None when there is none."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None or process.stdin is None:
            return None
        try:
            process.stdin.write(f"{cue}\n".encode())
            await process.stdin.drain()
        except ConnectionError:
            return None
        process.stdin.close()
        return process

    async def end(self) -> None:
        """No spare is needed any more."""
        self._ended = True
        if self._preparing is not None:
            self._preparing.cancel()
            await asyncio.gather(self._preparing, return_exceptions=True)
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def _prepare(self) -> None:
        await asyncio.sleep(self._prepare_after_s)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._argv,
                stdin=asyncio.subprocess.PIPE,
                env={**os.environ, "IVR_PROCESS": "understudy"},
                process_group=0,
                preexec_fn=self._preexec,
            )
        except OSError as error:
            log.warning("no_understudy", error=error.strerror or str(error))
