"""When people answer: hours of a week, of holidays and of single days, by the wall clock of one zone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from ivr.calls.working_days import WorkCalendar

HORIZON_DAYS = 60
"""How far ahead the next opening or closing is looked for."""

_DAY_MIN = 24 * 60
_WRITTEN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Span:
    """From `opens_min` until before `closes_min`, in minutes of the day; 1440 is the next midnight."""

    opens_min: int
    closes_min: int


def parse_spans(written: Sequence[str]) -> tuple[Span, ...]:
    """Spans of one day from texts such as `08:00-12:00`. Raises `ValueError` with the mend."""
    spans: list[Span] = []
    for text in written:
        match = _WRITTEN.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a span of time, such as 08:00-22:00")
        hours = [int(part) for part in match.groups()]
        span = Span(hours[0] * 60 + hours[1], hours[2] * 60 + hours[3])
        if span.closes_min > _DAY_MIN or span.opens_min >= span.closes_min:
            raise ValueError(
                f"{text!r} does not end after it begins; write a night as 22:00-24:00 and, "
                "on the next day, 00:00-06:00"
            )
        if spans and span.opens_min < spans[-1].closes_min:
            raise ValueError(f"{text!r} begins before the span ahead of it ends; put them in order")
        spans.append(span)
    return tuple(spans)


class DayKind(StrEnum):
    """Which rule a day's hours come from."""

    WEEKDAY = "weekday"
    HOLIDAY = "holiday"
    WORKED_INSTEAD = "worked_instead"
    """A day of the weekend that is worked in exchange for a holiday, as in China."""
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """`weekly` has seven days from Monday on. An exception goes before a holiday, that before the weekday.

    A day that is worked instead of a holiday has the hours of a Monday.
    """

    zone: tzinfo
    weekly: tuple[tuple[Span, ...], ...]
    holiday: tuple[Span, ...] = ()
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def kind_of(self, day: date, calendar: WorkCalendar) -> DayKind:
        """The rule that the day's hours come from."""
        if day in self.exceptions:
            return DayKind.EXCEPTION
        if day in calendar.worked_weekend_days:
            return DayKind.WORKED_INSTEAD
        return DayKind.HOLIDAY if day in calendar.holidays else DayKind.WEEKDAY

    def spans_of(self, day: date, calendar: WorkCalendar) -> tuple[Span, ...]:
        """The day's hours."""
        match self.kind_of(day, calendar):
            case DayKind.EXCEPTION:
                return self.exceptions[day]
            case DayKind.HOLIDAY:
                return self.holiday
            case DayKind.WORKED_INSTEAD:
                return self.weekly[0]
            case _:
                return self.weekly[day.weekday()]


@dataclass(frozen=True, slots=True)
class Open:
    """Somebody answers. `until` is aware, in the desk's zone; None when it lies beyond the horizon."""

    until: datetime | None
    because: DayKind


@dataclass(frozen=True, slots=True)
class Closed:
    """Nobody answers. `opens_at` is aware, in the desk's zone; None when it lies beyond the horizon."""

    opens_at: datetime | None
    because: DayKind


def desk_open(now: datetime, hours: OpeningHours, calendar: WorkCalendar) -> Open | Closed:
    """Whether people answer at `now` (aware), until or from when, and by which rule of today.

    Where clocks are put back, an hour that comes twice counts whole; where they are put forward, a span
    that begins in the hour that is left out begins when that hour would.
    """
    today = now.astimezone(hours.zone).date()
    because = hours.kind_of(today, calendar)
    until: datetime | None = None
    for opens, closes in _openings(hours, calendar, today):
        if until is not None:
            if opens > until:
                return Open(until.astimezone(hours.zone), because)
            until = max(until, closes)
        elif opens <= now < closes:
            until = closes
        elif now < opens:
            return Closed(opens.astimezone(hours.zone), because)
    if until is None:
        return Closed(None, because)
    horizon = _moment(today + timedelta(days=HORIZON_DAYS), _DAY_MIN, hours.zone)
    return Open(until.astimezone(hours.zone) if until < horizon else None, because)


def _openings(
    hours: OpeningHours, calendar: WorkCalendar, today: date
) -> Iterator[tuple[datetime, datetime]]:
    """Beginnings and ends in UTC, in order, from today to the horizon; hours do not go on over midnight."""
    for ahead in range(HORIZON_DAYS + 1):
        day = today + timedelta(days=ahead)
        for span in hours.spans_of(day, calendar):
            opens = _moment(day, span.opens_min, hours.zone)
            closes = _moment(day, span.closes_min, hours.zone, fold=1)
            if opens < closes:
                yield opens, closes


def _moment(day: date, minute: int, zone: tzinfo, fold: int = 0) -> datetime:
    if minute == _DAY_MIN:
        day, minute, fold = day + timedelta(days=1), 0, 0
    local = datetime.combine(day, time(minute // 60, minute % 60, fold=fold), zone)
    return local.astimezone(UTC)
