"""What calls that we place look up: when to ring back, whether a promised day can be."""

from datetime import date, datetime, time, timedelta

from ivr.calls.speech import SlotValue
from ivr.runtime.services.lookup import Asked, Found

_OPENS, _CLOSES = time(8), time(21, 30)
"""Half an hour before the window in which people may be rung ends, so that the call does too."""
_FAR = timedelta(days=31)
_WHOLE_DAY = ("09:00", "18:00")
_STEP_MIN = 15


async def callback_moment(asked: Asked) -> Found:
    """The moment that the customer named, as one that can be kept: `moment`, `not_then`, or `none` was named.

    In the slot `wish_moment` (said along with a command) or `moment`; a part of a day is taken at its middle.
    `callback_at` is the moment in ISO 8601 with its zone, `callback_on` and `callback_time` what is spoken.
    """
    named = str(asked.slots.get("wish_moment") or asked.slots.get("moment") or "")
    used: dict[str, SlotValue] = {"wish_moment": "", "moment": ""}
    if not named:
        return Found("none", used)
    at = _moment(named, asked.now)
    far = at.date() > asked.today + _FAR
    if at <= asked.now or far or not _OPENS <= at.time() <= _CLOSES:
        return Found("not_then", used)
    told: dict[str, SlotValue] = {
        "callback_at": at.isoformat(timespec="minutes"),
        "callback_on": at.date(),
        "callback_time": f"{at:%H:%M}",
    }
    return Found("moment", used | told)


async def coming_day(asked: Asked) -> Found:
    """Whether the day in the slot `date` lies within a month from today: `coming`, `past` or `too_far`."""
    day = date.fromisoformat(str(asked.slots["date"])[:10])
    if day < asked.today:
        return Found("past")
    return Found("coming" if day <= asked.today + _FAR else "too_far")


async def take_up_survey(_: Asked) -> Found:
    """`gone`: only somebody who rings back, on a call of their own, has one: see `ivr.runtime.ring_back`."""
    return Found("gone")


def _moment(named: str, now: datetime) -> datetime:
    """One moment of a day with a time, with a part of the day, or of a day alone, in the zone of `now`."""
    day_text, _, time_text = named.partition("T")
    day = date.fromisoformat(day_text)
    first, _, last = time_text.partition("/")
    begins, ends = (first, last) if time_text else _WHOLE_DAY
    begin = _at(day, begins, now)
    if not ends:
        return begin
    # Of a part of today that has begun, the middle of what is left.
    begin, end = max(begin, now) if day == now.date() else begin, _at(day, ends, now)
    if end <= begin:
        return begin
    middle = begin + (end - begin) / 2
    return middle.replace(minute=middle.minute - middle.minute % _STEP_MIN, second=0, microsecond=0)


def _at(day: date, written: str, now: datetime) -> datetime:
    if written == "24:00":
        day, written = day + timedelta(days=1), "00:00"
    return datetime.combine(day, time.fromisoformat(written), now.tzinfo)
