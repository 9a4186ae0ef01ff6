"""What may be said in public: counts without small cells, records with their measures, tests of a draw.

Does: merges and suppresses small cells, counts the roll, compares a decree with the record, tests a draw against chance.
In: counts by unit, year, state or channel; the history of decrees; ranks of a draw.
Out: tables whose sums hold and whose cells cannot point at a person.
Never: prints a small cell, names a person, decides anything.
Follows: the decree, the law's findings and the facts already counted by others.
"""

from callup.statistics.burden import burdens, hartford, limits
from callup.statistics.cells import counts
from callup.statistics.draw_audit import DrawAudit, audit_draw
from callup.statistics.records import PastCallUp, Standing, largest_since
from callup.statistics.suppression import merge_nested, merge_units, steps

__all__ = [
    "DrawAudit", "PastCallUp", "Standing", "audit_draw", "burdens", "counts", "hartford", "largest_since", "limits",
    "merge_nested", "merge_units", "steps",
]  # fmt: skip
