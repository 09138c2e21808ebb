"""The phrases of a grammar too large to be listed that sound most like a text."""

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.adapters.recogniser.spelling import sounds
from ivr.grammar.automaton import State
from ivr.grammar.compiled import CompiledGrammar
from ivr.grammar.text import normalise

_BEAM = 32
"""Beginnings of phrases kept at each length; 64 found nothing that 32 did not, on 4 to 11 digits."""
_FOUND = 12
_LONGER = 4
"""How many letters a phrase may have more than the text."""

Units = tuple[str, ...]
Row = tuple[float, ...]
"""Edits from a beginning of a phrase to each beginning of the text."""


@dataclass(frozen=True, slots=True)
class _Beginning:
    text: str
    state: State
    row: Row

    @property
    def least(self) -> float:
        """No phrase that begins so can be nearer."""
        return min(self.row)


def nearest_paths(text: str, grammar: CompiledGrammar, language: str) -> list[tuple[str, float]]:
    """Phrases with their distances, nearest first: 0 sounds the same, 1 has nothing in common.

    A beam over the letters that the grammar takes, each compared with the letters heard: an exchange
    costs the share of sounds (initial, final) that differ, a letter more or less costs 1, a space nothing.
    """
    heard = [tuple(sounds(char, language)) for char in normalise(text, language) if char != " "]
    if not heard:
        return []
    beam = [_Beginning("", grammar.start(), tuple(map(float, range(len(heard) + 1))))]
    found: dict[str, float] = {}
    spaces = 0 if language == "zh" else len(heard) // 2
    for _ in range(len(heard) + spaces + _LONGER):
        grown = [longer for beginning in beam for longer in _longer(beginning, heard, grammar, language)]
        beam = sorted(grown, key=lambda beginning: beginning.least)[:_BEAM]
        for beginning in beam:
            if grammar.is_final(beginning.state):
                found[beginning.text] = beginning.row[-1]
        worst = sorted(found.values())[_FOUND - 1] if len(found) >= _FOUND else float("inf")
        beam = [beginning for beginning in beam if beginning.least < worst]
        if not beam:
            break
    ranked = sorted(found.items(), key=lambda entry: entry[1])[:_FOUND]
    return [
        (phrase, min(1.0, edits / max(len(phrase.replace(" ", "")), len(heard)))) for phrase, edits in ranked
    ]


def _longer(
    beginning: _Beginning, heard: Sequence[Units], grammar: CompiledGrammar, language: str
) -> list[_Beginning]:
    grown = []
    for char in grammar.next_chars(beginning.state):
        state = grammar.advance(beginning.state, char)
        if state is None:
            continue
        row = beginning.row if char == " " else _edited(beginning.row, tuple(sounds(char, language)), heard)
        grown.append(_Beginning(beginning.text + char, state, row))
    return grown


def _edited(row: Row, letter: Units, heard: Sequence[Units]) -> Row:
    costs = [row[0] + 1]
    for at, other in enumerate(heard):
        costs.append(min(row[at] + _difference(letter, other), row[at + 1] + 1, costs[at] + 1))
    return tuple(costs)


def _difference(one: Units, other: Units) -> float:
    if one == other:
        return 0.0
    same = sum(unit == its for unit, its in zip(one, other, strict=False))
    return 1 - same / max(len(one), len(other))
