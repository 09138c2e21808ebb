"""English numbers as they are heard: twelve thousand three hundred and forty-five point six seven."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TO_FOURTEEN = ["ten", "eleven", "twelve", "thirteen", "fourteen"]
_TO_NINETEEN = ["fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_JOINS = {*_SCALES, "hundred", "point"}
_TIMES = {"double": 2, "triple": 3}
_IRREGULAR_ORDINALS = {
    "first": "one",
    "second": "two",
    "third": "three",
    "fifth": "five",
    "eighth": "eight",
    "ninth": "nine",
    "twelfth": "twelve",
}
_SMALL = {word: value for value, word in enumerate([*_ONES, *_TO_FOURTEEN, *_TO_NINETEEN])} | {
    "oh": 0,
    "o": 0,
}
_TEN_TIMES = {word: 10 * value for value, word in enumerate(_TENS, 2)}
NUMBER_WORDS = (
    "(?:"
    + "|".join(
        sorted([*_SMALL, *_TEN_TIMES, *_SCALES, *_TIMES, "hundred", "point", "grand", "k"], key=len)[::-1]
    )
    + r")(?![a-z'])"
)
"""A pattern for one word of a cardinal number in lower case."""
_WRITTEN = re.compile(r"(\d[\d,]*(?:\.\d+)?)(st|nd|rd|th)?")


@dataclass(frozen=True, slots=True)
class HeardNumber:
    """A number at the beginning of some words."""

    digits: str
    """Without grouping and trailing decimal zeros; what was said digit by digit keeps its leading zeros."""
    words: int
    """How many words it took."""


def read_number_en(words: Sequence[str]) -> HeardNumber | None:
    """The number that lower-case words begin with, spoken or written, cardinal or ordinal; None without one.

    Numbers that cannot be one quantity are read as digits in a row: "one two three four", "twelve
    thirty-four" and "twenty twenty six" give 1234, 1234 and 2026. An ordinal ends the row.
    """
    digits, at = "", 0
    while at < len(words):
        joins = at + 1 < len(words) and words[at + 1] in _JOINS
        if words[at].isdigit() and not joins:
            digits, at = digits + words[at], at + 1
            continue
        times = _TIMES.get(words[at], 1)
        part = _Reader(words, at + (times > 1)).number()
        if part is None:
            break
        digits += part.digits * times
        at += part.words + (times > 1)
        if part.ends_row:
            break
    return HeardNumber(_without_trailing_zeros(digits), at) if digits else None


def say_number_en(written: str) -> str:
    """A number in digits as a quantity: `12,345.5` is "twelve thousand three hundred forty five point five".

    Takes digits with optional grouping commas and decimals, below a thousand billions.
    """
    whole, _, decimals = written.replace(",", "").partition(".")
    rest, words = int(whole), list[str]()
    for name, size in sorted(_SCALES.items(), key=lambda scale: -scale[1]):
        if rest >= size:
            words += [*_say_below_1000(rest // size), name]
            rest %= size
    words += _say_below_1000(rest)
    spoken = words or ["zero"]
    return " ".join([*spoken, *(["point"] if decimals else []), *(_ONES[int(digit)] for digit in decimals)])


def say_ordinal_en(written: str) -> str:
    """A whole number in digits as an ordinal: `21` is "twenty first"."""
    *before, last = say_number_en(written).split()
    irregular = {cardinal: ordinal for ordinal, cardinal in _IRREGULAR_ORDINALS.items()}
    return " ".join([*before, irregular.get(last) or re.sub("y$", "ie", last) + "th"])


def _say_below_1000(number: int) -> list[str]:
    words = [_ONES[number // 100], "hundred"] if number >= 100 else []
    number %= 100
    if number >= 20:
        words.append(_TENS[number // 10 - 2])
        number %= 10
    return [*words, [*_ONES, *_TO_FOURTEEN, *_TO_NINETEEN][number]] if number else words


@dataclass(frozen=True, slots=True)
class _Part:
    digits: str
    words: int
    ends_row: bool


class _Reader:
    """Reads one quantity from a place in the words on."""

    def __init__(self, words: Sequence[str], start: int) -> None:
        self._words = words
        self._start = start
        self._at = start
        self._ended = False

    def number(self) -> _Part | None:
        total, group = Decimal(0), self._below_1000()
        if group is None:
            return None
        while self._word() in _SCALES and not self._ended:
            total += group * _SCALES[self._take()]
            before = self._at
            if self._word() == "and":
                self._at += 1
            following = self._below_1000()
            if following is None:
                self._at = before
                group = Decimal(0)
                break
            group = following
        digits = f"{total + group:f}" + self._decimals()
        if "." in digits and self._word() in _SCALES:
            digits = f"{Decimal(digits) * _SCALES[self._take()]:f}"
        return _Part(digits, self._at - self._start, self._ended or "." in digits)

    def _below_1000(self) -> Decimal | None:
        value = self._below_100()
        if value is not None and self._word() == "hundred" and not self._ended:
            self._at += 1
            value *= 100
            before = self._at
            if self._word() == "and":
                self._at += 1
            rest = None if self._ended else self._below_100()
            if rest is None:
                self._at = before
            value += rest or 0
        return value

    def _below_100(self) -> Decimal | None:
        word = self._word()
        written = _WRITTEN.fullmatch(word)
        if written:
            self._at += 1
            self._ended = written[2] is not None
            return Decimal(written[1].replace(",", ""))
        plain = _cardinal(word)
        if plain not in _SMALL and plain not in _TEN_TIMES:
            return None
        self._take_cardinal()
        value = _SMALL.get(plain, 0)
        if plain in _TEN_TIMES:
            ones = 0 if self._ended else _SMALL.get(_cardinal(self._word()), 0)
            value = _TEN_TIMES[plain] + (ones if ones < 10 else 0)
            if 0 < ones < 10:
                self._take_cardinal()
        return Decimal(value)

    def _take_cardinal(self) -> None:
        word = self._take()
        self._ended = _cardinal(word) != word

    def _decimals(self) -> str:
        if self._word() != "point" or self._ended:
            return ""
        before, digits = self._at, ""
        self._at += 1
        while _SMALL.get(self._word(), 10) < 10:
            digits += str(_SMALL[self._take()])
        if not digits:
            self._at = before
        return "." + digits if digits else ""

    def _word(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def _take(self) -> str:
        self._at += 1
        return self._words[self._at - 1]


def _cardinal(word: str) -> str:
    """The cardinal of an ordinal; any other word as it is."""
    if word.endswith("ieth"):
        return word.removesuffix("ieth") + "y"
    return _IRREGULAR_ORDINALS.get(word) or word.removesuffix("th")


def _without_trailing_zeros(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
