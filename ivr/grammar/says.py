"""Whether a text that was heard says what was expected, however words and numbers happen to be spelled."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ivr.grammar.numbers_en import read_number_en
from ivr.grammar.numbers_zh import read_number_zh
from ivr.grammar.sound import rhyme, toneless_syllables
from ivr.grammar.text import is_chinese

SAID = 0.8
"""From this likeness on a text counts as said: one wrong syllable or word in five."""

_ZH_PARTS = re.compile(
    r"(?P<number>[\d零〇一二两三四五六七八九幺十百千万亿](?:[\d零〇一二两三四五六七八九幺十百千万亿]|,(?=\d)|[.点](?=[\d零一二三四五六七八九]))*)"
    r"|(?P<latin>[a-z]+(?:'[a-z]+)*)|(?P<han>[\u3400-\u9fff])|(?P<sign>[¥$%])"
)
_EN_PARTS = re.compile(r"\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?|[^\W\d_]+(?:'[^\W\d_]+)*|[¥$%]|[,;.?!]")
_ISO_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)")
_LEADING_ZERO = re.compile(r"(?<!\d)0(?=\d[月日号])")
_FEN_DIGIT = re.compile(r"(?<=[角毛])([\u3400-\u9fff])[分份粉芬]")
"""Only a digit can stand there: free readings of calls write 角咱粉 for 角三分, 角股份 for 角五分."""

_VARIANTS = str.maketrans("萬兩億點塊圓號幾", "万两亿点块元号几")
_YUAN = {"元", "块", "圆", "¥", "rmb", "cny", "yuan", "renminbi"}
_BEFORE_AMOUNT = {"¥", "rmb", "cny"}
_JIAO = {"角", "毛", "jiao"}
_FEN = {"分", "fen", "cent", "cents"}
_FEN_DIGITS = "一二三四五六七八九"
_NUMBER = "#"
_INFINITE = float("inf")


def says(heard: str, expected: str, locale: str) -> bool:
    """Whether `heard` contains `expected`: numbers equal, words alike by sound (zh) or letters (en)."""
    return said_likeness(heard, expected, locale) >= SAID


def said_likeness(heard: str, expected: str, locale: str) -> float:
    """The share of `expected` that the best stretch of `heard` says: 1 for all, 0 for a wrong number.

    Each unit added, left out or exchanged counts against it: syllables in Chinese, words in other languages.
    A number is one unit whatever its spelling, 12,345.67元, 一万两千三百四十五元六角七分 or "twelve thousand
    three hundred forty five point six seven yuan", and must be equal. Nothing expected is always said.
    """
    wanted = spoken_units(expected, locale)
    if not wanted:
        return 1.0
    faults = _least_faults(wanted, spoken_units(heard, locale))
    return max(0.0, 1.0 - faults / len(wanted))


def spoken_units(text: str, locale: str) -> list[str]:
    """The syllables (zh) or words, and each number as `#` and its digits; `元` and its kin as `yuan`."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").translate(_VARIANTS)
    if is_chinese(locale):
        plain = _ISO_DATE.sub(r"\1年\2月\3日", plain.replace("元人民币", "元").replace("人民币", "元"))
        plain = _FEN_DIGIT.sub(_with_nearest_digit, _LEADING_ZERO.sub("", plain))
    parts = list(_parts_zh(plain) if is_chinese(locale) else _parts_en(plain))
    units = _with_money(parts)
    return list(_sounded(units)) if is_chinese(locale) else units


def _parts_zh(text: str) -> Iterator[str]:
    for found in _ZH_PARTS.finditer(text):
        number = read_number_zh(found[0]) if found["number"] else None
        if number is not None:
            yield _NUMBER + number
        elif found["number"]:
            yield from (char for char in found[0] if char.isalnum())
        else:
            yield found[0]


def _parts_en(text: str) -> Iterator[str]:
    words = _EN_PARTS.findall(text.replace("-", " "))
    at = 0
    while at < len(words):
        number = read_number_en(words[at:])
        if number:
            yield _NUMBER + number.digits
        elif words[at].isalnum() or "'" in words[at] or words[at] in _YUAN:
            yield words[at]
        at += number.words if number else 1


def _with_nearest_digit(heard: re.Match[str]) -> str:
    """The digit that rhymes with what was written for it, when just one does; else the text as it is."""
    char = heard[1]
    if char in _FEN_DIGITS:
        return char + "分"
    rhyming = [digit for digit in _FEN_DIGITS if rhyme(digit) == rhyme(char)]
    return rhyming[0] + "分" if len(rhyming) == 1 else heard[0]


def _with_money(parts: Sequence[str]) -> list[str]:
    """Yuan with jiao and fen as one number, and the sign or code before an amount moved behind it."""
    units: list[str] = []
    yuan_at = -1
    for part in parts:
        size = Decimal("0.1") if part in _JIAO else Decimal("0.01") if part in _FEN else None
        follows_number = bool(units) and units[-1].startswith(_NUMBER)
        if part.startswith(_NUMBER) and units and units[-1] in _BEFORE_AMOUNT:
            yuan_at = len(units)
            units[-1:] = [part, "yuan"]
        elif part in _YUAN and follows_number:
            yuan_at = len(units)
            units.append("yuan")
        elif size is not None and follows_number and yuan_at > 0 and len(units) - yuan_at <= 3:
            amount = Decimal(units[yuan_at - 1][1:]) + Decimal(units[-1][1:]) * size
            units[yuan_at - 1 :] = [f"{_NUMBER}{amount.normalize():f}", "yuan"]
        elif part == "钱" and units and units[-1] == "yuan":
            continue
        else:
            units.append("日" if part == "号" and follows_number else part)
    return units


def _sounded(units: Sequence[str]) -> Iterator[str]:
    """Runs of characters read together, for a polyphone is read as its neighbours suggest."""
    run = ""
    for unit in [*units, ""]:
        if len(unit) == 1 and not unit.isascii():
            run += unit
            continue
        yield from toneless_syllables(run) if run else ()
        run = ""
        if unit:
            yield unit


def _least_faults(wanted: Sequence[str], heard: Sequence[str]) -> float:
    """Edits between `wanted` and the stretch of `heard` that is closest to it; a number is never edited."""
    row = [0.0] * (len(heard) + 1)
    for count, unit in enumerate(wanted, 1):
        costs = [count + 0.0 if not unit.startswith(_NUMBER) else _INFINITE]
        for at, other in enumerate(heard, 1):
            number = unit.startswith(_NUMBER) or other.startswith(_NUMBER)
            exchanged = row[at - 1] + (0.0 if unit == other else _INFINITE if number else 1.0)
            left_out = row[at] + (_INFINITE if unit.startswith(_NUMBER) else 1.0)
            added = costs[at - 1] + (_INFINITE if other.startswith(_NUMBER) else 1.0)
            costs.append(min(exchanged, left_out, added))
        row = costs
    return min(row)
