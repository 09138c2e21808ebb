"""All phrases of a grammar, ready to be found by sound and to be scored as Whisper tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.adapters.recogniser.spelling import figures_as_words, sounds, spellings

_PREFILTERED = 200
"""Rows whose edit distance is computed; the others share too few sounds with the text."""


@dataclass(frozen=True, slots=True)
class Row:
    """One way of writing one phrase."""

    phrase: str
    tokens: tuple[int, ...]


class PhraseIndex:
    """Rows by nearness of sound. Immutable after construction."""

    def __init__(
        self, phrases: Sequence[str], language: str, tokenise: Callable[[list[str]], list[list[int]]]
    ) -> None:
        """Write, tokenise and sound out every phrase: about 30 us for each of its spellings."""
        self._language = language
        written = [(phrase, text) for phrase in phrases for text in spellings(phrase, language)]
        tokens = tokenise([text for _, text in written])
        self.rows = tuple(Row(phrase, tuple(row)) for (phrase, _), row in zip(written, tokens, strict=True))
        self.tokens = frozenset(token for row in self.rows for token in row.tokens)
        self.longest = max((len(row.tokens) for row in self.rows), default=0)
        spoken = [sounds(text, language) for _, text in written]
        self._codes = {unit: code for code, unit in enumerate(sorted({u for units in spoken for u in units}))}
        self._lengths = np.array([len(units) for units in spoken], np.int16)
        self._sounds = np.full((len(spoken), int(self._lengths.max(initial=1))), -1, np.int16)
        self._bags = np.zeros((len(spoken), len(self._codes)), np.int8)
        for index, units in enumerate(spoken):
            codes = [self._codes[unit] for unit in units]
            self._sounds[index, : len(codes)] = codes
            np.add.at(self._bags[index], codes, 1)

    def nearest(self, text: str) -> list[tuple[int, float]]:
        """Indices of the rows that sound most like the text, each with its distance: 0 the same, 1 other."""
        heard = np.array([self._codes.get(unit, -2) for unit in sounds(text, self._language)], np.int16)
        if not len(heard) or not self.rows:
            return []
        bag = np.zeros(len(self._codes), np.int8)
        np.add.at(bag, heard[heard >= 0], 1)
        least = np.maximum(self._lengths, len(heard)) - np.minimum(self._bags, bag).sum(1)
        count = min(_PREFILTERED, len(least))
        chosen = np.argpartition(least, count - 1)[:count]
        distances = _edit_distances(heard, self._sounds[chosen], self._lengths[chosen])
        ratios = distances / np.maximum(self._lengths[chosen], len(heard))
        return [(int(row), float(ratio)) for row, ratio in zip(chosen, ratios, strict=True)]


def sound_distance(one: str, other: str, language: str) -> float:
    """How far two texts sound apart: 0 the same, 1 nothing in common. Figures sound as their words."""
    units = [sounds(figures_as_words(text, language), language) for text in (one, other)]
    longest = max(map(len, units))
    if not longest:
        return 0.0
    codes = {unit: code for code, unit in enumerate(dict.fromkeys((*units[0], *units[1])))}
    heard, row = (np.array([codes[unit] for unit in side], np.int16) for side in units)
    return float(_edit_distances(heard, row[None], np.array([len(row)], np.int16))[0]) / longest


def _edit_distances(
    heard: npt.NDArray[np.int16], rows: npt.NDArray[np.int16], lengths: npt.NDArray[np.int16]
) -> npt.NDArray[np.int32]:
    """Levenshtein distance of one sequence to each row.

    Insertions along a row are min(k <= j) of cost[k] + j - k: a running minimum of cost[k] - k.
    """
    columns = np.arange(rows.shape[1] + 1, dtype=np.int32)
    cost = np.broadcast_to(columns, (len(rows), len(columns))).copy()
    for unit in heard:
        changed = np.empty_like(cost)
        changed[:, 0] = cost[:, 0] + 1
        changed[:, 1:] = np.minimum(cost[:, 1:] + 1, cost[:, :-1] + (rows != unit))
        cost = np.minimum.accumulate(changed - columns, axis=1) + columns
    return cost[np.arange(len(rows)), lengths]
