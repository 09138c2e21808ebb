"""Times of day: 下午三点半, 差一刻九点, "half past two", "quarter to nine"."""

import re
from datetime import datetime

from ivr.grammar.meanings.clock import clock_time, part_of_day
from ivr.grammar.meanings.forms import Form, Kind, fixed
from ivr.grammar.numbers_en import read_number_en
from ivr.grammar.numbers_zh import read_number_zh

_PARTS_ZH = {
    "凌晨": "early",
    "半夜": "night",
    "夜里": "night",
    "早晨": "dawn",
    "早上": "dawn",
    "清晨": "dawn",
    "清早": "dawn",
    "一早": "dawn",
    "上午": "morning",
    "中午": "noon",
    "正午": "noon",
    "下午": "afternoon",
    "午后": "afternoon",
    "傍晚": "dusk",
    "晚上": "evening",
    "晚间": "evening",
    "早": "dawn",
    "晚": "evening",
}
PART_ZH = rf"(?P<part>{'|'.join(_PARTS_ZH)})"
_HOUR_ZH = r"(?P<hour>[0-9]{1,2}|二?十[一二三四五六七八九]?|[零一二两三四五六七八九])"
_MINUTE_ZH = r"(?:[0-9]{1,2}|[一二三四五]?十[一二三四五六七八九]?|[零〇]?[一二三四五六七八九])"
_QUARTERS = {"一": 15, "1": 15, "三": 45, "3": 45, "两": 30}


def _zh(match: re.Match[str], _now: datetime) -> str | None:
    parts = match.groupdict()
    minute = 30 if parts.get("half") else _QUARTERS.get(parts.get("quarter") or "", 0)
    if parts.get("minute"):
        minute = _int_zh(match["minute"])
    hour = _int_zh(match["hour"])
    if parts.get("short"):
        short = (
            _QUARTERS[match["short"][0]]
            if match["short"][-1] == "刻"
            else _int_zh(match["short"].rstrip("分"))
        )
        hour, minute = hour - 1, 60 - short
    return clock_time(hour, minute, _PARTS_ZH.get(parts.get("part") or ""))


def _written(match: re.Match[str], _now: datetime) -> str | None:
    """`9:30` and `14:30`. An hour with a zero before it is on the 24-hour clock."""
    hour, part = match["hour"], match.groupdict().get("part")
    if hour[0] == "0" and not part:
        return clock_time(int(hour), int(match["minute"]), "morning")
    return clock_time(int(hour), int(match["minute"]), _PARTS_ZH.get(part or ""))


def _int_zh(spoken: str) -> int:
    return int(read_number_zh(spoken) or 0)


def _part_zh(match: re.Match[str], _now: datetime) -> str | None:
    return part_of_day(_PARTS_ZH[match["part"]])


_ZH = (
    Form(
        rf"{PART_ZH}?的?{_HOUR_ZH}(?:点|时)(?:(?P<half>半)|(?:过)?(?P<quarter>[一三13两])刻"
        rf"|过?(?P<minute>{_MINUTE_ZH})(?:分(?:{_MINUTE_ZH}秒)?)?|钟|整)?(?![差多])",
        _zh,
    ),
    Form(rf"{PART_ZH}?的?(?:差(?P<short>[一1]刻|{_MINUTE_ZH}分?)(?:钟)?(?:到|不到)?){_HOUR_ZH}点", _zh),
    Form(rf"{PART_ZH}?的?{_HOUR_ZH}点(?:差)(?P<short>[一1]刻|{_MINUTE_ZH}分?)", _zh),
    Form(rf"{PART_ZH}?(?<![\d:])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?![\d:])", _written),
    Form(r"(?P<part>凌晨|半夜|夜里|早晨|早上|清晨|清早|一早|上午|中午|下午|午后|傍晚|晚上|晚间)", _part_zh),
    Form(r"(?:今|明|昨)?(?P<part>早|晚)", _part_zh, in_passing=False),
)

_HOURS_EN = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_HOUR_EN = rf"(?P<hour>{_HOURS_EN}|[0-9]{{1,2}})"
_MINUTE_EN = (
    r"(?P<minute>(?:oh|o|zero) (?:one|two|three|four|five|six|seven|eight|nine)"
    r"|(?:twenty|thirty|forty|fifty)(?: (?:one|two|three|four|five|six|seven|eight|nine))?|ten|eleven"
    r"|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
)
_PAST_EN = (
    r"(?P<past>half|a quarter|quarter"
    r"|(?:twenty five|twenty|ten|five|one|two|three|[0-9]{1,2})(?: (?:minutes?|mins?))?)"
)
_PART_EN = (
    r"(?P<part>am|pm|in the morning|this morning|tomorrow morning|in the afternoon|this afternoon"
    r"|in the evening|this evening|at night|tonight)"
)
_PARTS_EN = {
    "am": "early",
    "pm": "afternoon",
    "morning": "early",
    "afternoon": "afternoon",
    "evening": "evening",
}
_DAY_PARTS_EN = {"morning": "morning", "afternoon": "afternoon", "evening": "evening", "night": "night"}


def _en(match: re.Match[str], _now: datetime) -> str | None:
    parts = match.groupdict()
    hour, minute = _int_en(match["hour"]), _int_en(parts.get("minute") or "zero")
    if parts.get("past"):
        minute = _past_minutes(match["past"])
        if match["way"] not in {"past", "after"}:
            hour, minute = (hour - 1) or 12, 60 - minute
    said = parts.get("part")
    part = None if not said else _PARTS_EN.get(said.split()[-1], "night")
    if part == "early" and hour > 12:
        return None
    return clock_time(hour, minute, part)


def _past_minutes(words: str) -> int:
    named = {"half": 30, "a quarter": 15, "quarter": 15}
    return named.get(words) or _int_en(re.sub(r" min(?:ute)?s?$", "", words))


def _written_en(match: re.Match[str], now: datetime) -> str | None:
    hour, minute = match["clock"].split(":")
    part = match.groupdict().get("part")
    if part:
        return clock_time(int(hour), int(minute), _PARTS_EN.get(part.split()[-1], "night"))
    return clock_time(int(hour), int(minute), "morning" if hour[0] == "0" else None)


def _int_en(spoken: str) -> int:
    found = read_number_en(spoken.split())
    return int(found.digits) if found else 0


def _part_en(match: re.Match[str], _now: datetime) -> str | None:
    return part_of_day(_DAY_PARTS_EN[match["day_part"]])


_EN = (
    Form(
        rf"(?:at )?{_PAST_EN} (?P<way>past|after|to|till|before) {_HOUR_EN}(?: o'clock)?(?: {_PART_EN})?", _en
    ),
    Form(rf"(?:at )?{_HOUR_EN} {_MINUTE_EN}(?: {_PART_EN})?", _en, in_passing=False),
    Form(rf"at {_HOUR_EN} {_MINUTE_EN}(?: {_PART_EN})?", _en),
    Form(rf"(?:at )?{_HOUR_EN} {_MINUTE_EN} {_PART_EN}", _en),
    Form(rf"(?:at )?{_HOUR_EN} o'clock(?: {_PART_EN})?", _en),
    Form(rf"(?:at )?{_HOUR_EN} {_PART_EN}", _en),
    Form(rf"(?:at )?{_HOUR_EN}", _en, in_passing=False),
    Form(rf"(?:at )?(?P<clock>\d{{1,2}}:[0-5]\d)(?: {_PART_EN})?", _written_en),
    Form(r"(?:(?:in )?the |this )?(?P<day_part>morning|afternoon|evening)", _part_en),
    Form(r"(?:to|at )?(?P<day_part>night)", _part_en),
    *fixed({"(?:at )?(?:noon|midday|lunch ?time)": "12:00", "(?:at )?midnight": "00:00"}),
)

TIME = Kind(_ZH, _EN)
"""A time as `HH:MM` without seconds, or a part of the day as an ISO 8601 interval (`08:00/12:00`)."""
