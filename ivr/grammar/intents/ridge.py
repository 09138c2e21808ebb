"""Kernel ridge regression, and what it would have said of each example had it not seen it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SMALL = 256


@dataclass(frozen=True, slots=True)
class Fit:
    """The weights, and the inverse of the Cholesky factor of (kernel + ridge), which answers all the rest."""

    weights: Floats
    """One row for each example, one column for each target."""
    inverse_factor: Floats

    def leave_one_out(self, targets: Floats) -> Floats:
        """Each example's prediction by the fit to all others: y - w_i / (K + λI)^-1_ii.

        Rifkin and Lippert, Notes on Regularized Least Squares (MIT-CSAIL-TR-2007-025), section 4.
        """
        diagonal = np.einsum("ij,ij->j", self.inverse_factor, self.inverse_factor)
        left_out: Floats = targets - self.weights / diagonal[:, None]
        return left_out

    def leave_group_out(self, targets: Floats, group: NDArray[np.intp]) -> Floats:
        """The predictions for a group by the fit to all others: y - (((K + λI)^-1)_gg)^-1 w_g."""
        factor = self.inverse_factor[:, group]
        left_out: Floats = targets[group] - np.linalg.solve(factor.T @ factor, self.weights[group])
        return left_out


def fit_ridge(kernel: Floats, targets: Floats, ridge: float) -> Fit:
    """Solve (K + λI) w = y. `targets` is (n, k); `kernel`, (n, n) and positive semidefinite, is used up."""
    kernel[np.diag_indices_from(kernel)] += ridge
    inverse_factor = _inverse_lower(np.linalg.cholesky(kernel))
    return Fit(inverse_factor.T @ (inverse_factor @ targets), inverse_factor)


def _inverse_lower(lower: Floats) -> Floats:
    """Invert a lower triangular matrix block by block, so that nearly all the work is matrix products."""
    inverse = np.zeros_like(lower)
    blocks = [slice(at, min(at + _SMALL, len(lower))) for at in range(0, len(lower), _SMALL)]
    for here in blocks:
        inverse[here, here] = np.linalg.inv(lower[here, here])
    for above, below in _pairs(len(lower)):
        inner = lower[below, above] @ inverse[above, above]
        inverse[below, above] = -(inverse[below, below] @ inner)
    return inverse


def _pairs(size: int) -> Iterator[tuple[slice, slice]]:
    """Neighbouring blocks of growing size, the smallest first."""
    width = _SMALL
    while width < size:
        for start in range(0, size - width, 2 * width):
            middle = start + width
            yield slice(start, middle), slice(middle, min(middle + width, size))
        width *= 2
