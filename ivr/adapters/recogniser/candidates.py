"""Which phrases of a grammar are worth scoring, by how they sound."""

import math
from collections.abc import Sequence

from ivr.adapters.recogniser.scope import Scope
from ivr.adapters.recogniser.whisper_model import Reading

MOST_SCORED = 8
DISTANCE_COST = 2.0
"""Of a phrase that sounds quite other than a reading, in that reading's mean log-probability."""

_SCORED_PER_MEANING = 2
_MOST_RANKED = 200

Candidate = tuple[str, tuple[int, ...], float]
"""A phrase, its tokens as Whisper would write it, and its distance from what was heard."""


def nearest_phrases(readings: Sequence[Reading], scope: Scope) -> list[Candidate]:
    """The few phrases most worth scoring: near to a likely reading, no more than two of one meaning."""
    costs: dict[int, float] = {}
    distances: dict[int, float] = {}
    for reading in readings:
        for index, distance in scope.index.nearest(reading.text):
            costs[index] = min(costs.get(index, math.inf), DISTANCE_COST * distance - reading.score)
            distances[index] = min(distances.get(index, 1.0), distance)
    chosen: list[Candidate] = []
    taken: set[str | tuple[int, ...]] = set()
    meanings: dict[str | None, int] = {}
    written = {reading.tokens for reading in readings}
    # Of two spellings that sound the same, the one that was found is scored.
    ranked = sorted(costs, key=lambda index: (costs[index], scope.index.rows[index].tokens not in written))
    for index in ranked[:_MOST_RANKED]:
        row = scope.index.rows[index]
        meaning = scope.meaning(row.phrase)
        crowded = meanings.get(meaning, 0) >= _SCORED_PER_MEANING
        if crowded or row.phrase in taken or row.tokens in taken:
            continue
        meanings[meaning] = meanings.get(meaning, 0) + 1
        taken |= {row.phrase, row.tokens}
        chosen.append((row.phrase, row.tokens, distances[index]))
        if len(chosen) == MOST_SCORED:
            break
    return chosen
