"""How many calls may start now: calls per second and lines are never exceeded, however often asked."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class TrunkLimits:
    """What the trunk carries for all campaigns and workers together."""

    lines: int
    calls_per_s: float


SECOND = timedelta(seconds=1)


def pace_window(calls_per_s: float) -> tuple[int, timedelta]:
    """At most so many starts in any such stretch of time.

    One a second or more: whole calls in a second, since a fraction of a call cannot be rung. Fewer: one call
    in as long as that takes.
    """
    if calls_per_s >= 1:
        return math.floor(calls_per_s), SECOND
    return 1, timedelta(seconds=1 / calls_per_s)


def starts_free(started_at: Sequence[datetime], calls_per_s: float, now: datetime) -> int:
    """Calls that may start at `now` after those at `started_at`. A start in the future, after the clock was
    put back, counts as one of now.
    """
    most, stretch = pace_window(calls_per_s)
    return max(0, most - sum(1 for moment in started_at if moment > now - stretch))


def next_start(started_at: Sequence[datetime], calls_per_s: float, now: datetime) -> datetime:
    """The first moment, `now` or later, at which one more call may start after those at `started_at`."""
    most, stretch = pace_window(calls_per_s)
    recent = sorted(min(moment, now) for moment in started_at if moment > now - stretch)
    return now if len(recent) < most else recent[-most] + stretch


def lines_free(in_use: int, max_lines: int) -> int:
    """Lines that are left of `max_lines`."""
    return max(0, max_lines - in_use)
