"""`ivr call` against a real SIP peer on loopback."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from bursts import burst
from typer.testing import CliRunner

from ivr.adapters.models import default_models_dir, installed
from ivr.adapters.voice.samples import read_pcm, write_wav
from ivr.cli.call import EXIT_CODES
from ivr.cli.main import app
from ivr.media.level import frame_levels_db, level_db
from ivr.runtime.customer.plan import BARGE_AFTER_MS

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow

StartAgent = Callable[..., Any]
PlaceCall = Callable[..., Any]


@pytest.fixture
def speech(tmp_path: Path) -> str:
    return str(burst(tmp_path / "speech.wav", 700, seed=3))


def test_a_call_with_speech_and_keys_goes_through_and_is_measured(
    agent: StartAgent, ivr_call: PlaceCall, speech: str, tmp_path: Path
) -> None:
    bot = agent(greeting_ms=5000)
    record = tmp_path / "call.wav"
    steps = ("--barge-in", "--keys", "12#4", "--wav", speech)
    placed = ivr_call(bot.uri, *steps, "--no-read", "--locale", "en-US", "--record", str(record))
    assert placed.exit_code == 0, placed.output
    call, (greeting, keys, said) = placed.report["call"], placed.report["exchanges"]
    assert [(e["kind"], e["sent"]) for e in (keys, said)] == [("keys", "12#4"), ("wav", "speech.wav")]
    assert greeting["reply_ms"] == pytest.approx(BARGE_AFTER_MS, abs=400), "the barge-in cut nothing"
    # The agent replies 400 ms after the last key went down, 100 ms before it is up, or after 500 ms of quiet.
    assert keys["reply_latency_ms"] == pytest.approx(300, abs=150)
    assert said["reply_latency_ms"] == pytest.approx(500, abs=150)
    assert said["reply_ms"] == pytest.approx(600, abs=60)
    assert call["ended_by"] == "caller"
    assert bot.heard() == {"keys": "12#4", "language": "en-US", "from": "+8613800000002"}
    samples, rate_hz = soundfile.read(record, dtype="int16", always_2d=True)
    assert rate_hz == 8000
    for at_ms, loud in ((said["start_ms"] + 200, [True, False]), (said["reply_start_ms"], [False, True])):
        stretch = samples[at_ms * rate_hz // 1000 :][: rate_hz // 4]
        assert [level_db(channel) > -30.0 for channel in stretch.T] == loud


def test_a_noisy_room_lies_under_a_whole_wideband_call_at_the_asked_level(
    agent: StartAgent, ivr_call: PlaceCall, speech: str, tmp_path: Path
) -> None:
    noise = burst(tmp_path / "noise.wav", 700, level=500.0, seed=4)
    record = tmp_path / "call.wav"
    noisy = ("--noise", str(noise), "--snr", "15", "--record", str(record), "--codec", "g722")
    placed = ivr_call(agent().uri, "--wav", speech, "--no-read", *noisy)
    assert placed.exit_code == 0, placed.output
    assert placed.report["call"]["codec"].startswith("G722")
    assert placed.report["exchanges"][1]["reply_latency_ms"] == pytest.approx(500, abs=150)
    samples, rate_hz = soundfile.read(record, dtype="int16", always_2d=True)
    assert rate_hz == 16000
    levels = frame_levels_db(samples[:, 0], rate_hz // 50)
    spoken_db, room_db = np.percentile(levels, 95), np.percentile(levels, 50)
    assert spoken_db - room_db == pytest.approx(15.0, abs=2.0)
    assert not np.any(levels[10:] < -50.0), "the room falls silent"


def test_an_agent_that_hangs_up_before_the_last_step_fails_the_call(
    agent: StartAgent, ivr_call: PlaceCall
) -> None:
    bot = agent("--goodbye-after", "1")
    early = ivr_call(bot.uri, "--keys", "1", "--keys", "2", "--keys", "3", "--no-read")
    assert (early.exit_code, early.report["verdict"]) == (4, "dropped"), early.output
    assert early.report["call"]["ended_by"] == "bot"


def test_hanging_up_in_mid_prompt_is_a_success_when_asked_for(agent: StartAgent, ivr_call: PlaceCall) -> None:
    placed = ivr_call(agent().uri, "--hangup-after", "0.5", "--no-read")
    assert placed.exit_code == 0, placed.output
    assert placed.report["call"]["duration_ms"] == pytest.approx(500, abs=150)


def test_a_busy_agent_has_its_own_exit_code(agent: StartAgent, ivr_call: PlaceCall) -> None:
    placed = ivr_call(agent("--busy").uri, "--no-read")
    assert (placed.exit_code, placed.report["verdict"]) == (3, "not_answered"), placed.output
    assert placed.report["call"]["sip_code"] == 486


def test_the_greeting_is_read_and_compared_with_what_was_expected(
    agent: StartAgent, ivr_call: PlaceCall, tmp_path: Path
) -> None:
    if installed("whisper-base", default_models_dir()) is None:
        pytest.skip("needs the model whisper-base: ivr models pull whisper-base")
    bot = agent()
    write_wav(tmp_path / "greeting.wav", read_pcm(ROOT / "prompts/zh-CN/recordings/greeting.opus"))
    unused = ("--recogniser", "ws://127.0.0.1:9")
    placed = ivr_call(bot.uri, "--expect", "安心消费金融", "--expect", "再见", *unused)
    assert (placed.exit_code, placed.report["verdict"]) == (6, "expect_missed"), placed.output
    assert [expect["met"] for expect in placed.report["exchanges"][0]["expect"]] == [True, False]


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (("hotline", "--no-read"), "SIP URI"),
        (("sip:hotline@127.0.0.1", "--barge-in"), "put it before"),
        (("sip:hotline@127.0.0.1", "--keys", "1x"), "0-9"),
        (("sip:hotline@127.0.0.1", "--header", "nonsense"), "NAME:VALUE"),
        (("sip:hotline@127.0.0.1", "--no-read", "--expect", "您好"), "--no-read"),
    ],
)
def test_wrong_usage_is_refused_with_the_mend(arguments: tuple[str, ...], mend: str) -> None:
    refused = CliRunner().invoke(app, ["call", *arguments], env={"COLUMNS": "200"})
    assert refused.exit_code == 2
    assert mend in refused.output


def test_a_file_that_is_missing_is_named() -> None:
    failed = CliRunner().invoke(app, ["call", "sip:hotline@127.0.0.1", "--no-read", "--wav", "nowhere.wav"])
    assert failed.exit_code == 1
    assert "nowhere.wav" in failed.output


def test_the_help_teaches_steps_and_exit_codes() -> None:
    shown = CliRunner().invoke(app, ["call", "--help"])
    assert shown.exit_code == 0
    for word in ("--barge-in", "--expect", "Examples", "Exit codes", *map(str, EXIT_CODES.values())):
        assert word in shown.output
