"""Deadlines and opening hours heed weekends, holidays, and the weekend days that are worked instead."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from ivr.calls.working_days import WorkCalendar, working_days_after

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
