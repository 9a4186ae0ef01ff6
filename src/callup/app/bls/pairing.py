"""The optimal ate pairing, up to a fixed power: enough to tell whether a product of pairings is one.

A point of G2 moves to the curve over the large field by (x / w^2, y / w^3). The line through it with slope s, taken at the
point (u, v) of G1 and scaled by w^3, has only three coefficients: s x - y, then -s u at w^2, then v at w^3. The scale and the
upright lines lie in subfields, which the final power sends to one.
"""

from __future__ import annotations

from callup.app.bls.field import ONE12, ZERO2, Fp2, Fp12, P, R, X, mul2, mul12, power12, sub2, times2
from callup.app.bls.groups import along2, slope2

Pair = tuple[tuple[int, int], tuple[Fp2, Fp2]]


def product_is_one(pairs: list[Pair]) -> bool:
    """Whether the product of the pairings of (point of G1, point of G2) is one.

    Args:
        pairs: points of order R, none at infinity.
    """
    total = ONE12
    for first, second in pairs:
        total = mul12(total, _loop(first, second))
    return _final_power(total) == ONE12


def _loop(first: tuple[int, int], second: tuple[Fp2, Fp2]) -> Fp12:
    """Miller's loop over the bits of the curve's parameter; its sign turns the value over for all pairs alike."""
    value, at = ONE12, second
    for bit in bin(X)[3:]:
        line, at = _step(at, at, first)
        value = mul12(line, mul12(value, value))
        if bit == "1":
            line, at = _step(at, second, first)
            value = mul12(line, value)
    return value


def _step(one: tuple[Fp2, Fp2], two: tuple[Fp2, Fp2], first: tuple[int, int]) -> tuple[Fp12, tuple[Fp2, Fp2]]:
    slope = slope2(one, two)
    if slope is None:  # only for points of small order, which never come here
        raise ArithmeticError("an upright line: the point is not of order R")
    line = sub2(mul2(slope, one[0]), one[1]), ZERO2, times2(slope, -first[0]), (first[1], 0), ZERO2, ZERO2
    return line, along2(one, two, slope)


def _final_power(value: Fp12) -> Fp12:
    """The power (p^12 - 1) / R, by plain squaring: half a second, once a draw."""
    return power12(value, (P**12 - 1) // R)
