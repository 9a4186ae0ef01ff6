"""New ids for each call-up: HMAC under a key made once, so that nobody can guess them or join two call-ups (G2, D16)."""

from __future__ import annotations

import hashlib

import pyarrow as pa

_BLOCK = 64


def rekey(ids: pa.Array | pa.ChunkedArray, key: bytes) -> pa.Array:
    """HMAC-SHA256 of each id, first 32 hex digits.

    Args:
        ids: the register's own ids.
        key: 32 bytes.

    Source: RFC 2104; the two padded keys are hashed once and copied.
    """
    padded = key.ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))
    made = []
    for one in ids.to_pylist():
        state, last = inner.copy(), outer.copy()
        state.update(one.encode())
        last.update(state.digest())
        made.append(last.hexdigest()[:32])
    return pa.array(made, pa.string())
