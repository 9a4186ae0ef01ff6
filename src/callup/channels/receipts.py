"""What every channel does: turn a dispatch and a carrier's file of receipts into facts, each with its evidence."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

import pyarrow as pa

from callup.terms.errors import BadInput, Unavailable
from callup.terms.facts import VOCABULARY
from callup.terms.tables import FACTS

_DATES = ("happened_on", "known_on", "until", "appear_on")
FACT_FIELDS = pa.schema(
    [pa.field(name, pa.date32() if name in _DATES else pa.string()) for name in FACTS.names if name not in ("fact_id", "seq")]
)
"""FACTS without the two columns that recording adds."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A way of making available and of getting evidence back. Whether its evidence counts as service, the procedure says.

    Args:
        code: its name in decrees and procedures.
        actor: who dispatches: carrier, portal or desk.
        dispatched: the kind of fact that a dispatch is; empty where handing over and delivery are one.
        reports: kinds of facts that its receipts may report.
    """

    code: str
    actor: str
    dispatched: str
    reports: tuple[str, ...]

    def dispatch(self, batch: pa.Table, day: date) -> pa.Table:
        """The facts of one dispatch: the same batch again gives the same facts.

        Args:
            batch: ``case_id``, ``notice_id`` and ``evidence`` (hex SHA-256 of what was handed over).
            day: the day of the carrier's acceptance, never of printing.

        Raises:
            BadInput: this channel has no dispatch apart from delivery, or a row names no evidence.
        """
        if not self.dispatched:
            raise BadInput("channel-has-no-dispatch", {"channel": self.code}, "record the delivery itself")
        if batch.column("evidence").null_count:
            raise BadInput("dispatch-without-evidence", {"channel": self.code}, "give the digest of what was handed over")
        rows = batch.num_rows
        fixed = {"kind": self.dispatched, "happened_on": day, "known_on": day, "actor": self.actor, "channel": self.code}
        return facts_table({name: batch.column(name) for name in ("case_id", "notice_id", "evidence")}, fixed, rows)

    def evidence(self, source: BinaryIO, known_on: date) -> pa.Table:
        """Read a file of receipts: UTF-8 CSV with kind, case_id, notice_id, happened_on, outcome.

        Args:
            source: the file.
            known_on: the day on which it came; a return may speak of a day long past.

        Raises:
            BadInput: what is wrong, row by row.
            Unavailable: the file cannot be read now.
        """
        try:
            content = source.read()
        except OSError as failure:
            raise Unavailable("receipts-not-readable", {"channel": self.code, "why": str(failure)}, "try again") from failure
        try:
            lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        except (UnicodeDecodeError, csv.Error) as failure:
            raise BadInput("receipts-not-csv", {"channel": self.code, "why": str(failure)}, "send UTF-8 CSV") from failure
        rows = [self._receipt(number, line, known_on) for number, line in enumerate(lines, 1)]
        wrong = [row for row in rows if isinstance(row, str)]
        if wrong:
            raise BadInput("receipts-unusable", {"channel": self.code, "problems": tuple(wrong)}, "mend each named row")
        return pa.Table.from_pylist([row for row in rows if not isinstance(row, str)], FACT_FIELDS)

    def _receipt(self, number: int, line: Mapping[str, str], known_on: date) -> dict[str, object] | str:
        kind = line.get("kind") or ""
        if kind not in self.reports:
            return f"row {number}: {kind!r} is not reported by {self.code}"
        outcome = line.get("outcome") or None
        if VOCABULARY[kind].outcomes and outcome not in VOCABULARY[kind].outcomes:
            return f"row {number}: outcome {outcome!r} is none of {', '.join(VOCABULARY[kind].outcomes)}"
        try:
            happened_on = date.fromisoformat(line.get("happened_on") or "")
        except ValueError:
            return f"row {number}: happened_on is no date"
        text = "\n".join((self.code, kind, line.get("notice_id") or "", happened_on.isoformat(), outcome or ""))
        row: dict[str, object] = {name: line.get(name) or None for name in ("case_id", "notice_id")}
        row |= {"kind": kind, "happened_on": happened_on, "known_on": max(known_on, happened_on), "actor": self.actor}
        return row | {"channel": self.code, "outcome": outcome, "evidence": hashlib.sha256(text.encode()).hexdigest()}


def facts_table(columns: Mapping[str, Any], fixed: Mapping[str, Any], rows: int) -> pa.Table:
    """Facts from columns and from values that all rows share; what is not named is null."""
    made: list[Any] = []
    for field in FACT_FIELDS:
        if field.name in columns:
            column = columns[field.name]
            made.append(column if isinstance(column, pa.ChunkedArray) else pa.array(column, field.type))
        elif field.name in fixed:
            made.append(pa.repeat(pa.scalar(fixed[field.name], field.type), rows))
        else:
            made.append(pa.nulls(rows, field.type))
    return pa.table(made, schema=FACT_FIELDS)
