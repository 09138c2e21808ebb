"""Months, weeks and years that are asked about: 这个月要还多少, "how much do I owe next month"."""

import re
from datetime import datetime, timedelta

from ivr.grammar.meanings.calendar import months_on
from ivr.grammar.meanings.forms import Form, Kind
from ivr.grammar.numbers_zh import read_number_zh

_ON = {"下下": 2, "下": 1, "上": -1, "上上": -2, "next": 1, "last": -1, "the following": 1}
_YEARS = {"明": 1, "后": 2, "去": -1, "前": -2, "next": 1, "last": -1}
_NAMES = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]


def _month(match: re.Match[str], now: datetime) -> str | None:
    day = months_on(now.date(), _ON.get(match["which"], 0), 1)
    return f"{day:%Y-%m}" if day else None


def _named_month(match: re.Match[str], now: datetime) -> str | None:
    """The month of that name that is closest: in November 三月 is to come, 九月 just past."""
    month = (
        _NAMES.index(match["name"]) + 1
        if match["name"] in _NAMES
        else int(read_number_zh(match["name"]) or 0)
    )
    if not 1 <= month <= 12:
        return None
    year = match.groupdict().get("year")
    if year:
        return f"{int(read_number_zh(year) or 0):04d}-{month:02d}"
    months = (month - now.month + 6) % 12 - 6
    day = months_on(now.date(), months, 1)
    return f"{day:%Y-%m}" if day else None


def _week(match: re.Match[str], now: datetime) -> str | None:
    year, week, _ = (now.date() + timedelta(weeks=_ON.get(match["which"], 0))).isocalendar()
    return f"{year}-W{week:02d}"


def _year(match: re.Match[str], now: datetime) -> str | None:
    return str(now.year + _YEARS.get(match["which"], 0))


_NO_DAY = r"(?! (?:the )?[0-9a-z]*(?:th|st|nd|rd|first|second|third)\b)(?! [0-9])"
_CLEAR_NAMES = "|".join(name for name in _NAMES if name not in {"may", "march"})
_WHICH_EN = r"(?P<which>this|next|last|the following|the current)"
_DAY_ZH = "[0-9零一二两三四五六七八九十]{1,3}[号日]"

PERIOD = Kind(
    (
        Form(rf"(?P<which>下下|下|上上|上|这|本|当)个?月份?(?!的?{_DAY_ZH}|[底末初中])", _month),
        Form(
            r"(?:(?P<year>[0-9]{4}|[零〇一二三四五六七八九]{4})年)?(?P<name>[0-9]{1,2}|十[一二]?"
            rf"|[一二三四五六七八九])月份?(?!的?{_DAY_ZH}|[底末初中])",
            _named_month,
        ),
        Form(r"(?P<which>下下|下|上上|上|这|本)个?(?:周|星期|礼拜)(?![一二三四五六日天末1-7])", _week),
        Form(r"(?P<which>今|明|后|去|前)年(?![底末初0-9一二三四五六七八九十])", _year),
    ),
    (
        Form(rf"{_WHICH_EN} month(?:'s)?(?! (?:on )?the)", _month),
        Form(rf"(?P<name>{'|'.join(_NAMES)})", _named_month, in_passing=False),
        # May and March are words of their own, and a day makes a date of a month.
        Form(rf"(?:(?:in|for|of|since|until) )?(?P<name>{_CLEAR_NAMES}){_NO_DAY}", _named_month),
        Form(rf"(?:in|for|of|since|until) (?P<name>may|march){_NO_DAY}", _named_month),
        Form(rf"{_WHICH_EN} week", _week),
        Form(r"(?P<which>this|next|last) year", _year),
    ),
)
"""ISO 8601 with reduced precision: a month `2026-12`, a week `2026-W49`, a year `2027`."""
