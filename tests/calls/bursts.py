"""Noise that energy rules take for speech."""

from pathlib import Path

import numpy as np

from ivr.adapters.voice.samples import write_wav


def burst(path: Path, length_ms: int, *, level: float = 2600.0, seed: int = 0, rate_hz: int = 8000) -> Path:
    """Noise as loud as speech: what energy rules hear as somebody speaking."""
    drawn = np.random.default_rng(seed).normal(0.0, level, rate_hz * length_ms // 1000)
    write_wav(path, np.clip(drawn, -32000, 32000).astype(np.int16), rate_hz)
    return path
