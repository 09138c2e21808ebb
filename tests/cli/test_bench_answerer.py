"""`ivr bench answerer` where no voice is needed: signals, figures, what it says when voices are missing."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from ivr.adapters.voice.samples import write_wav
from ivr.cli.answerer_bench.answerers import answerers
from ivr.cli.answerer_bench.hearing import Deaf
from ivr.cli.answerer_bench.report import as_document, interval, print_report
from ivr.cli.answerer_bench.run import judge
from ivr.cli.answerer_bench.scenes import Scene, Stage
from ivr.cli.answerer_bench.trials import Trial, networks
from ivr.cli.main import app


def test_signals_of_the_networks_and_tunes_are_told_rightly():
    some = list(networks(1))[::3]
    assert {trial.scene.label for trial in some} >= {
        "ringback",
        "busy_tone",
        "congestion_tone",
        "fax",
        "music",
    }
    assert [o.trial.scene.name for trial in some if not (o := judge(trial, Deaf())).is_right] == []


def test_no_text_and_no_voice_is_in_both_parts_of_the_set():
    train, held = answerers("train"), answerers("held")
    assert {a.text for a in train}.isdisjoint(a.text for a in held)
    assert {a.voice for a in train}.isdisjoint(a.voice for a in held)
    assert {a.label for a in train} == {a.label for a in held}


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(0, 1000, 0.0, 0.003682), (3, 1000, 0.000619, 0.008742), (50, 50, 0.928878, 1.0), (0, 0, 0.0, 1.0)],
)
def test_intervals_are_those_of_clopper_and_pearson(hits: int, count: int, low: float, high: float):
    assert interval(hits, count) == pytest.approx((low, high), abs=1e-5)


def spoken(text: str, voice: str, locale: str) -> np.ndarray:
    """Noise in place of a voice, as long as a text takes."""
    length_ms = 250 + 180 * len(text)
    return np.asarray(np.random.default_rng(len(text)).normal(0, 3000, length_ms * 8), np.int16)


def test_a_scene_is_the_same_whenever_it_is_made():
    answerer = next(a for a in answerers("held") if a.label == "voicemail")
    first, second = (Stage(spoken, [], 3).play(answerer, 1) for _ in range(2))
    assert np.array_equal(first.samples, second.samples)
    assert first.label == "voicemail"
    assert not np.array_equal(first.samples, Stage(spoken, [], 3).play(answerer, 2).samples)


def test_figures_count_people_and_machines_apart():
    silent = Scene("silent", "human", "zh-CN", np.zeros(24_000, np.int16))
    fax = next(
        trial.scene for trial in networks(1) if trial.scene.label == "fax" and "()" in trial.scene.name
    )
    document = as_document([judge(Trial(silent), Deaf()), judge(Trial(fax), Deaf())], seed=1, split="held")
    assert document["people"]["treated_as_machine"]["hits"] == 0
    assert (document["machines"]["caught"]["hits"], document["errors"]) == (1, [])
    assert document["matrix"] == {"human": {"unsure": 1}, "fax": {"fax": 1}}


def test_missing_voices_are_named_with_where_they_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("IVR_MODELS", raising=False)
    write_wav(tmp_path / "room.wav", np.zeros(32_000, np.int16))
    result = CliRunner().invoke(
        app, ["bench", "answerer", "--noise", str(tmp_path / "room.wav"), "--no-words"]
    )
    assert result.exit_code == 1
    assert "ivr models pull kokoro-82m" in result.output


MATRIX = {
    "voicemail (actress)": {"voicemail": 18, "call_assistant": 3, "no_answer": 41},
    "human": {"human": 9},
}


def printed(width: int) -> str:
    document = as_document([], seed=1, split="held") | {"matrix": MATRIX}
    console = Console(width=width, file=StringIO())
    print_report(document, console, errors=False)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_name_in_the_matrix_is_ever_cut(width: int):
    for name in ("voicemail (actress)", "call_assistant", "no_answer", "unsure" if width == 200 else "human"):
        assert name in printed(width)


def test_where_the_matrix_does_not_fit_each_label_has_a_line():
    assert "human -> human: 9" in printed(40)
    assert "voicemail (actress) -> no_answer: 41, voicemail: 18, call_assistant: 3" in printed(80)
    assert "->" not in printed(200)
