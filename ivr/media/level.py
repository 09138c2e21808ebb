"""Loudness of 16-bit samples in dBov: decibels below the RMS of a full-scale square wave."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

FLOOR_DB = -96.0
"""What digital silence measures."""

NOMINAL_SPEECH_DB = -26.0
"""The active speech level (as ITU-T P.56 measures it) at which telephone links are tested by custom."""

_ACTIVE_MARGIN_DB = 15.9
"""Speech counts as active down to this far below its own active level (ITU-T P.56, method B)."""

_FRAME_MS = 20

_FULL_SCALE_POWER = 32768.0**2


def level_db(samples: Samples) -> float:
    """RMS level of all samples in dBov; `FLOOR_DB` for silence or nothing."""
    if not samples.size:
        return FLOOR_DB
    return float(frame_levels_db(samples, samples.size)[0])


def frame_levels_db(samples: Samples, frame_length: int) -> NDArray[np.float64]:
    """RMS level in dBov of each whole frame of `frame_length` samples; a rest is left out."""
    whole = samples[: samples.size - samples.size % frame_length].reshape(-1, frame_length)
    power = np.mean(np.square(whole, dtype=np.float64), axis=1) / _FULL_SCALE_POWER
    return np.asarray(10.0 * np.log10(np.maximum(power, 10.0 ** (FLOOR_DB / 10.0))), dtype=np.float64)


def active_level_db(samples: Samples, sample_rate_hz: int) -> float:
    """Level of the speech in the samples, pauses not counted, in dBov.

    After method B of ITU-T P.56, in frames of 20 ms and without its hangover: frames more than 15.9 dB below
    the active level are pauses, and the level of the rest is the active level; found by repetition from the
    level of everything.
    """
    frame_length = sample_rate_hz * _FRAME_MS // 1000
    levels = frame_levels_db(samples, frame_length)
    if not levels.size:
        return level_db(samples)
    power = np.power(10.0, levels / 10.0)
    active_db = 10.0 * float(np.log10(power.mean()))
    for _ in range(20):
        refined_db = 10.0 * float(np.log10(power[levels > active_db - _ACTIVE_MARGIN_DB].mean()))
        if abs(refined_db - active_db) < 0.01:
            break
        active_db = refined_db
    return max(active_db, FLOOR_DB)


def amplified(samples: Samples, gain_db: float) -> Samples:
    """The samples with a gain, clipped where they leave 16 bits."""
    louder = np.rint(samples * 10.0 ** (gain_db / 20.0))
    return np.asarray(np.clip(louder, -32768, 32767), dtype=np.int16)
