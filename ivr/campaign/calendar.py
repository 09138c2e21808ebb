"""When a zone's people may be rung: spans of time in UTC, computed once and looked up for each contact."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ivr.campaign.people import Hours
from ivr.campaign.policy import CallWindow

HORIZON_DAYS = 15
"""How far ahead the next opening is looked for. Longer than any run of public holidays."""

Span = tuple[datetime, datetime]
"""From, until before; both in UTC."""


class PublicHolidays(Protocol):
    """Public holidays by country."""

    def of(self, country: str, year: int) -> frozenset[date] | None:
        """The year's holidays; None where nothing is known of them."""
        ...


def zone_named(name: str) -> ZoneInfo | None:
    """The IANA zone, or None where there is no such."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def is_kept(day: date, window: CallWindow, holidays: PublicHolidays) -> bool:
    """Whether the day is a holiday on which nobody is rung. An unknown year is one long holiday."""
    if not window.keep_holidays:
        return False
    known = holidays.of(window.country, day.year)
    return known is None or day in known


@dataclass(frozen=True, slots=True)
class OpenTimes:
    """When all of a number's possible zones lie within the window and the person's wish."""

    spans: tuple[Span, ...]
    day_started_at: datetime
    """The earliest midnight that today may have begun with, in UTC."""
    next_day_at: datetime
    """The latest midnight that tomorrow may begin with."""

    def at(self, moment: datetime) -> Span | None:
        """The span that is open at `moment`."""
        place = bisect_right(self.spans, moment, key=_start) - 1
        return self.spans[place] if place >= 0 and moment < self.spans[place][1] else None

    def first_open(self, moment: datetime) -> datetime | None:
        """`moment` itself where it is open, else the next opening; None beyond the horizon."""
        if self.at(moment) is not None:
            return moment
        place = bisect_right(self.spans, moment, key=_start)
        return self.spans[place][0] if place < len(self.spans) else None


def open_times(
    zones: Sequence[ZoneInfo], window: CallWindow, wish: Hours | None, holidays: PublicHolidays, now: datetime
) -> OpenTimes:
    """What may be rung from yesterday to the horizon. `zones` must not be empty, `now` is aware."""
    spans: tuple[Span, ...] | None = None
    for zone in zones:
        own = tuple(_spans(zone, window, wish, holidays, now))
        spans = own if spans is None else tuple(_both(spans, own))
    today = [now.astimezone(zone).date() for zone in zones]
    return OpenTimes(
        spans or (),
        min(_earliest(day, time(0), zone) for day, zone in zip(today, zones, strict=True)),
        max(_latest(day + timedelta(days=1), time(0), zone) for day, zone in zip(today, zones, strict=True)),
    )


def _spans(
    zone: ZoneInfo, window: CallWindow, wish: Hours | None, holidays: PublicHolidays, now: datetime
) -> Iterator[Span]:
    opens = max(window.opens, wish.opens) if wish else window.opens
    closes = min(window.closes, wish.closes) if wish else window.closes
    today = now.astimezone(zone).date()
    for ahead in range(-1, HORIZON_DAYS):
        day = today + timedelta(days=ahead)
        if day.weekday() not in window.weekdays or is_kept(day, window, holidays):
            continue
        span = _latest(day, opens, zone), _earliest(day, closes, zone)
        if opens < closes and span[0] < span[1]:
            yield span


def _earliest(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return min(_moments(day, clock, zone))


def _latest(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return max(_moments(day, clock, zone))


def _moments(day: date, clock: time, zone: ZoneInfo) -> Iterator[datetime]:
    """Both readings of a clock that is put back, or forward, at that time; twice the same on other days."""
    for fold in (0, 1):
        yield datetime.combine(day, clock.replace(fold=fold), zone).astimezone(UTC)


def _both(ours: Sequence[Span], theirs: Sequence[Span]) -> Iterator[Span]:
    for opens, closes in ours:
        for other_opens, other_closes in theirs:
            start, end = max(opens, other_opens), min(closes, other_closes)
            if start < end:
                yield start, end


def _start(span: Span) -> datetime:
    return span[0]
