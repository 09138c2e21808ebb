"""The settings' opening hours and holidays, joined into the rule that a call asks."""

from zoneinfo import ZoneInfo

from ivr.adapters.holiday_calendar import open_calendar
from ivr.calls.opening_hours import OpeningHours, parse_spans
from ivr.config import Settings


def opening_hours(settings: Settings) -> OpeningHours:
    """When people answer. Raises `ValueError` for a region without known holidays."""
    hours = settings.hours
    return OpeningHours(
        zone=ZoneInfo(settings.hotline.timezone),
        weekly=hours.weekly(),
        holiday=parse_spans(hours.holidays),
        calendar=open_calendar(hours.holidays_of),
        exceptions={day: parse_spans(spans) for day, spans in hours.exceptions.items()},
    )
