"""A machine by the timing of its speech alone: one logistic regression for each of a few moments."""

import math
from itertools import pairwise

from ivr.media.answerer.timing import Timing
from ivr.media.answerer.timing_model_data import WEIGHTS

LOOKS_MS = tuple(WEIGHTS)
"""The moments after the answer at which the model is asked."""

FEATURES = (
    "bias",
    "longest_s",
    "speech_s",
    "first_s",
    "stretches",
    "silence_s",
    "onset_s",
    "speech_by_1500_s",
    "speech_by_3000_s",
    "longest_pause_s",
)
"""What each weight is for. Levels, and how they move, are left out on purpose: they tell of rooms."""

_MOST_SILENCE_S = 2.0
_MOST_PAUSE_S = 2.0


def features(timing: Timing) -> tuple[float, ...]:
    """One number for each of `FEATURES`."""
    stretches = timing.stretches
    first_ms = stretches[0].length_ms if stretches else 0
    pauses_ms = [after.begins_ms - before.ends_ms for before, after in pairwise(stretches)]
    return (
        1.0,
        timing.longest_ms / 1000,
        timing.speech_ms / 1000,
        first_ms / 1000,
        float(len(stretches)),
        min(timing.silence_ms / 1000, _MOST_SILENCE_S),
        (timing.onset_ms or 0) / 1000,
        _speech_by(timing, 1500),
        _speech_by(timing, 3000),
        min(max(pauses_ms, default=0) / 1000, _MOST_PAUSE_S),
    )


def machine_score(timing: Timing) -> float | None:
    """Above 0 it is a machine; None at moments that the model knows nothing of."""
    weights = WEIGHTS.get(timing.at_ms)
    if weights is None:
        return None
    return sum(weight * value for weight, value in zip(weights, features(timing), strict=True))


def confidence(score: float) -> float:
    """Of a machine with this score above 0; the threshold itself is already far from an even chance."""
    return 0.9 + 0.1 * math.tanh(score / 4)


def _speech_by(timing: Timing, limit_ms: int) -> float:
    return sum(max(0, min(s.ends_ms, limit_ms) - s.begins_ms) for s in timing.stretches) / 1000
