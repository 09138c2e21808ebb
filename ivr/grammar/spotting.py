"""Phrases of a grammar within freely read speech, whatever is said before, between and after them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.grammar.compiled import CompiledGrammar
from ivr.grammar.result import Hypothesis, Match
from ivr.grammar.sound import ACCENT, TONELESS, heard_sounds
from ivr.grammar.text import is_chinese, normalise

_Units = tuple[str, ...]

_MOST_PHRASES = 20_000
_LEAST_REPEATED = 4
_BENT_FROM = 6
"""Syllables of Chinese from which on one may be another: free readings miss some of every sentence."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase as it sounds: syllables of Chinese, words of other languages."""

    units: _Units
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
        self._by_first: dict[str, list[_Phrase]] = {}
        self._by_second: dict[str, list[_Phrase]] = {}
        for phrase in found:
            self._by_first.setdefault(phrase.units[0], []).append(phrase)
            if self._most_wrong(phrase):
                self._by_second.setdefault(phrase.units[1], []).append(phrase)

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
        found = [
            (wrong, -len(phrase.units), at, phrase) for at, phrase, wrong in self._places(plain, levelled)
        ]
        taken: list[tuple[int, int]] = []
        for _, _, begins, phrase in sorted(found, key=lambda place: place[:3]):
            ends = begins + len(phrase.units)
            if not any(first <= begins and ends <= last for first, last in taken):
                taken.append((begins, ends))
                yield phrase.meaning

    def _places(self, plain: _Units, levelled: _Units) -> Iterator[tuple[int, _Phrase, int]]:
        """Where phrases begin, and how many of their units are others."""
        for at in range(len(plain)):
            # With one wrong unit, one of the first two is right.
            after = levelled[at + 1 : at + 2]
            begun = (self._by_first.get(plain[at], []), self._by_first.get(levelled[at], []))
            for phrase in (*begun[0], *begun[1], *(self._by_second.get(after[0], []) if after else [])):
                heard = levelled if _is_levelled(len(phrase.units)) else plain
                wrong = _wrong(phrase.units, heard[at : at + len(phrase.units)])
                if wrong <= self._most_wrong(phrase):
                    yield at, phrase, wrong

    def _most_wrong(self, phrase: _Phrase) -> int:
        return 1 if is_chinese(self._language) and len(phrase.units) >= _BENT_FROM else 0

    def _sounded(self, phrase: str) -> _Units:
        said = normalise(phrase, self._language)
        if not is_chinese(self._language):
            return tuple(said.split())
        return tuple(heard_sounds(said, ACCENT if _is_levelled(len(said)) else TONELESS))


def _is_levelled(size: int) -> bool:
    return size >= ACCENT.least_chars


def _wrong(phrase: _Units, heard: _Units) -> int:
    """How many units are others; all where the text ends too early."""
    return (
        sum(a != b for a, b in zip(phrase, heard, strict=True)) if len(phrase) == len(heard) else len(phrase)
    )


def count_words(hypothesis: Hypothesis, language: str) -> int:
    """How much was said by the best reading: characters of Chinese, words of other languages.

    What a free reading writes a second time, to the end or not, was said once.
    """
    text = normalise(hypothesis.best.text, language) if hypothesis.best else ""
    units = text if is_chinese(language) else text.split()
    lengths = range(_LEAST_REPEATED, len(units))
    return next((length for length in lengths if units[length:] == units[:-length]), len(units))
