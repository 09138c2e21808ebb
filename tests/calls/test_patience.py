"""Real calls of people who pause in a number, take an answer back, and press keys while they speak."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from served import CHINESE_CALLER, ROOT, ended_call, owed, place

from ivr.adapters.models import default_models_dir
from ivr.adapters.throwaway_hotline import ThrowawayHotline
from ivr.adapters.voice import speak
from ivr.adapters.voice.samples import LINE_RATE_HZ, read_pcm, write_wav

pytestmark = pytest.mark.slow

WISH = ("--barge-in", "--say", "我要查询贷款余额")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Makes a WAV file of silences (ms) and texts in this order."""
    directory = tmp_path_factory.mktemp("said")

    def make(*parts: str | int) -> str:
        pieces = [_spoken(part, directory) if isinstance(part, str) else _silence(part) for part in parts]
        path = directory / f"{abs(hash(parts))}.wav"
        write_wav(path, np.concatenate(pieces))
        return str(path)

    return make


def _spoken(text: str, cache_dir: Path) -> Any:
    path = speak(
        text, "zh-CN", cache_dir=cache_dir, prompts_dir=ROOT / "prompts", models_dir=default_models_dir()
    )
    return read_pcm(path)


def _silence(length_ms: int) -> Any:
    return np.zeros(LINE_RATE_HZ * length_ms // 1000, np.int16)


def test_a_number_with_a_long_pause_in_it_is_understood(
    hotline: ThrowawayHotline, said: Callable[..., str]
) -> None:
    balance = f"{owed(hotline, CHINESE_CALLER).balance}元"
    number = said("一二", 1000, "三四")
    outcome = place(hotline, hotline.uri(), *WISH, "--wav", number, "--expect", balance)
    assert outcome.exit_code == 0, outcome.said


def test_an_answer_that_is_taken_back_at_once_is_replaced(
    hotline: ThrowawayHotline, said: Callable[..., str]
) -> None:
    words = said("我要查询贷款余额", 1000, "不对，下期还款")
    outcome = place(hotline, hotline.uri(), "--barge-in", "--wav", words, "--barge-in", "--keys", "1234")
    assert outcome.exit_code == 0, outcome.said
    turns = ended_call(hotline, remote=CHINESE_CALLER)["turns"]
    assert [turn["intent"] for turn in turns if turn["item"] == "wish"][:2] == ["balance", "next_due"]


def test_keys_pressed_while_the_caller_goes_on_speaking_are_the_answer(
    hotline: ThrowawayHotline, said: Callable[..., str]
) -> None:
    balance = f"{owed(hotline, CHINESE_CALLER).balance}元"
    talk = said(1000, "我想问一下我这个贷款到底是怎么一回事因为上个月已经还了", 55_000)
    speaking = ("--noise", talk, "--snr", "12", "--barge-in", "--keys", "1")
    outcome = place(hotline, hotline.uri(), *speaking, "--barge-in", "--keys", "1234", "--expect", balance)
    assert outcome.exit_code == 0, outcome.said
    turns = ended_call(hotline, remote=CHINESE_CALLER)["turns"]
    assert [(turn["source"], turn["result"]) for turn in turns] == [("keys", "match")] * 2
