"""Signs by which it is judged whether an intent is the right one."""

import numpy as np
from numpy.typing import NDArray

from ivr.grammar.intents.calibration import Doubles

_Numbers = NDArray[np.float32] | NDArray[np.float64]


def signs_of(scores: _Numbers, nearest: _Numbers, nearest_of_all: float) -> Doubles:
    """For each intent: its score, its lead over the best other, its likest example, the likest of all.

    `scores` and `nearest` have one number for each intent; the likest of all may be out of scope.
    """
    best = int(np.argmax(scores))
    others = np.delete(scores, best)
    second = float(others.max()) if len(others) else 0.0
    rival = np.full(len(scores), scores[best], dtype=np.float64)
    rival[best] = second
    return np.column_stack([scores, scores - rival, nearest, np.full(len(scores), nearest_of_all)]).astype(
        np.float64
    )
