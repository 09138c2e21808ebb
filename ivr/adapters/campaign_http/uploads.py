"""Files that clients send: kept in a temporary place while they are read, and no longer."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, TypeVar

from starlette.requests import Request

from ivr.adapters.campaign_http.problems import NO_TABLE, TOO_SLOW
from ivr.adapters.http_api import Problem
from ivr.adapters.http_api.problems import TOO_LARGE

T = TypeVar("T")

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SUFFIXES = {"text/csv": ".csv", XLSX_TYPE: ".xlsx"}
_AT_ONCE = 2
"""Reading a long list takes a core for seconds; who comes third waits with the file in hand."""

_MOST_DROPPED = 4
"""Times the limit: what a client may send on before it is cut off without having read why."""


class _Stopped(Exception):
    """Nobody waits for what is being read."""


class Uploads:
    """Takes in files of at most `most_mib`, each within `within_s`."""

    def __init__(self, most_mib: int, within_s: int = 300) -> None:
        self._most_mib = most_mib
        self._within_s = within_s
        self._free = asyncio.Semaphore(_AT_ONCE)

    @asynccontextmanager
    async def taken(self, request: Request) -> AsyncIterator[Path]:
        """The body as a file, by its type `.csv` or `.xlsx`, while the context is open. Raises `Problem`."""
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        suffix = _SUFFIXES.get(given)
        if suffix is None:
            raise Problem(NO_TABLE)
        async with self._free:
            with TemporaryDirectory(prefix="ivr-upload-") as directory:
                path = Path(directory) / f"upload{suffix}"
                try:
                    async with asyncio.timeout(self._within_s):
                        await self._store(request, path)
                except TimeoutError:
                    raise Problem(TOO_SLOW, words={"most_s": str(self._within_s)}) from None
                yield path

    async def _store(self, request: Request, path: Path) -> None:
        most = self._most_mib << 20
        declared = request.headers.get("content-length", "")
        too_large = declared.isdecimal() and int(declared) > most
        waits = request.headers.get("expect", "").lower() == "100-continue"
        if not (too_large and waits):
            file: BinaryIO = await asyncio.to_thread(path.open, "wb")
            with file:
                came = 0
                async for chunk in request.stream():
                    came += len(chunk)
                    too_large = too_large or came > most
                    if came > most * _MOST_DROPPED:
                        break
                    if not too_large:
                        await asyncio.to_thread(file.write, chunk)
        if too_large:
            raise Problem(TOO_LARGE, words={"most": f"{self._most_mib} MiB"})


async def read_aside(work: Callable[[Callable[[int], None]], T]) -> T:
    """Let a thread read a file; `work` is given what to tell its progress, which ends it once unwanted."""
    unwanted = threading.Event()

    def heed(_rows: int) -> None:
        if unwanted.is_set():
            raise _Stopped

    try:
        return await asyncio.to_thread(work, heed)
    finally:
        unwanted.set()
