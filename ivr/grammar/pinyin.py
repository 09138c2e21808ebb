"""Chinese text as syllables, for comparing what was heard by its sound."""

import re
import unicodedata

from ivr.grammar.numbers_zh import say_digits_zh, say_number_zh
from ivr.grammar.sound import toneless_syllables

_QUANTITY = re.compile(r"\d[\d,]*\.\d+|\d{1,3}(?:,\d{3})+|\d{1,12}(?=[元块圆角毛分万亿千百%])")
_LATIN_OR_HAN = re.compile(r"[a-z]+(?:'[a-z]+)*|[\u3400-\u9fff]+")


def pinyin_syllables(text: str) -> tuple[str, ...]:
    """Toneless syllables, polyphones read as their neighbours suggest; Latin words whole, in lower case.

    Arabic digits are read one by one, and as a quantity where they have decimals, grouping commas or a unit
    after them: `12,345.67` is read as 一万两千三百四十五点六七. Punctuation is not read.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    read = _QUANTITY.sub(lambda quantity: say_number_zh(quantity[0]), plain)
    read = re.sub(r"\d+", lambda digits: say_digits_zh(digits[0]), read)
    syllables: list[str] = []
    for run in _LATIN_OR_HAN.findall(read):
        syllables += [run] if run.isascii() else toneless_syllables(run)
    return tuple(syllables)


def pinyin_distance(first: str, second: str) -> int:
    """How many syllables must be added, left out or exchanged to make one text of the other."""
    there = pinyin_syllables(second)
    row = list(range(len(there) + 1))
    for count, syllable in enumerate(pinyin_syllables(first), 1):
        diagonal, row[0] = row[0], count
        for at, other in enumerate(there, 1):
            cost = min(row[at] + 1, row[at - 1] + 1, diagonal + (syllable != other))
            diagonal, row[at] = row[at], cost
    return row[-1]
