"""Recordings: two channels in step, silence for secrets, and what a crash leaves behind."""

import wave
from pathlib import Path

import numpy as np

from ivr.adapters.recording_wav import WavRecorder, finish_recording, unfinished_recordings

RATE_HZ = 8000
CALLER = np.full(RATE_HZ // 10, 1000, np.int16).tobytes()
BOT = np.full(RATE_HZ // 10, -2000, np.int16).tobytes()


def samples(path: Path) -> np.ndarray:
    assert path.stat().st_mode & 0o077 == 0, "others may read it"
    with wave.open(str(path)) as audio:
        assert (audio.getnchannels(), audio.getframerate()) == (2, RATE_HZ)
        return np.frombuffer(audio.readframes(audio.getnframes()), np.int16).reshape(-1, 2)


async def test_caller_is_left_and_bot_is_right_and_a_secret_is_silence(tmp_path):
    recorder = WavRecorder(tmp_path / "day" / "call.wav", RATE_HZ)
    recorder.write(CALLER, BOT)
    recorder.pause()
    recorder.write(CALLER, BOT)
    recorder.resume()
    recorder.write(CALLER, BOT)
    saved = await recorder.close()
    assert saved is not None
    assert (saved.duration_ms, saved.paused_ms) == (300, 100)
    heard = samples(Path(saved.path)).reshape(3, -1, 2)
    assert [tuple(part[0]) for part in heard] == [(1000, -2000), (0, 0), (1000, -2000)]
    assert all((part == part[0]).all() for part in heard)


async def test_a_call_without_audio_leaves_no_recording(tmp_path):
    assert await WavRecorder(tmp_path / "call.wav", RATE_HZ).close() is None


async def test_a_disk_that_fails_costs_the_recording_and_not_the_call(tmp_path):
    (tmp_path / "day").write_text("a file where the directory should be")
    recorder = WavRecorder(tmp_path / "day" / "call.wav", RATE_HZ)
    recorder.write(CALLER, BOT)
    assert await recorder.close() is None


def test_what_a_dead_process_left_can_be_finished(tmp_path):
    part = tmp_path / "2030-01-01" / "call.part"
    part.parent.mkdir()
    with wave.open(str(part), "wb") as audio:
        audio.setnchannels(2)
        audio.setsampwidth(2)
        audio.setframerate(RATE_HZ)
        audio.writeframes(bytes(4 * RATE_HZ))
    assert unfinished_recordings(tmp_path) == (part,)
    saved = finish_recording(part)
    assert saved is not None
    assert (saved.duration_ms, saved.paused_ms, Path(saved.path).name) == (1000, None, "call.wav")
    assert unfinished_recordings(tmp_path) == ()


def test_a_left_file_without_audio_is_no_recording(tmp_path):
    (tmp_path / "x.part").write_bytes(b"RIFF")
    assert finish_recording(tmp_path / "x.part") is None
