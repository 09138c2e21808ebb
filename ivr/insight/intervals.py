"""Confidence intervals, by formulas that hold for small samples too. Each names where it comes from."""

import math
from dataclasses import dataclass
from statistics import NormalDist, mean, stdev

LEVEL = 0.95
_MANY = 2000
"""Degrees of freedom from which on Student's distribution is the normal one to three digits."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the interval that holds the true one in 95 of 100 samples; None where none can be had."""

    value: float
    low: float | None
    high: float | None


def share(hits: int, of: int, *, level: float = LEVEL) -> Estimate:
    """A share of `of` answers, 0 to 1, with Wilson's score interval. Raises `ValueError` for none.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927),
    209-212; recommended by Brown, Cai and DasGupta, Interval estimation for a binomial proportion,
    Statistical Science 16 (2001), 101-133.
    """
    _check(hits, of)
    z, p = _z(level), hits / of
    scale = 1 + z * z / of
    middle = (p + z * z / (2 * of)) / scale
    half = z / scale * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return Estimate(p, max(0.0, middle - half), min(1.0, middle + half))


def difference(more: int, less: int, of: int, *, level: float = LEVEL) -> Estimate:
    """The difference of two shares of the same `of` answers, -1 to 1. Raises `ValueError` for none.

    The adjusted Wald interval of D. G. Bonett and R. M. Price, Adjusted Wald confidence interval for a
    difference of binomial proportions based on paired data, Journal of Educational and Behavioral
    Statistics 37 (2012), 479-488: one answer is added to either side. It is never without width.
    """
    _check(more + less, of)
    up, down = (more + 1) / (of + 2), (less + 1) / (of + 2)
    half = _z(level) * math.sqrt((up + down - (up - down) ** 2) / (of + 2))
    middle = up - down
    return Estimate((more - less) / of, max(-1.0, middle - half), min(1.0, middle + half))


def average(values: list[int], *, level: float = LEVEL) -> Estimate:
    """A mean with Student's interval; none of a single value. Raises `ValueError` for no value.

    Student, The probable error of a mean, Biometrika 6 (1908), 1-25.
    """
    if not values:
        raise ValueError("a mean needs at least one value")
    middle = mean(values)
    if len(values) == 1:
        return Estimate(float(middle), None, None)
    half = t_quantile((1 + level) / 2, len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Estimate(float(middle), middle - half, middle + half)


def t_quantile(probability: float, freedom: int) -> float:
    """The quantile of Student's distribution for a probability from 0.5 to 1, by halving."""
    if not 0.5 <= probability < 1 or freedom < 1:
        raise ValueError("needs a probability from 0.5 to below 1, and a degree of freedom at least")
    if freedom > _MANY:
        return NormalDist().inv_cdf(probability)
    low, high = 0.0, 1.0
    while _t_below(high, freedom) < probability:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _t_below(middle, freedom) < probability else (low, middle)
    return (low + high) / 2


def _t_below(t: float, freedom: int) -> float:
    """The probability of a value below a positive `t`: Abramowitz and Stegun 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    odd = freedom % 2 == 1
    term, total = (cosine, 0.0) if odd else (1.0, 0.0)
    for step in range(freedom // 2):
        total += term
        term *= (
            cosine * cosine * (2 * step + 2) / (2 * step + 3)
            if odd
            else (cosine * cosine * (2 * step + 1) / (2 * step + 2))
        )
    within = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return 0.5 + within / 2


def _z(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)


def _check(hits: int, of: int) -> None:
    if of < 1:
        raise ValueError("a share needs at least one answer")
    if not 0 <= hits <= of:
        raise ValueError(f"there cannot be {hits} hits of {of}")
