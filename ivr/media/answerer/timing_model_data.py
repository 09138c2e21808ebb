"""Written by `tests/fit_answerer.py`; see docs/answerer.md."""

WEIGHTS: dict[int, tuple[float, ...]] = {
    3000: (-99.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
}
"""Moment in ms since the answer to a weight for each of `FEATURES`; the bias has the threshold."""
