"""Freeze, apportion, commit, cast: who is on the roll, what each unit owes, and an order that nobody can steer."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from callup.app import durable, sealed
from callup.app.course import Course
from callup.app.dossier import Entry
from callup.app.logs import CallUpLogs
from callup.app.promises import promises_digest
from callup.app.sheets import freeze_sheet, kept_sheet, sheet_digest, sign_sheet
from callup.app.signing import require_two, signatures_path
from callup.app.stages.awaiting import beacon_value, planned_beacon
from callup.app.stages.listing import places_in_classes, places_in_order
from callup.draw import (
    apportion,
    commitment,
    plan_text,
    read_plan,
    seed_document,
    seed_of,
)
from callup.draw.panels import panel_of
from callup.statistics import counts as count_cells
from callup.terms.decree import CLASSES
from callup.terms.errors import BadInput, Tampered
from callup.terms.tables import QUOTAS, ROLL


def sign_freeze(course: Course) -> None:
    """The freeze waits for two signatures over its sheet, which says the findings' digest (safeguard G7)."""
    if course.dossier.finished("freeze"):  # later rulings and erasures change no sheet that was signed
        require_two(course.dossier, course.randomness, "freeze", course.dossier.entry("sheet-freeze").digest)
        return
    # a replay knows the rulings that the first run knew
    course.supply.until(course, "freeze", course.decree.key_date, course.decree.key_date)
    sign_sheet(course, "freeze", freeze_sheet(course))


def freeze(course: Course, folder: Path, open_folder: Path) -> list[Entry]:
    """Everyone liable on a day of the window, and whoever an official ruled to be; the undetermined wait for a ruling."""
    path = course.table_path("20-findings", "findings.parquet")
    columns = ["person_id", "born_on", "unit", "finding", "liable_from", "liable_until"]
    course.register_engine.register("findings", sealed.read_sealed(path, course.dossier.key, columns))
    course.register_engine.register("rulings", _rulings(course))
    liable = course.register_engine.table(
        "SELECT f.person_id, f.born_on, f.unit AS stratum, coalesce(f.liable_from, r.since) AS liable_from, f.liable_until "
        "FROM findings f LEFT JOIN rulings r ON r.person_id = f.person_id "
        "WHERE f.unit IS NOT NULL AND coalesce(r.outcome, '') <> 'not-liable' "
        "AND (f.finding = 'LIABLE' OR (f.finding = 'UNDETERMINED' AND r.outcome = 'liable')) "
        "ORDER BY f.person_id"
    )
    _check_units(liable)
    if course.decree.listed:
        liable = _in_listed_order(course, liable)
    elif course.decree.order_method == "panels":
        liable = _in_panels(course, liable)
    elif len(CLASSES[course.decree.order_method]) > 1:
        liable = _in_classes(course, liable)
    salts = course.randomness.salts("roll", liable.column("person_id").to_pylist())
    roll = course.register_engine.seal_roll(liable.append_column("salt", pa.array(salts, pa.string())))
    if roll.num_rows < course.decree.persons_to_enlist:
        raise BadInput(
            "decree-exceeds-roll",
            {"persons_to_enlist": course.decree.persons_to_enlist, "persons in the roll": roll.num_rows},
            "the decree asks for more persons than are liable: lower its number or check the register",
        )
    _require_ruled(course, roll)
    sealed.write_sealed(folder / "roll.parquet", ROLL, roll.to_batches(), course.dossier.key)
    digest, rows = course.register_engine.digest(roll, ROLL)
    findings = (course.dossier.entry("findings").digest,)
    sheet = Entry("sheet-freeze", sheet_digest(kept_sheet(course.dossier, "freeze")), 1, findings)
    return [Entry("roll", digest, rows, findings), publish_counts(course, roll, open_folder), sheet]


def _require_ruled(course: Course, roll: pa.Table) -> None:
    """Whoever two officials ruled liable stands in the roll: nobody leaves the list of those who wait and is then lost.

    Raises:
        Tampered: somebody of them does not.
    """
    rulings = _rulings(course)
    liable = rulings.filter(pa.compute.equal(rulings.column("outcome"), "liable")).column("person_id")
    if not len(liable):
        return
    there = pa.compute.sum(pa.compute.is_in(liable, value_set=roll.column("person_id").combine_chunks())).as_py()
    if there != len(liable):
        words = {"ruled liable": len(liable), "of these in the roll": there}
        raise Tampered("ruled-person-lost", words, "stop: a ruling was recorded past callup rule, or somebody was dropped")


def _check_units(liable: pa.Table) -> None:
    """A unit becomes a line of the plan and a file's name.

    Raises:
        BadInput: a unit with other characters than letters, digits, '-', '.' and '_'.
    """
    for unit in liable.column("stratum").unique().to_pylist():
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", unit):
            raise BadInput("unit-unusable", {"unit": unit[:80]}, "units are letters, digits, '-', '.' and '_': mend the register")


def _in_listed_order(course: Course, liable: pa.Table) -> pa.Table:
    """The liable in the law's own order; who is liable and not in the list is not in the roll until a ruling gives a place."""
    course.register_engine.register("liable", liable)
    course.register_engine.register("places", places_in_order(course))
    return course.register_engine.table(
        "SELECT l.*, o.listed AS position FROM liable l JOIN places o ON o.person_id = l.person_id AND o.stratum = l.stratum "
        "ORDER BY l.person_id"
    )


def _in_classes(course: Course, liable: pa.Table) -> pa.Table:
    """Volunteers and other classes as strata of their own. Naming somebody binds nobody: who is not liable stands on no roll."""
    course.register_engine.register("liable", liable)
    course.register_engine.register("classes", places_in_classes(course))
    return course.register_engine.table(
        "SELECT l.person_id, l.born_on, coalesce(c.stratum, l.stratum) AS stratum, l.liable_from, l.liable_until "
        "FROM liable l LEFT JOIN classes c ON c.person_id = l.person_id AND c.unit = l.stratum ORDER BY l.person_id"
    )


def _in_panels(course: Course, liable: pa.Table) -> pa.Table:
    """A line for each panel in which somebody stands; whoever is liable and in no panel is not in the roll.

    Raises:
        BadInput: a panel of which nobody is liable: the seed could pick it.
    """
    course.register_engine.register("liable", liable)
    course.register_engine.register("panels", listed := places_in_classes(course))
    found = course.register_engine.table(
        "SELECT l.person_id, l.born_on, p.stratum, l.liable_from, l.liable_until "
        "FROM liable l JOIN panels p ON p.person_id = l.person_id AND p.unit = l.stratum ORDER BY l.person_id, p.stratum"
    )
    panels, left = ({panel_of(one) for one in table.column("stratum").unique().to_pylist()} for table in (listed, found))
    if panels - left:
        empty = ", ".join(str(panel) for panel in sorted(panels - left)[:5])
        raise BadInput("panel-without-liable", {"panels": empty}, "leave out panels of which the law binds nobody")
    return found


def _rulings(course: Course) -> pa.Table:
    """Rulings by re-keyed person id, the last of each, with its turn among all."""
    facts = course.facts.all().filter(pa.compute.field("kind") == "ruled").to_pylist()
    by_person = {row["ground"]: row for row in facts if row["ground"]}
    return pa.table(
        {
            "person_id": pa.array(list(by_person), pa.string()),
            "outcome": pa.array([row["outcome"] for row in by_person.values()], pa.string()),
            "turn": pa.array([row["seq"] for row in by_person.values()], pa.int64()),
            "since": pa.array([course.decree.opens_on] * len(by_person), pa.date32()),
        }
    )


def publish_counts(course: Course, roll: pa.Table, folder: Path) -> Entry:
    """Counts per place and birth year, small cells merged, unexpected zeros shown (safeguard G5)."""
    course.register_engine.register("roll_cells", roll.select(["stratum", "born_on", "person_id"]))
    cells = course.register_engine.table(
        "SELECT split_part(stratum, '+', 1) AS unit, CAST(year(born_on) AS BIGINT) AS born_year, count(DISTINCT person_id) AS persons "
        "FROM roll_cells GROUP BY split_part(stratum, '+', 1), year(born_on) ORDER BY 1, 2 NULLS LAST"
    )
    published = count_cells(cells, course.decree.merge_below)
    pacsv.write_csv(published, folder / "counts.csv")
    return Entry("counts", hashlib.sha256((folder / "counts.csv").read_bytes()).hexdigest(), published.num_rows)


def stratum_sizes(course: Course) -> dict[str, int]:
    """How many stand in each stratum, from the sealed roll."""
    column = course.read("30-roll", "roll.parquet", columns=["stratum"]).column("stratum")
    counted = column.value_counts()
    return {str(row["values"]): int(row["counts"]) for row in sorted(counted.to_pylist(), key=lambda row: row["values"])}


def apportion_quotas(course: Course, folder: Path) -> list[Entry]:
    """What each unit owes: the decree's number shared out by the roll, sums exact."""
    base: dict[str, int] = {}
    for stratum, size in stratum_sizes(course).items():
        unit = stratum.partition("+")[0]
        base[unit] = base.get(unit, 0) + size
    quotas = apportion(course.decree.quota_method, course.decree.persons_to_enlist, base)
    units = sorted(base)
    table = pa.table({"unit": units, "base": [base[unit] for unit in units], "quota": [quotas[unit] for unit in units]})
    lines = ["unit,base,quota", *(f"{unit},{base[unit]},{quotas[unit]}" for unit in units)]
    (folder / "quotas.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [course.digest(table, QUOTAS, (course.dossier.entry("roll").digest,), "quotas")]


def commit(course: Course, logs: CallUpLogs, folder: Path) -> list[Entry]:
    """Write roll trees, decree, law, counts and plan into the public log; from here the roll cannot change unseen."""
    decree = course.decree
    roots = logs.write_roll_trees(
        course.register_engine, course.read("30-roll", "roll.parquet", columns=["stratum", "position", "commitment"])
    )
    sizes = stratum_sizes(course)
    quotas = {row["unit"]: int(row["quota"]) for row in pacsv.read_csv(course.dossier.open / "35-quotas" / "quotas.csv").to_pylist()}
    listed = decree.listed
    holders = () if listed else decree.secret_holders
    secrets = {holder: commitment("secret", "", course.ring.keys[f"secret-{holder}"].hex()) for holder in holders}
    rolls = {stratum: (sizes[stratum], roots[stratum]) for stratum in sizes}
    plan = make_plan(course, PlanParts(decree.id, quotas, rolls, secrets, "none" if listed else planned_beacon(course)))
    refuse_second_plan(logs, plan)
    counts = (course.dossier.open / "30-roll" / "counts.csv").read_bytes()
    documents = [("decree", decree.source.encode()), ("policy", logs.policy.text.encode()), ("law", law_document(course))]
    documents += [("counts", counts), ("plan", plan.encode())]
    logs.publish("commit", documents, course.day_kept("commit"))
    (folder / "plan.txt").write_text(plan, encoding="utf-8")
    return [Entry("plan", hashlib.sha256(plan.encode()).hexdigest(), len(sizes), (course.dossier.entry("roll").digest,))]


@dataclass(frozen=True, slots=True)
class PlanParts:
    """What differs between the plans of one call-up: its own, and those of supplementary rolls.

    Args:
        call_up: the id in the plan.
        quotas: by unit; none in a supplementary plan.
        rolls: size and root by stratum.
        secrets: commitments by holder.
        beacon: the words of the beacon line.
    """

    call_up: str
    quotas: Mapping[str, int]
    rolls: Mapping[str, tuple[int, str]]
    secrets: Mapping[str, str]
    beacon: str


def make_plan(course: Course, parts: PlanParts) -> str:
    """The text of a plan of this call-up."""
    decree = course.decree
    return plan_text(
        call_up=parts.call_up,
        law=course.jurisdiction.version,
        promises=promises_digest(),
        merge=f"below {decree.merge_below}; unit, district, country; birth years in threes",
        lead_hours=decree.lead_hours,
        order="list" if decree.listed else decree.order_method,
        quotas=parts.quotas,
        rolls=parts.rolls,
        secrets=parts.secrets,
        beacon=parts.beacon,
        asks=decree.asks,
    )


def refuse_second_plan(logs: CallUpLogs, plan: str) -> None:
    """One plan for each id: whoever could publish two would choose between two seeds.

    Raises:
        Tampered: the public log has another plan of this id.
    """
    mine = read_plan(plan).call_up
    for line in logs.public.tree().entries():
        _, kind, digest = line.decode().split()
        if kind == "plan" and digest != hashlib.sha256(plan.encode()).hexdigest():
            other = read_plan(logs.store.read(f"public/doc/{digest}").decode())
            if other.call_up == mine:
                raise Tampered(
                    "plan-doubled", {"call-up": mine, "published": digest}, "the published plan stands: a new one needs a new id"
                )


def law_document(course: Course) -> bytes:
    """What the public log says of the law: code, version, digests of its trees and of the files beside the decree, what was not checked."""
    jurisdiction, folder = course.jurisdiction, course.dossier.open / "00-decree"
    apart = ("decree.toml", signatures_path(course.dossier).name)  # logged by itself; grows, and each line says who signed
    whole = {
        "jurisdiction": jurisdiction.code,
        "version": jurisdiction.version,
        "law": jurisdiction.law.digest,
        "procedure": jurisdiction.procedure.digest,
        "unverified": sorted(jurisdiction.law.unverified),
        "files": {
            f"{folder.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.iterdir())
            if path.name not in apart
        },
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def cast(course: Course, logs: CallUpLogs, draw_folder: Path) -> list[Entry]:
    """Open the secrets after the round, build the seed, and rank every position of every stratum."""
    decree = course.decree
    if decree.listed:
        return _follow_list(course, draw_folder)
    plan = (course.dossier.open / "40-seed" / "plan.txt").read_text(encoding="utf-8")
    secrets = {holder: course.ring.keys[f"secret-{holder}"].hex() for holder in decree.secret_holders}
    document = seed_document(plan, secrets, beacon_value(course, logs))
    seed = seed_of(document)
    logs.publish("cast", [("seed", document.encode())], course.day_kept("cast"))
    durable.write_bytes(course.dossier.open / "40-seed" / "seed.txt", document.encode())
    rows = 0
    for stratum, by_rank in course.register_engine.order(seed, stratum_sizes(course)):
        rows += len(by_rank)
        lines = "".join(f"{place},{position}\n" for place, position in enumerate(by_rank.tolist(), 1))
        (draw_folder / f"{stratum}.csv").write_text("rank,position\n" + lines, encoding="ascii")
    return [Entry("draw", hashlib.sha256(document.encode()).hexdigest(), rows, (course.dossier.entry("plan").digest,))]


def _follow_list(course: Course, draw_folder: Path) -> list[Entry]:
    """No lot: the rank is the place in the committed list, and no seed is cast (design D19)."""
    rows = 0
    for stratum, size in stratum_sizes(course).items():
        rows += size
        lines = "".join(f"{position + 1},{position}\n" for position in range(size))
        (draw_folder / f"{stratum}.csv").write_text("rank,position\n" + lines, encoding="ascii")
    plan = course.dossier.entry("plan")
    return [Entry("draw", plan.digest, rows, (plan.digest,))]
