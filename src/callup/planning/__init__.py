"""Looks ahead and back: what a number of notices brings, what has been claimed, and whether announced numbers add up.

Does: proposes the size of the next wave; sets public claims side by side; runs models of stocks and flows, counted and forecast;
    plans notices, weeks, staff and days at a board; follows the men of call-up age. Second faces, each for its command:
    yields, notices, learning, truths, pool, weeks, staffing, boards, outlook, from_xmile.
In: counts by unit; tables of claims; a model file as text; the law's ages as numbers; a random generator.
Out: counts by unit, with the formula that made them; findings about claims; ledgers that close; forecasts; chances, with what they
    refer to; a printed strength beside announced flows, the difference named.
Never: touches a single person's row, averages claims that differ, mixes series, or decides: its numbers are proposals that people sign.
Follows: design decisions D9, D12; safeguard G7; cases.md 7.6, invariant 13; planning.md 1, 3, 4, 8, 9; XMILE 1.0 (OASIS).
"""

from callup.planning.claims import Claims, claims_of_rows
from callup.planning.forecasts import draw_constants, forecast, residual
from callup.planning.models import Model, read_model
from callup.planning.stocks import count
from callup.planning.strength import Strength, strength
from callup.planning.waves import wave_size
from callup.planning.xmile import xmile

__all__ = [
    "Claims", "Model", "Strength", "claims_of_rows", "count", "draw_constants", "forecast", "read_model", "residual",
    "strength", "wave_size", "xmile",
]  # fmt: skip
