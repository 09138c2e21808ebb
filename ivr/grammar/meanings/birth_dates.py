"""Days of birth: 八五年三月十二号, "March twelfth nineteen eighty-five", eight digits."""

import re
from datetime import datetime

from ivr.grammar.meanings.calendar import day_of, iso
from ivr.grammar.meanings.dates_en import CARDINAL, MONTH, ORDINAL, YEAR, month_number
from ivr.grammar.meanings.digits import read_digits
from ivr.grammar.meanings.forms import Form, Kind
from ivr.grammar.numbers_en import read_number_en
from ivr.grammar.numbers_zh import read_number_zh

_OLDEST_YEARS = 120
_DIGIT_ZH = "[零〇一二三四五六七八九0-9]"
_YEAR_ZH = rf"(?P<year>[一两二]千(?:零?[一二三四五六七八九十]+)?|{_DIGIT_ZH}{{4}}|{_DIGIT_ZH}{{2}})年?"
_SMALL_ZH = r"(?:[0-9]{1,2}|[一二三]?十[一二三四五六七八九]?|[零〇]?[一二三四五六七八九])"


def _born(year: int, month: int, day: int, now: datetime) -> str | None:
    """A day on which somebody alive may have been born. Two digits name a year of the last hundred."""
    if year < 100:
        year += 2000 if year <= now.year % 100 else 1900
    born = day_of(year, month, day)
    possible = born is not None and now.year - _OLDEST_YEARS <= year and born <= now.date()
    return iso(born) if possible else None


def _zh(match: re.Match[str], now: datetime) -> str | None:
    return _born(_int_zh(match["year"]), _int_zh(match["month"]), _int_zh(match["day"]), now)


def _en(match: re.Match[str], now: datetime) -> str | None:
    parts = match.groupdict()
    day = _int_en(parts.get("day") or parts.get("number") or "")
    return _born(_int_en(match["year"].replace(" and ", " ")), month_number(match["month"]), day, now)


def _int_zh(spoken: str) -> int:
    return int(read_number_zh(spoken) or 0)


def _int_en(spoken: str) -> int:
    found = read_number_en(spoken.split())
    return int(found.digits) if found and found.words == len(spoken.split()) else 0


_KIND = Kind(
    (
        Form(rf"{_YEAR_ZH}(?P<month>{_SMALL_ZH})月份?(?P<day>{_SMALL_ZH})[号日]?(?:出?生)?", _zh),
        Form(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})", _zh),
    ),
    (
        Form(rf"(?:on )?(?:the )?(?:{ORDINAL}|{CARDINAL}) (?:of )?{MONTH} (?:of )?{YEAR}", _en),
        Form(rf"(?:on )?{MONTH} (?:the )?(?:{ORDINAL}|{CARDINAL}) (?:of )?{YEAR}", _en),
        Form(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", _zh),
    ),
)


def read_birth_date(text: str, language: str, now: datetime) -> str | None:
    """An ISO 8601 date of the last 120 years; eight digits are year, month and day."""
    # A recogniser that writes 1985 has it put back into words as a number, not as a year.
    said = _KIND.read(re.sub(r"one thousand nine hundred(?: and)? ", "nineteen ", text), language, now)
    if said is not None:
        return said
    digits = read_digits(text, language) or ""
    if not re.fullmatch(r"\d{8}", digits):
        return None
    return _born(int(digits[:4]), int(digits[4:6]), int(digits[6:]), now)
