"""From single outcomes to figures: shares with intervals, latencies, the threshold of rejection."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

RESAMPLES = 2000
INTERVAL = 0.95

_CURVE = tuple(round(0.05 * step, 2) for step in range(21))


class Verdict(StrEnum):
    """What became of an utterance."""

    RIGHT = "right"
    WRONG = "wrong"
    NO_MATCH = "no_match"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One utterance, heard. One that is not in the grammar is never right."""

    task: str
    name: str
    category: str
    speaker: str
    language: str
    in_grammar: bool
    said: str
    heard: str
    confidence: float
    """Of the meaning that was found; 0 for none."""
    verdict: Verdict
    audio_ms: int
    latency_ms: float
    cpu_ms: float | None


@dataclass(frozen=True, slots=True)
class Share:
    """Part of a whole, 0..1, with its bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What some utterances came to."""

    utterances: int
    accuracy: Share
    wrong: float
    no_match: float
    latency_p50_ms: float
    latency_p95_ms: float
    cpu_p50_ms: float | None
    cpu_p95_ms: float | None
    cpu_s_per_audio_s: float | None


@dataclass(frozen=True, slots=True)
class Rejection:
    """What a threshold on the confidence lets in and keeps out, as shares of 0..1."""

    threshold: float
    false_rejects: float
    """Of utterances in the grammar."""
    false_accepts: Share
    """Of utterances out of the grammar."""
    out_of_grammar: int


def share(hits: Sequence[bool], rng: np.random.Generator) -> Share:
    """The mean with its percentile bootstrap interval.

    Resampling yes-or-no values with replacement is drawing from a binomial distribution. Where every
    value is the same, the interval is a point: it shows that no exception was seen, not that none exists.
    """
    value = float(np.mean(hits)) if hits else 0.0
    low, high = _interval(rng.binomial(max(1, len(hits)), value, RESAMPLES) / max(1, len(hits)))
    return Share(value, low, high)


def figures(outcomes: Sequence[Outcome], rng: np.random.Generator) -> Figures:
    """The figures of utterances that are in the grammar; at least one."""
    cpu_ms = [outcome.cpu_ms for outcome in outcomes if outcome.cpu_ms is not None]
    audio_s = sum(outcome.audio_ms for outcome in outcomes) / 1000
    latency_p50_ms, latency_p95_ms = _percentiles([outcome.latency_ms for outcome in outcomes])
    cpu_p50_ms, cpu_p95_ms = _percentiles(cpu_ms) if cpu_ms else (None, None)
    return Figures(
        len(outcomes),
        share([outcome.verdict is Verdict.RIGHT for outcome in outcomes], rng),
        float(np.mean([outcome.verdict is Verdict.WRONG for outcome in outcomes])),
        float(np.mean([outcome.verdict is Verdict.NO_MATCH for outcome in outcomes])),
        latency_p50_ms,
        latency_p95_ms,
        cpu_p50_ms,
        cpu_p95_ms,
        round(sum(cpu_ms) / 1000 / audio_s, 3) if cpu_ms else None,
    )


def threshold_for(outcomes: Sequence[Outcome], false_rejects: float) -> float:
    """The highest threshold that refuses at most this share (0..1) of the utterances in the grammar.

    Where more than that have no match at all, the highest one that refuses no others.
    """
    scores = sorted(outcome.confidence for outcome in outcomes if outcome.in_grammar)
    allowed = scores[min(int(false_rejects * len(scores)), len(scores) - 1) :] if scores else []
    return next((score for score in allowed if score > 0.0), 0.0)


def rejection(outcomes: Sequence[Outcome], threshold: float, rng: np.random.Generator) -> Rejection:
    """What becomes at a threshold of what is in the grammar, and of what is not."""
    inside = [not _accepted(outcome, threshold) for outcome in outcomes if outcome.in_grammar]
    outside = [_accepted(outcome, threshold) for outcome in outcomes if not outcome.in_grammar]
    return Rejection(threshold, float(np.mean(inside)) if inside else 0.0, share(outside, rng), len(outside))


def rejection_curve(outcomes: Sequence[Outcome], rng: np.random.Generator) -> list[Rejection]:
    """The same for thresholds from 0 to 1 in steps of 0.05."""
    return [rejection(outcomes, threshold, rng) for threshold in _CURVE]


def paired_difference(before: Sequence[bool], after: Sequence[bool], rng: np.random.Generator) -> Share:
    """How much more of the same utterances are right, -1..1, with the paired bootstrap interval."""
    gains = np.asarray(after, np.int8) - np.asarray(before, np.int8)
    drawn = rng.choice(gains, (RESAMPLES, gains.size)).mean(axis=1)
    low, high = _interval(drawn)
    return Share(float(gains.mean()), low, high)


def as_json(value: Any) -> Any:
    """A dataclass of this module as plain data, shares rounded to four places."""
    return _rounded(asdict(value))


def _accepted(outcome: Outcome, threshold: float) -> bool:
    return outcome.verdict is not Verdict.NO_MATCH and outcome.confidence >= threshold


def _interval(values: "np.ndarray[Any, np.dtype[np.float64]]") -> tuple[float, float]:
    tail = (1 - INTERVAL) / 2
    low, high = np.quantile(values, (tail, 1 - tail))
    return float(low), float(high)


def _percentiles(values: Sequence[float]) -> tuple[float, float]:
    p50, p95 = np.percentile(values, (50, 95))
    return round(float(p50), 1), round(float(p95), 1)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    return round(value, 4) if isinstance(value, float) else value
