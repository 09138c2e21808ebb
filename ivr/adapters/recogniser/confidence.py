"""From Whisper's scores to how far a reading can be trusted: pure sums, no model in sight.

A reading's confidence is the probability that something of the grammar was said at all, times the probability
that it was this and none of its rivals. The constants of the first were fitted by logistic regression on
utterances in telephone band, nearly half of them noise or out of grammar, and judged on speakers and files
that the fit had not seen; docs/adr/0002-recognition-engines.md has the figures.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.grammar.result import Alternative

_PRIOR_SHARE = 0.6
"""With all of the prior taken off, rare words win by being rare; between 0.5 and 0.7 little changes."""

_DISTANCE_WEIGHT = 5.0
_SPELLED_WEIGHT = 2.0
"""A digit by itself is heard more surely than among others."""

_BIAS, _GAIN_WEIGHT, _DISTANCE_DOUBT, _NO_SPEECH_DOUBT = -1.14, 1.05, 3.2, 2.5
_LEAST_CONFIDENCE = 0.15
"""Readings below it are not worth showing: noise has no reading at all."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A phrase of the grammar with what the model makes of it."""

    phrase: str
    meaning: str
    """Phrases with the same meaning are no rivals."""
    log_prob: float
    """Of all its tokens together, in natural logarithms."""
    prior: float
    """The same in silence: what the model would say without hearing anything."""
    tokens: int
    distance: float
    """0..1, how far it sounds from the best reading with the grammar's words in any order."""
    spelled: float = 0.0
    """Log-probability of its digits heard one by one; 0 where they were not."""

    @property
    def score(self) -> float:
        """By which phrases are ranked: what the sound adds to a share of the prior, less the distance.

        Between total and mean log-probability: by the one short phrases win, by the other long ones.
        """
        gained = self.log_prob - _PRIOR_SHARE * self.prior + _SPELLED_WEIGHT * self.spelled
        return gained / math.sqrt(self.tokens) - _DISTANCE_WEIGHT * self.distance

    @property
    def gain(self) -> float:
        """What the sound adds to the whole prior: above zero when it speaks for the phrase."""
        return (self.log_prob - self.prior) / math.sqrt(self.tokens)


def weigh(candidates: Sequence[Scored], no_speech: float) -> tuple[Alternative, ...]:
    """The best phrase of each meaning with its confidence, best first.

    `no_speech` is the model's probability (0..1) that there was no speech at all.
    """
    best: dict[str, Scored] = {}
    for candidate in sorted(candidates, key=lambda c: c.score, reverse=True):
        best.setdefault(candidate.meaning, candidate)
    ranked = list(best.values())
    odds = [math.exp(candidate.score - ranked[0].score) for candidate in ranked]
    weighed = []
    for candidate, share in zip(ranked, odds, strict=True):
        confidence = _said_at_all(candidate, no_speech) * share / sum(odds)
        if confidence >= _LEAST_CONFIDENCE:
            weighed.append(Alternative(candidate.phrase, round(confidence, 3)))
    return tuple(weighed)


def _said_at_all(candidate: Scored, no_speech: float) -> float:
    evidence = _BIAS + _GAIN_WEIGHT * candidate.gain
    evidence -= _DISTANCE_DOUBT * candidate.distance + _NO_SPEECH_DOUBT * no_speech
    heard_singly = math.exp(candidate.spelled / math.sqrt(candidate.tokens))
    return heard_singly / (1 + math.exp(-evidence))
