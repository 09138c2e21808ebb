"""What the recogniser tells in a pause: our server and client in one process, and stock servers' partials."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve

from ivr.adapters.recogniser.client import RemoteRecogniser, RemoteUtterance
from ivr.adapters.recogniser.engine import Recognition, Request
from ivr.adapters.recogniser.server import RecogniserServer
from ivr.grammar.result import Alternative, Hypothesis
from ivr.runtime.ports import EarlyWords

RATE_HZ = 8000


def voice(length_ms: int) -> bytes:
    """Vowels that change every 100 ms: harmonics of a falling pitch around a moving formant."""
    rng = np.random.default_rng(4)
    times = np.arange(RATE_HZ // 10) / RATE_HZ
    vowels = []
    for _ in range(length_ms // 100):
        pitch_hz, formant_hz = rng.uniform(100, 200), rng.uniform(400, 1500)
        weights = [1 / (1 + ((n * pitch_hz - formant_hz) / 150) ** 2) for n in range(1, 20)]
        tones = [
            weight * np.sin(2 * np.pi * pitch_hz * n * times) for n, weight in enumerate(weights, start=1)
        ]
        vowels.append(np.sum(tones, axis=0) * rng.uniform(0.5, 1.0))
    samples = np.concatenate(vowels)
    return np.asarray(samples / np.abs(samples).max() * 12000, "<i2").tobytes()


def hush(length_ms: int) -> bytes:
    return bytes(2 * RATE_HZ * length_ms // 1000)


@dataclass
class CountingEngine:
    """Hears how many seconds there were; keeps what it was asked."""

    name: str = "counting"
    model: str = "counting"
    requests: list[Request] = field(default_factory=list)
    decodings: int = 0

    def open(self, request: Request) -> "CountingDecoding":
        self.requests.append(request)
        return CountingDecoding(self)

    def load(self, locales: object) -> None:
        pass

    def locales(self) -> dict[str, tuple[str, str]]:
        return {"zh-CN": (self.name, self.model)}

    def engine_for(self, locale: str, wanted: str) -> "CountingEngine":
        return self


@dataclass
class CountingDecoding:
    engine: CountingEngine
    pcm: bytearray = field(default_factory=bytearray)
    streams: bool = False

    def feed(self, pcm: bytes) -> str:
        self.pcm += pcm
        return ""

    def finish(self) -> Recognition:
        self.engine.decodings += 1
        return Recognition(Hypothesis((Alternative(f"{len(self.pcm) // 16}", 0.8),), "counting"))


@pytest.fixture
def engine() -> CountingEngine:
    return CountingEngine()


@pytest.fixture
async def recogniser(engine: CountingEngine) -> AsyncIterator[RemoteRecogniser]:
    server = RecogniserServer(engine, threads=1, locales=["zh-CN"])  # type: ignore[arg-type]
    async with (
        server.listen("127.0.0.1", 0) as port,
        RemoteRecogniser.open(f"ws://127.0.0.1:{port}", timeout_s=5) as opened,
    ):
        yield opened


async def told(utterance: RemoteUtterance, pcm: bytes) -> EarlyWords | None:
    """What is known once this audio, fed as it would come but faster, has been answered."""
    for at in range(0, len(pcm), 320):
        utterance.feed(pcm[at : at + 320])
        await asyncio.sleep(0.002)
    await asyncio.sleep(0.1)
    return utterance.early


async def test_what_is_recognised_in_a_pause_is_told_and_is_the_final_word(
    recogniser: RemoteRecogniser, engine: CountingEngine
) -> None:
    utterance = recogniser.utterance(locale="zh-CN", grammar="g", sample_rate_hz=RATE_HZ)
    assert await told(utterance, hush(200) + voice(600)) is None
    early = await told(utterance, hush(480))
    assert early is not None
    assert (early.final, engine.decodings) == (True, 1)
    assert 1000 <= early.heard_ms <= 1200
    assert (await utterance.finish()).alternatives == early.hypothesis.alternatives
    assert engine.decodings == 1


async def test_what_was_told_is_told_anew_when_speech_goes_on(recogniser: RemoteRecogniser) -> None:
    utterance = recogniser.utterance(locale="zh-CN", grammar="g", sample_rate_hz=RATE_HZ)
    first = await told(utterance, hush(200) + voice(600) + hush(480))
    second = await told(utterance, voice(600) + hush(480))
    assert first is not None
    assert second is not None
    assert second.heard_ms > first.heard_ms + 600
    await utterance.cancel()


async def test_pauses_of_an_utterance_without_end_are_not_decoded(
    recogniser: RemoteRecogniser, engine: CountingEngine
) -> None:
    utterance = recogniser.utterance(locale="zh-CN", grammar="g", sample_rate_hz=RATE_HZ)
    utterance.feed(hush(15_000))
    assert await told(utterance, voice(600) + hush(480)) is None
    assert engine.decodings == 0
    assert (await utterance.finish()).best is not None


async def test_the_wish_for_free_sentences_beside_the_grammar_is_passed_on(
    recogniser: RemoteRecogniser, engine: CountingEngine
) -> None:
    for wish in (True, False):
        utterance = recogniser.utterance(locale="zh-CN", grammar="g", sample_rate_hz=RATE_HZ, open=wish)
        utterance.feed(hush(100))
        await utterance.finish()
    assert [request.open for request in engine.requests] == [True, False]


async def test_partials_of_a_stock_server_are_words_but_not_the_last_ones() -> None:
    async def converse(connection: ServerConnection) -> None:
        async for message in connection:
            if isinstance(message, bytes):
                await connection.send(json.dumps({"partial": "转 人工"}))
            elif "eof" in message:
                await connection.send(json.dumps({"text": "转 人工 服务"}))
                return

    async with serve(converse, "127.0.0.1", 0) as listening:
        url = f"ws://127.0.0.1:{next(iter(listening.sockets)).getsockname()[1]}"
        async with RemoteRecogniser.open(url, timeout_s=5) as recogniser:
            utterance = recogniser.utterance(locale="zh-CN", grammar="", sample_rate_hz=RATE_HZ)
            early = await told(utterance, hush(120))
            assert early is not None
            assert (early.hypothesis.alternatives[0].text, early.heard_ms, early.final) == (
                "转人工",
                120,
                False,
            )
            assert (await utterance.finish()).alternatives[0].text == "转人工服务"
