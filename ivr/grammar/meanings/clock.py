"""Times of day: which half of the day is meant, and parts of the day."""

import re
from datetime import datetime, timedelta

PARTS = {
    "early": ("00:00", "06:00"),
    "dawn": ("07:00", "10:00"),
    "morning": ("08:00", "12:00"),
    "noon": ("11:00", "13:00"),
    "afternoon": ("12:00", "18:00"),
    "dusk": ("17:00", "19:00"),
    "evening": ("18:00", "22:00"),
    "night": ("18:00", "22:00"),
}
"""The parts of a day; as values they are intervals of ISO 8601. People mean waking hours by "night" when
they promise something. Whether anybody may be rung then is for the call window to say."""

_LAST_AM_HOUR_SAID_ALONE = 7
"""One to six o'clock without more is in the afternoon, seven to twelve as it is: the hours of business."""


def clock_time(hour: int, minute: int, part: str | None) -> str | None:
    """`HH:MM` of what the clock shows in a part of the day; None when no clock shows it.

    Without a part 13 to 23 and 0 are as they are, and the rest falls into business hours. Twelve at night
    is 00:00.
    """
    if not (0 <= hour <= 24 and 0 <= minute < 60) or (hour == 24 and minute):
        return None
    if part in {"afternoon", "dusk"} and 1 <= hour < 12:
        hour += 12
    elif part in {"evening", "night"}:
        hour += 12 if 5 <= hour <= 12 else 0
    elif part == "noon" and 1 <= hour <= 3:
        hour += 12
    elif part in {"early", "dawn", "morning"} and hour == 12:
        hour = 0 if part == "early" else 12
    elif part is None and 1 <= hour < _LAST_AM_HOUR_SAID_ALONE:
        hour += 12
    return f"{hour % 24:02d}:{minute:02d}"


def part_of_day(part: str) -> str:
    """The interval as ISO 8601, such as `08:00/12:00`."""
    return "/".join(PARTS[part])


def later(now: datetime, **span: float) -> str:
    """The minute that is so much later, as ISO 8601 without a zone: the zone is that of `now`."""
    return (now + timedelta(**span)).replace(tzinfo=None).isoformat(timespec="minutes")


def is_small_hours(time: str, part_words: str) -> bool:
    """Whether a time said with 晚上 or "at night" belongs to the day after: twelve at night, two at night."""
    return time < "05:00" and bool(re.search(r"晚|夜|night|midnight", part_words))
