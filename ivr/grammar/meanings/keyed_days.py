"""Days from a keypad: one for today, else the month and the day in four digits."""

import re
from datetime import datetime

from ivr.grammar.meanings.calendar import coming_date, iso


def read_keyed_day(text: str, _language: str, now: datetime) -> str | None:
    """As ISO 8601: `1` is today, 1205 the next 5 December, today included."""
    digits = re.sub(r"\s+", "", text)
    if digits == "1":
        return iso(now.date())
    if not re.fullmatch(r"\d{4}", digits):
        return None
    return iso(coming_date(now.date(), int(digits[:2]), int(digits[2:])))
