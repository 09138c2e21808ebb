"""Chinese by its sound: how much two syllables may differ and still be taken for the same."""

import re
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, pinyin

from ivr.grammar.text import normalise


@dataclass(frozen=True, slots=True, eq=False)
class SoundLevel:
    """One way of comparing syllables. There are three, known by identity, which makes them quick keys."""

    name: str
    """`toned`, `toneless` or `accent`."""
    certainty: float
    """What a match at this level is worth against one in the same characters."""
    least_chars: int
    """Shorter texts are not compared so: too many other words sound like them."""


TONED = SoundLevel("toned", 0.95, 1)
TONELESS = SoundLevel("toneless", 0.9, 1)
ACCENT = SoundLevel("accent", 0.75, 4)
"""Southern accents: z=zh, c=ch, s=sh, l=n at the start, n=ng at the end, hu=fu."""

SOUND_LEVELS = (TONED, TONELESS, ACCENT)
"""Strictest first. The worths are set by judgement: only the last should turn a sure text into a question.

Nothing is ever added, left out or exchanged: one syllable more or less is often a negation (`不`, `没`).
"""

_RUNS = re.compile(r"[\u3400-\u9fff]+|.")
_ACCENT_INITIAL = re.compile(r"^(?:([zcs])h|n(?=[aeiouv])|h(?=u$))")


def heard_sounds(text: str, level: SoundLevel) -> list[str]:
    """One sound for each character of a normalised text, each read as its neighbours suggest."""
    sounds: list[str] = []
    for run in _RUNS.findall(text):
        sounds += [_at_level(readings[0], level) for readings in pinyin(run, style=Style.TONE3)]
    return sounds


@lru_cache(maxsize=20_000)
def grammar_sounds(char: str, level: SoundLevel) -> frozenset[str]:
    """Every sound a character of a grammar may have."""
    readings = pinyin(char, style=Style.TONE3, heteronym=True)[0]
    return frozenset(_at_level(reading, level) for reading in readings)


def _at_level(syllable: str, level: SoundLevel) -> str:
    if level is TONED:
        return syllable
    plain = syllable.rstrip("12345")
    return plain if level is TONELESS else without_accent(plain)


def without_accent(syllable: str) -> str:
    """A toneless syllable with the differences levelled that southern accents do not make."""
    if len(syllable) < 2:
        return syllable
    levelled = _ACCENT_INITIAL.sub(lambda m: m[1] or {"n": "l", "h": "f"}[m[0]], syllable)
    return levelled.removesuffix("g") if levelled.endswith("ng") else levelled


def rhyme(char: str) -> str:
    """The toneless final of a Chinese character's usual reading: `an` for 三."""
    return pinyin(char, style=Style.FINALS, strict=False)[0][0]


def toneless_syllables(text: str) -> tuple[str, ...]:
    """The toneless syllables of a text after `normalise`, Latin letters one by one."""
    return tuple(heard_sounds(normalise(text, "zh"), TONELESS))
