"""Steady tones in a stretch of audio: how many, at which frequencies, and how pure."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ivr.media.level import Samples

Power = NDArray[np.float64]

LOWEST_HZ = 250.0
"""Lower tones are mains hum or a voice's pitch; no signal of a network or a machine lies there."""
HIGHEST_HZ = 3400.0
"""The upper edge of the telephone band (ITU-T G.712)."""

_SECOND_DB = 12.0
"""Both parts of a dual tone are of like strength; anything further below the stronger is a by-product."""
_LOBE_CYCLES = 2.0
"""Half the width of a Hann window's main lobe, in cycles per length of the window."""


@dataclass(frozen=True, slots=True)
class Tones:
    """The strongest one or two sinusoids, the lower first, and the share of all power that they hold."""

    hz: tuple[float, ...]
    share: float

    @property
    def centre_hz(self) -> float:
        """Between them; 0 without any."""
        return sum(self.hz) / len(self.hz) if self.hz else 0.0


NO_TONES = Tones((), 0.0)


def strongest_tones(samples: Samples, sample_rate_hz: int) -> Tones:
    """The tones of samples that are at least 20 ms long.

    Two are told apart from 2 / length on: 50 Hz apart in 40 ms, 10 Hz in 200 ms. Frequencies are exact to
    about a tenth of that.
    """
    count = samples.size
    if count < sample_rate_hz // 50:
        return NO_TONES
    padded = 1 << (2 * count - 1).bit_length()
    power = _power(samples, padded)
    bin_hz = sample_rate_hz / padded
    lowest, highest = int(LOWEST_HZ / bin_hz), min(int(HIGHEST_HZ / bin_hz), power.size - 2)
    total = float(power.sum())
    if total <= 0.0 or highest <= lowest:
        return NO_TONES
    lobe = max(1, round(_LOBE_CYCLES * padded / count))
    first_hz, first = _take_peak(power, lowest, highest, lobe, bin_hz)
    second_hz, second = _take_peak(power, lowest, highest, lobe, bin_hz)
    if second < first * 10.0 ** (-_SECOND_DB / 10.0):
        return Tones((first_hz,), first / total)
    return Tones((min(first_hz, second_hz), max(first_hz, second_hz)), (first + second) / total)


def _power(samples: Samples, padded: int) -> Power:
    windowed = samples * _hann(samples.size)
    spectrum = np.fft.rfft(windowed, padded)
    return np.asarray(spectrum.real**2 + spectrum.imag**2, dtype=np.float64)


@lru_cache(maxsize=64)
def _hann(count: int) -> Power:
    return np.hanning(count)


def _take_peak(power: Power, lowest: int, highest: int, lobe: int, bin_hz: float) -> tuple[float, float]:
    """Frequency and power of the highest peak, which is taken out of the spectrum."""
    at = lowest + int(np.argmax(power[lowest : highest + 1]))
    below, peak, above = (float(np.log(max(power[at + step], 1e-12))) for step in (-1, 0, 1))
    bend = below - 2.0 * peak + above
    shift = 0.5 * (below - above) / bend if bend < 0.0 else 0.0
    around = slice(max(at - lobe, 0), at + lobe + 1)
    held = float(power[around].sum())
    power[around] = 0.0
    return (at + min(max(shift, -0.5), 0.5)) * bin_hz, held
