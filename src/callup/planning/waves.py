"""How many notices the next wave should have."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil

PRIOR_NOTICES = 100
"""How many notices the decree's expected yield weighs against the outcomes so far, in each unit."""


def wave_size(
    quota: Mapping[str, int],
    enlisted: Mapping[str, int],
    closed: Mapping[str, int],
    still_open: Mapping[str, int],
    prior_yield: Fraction,
    waves_left: int,
) -> Mapping[str, int]:
    """Propose how many notices each unit's next wave has. A proposal only: two people sign the number (safeguard G7).

    With quota ``q``, enlisted ``e``, cases that ended otherwise ``c``, cases still open ``o``, prior yield ``p`` worth ``k``
    notices (`PRIOR_NOTICES`), and ``w`` waves left, this one included::

        yield  y = (p k + e) / (k + e + c)
        need   n = q - e - y o                    persons still wanted beyond what the open cases should bring
        size     = ceil(n / (y w))                never below 0

    It is honest about what it does not know: cases that end early are not a fair sample of all, so the prior weighs much,
    and a unit without outcomes keeps the prior.

    Args:
        quota: persons to enlist in each unit.
        enlisted: persons enlisted so far.
        closed: cases that ended otherwise.
        still_open: cases not ended.
        prior_yield: enlisted a notice, expected by the decree.
        waves_left: waves to come, this one included; at least 1.

    Example:
        >>> wave_size({"north": 30}, {}, {}, {}, Fraction(1, 4), 3)
        {'north': 40}
        >>> wave_size({"north": 30}, {"north": 30}, {"north": 90}, {}, Fraction(1, 4), 1)
        {'north': 0}
    """
    sizes = {}
    for unit, wanted in quota.items():
        have, ended = enlisted.get(unit, 0), closed.get(unit, 0)
        share = (prior_yield * PRIOR_NOTICES + have) / (PRIOR_NOTICES + have + ended)
        need = wanted - have - share * still_open.get(unit, 0)
        sizes[unit] = max(0, ceil(need / (share * max(1, waves_left))))
    return sizes
