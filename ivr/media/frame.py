"""One frame of caller audio as the rules see it: not samples, but what was measured on them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """A stretch of caller audio. `voiced` is the detector's word, `level_db` the RMS level in dBFS."""

    voiced: bool
    level_db: float
    length_ms: int = 20
