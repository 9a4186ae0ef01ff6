"""Looks ahead: what a number of notices, a cohort or a desk can be expected to bring.

Does: proposes the size of the next wave from the quota, the decree's expected yield and the outcomes so far.
In: counts by unit.
Out: counts by unit, with the formula that made them.
Never: touches a single person's row, or decides: its numbers are proposals that people sign.
Follows: design decisions D9, D12; safeguard G7; cases.md 7.6, invariant 13.
"""

from callup.planning.waves import wave_size

__all__ = ["wave_size"]
