"""Hashing a message to G1: suite BLS12381G1_XMD:SHA-256_SSWU_RO_ of RFC 9380 (sections 3, 5.2, 5.3.1, 6.6.3 and 8.8.1)."""

from __future__ import annotations

from hashlib import sha256

from callup.app.bls.field import P, root
from callup.app.bls.groups import Point1, add_points, multiply_point
from callup.app.bls.isogeny import X_DENOMINATOR, X_NUMERATOR, Y_DENOMINATOR, Y_NUMERATOR

# RFC 9380 section 8.8.1: the curve y^2 = x^3 + A x + B that is 11-isogenous to G1's, Z, and the effective cofactor
A = 0x144698A3B8E9433D693A02C96D4982B0EA985383EE66A8D8E8981AEFD881AC98936F8DA0E0F97F5CF428082D584C1D
B = 0x12E2908D11688030018B12E8753EEE3B2016C1F0F24F4070A0B9C14FCEF35EF55A23215A316CEAA5D1CC48E98E172BE0
Z = 11
H_EFF = 0xD201000000010001


def hash_to_g1(message: bytes, tag: bytes) -> Point1:
    """The point of G1 that belongs to a message.

    Args:
        message: any bytes.
        tag: the domain separation tag, at most 255 bytes.
    """
    total: Point1 = None
    for number in _field_elements(message, tag):
        total = add_points(total, _isogeny(*_map(number)))
    return multiply_point(total, H_EFF)


def _field_elements(message: bytes, tag: bytes) -> tuple[int, int]:
    raw = expand(message, tag, 128)
    return int.from_bytes(raw[:64], "big") % P, int.from_bytes(raw[64:], "big") % P


def expand(message: bytes, tag: bytes, length: int) -> bytes:
    """expand_message_xmd with SHA-256 (RFC 9380 section 5.3.1)."""
    ending = tag + bytes([len(tag)])
    first = sha256(bytes(64) + message + length.to_bytes(2, "big") + b"\0" + ending).digest()
    block, whole = bytes(32), b""
    for number in range(1, -(-length // 32) + 1):
        mixed = bytes(x ^ y for x, y in zip(first, block, strict=True))
        block = sha256(mixed + bytes([number]) + ending).digest()
        whole += block
    return whole[:length]


def _map(u: int) -> tuple[int, int]:
    """The simplified Shallue-van de Woestijne-Ulas map onto the isogenous curve (section 6.6.2)."""
    scaled = Z * u * u % P
    below = (scaled * scaled + scaled) % P
    x = (-B * pow(A, -1, P) * (1 + pow(below, -1, P)) if below else B * pow(Z * A, -1, P)) % P
    y = root(x**3 + A * x + B)
    if y is None:
        x = scaled * x % P
        y = root(x**3 + A * x + B)
    if y is None:
        raise ArithmeticError("the map gives a point for every number")
    return x, y if y % 2 == u % 2 else -y % P


def _isogeny(x: int, y: int) -> Point1:
    """From the isogenous curve to G1's own (appendix E.2)."""
    below_x, below_y = _at(X_DENOMINATOR, x), _at(Y_DENOMINATOR, x)
    if not below_x or not below_y:
        return None
    return _at(X_NUMERATOR, x) * pow(below_x, -1, P) % P, y * _at(Y_NUMERATOR, x) * pow(below_y, -1, P) % P


def _at(coefficients: tuple[int, ...], x: int) -> int:
    value = 0
    for coefficient in reversed(coefficients):
        value = (value * x + coefficient) % P
    return value
