"""Days as English callers say them, relative to today."""

import re
from datetime import datetime, timedelta

from ivr.grammar.meanings.calendar import (
    coming_date,
    coming_day,
    coming_weekday,
    day_of,
    iso,
    month_end,
    months_on,
    weekday_of,
)
from ivr.grammar.meanings.forms import Form
from ivr.grammar.numbers_en import read_number_en

_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)} | {
    name[:length]: number for number, name in enumerate(_MONTH_NAMES, 1) for length in (3, 4)
}
_WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS = {name: number for number, name in enumerate(_WEEKDAY_NAMES)}
_MONTHS_ON = {"this": 0, "next": 1, "last": -1, "following": 1, "current": 0}
_YEARS_ON = {"this": 0, "next": 1, "last": -1}
_DAYS_ON = {
    "today": 0,
    "tonight": 0,
    "tomorrow": 1,
    "tomorrow night": 1,
    "the day after tomorrow": 2,
    "yesterday": -1,
    "the day before yesterday": -2,
}
_UNITS = r"(?P<unit>day|week|fortnight|month|year)s?"
_COUNT = (
    r"(?P<count>an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|twenty"
    r"|thirty|[0-9]{1,3}|a couple of|half a)"
)
ORDINAL = (
    r"(?P<day>(?:twenty |thirty )?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth"
    r"|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth"
    r"|twentieth|thirtieth|[0-9]{1,2}(?:st|nd|rd|th))"
)
CARDINAL = (
    r"(?P<number>(?:twenty |thirty )?(?:one|two|three|four|five|six|seven|eight|nine)|ten|eleven|twelve"
    r"|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|[0-9]{1,2})"
)
MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
_TO_NINE = "(?:one|two|three|four|five|six|seven|eight|nine)"
_TO_99 = (
    rf"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?: {_TO_NINE})?|ten|eleven|twelve"
    r"|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
)
YEAR = (
    rf"(?P<year>[0-9]{{4}}|two thousand(?: (?:and )?(?:{_TO_99}|{_TO_NINE}))?"
    rf"|(?:nineteen|twenty) (?:{_TO_99}|oh {_TO_NINE}))"
)
_WHICH = r"(?P<which>this|next|last|the following|the current)"
_WEEKDAY = rf"(?P<weekday>{'|'.join(_WEEKDAY_NAMES)})"


def month_number(name: str) -> int:
    """1 for january; short names do as well. Raises `KeyError`."""
    return _MONTHS[name]


def _near(match: re.Match[str], now: datetime) -> str | None:
    return iso(now.date() + timedelta(days=_DAYS_ON[match["near"]]))


def _at_once(_match: re.Match[str], now: datetime) -> str | None:
    return iso(now.date())


def _counted(match: re.Match[str], now: datetime) -> str | None:
    today, unit, count = now.date(), match["unit"], match["count"]
    if count == "half a":
        return {"month": iso(today + timedelta(days=15)), "year": iso(months_on(today, 6))}.get(unit)
    number = {"a": 1, "an": 1, "a couple of": 2}.get(count) or _int(count)
    if unit in {"month", "year"}:
        return iso(months_on(today, number * (12 if unit == "year" else 1)))
    return iso(today + timedelta(days=number * {"day": 1, "week": 7, "fortnight": 14}[unit]))


def _weekday(match: re.Match[str], now: datetime) -> str | None:
    """This Friday is in this week, next Friday in the next, a bare Friday the one to come."""
    today, weekday = now.date(), _WEEKDAYS[match["weekday"]]
    which = match["which"] or match["week"]
    if which in {"this", "next", "last"}:
        return iso(weekday_of(today, _MONTHS_ON[which], weekday))
    return iso(coming_weekday(today, weekday))


def _week_after(match: re.Match[str], now: datetime) -> str | None:
    return iso(coming_weekday(now.date(), _WEEKDAYS[match["weekday"]]) + timedelta(days=7))


def _next_week(match: re.Match[str], now: datetime) -> str | None:
    return iso(weekday_of(now.date(), 1, _WEEKDAYS[match["weekday"]]))


def _near_week(match: re.Match[str], now: datetime) -> str | None:
    return iso(now.date() + timedelta(days=7 + _DAYS_ON[match["near"]]))


def _weekend(match: re.Match[str], now: datetime) -> str | None:
    today = now.date()
    if match["which"] in {"next", "last"}:
        return iso(weekday_of(today, _MONTHS_ON[match["which"]], 5))
    return iso(today if today.weekday() >= 5 else weekday_of(today, 0, 5))


def _month_phase(match: re.Match[str], now: datetime) -> str | None:
    today, phase = now.date(), match["phase"]
    named = bool(match["which"] or match["month"])
    months = _months_on(match["which"])
    if match["month"]:
        months = (_MONTHS[match["month"]] - today.month) % 12
    if phase in {"end", "last day"}:
        return iso(month_end(today, months))
    day = 15 if phase in {"middle", "mid"} else 1
    return iso(months_on(today, months, day) if named else coming_day(today, day))


def _year_end(match: re.Match[str], now: datetime) -> str | None:
    return iso(day_of(now.year + _YEARS_ON.get(match["which"] or "this", 0), 12, 31))


def _named(match: re.Match[str], now: datetime) -> str | None:
    parts = match.groupdict()
    month, day = _MONTHS[match["month"]], _int(parts.get("day") or parts.get("number") or "")
    if not match["year"]:
        return iso(coming_date(now.date(), month, day))
    year = _int(match["year"].replace(" and ", " "))
    return iso(day_of(year, month, day)) if 1900 <= year < 2200 else None


def _day_of_month(match: re.Match[str], now: datetime) -> str | None:
    """The fifth of this month is in this month even when past; the fifth alone is the next one."""
    which = match.groupdict().get("which")
    if which:
        return iso(months_on(now.date(), _months_on(which), _int(match["day"])))
    return iso(coming_day(now.date(), _int(match["day"])))


def _written(match: re.Match[str], _now: datetime) -> str | None:
    return iso(day_of(int(match["year"]), int(match["month"]), int(match["day"])))


def _months_on(which: str | None) -> int:
    return _MONTHS_ON[which.removeprefix("the ")] if which else 0


def _int(spoken: str) -> int:
    found = read_number_en(spoken.split())
    return int(found.digits) if found and found.words == len(spoken.split()) else 0


FORMS_EN = (
    Form(rf"(?P<near>{'|'.join(sorted(_DAYS_ON, key=len, reverse=True))})", _near),
    Form(r"(?:right )?now|(?:right|straight) away", _at_once, in_passing=False),
    Form(rf"in {_COUNT} {_UNITS}(?: time)?", _counted),
    Form(rf"{_COUNT} {_UNITS} (?:from (?:now|today)|later)", _counted),
    Form(
        rf"(?:on )?(?:{_WHICH} |(?:the |this )?coming )?{_WEEKDAY}(?: (?P<week>this|next|last) week)?",
        _weekday,
    ),
    Form(rf"next week(?: on)? {_WEEKDAY}", _next_week),
    Form(rf"(?:on )?{_WEEKDAY} of next week", _next_week),
    Form(rf"a week from(?: this)? {_WEEKDAY}", _week_after),
    Form(r"a week (?:from )?(?P<near>today|tomorrow)", _near_week),
    Form(r"(?:(?P<which>this|next|last|the) )weekend", _weekend),
    Form(
        rf"(?:the )?(?P<phase>end|beginning|start|middle|last day|first day) of (?:(?:{_WHICH}|the) month"
        rf"|{MONTH})",
        _month_phase,
    ),
    Form(rf"(?P<phase>mid) (?:{_WHICH} month|{MONTH})", _month_phase),
    Form(r"(?:the )?end of (?:the|(?P<which>this|next|last)) year|(?:the )?year end", _year_end),
    Form(rf"(?:on )?(?:the )?{ORDINAL} (?:of )?{MONTH}(?: (?:of )?{YEAR})?", _named),
    Form(rf"(?:on )?{CARDINAL} {MONTH}(?: {YEAR})?", _named, in_passing=False),
    Form(rf"(?:on )?{MONTH} (?:the )?(?:{ORDINAL}|{CARDINAL})(?: {YEAR})?", _named),
    Form(rf"(?:on )?(?:the )?{ORDINAL} (?:of )?{_WHICH} month", _day_of_month),
    Form(rf"{_WHICH} month(?: on)? the {ORDINAL}", _day_of_month),
    Form(rf"(?:on )?the {ORDINAL}(?: of the month)?(?! (?:one|of|time|payment|option))", _day_of_month),
    Form(ORDINAL, _day_of_month, in_passing=False),
    Form(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", _written),
)
"""Weeks run from Monday to Sunday. Holidays have no meaning: they need tables that no rule has."""


def inherit_month(before: str, after: str) -> str | None:
    """The corrected day in the month that was said first: "the third of December, no, the fifth"."""
    if not re.fullmatch(rf"(?:on )?(?:the )?{ORDINAL}", after):
        return None
    month = re.search(rf"\b(?:{MONTH}|{_WHICH} month)\b", before)
    return f"{after} of {month[0]}" if month else None
