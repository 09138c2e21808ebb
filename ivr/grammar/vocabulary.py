"""The words of a grammar in the words of a recogniser's model, for recognisers with a fixed vocabulary."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ivr.grammar.compiled import CompiledGrammar
from ivr.grammar.text import is_chinese, normalise

_LONGEST_WORD = 6
"""Characters that a Chinese word of a model has at most, for all that matters here."""

Knows = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How a model hears the words of a grammar."""

    known: Mapping[str, tuple[str, ...]]
    """Each word of the grammar, as the author wrote it, in words of the model."""
    missing: tuple[str, ...]
    """Words that the model has no words for: no phrase with one of them is ever recognised."""


def fit_vocabulary(grammar: CompiledGrammar, knows: Knows) -> Vocabulary:
    """Segment every word of a voice grammar into words of the model. `knows` says whether it has a word."""
    fitted = {word: segment(word, grammar.language, knows) for word in grammar.words()}
    known = {word: words for word, words in fitted.items() if words}
    return Vocabulary(known, tuple(word for word in fitted if word not in known))


def segment(text: str, language: str, knows: Knows) -> tuple[str, ...]:
    """A text in the fewest words of the model, the longer first among equals; empty when it has not all.

    White space always parts words; Chinese is parted further where the model needs it.
    """
    found: list[str] = []
    for chunk in text.split():
        spelled = chunk if knows(chunk) else normalise(chunk, language)
        words = [spelled] if knows(spelled) else _in_fewest(spelled, knows) if is_chinese(language) else []
        words = words or _each(spelled.split(), knows)
        if not words:
            return ()
        found += words
    return tuple(found)


def _each(words: Sequence[str], knows: Knows) -> list[str]:
    return list(words) if all(knows(word) for word in words) else []


def _in_fewest(text: str, knows: Knows) -> list[str]:
    """The shortest way from the start to each position, in words; the earlier words as long as can be."""
    ways: list[list[str] | None] = [None] * len(text) + [[]]
    for start in reversed(range(len(text))):
        for length in range(min(_LONGEST_WORD, len(text) - start), 0, -1):
            rest = ways[start + length]
            way = ways[start]
            if rest is not None and (way is None or len(rest) + 1 < len(way)):
                word = text[start : start + length]
                ways[start] = [word, *rest] if knows(word) else way
    return ways[0] or []
