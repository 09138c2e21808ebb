"""How loud a recording is: ITU-T P.56 for the telephone, ITU-R BS.1770 (LUFS) for studios, and clipping."""

from dataclasses import dataclass

import numpy as np

from ivr.adapters.voice.filters import filtered
from ivr.adapters.voice.samples import SPEECH_LEVEL_DB, Pcm
from ivr.media.level import active_level_db

TARGET_LUFS = -23.5
"""What speech at `SPEECH_LEVEL_DB` measures; the target of EBU R 128 is -23."""

TOLERANCE_LU = 2.5
"""Whole sentences differ by less than this from the target."""

SHORTEST_MEASURED_MS = 1500
"""Below this, loudness is no property of the level alone: single words are held to `WORD_TOLERANCE_DB`."""

WORD_TOLERANCE_DB = 6.0
"""A word may stand out of its sentence, or sink in it."""

_CLIPPED_RUN = 4
_FULL_SCALE = 32_700


@dataclass(frozen=True, slots=True)
class Loudness:
    """What was measured."""

    level_db: float
    """Active speech level in dBov."""
    lufs: float | None
    """Integrated loudness; None where there is too little speech for it."""
    clipped: bool
    """Whether peaks were cut off: four samples in a row at full scale."""

    @property
    def fault(self) -> str | None:
        """What is wrong, or None."""
        if self.clipped:
            return "peaks are cut off"
        if self.lufs is not None and abs(self.lufs - TARGET_LUFS) > TOLERANCE_LU:
            return f"{self.lufs:.1f} LUFS instead of {TARGET_LUFS:g} within {TOLERANCE_LU:g}"
        if self.lufs is None and abs(self.level_db - SPEECH_LEVEL_DB) > WORD_TOLERANCE_DB:
            return f"{self.level_db:.1f} dBov instead of {SPEECH_LEVEL_DB:g} within {WORD_TOLERANCE_DB:g}"
        return None


def measure(pcm: Pcm, rate_hz: int) -> Loudness:
    """Measure a recording."""
    long_enough = len(pcm) * 1000 >= SHORTEST_MEASURED_MS * rate_hz
    lufs = _integrated_lufs(pcm, rate_hz) if long_enough else None
    return Loudness(active_level_db(pcm, rate_hz), lufs, _is_clipped(pcm))


def _integrated_lufs(pcm: Pcm, rate_hz: int) -> float | None:
    frames = filtered(pcm, rate_hz, ("aresample", "48000"), ("ebur128", "metadata=1"))
    values = [float(f.metadata["lavfi.r128.I"]) for f in frames if "lavfi.r128.I" in f.metadata]
    return values[-1] if values else None


def _is_clipped(pcm: Pcm) -> bool:
    full = np.abs(pcm.astype(np.int32)) >= _FULL_SCALE
    if full.sum() < _CLIPPED_RUN:
        return False
    return bool((np.convolve(full, np.ones(_CLIPPED_RUN), "valid") >= _CLIPPED_RUN).any())
