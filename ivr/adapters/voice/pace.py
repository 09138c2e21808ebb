"""Slower or faster speech at the same pitch, by FFmpeg's `atempo` (WSOLA)."""

import numpy as np

from ivr.adapters.voice.filters import filtered
from ivr.adapters.voice.samples import Pcm

SLOWEST, FASTEST = 0.5, 2.0
"""What `atempo` does in one step and speech bears."""

_TAIL_MS = 120
"""Silence that pushes the last of the speech out of the filter, which keeps back a window."""


def checked_pace(pace: float) -> float:
    """The pace itself. Raises `ValueError` outside `SLOWEST`..`FASTEST`."""
    if not SLOWEST <= pace <= FASTEST:
        raise ValueError(f"the pace must lie between {SLOWEST:g} and {FASTEST:g}, and is {pace:g}")
    return pace


def stretched(pcm: Pcm, rate_hz: int, pace: float) -> Pcm:
    """The speech at `pace` times its speed, `1 / pace` as long; a second of it takes about a millisecond."""
    if pace == 1.0 or not len(pcm):
        return pcm
    length = round(len(pcm) / pace)
    padded = np.concatenate([pcm, np.zeros(rate_hz * _TAIL_MS // 1000, np.int16)])
    slow = np.concatenate(
        [frame.to_ndarray().ravel() for frame in filtered(padded, rate_hz, ("atempo", str(pace)))]
    )
    return slow[:length] if len(slow) >= length else np.pad(slow, (0, length - len(slow)))
