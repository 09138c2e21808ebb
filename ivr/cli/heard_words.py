"""How far what was heard is from what was said, whatever way the hearer spells numbers."""

import re
from collections.abc import Iterator, Sequence

import cn2an
from pypinyin import lazy_pinyin

from ivr.dialogue.prompt_filling import say_value
from ivr.dialogue.prompt_text import SlotKind
from ivr.dialogue.spoken import RECORDED_YEARS, Place

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_AFTER_MONTH = re.compile(rf"\b({_MONTHS}) (\d{{1,2}})(?!\d)(?:st|nd|rd|th)?")
_ROUNDS = re.compile(r"(?P<round>\w.{2,}?)(?:\W*(?P=round))+\W*(?P<rest>.*)$", re.DOTALL | re.IGNORECASE)
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")


def heard_error(said: str, heard: str, locale: str) -> float:
    """Edits from one to the other by the length of what was said: pinyin syllables, or letters in English.

    Of the ways to read the figures in what was heard, the nearest counts. A recogniser that goes round in
    circles, as Whisper does at times, has heard it once; one that leaves out what is said again, too.
    """
    once = _error(_without_rounds(said), _without_rounds(heard), locale)
    return min(_error(said, heard, locale), once)


def _without_rounds(text: str) -> str:
    """What is repeated at once is left standing once, and so is a last round that breaks off."""
    found = _ROUNDS.search(text.strip())
    if found is None:
        return text.strip()
    rest = found["rest"]
    return (
        text.strip()[: found.start()]
        + found["round"]
        + ("" if found["round"].startswith(rest) else f" {rest}")
    )


def _error(said: str, heard: str, locale: str) -> float:
    if locale.startswith("zh"):
        expected = _syllables(cn2an.transform(said, "an2cn"))
        readings = [_syllables(reading) for reading in _mandarin(heard)]
    else:
        expected = list(_letters(_spelled(said, one_by_one=False)))
        readings = [list(_letters(_spelled(heard, one_by_one=way))) for way in (False, True)]
    return min(_distance(expected, reading) for reading in readings) / max(1, len(expected))


def _mandarin(heard: str) -> Iterator[str]:
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", heard)
    yield cn2an.transform(plain, "an2cn")
    for one in "一要":
        yield plain.translate(str.maketrans("0123456789", f"零{one}二三四五六七八九"))


def _syllables(text: str) -> list[str]:
    return list(lazy_pinyin(re.sub(r"\W", "", text)))


def _spelled(text: str, *, one_by_one: bool) -> str:
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text.lower()).replace("%", " percent").replace("¥", "")
    plain = _AFTER_MONTH.sub(lambda m: f"{m[1]} {_number(SlotKind.ORDINAL, int(m[2]))}", plain)
    plain = _ORDINAL.sub(lambda m: _number(SlotKind.ORDINAL, max(1, int(m[1]))), plain)
    if one_by_one:
        return re.sub(r"\d", lambda m: f" {_number(SlotKind.NUMBER, int(m[0]))} ", plain)
    plain = re.sub(r"(\d+)\.(\d+)", lambda m: f"{m[1]} point {' '.join(m[2])}", plain)
    return re.sub(r"\d+", lambda m: _integer(m[0]), plain)


def _integer(figures: str) -> str:
    if len(figures) == 4 and int(figures) in RECORDED_YEARS:
        return f"{_number(SlotKind.NUMBER, int(figures[:2]))} {_number(SlotKind.NUMBER, int(figures[2:]))}"
    return _number(SlotKind.NUMBER, int(figures)) if len(figures) < 10 else " ".join(figures)


def _number(kind: SlotKind, value: int) -> str:
    return " ".join(piece.text for piece in say_value(kind, value, "en-US", Place.FINAL)[0])


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def _distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein distance."""
    row = list(range(len(heard) + 1))
    for i, expected in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, unit in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (expected != unit))
    return row[-1]
