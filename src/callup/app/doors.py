"""The three doors by which data about a person may leave, and no other (safeguard G12): disclosure, handover, inspection.

Each use is a fact with the order, the body, the article and the extent; the person sees it, at the latest on the day on which a
dated order of silence ends; and it is counted in public by body, also where the count is zero.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app.acts import add_fact
from callup.app.course import Course
from callup.app.exports.case import gather
from callup.app.exports.record import record
from callup.app.personal import read_addresses
from callup.app.signing import require_two
from callup.app.stages.noticing import notices_of
from callup.app.standing import summons_of
from callup.terms.decree import Decree
from callup.terms.errors import BadInput
from callup.terms.facts import DOORS

HANDED = ("case_id", "name", "enlisted_on", "unit")
"""All that the receiving body gets of an enlisted person: no birth date, no address, no health, no history."""
MOST_SILENT = timedelta(days=366)
"""An order of silence must end: after a year at the latest it must be made anew, or the person sees the disclosure."""


@dataclass(frozen=True, slots=True)
class Warrant:
    """What opens a door.

    Args:
        body: who gets or sees it.
        article: by which article.
        extent: what is given, in words.
        order: the court's order or the request, as a file: its digest is the evidence.
        officials: two people whom the decree names (safeguard G7).
        on: the day.
        silent_until: the court forbade to tell the person before this day; none: the person sees it at once.
    """

    body: str
    article: str
    extent: str
    order: bytes
    officials: tuple[str, str]
    on: date
    silent_until: date | None = None

    def words(self) -> str:
        """What stands in the fact, for the person to read."""
        return f"article: {self.article}; extent: {self.extent}"


_NAMES = ("body", "article", "extent", "order", "by", "on", "silent_until")


def read_warrant(path: Path, decree: Decree) -> Warrant:
    """Read a warrant, format ``callup/warrant/1``; the order it names lies beside it.

    Raises:
        BadInput: it cannot be read, lacks something, says something else, or is silent without a near end.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        order = (path.parent / str(table.get("order", ""))).read_bytes()
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        raise BadInput(
            "warrant-not-readable", {"path": str(path), "why": str(failure)}, "write TOML; order names a file beside it"
        ) from failure
    body = str(table.get("body", decree.receiving_body))
    texts = {"body": body, **{name: str(table.get(name, "")) for name in ("article", "extent")}}
    by, on, until = table.get("by", []), table.get("on"), table.get("silent_until")
    wrong = [name for name, words in texts.items() if not words.strip()] + sorted(set(table) - set(_NAMES))
    wrong += [] if isinstance(by, list) and len(by) == 2 else ["by: two names"]
    wrong += [] if order else ["order: an empty file"]
    wrong += [] if isinstance(on, date) else ["on: a day"]
    if wrong or not isinstance(on, date):
        raise BadInput(
            "warrant-unusable", {"path": str(path), "wrong": ", ".join(wrong)}, f"give {', '.join(_NAMES[:-1])} and nothing else"
        )
    if until is not None and not (isinstance(until, date) and on < until <= on + MOST_SILENT):
        raise BadInput("silence-without-end", {"until": until}, "a day after the disclosure and within a year of it")
    return Warrant(body, texts["article"], texts["extent"], order, (str(by[0]), str(by[1])), on, until)


def disclose(course: Course, case: str, warrant: Warrant) -> dict[str, Any]:
    """Give one person's record to a body, under a court's order; gives the record.

    Raises:
        BadInput: no such case.
        WaitsForSignatures: the two have not both signed.
    """
    _record(course, "disclosure", case, warrant)
    return record(gather(course, case, warrant.on, warrant.on))


def inspect(course: Course, case: str, warrant: Warrant) -> dict[str, Any]:
    """Show one person's record to a party, on the screen; gives the record.

    Raises:
        BadInput: no such case, or silence, which only a disclosure may have.
        WaitsForSignatures: the two have not both signed.
    """
    if warrant.silent_until is not None:
        raise BadInput("silence-without-court", {"until": warrant.silent_until}, "only a court's order to disclose may keep silent")
    _record(course, "inspection", case, warrant)
    return record(gather(course, case, warrant.on, warrant.on))


def hand_over(course: Course, warrant: Warrant) -> bytes:
    """Hand those enlisted and not handed over yet to the receiving body that the decree names: a CSV of `HANDED`.

    The facts are recorded before the list is given; who asks again on the same day gets the same list.

    Raises:
        BadInput: the decree names no such body, the warrant names another, or nobody waits.
        WaitsForSignatures: the two have not both signed.
    """
    named, day = course.decree.receiving_body, warrant.on
    if not named or warrant.body != named:
        raise BadInput("receiving-body-unknown", {"body": warrant.body, "decree": named or "none"}, "only the body of order.receiving_body")
    facts = course.facts.all(day)
    gone = {row["case_id"] for row in _of(facts, "handover").to_pylist() if row["known_on"] < day}
    enlisted = {row["case_id"]: row["happened_on"] for row in _of(facts, "enlisted").to_pylist() if row["case_id"] not in gone}
    if not enlisted:
        raise BadInput("nobody-to-hand-over", {"day": day}, "everyone enlisted so far was handed over")
    rows = sorted(_names(course, enlisted), key=lambda row: row["case_id"])
    digest = hashlib.sha256(f"handover\n{day}\n{warrant.body}\n{warrant.words()}\n".encode() + warrant.order).hexdigest()
    require_two(course.dossier, course.randomness, "handover", digest, warrant.officials)
    fields = {"ground": warrant.body, "reason": warrant.words(), "second": warrant.officials[1]}
    shared = {"kind": "handover", "actor": f"official: {warrant.officials[0]}", "happened_on": day, "known_on": day}
    evidence = hashlib.sha256(warrant.order).hexdigest()
    course.facts.record(pa.Table.from_pylist([{**shared, **fields, "case_id": row["case_id"], "evidence": evidence} for row in rows]))
    out = io.StringIO()
    writer = csv.DictWriter(out, HANDED, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _names(course: Course, enlisted: Mapping[str, date]) -> list[dict[str, Any]]:
    """Name, day and unit of those enlisted, from the addresses of their wave."""
    rows = []
    for wave in range(1, course.decree.waves + 1):
        if not course.dossier.finished(f"enter-{wave}"):
            continue
        notices = notices_of(course, wave)
        mine = notices.filter(
            pc.and_(pc.is_in(notices.column("case_id"), pa.array(list(enlisted))), pc.equal(notices.column("kind"), "summons"))
        )
        folder = course.table_path("10-snapshot", "addresses", f"wave-{wave}")
        plain = read_addresses(folder / "addresses.parquet", folder / "keys.parquet", course.dossier.key)
        names = dict(zip(plain.column("person_id").to_pylist(), plain.column("name").to_pylist(), strict=True))
        for row in mine.to_pylist():
            unit = row["stratum"].partition("+")[0]
            said = (row["case_id"], names[row["person_id"]], enlisted[row["case_id"]], unit)
            rows.append(dict(zip(HANDED, said, strict=True)))
    return rows


def door_counts(facts: pa.Table) -> dict[tuple[str, str], int]:
    """Uses of each door by body, in public also when zero: (door, body) to uses; a door never used has the body ``""``."""
    used = facts.filter(pc.is_in(facts.column("kind"), value_set=pa.array(DOORS)))
    counted = Counter(zip(used.column("kind").to_pylist(), used.column("ground").to_pylist(), strict=True))
    found: dict[tuple[str, str], int] = {}
    for door in DOORS:
        found |= {pair: uses for pair, uses in sorted(counted.items()) if pair[0] == door} or {(door, ""): 0}
    return found


def _record(course: Course, door: str, case: str, warrant: Warrant) -> None:
    summons_of(course, case)
    evidence = hashlib.sha256(warrant.order).hexdigest()
    digest = hashlib.sha256(f"{door}\n{case}\n{warrant.body}\n{warrant.words()}\n{evidence}\n".encode()).hexdigest()
    require_two(course.dossier, course.randomness, door, digest, warrant.officials)
    fields = {"case_id": case, "ground": warrant.body, "reason": warrant.words(), "second": warrant.officials[1], "evidence": evidence}
    if warrant.silent_until is not None:
        fields["until"] = warrant.silent_until.isoformat()
    add_fact(course.facts, door, f"official: {warrant.officials[0]}", (warrant.on, warrant.on), fields)


def _of(facts: pa.Table, kind: str) -> pa.Table:
    return facts.filter(pc.equal(facts.column("kind"), kind))
