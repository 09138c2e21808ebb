"""One client's connection: its configuration, and one utterance after another."""

import asyncio
import time

import structlog

from ivr.adapters.recogniser import counters
from ivr.adapters.recogniser.decoding_threads import DecodingThreads
from ivr.adapters.recogniser.early import PauseDetector
from ivr.adapters.recogniser.engine import BadRequest, Decoding, Recognition, Request
from ivr.adapters.recogniser.engines import Engines
from ivr.adapters.recogniser.protocol import (
    Config,
    Partial,
    read_message,
    write_error,
    write_partial,
    write_result,
)

_LONGEST_UTTERANCE_S = 120.0
_LONGEST_EARLY_S = 15.0
"""Longer audio is decoded at its end only: callers' ears end utterances there, and each pause of a babble
would hold a thread for seconds whose work is thrown away."""

_log = structlog.get_logger(__name__)


class Conversation:
    """Turns a client's messages into replies."""

    def __init__(self, engines: Engines, threads: DecodingThreads, default_locale: str) -> None:
        self._engines = engines
        self._threads = threads
        self._config = Config(Request(default_locale, 8000))
        self._opening: asyncio.Task[_Utterance] | None = None
        self.closed = False
        """Whether the client has had its last reply."""

    async def answer(self, message: str | bytes) -> str | None:
        """The reply to one message; a config that is understood has none.

        A message that cannot be obeyed is answered with its reason and drops the utterance in hand.
        """
        try:
            if isinstance(message, bytes):
                return write_partial(await (await self._utterance()).feed(message))
            read = read_message(message, self._config)
            if isinstance(read, Config):
                await self.drop()
                self._config = read
                # A new grammar compiles while the audio is still on its way.
                self._opening = asyncio.create_task(self._open(), name="open utterance")
                return None
            reply = write_result(await (await self._utterance()).finish(), self._config)
            self._opening = None
            self.closed = read.closes
            return reply
        except BadRequest as error:
            reason = str(error)
        except Exception:
            _log.exception("recognition_failed", locale=self._config.request.locale)
            reason = "the recogniser failed on this utterance; its log tells why"
        counters.UTTERANCES.labels(self._config.engine or "any", "error").inc()
        await self.drop()
        return write_error(reason)

    async def drop(self) -> None:
        """Throw the utterance in hand away."""
        opening, self._opening = self._opening, None
        if opening is None:
            return
        opening.cancel()
        await asyncio.wait([opening])
        if not opening.cancelled():
            opening.exception()  # told before, or of no interest to anyone any more

    async def _utterance(self) -> "_Utterance":
        if self._opening is None:
            self._opening = asyncio.create_task(self._open(), name="open utterance")
        return await self._opening

    async def _open(self) -> "_Utterance":
        config = self._config

        def open_decoding() -> tuple[str, Decoding]:
            engine = self._engines.engine_for(config.request.locale, config.engine)
            return engine.name, engine.open(config.request)

        engine_name, decoding = await self._threads.start(open_decoding)
        return _Utterance(engine_name, decoding, self._threads, config.request.sample_rate_hz)


class _Utterance:
    """One utterance. An engine that does not stream begins in a pause, in case it is the last one."""

    def __init__(
        self, engine: str, decoding: Decoding, threads: DecodingThreads, sample_rate_hz: int
    ) -> None:
        self._engine = engine
        self._decoding = decoding
        self._threads = threads
        self._bytes_per_s = 2 * sample_rate_hz
        self._bytes = 0
        self._pauses = PauseDetector(sample_rate_hz)
        self._early: asyncio.Future[Recognition] | None = None
        self._early_bytes = 0
        self._early_told = False

    async def feed(self, pcm: bytes) -> Partial:
        """Take audio; the words so far."""
        self._bytes += len(pcm)
        if len(pcm) % 2:
            raise BadRequest("audio must be whole 16-bit samples")
        if self._bytes > _LONGEST_UTTERANCE_S * self._bytes_per_s:
            raise BadRequest(f"an utterance may last {_LONGEST_UTTERANCE_S:.0f} s")
        if self._decoding.streams:
            return Partial(await self._threads.start(self._decoding.feed, pcm))
        partial = self._decoding.feed(pcm)
        if self._pauses.feed(pcm) and self._early is not None:
            self._early.cancel()
            self._early = None
            counters.EARLY_DECODES.labels("dropped").inc()
        short = self._bytes <= _LONGEST_EARLY_S * self._bytes_per_s
        if short and self._early is None and self._pauses.paused and self._threads.has_idle:
            self._early = self._threads.start(self._decoding.finish)
            self._early_bytes, self._early_told = self._bytes, False
        if self._early is None or self._early_told or not self._early.done():
            return Partial(partial)
        self._early_told = True
        return Partial(partial, self._early.result(), self._early_bytes * 1000 // self._bytes_per_s)

    async def finish(self) -> Recognition:
        """The last words."""
        begun_s = time.perf_counter()
        if self._early is not None:
            counters.EARLY_DECODES.labels("used").inc()
            recognition = await self._early
        else:
            recognition = await self._threads.start(self._decoding.finish)
        outcome = "words" if recognition.hypothesis.best else "nothing"
        counters.UTTERANCES.labels(self._engine, outcome).inc()
        counters.AUDIO_SECONDS.labels(self._engine).inc(self._bytes / self._bytes_per_s)
        counters.DECODE_SECONDS.labels(self._engine).observe(time.perf_counter() - begun_s)
        return recognition
