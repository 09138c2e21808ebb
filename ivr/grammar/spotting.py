"""Phrases of a grammar within freely read speech, whatever is said before, between and after them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import ne

from ivr.grammar.compiled import CompiledGrammar
from ivr.grammar.result import Hypothesis, Match
from ivr.grammar.sound import ACCENT, TONELESS, heard_sounds
from ivr.grammar.text import is_chinese, normalise

_MOST_PHRASES = 20_000
_BENT_FROM = 6
"""Syllables of Chinese from which on one may be another: free readings miss some of every sentence."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase as it sounds: syllables of Chinese, words of other languages."""

    units: tuple[str, ...]
    meaning: Mapping[str, str]


class PhraseSpotter:
    """Finds a grammar's phrases in whole sentences: Chinese by its syllables, other languages by words.

    Chinese of four syllables and more is compared with southern accents levelled, shorter phrases only
    without tones: what stands for few sounds must be those. Of a long one, one syllable may be another.
    """

    def __init__(self, grammar: CompiledGrammar) -> None:
        """List and sound out all phrases. Raises `ExpansionTooLarge` beyond 20 000."""
        self._language = grammar.language
        listed = grammar.phrases(_MOST_PHRASES)
        found = [_Phrase(self._sounded(phrase), grammar.match(phrase)[0]) for phrase in listed]
        self._phrases = sorted(found, key=lambda phrase: -len(phrase.units))

    def spot(self, hypothesis: Hypothesis) -> tuple[Match, ...]:
        """The phrases within the best reading: the surest first, then the longest; none within another."""
        best = hypothesis.best
        if best is None:
            return ()
        return tuple(Match(meaning, best.confidence, best.text) for meaning in self._within(best.text))

    def _within(self, text: str) -> Iterator[Mapping[str, str]]:
        said = normalise(text, self._language)
        if is_chinese(self._language):
            plain, levelled = (tuple(heard_sounds(said, level)) for level in (TONELESS, ACCENT))
        else:
            plain = levelled = tuple(said.split())
        taken: list[tuple[int, int]] = []
        for wrong, phrase in self._ways():
            size = len(phrase.units)
            for begins in _places(phrase.units, levelled if _is_levelled(size) else plain, wrong):
                if not any(first <= begins and begins + size <= last for first, last in taken):
                    taken.append((begins, begins + size))
                    yield phrase.meaning

    def _ways(self) -> Iterator[tuple[int, _Phrase]]:
        """Phrases as they are, then the long ones of Chinese with a syllable that may be another."""
        yield from ((0, phrase) for phrase in self._phrases)
        if is_chinese(self._language):
            yield from ((1, phrase) for phrase in self._phrases if len(phrase.units) >= _BENT_FROM)

    def _sounded(self, phrase: str) -> tuple[str, ...]:
        said = normalise(phrase, self._language)
        if not is_chinese(self._language):
            return tuple(said.split())
        return tuple(heard_sounds(said, ACCENT if _is_levelled(len(said)) else TONELESS))


def _is_levelled(size: int) -> bool:
    return size >= ACCENT.least_chars


def _places(phrase: tuple[str, ...], heard: tuple[str, ...], wrong: int) -> Iterator[int]:
    """Where it begins, with so many units at most that are others."""
    first, second = phrase[0], phrase[min(1, len(phrase) - 1)]
    for at in range(len(heard) - len(phrase) + 1):
        # With one wrong unit, one of the first two is right.
        if heard[at] != first and (not wrong or heard[at + 1] != second):
            continue
        if sum(map(ne, phrase, heard[at : at + len(phrase)])) <= wrong:
            yield at


def count_words(hypothesis: Hypothesis, language: str) -> int:
    """How much was said by the best reading: characters of Chinese, words of other languages."""
    text = normalise(hypothesis.best.text, language) if hypothesis.best else ""
    return len(text) if is_chinese(language) else len(text.split())
