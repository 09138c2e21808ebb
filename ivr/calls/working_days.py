"""Working days: deadlines that are told to customers."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta

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
