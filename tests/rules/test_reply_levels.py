"""Levels, noise at a signal-to-noise ratio, and finding a clip in what was sent."""

import numpy as np
import pytest

from ivr.media.level import FLOOR_DB, Samples, active_level_db, amplified, level_db
from ivr.media.locate import locate
from ivr.media.noise import room_at_snr

RATE_HZ = 8000


def hiss(seconds: float, rms: float, seed: int = 1) -> Samples:
    drawn = np.random.default_rng(seed).normal(0.0, rms, int(seconds * RATE_HZ))
    return np.clip(np.rint(drawn), -32768, 32767).astype(np.int16)


@pytest.mark.parametrize(
    ("samples", "expected_db"),
    [
        (np.full(160, -32768, dtype=np.int16), 0.0),
        (np.full(160, 3277, dtype=np.int16), -20.0),
        (np.zeros(160, dtype=np.int16), FLOOR_DB),
        (np.zeros(0, dtype=np.int16), FLOOR_DB),
    ],
    ids=["full scale", "a tenth of it", "silence", "nothing"],
)
def test_levels_are_below_full_scale(samples: Samples, expected_db: float) -> None:
    assert level_db(samples) == pytest.approx(expected_db, abs=0.01)


@pytest.mark.parametrize("pause_s", [0.0, 1.0, 9.0])
def test_pauses_do_not_lower_the_active_level(pause_s: float) -> None:
    speech = np.concatenate([hiss(1.0, 1000), np.zeros(int(pause_s * RATE_HZ), dtype=np.int16)])
    assert active_level_db(speech, RATE_HZ) == pytest.approx(level_db(hiss(1.0, 1000)), abs=0.1)


@pytest.mark.parametrize("snr_db", [0.0, 15.0, 30.0])
def test_noise_lies_under_the_active_speech_by_the_ratio(snr_db: float) -> None:
    speech_db = active_level_db(np.concatenate([hiss(1, 2000), np.zeros(8000, dtype=np.int16)]), RATE_HZ)
    room = room_at_snr(hiss(2, 300, seed=2), speech_db=speech_db, snr_db=snr_db)
    assert speech_db - level_db(room) == pytest.approx(snr_db, abs=0.2)


def test_a_silent_noise_is_refused() -> None:
    with pytest.raises(ValueError, match="silent"):
        room_at_snr(np.zeros(800, dtype=np.int16), speech_db=-26.0, snr_db=15.0)


def test_amplifying_clips_instead_of_wrapping() -> None:
    assert list(amplified(np.array([20000, -20000, 100], dtype=np.int16), 6.0)) == [32767, -32768, 200]


@pytest.mark.parametrize(("start", "noise_rms"), [(0, 0.0), (4321, 0.0), (4321, 500.0), (4321, 2000.0)])
def test_a_clip_is_found_where_it_was_played_even_in_noise(start: int, noise_rms: float) -> None:
    clip = hiss(1.0, 1000)
    played = np.zeros(3 * RATE_HZ, dtype=np.int32)
    played[start : start + clip.size] += clip
    played += hiss(3.0, noise_rms, seed=7)
    assert locate(clip, np.clip(played, -32768, 32767).astype(np.int16)) == start


def test_a_clip_cut_off_by_the_end_of_the_track_is_found() -> None:
    clip = hiss(1.0, 1000)
    played = np.concatenate([np.zeros(4000, dtype=np.int16), clip[:5000]])
    assert locate(clip, played) == 4000


@pytest.mark.parametrize("track", [np.zeros(16000, dtype=np.int16), hiss(2.0, 1000, seed=9), hiss(0.0, 1)])
def test_a_clip_that_was_not_played_is_not_found(track: Samples) -> None:
    assert locate(hiss(1.0, 1000), track) is None
