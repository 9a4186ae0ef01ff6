"""Runs a scenario through the rooms it is about, and says what held."""

from __future__ import annotations

import hashlib
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from callup.app.engines.duckdb import DuckDBEngine
from callup.app.sealed import arrow_schema
from callup.app.simulate.facts_world import counts, facts, notices
from callup.app.simulate.scenario import Scenario
from callup.cases import Moment, close, due, fact_problems, standing, whole_facts
from callup.draw import ranks, tickets
from callup.jurisdictions import load
from callup.law import DuckDB, Window, assess, calendar_rows, register_schema
from callup.register import snapshot_schema
from callup.statistics import audit_draw, hartford
from callup.terms.errors import BadInput

_MOST_CHECKED = 20_000
"""Facts of a world that are checked against the vocabulary: every kind occurs among them."""


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that had to hold.

    Args:
        what: in words.
        wanted: how many.
        found: how many there were.
    """

    what: str
    wanted: int
    found: int

    @property
    def held(self) -> bool:
        """Whether it did."""
        return self.wanted == self.found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scenario: what held, of how many, and in which time."""

    scenario: Scenario
    size: int
    held: tuple[Held, ...]
    seconds: float

    @property
    def right(self) -> bool:
        """Whether everything held."""
        return all(one.held for one in self.held)


def simulate(scenario: Scenario, size: int, seed: int = 2025) -> Outcome:
    """Run a scenario.

    Args:
        scenario: which.
        size: how many cases, persons or lines; shares stay.
        seed: which of them; the same seed gives the same.

    Raises:
        BadInput: a size at which a share of the scenario vanishes.
    """
    if size < scenario.few:
        raise BadInput("scenario-too-small", {"cases": size, "scenario": scenario.id}, f"at least {scenario.few}")
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="callup-simulate-") as folder:
        held = _RUNNERS[scenario.kind](scenario, size, seed, Path(folder))
    return Outcome(scenario, size, tuple(held), time.perf_counter() - start)


def _facts(scenario: Scenario, size: int, seed: int, folder: Path) -> list[Held]:
    """Facts through the room of cases."""
    acts, folk = scenario.table["acts"], load(scenario.jurisdiction)
    engine = DuckDBEngine(folder / "engine")
    numbers = {row["name"]: row["cases"] for row in engine.table(counts(acts, size, seed)).to_pylist()}
    told = engine.table(facts(acts, size, seed))
    _check(told)
    engine.register("facts", told)
    engine.register("notices", engine.table(notices(size, scenario.table["appear_on"])))
    kinds = frozenset(act["kind"] for act in acts)
    found: list[Held] = []
    for look in scenario.table["looks"]:
        as_of = look["as_of"]
        closing = as_of if look.get("closing") else None
        moment = Moment(as_of, look.get("known_at", as_of), closing, kinds)
        rooms = (folk.procedure, folk.calendar, moment)
        tables = {"standing": standing(*rooms).sql, "due": due(*rooms).sql, "close": close(*rooms).sql}
        for hold in look["holds"]:
            sql = f"SELECT count(*) FROM ({tables[hold.get('table', 'standing')]}) WHERE {_where(hold.get('where', {}))}"
            amount = engine.table(sql).column(0)[0].as_py()
            found.append(Held(f"{as_of}: {hold['what']}", _amount(hold["cases"], numbers), amount))
    engine.close()
    return found


def _check(told: pa.Table) -> None:
    """A world speaks the vocabulary of facts, or it shows nothing: the first facts of every kind are checked."""
    kinds = [told.filter(pc.equal(told.column("kind"), kind)).slice(0, _MOST_CHECKED) for kind in told.column("kind").unique()]
    problems = fact_problems(whole_facts(pa.concat_tables(kinds)))
    if problems.num_rows:
        raise BadInput("scenario-facts-unusable", {"problem": str(problems.to_pylist()[0])}, "mend the acts of the scenario")


def _where(where: Mapping[str, Any]) -> str:
    """Conditions of a look: a value, a list of values, or an empty text for nothing there."""
    parts = ["true"]
    for name, value in where.items():
        if not re.fullmatch(r"[a-z_]+", name):
            raise BadInput("scenario-unusable", {"where": name}, "name a column")
        values = value if isinstance(value, list) else [value]
        if values == [""]:
            parts.append(f"{name} IS NULL")
        else:
            parts.append(f"{name}::VARCHAR IN ({', '.join(_quoted(one) for one in values)})")
    return " AND ".join(parts)


def _quoted(value: Any) -> str:
    said = str(value).lower() if isinstance(value, bool) else str(value)
    return "'" + said.replace("'", "''") + "'"


def _amount(words: int | str, numbers: Mapping[str, int]) -> int:
    """A number, or acts added and taken away: ``silent + moved - late``."""
    if isinstance(words, int):
        return words
    total = 0
    for sign, name in re.findall(r"([+-]?)\s*([a-z_]+)", words):
        if name not in numbers:
            raise BadInput("scenario-unusable", {"cases": words}, f"name acts: {', '.join(numbers)}")
        total += -numbers[name] if sign == "-" else numbers[name]
    return total


def _findings(scenario: Scenario, size: int, seed: int, folder: Path) -> list[Held]:
    """Persons through the law: who is liable, who is not, who is undetermined."""
    law = load(scenario.jurisdiction).law
    schema = snapshot_schema(register_schema(law))
    window = Window(*(scenario.table["window"][name] for name in ("first", "last", "key")))
    rows: list[dict[str, Any]] = []
    numbers = {}
    for person in scenario.table["persons"]:
        number = round(size * person["share"])
        numbers[person["name"]] = number
        rows += [{"person_id": f"{person['name']}-{n:08}", **person["given"]} for n in range(number)]
    engine = DuckDBEngine(folder / "engine")
    whole = [{name: row.get(name) for name in schema.names} for row in rows]
    engine.register("snapshot", pa.Table.from_pylist(whole, arrow_schema(schema)))
    engine.register("calendar", calendar_rows(law, window))
    found = engine.table(assess(law, window, DuckDB()))
    engine.close()
    engine = DuckDBEngine(folder / "second")
    engine.register("found", found)
    held = []
    for look in scenario.table["looks"]:
        for hold in look["holds"]:
            amount = engine.table(f"SELECT count(*) FROM found WHERE {_where(hold.get('where', {}))}").column(0)[0].as_py()
            held.append(Held(hold["what"], _amount(hold["cases"], numbers), amount))
    engine.close()
    return held


def _draw(scenario: Scenario, size: int, seed: int, folder: Path) -> list[Held]:
    """A draw of so many lines: in every stratum each rank once, the same order again, and no order that leans on the roll's."""
    root = hashlib.sha256(f"simulate/{seed}".encode()).hexdigest()
    strata = int(scenario.table["strata"])
    whole, repeated, odd = 0, 0, 0
    for number in range(strata):
        lines = size // strata + (number < size % strata)
        order = ranks(tickets(root, f"stratum-{number}", lines))
        whole += int(np.array_equal(np.sort(order), np.arange(1, lines + 1)))
        if number == 0:
            repeated = int(np.array_equal(order, ranks(tickets(root, "stratum-0", lines))))
            sample = order[: min(lines, 20_000)]
            place = [str(one) for one in range(len(sample))]
            odd = int(audit_draw([int(one) for one in np.argsort(np.argsort(sample)) + 1], {"place in the roll": place}).odd)
    return [
        Held("strata in which every rank is given once", strata, whole),
        Held("the same seed gives the same order again", 1, repeated),
        Held("orders that depend on the place in the roll", 0, odd),
    ]


def _urn(scenario: Scenario, size: int, seed: int, folder: Path) -> list[Held]:
    """A model of a badly mixed urn: capsules put in day after day, the last on top. The audit must find it odd, an honest draw not."""
    days = [date(1952, 1, 1).toordinal() + n for n in range(366)]
    births = [date.fromordinal(day) for day in days]
    mixed = np.frombuffer(hashlib.shake_256(f"urn/{seed}".encode()).digest(8 * 366), dtype="<u8") / 2.0**64
    layered = np.argsort(np.argsort(-np.arange(366) / 366 + 1.6 * mixed))
    honest = ranks(tickets(hashlib.sha256(f"honest/{seed}".encode()).hexdigest(), "days", 366))
    column = {"birthday": [day.isoformat() for day in births]}
    return [
        Held("the order of the urn is found odd", 1, int(audit_draw([int(one) + 1 for one in layered], column).odd)),
        Held("an honest draw of the same days is found odd", 0, int(audit_draw([int(one) for one in honest], column).odd)),
    ]


def _tally(scenario: Scenario, size: int, seed: int, folder: Path) -> list[Held]:
    """A town left out of the list because a column shifted: the tally of zeros must name it, and no other."""
    towns = [f"town-{number:02}" for number in range(30)]
    months = [str(month) for month in range(1, 13)]
    each = size // (len(towns) * len(months))
    whole = {(town, month): each for town in towns for month in months}
    forgotten = whole | {("town-07", month): 0 for month in months}
    table = {(town, "in"): sum(forgotten[town, month] for month in months) for town in towns}
    table |= {(town, "out"): each * 12 - table[town, "in"] for town in towns}
    named = [town for town, side in hartford(table) if side == "in"]
    return [
        Held("towns named as forgotten", 1, len(named)),
        Held("the town that was forgotten is named", 1, int("town-07" in named)),
        Held("zeros found in a list that forgot nobody", 0, len(list(hartford(whole)))),
    ]


def _line(scenario: Scenario, size: int, seed: int, folder: Path) -> list[Held]:
    """A whole call-up on a synthetic register, from the decree to the report."""
    from callup.app.demo import lay_demo
    from callup.app.pipeline import run_line
    from callup.app.standing import standings, state_counts, summonses
    from callup.app.voice import Voice
    from callup.app.wire import course_of

    dossier, register = lay_demo(scenario.jurisdiction, size, seed, folder, Voice(quiet=True))
    course = course_of(dossier, Voice(quiet=True), register, seed)
    try:
        run_line(course)
        closing = course.decree.closes_on
        states = state_counts(course, closing, closing)
        called = summonses(course).num_rows
        rows = standings(course, closing, closing)
        served = set(rows.filter(pc.is_valid(rows.column("served_on"))).column("case_id").to_pylist())
        enlisted = rows.filter(pc.equal(rows.column("state"), "enlisted")).column("case_id").to_pylist()
        # who contests the service on the day of enlistment is heard the day after: what was known that morning counts
        known = {(row["case_id"], row["kind"]): row["known_on"] for row in course.facts.all().to_pylist()}
        served |= {case for case in enlisted if known.get((case, "service_contested"), date.min) >= known[case, "enlisted"]}
        return [
            Held("cases that end in exactly one state", called, sum(states.values())),
            Held("cases left open after closing", 0, sum(states.get(one, 0) for one in ("called", "served", "answered", "did not come"))),
            Held("enlisted without a notice that was served", 0, len(set(enlisted) - served)),
        ]
    finally:
        course.facts.close()
        course.engine.close()


_RUNNERS: dict[str, Callable[[Scenario, int, int, Path], list[Held]]] = {
    "facts": _facts,
    "findings": _findings,
    "draw": _draw,
    "urn": _urn,
    "tally": _tally,
    "line": _line,
}
