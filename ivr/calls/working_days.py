"""Working days: deadlines that are told to customers, and when people are there."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The days that differ from the week: without work, and weekend days that are worked instead (调休)."""

    holidays: Set[date] = frozenset()
    worked_weekend_days: Set[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Whether people work on this day."""
        if day in self.worked_weekend_days:
            return True
        return day.weekday() < SATURDAY and day not in self.holidays


def working_days_after(day: date, count: int, calendar: WorkCalendar) -> date:
    """The last day of a term of `count` working days; the day itself does not count.

    (As in article 201 of the Civil Code of the PRC.) For 0, the day itself or the next working day.
    Raises `ValueError` for a negative count.
    """
    if count < 0:
        raise ValueError("a term of working days cannot be negative")
    left = count
    while left or not calendar.is_working_day(day):
        day += timedelta(days=1)
        left -= calendar.is_working_day(day) and left > 0
    return day


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When people answer: on working days, and on all others. None: not at all."""

    working_days: tuple[time, time] | None
    days_off: tuple[time, time] | None

    def on(self, day: date, calendar: WorkCalendar) -> tuple[time, time] | None:
        """From when to when on this day."""
        return self.working_days if calendar.is_working_day(day) else self.days_off


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether people are there now; `at` is when they go, or when they come (None: not within a month)."""

    is_open: bool
    at: datetime | None


def opening(hours: OfficeHours, calendar: WorkCalendar, now: datetime) -> Opening:
    """`now` in the company's own zone. The closing time itself is outside."""
    today = hours.on(now.date(), calendar)
    if today is not None and today[0] <= now.time() < today[1]:
        return Opening(True, _at(now, now.date(), today[1]))
    for ahead in range(32):
        day = now.date() + timedelta(days=ahead)
        span = hours.on(day, calendar)
        if span is not None and (ahead or now.time() < span[0]):
            return Opening(False, _at(now, day, span[0]))
    return Opening(False, None)


def _at(now: datetime, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, now.tzinfo)
