"""Chance in a rehearsal: every draw is a function of (seed, case, label) by SHA-256, and every rate has its source."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from importlib.resources import files

import numpy as np
import numpy.typing as npt

Draws = npt.NDArray[np.uint32]


def read_rates() -> Mapping[str, Fraction]:
    """The rates of ``rates.csv`` by key; each row names its source or says that it is an assumption."""
    return {row["key"]: Fraction(row["rate"]) for row in _rows()}


def assumed_rates() -> tuple[int, int]:
    """How many rates are assumptions, and how many there are."""
    sources = [row["source"] for row in _rows()]
    return sources.count("assumption"), len(sources)


def _rows() -> list[dict[str, str]]:
    text = (files(__package__) / "rates.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def draws(seed: int, label: str, ids: Sequence[str]) -> Draws:
    """Eight draws of 32 bits for each id.

    Returns:
        [ids, 8]
    """
    start = hashlib.sha256(f"callup/rehearsal-world/1\n{seed}\n{label}\n".encode())
    digests = bytearray()
    for one in ids:
        state = start.copy()
        state.update(one.encode())
        digests += state.digest()
    return np.frombuffer(bytes(digests), dtype=">u4").astype(np.uint32).reshape(len(ids), 8)


def below(draw: npt.NDArray[np.uint32], share: Fraction) -> npt.NDArray[np.bool_]:
    """Which draws fall below a share."""
    return draw.astype(np.uint64) < np.uint64(int(share * 2**32))


def happens(seed: int, label: str, key: str, share: Fraction) -> bool:
    """One draw for one key: whether it falls below a share."""
    first = hashlib.sha256(f"callup/rehearsal-world/1\n{seed}\n{label}\n{key}".encode()).digest()[:4]
    return int.from_bytes(first, "big") * share.denominator < share.numerator << 32


def between(draw: npt.NDArray[np.uint32], rates: Mapping[str, Fraction], key: str) -> npt.NDArray[np.int64]:
    """Whole days (or weeks) from the least to the most that the rates have under a key."""
    return days(draw, int(rates[f"{key}-least"]), int(rates[f"{key}-most"]))


def days(draw: npt.NDArray[np.uint32], least: int, most: int) -> npt.NDArray[np.int64]:
    """Whole days from ``least`` to ``most``."""
    return (least + draw.astype(np.int64) % (most - least + 1)).astype(np.int64)


def digest(*parts: object) -> str:
    """The evidence of a simulated fact: 64 hex digits over its parts."""
    return hashlib.sha256("\n".join(("callup/rehearsal-evidence/1", *map(str, parts))).encode()).hexdigest()
