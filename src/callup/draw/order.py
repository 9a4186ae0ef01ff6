"""Tickets and ranks: a function of the seed, the stratum and the roll position, and of nothing else (design D13)."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import numpy.typing as npt

from callup.terms.errors import BadInput

_FIRST_ENDS = [b"%d" % number for number in range(1000)]
_ENDS = [b"%03d" % number for number in range(1000)]


def tickets(seed: str, stratum: str, count: int) -> npt.NDArray[np.uint8]:
    """The tickets of the first ``count`` roll positions: SHA-256 of seed, space, stratum, space, position.

    The seed is one SHA-256 block; it is hashed once and each ticket costs one block more. Positions are hashed by thousands:
    what stands before the last three digits is hashed once for all of them.

    Args:
        seed: 64 hex digits.
        stratum: as in the plan.
        count: size of the stratum's roll.

    Returns:
        Array of shape [count, 32], one row a position.

    Example:
        >>> seed = "d68fe4f2225100a346f3ad5600b885a620c6e415527bfb4d1dc57b918d784e8f"
        >>> tickets(seed, "kaunas", 48214)[48213].tobytes().hex()[:16]
        'a63a990b4b92d361'
    """
    if len(seed) != 64:
        raise BadInput("seed-malformed", {"seed": seed[:80]}, "a seed is 64 lowercase hex digits")
    begun = sha256(f"{seed} {stratum} ".encode())
    drawn = []
    for thousand in range(-(-count // 1000)):
        begin, ends = begun.copy, _FIRST_ENDS
        if thousand:
            head = begun.copy()
            head.update(b"%d" % thousand)
            begin, ends = head.copy, _ENDS
        found = []
        for end in ends[: count - 1000 * thousand]:
            hashed = begin()
            hashed.update(end)
            found.append(hashed.digest())
        drawn.append(b"".join(found))
    return np.frombuffer(b"".join(drawn), dtype=np.uint8).reshape(count, 32)


def ranks(drawn: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """The rank of each position: one more than the number of positions with a smaller (ticket, position).

    Args:
        drawn: tickets, shape [positions, 32].

    Returns:
        Array of shape [positions], ranks from 1.
    """
    words = np.ascontiguousarray(drawn).view(">u8")
    count = len(words)
    bits = np.uint64(count.bit_length())
    # the ticket's first bits and the position in one number: sorting it needs no second array; where first bits are shared,
    # as those of some 45 pairs among ten million are, the whole tickets of these decide
    packed = np.sort(words[:, 0].astype(np.uint64) >> bits << bits | np.arange(count, dtype=np.uint64))
    leading = packed >> bits
    order = (packed ^ leading << bits).astype(np.int64)
    _settle(order, words, leading)
    found = np.empty(count, dtype=np.int64)
    found[order] = np.arange(1, count + 1)
    return found


def _settle(order: npt.NDArray[np.int64], words: npt.NDArray[np.uint64], leading: npt.NDArray[np.uint64]) -> None:
    """Put the runs that share their first bits into the order of their whole tickets, equal ones by position."""
    shared = np.flatnonzero(leading[1:] == leading[:-1])
    if not len(shared):
        return
    starts = shared[np.r_[True, np.diff(shared) > 1]]
    ends = shared[np.r_[np.diff(shared) > 1, True]] + 2
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        run = order[start:end]
        mine = words[run]
        order[start:end] = run[np.lexsort((run, mine[:, 3], mine[:, 2], mine[:, 1], mine[:, 0]))]


def rehearsal_beacon(name: str, round_: int) -> str:
    """A stand-in for a beacon's value in a rehearsal. It is no randomness: its value is known to all from the start."""
    return sha256(f"callup/rehearsal-beacon/1\n{name} {round_}\n".encode()).hexdigest()
