"""From Whisper's scores to how far a reading can be trusted: pure sums, no model in sight.

A reading's confidence is the probability that something of the grammar was said at all, times the probability
that it was this and none of its rivals. The constants of the first are fitted by logistic regression, and
judged on speakers and files that the fit has not seen: tests/fit_confidence.py does both anew.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.grammar.result import Alternative

_PRIOR_SHARE = 0.6
"""With all of the prior taken off, rare words win by being rare; between 0.5 and 0.7 little changes."""

_DISTANCE_WEIGHT = 5.0
_SOUNDLESS_COST = 2.0
_SOUNDLESS_DOUBT = 0.25
"""What a word without sound leaves of the confidence. Nothing else tells: the gain of a number that Whisper
makes up to its length is as great as that of one that was said."""

_SPELLED_WEIGHT = 0.5
"""Of 36 strings of digits in each language most were right between 0.25 and 1; from 1.5 on Mandarin lost."""

_DIGITS_DOUBT = 0.1
"""How much digits heard singly count against a string, beside its share among rivals. In Mandarin they are a
weak witness (六 and 零, 五 and 二): with 1 no right string was as sure as 0.4, with 0.1 all were; of 15 wrong
strings in both languages 5 were, and one as sure as 0.7."""

_LEAST_CONFIDENCE = 0.1
"""Readings below it are not worth showing: 2 % of right answers have less, and 88 % of what is outside the
grammar."""

SURE = 0.7
"""From here on a free reading tells nothing new: false accepts were the same with and without it."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What the evidence counts for that something of the grammar was said, in log-odds."""

    bias: float
    gain: float
    distance: float
    no_speech: float
    apart: float


WITHOUT_READING = Weights(bias=-1.97, gain=1.05, distance=-2.55, no_speech=-3.21, apart=0.0)
WITH_READING = Weights(bias=-0.93, gain=1.0, distance=-2.13, no_speech=-3.29, apart=-1.35)


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
    soundless: int = 0
    """How many of its words (of Chinese, characters) nothing in the audio stands for."""
    spelled: float = 0.0
    """Log-probability of its digits heard one by one; 0 where they were not."""
    apart: float | None = None
    """0..1, how far it sounds from what is read without any grammar; None where nothing was read."""

    @property
    def score(self) -> float:
        """By which phrases are ranked: what the sound adds to a share of the prior, less the distance and
        words without sound.

        Between total and mean log-probability: by the one short phrases win, by the other long ones.
        """
        gained = self.log_prob - _PRIOR_SHARE * self.prior + _SPELLED_WEIGHT * self.spelled
        nearness = gained / math.sqrt(self.tokens) - _DISTANCE_WEIGHT * self.distance
        return nearness - _SOUNDLESS_COST * self.soundless

    @property
    def gain(self) -> float:
        """What the sound adds to the whole prior: above zero when it speaks for the phrase."""
        return (self.log_prob - self.prior) / math.sqrt(self.tokens)


def weigh(
    candidates: Sequence[Scored],
    no_speech: float,
    without_reading: Weights = WITHOUT_READING,
    with_reading: Weights = WITH_READING,
) -> tuple[Alternative, ...]:
    """The best phrase of each meaning with its confidence, best first.

    `no_speech` is the model's probability (0..1) that there was no speech at all. Other weights than the
    fitted ones are for fitting them.
    """
    best: dict[str, Scored] = {}
    for candidate in sorted(candidates, key=lambda c: c.score, reverse=True):
        best.setdefault(candidate.meaning, candidate)
    ranked = list(best.values())
    odds = [math.exp(candidate.score - ranked[0].score) for candidate in ranked]
    weighed = []
    for candidate, share in zip(ranked, odds, strict=True):
        weights = without_reading if candidate.apart is None else with_reading
        confidence = _said_at_all(candidate, no_speech, weights) * share / sum(odds)
        if confidence >= _LEAST_CONFIDENCE:
            weighed.append(Alternative(candidate.phrase, round(confidence, 3)))
    return tuple(weighed)


def _said_at_all(candidate: Scored, no_speech: float, weights: Weights) -> float:
    evidence = weights.bias + weights.gain * candidate.gain + weights.distance * candidate.distance
    evidence += weights.no_speech * no_speech + weights.apart * (candidate.apart or 0.0)
    heard_singly = math.exp(_DIGITS_DOUBT * candidate.spelled / math.sqrt(candidate.tokens))
    return heard_singly * _SOUNDLESS_DOUBT**candidate.soundless / (1 + math.exp(-evidence))
