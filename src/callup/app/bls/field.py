"""The field of BLS12-381, its quadratic extension (i squared is -1), and the twelfth-degree extension above both."""

from __future__ import annotations

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
"""The prime of the field."""
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
"""The prime order of both groups."""
X = 0xD201000000010000
"""The curve's parameter is minus this."""

Fp2 = tuple[int, int]
"""a + b i as (a, b)."""
Fp12 = tuple[Fp2, ...]
"""Six coefficients of the powers of w, where w to the sixth is 1 + i."""

ZERO2: Fp2 = (0, 0)
ONE2: Fp2 = (1, 0)
ONE12: Fp12 = (ONE2, *[ZERO2] * 5)


def root(square: int) -> int | None:
    """A square root, or none; the prime is 3 modulo 4."""
    found = pow(square, (P + 1) // 4, P)
    return found if found * found % P == square % P else None


def add2(a: Fp2, b: Fp2) -> Fp2:
    """The sum."""
    return (a[0] + b[0]) % P, (a[1] + b[1]) % P


def sub2(a: Fp2, b: Fp2) -> Fp2:
    """The difference."""
    return (a[0] - b[0]) % P, (a[1] - b[1]) % P


def mul2(a: Fp2, b: Fp2) -> Fp2:
    """The product."""
    return (a[0] * b[0] - a[1] * b[1]) % P, (a[0] * b[1] + a[1] * b[0]) % P


def times2(a: Fp2, number: int) -> Fp2:
    """A multiple by an element of the prime field."""
    return a[0] * number % P, a[1] * number % P


def inverse2(a: Fp2) -> Fp2:
    """1 / a."""
    norm = pow(a[0] * a[0] + a[1] * a[1], -1, P)
    return a[0] * norm % P, -a[1] * norm % P


def root2(a: Fp2) -> Fp2 | None:
    """A square root, or none: from the norm's root by halves."""
    norm = root(a[0] * a[0] + a[1] * a[1])
    if norm is None:
        return None
    half = pow(2, -1, P)
    for real_square in ((a[0] + norm) * half % P, (a[0] - norm) * half % P):
        real = root(real_square)
        if real:
            found = (real, a[1] * pow(2 * real, -1, P) % P)
            return found if mul2(found, found) == (a[0] % P, a[1] % P) else None
    imaginary = root(-a[0])
    return (0, imaginary) if imaginary is not None and a[1] % P == 0 else None


def mul12(a: Fp12, b: Fp12) -> Fp12:
    """The product: sums are kept whole and reduced once for each coefficient."""
    real, imaginary = [0] * 11, [0] * 11
    for at, (a0, a1) in enumerate(a):
        if not a0 and not a1:
            continue
        for to, (b0, b1) in enumerate(b, at):
            real[to] += a0 * b0 - a1 * b1
            imaginary[to] += a0 * b1 + a1 * b0
    for at in range(5):
        real[at] += real[at + 6] - imaginary[at + 6]
        imaginary[at] += real[at + 6] + imaginary[at + 6]
    return tuple((real[at] % P, imaginary[at] % P) for at in range(6))


def power12(a: Fp12, exponent: int) -> Fp12:
    """A power by squaring."""
    total = ONE12
    for bit in bin(exponent)[2:]:
        total = mul12(total, total)
        if bit == "1":
            total = mul12(total, a)
    return total
