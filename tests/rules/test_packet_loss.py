"""Lost packets: how many, how they come together, and what is played in their place."""

import numpy as np
import pytest

from ivr.media.packet_loss import MEAN_BURST_FRAMES, conceal, lost_frames

RATE_HZ, FRAME = 8000, 160


def tone(seconds: float, frequency_hz: float = 130.0) -> np.ndarray:
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    voice = np.sin(2 * np.pi * frequency_hz * at) + 0.5 * np.sin(4 * np.pi * frequency_hz * at)
    return np.asarray(np.rint(6000 * voice), np.int16)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2])
def test_the_wished_share_is_lost_in_bursts_of_three(share: float) -> None:
    lost = lost_frames(40_000, share, np.random.default_rng(1))
    bursts = np.count_nonzero(np.diff(lost.astype(int)) == 1)
    assert lost.mean() == pytest.approx(share, rel=0.2)
    assert lost.sum() / bursts == pytest.approx(MEAN_BURST_FRAMES, rel=0.15)
    assert not lost[0]


def test_no_share_loses_nothing_and_too_large_a_one_is_refused() -> None:
    assert not lost_frames(1000, 0.0, np.random.default_rng(1)).any()
    assert lost_frames(0, 0.5, np.random.default_rng(1)).size == 0
    for share in (0.8, 1.0):
        with pytest.raises(ValueError, match="75%"):
            lost_frames(10, share, np.random.default_rng(1))


def test_a_short_loss_in_a_vowel_goes_on_like_the_vowel() -> None:
    sent = tone(1.0)
    heard = conceal(sent, np.arange(50) == 25, FRAME, RATE_HZ)
    gap = slice(25 * FRAME, 26 * FRAME)
    assert np.corrcoef(sent[gap], heard[gap])[0, 1] > 0.95
    assert 0.6 < np.abs(heard[gap]).max() / np.abs(sent[gap]).max() <= 1.01


def test_what_arrived_stays_as_it_was_but_for_five_milliseconds() -> None:
    sent = tone(1.0)
    lost = np.zeros(50, np.bool_)
    lost[[10, 30, 31]] = True
    heard = conceal(sent, lost, FRAME, RATE_HZ)
    changed = np.flatnonzero(heard != sent) / FRAME
    assert all(10 <= at < 11.25 or 30 <= at < 32.25 for at in changed)
    assert (conceal(sent, np.zeros(50, np.bool_), FRAME, RATE_HZ) == sent).all()


def test_a_long_loss_fades_into_silence_within_eighty_milliseconds() -> None:
    lost = np.arange(50) >= 40
    heard = conceal(tone(1.0), lost, FRAME, RATE_HZ)
    assert np.abs(heard[40 * FRAME : 41 * FRAME]).max() > 3000
    assert not heard[44 * FRAME :].any()


def test_loss_before_anything_was_heard_is_silence() -> None:
    heard = conceal(tone(0.1), np.arange(5) == 0, FRAME, RATE_HZ)
    assert not heard[:FRAME].any()
