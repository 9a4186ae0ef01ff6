"""An auditor finds who was left out, strangers, doubles, ranks without an act, and what does not open; and sees counts only."""

import json
import shutil
import sys
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from replay.freedonia_line import KEY, a_person, freedonia, the_people

from callup.app import sealed
from callup.app.audit_roll import audit_roll, said
from callup.app.clock import WallClock
from callup.app.logs import ACTS
from callup.app.main import main
from callup.app.pipeline import run_line
from callup.app.sealed import arrow_schema
from callup.law import register_schema
from callup.terms.errors import OutOfOrder
from callup.terms.tables import NOTICES, ROLL


@pytest.fixture(scope="module")
def course(tmp_path_factory, line_to):
    root = tmp_path_factory.mktemp("audited") / "line"
    shutil.copytree(line_to("facts-2"), root)
    with freedonia(root) as made:
        yield made


@pytest.fixture
def register(course, tmp_path):
    """Writes a register of these people."""

    def written(people):
        schema = register_schema(course.jurisdiction.law)
        path = tmp_path / "register.parquet"
        pq.write_table(pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in people], arrow_schema(schema)), path)
        return path

    return written


def liable(count, unit, start=1000):
    """More people whom Freedonia's law binds, as like each other as the sample's."""
    twin = next(person for person in the_people() if person["born_on"] == date(2001, 3, 13) or is_bound(person))
    return [{**twin, "person_id": f"M{start + number}", "unit": unit} for number in range(count)]


def is_bound(person):
    grown = person["born_on"] and date(2000, 1, 1) < person["born_on"] < date(2005, 1, 1)
    return grown and person["is_resident"] and person["health"] == "fit" and not person["student_until"]


@pytest.fixture
def changed(course):
    """Changes a sealed table for one test."""
    kept = []

    def change(schema, edit, *parts):
        path = course.table_path(*parts)
        kept.append((path, path.read_bytes()))
        table = edit(sealed.read_sealed(path, KEY).read_all())
        sealed.write_sealed(path, schema, table.to_batches(), KEY)

    yield change
    for path, content in reversed(kept):
        path.write_bytes(content)


def with_first(table, column, value):
    values = table.column(column).to_pylist()
    place = table.column_names.index(column)
    return table.set_column(place, table.field(place), pa.array([value, *values[1:]], table.field(place).type))


def test_an_honest_roll_has_nothing_to_find(course, register):
    found = audit_roll(course, register(the_people()))
    assert found.found == {}
    assert found.omitted == []
    assert found.looked_at["persons of the register"] == 300
    assert found.looked_at["entries of the acts log"] > found.looked_at["called ranks"] > 0


def test_a_district_that_was_left_out_is_named_with_its_years(course, register):
    """York County, 2013; Hartford, 1989: whole places were missing from the jury list."""
    found = audit_roll(course, register(the_people() + liable(25, "FR-N") + liable(2, "FR-S", 2000)))
    assert found.found["liable persons who are on no roll"] == 27
    assert found.found["persons of the register whom the snapshot does not hold"] == 27
    [shown] = found.omitted
    assert (shown["unit"], shown["persons"]) == ("FR-N", 25)
    assert "FR-S" not in str(found.omitted), "two persons are a small cell"


def test_strangers_on_the_roll_are_counted(course, register):
    roll = course.read("30-roll", "roll.parquet")
    some = [person for person in the_people() if not is_bound(person)]
    gone = len(the_people()) - len(some)
    found = audit_roll(course, register(some))
    assert found.found["lines of the roll whom the register does not hold"] <= gone
    assert 0 < found.found["lines of the roll whom the register does not hold"] < roll.num_rows


def test_a_changed_line_and_a_doubled_person_are_found(course, register, changed):
    def edit(table):
        return with_first(table, "person_id", table.column("person_id")[1].as_py())

    changed(ROLL, edit, "30-roll", "roll.parquet")
    found = audit_roll(course, register(the_people())).found
    assert found["lines of the roll that do not open"] == 1
    assert found["persons who stand on the roll more than once"] == 1
    assert found["strata whose size or root is not the plan's"] == 1
    assert found["liable persons who are on no roll"] == 1


def test_a_rank_passed_over_in_silence_is_found(course, register, changed):
    changed(NOTICES, lambda table: table.slice(0, table.num_rows - 1), "50-notices", "wave-1", "notices.parquet")
    found = audit_roll(course, register(the_people())).found
    assert found["called ranks without an act"] == 1
    assert found["entries of the acts log that nothing sealed explains"] == 1


def test_acts_that_do_not_open_are_found(course, register, changed):
    changed(NOTICES, lambda table: with_first(table, "document", "another letter"), "50-notices", "wave-1", "notices.parquet")
    part = next((course.dossier.sealed / "60-facts" / "acts").glob("*.parquet")).name
    changed(ACTS, lambda table: with_first(table, "salt", "0" * 32), "60-facts", "acts", part)
    assert audit_roll(course, register(the_people())).found == {"acts that do not open": 2}


def test_once_the_window_is_over_the_register_is_not_judged_anew(course, register):
    """Safeguard G2: what the law said under the open decree is compared, and who was not frozen is still seen."""
    kept, course.clock = course.clock, WallClock()
    try:
        assert audit_roll(course, register(the_people())).found == {}
        found = audit_roll(course, register(the_people() + liable(25, "FR-N"))).found
    finally:
        course.clock = kept
    assert found == {"persons of the register whom the snapshot does not hold": 25}


def test_nothing_is_opened_before_it_is_committed(tmp_path, register):
    with freedonia(tmp_path / "early") as early:
        run_line(early, "freeze")
        with pytest.raises(OutOfOrder, match="nothing-committed"):
            audit_roll(early, register([a_person(1)]))


@pytest.mark.parametrize(("count", "words"), [(1, "1 to 9"), (9, "1 to 9"), (10, "10"), (12345, "12,345")])
def test_small_counts_are_said_as_a_range(count, words):
    assert said(count) == words


@pytest.mark.parametrize("more", [0, 25])
def test_the_command_ends_with_1_where_something_is_found_and_names_nobody(course, register, monkeypatch, capsys, more):
    people = the_people() + liable(more, "FR-N")
    for words in ([], ["--json"]):
        path = register(people)
        monkeypatch.setattr(sys, "argv", ["callup", "audit-roll", str(course.dossier.root), "--register", str(path), *words])
        with pytest.raises(SystemExit) as left:
            main()
        shown = capsys.readouterr().out
        assert (left.value.code or 0) == (1 if more else 0)
        named = [person[name] for person in people for name in ("name", "person_id", "address_line") if person[name] in shown]
        assert named == []
        ids = [row for row in course.read("30-roll", "roll.parquet").column("person_id").to_pylist() if row in shown]
        assert ids == []
    assert (json.loads(shown)["found"] != {}) == bool(more)
