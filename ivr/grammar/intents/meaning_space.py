"""How alike texts are in what they mean, whatever their words, and both likenesses mixed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ivr.grammar.intents.likeness import Floats

Vectorise = Callable[[Sequence[str]], Floats]
"""Texts into sentence vectors, a row of unit length each. The same text always gives the same vector."""

WIDTH = 1.5
"""The kernel of n-grams is exp(WIDTH * (cosine - 1)). Cross-validation is flat between 1 and 3."""
VECTOR_WIDTH = 2.0
"""The same for centred sentence vectors; flat between 2 and 3."""
WORDS_SHARE = 0.6
"""What n-grams have of the mixture; they bring the sounds, which misheard characters leave as they are.

Accuracy on our own Mandarin intents in five folds, for shares of 1, 0.7, 0.6, 0.5, 0.4 and 0.3: 80, 87, 88,
88, 89, 88 %; with a tenth of the characters misheard 79, 84, 84, 83, 83, 81 %; with a fifth 77, 80, 80, 79,
77, 75 %."""


@dataclass(frozen=True, slots=True)
class MeaningSpace:
    """The examples' vectors, centred: all sentences lie close together, and only their differences tell."""

    vectorise: Vectorise
    centre: Floats
    rows: Floats

    def cosines(self, text: str) -> Floats:
        """How alike the text is to each example, -1..1."""
        cosines: Floats = self.rows @ _unit(self.vectorise([text]) - self.centre)[0]
        return cosines

    def all_cosines(self) -> Floats:
        """The likeness of every example to every other, (count, count)."""
        cosines: Floats = self.rows @ self.rows.T
        return cosines


def meaning_space(texts: Sequence[str], vectorise: Vectorise) -> MeaningSpace:
    """Place the examples."""
    vectors = vectorise(texts)
    centre = vectors.mean(axis=0, dtype=np.float32)
    return MeaningSpace(vectorise, centre, _unit(vectors - centre))


def mixed_likeness(cosines: Floats, by_meaning: Floats | None) -> Floats:
    """How alike by words and by meaning, 0..1; by words alone where there are no vectors."""
    if by_meaning is None:
        return cosines
    mixed: Floats = np.float32(WORDS_SHARE) * cosines
    mixed += np.float32(1.0 - WORDS_SHARE) * np.maximum(by_meaning, np.float32(0.0))
    return mixed


def words_kernel(cosines: Floats, by_meaning: Floats | None) -> Floats:
    """What likeness in words adds to the kernel."""
    similar = _gaussian(cosines, WIDTH)
    return similar if by_meaning is None else np.float32(WORDS_SHARE) * similar


def mixed_kernel(cosines: Floats, by_meaning: Floats | None) -> Floats:
    """Likeness of texts as an inner product: Gaussians on the sphere, whose sum is one, too."""
    similar = words_kernel(cosines, by_meaning)
    if by_meaning is not None:
        similar += np.float32(1.0 - WORDS_SHARE) * _gaussian(by_meaning, VECTOR_WIDTH)
    return similar


def _gaussian(cosines: Floats, width: float) -> Floats:
    similar: Floats = cosines - np.float32(1.0)
    similar *= np.float32(width)
    return np.exp(similar, out=similar)


def _unit(rows: Floats) -> Floats:
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    unit: Floats = (rows / lengths).astype(np.float32)
    return unit
