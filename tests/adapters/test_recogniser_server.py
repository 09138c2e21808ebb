"""The recogniser as a process: real models, real sockets, the fake beside it in the same contract."""

import asyncio
import contextlib
import csv
import json
import signal
import socket
import subprocess
import sys
import time
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import connect

from ivr.adapters.models import default_models_dir, find_engine_model
from ivr.adapters.recogniser.audio import to_samples
from ivr.adapters.recogniser.client import RemoteRecogniser
from ivr.adapters.recogniser.memory import InMemoryRecogniser
from ivr.grammar.result import Alternative, Hypothesis
from ivr.runtime.ports import Recogniser, RecogniserLost

pytestmark = pytest.mark.slow

_COMMAND = "import typer; from ivr.cli.recogniser import recogniser; typer.run(recogniser)"
_SILENCE = np.random.default_rng(1).normal(0, 8, 8000).astype("<i2").tobytes()


def _grammar(locale: str, *phrases: str) -> str:
    rule = " | ".join(phrases)
    return f"#ABNF 1.0 UTF-8;\nlanguage {locale};\nmode voice;\nroot $a;\npublic $a = {rule};\n"


_WISHES = _grammar("zh-CN", "重复", "取消", "人工", "咨询", "修改", "电话", "是的", "不是", "没有", "不要")
_DIGITS = _grammar("en-US", "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class Server:
    """A recogniser process on a port of its own."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"ws://127.0.0.1:{port}"
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, "--port", str(self.port), "--threads", "2"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline_s = time.monotonic() + 60
        while time.monotonic() < deadline_s:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{self.port}/healthz").status_code == 200:
                    return process
            if process.poll() is not None:
                break
            time.sleep(0.1)
        process.kill()
        raise AssertionError("the recogniser did not come up")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        self.process = self._start()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if find_engine_model("whisper", "zh-CN", default_models_dir()) is None:
        pytest.skip("needs the model whisper-base; run: ivr models pull --all-default")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(port)
    yield server
    if server.process.poll() is None:
        assert server.stop() == 0


@pytest.fixture
async def recogniser(server: Server) -> AsyncIterator[RemoteRecogniser]:
    async with RemoteRecogniser.open(server.url, timeout_s=10) as opened:
        yield opened


@pytest.fixture
def mandarin(data_dir: Path) -> Callable[[str], bytes]:
    return lambda word: _telephone(data_dir / "zh_audio_cmn" / "wav" / f"tan_{word}.wav")


def _telephone(path: Path) -> bytes:
    """A recording as 8 kHz PCM through G.711 A-law, with a little hiss before and after."""
    with wave.open(str(path)) as file:
        pcm, rate_hz = file.readframes(file.getnframes()), file.getframerate()
    samples = to_samples(pcm, rate_hz)
    halved = np.fft.irfft(np.fft.rfft(samples)[: len(samples) // 4 + 1], len(samples) // 2) / 2
    speech = _through_a_law(np.clip(halved * 32767, -32768, 32767))
    return _SILENCE[:4800] + speech.astype("<i2").tobytes() + _SILENCE[:6400]


def _through_a_law(samples: np.ndarray) -> np.ndarray:
    """The error of ITU-T G.711: 13 segments, 16 steps in each."""
    size = np.abs(samples)
    step = 2.0 ** np.maximum(4, np.floor(np.log2(np.maximum(size, 1))) - 4)
    return np.sign(samples) * (np.floor(size / step) + 0.5) * step


async def _recognise(recogniser: Recogniser, pcm: bytes, grammar: str, locale: str = "zh-CN") -> Hypothesis:
    utterance = recogniser.utterance(locale=locale, grammar=grammar, sample_rate_hz=8000)
    for start in range(0, len(pcm), 320):
        utterance.feed(pcm[start : start + 320])
    return await utterance.finish()


class TestContract:
    """What every Recogniser promises, the fake included."""

    @pytest.fixture(params=["memory", "process"])
    def any_recogniser(self, request: pytest.FixtureRequest) -> Recogniser:
        if request.param == "memory":
            found = Hypothesis((Alternative("取消", 0.9),), "memory")
            return InMemoryRecogniser([found, found])
        opened: Recogniser = request.getfixturevalue("recogniser")
        return opened

    async def test_words_come_with_a_confidence(
        self, any_recogniser: Recogniser, mandarin: Callable[[str], bytes]
    ) -> None:
        await any_recogniser.warm_up(locale="zh-CN", grammar=_WISHES)
        heard = await _recognise(any_recogniser, mandarin("取消"), _WISHES)
        assert heard.best is not None
        assert heard.best.text == "取消"
        assert 0.7 < heard.best.confidence <= 1

    async def test_cancelling_is_silent_and_leaves_the_next_utterance_alone(
        self, any_recogniser: Recogniser, mandarin: Callable[[str], bytes]
    ) -> None:
        dropped = any_recogniser.utterance(locale="zh-CN", grammar=_WISHES, sample_rate_hz=8000)
        dropped.feed(_SILENCE)
        await dropped.cancel()
        await dropped.cancel()
        assert (await _recognise(any_recogniser, mandarin("取消"), _WISHES)).best is not None


async def test_the_fake_loses_utterances_on_demand() -> None:
    with pytest.raises(RecogniserLost):
        await _recognise(InMemoryRecogniser([None]), _SILENCE, _WISHES)


async def test_real_mandarin_words_are_right_within_their_grammar(
    recogniser: RemoteRecogniser, mandarin: Callable[[str], bytes]
) -> None:
    words = ("重复", "取消", "人工", "修改", "电话", "是的", "不是", "没有", "不要")
    heard = [(await _recognise(recogniser, mandarin(word), _WISHES)).best for word in words]
    right = sum(best is not None and best.text == word for best, word in zip(heard, words, strict=True))
    assert right >= len(words) - 1


async def test_real_english_digits_are_right(recogniser: RemoteRecogniser, data_dir: Path) -> None:
    folder = data_dir / "en_fsdd_digits"
    listed = (folder / "manifest.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(listed))[::15]
    right = 0
    for row in rows:
        best = (await _recognise(recogniser, _telephone(folder / row["file"]), _DIGITS, "en-US")).best
        right += best is not None and best.text == row["transcript"]
    assert right >= len(rows) - 1


async def test_silence_noise_and_other_words_are_not_acted_upon(
    recogniser: RemoteRecogniser, mandarin: Callable[[str], bytes], data_dir: Path
) -> None:
    heard = [_SILENCE, _telephone(data_dir / "noise_room" / "wav" / "sb_noise2.wav")[:24000]]
    heard += [mandarin(word) for word in ("星星", "官僚主义", "失败", "公共汽车", "体温")]
    found = [(await _recognise(recogniser, pcm, _WISHES)).best for pcm in heard]
    assert found[0] is None
    confidences = sorted(best.confidence if best else 0.0 for best in found)
    assert confidences[-1] < 0.7
    assert confidences[-2] < 0.4


async def test_free_speech_is_written_down(
    recogniser: RemoteRecogniser, mandarin: Callable[[str], bytes]
) -> None:
    text = await recogniser.transcribe(
        mandarin("公共汽车"), locale="zh-CN", sample_rate_hz=8000, timeout_s=20
    )
    assert "公共" in text
    assert await recogniser.transcribe(_SILENCE, locale="zh-CN", sample_rate_hz=8000, timeout_s=20) == ""


async def test_the_words_are_ready_when_the_pause_ends(
    recogniser: RemoteRecogniser, mandarin: Callable[[str], bytes]
) -> None:
    pcm = mandarin("人工") + _SILENCE
    await recogniser.warm_up(locale="zh-CN", grammar=_WISHES)
    utterance = recogniser.utterance(locale="zh-CN", grammar=_WISHES, sample_rate_hz=8000)
    for start in range(0, len(pcm), 320):
        utterance.feed(pcm[start : start + 320])
        await asyncio.sleep(0.02)
    begun_s = time.perf_counter()
    heard = await utterance.finish()
    assert heard.best is not None
    assert heard.best.text == "人工"
    assert time.perf_counter() - begun_s < 0.15


async def test_a_recogniser_that_dies_is_told_and_found_again(
    server: Server, mandarin: Callable[[str], bytes]
) -> None:
    async with RemoteRecogniser.open(server.url, timeout_s=10) as recogniser:
        utterance = recogniser.utterance(locale="zh-CN", grammar=_WISHES, sample_rate_hz=8000)
        utterance.feed(mandarin("取消"))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(server.kill)
        begun_s = time.perf_counter()
        with pytest.raises(RecogniserLost):
            await utterance.finish()
        assert time.perf_counter() - begun_s < 2
        restart = asyncio.create_task(asyncio.to_thread(server.start_again))
        heard = await _recognise(recogniser, mandarin("取消"), _WISHES)
        await restart
        async with asyncio.timeout(1.0):  # or the grammars would stay cold
            await recogniser.restarted()
    assert heard.best is not None
    assert heard.best.text == "取消"


async def test_no_server_is_told_in_time() -> None:
    async with RemoteRecogniser.open("ws://127.0.0.1:9", timeout_s=0.3) as recogniser:
        with pytest.raises(RecogniserLost):
            await _recognise(recogniser, _SILENCE, _WISHES)


async def test_a_stock_client_is_served(server: Server, mandarin: Callable[[str], bytes]) -> None:
    pcm = mandarin("人工")
    async with connect(server.url) as client:
        config = {"sample_rate": 8000, "phrase_list": ["人工", "电话"], "max_alternatives": 2}
        await client.send(json.dumps({"config": config}))
        for _ in range(2):
            for start in range(0, len(pcm), 4000):
                await client.send(pcm[start : start + 4000])
                assert json.loads(await client.recv()) == {"partial": ""}
            await client.send('{"reset" : 1}')
            assert json.loads(await client.recv())["alternatives"][0]["text"] == "人工"
        await client.send('{"eof" : 1}')
        assert json.loads(await client.recv())["alternatives"][0]["text"] == ""


async def test_bad_messages_are_answered_and_hurt_nobody(
    server: Server, recogniser: RemoteRecogniser, mandarin: Callable[[str], bytes]
) -> None:
    async with connect(server.url) as client:
        for message, reason in (
            ("nonsense", "not JSON"),
            (b"\x00\x00\x00", "16-bit"),
            ('{"config": {"locale": "tlh"}}', ""),
            (b"\x00\x00", "no model"),
            ('{"config": {"locale": "zh-CN", "grammar": "#ABNF broken"}}', ""),
            ('{"eof": 1}', "does not compile"),
        ):
            await client.send(message)
            if reason:
                assert reason in json.loads(await client.recv())["error"]
        assert (await _recognise(recogniser, mandarin("取消"), _WISHES)).best is not None
    with pytest.raises(RecogniserLost, match="no model"):
        await _recognise(recogniser, _SILENCE, _grammar("tlh", "a"), "tlh")


def test_health_names_engine_and_model_of_each_locale(server: Server) -> None:
    health = httpx.get(f"http://127.0.0.1:{server.port}/healthz").json()
    assert health["status"] == "ok"
    assert set(health["locales"]) >= {"zh-CN", "en-US"}
    assert set(health["locales"]["zh-CN"]) == {"engine", "model"}


def test_metrics_are_told_on_the_same_port(server: Server) -> None:
    page = httpx.get(f"http://127.0.0.1:{server.port}/metrics")
    assert page.headers["content-type"].startswith("text/plain")
    assert "process_cpu_seconds_total" in page.text


async def test_vosk_recognises_within_a_grammar(recogniser: RemoteRecogniser) -> None:
    if find_engine_model("vosk", "ko-KR", default_models_dir()) is None:
        pytest.skip("needs the model vosk-ko; run: ivr models pull vosk-ko")
    grammar = _grammar("ko-KR", "네", "아니요", "여보세요", "하나", "낱말아닌낱말")
    await recogniser.warm_up(locale="ko-KR", grammar=grammar)
    for word in ("아니요", "여보세요", "네"):
        heard = await _recognise(recogniser, _korean(word), grammar, "ko-KR")
        assert heard.engine == "vosk"
        assert heard.best is not None
        assert heard.best.text == word
    assert (await _recognise(recogniser, _SILENCE, grammar, "ko-KR")).best is None


def _korean(text: str) -> bytes:
    spoken = subprocess.run(
        ["espeak-ng", "-v", "ko", "-s", "140", "--stdout", text],
        capture_output=True,
        check=True,
    ).stdout[44:]
    samples = to_samples(spoken, 22050)
    halved = np.fft.irfft(np.fft.rfft(samples)[: len(samples) // 4 + 1], len(samples) // 2) / 2
    return _SILENCE[:4800] + (halved * 32767).astype("<i2").tobytes() + _SILENCE[:8000]
