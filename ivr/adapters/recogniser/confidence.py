"""From Whisper's scores to how far a reading can be trusted: pure sums, no model in sight.

The constants were fitted by logistic regression on 430 utterances in telephone band, a fifth of them noise or
out of grammar; docs/adr/0002-recognition-engines.md tells which.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.grammar.result import Alternative

_DISTANCE_WEIGHT = 5.0
_BIAS, _SCORE_WEIGHT, _MARGIN_WEIGHT, _NO_SPEECH_WEIGHT = 4.2, 0.58, 0.30, -5.1
_MARGIN_LIMIT = 6.0
_LEAST_CONFIDENCE = 0.2
"""Readings below it are not worth showing: noise has no reading at all."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A phrase of the grammar with what the model makes of it."""

    phrase: str
    meaning: str
    """Phrases with the same meaning are no rivals."""
    log_prob: float
    """Of all its tokens together, in natural logarithms."""
    tokens: int
    distance: float
    """0..1, how far it sounds from the best reading with the grammar's words in any order."""

    @property
    def score(self) -> float:
        """Between total and mean log-probability: by the one short phrases win, by the other long ones."""
        return self.log_prob / math.sqrt(self.tokens) - _DISTANCE_WEIGHT * self.distance


def weigh(candidates: Sequence[Scored], no_speech: float) -> tuple[Alternative, ...]:
    """The best phrase of each meaning with its confidence, best first.

    `no_speech` is the model's probability (0..1) that there was no speech at all.
    """
    best: dict[str, Scored] = {}
    for candidate in sorted(candidates, key=lambda c: c.score, reverse=True):
        best.setdefault(candidate.meaning, candidate)
    ranked = list(best.values())
    weighed = []
    for candidate in ranked:
        rivals = [rival.score for rival in ranked if rival is not candidate]
        margin = min(candidate.score - max(rivals), _MARGIN_LIMIT) if rivals else _MARGIN_LIMIT
        evidence = _BIAS + _SCORE_WEIGHT * candidate.score + _MARGIN_WEIGHT * margin
        confidence = 1 / (1 + math.exp(-(evidence + _NO_SPEECH_WEIGHT * no_speech)))
        if confidence >= _LEAST_CONFIDENCE:
            weighed.append(Alternative(candidate.phrase, round(confidence, 3)))
    return tuple(weighed)
