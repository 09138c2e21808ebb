"""Phrases in the words of a model's vocabulary. Vosk drops a word that its model does not know."""

from collections.abc import Callable

UNKNOWN = "[unk]"
"""The word by which models that have it stand for all others."""

_LONGEST_WORD = 8
"""Characters of the longest Chinese word that is looked for."""

Knows = Callable[[str], bool]


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
