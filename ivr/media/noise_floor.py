"""The line's own noise: the level below which nobody speaks."""

from bisect import bisect_left, insort
from collections import deque


class NoiseFloor:
    """Tracks the noise level as a low percentile over a sliding window (minimum statistics, Martin 2001).

    Speech leaves gaps between syllables, so the 15th percentile over three seconds is the noise even
    while somebody speaks. `margin_db` is how far above it a frame must be to count as near speech.
    """

    def __init__(
        self,
        *,
        window_ms: int = 3000,
        percentile: float = 0.15,
        margin_db: float = 7.0,
        least_db: float = -55.0,
    ) -> None:
        self._window_ms = window_ms
        self._percentile = percentile
        self._margin_db = margin_db
        self._least_db = least_db
        self._frames: deque[tuple[float, int]] = deque()
        self._sorted: list[float] = []
        self._held_ms = 0

    @property
    def floor_db(self) -> float:
        """The present estimate in dBFS; never below the quietest noise that matters."""
        if not self._sorted:
            return self._least_db
        return max(self._sorted[int(len(self._sorted) * self._percentile)], self._least_db)

    def feed(self, level_db: float, length_ms: int) -> bool:
        """Take one frame's level; True when it stands out of the noise."""
        stands_out = level_db > self.floor_db + self._margin_db
        self._frames.append((level_db, length_ms))
        insort(self._sorted, level_db)
        self._held_ms += length_ms
        while self._held_ms > self._window_ms:
            oldest_db, oldest_ms = self._frames.popleft()
            del self._sorted[bisect_left(self._sorted, oldest_db)]
            self._held_ms -= oldest_ms
        return stands_out
