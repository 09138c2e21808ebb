"""The runtime's `Recogniser` on a vosk-server, ours or a stock one."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

import structlog
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from ivr.adapters.recogniser.connections import Connections
from ivr.adapters.recogniser.dialect import is_ours, read_early, read_results, write_config
from ivr.adapters.recogniser.engine import Request
from ivr.adapters.recogniser.protocol import EOF
from ivr.grammar.result import Hypothesis
from ivr.runtime.ports import EarlyWords, RecogniserLost

_CHUNK_MS = 60
"""Audio is sent in pieces of this length, so that a call does not cost fifty messages a second."""

_WARM_UP_TIMEOUT_S = 30.0

_log = structlog.get_logger(__name__)


class RemoteRecogniser:
    """Each utterance has a connection of its own, opened before it is needed."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        """`timeout_s` is how long the last words may take after `finish`. Use `open` to have it closed."""
        self._connections = Connections(url, connect_timeout_s=timeout_s)
        self._timeout_s = timeout_s
        self._utterances: set[RemoteUtterance] = set()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, url: str, *, timeout_s: float) -> "AsyncIterator[RemoteRecogniser]":
        """A recogniser client of the server at `url` (such as ws://host:2700). The server may come later."""
        recogniser = cls(url, timeout_s=timeout_s)
        recogniser._connections.prepare()
        try:
            yield recogniser
        finally:
            await recogniser.close()

    def utterance(
        self, *, locale: str, grammar: str, sample_rate_hz: int, open: bool = False
    ) -> "RemoteUtterance":
        """Open an utterance; without a grammar it may hold anything, with `open` also other sentences."""
        utterance = RemoteUtterance(
            self._connections,
            locale=locale,
            grammar=grammar,
            sample_rate_hz=sample_rate_hz,
            open=open,
            timeout_s=self._timeout_s,
            on_end=self._utterances.discard,
        )
        self._utterances.add(utterance)
        return utterance

    async def warm_up(self, *, locale: str, grammar: str) -> None:
        """Have the server load the locale's model and compile the grammar. Raises `RecogniserLost`."""
        utterance = self.utterance(locale=locale, grammar=grammar, sample_rate_hz=8000)
        await utterance.finish(timeout_s=max(_WARM_UP_TIMEOUT_S, self._timeout_s))

    async def restarted(self) -> None:
        """Wait until the server seems to have died and come back, its compiled grammars forgotten.

        Noticed at the next utterance, not before.
        """
        await self._connections.lost.wait()
        self._connections.lost.clear()

    async def transcribe(self, pcm: bytes, *, locale: str, sample_rate_hz: int, timeout_s: float) -> str:
        """Free speech into text: 16-bit mono PCM, up to 120 s. Raises `RecogniserLost`."""
        utterance = self.utterance(locale=locale, grammar="", sample_rate_hz=sample_rate_hz)
        utterance.feed(pcm)
        hypothesis = await utterance.finish(timeout_s=timeout_s)
        return hypothesis.best.text if hypothesis.best else ""

    async def close(self) -> None:
        """Give up open utterances and connections."""
        await asyncio.gather(*[utterance.cancel() for utterance in set(self._utterances)])
        await self._connections.close()


class RemoteUtterance:
    """Audio on its way to the server, and the words on their way back."""

    def __init__(
        self,
        connections: Connections,
        *,
        locale: str,
        grammar: str,
        sample_rate_hz: int,
        open: bool,
        timeout_s: float,
        on_end: "Callable[[RemoteUtterance], None]",
    ) -> None:
        self._connections = connections
        self._request = Request(locale, sample_rate_hz, grammar, open=open)
        self._chunk_bytes = sample_rate_hz * _CHUNK_MS // 1000 * 2
        self._timeout_s = timeout_s
        self._pending = bytearray()
        self._audio: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._unheard_ms: deque[int] = deque()
        """Lengths of the audio messages that are not answered yet."""
        self._heard_ms = 0
        self._replies_due = 0
        self._ended = False
        self._early: EarlyWords | None = None
        self._on_end = on_end
        self._talk = asyncio.create_task(self._converse(), name="recogniser utterance")
        self._talk.add_done_callback(self._ended_talk)

    @property
    def early(self) -> EarlyWords | None:
        """What the server has told so far."""
        return self._early

    def feed(self, pcm: bytes) -> None:
        """Queue audio; a writer sends it."""
        self._pending += pcm
        if len(self._pending) >= self._chunk_bytes:
            self._audio.put_nowait(bytes(self._pending))
            self._pending.clear()

    async def finish(self, *, timeout_s: float | None = None) -> Hypothesis:
        """The words of all audio fed, within the timeout. Raises `RecogniserLost`."""
        if self._pending:
            self._audio.put_nowait(bytes(self._pending))
            self._pending.clear()
        self._audio.put_nowait(None)
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        try:
            async with asyncio.timeout(limit_s):
                return await self._talk
        except TimeoutError:
            raise RecogniserLost(f"no words within {limit_s:g} s") from None

    async def cancel(self) -> None:
        """Stop sending and drop the connection."""
        self._talk.cancel()
        await asyncio.wait([self._talk])

    def _ended_talk(self, talk: asyncio.Task[Hypothesis]) -> None:
        self._on_end(self)
        if not talk.cancelled() and (error := talk.exception()) is not None:
            _log.warning("utterance_lost", reason=str(error))

    async def _converse(self) -> Hypothesis:
        try:
            async with self._connections.take() as connection:
                writer = asyncio.create_task(self._write(connection), name="recogniser writer")
                try:
                    return await self._read(connection)
                finally:
                    writer.cancel()
                    await asyncio.wait([writer])
        except ConnectionClosed as error:
            raise RecogniserLost(f"the recogniser went away: {error}") from error

    async def _write(self, connection: ClientConnection) -> None:
        # A connection that is closed is told by the reader.
        with contextlib.suppress(ConnectionClosed):
            ours = connection.response is not None and is_ours(connection.response.headers)
            await connection.send(write_config(self._request, ours=ours))
            while (pcm := await self._audio.get()) is not None:
                self._replies_due += 1
                self._unheard_ms.append(len(pcm) * 500 // self._request.sample_rate_hz)
                await connection.send(pcm)
            self._replies_due += 1
            self._ended = True
            await connection.send(EOF)

    async def _read(self, connection: ClientConnection) -> Hypothesis:
        """Gather results until the one that answers the end: stock servers end sentences on the way, too."""
        results: list[dict[str, Any]] = []
        while True:
            reply = json.loads(await connection.recv())
            if "error" in reply:
                raise RecogniserLost(f"the recogniser refused: {reply['error']}")
            self._replies_due -= 1
            if self._unheard_ms:
                self._heard_ms += self._unheard_ms.popleft()
            if "partial" not in reply:
                results.append(reply)
            if self._ended and self._replies_due == 0:
                return read_results(results, self._request.locale)
            self._early = read_early(reply, results, self._request.locale, self._heard_ms) or self._early
