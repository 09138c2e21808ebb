"""How rules show hours and days: short, and the same everywhere."""

from collections.abc import Sequence
from datetime import datetime

from ivr.campaign.people import Hours
from ivr.campaign.policy import EVERY_WEEKDAY, CallWindow

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def window_shown(window: CallWindow) -> str:
    """Such as `08:00-22:00 Mon-Sun` or `09:00-18:00 Mon Tue`."""
    days = (
        "Mon-Sun"
        if window.weekdays == EVERY_WEEKDAY
        else " ".join(WEEKDAYS[day] for day in sorted(window.weekdays))
    )
    return f"{window.opens:%H:%M}-{window.closes:%H:%M} {days}"


def hours_shown(hours: Hours | None) -> str:
    """Such as `10:00-12:00`, or that any hour will do."""
    return f"{hours.opens:%H:%M}-{hours.closes:%H:%M}" if hours is not None else "any hour"


def clock_there(moments: Sequence[datetime]) -> str:
    """What the clocks of these zones show, such as `Sat 23:10 Asia/Shanghai`; of several, the extremes."""
    shown = [f"{WEEKDAYS[moment.weekday()]} {moment:%H:%M} {moment.tzinfo}" for moment in _extremes(moments)]
    return " to ".join(shown)


def _extremes(moments: Sequence[datetime]) -> list[datetime]:
    in_order = sorted(moments, key=lambda moment: moment.replace(tzinfo=None))
    return in_order[:1] if len(in_order) == 1 else [in_order[0], in_order[-1]]
