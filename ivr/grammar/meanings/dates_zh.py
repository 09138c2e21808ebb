"""Days as Chinese callers say them, relative to today."""

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
from ivr.grammar.numbers_zh import read_number_zh

_SMALL = (
    r"(?:[0-9]{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[零〇]?[一二两三四五六七八九]"
    r"|[一二三][一二三四五六七八九零〇])"
)
_COUNT = r"(?:[0-9]{1,3}|[一二两三四五六七八九十百半几零]{1,5})"
_WHICH_MONTH = r"(?:(?P<which>下下|下|上|这|本|当)个?月)"
_YEAR = (
    r"(?:(?P<year>[0-9]{4}|[0-9]{2}|[零〇一二两三四五六七八九]{4}|[零〇一二三四五六七八九]{2}"
    r"|[两二]千零?二十[一二三四五六七八九]?)年)"
)
_NEAR_YEAR = r"(?P<near_year>今|明|后|去)年"
_MONTH = rf"(?P<month>{_SMALL})月份?"
_MONTHS_ON = {"下下": 2, "下": 1, "上": -1}
_YEARS_ON = {"今": 0, "明": 1, "后": 2, "去": -1}
_DAYS_ON = {"今": 0, "当": 0, "明": 1, "后": 2, "大后": 3, "昨": -1, "前": -2, "大前": -3}
_WEEKS_ON = {"下下": 2, "下": 1, "上": -1, "上上": -2, "这": 0, "本": 0}
_WEEKDAYS = {char: day % 7 for day, char in enumerate("一二三四五六日1234567")} | {"天": 6, "末": 5}


def _near(match: re.Match[str], now: datetime) -> str | None:
    return iso(now.date() + timedelta(days=_DAYS_ON[match["near"]]))


def _at_once(_match: re.Match[str], now: datetime) -> str | None:
    return iso(now.date())


def _counted(match: re.Match[str], now: datetime) -> str | None:
    today, unit, count = now.date(), match["unit"], match["count"]
    weeks = unit[-1] in "周期拜"
    if count == "半":
        return {"个月": iso(today + timedelta(days=15)), "年": iso(months_on(today, 6))}.get(unit)
    number = read_number_zh(count)
    if number is None:
        return None
    if unit in {"个月", "年"}:
        return iso(months_on(today, int(number) * (12 if unit == "年" else 1)))
    return iso(today + timedelta(days=int(number) * (7 if weeks else 1)))


def _weekday(match: re.Match[str], now: datetime) -> str | None:
    today, day = now.date(), _WEEKDAYS[match["day"]]
    if match["weeks"]:
        return iso(weekday_of(today, _WEEKS_ON[match["weeks"]], day))
    if match["day"] == "末":
        return iso(today if today.weekday() >= 5 else weekday_of(today, 0, day))
    return iso(coming_weekday(today, day))


def _month_phase(match: re.Match[str], now: datetime) -> str | None:
    """月底 is the last day, 月初 the first, 月中 the 15th; without a month the next one, today included."""
    today, phase = now.date(), match["phase"]
    months = _MONTHS_ON.get(match["which"] or "", 0)
    if match["month"]:
        months = (_int(match["month"]) - today.month) % 12
    if phase[0] in "底末" or phase == "最后一天":
        return iso(month_end(today, months))
    day = 15 if phase[0] == "中" else 1
    if match["which"] or match["month"]:
        return iso(months_on(today, months, day))
    return iso(coming_day(today, day))


def _year_end(match: re.Match[str], now: datetime) -> str | None:
    return iso(day_of(now.year + _YEARS_ON.get(match["near_year"] or "", 0), 12, 31))


def _full(match: re.Match[str], now: datetime) -> str | None:
    month, day = _int(match["month"]), _int(match["day"])
    if match["near_year"]:
        return iso(day_of(now.year + _YEARS_ON[match["near_year"]], month, day))
    if not match["year"]:
        return iso(coming_date(now.date(), month, day))
    return iso(day_of(_year(match["year"]), month, day))


def _written(match: re.Match[str], now: datetime) -> str | None:
    month, day = int(match["month"]), int(match["day"])
    if match["year"]:
        return iso(day_of(int(match["year"]), month, day))
    return iso(coming_date(now.date(), month, day))


def _day_of_month(match: re.Match[str], now: datetime) -> str | None:
    """这个月十五号 is in this month even when past; 十五号 alone is the next 15th, today included."""
    day = _int(match["day"])
    if match["which"]:
        return iso(months_on(now.date(), _MONTHS_ON.get(match["which"], 0), day))
    return iso(coming_day(now.date(), day))


def _int(spoken: str) -> int:
    return int(read_number_zh(spoken) or 0)


def _year(spoken: str) -> int:
    year = _int(spoken)
    return year + 2000 if year < 100 else year


def inherit_month(before: str, after: str) -> str | None:
    """The corrected day in the month that was said first: 十二月三号, 不对, 五号 is 十二月五号."""
    if not re.fullmatch(rf"{_SMALL}[号日].*", after):
        return None
    month = re.match(rf".*?(?:{_WHICH_MONTH}|{_MONTH})", before)
    return month[0] + after if month else None


FORMS_ZH = (
    Form(r"(?P<near>今|明|昨)(?=[早晚夜])", _near),
    Form(r"(?P<near>今|明|昨)", _near, in_passing=False),
    Form(r"现在|马上|立刻|立即", _at_once, in_passing=False),
    Form(r"(?P<near>大后|大前|今|明|后|昨|前|当)[天日](?:之内)?", _near),
    Form(r"(?P<near>今|明|昨)(?:儿个?|[早晚夜](?:上|晨|间)?)", _near),
    Form(
        rf"(?:再?过)?(?P<count>{_COUNT})(?P<unit>天|周|年|个月|日|个?(?:星期|礼拜))(?:之后|以后|过后|后"
        r"|之内|内)",
        _counted,
    ),
    Form(rf"再?过(?P<count>{_COUNT})(?P<unit>天|周|年|个月|个?(?:星期|礼拜))", _counted),
    Form(rf"{_WHICH_MONTH}?的?(?P<day>{_SMALL})[号日]", _day_of_month),
    Form(rf"(?:{_YEAR}|{_NEAR_YEAR})?的?{_MONTH}的?(?P<day>{_SMALL})[号日]", _full),
    Form(r"(?P<weeks>下下|下|上上|上|这|本)?个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末1-7])", _weekday),
    Form(rf"(?:{_WHICH_MONTH}|{_MONTH}|月)的?(?P<phase>底|末|初|中旬?|最后一天|第一天)", _month_phase),
    Form(r"(?:(?P<near_year>今|明|后|去)年|年)[底末]", _year_end),
    Form(r"(?<![\d.])(?:(?P<year>\d{4})[-/.])(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?![\d.])", _written),
    Form(r"(?<![\d./\-])(?P<year>(?!))?(?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?![\d./\-])", _written),
)
"""Day numbers and weekdays without more are the next ones; weeks run from Monday to Sunday.

Holidays and the lunar calendar have no meaning: they need tables that no rule has.
"""
