"""The settings' opening hours, joined into the rule that a call asks."""

from zoneinfo import ZoneInfo

from ivr.calls.opening_hours import OpeningHours, parse_spans
from ivr.config import Settings


def opening_hours(settings: Settings) -> OpeningHours:
    """When people answer."""
    hours = settings.hours
    return OpeningHours(
        zone=ZoneInfo(settings.hotline.timezone),
        weekly=hours.weekly(),
        holiday=parse_spans(hours.holidays),
        exceptions={day: parse_spans(spans) for day, spans in hours.exceptions.items()},
    )
