"""Our client against a server that behaves as the stock vosk-server: its letters, its order, its silence."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.server import ServerConnection, serve

from ivr.adapters.recogniser.client import RemoteRecogniser
from ivr.grammar.result import Alternative, Hypothesis
from ivr.runtime.ports import RecogniserLost

_GRAMMAR = "#ABNF 1.0 UTF-8;\nlanguage zh-CN;\nmode voice;\nroot $a;\npublic $a = 转人工 | 查余额;\n"


class StockServer:
    """Answers as vosk-server's asr_server.py: a reply to each message but `config`, closed after `eof`."""

    def __init__(self) -> None:
        self.configs: list[dict[str, object]] = []
        self.audio_bytes = 0
        self.dies_after_chunks = 10_000
        self.url = ""

    async def converse(self, connection: ServerConnection) -> None:
        chunks = 0
        async for message in connection:
            if isinstance(message, str) and "config" in message:
                self.configs.append(json.loads(message)["config"])
            elif message == '{"eof" : 1}':
                words = [{"word": word, "conf": 0.9, "start": 0.0, "end": 0.1} for word in ("人", "工")]
                await connection.send(json.dumps({"text": "人 工", "result": words}))
                return
            else:
                assert isinstance(message, bytes)
                chunks += 1
                self.audio_bytes += len(message)
                if chunks > self.dies_after_chunks:
                    connection.transport.abort()
                    return
                await connection.send(json.dumps(_at_chunk(chunks)))


def _at_chunk(number: int) -> dict[str, object]:
    if number == 2:
        return {"text": "转", "result": [{"word": "转", "conf": 0.6, "start": 0.0, "end": 0.1}]}
    return {"partial": ""}


@pytest.fixture
async def stock() -> AsyncIterator[StockServer]:
    server = StockServer()
    async with serve(server.converse, "127.0.0.1", 0) as listening:
        server.url = f"ws://127.0.0.1:{next(iter(listening.sockets)).getsockname()[1]}"
        yield server


async def test_all_its_sentences_make_one_reading_with_the_mean_confidence(stock: StockServer) -> None:
    async with RemoteRecogniser.open(stock.url, timeout_s=5) as recogniser:
        utterance = recogniser.utterance(locale="zh-CN", grammar=_GRAMMAR, sample_rate_hz=8000)
        for _ in range(50):
            utterance.feed(bytes(320))
        heard = await utterance.finish()
    assert heard == Hypothesis((Alternative("转人工", pytest.approx(0.8)),), "vosk")
    assert stock.audio_bytes == 50 * 320
    assert stock.configs[0]["phrase_list"] == ["转 人 工", "查 余 额", "[unk]"]


async def test_a_warm_up_that_is_cancelled_as_its_answer_comes_ends(stock: StockServer) -> None:
    """One that went on would keep its worker from ever stopping."""
    for passes in range(60):
        async with RemoteRecogniser.open(stock.url, timeout_s=5) as recogniser:

            async def keep_warm(recogniser: RemoteRecogniser = recogniser) -> None:
                await recogniser.warm_up(locale="zh-CN", grammar=_GRAMMAR)
                await asyncio.Event().wait()

            warming = asyncio.create_task(keep_warm())
            for _ in range(passes):
                await asyncio.sleep(0)
            warming.cancel()
            assert (await asyncio.wait({warming}, timeout=1))[0] == {warming}, passes


async def test_its_death_is_told_and_the_next_utterance_is_served(stock: StockServer) -> None:
    async with RemoteRecogniser.open(stock.url, timeout_s=5) as recogniser:
        stock.dies_after_chunks = 1
        utterance = recogniser.utterance(locale="zh-CN", grammar=_GRAMMAR, sample_rate_hz=8000)
        utterance.feed(bytes(4000))
        utterance.feed(bytes(4000))
        with pytest.raises(RecogniserLost, match="went away"):
            await utterance.finish()
        stock.dies_after_chunks = 10_000
        assert (
            await recogniser.utterance(locale="zh-CN", grammar=_GRAMMAR, sample_rate_hz=8000).finish()
        ).best


async def test_a_wrong_address_is_told_with_its_mend() -> None:
    async with RemoteRecogniser.open("recogniser.example", timeout_s=1) as recogniser:
        with pytest.raises(RecogniserLost, match="ws://"):
            await recogniser.utterance(locale="zh-CN", grammar="", sample_rate_hz=8000).finish()
