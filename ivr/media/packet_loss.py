"""Lost packets: which frames a network loses, and what a receiver plays in their place."""

import numpy as np
from numpy.typing import NDArray

from ivr.media.level import Samples

MEAN_BURST_FRAMES = 3.0
"""Networks lose packets in bursts; mean length of one, 60 ms in frames of 20 ms."""

_FADE_MS = 80
"""A stretch this long is all that is made up; what is still missing then is silence."""

_SHORTEST_PITCH_MS, _LONGEST_PITCH_MS = 2.5, 15
_JOINT_MS = 5


def lost_frames(count: int, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which of `count` frames are lost, `share` (0..1) of them in the long run; the first never is.

    Gilbert's two-state channel: the chance to stay in a burst gives its mean length of
    `MEAN_BURST_FRAMES`, the chance to enter one gives the share. Raises `ValueError` for a share that
    such bursts cannot make up.
    """
    leave = 1.0 / MEAN_BURST_FRAMES
    enter = leave * share / (1.0 - share) if share < 1.0 else 2.0
    if not 0.0 <= enter <= 1.0:
        raise ValueError(f"no more than {1.0 / (1.0 + leave):.0%} of the frames can be lost in bursts")
    lost = np.zeros(count, np.bool_)
    for at, chance in enumerate(rng.random(max(0, count - 1)), 1):
        lost[at] = chance >= leave if lost[at - 1] else chance < enter
    return lost


def conceal(samples: Samples, lost: NDArray[np.bool_], frame_length: int, sample_rate_hz: int) -> Samples:
    """The samples with lost frames (of `frame_length` samples) made up from what was heard before.

    As receivers do (ITU-T G.711 Appendix I, PJMEDIA's WSOLA): the last pitch period is repeated, fading
    out within 80 ms, and the first samples that arrive again are faded in over 5 ms.
    """
    out = samples.astype(np.float64)
    joint = sample_rate_hz * _JOINT_MS // 1000
    edges = np.flatnonzero(np.diff(np.concatenate(([0], lost.astype(np.int8), [0]))))
    for first, last in edges.reshape(-1, 2) * frame_length:
        end = min(last, out.size)
        made_up = _continued(out[:first], min(end + joint, out.size) - first, sample_rate_hz)
        out[first:end] = made_up[: end - first]
        tail = made_up[end - first :]
        fade_in = np.linspace(0.0, 1.0, tail.size, endpoint=False)
        out[end : end + tail.size] = out[end : end + tail.size] * fade_in + tail * (1.0 - fade_in)
    return np.asarray(np.clip(np.rint(out), -32768, 32767), np.int16)


def _continued(heard: NDArray[np.float64], count: int, sample_rate_hz: int) -> NDArray[np.float64]:
    period = _pitch_period(heard, sample_rate_hz)
    if not period:
        return np.zeros(count)
    fade = np.clip(1.0 - np.arange(count) * 1000 / (sample_rate_hz * _FADE_MS), 0.0, 1.0)
    return np.resize(heard[-period:], count) * fade


def _pitch_period(heard: NDArray[np.float64], sample_rate_hz: int) -> int:
    """The lag, in samples, at which the end of what was heard is most like what came before it."""
    shortest = int(sample_rate_hz * _SHORTEST_PITCH_MS / 1000)
    longest = sample_rate_hz * _LONGEST_PITCH_MS // 1000
    if heard.size < 2 * longest:
        return 0
    template = heard[-longest:]
    past = np.lib.stride_tricks.sliding_window_view(heard[-2 * longest : -shortest], longest)
    likeness = past @ template / np.sqrt(np.sum(np.square(past), axis=1) + 1.0)
    return int(longest - np.argmax(likeness))
