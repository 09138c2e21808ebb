"""Where in a track a known clip was really played: by correlation, so other sound around it does no harm."""

import numpy as np
from numpy.typing import NDArray

from ivr.media.level import Samples

_RECOGNISABLE = 0.3
"""Least normalised correlation that counts as found: a clip in noise of its own level gives about 0.7."""


def locate(clip: Samples, track: Samples) -> int | None:
    """The sample of the track at which the clip starts; None when the clip is not in it.

    A clip that the end of the track cuts off is found by what there is of it.
    """
    if not clip.size or not track.size:
        return None
    size = 1 << (clip.size + track.size - 1).bit_length()
    spectrum = np.fft.rfft(track, size) * np.conj(np.fft.rfft(clip, size))
    products = np.fft.irfft(spectrum, size)[: track.size]
    start = int(np.argmax(products))
    heard = track[start : start + clip.size]
    loudness = _energy(heard) * _energy(clip[: heard.size])
    if loudness == 0.0 or products[start] < _RECOGNISABLE * np.sqrt(loudness):
        return None
    return start


def _energy(samples: NDArray[np.int16]) -> float:
    return float(np.sum(np.square(samples, dtype=np.float64)))
