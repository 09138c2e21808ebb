"""Deadlines and opening hours heed weekends, holidays, and the weekend days that are worked instead."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from ivr.calls.working_days import OfficeHours, WorkCalendar, opening, working_days_after

# National Day 2026: off from 1 to 7 October; worked instead on Sunday 20 September and Saturday 10 October.
CHINA = WorkCalendar(
    holidays={date(2026, 10, day) for day in range(1, 8)} | {date(2026, 9, 25)},
    worked_weekend_days={date(2026, 9, 20), date(2026, 10, 10)},
)
HOME = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2026, 9, 28), 1, date(2026, 9, 29)),
        (date(2026, 9, 28), 3, date(2026, 10, 8)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 10, 3), 1, date(2026, 10, 8)),
        (date(2026, 10, 8), 2, date(2026, 10, 10)),
        (date(2026, 9, 18), 1, date(2026, 9, 20)),
        (date(2026, 9, 18), 5, date(2026, 9, 24)),
        (date(2026, 9, 28), 0, date(2026, 9, 28)),
        (date(2026, 10, 1), 0, date(2026, 10, 8)),
    ],
)
def test_a_term_counts_working_days_and_not_the_day_itself(day: date, count: int, due: date) -> None:
    assert working_days_after(day, count, CHINA) == due


def test_a_negative_term_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        working_days_after(date(2026, 9, 28), -1, CHINA)


HOURS = OfficeHours((time(9), time(21)), (time(10), time(18)))
WEEKDAYS_ONLY = OfficeHours((time(9), time(21)), None)


@pytest.mark.parametrize(
    ("hours", "now", "is_open", "at"),
    [
        (HOURS, datetime(2026, 9, 28, 9, 0), True, datetime(2026, 9, 28, 21, 0)),
        (HOURS, datetime(2026, 9, 28, 20, 59, 59), True, datetime(2026, 9, 28, 21, 0)),
        (HOURS, datetime(2026, 9, 28, 21, 0), False, datetime(2026, 9, 29, 9, 0)),
        (HOURS, datetime(2026, 9, 28, 3, 0), False, datetime(2026, 9, 28, 9, 0)),
        (HOURS, datetime(2026, 10, 1, 9, 30), False, datetime(2026, 10, 1, 10, 0)),
        (HOURS, datetime(2026, 10, 10, 9, 30), True, datetime(2026, 10, 10, 21, 0)),
        (WEEKDAYS_ONLY, datetime(2026, 9, 30, 22, 0), False, datetime(2026, 10, 8, 9, 0)),
        (OfficeHours(None, None), datetime(2026, 9, 28, 12, 0), False, None),
    ],
)
def test_people_are_there_or_it_is_known_when(
    hours: OfficeHours, now: datetime, is_open: bool, at: datetime | None
) -> None:
    found = opening(hours, CHINA, now.replace(tzinfo=HOME))
    assert (found.is_open, found.at) == (is_open, at.replace(tzinfo=HOME) if at else None)
