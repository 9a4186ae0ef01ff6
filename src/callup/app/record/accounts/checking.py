"""All sums tried on one table."""

from __future__ import annotations

from callup.app.record.accounts import rules, spans, sums
from callup.app.record.accounts.shapes import Account, Mismatch

RULES = (
    spans.over_time, spans.over_ages, spans.voices, sums.totals_of_rows, rules.columns, sums.named_columns, sums.ledger, sums.shares,
)  # fmt: skip


def check_account(account: Account) -> tuple[Mismatch, ...]:
    """Everything that does not add up, the largest difference first within a rule; what rounding explains is a remark.

    Args:
        account: a table as read.
    """
    found: dict[tuple[tuple[int, ...], int, int], Mismatch] = {}
    for rule in RULES:
        for one in sorted(rule(account), key=lambda one: -one.apart):
            found.setdefault((one.rows, one.apart.numerator, one.apart.denominator), one)
    return tuple(found.values())
