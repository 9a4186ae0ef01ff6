"""Replay: everything that follows from the six inputs and the sealed randomness is made again and compared (design D4)."""

from __future__ import annotations

import contextlib
import filecmp
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callup.app import sealed
from callup.app.course import Course
from callup.app.dossier import Dossier
from callup.app.engines.opening import DUCKDB
from callup.app.erased import whole_digest
from callup.app.halting import publish_halts
from callup.app.logs import CallUpLogs
from callup.app.sheets import kept_sheet, sheet_digest
from callup.app.signing import WaitsForSignatures
from callup.app.stores.tiles import PosixTileStore
from callup.app.supplements import supplements
from callup.app.voice import Voice
from callup.app.wire import own_facts, replay_course
from callup.draw import read_plan
from callup.terms.errors import BadInput, OutOfOrder, Tampered
from callup.terms.schema import Schema
from callup.terms.tables import FINDINGS, NOTICES, OUTCOMES, ROLL
from callup.tlog import Tree


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that did not come out the same: what, what stands in the dossier, what was made again."""

    what: str
    stands: str
    made: str


def replay(dossier: Dossier, voice: Voice, engine: str = DUCKDB) -> list[Difference]:
    """Run the line again beside the dossier, from its own inputs, and compare every digest and every open byte.

    Args:
        dossier: a dossier with at least one finished stage.
        voice: says what goes on.
        engine: of the stages over the whole register; every engine must give the same.

    Returns:
        The differences, empty where all is the same.
    """
    if not dossier.lines():
        raise OutOfOrder("nothing-to-replay", {"path": str(dossier.root)}, "run the call-up first: callup run DOSSIER")
    with contextlib.ExitStack() as ends:
        shadow = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="callup-replay-", ignore_cleanup_errors=True)))
        course = ends.enter_context(contextlib.closing(replay_course(dossier, shadow, voice, engine)))
        if erased := sum(1 for row in own_facts(dossier).all().column("kind").to_pylist() if row == "erased"):
            voice.say(f"erased: {erased} by law; the stages are not made again, kept digests and published leaves are checked")
            return _sealed_compared(dossier, course) + _leaves_compared(dossier, course)
        from callup.app.pipeline import run_line

        # what comes out otherwise than it was signed is not gone on with; all that follows is named as not reached
        with contextlib.suppress(WaitsForSignatures):
            run_line(course, to=next(line["stage"] for line in reversed(dossier.lines()) if "stage" in line))
            _go_on_after_the_line(dossier, course)
        compared = _lines_compared(dossier, course.dossier) + _sealed_compared(dossier, course)
        return compared + _open_compared(dossier.open, course.dossier.open)


def _go_on_after_the_line(dossier: Dossier, course: Course) -> None:
    """What was entered in the acts log after the last finished stage: facts, and the halts among them."""
    entered, have = max(course.supply.cuts, default=0), course.facts.last_seq()
    if entered > have:
        logs = CallUpLogs(course)
        course.facts.record(own_facts(dossier).cut_segment(have, entered))
        publish_halts(course, logs, have)
        logs.log_facts(course)


def _lines_compared(dossier: Dossier, again: Dossier) -> list[Difference]:
    found = []
    made = {line["stage"]: line for line in again.lines() if "stage" in line}
    for line in dossier.lines():
        if "stage" not in line:
            continue
        other = made.get(line["stage"])
        if other is None:
            found.append(Difference(f"stage {line['stage']}", "finished", "not reached"))
            continue
        digests = {entry["name"]: entry["digest"] for entry in other["artefacts"]}
        for entry in line["artefacts"]:
            if entry["digest"] != digests.get(entry["name"]):
                found.append(Difference(entry["name"], entry["digest"], digests.get(entry["name"], "missing")))
    return found


def _sealed_tables(dossier: Dossier) -> Iterator[tuple[str, Path, Schema]]:
    """The sealed tables that a replay makes anew and reads nowhere: artefact, where it lies, its columns."""
    yield "findings", dossier.sealed / "20-findings" / "findings.parquet", FINDINGS
    yield "roll", dossier.sealed / "30-roll" / "roll.parquet", ROLL
    for wave in range(1, dossier.decree().waves + 1):
        yield f"notices-{wave}", dossier.sealed / "50-notices" / f"wave-{wave}" / "notices.parquet", NOTICES
    for one in supplements(dossier):
        yield f"roll-s{one.number}", one.sealed_folder(dossier) / "roll.parquet", ROLL
    yield "outcomes", dossier.sealed / "80-outcomes" / "outcomes.parquet", OUTCOMES


def _sealed_compared(dossier: Dossier, course: Course) -> list[Difference]:
    """What lies sealed against what the log says of it: whoever holds the key could have written a table anew."""
    known = {entry["name"]: entry["digest"] for line in dossier.lines() for entry in line.get("artefacts", ())}
    found = []
    for name, path, schema in _sealed_tables(dossier):
        if name in known and (lies := _digest_of(course, path, schema)) != known[name]:
            found.append(Difference(f"sealed/{path.relative_to(dossier.sealed)}", lies, known[name]))
    for name in (name for name in known if name.startswith("sheet-")):
        if (lies := _sheet_digest_of(dossier, name.removeprefix("sheet-"))) != known[name]:
            found.append(Difference(f"sealed/25-sheets/{name.removeprefix('sheet-')}", lies, known[name]))
    return found


def _sheet_digest_of(dossier: Dossier, act: str) -> str:
    try:
        return sheet_digest(kept_sheet(dossier, act))
    except BadInput:
        return "missing"
    except Tampered:
        return "does not open"


def _digest_of(course: Course, path: Path, schema: Schema) -> str:
    if not path.exists():
        return "missing"
    try:
        return whole_digest(course.engine, path, schema, course.dossier.key)
    except Tampered:
        return "does not open"


def _leaves_compared(dossier: Dossier, course: Course) -> list[Difference]:
    """The logs hash to their heads, and the roll trees to the roots that the plans name, whoever is erased."""
    found = []
    store = PosixTileStore(dossier.open / "log", dossier.sealed / "log-heads")
    for log in ("public", "acts"):
        head = store.head(log)
        made = Tree(store, log, head.size).check()
        if made != head.root:
            found.append(Difference(f"log {log}", head.root.hex(), made.hex()))
    for plan in (dossier.open / "40-seed" / "plan.txt", *sorted(dossier.open.glob("46-supplements/*/plan.txt"))):
        for stratum, (size, root) in read_plan(plan.read_text(encoding="utf-8")).rolls.items():
            made = Tree(store, f"roll/{stratum}", size).check()
            if made.hex() != root:
                found.append(Difference(f"roll {stratum}", root, made.hex()))
    return found


def _open_compared(stands: Path, made: Path) -> list[Difference]:
    names = {path.relative_to(root) for root in (stands, made) for path in root.rglob("*") if path.is_file()}
    found = []
    for name in sorted(names):
        one, two = stands / name, made / name
        if not one.exists() or not two.exists():
            found.append(Difference(f"open/{name}", "there" if one.exists() else "missing", "made" if two.exists() else "not made"))
        elif not filecmp.cmp(one, two, shallow=False):
            found.append(Difference(f"open/{name}", "other bytes", "other bytes"))
    return found


def stored_salts(dossier: Dossier) -> dict[str, dict[str, str]]:
    """The salts that the dossier keeps, by label and id."""
    salts: dict[str, dict[str, str]] = {"roll": {}, "open": {}, "act": {}}
    rolls = [dossier.sealed / "30-roll" / "roll.parquet", *(one.sealed_folder(dossier) / "roll.parquet" for one in supplements(dossier))]
    for roll in (path for path in rolls if path.exists()):
        table = sealed.read_sealed(roll, dossier.key).read_all().select(["person_id", "salt"])
        salts["roll"] |= dict(zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True))
    for path in sorted((dossier.sealed / "50-notices").glob("wave-*/notices.parquet")):
        table = sealed.read_sealed(path, dossier.key).read_all().select(["notice_id", "salt"])
        salts["open"].update(zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True))
    for path in sorted((dossier.sealed / "60-facts" / "acts").glob("*.parquet")):
        table = sealed.read_sealed(path, dossier.key).read_all().select(["fact_id", "salt"])
        salts["act"].update(zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True))
    return salts
