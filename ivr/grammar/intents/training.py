"""Learn a model from examples."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ivr.grammar.intents.calibration import Calibration, Doubles, calibrate
from ivr.grammar.intents.example import IntentExample
from ivr.grammar.intents.likeness import Floats, index_readings
from ivr.grammar.intents.meaning_space import Vectorise, meaning_space, mixed_kernel, mixed_likeness
from ivr.grammar.intents.model import RIDGE, IntentModel, distinct
from ivr.grammar.intents.ngrams import read_ngrams
from ivr.grammar.intents.ridge import Fit, fit_ridge
from ivr.grammar.intents.signs import signs_of

MOST_EXAMPLES = 16_000
"""Training holds a few square matrices of floats, some 8 GB at this size; its time grows with the cube."""
FOREIGN_SHARE = 0.1
"""How much of what callers say is taken to be none of our business, when confidence is calibrated."""

_Labels = NDArray[np.int64]


def train(
    examples: Sequence[IntentExample], *, language: str, vectorise: Vectorise | None = None
) -> IntentModel:
    """Learn from examples of at least two intents; the same examples always give the same model.

    Kernel ridge regression on one target for each intent and one for being out of scope.
    Confidence is calibrated on what the fit says of each example when it is left out, and when all examples
    of its intent are, which shows how a wish scores that nobody thought of.
    With `vectorise`, likeness in meaning counts beside likeness in words. Examples without a word are passed
    over. Raises ValueError on too few intents or too many examples.
    """
    if len(examples) > MOST_EXAMPLES:
        raise ValueError(f"{len(examples)} examples are too many; train with at most {MOST_EXAMPLES}")
    readings = [read_ngrams(example.text, language) for example in examples]
    intents = distinct([it.intent for it, reading in zip(examples, readings, strict=True) if reading.ngrams])
    if len(intents) < 2:
        raise ValueError(f"there are examples of {len(intents)} intents; give examples of two or more")
    position = {intent: at for at, intent in enumerate(intents)}
    # In the order of their intents, what is out of scope last.
    order = sorted(
        (at for at, reading in enumerate(readings) if reading.ngrams),
        key=lambda at: position.get(examples[at].intent or "", len(intents)),
    )
    examples = [examples[at] for at in order]
    labels = np.array([position.get(it.intent or "", len(intents)) for it in examples])
    likeness = index_readings([readings[at] for at in order])
    cosines = likeness.all_cosines()
    texts = tuple(example.text for example in examples)
    space = meaning_space(texts, vectorise) if vectorise is not None else None
    by_meaning = space.all_cosines() if space is not None else None
    targets = np.zeros((len(examples), len(intents) + 1), dtype=np.float32)
    targets[np.arange(len(examples)), labels] = 1.0
    fit = fit_ridge(mixed_kernel(cosines, by_meaning), targets, RIDGE)
    return IntentModel(
        language=language,
        intents=intents,
        texts=texts,
        bounds=np.searchsorted(labels, np.arange(len(intents) + 1)),
        likeness=likeness,
        space=space,
        weights=fit.weights,
        calibration=_calibration(fit, targets, labels, mixed_likeness(cosines, by_meaning)),
    )


def _calibration(fit: Fit, targets: Floats, labels: _Labels, alike: Floats) -> Calibration:
    np.fill_diagonal(alike, 0.0)  # no example is its own neighbour
    own, right = _left_out(fit.leave_one_out(targets), labels, alike)
    unforeseen = _unforeseen(fit, targets, labels, alike)
    inside = labels < targets.shape[1] - 1
    outside = int((~inside).sum())
    foreign = FOREIGN_SHARE / (1.0 - FOREIGN_SHARE) * inside.sum()
    # Examples out of scope and unforeseen wishes stand, half and half, for all that is foreign.
    part = foreign / 2.0 if outside else foreign
    weight = np.where(inside, 1.0, part / max(outside, 1))
    return calibrate(
        np.concatenate([own, unforeseen]),
        np.concatenate([right, np.zeros(len(unforeseen))]),
        np.concatenate([weight, np.full(len(unforeseen), part / len(unforeseen))]),
    )


def _left_out(scores: Floats, labels: _Labels, alike: Floats) -> tuple[Doubles, Doubles]:
    """Signs of the best intent for each example left out, and whether it is the right one."""
    best = scores[:, :-1].argmax(axis=1)
    signs = [
        signs_of(row, nearest)[at] for row, nearest, at in zip(scores, alike.max(axis=1), best, strict=True)
    ]
    return np.array(signs), (best == labels).astype(np.float64)


def _unforeseen(fit: Fit, targets: Floats, labels: _Labels, alike: Floats) -> Doubles:
    """Signs of the best intent for each example when all of its own intent are left out: it is wrong."""
    signs = []
    for intent in range(targets.shape[1] - 1):
        group = np.flatnonzero(labels == intent)
        others = np.flatnonzero(labels != intent)
        scores = np.delete(fit.leave_group_out(targets, group), intent, axis=1)
        nearest = alike[np.ix_(group, others)].max(axis=1)
        signs += [signs_of(row, near)[row[:-1].argmax()] for row, near in zip(scores, nearest, strict=True)]
    return np.array(signs)
