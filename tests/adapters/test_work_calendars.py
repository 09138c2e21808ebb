"""The company's calendar knows the moved working days of the years whose plan is out."""

from datetime import date

import pytest

from ivr.adapters.work_calendars import CountryWorkCalendars


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 1, 4), True),  # a Sunday, for the day off on 2 January
        (date(2026, 1, 2), False),
        (date(2026, 2, 14), True),
        (date(2026, 2, 17), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
        (date(2026, 10, 12), True),
    ],
)
def test_chinas_working_days_are_those_of_the_state_councils_plan(day: date, works: bool) -> None:
    calendar = CountryWorkCalendars("CN").around(day)
    assert calendar.is_working_day(day) is works
    assert CountryWorkCalendars("CN").around(day) is calendar


def test_a_year_ahead_has_its_fixed_holidays_at_least() -> None:
    assert not CountryWorkCalendars("CN").around(date(2034, 12, 1)).is_working_day(date(2035, 10, 1))


def test_another_country_has_its_own_and_none_is_told() -> None:
    day = date(2025, 7, 4)
    assert not CountryWorkCalendars("US").around(day).is_working_day(day)
    with pytest.raises(ValueError, match="such as CN"):
        CountryWorkCalendars("XX")
