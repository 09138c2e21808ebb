"""Public holidays by the `holidays` library: countries, and their provinces as `CN`, `DE-BY`."""

from datetime import date

import holidays

from ivr.calls.opening_hours import HolidayCalendar, NoHolidays


class RegionHolidays:
    """`HolidayCalendar` of one region. Days swapped by decree are known for the years published so far."""

    def __init__(self, region: str) -> None:
        """Raises `ValueError` with the mend for a region that the library does not know."""
        country, _, part = region.partition("-")
        try:
            self._days = holidays.country_holidays(country, subdiv=part or None)
        except NotImplementedError:
            raise ValueError(
                f"{region!r} is no region with known holidays; write CN, HK, DE-BY or the like"
            ) from None

    def is_holiday(self, day: date) -> bool:
        """Whether it is a public holiday, or a day off given with one."""
        return day in self._days

    def is_worked_instead(self, day: date) -> bool:
        """Whether it is a day of the weekend that is worked in exchange for a holiday."""
        # Whether the day is a holiday is asked first: the library learns a year when it is first asked of it.
        return day not in self._days and day in self._days.weekend_workdays


def open_calendar(region: str) -> HolidayCalendar:
    """The holidays of a region; of none for an empty name. Raises `ValueError` like `RegionHolidays`."""
    return RegionHolidays(region) if region else NoHolidays()
