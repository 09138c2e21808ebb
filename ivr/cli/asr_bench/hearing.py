"""Who recognises: the engines in this process, or a running server. Both say what a caller would wait for."""

import asyncio
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import httpx

from ivr.adapters.recogniser.client import RemoteRecogniser
from ivr.adapters.recogniser.engine import Request
from ivr.adapters.recogniser.engines import Engines
from ivr.grammar.result import Hypothesis

_PIECE_MS = 60
"""Audio goes in as a call delivers it to the recogniser."""

_SERVER_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class Hearing:
    """One utterance heard."""

    hypothesis: Hypothesis
    latency_ms: float
    """From the last audio to the last words, on the clock of the wall."""
    cpu_ms: float | None
    """All that this process computed for it; None for a server."""


class Hearer(Protocol):
    """Recognises one utterance at a time. A context manager."""

    def __enter__(self) -> Self:
        """Get ready."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of what was opened."""
        ...

    def describe(self, language: str) -> tuple[str, str]:
        """Engine and model for a language. Raises `BadRequest` when there are none."""
        ...

    def hear(self, pcm: bytes, sample_rate_hz: int, *, language: str, grammar: str) -> Hearing:
        """Recognise 16-bit mono PCM; no grammar means free speech. Raises `BadRequest`, `RecogniserLost`."""
        ...


class InProcess:
    """The engines themselves, without a server between."""

    def __init__(self, engines: Engines, engine: str) -> None:
        self._engines = engines
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def describe(self, language: str) -> tuple[str, str]:
        """Load what the language needs, and name it."""
        engine = self._engines.engine_for(language, self._engine)
        return engine.name, engine.model

    def hear(self, pcm: bytes, sample_rate_hz: int, *, language: str, grammar: str) -> Hearing:
        """Feed everything as fast as the engine takes it, then ask for the last words."""
        engine = self._engines.engine_for(language, self._engine)
        cpu_s = time.process_time()
        decoding = engine.open(Request(language, sample_rate_hz, grammar))
        for piece in _pieces(pcm, sample_rate_hz):
            decoding.feed(piece)
        end_s = time.perf_counter()
        hypothesis = decoding.finish().hypothesis
        return Hearing(hypothesis, 1000 * (time.perf_counter() - end_s), 1000 * (time.process_time() - cpu_s))


class Server:
    """A server that speaks the vosk-server protocol."""

    def __init__(self, url: str, *, real_time: bool) -> None:
        """`real_time` sends audio at the speed of speech, as a call does, so that its early work counts."""
        self._url = url
        self._pause_s = _PIECE_MS / 1000 if real_time else 0.0
        self._runner = asyncio.Runner()
        self._recogniser: RemoteRecogniser | None = None

    def __enter__(self) -> Self:
        self._runner.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._recogniser is not None:
            self._runner.run(self._recogniser.close())
        self._runner.__exit__(kind, error, trace)

    def describe(self, language: str) -> tuple[str, str]:
        """What its `/healthz` says; a stock server has none."""
        address = self._url.replace("ws", "http", 1).rstrip("/") + "/healthz"
        try:
            # Reading the certificates takes longer than asking; a plain address needs none.
            told = httpx.get(address, timeout=5.0, verify=address.startswith("https"))
            served = told.json()["locales"][language]
            return served["engine"], served["model"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return "server", "not told"

    def hear(self, pcm: bytes, sample_rate_hz: int, *, language: str, grammar: str) -> Hearing:
        """Send everything, then wait for the last words."""
        return self._runner.run(self._hear(pcm, sample_rate_hz, language, grammar))

    async def _hear(self, pcm: bytes, sample_rate_hz: int, language: str, grammar: str) -> Hearing:
        if self._recogniser is None:
            self._recogniser = RemoteRecogniser(self._url, timeout_s=_SERVER_TIMEOUT_S)
        utterance = self._recogniser.utterance(
            locale=language, grammar=grammar, sample_rate_hz=sample_rate_hz
        )
        for piece in _pieces(pcm, sample_rate_hz):
            utterance.feed(piece)
            await asyncio.sleep(self._pause_s)
        end_s = time.perf_counter()
        hypothesis = await utterance.finish()
        return Hearing(hypothesis, 1000 * (time.perf_counter() - end_s), None)


def _pieces(pcm: bytes, sample_rate_hz: int) -> list[bytes]:
    length = sample_rate_hz * _PIECE_MS // 1000 * 2
    return [pcm[start : start + length] for start in range(0, len(pcm), length)]
