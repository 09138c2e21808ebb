"""How well a classifier does: accuracy with its interval, F1, calibration, rejection."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_BINS = 10
_DRAWS = 1_000


@dataclass(frozen=True, slots=True)
class Judged:
    """One text, what it is and what it was taken for."""

    intent: str | None
    """None when it is out of scope."""
    found: str | None
    """None when the text has no words."""
    confidence: float
    text: str = field(repr=False)

    @property
    def right(self) -> bool:
        """Whether the best intent is the true one."""
        return self.intent is not None and self.intent == self.found


@dataclass(frozen=True, slots=True)
class IntentScore:
    """One intent's figures."""

    intent: str
    examples: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Rejection:
    """How well confidence tells what is out of scope."""

    texts: int
    auroc: float
    """The chance that a text in scope has the higher confidence."""
    threshold: float
    """The confidence that refuses 5 % of the texts in scope."""
    accepted_share: float
    """Of texts out of scope, at that threshold."""


def accuracy(judged: Sequence[Judged]) -> float:
    """Share of texts in scope whose best intent is right."""
    inside = _inside(judged)
    return float(np.mean([it.right for it in inside])) if inside else float("nan")


def accuracy_interval(judged: Sequence[Judged], rng: np.random.Generator) -> tuple[float, float]:
    """95 % bootstrap interval of the accuracy (percentiles of 1,000 resamplings)."""
    right = np.array([it.right for it in _inside(judged)], dtype=np.float64)
    if not len(right):
        return float("nan"), float("nan")
    means = rng.binomial(len(right), right.mean(), size=_DRAWS) / len(right)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def intent_scores(judged: Sequence[Judged]) -> tuple[IntentScore, ...]:
    """Figures of each true intent, the worst F1 first."""
    inside = _inside(judged)
    true = Counter(it.intent for it in inside)
    found = Counter(it.found for it in inside)
    hits = Counter(it.intent for it in inside if it.right)
    scores = [
        IntentScore(
            str(intent),
            count,
            hits[intent] / found[intent] if found[intent] else 0.0,
            hits[intent] / count,
            2.0 * hits[intent] / (count + found[intent]),
        )
        for intent, count in true.items()
    ]
    return tuple(sorted(scores, key=lambda score: (score.f1, score.intent)))


def confusions(judged: Sequence[Judged]) -> list[tuple[str, str, int]]:
    """What was taken for what, the most frequent first."""
    wrong = Counter((str(it.intent), str(it.found)) for it in _inside(judged) if not it.right)
    return [(true, found, count) for (true, found), count in wrong.most_common()]


def calibration_error(judged: Sequence[Judged]) -> float:
    """Expected calibration error over ten bins of equal width, texts out of scope counting as wrong."""
    confidence = np.array([it.confidence for it in judged])
    right = np.array([it.right for it in judged], dtype=np.float64)
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [abs(float((confidence - right)[bins == at].sum())) for at in range(_BINS)]
    return sum(gaps) / len(judged)


def rejection(judged: Sequence[Judged], false_rejects: float = 0.05) -> Rejection | None:
    """How well confidence tells texts out of scope; None when there are none, or nothing else."""
    inside = np.array([it.confidence for it in _inside(judged)])
    outside = np.array([it.confidence for it in judged if it.intent is None])
    if not len(inside) or not len(outside):
        return None
    threshold = float(np.quantile(inside, false_rejects))
    return Rejection(len(outside), _auroc(inside, outside), threshold, float((outside >= threshold).mean()))


def _auroc(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> float:
    ordered = np.sort(outside)
    below = np.searchsorted(ordered, inside, side="left")
    upto = np.searchsorted(ordered, inside, side="right")
    return float((below + upto).mean() / (2 * len(outside)))


def _inside(judged: Sequence[Judged]) -> list[Judged]:
    return [it for it in judged if it.intent is not None]
