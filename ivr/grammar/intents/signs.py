"""Signs by which it is judged whether an intent is the right one."""

import numpy as np

from ivr.grammar.intents.calibration import Doubles
from ivr.grammar.intents.likeness import Floats


def signs_of(scores: Floats, nearest: float) -> Doubles:
    """For each intent: its score, its lead over the best other, and how like the text is to any example.

    `scores` has one number for each intent and last that of being out of scope, which is a rival like the
    others; `nearest` is the likeness of the likest example.
    """
    ordered = np.sort(scores)
    rival = np.where(scores[:-1] == ordered[-1], ordered[-2], ordered[-1])
    familiar = np.full(len(scores) - 1, nearest)
    return np.column_stack([scores[:-1], scores[:-1] - rival, familiar]).astype(np.float64)
