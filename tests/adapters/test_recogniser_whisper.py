"""The Whisper engine on recordings of people, in this process."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.models import default_models_dir, installed
from ivr.adapters.recogniser.engine import Request
from ivr.adapters.recogniser.whisper_engine import WhisperEngine
from ivr.adapters.voice.samples import Pcm, read_audio, resample, to_pcm
from ivr.grammar.result import Hypothesis

pytestmark = pytest.mark.slow

_RATE_HZ = 8000
_DIGITS = "zero | one | two | three | four | five | six | seven | eight | nine"


def _digits(count: int) -> str:
    return (
        f"#ABNF 1.0 UTF-8;\nlanguage en-US;\nmode voice;\nroot $a;\n"
        f"public $a = $d<{count}>;\n$d = {_DIGITS};\n"
    )


@pytest.fixture(scope="module")
def engine() -> WhisperEngine:
    model = installed("whisper-base", default_models_dir())
    if model is None:
        pytest.skip("needs the model whisper-base: ivr models pull whisper-base")
    return WhisperEngine(model, threads=1)


@pytest.fixture
def recording(data_dir: Path) -> Callable[[str], Pcm]:
    def load(name: str) -> Pcm:
        samples, rate_hz = read_audio(data_dir / name)
        return to_pcm(resample(samples, rate_hz, _RATE_HZ))

    return load


def _hear(engine: WhisperEngine, request: Request, *parts: Pcm) -> Hypothesis:
    hush = np.random.default_rng(1).normal(0, 4, 2400).astype(np.int16)
    decoding = engine.open(request)
    for part in (hush, *parts, hush):
        decoding.feed(part.astype("<i2").tobytes())
    return decoding.finish().hypothesis


def test_digits_said_one_by_one_are_heard_in_a_grammar_too_large_to_list(
    engine: WhisperEngine, recording: Callable[[str], Pcm]
) -> None:
    figures = [(3 * place + 1) % 10 for place in range(8)]
    parts = []
    for figure in figures:
        parts += [recording(f"en_fsdd_digits/wav/{figure}_jackson_0.wav"), np.zeros(1000, np.int16)]
    heard = _hear(engine, Request("en-US", _RATE_HZ, _digits(len(figures))), *parts)
    assert heard.best is not None
    assert heard.best.text == " ".join(_DIGITS.split(" | ")[figure] for figure in figures)


def test_an_open_item_has_the_sentence_beside_the_grammar(
    engine: WhisperEngine, recording: Callable[[str], Pcm]
) -> None:
    request = Request("zh-CN", _RATE_HZ, phrases=("取消", "转人工"), open=True)
    outside = _hear(engine, request, recording("zh_audio_cmn/wav/tan_公共汽车.wav"))
    assert outside.best is not None
    assert "公共" in outside.best.text
    inside = _hear(engine, request, recording("zh_audio_cmn/wav/tan_取消.wav"))
    assert inside.best is not None
    assert inside.best.text == "取消"


def test_noise_is_no_sentence(engine: WhisperEngine, recording: Callable[[str], Pcm]) -> None:
    noise = recording("noise_room/wav/sb_noise1.wav")[: 2 * _RATE_HZ]
    for request in (Request("zh-CN", _RATE_HZ), Request("zh-CN", _RATE_HZ, phrases=("取消",), open=True)):
        assert _hear(engine, request, noise).best is None


def test_half_a_number_is_not_heard_as_a_whole_one(
    engine: WhisperEngine, recording: Callable[[str], Pcm]
) -> None:
    parts = [recording(f"en_fsdd_digits/wav/{figure}_jackson_0.wav") for figure in (3, 4)]
    heard = _hear(engine, Request("en-US", _RATE_HZ, _digits(4)), *parts, np.zeros(4000, np.int16))
    assert heard.best is None or heard.best.confidence < 0.3
