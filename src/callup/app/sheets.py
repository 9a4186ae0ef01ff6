"""Sheets: what two people read before they sign a freeze or a wave (safeguard G7, ADR 0038).

A sheet is plain text with counts; its SHA-256 is what is signed. It says the digest of the findings, or of the sizes, so a signature
covers both. It lies sealed in ``sealed/25-sheets`` and is made again byte for byte by a replay. It names nobody: of the sample of
findings that is read by eye it has digests only, and the rows are made again from the sealed tables when a named clerk opens them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app import durable, sealed
from callup.app.acts import DAILY_ALLOWANCE, reading, waiting_for_ruling
from callup.app.course import Course
from callup.app.dossier import Dossier
from callup.app.signing import WaitsForSignatures, require_two
from callup.app.stages.calling import read_quotas, sizes_text
from callup.law import Law
from callup.terms.errors import BadInput, Tampered

SAMPLE = 12
"""How many findings are read by eye before a freeze."""
_FOUND = ("LIABLE", "NOT_LIABLE", "UNDETERMINED")
_ACT = re.compile(r"freeze|size-[1-9][0-9]*")


# ---- kept and signed


def sign_sheet(course: Course, act: str, text: str) -> str:
    """Keep the sheet and wait for two signatures on it.

    Returns:
        The SHA-256 of the sheet.

    Raises:
        WaitsForSignatures: whose are missing; it carries the sheet.
    """
    digest = keep_sheet(course.dossier, act, text)
    try:
        require_two(course.dossier, course.randomness, act, digest)
    except WaitsForSignatures as halt:
        halt.sheet = text
        raise
    return digest


def keep_sheet(dossier: Dossier, act: str, text: str) -> str:
    """Seal the sheet unless this very one lies there; another lies there only while its act waits and facts came since."""
    path = _path(dossier, act)
    if not path.exists() or kept_sheet(dossier, act) != text:
        sealed_text = sealed.seal_bytes(text.encode(), dossier.key, path.stem.encode())
        durable.write_bytes(path, sealed_text, mode=0o600)
    return sheet_digest(text)


def kept_sheet(dossier: Dossier, act: str) -> str:
    """The sheet of an act as it lies sealed.

    Raises:
        BadInput: there is none.
        Tampered: it does not open.
    """
    path = _path(dossier, act)
    if not path.exists():
        raise BadInput("no-such-sheet", {"act": act}, "callup run DOSSIER makes the sheet of a freeze or a wave and halts there")
    return sealed.open_bytes(path.read_bytes(), dossier.key, path.stem.encode()).decode()


def sheet_digest(text: str) -> str:
    """What is signed: the SHA-256 of the sheet's bytes, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _path(dossier: Dossier, act: str) -> Path:
    if not _ACT.fullmatch(act):
        raise BadInput("act-without-sheet", {"act": act}, "name freeze, or size-N for wave N")
    return dossier.sealed / "25-sheets" / f"{act}.txt.sealed"


# ---- the sheet of a freeze


def freeze_sheet(course: Course) -> str:
    """What the law found in the register: counts by finding, unit and deciding rule, who waits, and the digests of the sample."""
    cells = _cells(course)
    findings = course.dossier.entry("findings")
    lines = _head(course, "freeze")
    lines += [f"law: {course.jurisdiction.version}", f"findings: {findings.digest}", f"persons: {findings.rows}", ""]
    lines += ["by finding", *_counts((name, _sum(cells, finding=name)) for name in _FOUND)]
    lines += ["", "by unit", _columns(_FOUND, "unit")]
    for unit in sorted({row["unit"] for row in cells}):
        lines.append(_columns((_sum(cells, unit=unit, finding=name) for name in _FOUND), unit))
    lines += ["", "by deciding rule", *_counts(_by_rule(course.jurisdiction.law, cells))]
    lines += ["", "waiting for a ruling, by what is missing", *_counts(sorted(waiting_for_ruling(course).items()))]
    lines += ["", "ruled so far", *_counts(_ruled(course)), "", f"sample of {SAMPLE}: SHA-256 of each row as it is read by eye"]
    lines += [f"{number:>12}  {sheet_digest(row)}" for number, (_, row) in enumerate(_sample(course), 1)]
    return _text(lines)


def _cells(course: Course) -> list[dict[str, Any]]:
    """Persons by finding, unit and deciding rule; a unit is one word in a line, whatever the register wrote."""
    course.engine.register("findings", _findings(course))
    counted = course.engine.table("SELECT finding, unit, rule, count(*) AS persons FROM findings GROUP BY finding, unit, rule").to_pylist()
    return [row | {"unit": _line(row["unit"]) if row["unit"] is not None else "(no unit)"} for row in counted]


def _findings(course: Course) -> Any:
    return sealed.sealed_dataset(course.table_path("20-findings", "findings.parquet"), course.dossier.key)


def _sum(cells: list[dict[str, Any]], **wanted: object) -> int:
    return sum(row["persons"] for row in cells if all(row[name] == value for name, value in wanted.items()))


def _by_rule(law: Law, cells: list[dict[str, Any]]) -> Iterable[tuple[str, int]]:
    for finding, rule in sorted({(row["finding"], row["rule"]) for row in cells}):
        yield f"{finding}  {_rule_words(law, rule)}", _sum(cells, finding=finding, rule=rule)


def _rule_words(law: Law, number: int) -> str:
    if not number:
        return "no rule of liability holds"
    rule = law.rules[number - 1]
    return f"{rule.citation}: {_line(rule.words)}"


def _ruled(course: Course) -> list[tuple[str, int]]:
    """The last ruling on each person, counted by outcome."""
    rows = course.facts.all().filter(pc.field("kind") == "ruled").to_pylist()
    last = [row["outcome"] for row in {row["ground"]: row for row in rows if row["ground"]}.values()]
    return [(outcome, last.count(outcome)) for outcome in ("liable", "not-liable")]


# ---- the sample


def _sample(course: Course) -> list[tuple[str, str]]:
    """Persons with the smallest SHA-256 of findings digest and person id, so that nobody chooses them; each with the row as text."""
    digest = course.dossier.entry("findings").digest
    course.engine.register("findings", _findings(course))
    picked = course.engine.table(
        f"SELECT * FROM findings ORDER BY sha256('callup/sample/1 {digest} ' || person_id), person_id LIMIT {SAMPLE}"
    )
    course.engine.register("picked", picked.select(["person_id"]))
    course.engine.register("snapshot", sealed.sealed_dataset(course.table_path("10-snapshot", "snapshot.parquet"), course.dossier.key))
    rows = course.engine.table("SELECT s.* FROM snapshot s JOIN picked p ON p.person_id = s.person_id").to_pylist()
    known = {row["person_id"]: row for row in rows}
    law = course.jurisdiction.law
    return [(row["person_id"], _row_text(law, row, known[row["person_id"]])) for row in picked.to_pylist()]


def _row_text(law: Law, found: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """One finding as a reader sees it: what was found, by which rule, which other rules hold, and the facts that the law reads."""
    held = [rule.citation for rule in law.rules if found["mask"] >> (rule.number - 1) & 1]
    lines = [f"person: {found['person_id']}", f"unit: {_shown(found['unit'])}", f"finding: {found['finding']}"]
    lines += [f"deciding rule: {_rule_words(law, found['rule'])}", f"rules that hold: {'; '.join(dict.fromkeys(held)) or 'none'}"]
    ends = ("until", "missing", "liable_from", "liable_until")
    lines += [f"{name.replace('_', ' ')}: {_shown(found[name])}" for name in ends if found[name] is not None]
    lines += [f"register {name}: {_shown(known[name])}" for name in law.columns if name in known]
    return _text(lines)


def open_sample(course: Course, clerk: str, reason: str) -> list[str]:
    """The rows of the sample, opened by a named clerk with a reason; each reading is a fact that the person sees (safeguard G4).

    Raises:
        BadInput: no name, no reason, or more files than the clerk may open in a day; nothing is recorded or shown then.
        Tampered: a row is not the one whose digest stands on the sheet.
    """
    listed = re.findall(r"^ +[0-9]+  ([0-9a-f]{64})$", kept_sheet(course.dossier, "freeze"), re.M)
    rows = [(person, text) for person, text in _sample(course) if sheet_digest(text) in listed]
    erased = course.facts.all().filter(pc.field("kind") == "erased").num_rows
    if len(rows) != len(listed) and not erased:
        words = {"rows on the sheet": len(listed), "rows that are the same": len(rows)}
        raise Tampered("sample-changed", words, "do not sign: callup replay names what changed")
    _record(course, [course.ring.name_for("case", course.decree.id, person, digits=24) for person, _ in rows], clerk, reason)
    return [text for _, text in rows]


def _record(course: Course, cases: list[str], clerk: str, reason: str) -> None:
    day = course.clock.day("assess" if course.decree.rehearsal else "read")
    facts = [reading(course.facts, case, clerk, reason, day) for case in cases]
    if len({*course.facts.readings(f"clerk: {clerk}", day), *cases}) > DAILY_ALLOWANCE:
        raise BadInput("allowance-used-up", {"clerk": clerk, "a day": DAILY_ALLOWANCE}, "another day, or another clerk")
    if facts:
        course.facts.record(pa.Table.from_pylist(facts))


# ---- the sheet of a wave


def wave_sheet(course: Course, wave: int, sizes: Mapping[str, int], so_far: Mapping[str, Mapping[str, int]]) -> str:
    """How many notices each stratum has in this wave, beside what its unit owes and how its earlier notices ended.

    Args:
        course: the run.
        wave: which wave.
        sizes: notices by stratum.
        so_far: enlisted, closed and open, by unit.
    """
    decree = course.decree
    quotas = {str(row["unit"]): int(row["quota"]) for row in read_quotas(course)}
    lines = _head(course, f"size-{wave}")
    # the roll's digest is known to nobody outside: without it few counts could be guessed from the published digest
    lines += [f"roll: {course.dossier.entry('roll').digest}", f"sizes: {hashlib.sha256(sizes_text(wave, sizes)).hexdigest()}"]
    lines += [f"wave: {wave} of {decree.waves}", f"yield: {float(decree.notice_yield):g}", f"notices: {sum(sizes.values())}", ""]
    lines += ["notices of each stratum, beside the quota of its unit and what has become of earlier notices there"]
    lines += [_columns(("notices", "quota", "enlisted", "ended", "open"), "stratum")]
    for stratum, size in sorted(sizes.items()):
        unit = stratum.partition("+")[0]
        ended = [so_far[kind].get(unit, 0) for kind in ("enlisted", "closed", "open")]
        lines.append(_columns((size, quotas.get(unit, 0), *ended), stratum))
    return _text(lines)


# ---- words


def _head(course: Course, act: str) -> list[str]:
    return ["callup/sheet/1", f"act: {act}", f"call-up: {course.decree.id}", f"title: {_line(course.decree.title)}"]


def _counts(rows: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{count:>12}  {words}" for words, count in rows] or [f"{0:>12}"]


def _columns(cells: Iterable[object], name: str) -> str:
    return "".join(f"{cell:>14}" for cell in cells) + f"  {name}"


def _shown(value: object) -> str:
    return "unknown" if value is None else _line(str(value))


def _line(text: str) -> str:
    return " ".join(text.split())


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
