"""Someone left out of the roll of a small call-up is added after the first wave; nobody else moves; a dead plan ends in public."""

import hashlib
import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from replay.freedonia_line import QUIET, a_person, freedonia, the_people

from callup.app.logs import CallUpLogs
from callup.app.pipeline import run_line
from callup.app.replay import replay
from callup.app.sealed import arrow_schema
from callup.app.stages.rolling import PlanParts, make_plan, refuse_second_plan
from callup.app.stages.supplementing import commit_supplement, next_supplement, take_in
from callup.app.supplements import supplements
from callup.app.voiding import void_plan
from callup.law import register_schema
from callup.terms.errors import BadInput, NotLawful, OutOfOrder, Tampered

BY = ("Stand-in One", "Stand-in Two")


def is_bound(number):
    """Whether Freedonia's law binds a person of the sample: of age, a resident, fit, no student."""
    person = a_person(number)
    grown = person["born_on"] and person["born_on"] < date(2005, 1, 1)
    return grown and person["is_resident"] and person["health"] == "fit" and not person["student_until"]


FORGOTTEN = [number for number in range(600, 640) if is_bound(number)][:8]
"""Made as everyone else, liable, and of no register that was frozen."""
ONE, TWO = FORGOTTEN[:2]
UNFIT = next(number for number in range(600, 640) if a_person(number)["health"] == "unfit")


def register_of(course, path, people):
    schema = register_schema(course.jurisdiction.law)
    pq.write_table(pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in people], arrow_schema(schema)), path)
    return path


def take(course, root, numbers, round_=0):
    path = register_of(course, root / "missing.parquet", [a_person(number) for number in numbers])
    one = next_supplement(course, round_, "a file was not loaded", BY)
    take_in(course, path, one)
    commit_supplement(course, CallUpLogs(course), one)
    return one


@pytest.fixture(scope="module")
def mended(tmp_path_factory, open_line, whole_line):
    """A call-up that took in four people after wave 1 and ran to its end, and one that forgot nobody."""
    root = tmp_path_factory.mktemp("mended")
    shutil.copytree(open_line, root / "a")
    with freedonia(root / "a") as course:
        take(course, root, FORGOTTEN)
        course.register = register_of(course, root / "whole.parquet", the_people() + [a_person(number) for number in FORGOTTEN])
        run_line(course)
        shutil.copytree(whole_line, root / "b")
        with freedonia(root / "b") as plain:
            yield course, plain


def ticket(seed, stratum, position):
    return hashlib.sha256(f"{seed} {stratum} {position}".encode()).digest()


def documents(course, kind):
    lines = [line.decode().split() for line in CallUpLogs(course).public.tree().entries()]
    folder = course.dossier.open / "log" / "public" / "doc"
    return [(folder / digest).read_text() for _, one, digest in lines if one == kind]


def rolls_of(plan):
    words = [line.split()[1:] for line in plan.splitlines() if line.startswith("roll: ")]
    return {stratum: (int(size), root) for stratum, size, root in words}


def calls_of(course):
    """Ranges by seed, in the order of the log."""
    found = []
    for text in documents(course, "call"):
        lines = text.splitlines()
        ranges = [line.split()[1:] for line in lines[2:]]
        found.append((lines[1].removeprefix("seed: "), [(name, int(a), int(b), int(at)) for name, a, b, _, at in ranges]))
    return found


def test_the_merged_order_is_recomputed_from_what_is_published(mended):
    """As a stranger would, from open/ alone, with nothing of callup's."""
    course, _ = mended
    plans, seeds = documents(course, "plan"), documents(course, "seed")
    assert [plan.splitlines()[1] for plan in plans] == ["call-up: freedonia-2025", "call-up: freedonia-2025s1"]
    assert [text.splitlines()[1] for text in seeds] == [f"plan: {hashlib.sha256(plan.encode()).hexdigest()}" for plan in plans]
    main_seed, own_seed = (hashlib.sha256(text.encode()).hexdigest() for text in seeds)
    main, own = (rolls_of(plan) for plan in plans)
    assert sum(size for size, _ in own.values()) == len(FORGOTTEN)
    last, called = {}, dict.fromkeys(own, 0)
    calls = calls_of(course)
    for at, (seed, ranges) in enumerate(calls):
        if seed != main_seed:
            assert seed == own_seed
            assert calls[at + 1][0] == main_seed, "the calls of a supplementary roll stand before the main ones of the wave"
            for stratum, first, end, _ in ranges:
                assert first == called[stratum] + 1
                called[stratum] = end
            continue
        last |= {stratum: end for stratum, _, end, _ in ranges}
        if at == 0:
            continue  # wave 1 was called before anyone knew of them
        for stratum, (size, _) in own.items():
            unit = stratum.partition("+")[0]
            tickets = sorted(ticket(main_seed, unit, position) for position in range(main[unit][0]))
            due = sum(sum(one <= ticket(own_seed, stratum, position) for one in tickets) < last.get(unit, 0) for position in range(size))
            assert called[stratum] == due
    assert sum(called.values()) > 0, "the sample calls at least one of them"
    for stratum, (size, _) in own.items():
        unit = stratum.partition("+")[0]
        tickets = [ticket(main_seed, unit, position) for position in range(main[unit][0])]
        mine = sorted((ticket(own_seed, stratum, position), position) for position in range(size))
        lines = [f"{rank},{position},{sum(one <= drawn for one in tickets)}" for rank, (drawn, position) in enumerate(mine, 1)]
        published = (course.dossier.open / "46-supplements" / "s1" / f"{stratum}.csv").read_text().splitlines()
        assert published == ["rank,position,place", *lines]


def verified(course, *changed):
    """What the second program says of the published folder: exit code and its lines."""
    words = [sys.executable, str(Path(__file__).parents[2] / "verifier" / "verify.py"), str(course.dossier.open), *changed]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def test_the_second_program_follows_the_supplementary_roll(mended):
    course, _ = mended
    code, said = verified(course)
    assert (code, said[-1]) == (0, "everything checks")
    assert any("one plan and 1 supplementary" in line for line in said)
    path = next((course.dossier.open / "46-supplements" / "s1").glob("*+s1.csv"))
    honest = path.read_text()
    rank, position, place = honest.splitlines()[1].split(",")
    path.write_text(honest.replace(f"{rank},{position},{place}", f"{rank},{position},{int(place) + 1}", 1))
    code, said = verified(course)
    path.write_text(honest)
    assert (code, json.loads(said[-1])["file"]) == (1, f"46-supplements/s1/{path.name}")


def test_the_second_program_names_a_dead_plan(tmp_path):
    with freedonia(tmp_path / "line") as course:
        run_line(course, "cast")
        take(course, tmp_path, [ONE])
        void_plan(course, supplement=1, reason="a secret was lost", by=BY)
        run_line(course)
        code, said = verified(course)
    assert (code, said[-1]) == (0, "everything checks")
    assert "VOID: the plan of freedonia-2025s1 is dead: a secret was lost" in said


def test_nobody_else_moves(mended):
    course, plain = mended
    for folder in ("45-draw", "35-quotas", "40-seed", "30-roll"):
        files = {path.name: path.read_bytes() for path in (course.dossier.open / folder).iterdir()}
        assert files == {path.name: path.read_bytes() for path in (plain.dossier.open / folder).iterdir()}
    main = [ranges for seed, ranges in calls_of(course) if seed == calls_of(course)[0][0]]
    assert [[one[:3] for one in ranges] for ranges in main] == [[one[:3] for one in ranges] for _, ranges in calls_of(plain)] or len(
        main
    ) == 2


def test_each_called_line_has_its_act_its_letter_and_its_end(mended):
    course, _ = mended
    notices = course.read("50-notices", "wave-2", "notices.parquet").to_pylist()
    mine = [row for row in notices if row["stratum"].endswith("+s1")]
    ranges = {name: (first, end, at) for seed, found in calls_of(course)[1:-1] for name, first, end, at in found}
    assert len(mine) == sum(end - first + 1 for first, end, _ in ranges.values())
    acts = CallUpLogs(course).acts.tree().entries()
    outcomes = {row["case_id"]: row for row in course.read("80-outcomes", "outcomes.parquet").to_pylist()}
    for row in mine:
        first, _, at = ranges[row["stratum"]]
        committed = hashlib.sha256(f"callup/open/1\n{row['salt']}\n{row['document']}".encode()).hexdigest()
        assert acts[at + row["rank"] - first].decode().split()[2] == committed
        assert outcomes[row["case_id"]]["unit"] == row["stratum"].partition("+")[0]


def test_a_replay_makes_it_all_again(mended):
    course, _ = mended
    assert replay(course.dossier, QUIET) == []


def test_who_cannot_be_taken_in(tmp_path):
    with freedonia(tmp_path / "line") as course:
        run_line(course, "commit")
        with pytest.raises(OutOfOrder, match="draw-not-cast"):
            next_supplement(course, 0, "why", BY)
        run_line(course, "cast")
        with pytest.raises(BadInput, match="round-not-later"):
            next_supplement(course, 1, "why", BY)
        there = next(number for number in range(80, 150) if is_bound(number))
        for numbers, code in (
            ([there, ONE], "supplement-person-twice"),
            ([ONE, ONE], "supplement-person-twice"),
            ([UNFIT], "supplement-not-liable"),
        ):
            with pytest.raises(BadInput, match=code):
                take(course, tmp_path, numbers)
            assert supplements(course.dossier) == [], "what was refused left nothing"
        first = take(course, tmp_path, [ONE])
        with pytest.raises(BadInput, match="supplement-person-twice"):
            take(course, tmp_path, [ONE])
        assert take(course, tmp_path, [TWO]).number == first.number + 1


def test_a_called_person_without_an_address_stops_the_wave(tmp_path):
    with freedonia(tmp_path / "line") as course:
        run_line(course, "cast")
        take(course, tmp_path, FORGOTTEN)
        with pytest.raises(BadInput, match="address-missing"):
            run_line(course)


def test_a_dead_plan_ends_the_call_up_in_public(tmp_path):
    with freedonia(tmp_path / "line") as course:
        with pytest.raises(OutOfOrder, match="no-plan"):
            void_plan(course, supplement=0, reason="too early", by=BY)
        run_line(course, "commit")
        void_plan(course, supplement=0, reason="the beacon was switched off", by=BY)
        with pytest.raises(NotLawful, match="plan-is-void") as refusal:
            run_line(course)
        assert "new id" in refusal.value.hint
        assert documents(course, "void") == [
            "callup/void/1\ncall-up: freedonia-2025\n"
            f"plan: {hashlib.sha256((course.dossier.open / '40-seed' / 'plan.txt').read_bytes()).hexdigest()}\n"
            "reason: the beacon was switched off\nby: Stand-in One\nby: Stand-in Two\n"
        ]
        assert documents(course, "seed") == []
        assert replay(course.dossier, QUIET) == []


def test_a_dead_supplementary_plan_is_never_cast_and_its_people_come_in_the_next(tmp_path):
    with freedonia(tmp_path / "line") as course:
        run_line(course, "cast")
        take(course, tmp_path, [ONE])
        void_plan(course, supplement=1, reason="a secret was lost", by=BY)
        run_line(course, "size-1")
        assert not course.dossier.finished("cast-s1")
        with pytest.raises(OutOfOrder, match="draw-is-cast"):
            void_plan(course, supplement=0, reason="too late", by=BY)
        assert take(course, tmp_path, [ONE]).number == 2
        run_line(course, "size-2")
        assert course.dossier.finished("cast-s2")


def test_a_second_plan_of_one_id_is_refused(tmp_path):
    with freedonia(tmp_path / "line") as course:
        run_line(course, "commit")
        logs = CallUpLogs(course)
        standing = (course.dossier.open / "40-seed" / "plan.txt").read_text()
        refuse_second_plan(logs, standing)
        other = make_plan(course, PlanParts("freedonia-2025", {"FR-N": 1}, {"FR-N": (1, "0" * 64)}, {}, "rehearsal freedonia-2025 9"))
        with pytest.raises(Tampered, match="plan-doubled"):
            refuse_second_plan(logs, other)
