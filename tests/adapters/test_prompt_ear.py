"""Prompts told by ear: over G.711, softer, one after the other."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.codecs import CODECS, through_codec
from ivr.adapters.voice.familiar_prompts import PromptEar, open_prompt_ear
from ivr.adapters.voice.recordings import load_recordings
from ivr.adapters.voice.samples import Pcm

RECORDINGS = Path("prompts")
SOME = (
    "wish_ask", "wish_ask.repeated", "wish_reprompt", "id_tail_ask", "id_tail_reprompt", "more_ask",
    "confirm_balance", "confirm_overdue", "confirm_early_settlement", "balance_told.0", "transferring",
)  # fmt: skip


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few of the recordings, since knowing all takes seconds."""
    folder = tmp_path_factory.mktemp("prompts")
    target = folder / "zh-CN" / "recordings"
    target.mkdir(parents=True)
    for name in SOME:
        source = RECORDINGS / "zh-CN" / "recordings" / f"{name}.opus"
        if source.exists():
            shutil.copy(source, target)
    return folder


@pytest.fixture(scope="module")
def ear(prompts: Path, tmp_path_factory: pytest.TempPathFactory) -> PromptEar:
    return open_prompt_ear(prompts, "zh-CN", tmp_path_factory.mktemp("cache"))


def played(prompts: Path, *names: str) -> bytes:
    """These recordings over the line: half as loud, with pauses, as G.711."""
    recordings = load_recordings(prompts, 8000)
    pause = np.zeros(5000, np.int16)
    parts: list[Pcm] = [pause]
    for name in names:
        pcm = recordings.find([f"zh-CN/{name}"])
        assert pcm is not None
        parts += [(pcm // 2).astype(np.int16), pause]
    return through_codec(np.concatenate(parts), CODECS["pcma"]).tobytes()


def test_prompts_are_told_apart_and_in_order(prompts: Path, ear: PromptEar) -> None:
    audio = played(prompts, "confirm_balance", "wish_reprompt", "more_ask")
    assert ear.heard(audio) == ("confirm_balance", "wish_reprompt", "more_ask")


def test_each_prompt_is_known_whatever_its_wording(prompts: Path, ear: PromptEar) -> None:
    names = sorted(path.name.removesuffix(".opus") for path in prompts.glob("zh-CN/recordings/*.opus"))
    assert len(names) >= len(SOME) - 2
    assert [ear.heard(played(prompts, name)) for name in names] == [(name.split(".")[0],) for name in names]


def test_what_is_no_prompt_is_none(prompts: Path, ear: PromptEar) -> None:
    backwards = np.frombuffer(played(prompts, "more_ask", "wish_ask"), "<i2")[::-1].tobytes()
    noise = np.random.default_rng(1).normal(0, 1500, 40_000).astype("<i2").tobytes()
    assert ear.heard(backwards) == ear.heard(noise) == ear.heard(b"") == ()


def test_a_prompt_that_was_cut_off_or_goes_on_is_known_by_what_is_heard_of_it(
    prompts: Path, ear: PromptEar
) -> None:
    audio = played(prompts, "wish_reprompt")
    half = len(audio) // 4 * 2
    assert ear.heard(audio[:half]) == ear.heard(audio[half:]) == ("wish_reprompt",)


def test_the_first_word_alone_tells_no_prompt(prompts: Path, ear: PromptEar) -> None:
    assert ear.heard(played(prompts, "wish_reprompt")[: 2 * (5000 + 8 * 700)]) == ()


def test_the_pictures_are_kept_until_a_recording_changes(prompts: Path, tmp_path: Path) -> None:
    open_prompt_ear(prompts, "zh-CN", tmp_path)
    (kept,) = tmp_path.glob("*.npz")
    made_at = kept.stat().st_mtime_ns
    again = open_prompt_ear(prompts, "zh-CN", tmp_path)
    assert again.heard(played(prompts, "more_ask")) == ("more_ask",)
    assert kept.stat().st_mtime_ns == made_at
    shutil.copy(prompts / "zh-CN/recordings/wish_ask.opus", prompts / "zh-CN/recordings/new_one.opus")
    open_prompt_ear(prompts, "zh-CN", tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 2
