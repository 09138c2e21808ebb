"""How fast requests may come: a bucket for each name, filled at a steady rate."""

from cachetools import LRUCache

_MOST_NAMES = 10_000


class RateLimit:
    """`per_minute` requests for each name, as many of them at once. Times are seconds that only grow."""

    def __init__(self, per_minute: int) -> None:
        self._rate = per_minute / 60
        self._size = float(per_minute)
        self._buckets: LRUCache[str, tuple[float, float]] = LRUCache(_MOST_NAMES)

    def wait_s(self, name: str, now_s: float) -> float:
        """0 when the request may pass, which then counts; else after how many seconds one would."""
        left, seen_s = self._buckets.get(name, (self._size, now_s))
        left = min(self._size, left + (now_s - seen_s) * self._rate)
        passes = left >= 1
        self._buckets[name] = (left - 1 if passes else left, now_s)
        return 0.0 if passes else (1 - left) / self._rate
