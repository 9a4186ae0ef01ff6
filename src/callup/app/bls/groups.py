"""The two groups of points: G1 over the prime field, G2 over its extension, and their compressed bytes.

A point is (x, y) or none for the point at infinity; G1 is y^2 = x^3 + 4, G2 lies on y^2 = x^3 + 4 (1 + i).
"""

from __future__ import annotations

from callup.app.bls.field import Fp2, P, R, add2, inverse2, mul2, root, root2, sub2, times2

Point1 = tuple[int, int] | None
Point2 = tuple[Fp2, Fp2] | None

B2: Fp2 = (4, 4)
G2_GENERATOR: tuple[Fp2, Fp2] = (
    (
        0x024AA2B2F08F0A91260805272DC51051C6E47AD4FA403B02B4510B647AE3D1770BAC0326A805BBEFD48056C8C121BDB8,
        0x13E02B6052719F607DACD3A088274F65596BD0D09920B61AB5DA61BBDC7F5049334CF11213945D57E5AC7D055D042B7E,
    ),
    (
        0x0CE5D527727D6E118CC9CDC6DA2E351AADFD9BAA8CBDD3A76D429A695160D12C923AC9CC3BACA289E193548608B82801,
        0x0606C4A02EA734CC32ACD2B02BC28B99CB3E287E85A763AF267492AB572E99AB3F370D275CEC1DA1AAA9075FF05F79BE,
    ),
)


def add_points(one: Point1, two: Point1) -> Point1:
    """The sum of two points of the first curve."""
    if one is None or two is None:
        return two if one is None else one
    if one[0] == two[0]:
        if (one[1] + two[1]) % P == 0:
            return None
        slope = 3 * one[0] * one[0] * pow(2 * one[1], -1, P) % P
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def multiply_point(point: Point1, number: int) -> Point1:
    """A multiple of a point of the first curve."""
    total: Point1 = None
    for bit in bin(number)[2:]:
        total = add_points(total, total)
        if bit == "1":
            total = add_points(total, point)
    return total


def slope2(one: tuple[Fp2, Fp2], two: tuple[Fp2, Fp2]) -> Fp2 | None:
    """The slope through two points of the second curve (the tangent if they are one); none where the line is upright."""
    if one[0] != two[0]:
        return mul2(sub2(two[1], one[1]), inverse2(sub2(two[0], one[0])))
    if add2(one[1], two[1]) == (0, 0):
        return None
    return mul2(times2(mul2(one[0], one[0]), 3), inverse2(times2(one[1], 2)))


def along2(one: tuple[Fp2, Fp2], two: tuple[Fp2, Fp2], slope: Fp2) -> tuple[Fp2, Fp2]:
    """The sum of two points of the second curve whose slope is known."""
    x = sub2(sub2(mul2(slope, slope), one[0]), two[0])
    return x, sub2(mul2(slope, sub2(one[0], x)), one[1])


def multiply_point2(point: Point2, number: int) -> Point2:
    """A multiple of a point of the second curve."""
    total: Point2 = None
    for bit in bin(number)[2:]:
        total = _add2(total, total)
        if bit == "1":
            total = _add2(total, point)
    return total


def _add2(one: Point2, two: Point2) -> Point2:
    if one is None or two is None:
        return two if one is None else one
    slope = slope2(one, two)
    return None if slope is None else along2(one, two, slope)


def read_point(raw: bytes) -> tuple[int, int] | None:
    """A point of the first group from its 48 compressed bytes; none for anything else, infinity among it."""
    if len(raw) != 48 or raw[0] >> 6 != 2:  # compressed, and not infinity
        return None
    x = int.from_bytes(raw, "big") & (1 << 381) - 1
    y = root(x**3 + 4)
    if x >= P or y is None:
        return None
    if (y > (P - 1) // 2) != bool(raw[0] & 0x20):
        y = P - y
    return (x, y) if multiply_point((x, y), R) is None else None


def read_point2(raw: bytes) -> tuple[Fp2, Fp2] | None:
    """A point of the second group from its 96 compressed bytes; none for anything else, infinity among it."""
    if len(raw) != 96 or raw[0] >> 6 != 2:
        return None
    x = int.from_bytes(raw[48:], "big"), int.from_bytes(raw[:48], "big") & (1 << 381) - 1
    y = root2(add2(mul2(x, mul2(x, x)), B2))
    if max(x) >= P or y is None:
        return None
    leading = y[1] or y[0]
    if (leading > (P - 1) // 2) != bool(raw[0] & 0x20):
        y = -y[0] % P, -y[1] % P
    return (x, y) if multiply_point2((x, y), R) is None else None
