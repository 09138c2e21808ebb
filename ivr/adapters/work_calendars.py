"""Working days by the `holidays` library, which knows the State Council's yearly plan with its moved days."""

from datetime import date
from functools import lru_cache

import holidays

from ivr.calls.working_days import WorkCalendar


class CountryWorkCalendars:
    """The public holidays of one country (ISO 3166, such as CN)."""

    def __init__(self, country: str = "CN") -> None:
        """Raises `ValueError` for a country that the library does not know."""
        if country not in holidays.list_supported_countries():
            raise ValueError(f"no public holidays are known of {country!r}: name a country such as CN")
        self._country = country

    def around(self, day: date) -> WorkCalendar:
        """This day's year and the next. Days are moved in China only once a year's plan is out in autumn."""
        return _calendar(self._country, day.year)


class PublicHolidayBook:
    """The `PublicHolidays` of every country that the library knows."""

    def of(self, country: str, year: int) -> frozenset[date] | None:
        """The year's holidays; None for a country that nothing is known of."""
        return _public_holidays(country, year)


@lru_cache(64)
def _public_holidays(country: str, year: int) -> frozenset[date] | None:
    if country not in holidays.list_supported_countries():
        return None
    return frozenset(holidays.country_holidays(country, years=year))


@lru_cache(16)
def _calendar(country: str, year: int) -> WorkCalendar:
    # The year before, too: a plan can move days over the turn of the year.
    known = holidays.country_holidays(country, years=(year - 1, year, year + 1))
    return WorkCalendar(frozenset(known), frozenset(known.weekend_workdays))
