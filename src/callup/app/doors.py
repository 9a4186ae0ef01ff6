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
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app.acts import add_fact
from callup.app.course import Course
from callup.app.exports.case import gather
from callup.app.exports.record import PARTS, in_part, record
from callup.app.personal import read_addresses
from callup.app.signing import require_two
from callup.app.stages.noticing import notices_of
from callup.app.standing import standings, summons_of
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
        extent: which parts of the record, or which columns of a hand-over: these are given, and no others.
        order: the court's order or the request, as a file: its digest is the evidence.
        officials: two people whom the decree names (safeguard G7).
        on: the day.
        silent_until: the court forbade to tell the person before this day; none: the person sees it at once.
    """

    body: str
    article: str
    extent: tuple[str, ...]
    order: bytes
    officials: tuple[str, str]
    on: date
    silent_until: date | None = None

    def words(self) -> str:
        """What stands in the fact, for the person to read."""
        return f"article: {self.article}; extent: {', '.join(self.extent)}"


_NAMES = ("body", "article", "extent", "order", "by", "on", "silent_until")


def read_warrant(path: Path, decree: Decree, may_give: tuple[str, ...] = PARTS) -> Warrant:
    """Read a warrant, format ``callup/warrant/1``; the order it names lies beside it.

    Args:
        path: the TOML file.
        decree: its receiving body stands in where a hand-over names none.
        may_give: the words that the extent may have.

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
    said = {"body": decree.receiving_body, **table}
    wrong = _wrong(said, order, may_give)
    if wrong:
        hint = f"give {', '.join(_NAMES[:-1])} and nothing else"
        raise BadInput("warrant-unusable", {"path": str(path), "wrong": "; ".join(wrong)}, hint)
    on, until = said["on"], said.get("silent_until")
    if until is not None and not (_is_day(until) and on < until <= on + MOST_SILENT):
        raise BadInput("silence-without-end", {"until": until}, "a day after the disclosure and within a year of it")
    return Warrant(said["body"], said["article"], tuple(said["extent"]), order, tuple(said["by"]), on, until)


def _wrong(said: Mapping[str, Any], order: bytes, may_give: tuple[str, ...]) -> list[str]:
    """All that is wrong with a warrant, at once."""
    extent, by = said.get("extent"), said.get("by")
    texts = [name for name in ("body", "article") if not isinstance(said.get(name), str) or not said[name].strip()]
    checks = (
        (isinstance(extent, list) and bool(extent) and set(map(str, extent)) <= set(may_give), f"extent: some of {', '.join(may_give)}"),
        (isinstance(by, list) and len(by) == 2 and all(isinstance(one, str) for one in by), "by: two names"),
        (bool(order), "order: an empty file"),
        (_is_day(said.get("on")), "on: a day"),
    )
    return texts + sorted(set(said) - set(_NAMES)) + [words for holds, words in checks if not holds]


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def disclose(course: Course, case: str, warrant: Warrant) -> dict[str, Any]:
    """Give the named parts of one person's record to a body, under a court's order.

    Raises:
        BadInput: no such case.
        WaitsForSignatures: the two have not both signed.
    """
    _record(course, "disclosure", case, warrant)
    return in_part(record(gather(course, case, warrant.on, warrant.on)), warrant.extent)


def inspect(course: Course, case: str, warrant: Warrant) -> dict[str, Any]:
    """Show the named parts of one person's record to a party, on the screen.

    Raises:
        BadInput: no such case, or silence, which only a disclosure may have.
        WaitsForSignatures: the two have not both signed.
    """
    _refuse_silence(warrant)
    _record(course, "inspection", case, warrant)
    return in_part(record(gather(course, case, warrant.on, warrant.on)), warrant.extent)


def hand_over(course: Course, warrant: Warrant) -> bytes:
    """Hand those enlisted and not handed over yet to the receiving body that the decree names: a CSV of the columns in the extent.

    Enlisted is whose case the law reads so on that day: an enlistment entered while a claim let the duty rest hands nobody over.
    The facts are recorded before the list is given; who asks again on the same day gets the same list.

    Raises:
        BadInput: the decree names no such body, the warrant names another or keeps silent, or nobody waits.
        WaitsForSignatures: the two have not both signed.
    """
    named, day = course.decree.receiving_body, warrant.on
    if not named or warrant.body != named:
        raise BadInput("receiving-body-unknown", {"body": warrant.body, "decree": named or "none"}, "only the body of order.receiving_body")
    _refuse_silence(warrant)
    facts = course.facts.all()
    gone = {row["case_id"] for row in _of(facts, "handover").to_pylist() if row["known_on"] != day}
    lawful = {row["case_id"] for row in standings(course, day, day).to_pylist() if row["state"] == "enlisted"} - gone
    enlisted = {row["case_id"]: row["happened_on"] for row in _of(facts, "enlisted").to_pylist() if row["case_id"] in lawful}
    if not enlisted:
        raise BadInput("nobody-to-hand-over", {"day": day}, "everyone enlisted so far was handed over")
    rows = sorted(_names(course, enlisted), key=lambda row: row["case_id"])
    evidence = hashlib.sha256(warrant.order).hexdigest()
    digest = hashlib.sha256(f"handover\n{day}\n{warrant.body}\n{warrant.words()}\n{evidence}\n".encode()).hexdigest()
    require_two(course.dossier, course.randomness, "handover", digest, warrant.officials)
    shared = {"kind": "handover", "actor": f"official: {warrant.officials[0]}", "happened_on": day, "known_on": day, "evidence": evidence}
    shared |= {"ground": warrant.body, "reason": warrant.words(), "second": warrant.officials[1]}
    course.facts.record(pa.Table.from_pylist([{**shared, "case_id": row["case_id"]} for row in rows]))
    out = io.StringIO()
    writer = csv.DictWriter(out, [name for name in HANDED if name in warrant.extent], lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _refuse_silence(warrant: Warrant) -> None:
    if warrant.silent_until is not None:
        raise BadInput("silence-without-court", {"until": warrant.silent_until}, "only a court's order to disclose may keep silent")


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
