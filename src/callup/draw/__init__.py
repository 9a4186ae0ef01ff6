"""Quotas, the sealed roll, and an order that anyone can recompute and nobody can steer.

Does: shares a number out over units, seals a roll, writes the plan and the seed document, gives tickets and ranks.
In: counts by unit, liable persons with salts, roots, commitments, a beacon's value.
Out: quotas, ROLL rows, documents in exact bytes, tickets and ranks as arrays.
Never: makes a salt, a secret or any other randomness; sees law, findings, names or addresses; uses a float.
Follows: design draw-and-log sections 2-3, decisions D12, D13; Balinski and Young, Fair Representation (1982), for the methods.

The rehearsal beacon is no randomness: everybody knows its value from the start, so that two rehearsals are equal. A plan that
names it is no draw of people, and the verifier says so first.
"""

from callup.draw.apportionment import apportion
from callup.draw.documents import call_document, commitment, entry, seed_document, seed_of
from callup.draw.order import ranks, rehearsal_beacon, tickets
from callup.draw.plan import plan_text, read_plan
from callup.draw.roll import seal_roll

__all__ = [
    "apportion",
    "call_document",
    "commitment",
    "entry",
    "plan_text",
    "ranks",
    "read_plan",
    "rehearsal_beacon",
    "seal_roll",
    "seed_document",
    "seed_of",
    "tickets",
]
