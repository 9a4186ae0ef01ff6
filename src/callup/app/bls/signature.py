"""Verification of a BLS signature in G1 (draft-irtf-cfrg-bls-signature-05 section 2.7, minimal signature size)."""

from __future__ import annotations

from callup.app.bls.field import P
from callup.app.bls.groups import G2_GENERATOR, read_point, read_point2
from callup.app.bls.hashing import hash_to_g1
from callup.app.bls.pairing import product_is_one


def signature_holds(public_key: bytes, message: bytes, signature: bytes, tag: bytes) -> bool:
    """Whether the signature is the key's on the message; malformed points and points outside the groups do not hold.

    Args:
        public_key: 96 bytes, compressed, in G2.
        message: the signed bytes.
        signature: 48 bytes, compressed, in G1.
        tag: the suite's domain separation tag.
    """
    key, signed, hashed = read_point2(public_key), read_point(signature), hash_to_g1(message, tag)
    if key is None or signed is None or hashed is None:
        return False
    turned = signed[0], -signed[1] % P
    return product_is_one([(hashed, key), (turned, G2_GENERATOR)])
