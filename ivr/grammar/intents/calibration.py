"""How often a score is right: logistic calibration on predictions for examples that were left out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

_SPREAD = 3.0
"""Coefficients beyond a few units of the standardised signs mean that the sample is too small to tell."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Signs of rightness, standardised, weighed and squashed into a probability."""

    centre: Doubles
    scale: Doubles
    coefficients: Doubles
    intercept: float

    def confidence(self, signs: Doubles) -> Doubles:
        """Probabilities for an array (n, k) of signs."""
        logits = (signs - self.centre) / self.scale @ self.coefficients + self.intercept
        probability: Doubles = 0.5 * (1.0 + np.tanh(0.5 * logits))
        return probability


def calibrate(signs: Doubles, right: Doubles, weight: Doubles) -> Calibration:
    """Fit by Newton's method. `signs` (n, k), `right` 0..1 and `weight` (n,).

    Targets are drawn in a little, as Platt does (Probabilistic Outputs for Support Vector Machines, 1999),
    and coefficients are held back by a normal prior, so that a sample without errors gives no certainty.
    """
    total = weight.sum()
    centre = weight @ signs / total
    scale = np.sqrt(weight @ (signs - centre) ** 2 / total) + 1e-6
    design = np.column_stack([(signs - centre) / scale, np.ones(len(signs))])
    positives, negatives = weight @ right, weight @ (1.0 - right)
    drawn_in = np.where(right > 0.5, (positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0))
    prior = np.full(design.shape[1], 1.0 / _SPREAD**2)
    prior[-1] = 1e-6
    solution = np.zeros(design.shape[1])
    for _ in range(50):
        probability = 0.5 * (1.0 + np.tanh(0.5 * (design @ solution)))
        slope = design.T @ (weight * (drawn_in - probability)) - prior * solution
        bend = (design.T * (weight * probability * (1.0 - probability))) @ design + np.diag(prior)
        step = np.linalg.solve(bend, slope)
        solution += np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-8:
            break
    return Calibration(centre, scale, solution[:-1], float(solution[-1]))
