"""Phrases in the words of a recogniser's model, for recognisers with a fixed vocabulary.

Vosk drops a word that its model does not know, so Chinese is cut into words that it does know.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ivr.grammar.compiled import CompiledGrammar
from ivr.grammar.text import is_chinese, normalise

_LONGEST_WORD = 8
"""Characters of the longest Chinese word that is looked for."""

Knows = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How a model hears the words of a grammar."""

    known: Mapping[str, tuple[str, ...]]
    """Each word of the grammar, as the author wrote it, in words of the model."""
    missing: tuple[str, ...]
    """Words that the model has no words for: no phrase with one of them is ever recognised."""


def fit_vocabulary(grammar: CompiledGrammar, knows: Knows) -> Vocabulary:
    """Put every word of a voice grammar into words of the model. `knows` says whether it has a word."""
    spaced = not is_chinese(grammar.language)
    fitted = {}
    for word in grammar.words():
        words, missing = in_words(word, knows, spaced=spaced)
        if missing:
            words, missing = in_words(normalise(word, grammar.language), knows, spaced=spaced)
        fitted[word] = () if missing else words
    known = {word: words for word, words in fitted.items() if words}
    return Vocabulary(known, tuple(word for word in fitted if word not in known))


def in_words(phrase: str, knows: Knows, *, spaced: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The phrase as words that the model knows, and the parts of it that it does not know.

    In languages without spaces (`spaced` false) each stretch is cut into as few known words as possible.
    With parts unknown the words are of no use.
    """
    words: list[str] = []
    missing: list[str] = []
    for stretch in phrase.split():
        known = _as_known(stretch, knows)
        if known:
            words.append(known)
        elif spaced:
            missing.append(stretch)
        else:
            cut = _cut(stretch, knows)
            words += cut
            missing += [] if cut else _uncovered(stretch, knows)
    return tuple(words), tuple(missing)


def _as_known(word: str, knows: Knows) -> str:
    """The word as the vocabulary writes it: vocabularies are in lower case; empty when it is not there."""
    return next((written for written in (word, word.casefold()) if knows(written)), "")


def _cut(text: str, knows: Knows) -> list[str]:
    """The fewest known words that make up the text, longer ones first on a tie; none when it has no cut."""
    best: list[list[str] | None] = [None] * len(text) + [[]]
    for start in range(len(text) - 1, -1, -1):
        for end in range(min(len(text), start + _LONGEST_WORD), start, -1):
            rest = best[end]
            found = best[start]
            word = text[start:end]
            if rest is not None and (found is None or len(rest) + 1 < len(found)) and knows(word):
                best[start] = [word, *rest]
    return best[0] or []


def _uncovered(text: str, knows: Knows) -> list[str]:
    """The characters that lie in no known word, or the whole text where each of them does."""
    covered: set[int] = set()
    for start in range(len(text)):
        for end in range(start + 1, min(len(text), start + _LONGEST_WORD) + 1):
            if knows(text[start:end]):
                covered |= set(range(start, end))
    return [text[at] for at in range(len(text)) if at not in covered] or [text]
