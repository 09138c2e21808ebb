"""`ivr bench turns` on a small corpus of its own making."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ivr.adapters.voice.samples import write_wav
from ivr.cli.main import app

RATE_HZ = 8000


def run(*arguments: str):
    return CliRunner().invoke(app, ["bench", "turns", *arguments])


def buzz(seconds: float, seed: int) -> np.ndarray:
    """Syllables of a buzzing voice with moving formants: enough like speech for the first detector."""
    rng = np.random.default_rng(seed)
    out = []
    while sum(map(len, out)) < seconds * RATE_HZ:
        length = int(rng.uniform(0.12, 0.3) * RATE_HZ)
        times = np.arange(length) / RATE_HZ
        pitch = 2 * np.pi * np.cumsum(np.full(length, rng.uniform(100, 180))) / RATE_HZ
        formant = rng.uniform(500, 900)
        tones = [np.sin(n * pitch) / (1 + ((n * 140 - formant) / 300) ** 2) for n in range(1, 20)]
        out += [np.sum(tones, axis=0) * np.sin(np.pi * times * RATE_HZ / length), np.zeros(400)]
    voice = np.concatenate(out)
    return np.asarray(voice / np.abs(voice).max() * 8000, np.int16)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    rows = ["file,transcript,language,category"]
    for number in range(4):
        write_wav(tmp_path / f"{number}.wav", buzz(0.8, number))
        rows.append(f"{number}.wav,{number},zh-CN,digit")
    write_wav(tmp_path / "listening.wav", buzz(0.3, 9))
    rows.append("listening.wav,嗯,zh-CN,yesno")
    (tmp_path / "manifest.csv").write_text("\n".join(rows), "utf-8")
    hiss = np.random.default_rng(1).normal(0, 300, 4 * RATE_HZ)
    write_wav(tmp_path / "room.wav", np.asarray(hiss, np.int16))
    return tmp_path


def test_it_reports_every_figure_as_json_and_hiss_stops_no_prompt(corpus: Path):
    result = run(
        "--noise", str(corpus / "room.wav"), "--speech", str(corpus), "--snr", "20", "--minutes", "0.5",
        "--limit", "4", "--json", "-",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    by_sound = {row["sound"]: row for row in document["false_barge_ins"]["by_sound"]}
    assert {"room", "babble of six", "hold music", "echo of the prompt", "back-channels"} == set(by_sound)
    assert {name: by_sound["room"][name] for name in ("snr_db", "minutes", "stopped", "per_hour")} == {
        "snr_db": 20.0, "minutes": 0.5, "stopped": 0, "per_hour": 0.0,
    }  # fmt: skip
    assert [row["snr_db"] for row in document["barge_ins"]] == [None, 20.0]
    assert [(row["words_known"], row["numbers"]) for row in document["numbers_with_pauses"]] == [
        (True, 4),
        (False, 4),
    ]


def test_a_folder_without_noise_or_speech_is_told_with_its_mend(corpus: Path, tmp_path: Path):
    empty = tmp_path / "empty"
    empty.mkdir()
    for noise, speech in ((empty, corpus), (corpus / "room.wav", empty)):
        result = run("--noise", str(noise), "--speech", str(speech))
        assert result.exit_code == 1
        assert str(empty) in result.output


def test_a_level_that_is_no_number_is_refused(corpus: Path):
    assert run("--noise", str(corpus), "--speech", str(corpus), "--snr", "loud").exit_code == 2
