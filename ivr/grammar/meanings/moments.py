"""Days with times, as people say when to ring them: 大后天下午三点, "tomorrow at half past two"."""

import re
from datetime import date, datetime, timedelta

from ivr.grammar.meanings.clock import is_small_hours, later, part_of_day
from ivr.grammar.meanings.dates import DATE
from ivr.grammar.meanings.forms import Form, Kind, either
from ivr.grammar.meanings.times import TIME
from ivr.grammar.numbers_en import read_number_en
from ivr.grammar.numbers_zh import read_number_zh

_COUNT_ZH = r"(?P<count>[0-9]{1,3}|[一二两三四五六七八九十]{1,3}|半)"
_AFTER_ZH = "(?:之后|以后|过后|后)"


def _dated_zh(match: re.Match[str], now: datetime) -> str | None:
    return _at(DATE.read(match["date"], "zh", now), match["time"], "zh", now)


def _dated_en(match: re.Match[str], now: datetime) -> str | None:
    return _at(DATE.read(match["date"], "en", now), match["time"], "en", now)


def _dated_part_en(match: re.Match[str], now: datetime) -> str | None:
    part = match["half_day"]
    time = f"{match['time']} {'at night' if part == 'night' else 'in the ' + part}"
    return _at(DATE.read(match["date"], "en", now), time, "en", now)


def _today_en(match: re.Match[str], now: datetime) -> str | None:
    part = "at night" if match["part"] == "tonight" else f"in the {match['part'].split()[-1]}"
    return _at(now.date().isoformat(), f"{match['time']} {part}", "en", now)


def _at(day: str | None, time_words: str, language: str, now: datetime) -> str | None:
    time = TIME.read(time_words, language, now)
    if day is None or time is None:
        return None
    if is_small_hours(time, time_words):
        day = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    return f"{day}T{time}"


def _undated_zh(match: re.Match[str], now: datetime) -> str | None:
    return _next(TIME.read(match[0], "zh", now), now)


def _undated_en(match: re.Match[str], now: datetime) -> str | None:
    return _next(TIME.read(match[0], "en", now), now)


def _next(time: str | None, now: datetime) -> str | None:
    """Today when that time is still to come (or its part of the day not over), else tomorrow."""
    if time is None:
        return None
    day = now.date() if time.split("/")[-1] > f"{now:%H:%M}" else now.date() + timedelta(days=1)
    return f"{day}T{time}"


def _day_only_zh(match: re.Match[str], now: datetime) -> str | None:
    return DATE.read(match[0], "zh", now)


def _day_only_en(match: re.Match[str], now: datetime) -> str | None:
    return DATE.read(match[0], "en", now)


def _later_zh(match: re.Match[str], now: datetime) -> str | None:
    count = 0.5 if match["count"] == "半" else float(read_number_zh(match["count"]) or 0)
    count += 0.5 if match["half"] else 0
    return later(now, minutes=round(count * {"小时": 60, "钟头": 60, "分钟": 1, "刻钟": 15}[match["unit"]]))


def _later_en(match: re.Match[str], now: datetime) -> str | None:
    words = match["count"]
    heard = read_number_en(words.split())
    count = {"half an": 0.5, "an": 1.0, "a": 1.0, "a couple of": 2.0}.get(words)
    if count is None:
        count = float(heard.digits) if heard else 0.0
    count += 0.5 if match["half"] or match["more"] else 0
    return later(now, minutes=round(count * (60 if match["unit"] == "hour" else 1)))


_COUNT_EN = (
    r"(?P<count>half an|an|a couple of|a"
    r"|(?:twenty|thirty|forty|fifty)(?: (?:one|two|three|four|five|six|seven|eight|nine))?|one|two|three"
    r"|four|five|six|seven|eight|nine|ten|twelve|fifteen|[0-9]{1,3})"
)
_TIME_EN = either(TIME.en, in_passing=False)
_SPAN_EN = rf"{_COUNT_EN}(?P<half> and a half)? (?P<unit>hour|minute|min)s?(?P<more> and a half)?"

MOMENT = Kind(
    (
        Form(rf"(?P<date>{either(DATE.zh)})的?(?P<time>{either(TIME.zh, in_passing=False)})", _dated_zh),
        Form(rf"(?:再?过)?{_COUNT_ZH}个?(?P<half>半)?(?P<unit>小时|钟头|分钟|刻钟){_AFTER_ZH}", _later_zh),
        Form(rf"再?过{_COUNT_ZH}个?(?P<half>半)?(?P<unit>小时|钟头|分钟|刻钟)", _later_zh),
        Form(either(TIME.zh), _undated_zh),
        Form(either(DATE.zh), _day_only_zh),
    ),
    (
        Form(rf"(?P<part>tonight|this (?:morning|afternoon|evening)) (?P<time>{_TIME_EN})", _today_en),
        Form(
            rf"(?P<date>{either(DATE.en)})(?: in the)? (?P<half_day>morning|afternoon|evening"
            rf"|night) (?P<time>{_TIME_EN})",
            _dated_part_en,
        ),
        Form(rf"(?P<date>{either(DATE.en)}) (?P<time>{_TIME_EN})", _dated_en),
        Form(rf"(?P<time>{_TIME_EN}) (?P<date>{either(DATE.en)})", _dated_en),
        Form("tonight", lambda _match, now: f"{now:%Y-%m-%d}T{part_of_day('night')}"),
        Form(rf"in {_SPAN_EN}(?: time)?", _later_en),
        Form(rf"{_SPAN_EN} (?:from now|later)", _later_en),
        Form(either(TIME.en), _undated_en),
        Form(_TIME_EN, _undated_en, in_passing=False),
        Form(either(DATE.en), _day_only_en),
    ),
)
"""`2026-11-26T15:00`, `2026-11-24T08:00/12:00` (a part of the day) or a date alone; in the zone of `now`."""
