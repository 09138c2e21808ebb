"""Connections to the recogniser, the next one opened ahead."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.protocol import State

from ivr.runtime.ports import RecogniserLost

_FIRST_WAIT_S = 0.05
_LONGEST_WAIT_S = 1.0
_LARGEST_MESSAGE_BYTES = 8 << 20

_log = structlog.get_logger(__name__)


class Connections:
    """Hands out a connection for each utterance, without a handshake on the way where possible."""

    def __init__(self, url: str, *, connect_timeout_s: float) -> None:
        self._url = url
        self._timeout_s = connect_timeout_s
        self._spare: asyncio.Task[ClientConnection] | None = None
        self._closed = False
        self.lost = asyncio.Event()
        """Set when the server dropped a connection: it has probably died and come back."""

    def prepare(self) -> None:
        """Open a spare connection in the background, unless there is one."""
        if self._spare is None and not self._closed:
            self._spare = asyncio.create_task(self._connect(), name="spare recogniser connection")
            self._spare.add_done_callback(_note_failure)

    @contextlib.asynccontextmanager
    async def take(self) -> AsyncIterator[ClientConnection]:
        """A connection for one utterance. Raises `RecogniserLost` when none can be had in time."""
        connection = await self._open()
        self.prepare()
        try:
            yield connection
        except ConnectionClosed:
            self.lost.set()
            raise
        finally:
            # Not awaited: the closing handshake must not delay the words.
            connection.transport.close()

    async def close(self) -> None:
        """Close the spare connection; none is opened any more."""
        self._closed = True
        spare, self._spare = self._spare, None
        if spare is None:
            return
        spare.cancel()
        with contextlib.suppress(asyncio.CancelledError, RecogniserLost):
            await (await spare).close()

    async def _open(self) -> ClientConnection:
        while (spare := self._spare) is not None:
            self._spare = None
            try:
                connection = await spare
            except RecogniserLost:
                break
            if connection.state is State.OPEN:
                return connection
            self.lost.set()
        return await self._connect()

    async def _connect(self) -> ClientConnection:
        """Connect, trying again with growing pauses until the timeout."""
        wait_s = _FIRST_WAIT_S
        try:
            async with asyncio.timeout(self._timeout_s):
                while True:
                    try:
                        return await connect(
                            self._url, compression=None, max_size=_LARGEST_MESSAGE_BYTES, proxy=None
                        )
                    except (OSError, InvalidHandshake) as error:
                        _log.debug("recogniser_not_reached", error=type(error).__name__)
                        await asyncio.sleep(wait_s)
                        wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
        except TimeoutError:
            raise RecogniserLost(
                f"no connection to the recogniser at {self._url} within {self._timeout_s:g} s; is it running?"
            ) from None
        except InvalidURI as error:
            raise RecogniserLost(f"{self._url} is not a WebSocket address such as ws://host:2700") from error


def _note_failure(spare: asyncio.Task[ClientConnection]) -> None:
    if not spare.cancelled() and (error := spare.exception()) is not None:
        _log.warning("no_spare_connection", reason=str(error))
