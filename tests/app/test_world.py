"""A rehearsal's days: the same seed gives the same facts, whether lived through at once, in parts, or again after a crash."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from sampling import EVERY

from callup.app.engines.duckdb import DuckDBEngine
from callup.app.sealed import write_sealed
from callup.app.stores.facts import FactStore
from callup.app.voice import Voice
from callup.app.world import run_world
from callup.cases import Moment, account, arrow_schema, close, due, standing
from callup.channels.rehearsal import officials
from callup.law import Procedure, load_procedure
from callup.terms.calendar import Calendar
from callup.terms.errors import Unavailable
from callup.terms.facts import TERMINAL
from callup.terms.query import Query
from callup.terms.tables import NOTICES, ROLL

OPENS, CLOSES, WAVE = date(2025, 4, 1), date(2025, 7, 15), date(2025, 4, 4)
HALF = date(2025, 5, 20)
CASES, QUOTA = 240, 40


@dataclass
class SmallRun:
    """A call-up with one wave in one unit, with real store, engine and procedure."""

    facts: FactStore
    engine: DuckDBEngine
    notices: pa.Table
    procedure: Procedure
    voice: Voice = field(default_factory=lambda: Voice(quiet=True))
    closes_on: date = CLOSES
    waves: int = 1
    finished: Callable[[str], bool] = field(default="dispatch-1".__eq__)

    @property
    def decree(self) -> "SmallRun":
        return self

    dossier = clock = jurisdiction = decree

    @property
    def proceeding(self) -> tuple[Procedure, Calendar]:
        return self.procedure, Calendar(frozenset({6, 7}), {}, {}, "weekdays")

    def day(self, stage: str) -> date:
        return WAVE

    def read(self, *parts: str, columns: Sequence[str]) -> pa.Table:
        return self.notices.select(list(columns))

    def table_path(self, *parts: str) -> Path:
        return self.facts.path.parent.joinpath(*parts)

    @property
    def key(self) -> bytes:
        return bytes(32)

    def lines(self) -> list[dict[str, str]]:
        return []

    @property
    def open(self) -> Path:
        return self.facts.path.parent / "open"


def digits(text: str, count: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:count]


def lay(folder: Path) -> SmallRun:
    text = (files("callup.jurisdictions") / "freedonia" / "procedure.py").read_text(encoding="utf-8")
    fixed = {"kind": "summons", "wave": 1, "stratum": "F-N", "language": "en", "place_id": "x", "appear_at": "09:00"}
    rows = []
    for rank in range(1, CASES + 1):
        when = date(2025, 4, 28) + timedelta(days=rank % 5)
        row = {"notice_id": digits(f"n{rank}", 32), "case_id": digits(f"c{rank}", 24), "person_id": f"p{rank}", "rank": rank}
        rows.append(fixed | row | {"appear_on": when, "channels": "mail portal" if rank % 3 else "mail"})
    (folder / "open" / "35-quotas").mkdir(parents=True)
    (folder / "open" / "35-quotas" / "quotas.csv").write_text(f"unit,base,quota\nF-N,1000,{QUOTA}\n")
    roll = pa.Table.from_pylist([{"person_id": row["person_id"], "liable_until": None} for row in rows], arrow_schema(ROLL))
    (folder / "30-roll").mkdir()
    write_sealed(folder / "30-roll" / "roll.parquet", ROLL, roll.to_batches(), bytes(32))
    store = FactStore(folder / "facts.db", bytes(32))
    run = SmallRun(
        store, DuckDBEngine(folder / "engine"), pa.Table.from_pylist(rows, arrow_schema(NOTICES)), load_procedure(text, "procedure.py")
    )
    facts = []
    for row in rows:
        shared = {name: row[name] for name in ("case_id", "notice_id")} | {"happened_on": WAVE, "known_on": WAVE, "evidence": "0" * 64}
        facts.append(shared | {"kind": "called", "actor": "authority", "channel": None, "appear_on": row["appear_on"]})
        facts.append(shared | {"kind": "handed_over", "actor": "carrier", "channel": "mail", "appear_on": None})
        if "portal" in str(row["channels"]):
            facts.append(shared | {"kind": "available", "actor": "portal", "channel": "portal", "appear_on": None})
    store.record(pa.Table.from_pylist(facts))
    return run


def lived(folder: Path, *ends: date) -> SmallRun:
    run = lay(folder)
    first = WAVE
    for end in ends:
        run_world(run, first, end, 7)  # type: ignore[arg-type]
        first = end
    return run


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> SmallRun:
    return lived(tmp_path_factory.mktemp("whole"), CLOSES)


def test_living_in_parts_gives_the_same_facts_in_the_same_order(whole: SmallRun, tmp_path: Path) -> None:
    assert lived(tmp_path, date(2025, 5, 7), date(2025, 5, 8), HALF).facts.all() == whole.facts.all(HALF)


@pytest.mark.parametrize("at_once", [60, 1000])
def test_cases_read_in_two_halves_at_once_give_the_same_facts(
    whole: SmallRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("callup.app.world.WORTH_HALVING", 2)
    monkeypatch.setattr("callup.app.world.AT_ONCE", at_once)
    run = lay(tmp_path)
    halves: list[date] = []
    read = DuckDBEngine.table

    def watching(engine: DuckDBEngine, query: Query) -> pa.Table:
        if engine is not run.engine:
            halves.append(HALF)
        return read(engine, query)

    monkeypatch.setattr(DuckDBEngine, "table", watching)
    run_world(run, WAVE, HALF, 7)  # type: ignore[arg-type]
    assert halves
    assert run.facts.all() == whole.facts.all(HALF)


def test_each_day_is_told_of_after_it_was_recorded_whole(tmp_path: Path) -> None:
    run, seen = lay(tmp_path), []
    run_world(run, WAVE, date(2025, 5, 9), 7, lambda: seen.append(run.facts.last_seq()))  # type: ignore[arg-type]
    known = run.facts.all().column("known_on").to_pylist()
    assert len(seen) > 20
    assert seen == sorted(set(seen))
    assert seen[-1] == len(known)
    assert all(known[last - 1] < known[last] for last in seen[:-1])


def test_officials_see_each_morning_what_a_reading_of_every_case_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only cases with a new fact, or whose day has come, are read anew; and none is forgotten."""
    run, lines = lay(tmp_path), []
    called = run.notices.append_column("liable_until", pa.nulls(CASES, pa.date32()))

    def watching(seed: int, dues: pa.Table, day: date, **more: object) -> pa.Table:
        lines.append(dues.num_rows)
        if len(lines) % (1 if EVERY == 1 else 5) == 0:
            with duckdb.connect() as base:
                base.register("facts", run.facts.all())
                base.register("notices", called)
                whole = base.sql(due(*run.proceeding, Moment(day, day - timedelta(days=1))).sql).to_arrow_table()
            assert dues.sort_by("case_id").to_pylist() == whole.to_pylist()
        return officials(seed, dues, day, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("callup.app.world.officials", watching)
    run_world(run, WAVE, HALF, 7)  # type: ignore[arg-type]
    assert (max(lines), min(lines[1:]) < 200) == (CASES, True)


def test_running_again_adds_nothing(whole: SmallRun) -> None:
    last = whole.facts.last_seq()
    run_world(whole, WAVE, HALF, 7)  # type: ignore[arg-type]
    assert whole.facts.last_seq() == last


def test_a_crash_in_a_day_loses_that_day_whole_and_the_next_run_makes_it_again(
    whole: SmallRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, record, days = lay(tmp_path), FactStore.record, []

    def failing(store: FactStore, batch: pa.Table) -> int:
        days.append(1)
        if len(days) == 20:
            raise Unavailable("disk-full")
        return record(store, batch)

    with monkeypatch.context() as patch:
        patch.setattr(FactStore, "record", failing)
        with pytest.raises(Unavailable):
            run_world(run, WAVE, HALF, 7)  # type: ignore[arg-type]
    run_world(run, WAVE, HALF, 7)  # type: ignore[arg-type]
    assert run.facts.all() == whole.facts.all(HALF)


def test_every_case_ends_and_the_account_closes_within_the_quota(whole: SmallRun) -> None:
    whole.engine.register("facts", whole.facts.all())
    outcomes = whole.engine.table(close(*whole.proceeding, Moment(CLOSES, CLOSES, CLOSES)))
    assert outcomes.num_rows == CASES
    assert set(outcomes.column("outcome").to_pylist()) <= set(TERMINAL)
    assert outcomes.column("closed_on").null_count == 0
    counted = {row["outcome"]: row["persons"] for row in account({"F-N": 1000}, {"F-N": CASES}, outcomes).to_pylist()}
    assert counted["not called"] == 1000 - CASES
    assert 0 < counted["enlisted"] <= QUOTA


def test_nobody_did_not_come_without_confirmed_service(whole: SmallRun) -> None:
    whole.engine.register("facts", whole.facts.all())
    found = whole.engine.table(standing(*whole.proceeding, Moment(date(2025, 6, 20), date(2025, 6, 20)))).to_pylist()
    absent = [row for row in found if row["state"] == "did not come"]
    assert absent
    assert {row["service"] for row in absent} == {"confirmed"}
