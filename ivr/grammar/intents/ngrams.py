"""A text as n-grams, in two views: as it is written, and as it sounds or as its words are."""

from dataclasses import dataclass

from ivr.grammar.sound import TONELESS, heard_sounds
from ivr.grammar.text import is_chinese, normalise

VIEWS = 2


@dataclass(frozen=True, slots=True)
class Ngram:
    """A run of letters, characters, syllables or words."""

    view: int
    gram: str
    start: int
    """The first of the text's units that it stands on."""
    stop: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A text taken apart."""

    units: tuple[str, ...]
    """Words; in Chinese, characters."""
    ngrams: tuple[Ngram, ...]


def read_ngrams(text: str, language: str) -> Reading:
    """Chinese: runs of 1-2 characters, and of 1-2 toneless syllables, which homophones leave as they are.

    Other languages: words, and runs of 2-4 letters within words, which spelling and inflection hardly touch.
    """
    plain = normalise(text, language)
    if is_chinese(language):
        characters = tuple(plain)
        sounds = tuple(heard_sounds(plain, TONELESS))
        return Reading(characters, (*_runs(0, characters), *_runs(1, sounds)))
    words = tuple(plain.split())
    whole = tuple(Ngram(0, word, at, at + 1) for at, word in enumerate(words))
    return Reading(words, (*whole, *(ngram for at, word in enumerate(words) for ngram in _letters(at, word))))


def _runs(view: int, units: tuple[str, ...]) -> tuple[Ngram, ...]:
    return tuple(
        Ngram(view, " ".join(units[start : start + size]), start, start + size)
        for size in (1, 2)
        for start in range(len(units) - size + 1)
    )


def _letters(at: int, word: str) -> tuple[Ngram, ...]:
    padded = f" {word} "
    return tuple(
        Ngram(1, padded[start : start + size], at, at + 1)
        for size in (2, 3, 4)
        for start in range(len(padded) - size + 1)
    )
