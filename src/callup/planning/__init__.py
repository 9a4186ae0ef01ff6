"""Looks ahead and back: what a number of notices brings, what has been claimed, and whether announced numbers add up.

Does: proposes the size of the next wave; sets public claims side by side by quantity, population and period.
In: counts by unit; tables of claims.
Out: counts by unit, with the formula that made them; findings about claims, each with who says what.
Never: touches a single person's row, averages claims that differ, mixes series, or decides: its numbers are proposals that people sign.
Follows: design decisions D9, D12; safeguard G7; cases.md 7.6, invariant 13; planning.md 1, 4.
"""

from callup.planning.claims import Claims, Finding, PublicClaim, claims_of_rows, read_claims
from callup.planning.waves import wave_size

__all__ = ["Claims", "Finding", "PublicClaim", "claims_of_rows", "read_claims", "wave_size"]
