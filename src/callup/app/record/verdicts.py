"""An announcement claim by claim: what each comes to beside the rest of the record and the law folder.

Five verdicts. ``agrees``: a source other than the announcement says the same. ``differs``: it says otherwise. ``depends``: it holds on
one reading and not on another. ``as printed``: the announcement is the only source. ``cannot be known``: nothing could show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from callup.app.record import Claim
from callup.app.record.carrying import Where, opened, table, toml_of
from callup.app.record.checks import CHECKS
from callup.app.record.matters import AGREES, Answer, Matter
from callup.app.record.public import public_claims
from callup.terms.errors import BadInput

NOT_CHECKED = "not yet checked"


def claims_of(where: Where, as_of: date = date.max) -> tuple[Claim, ...]:
    """The claims of the announcement in its order, each with its verdict.

    Args:
        where: whose record.
        as_of: what was published later is left out of promises.

    Raises:
        BadInput: ``check-unknown`` or ``check-incomplete``: checks.toml asks for what there is not; ``agrees-with-nothing``.
    """
    record = opened(where)
    claims, checks = public_claims(record), toml_of(record, "checks.toml")
    return tuple(_claim(Matter(record, claims, row, checks.get(row["id"], {}), as_of)) for row in table(record, "claims.csv"))


def _claim(matter: Matter) -> Claim:
    row, check = matter.row, matter.check
    answer = _answer(matter) if check else Answer(NOT_CHECKED, "")
    if answer.verdict == AGREES and not answer.sources:
        raise BadInput("agrees-with-nothing", {"claim": row["id"]}, "name a source other than the announcement, or say: as printed")
    return Claim(
        row["id"], row["claim_in_our_words"], figures(row), row["said_by"], answer.verdict, answer.finding, check.get("report", ""),
        check.get("answers", ""), answer.sources,
    )  # fmt: skip


def _answer(matter: Matter) -> Answer:
    name = matter.check.get("by", "")
    if name not in CHECKS:
        raise BadInput("check-unknown", {"claim": matter.row["id"], "by": name}, f"one of: {', '.join(CHECKS)}")
    try:
        return CHECKS[name](matter)
    except KeyError as lacking:
        raise BadInput(
            "check-incomplete", {"claim": matter.row["id"], "lacks": lacking}, f"what {name} needs stands in docs/formats.md"
        ) from None


def figures(row: Mapping[str, str]) -> str:
    """Low, point and high with their unit, as printed; empty where the report gives none."""
    numbers = [f"{Decimal(row[name]):,}" for name in ("low", "point", "high") if row[name]]
    return f"{' to '.join(numbers)} {row['unit']}" if numbers else ""
