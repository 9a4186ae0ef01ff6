"""Tails of three distributions, so that a fairness test needs nothing but Python: normal, Student's t, chi-square.

Source: continued fractions and series of DLMF 8.9.2, 8.11.4 and 8.17.22, evaluated by Lentz's method.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

_TINY = 1e-300
_ENOUGH = 1e-15
_STEPS = 10_000


def normal_tails(z: float) -> float:
    """Both tails of the normal distribution beyond z."""
    return math.erfc(abs(z) / math.sqrt(2))


def student_tails(t: float, free: int) -> float:
    """Both tails of Student's t with ``free`` degrees of freedom.

    Example:
        >>> round(student_tails(1.0, 1), 12)
        0.5
    """
    return _beta_share(free / 2, 0.5, free / (free + t * t))


def chi_square_tail(value: float, free: int) -> float:
    """The upper tail of chi-square with ``free`` degrees of freedom.

    Example:
        >>> round(chi_square_tail(18.307038053275146, 10), 12)
        0.05
    """
    if value <= 0:
        return 1.0
    shape, x = free / 2, value / 2
    scale = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        step = shape
        while term > total * _ENOUGH:
            step += 1
            term *= x / step
            total += term
        return 1 - scale * total

    def terms() -> Iterator[tuple[float, float]]:
        for step in range(1, _STEPS):
            yield -step * (step - shape), x + 2 * step + 1 - shape

    return scale / _fraction(x + 1 - shape, terms)


def _beta_share(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_share(b, a, 1 - x)
    scale = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a

    def terms() -> Iterator[tuple[float, float]]:
        for step in range(_STEPS):
            up = a + 2 * step
            yield -(a + step) * (a + b + step) * x / (up * (up + 1)), 1.0
            yield (step + 1) * (b - step - 1) * x / ((up + 1) * (up + 2)), 1.0

    return scale / _fraction(1.0, terms)


def _fraction(first: float, terms: Callable[[], Iterator[tuple[float, float]]]) -> float:
    """A continued fraction first + a1/(b1 + a2/(b2 + ...)) from its (a, b) pairs."""
    value = over = first if abs(first) > _TINY else _TINY
    under = 0.0
    for a, b in terms():
        under = b + a * under
        over = b + a / over
        under = 1 / (under if abs(under) > _TINY else _TINY)
        over = over if abs(over) > _TINY else _TINY
        factor = over * under
        value *= factor
        if abs(factor - 1) < _ENOUGH:
            break
    return value
