"""Written numbers as they are said, so that a grammar of words takes 1,200.50元 and 9:30 too."""

import re
import unicodedata

from ivr.grammar.numbers_en import say_number_en, say_ordinal_en
from ivr.grammar.numbers_zh import say_digits_zh, say_number_zh
from ivr.grammar.text import is_chinese

_LONGEST_QUANTITY = 9
_ISO_DATE = re.compile(r"(?<![\d.])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d.])")
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?![\d:])")
_NUMBER = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_SIGNED = re.compile(r"[¥](\d[\d,]*(?:\.\d+)?)")
_CHANGE = re.compile(r"(\d[\d,]*)\.(\d)(\d)?\s?(元|块|yuan)")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def as_spoken(text: str, language: str) -> str:
    """The text with written dates, times and quantities in words; other digits stay as they are."""
    plain = unicodedata.normalize("NFKC", text)
    return _zh(plain) if is_chinese(language) else _en(plain)


def _zh(text: str) -> str:
    text = _CHANGE.sub(_change_zh, _SIGNED.sub(r"\1元", text))
    text = _ISO_DATE.sub(
        lambda m: f"{say_digits_zh(m[1])}年{_quantity_zh(m[2])}月{_quantity_zh(m[3])}号", text
    )
    text = _CLOCK.sub(lambda m: _quantity_zh(m[1]) + "点" + _minutes_zh(m[2]), text)
    text = re.sub(r"(\d{4})(?=年)", lambda m: say_digits_zh(m[1]), text)
    text = re.sub(r"(?<=\d)[wW](?![A-Za-z])", "万", re.sub(r"(?<=\d)[kK](?![A-Za-z])", "千", text))
    return _NUMBER.sub(lambda m: _quantity_zh(m[0]), text)


def _quantity_zh(written: str) -> str:
    """Digits that begin with zero, and long ones, are no quantity."""
    whole = written.replace(",", "").partition(".")[0]
    if len(whole) > _LONGEST_QUANTITY or (len(whole) > 2 and whole[0] == "0"):
        return written
    spoken = say_number_zh(written)
    return "二" + spoken[1:] if spoken.startswith("两百") else spoken


def _change_zh(match: re.Match[str]) -> str:
    yuan, jiao, fen, unit = match[1], match[2], match[3] or "0", match[4]
    said = "" if jiao == "0" else f"{jiao}毛"
    return f"{yuan}{unit}{said or '零' * (fen != '0')}{fen + '分' if fen != '0' else ''}"


def _minutes_zh(minutes: str) -> str:
    if minutes == "00":
        return ""
    return ("零" if minutes[0] == "0" else "") + say_number_zh(minutes) + "分"


def _en(text: str) -> str:
    text = _CHANGE.sub(_change_en, _SIGNED.sub(r"\1 yuan", text))
    text = _ISO_DATE.sub(lambda m: _date_en(m[1], int(m[2]), m[3]) or m[0], text)
    text = _CLOCK.sub(lambda m: f"{say_number_en(m[1])} {_minutes_en(m[2])}", text)
    text = re.sub(r"(\d+)(?:st|nd|rd|th)\b", lambda m: say_ordinal_en(m[1]), text)
    text = re.sub(r"(?<=\d)k\b", " thousand", text, flags=re.IGNORECASE)
    return _NUMBER.sub(lambda m: _quantity_en(m[0]), text)


def _change_en(match: re.Match[str]) -> str:
    cents = int(match[2] + (match[3] or "0"))
    return f"{match[1]} yuan" + (f" and {cents} cents" if cents else "")


def _date_en(year: str, month: int, day: str) -> str | None:
    if not 1 <= month <= 12:
        return None
    said = say_number_en(year) if year[2] == "0" else f"{say_number_en(year[:2])} {say_number_en(year[2:])}"
    return f"{_MONTHS[month - 1]} {say_ordinal_en(day)} {said}"


def _minutes_en(minutes: str) -> str:
    if minutes == "00":
        return "o'clock"
    return ("oh " if minutes[0] == "0" else "") + say_number_en(str(int(minutes)))


def _quantity_en(written: str) -> str:
    whole = written.replace(",", "").partition(".")[0]
    if len(whole) > _LONGEST_QUANTITY or (len(whole) > 1 and whole[0] == "0"):
        return written
    return say_number_en(written)
