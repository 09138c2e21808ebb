"""Public holidays of regions, and the days that China works in exchange."""

from datetime import date

import pytest

from ivr.adapters.holiday_calendar import open_calendar


def test_chinese_holidays_and_the_days_worked_instead_are_known() -> None:
    calendar = open_calendar("CN")
    assert calendar.is_worked_instead(date(2026, 2, 14)), "asked first, before the year was looked at"
    assert calendar.is_holiday(date(2026, 2, 17))
    assert not calendar.is_holiday(date(2026, 3, 3))
    assert not calendar.is_worked_instead(date(2026, 3, 7))


def test_the_holidays_of_a_part_of_a_country_are_its_own() -> None:
    assert open_calendar("DE-BY").is_holiday(date(2026, 1, 6))
    assert not open_calendar("DE").is_holiday(date(2026, 1, 6))


def test_no_region_has_no_holidays() -> None:
    assert not open_calendar("").is_holiday(date(2026, 1, 1))


@pytest.mark.parametrize("region", ["XX", "DE-ZZ"])
def test_an_unknown_region_is_refused_with_the_mend(region: str) -> None:
    with pytest.raises(ValueError, match=r"write CN, HK, DE-BY"):
        open_calendar(region)
