"""One contract for both stores: the same acts give the same rows in SQLite and in a real PostgreSQL, shown to the same viewers."""

import asyncio
import contextlib
import hashlib
import random
import shutil
import threading
from datetime import date, timedelta

import apsw
import psycopg
import pyarrow as pa
import pytest
from app.portal_line import DAY, HOME, Clocked, freedonia_again, nonce_of, open_case, sign_in, somebody
from litestar.testing import TestClient
from sampling import EVERY

from callup.app.benches.postgres import cluster
from callup.app.served import take_receipts
from callup.app.stages.telling import manifest_of, print_decisions
from callup.app.stores.database import ConstraintBroken
from callup.app.stores.viewer import NOBODY, Viewer, looking_as
from callup.app.web.desk.acting import UNDO
from callup.app.web.desk.granting import stand_in_names
from callup.app.web.desk.pending import unrecorded
from callup.app.web.public.progress import Progress
from callup.app.web.serve import portal
from callup.app.web.site import Site
from callup.app.web.storage import Embedded, InPostgres, prepare_postgres, schema_of
from callup.app.web.store import Sent
from callup.terms.errors import BadInput, Unavailable

pytestmark = pytest.mark.postgresql
LOGIN = "callup_portal"
ACTS = 10_000 // EVERY


@pytest.fixture(scope="module")
def server():
    with cluster() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request, tmp_path, open_line, server):
    shutil.copytree(open_line, tmp_path / "line")
    with freedonia_again(tmp_path / "line") as course:
        storage = Embedded(course)
        if request.param == "postgresql":
            with psycopg.connect(server.address(), autocommit=True) as base:
                base.execute(f"DROP SCHEMA IF EXISTS {schema_of(course)} CASCADE")
            assert prepare_postgres(course, server.address(), LOGIN) == course.facts.last_seq()
            assert prepare_postgres(course, server.address(), LOGIN) == 0, "twice does it once"
            storage = InPostgres(course, server.address(LOGIN))
            course.facts.close()
            course.facts = storage.facts()
        clocked = Clocked(course, storage)
        yield clocked
        clocked.site.store.close()
        clocked.site.facts.close()


@pytest.fixture
def visitor(site):
    with TestClient(portal(site.site), base_url=HOME) as made:
        yield made


def sent(site, number, case, kind="responded", **more):
    fact = {"kind": kind, "case_id": case, "actor": "person", "evidence": f"{number:064}", "channel": "portal", **more}
    fact |= {"happened_on": DAY.isoformat(), "known_on": DAY.isoformat()}
    kept = hashlib.sha256(str(number).encode()).digest()
    return Sent(kept, kept.hex()[:12], case, 1_000_000, fact, f"words {number}", False)


def test_a_person_and_two_officials_go_all_the_way(site, visitor):
    clocked, person = site, somebody(site.site)
    sign_in(visitor, person)
    form = visitor.get("/notice/claim").text
    asked = {"nonce": nonce_of(form, "/notice/claim"), "kind": "deferral", "words": "I study"}
    numbers = {visitor.post("/notice/claim", data=asked).text.split("Number ")[1][:12] for _ in range(3)}
    assert len(numbers) == 1
    for name, act in (("Stand-in intake 1", "propose"), ("Stand-in deciding 1", "decide")):
        assert open_case(visitor, clocked.site, name, person["case_id"]).status_code == 303
        page = visitor.get(f"/desk/case/{person['case_id']}").text
        looks = {"nonce": nonce_of(page, "/desk/letter"), "case": person["case_id"]}
        assert visitor.post("/desk/letter", data=looks).content[:5] == b"%PDF-"
        data = {"nonce": nonce_of(page, f"/desk/{act}"), "case": person["case_id"], "act": "decided granted", "reason": "studies"}
        data |= {"proposal": "1", "accept": "yes"}
        assert visitor.post(f"/desk/{act}", data=data, follow_redirects=False).status_code == 303, act
    course = clocked.site.course
    assert (unrecorded(course, clocked.time), unrecorded(course, clocked.time + UNDO)) == (0, 1)
    clocked.time += UNDO
    visitor.get("/desk")
    rows = [row for row in clocked.site.facts.of_case(person["case_id"]).to_pylist() if row["kind"] == "decided"]
    assert [(row["actor"], row["second"], row["outcome"]) for row in rows] == [
        ("official: Stand-in intake 1", "Stand-in deciding 1", "granted")
    ]
    fact, receipts = rows[0]["fact_id"], course.dossier.root.with_name("receipts.csv")
    assert (unrecorded(course, clocked.time), print_decisions(course).letters, print_decisions(course).letters) == (0, 1, 0)
    (row,) = manifest_of(course.dossier, 1)
    assert (row.fact_id, [one["fact_id"] for one in course.facts.numbered(fact[:20])]) == (fact, [fact])
    receipts.write_text(f"code,happened_on\n{row.payload},{DAY}\n")
    assert (take_receipts(course, receipts, DAY), take_receipts(course, receipts, DAY)) == ((1, 1), (1, 0))
    assert [one["ref"] for one in course.facts.rows_of_case(person["case_id"]) if one["kind"] == "decision_served"] == [fact]


def test_officials_and_their_passkeys_are_kept_alike(site, visitor):
    assert {row["name"] for row in visitor.get("/roles/roles.json").json()} == set(stand_in_names())
    with contextlib.closing(site.site.desk_store()) as kept:
        kept.keep_passkey((b"1", "A", b"public", 0, 1_000_000))
        kept.keep_passkey((b"1", "B", b"other", 0, 1_000_000))
        kept.count_passkey(b"1", 7)
        assert (kept.passkeys_of("A"), kept.passkey(b"1", "A"), kept.passkey(b"1", "B")) == ([b"1"], (b"public", 7), None)
        kept.forget_passkeys("A")
        assert kept.passkeys_of("A") == []


def test_what_was_begun_is_kept_alike(site):
    store = site.site.store
    for words in ("a", "b"):
        store.save_draft("c", "claim", ("deferral", words), 1)
        store.save_draft("c", "contest", ("", f"contest {words}"), 2)
    assert (store.draft("c", "claim"), store.draft("c", "contest"), store.draft("d", "claim")) == (
        ("deferral", "b"),
        ("", "contest b"),
        ("", ""),
    )
    store.drop_draft("c", "claim")
    assert (store.draft("c", "claim"), store.draft("c", "contest")) == (("", ""), ("", "contest b"))


def test_the_numbers_of_a_week_are_made_by_one_process_and_shown_by_another(site, monkeypatch):
    makes, shows = Progress(site.site), Progress(site.site, made_here=False)
    site.day = date(2025, 4, 15)
    assert (makes.keep(), makes.keep()) == (True, False), "once a day"
    first = makes.seen()
    site.day = date(2025, 4, 22)
    with monkeypatch.context() as none:
        none.setattr(Progress, "_made", lambda progress, today: pytest.fail("it only shows them"))
        assert (shows.seen(), shows.seen().as_of) == (first, date(2025, 4, 13)), "the last ones stand until there are newer ones"
    assert makes.keep()
    assert (shows.seen(), shows.seen().as_of) == (makes.seen(), date(2025, 4, 20))


def test_double_submits_from_64_connections_are_one_fact(site):
    person = somebody(site.site)
    site.site.writer.start()

    async def all_at_once():
        return await asyncio.gather(*(site.site.writer.send(sent(site.site, number % 10, person["case_id"])) for number in range(640)))

    answers = asyncio.run(all_at_once())
    assert len({one.number for one in answers}) == 10
    assert len([row for row in site.site.facts.of_case(person["case_id"]).to_pylist() if row["kind"] == "responded"]) == 10
    site.site.writer.stop()
    seqs = site.site.facts.all().column("seq").to_pylist()
    assert seqs == list(range(1, len(seqs) + 1)), "numbered without a gap"


def test_threads_on_one_connection_take_turns_and_none_asks_inside_anothers_transaction(site):
    """A page may come in a thread of its own while the loop answers others on the same connection."""
    base, there = site.site.store._base, threading.Event()

    def keep(case):
        base.run("INSERT INTO begun VALUES (?, '', '', '', 0)", (case,))

    def wait_first():
        there.wait()
        keep("theirs")

    other = threading.Thread(target=wait_first)
    other.start()
    with contextlib.suppress(KeyError), base.transaction():
        keep("ours")
        there.set()
        other.join(0.2)  # it would be through by now, and undone with us
        raise KeyError
    other.join()
    assert base.rows("SELECT case_id FROM begun") == [("theirs",)]


def test_a_question_that_fails_leaves_nobodys_role_behind(site):
    base = site.site.store._base
    everything = base.value("SELECT count(*) FROM door")
    with looking_as(Viewer("person", "A")), pytest.raises((psycopg.Error, apsw.Error)):
        base.seen_together([("SELECT case_id FROM door", ()), ("SELECT case_id FROM nowhere", ())])
    assert base.value("SELECT count(*) FROM door") == everything > 0
    with looking_as(Viewer("person", "A")):
        assert base.seen_together([("SELECT case_id FROM door", ())]) == [[]]


def test_four_thousand_for_four_hundred(site):
    seats = site.site.store.seats
    seats.lay([("hall", "FR-N", "The hall")], [("hall", "2025-06-02", n, f"{8 + n // 50:02}:{n % 50:02}") for n in range(400)], [])
    site.site.writer.start()

    async def one(number):
        case = f"{number:024x}"
        seat = await site.site.writer.perform(lambda kept: kept.seats.hold(case, "hall", "2025-06-02", 1_000_000))
        return None if seat is None else await site.site.writer.perform(lambda kept: kept.seats.take(case, 1_000_001))

    async def all_at_once():
        return await asyncio.gather(*(one(number) for number in range(4000)))

    found = [seat for seat in asyncio.run(all_at_once()) if seat is not None]
    assert (len(found), len({seat.n for seat in found})) == (400, 400)
    site.site.writer.stop()


def test_what_is_recorded_can_be_changed_by_nobody(site, server):
    facts, base = site.site.facts, site.site.store._base
    last = facts.last_seq()
    for text in ("UPDATE facts SET actor = 'desk'", "DELETE FROM facts"):
        with pytest.raises((ConstraintBroken, psycopg.errors.InsufficientPrivilege)):
            facts._base.run(text)
    if base.dialect == "postgresql":
        with psycopg.connect(server.address(), autocommit=True) as owner:
            for text in ("UPDATE {}.facts SET actor = 'desk'", "DELETE FROM {}.facts", "TRUNCATE {}.facts"):
                with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                    owner.execute(text.format(schema_of(site.site.course)))
    assert facts.last_seq() == last
    row = ("c", "FR-N", "decided", None, "granted", "why", None, "One", 1)
    with contextlib.closing(site.site.desk_store()) as desk:
        number = desk.propose(row)
        for change in ("second = first, state = 'accepted'", "outcome = 'refused'", "state = 'recorded'"):
            with pytest.raises(ConstraintBroken):
                desk._base.run(f"UPDATE proposal SET {change} WHERE id = ?", (number,))


def test_everyone_sees_what_the_rule_says_and_nobody_sees_nothing(site):
    """Random viewers and rows: what the store shows is what an oracle of three lines says (threat T1)."""
    cases = [somebody(site.site, at)["case_id"] for at in range(12)]
    store, facts, opened = site.site.store, site.site.facts, random_readings(site, cases)
    whole = facts.all().to_pylist()
    viewers = [NOBODY, *(Viewer("person", case) for case in cases[:6])]
    for clerk in "ABCD":
        for day in range(3):
            key = (f"clerk: {clerk}", DAY + timedelta(days=day))
            seen = frozenset(opened.get(key, ()))
            viewers.append(Viewer("official", actor=key[0], day=(key[1] - date(1970, 1, 1)).days, opened=seen))
    for who in viewers:
        allowed = {who.case} if who.kind == "person" else set(who.opened)
        with looking_as(who):
            for case in cases:
                may = case in allowed
                assert (store.held_if(case) is not None) == may, who
                assert bool(store.sent_by(case)) == may
                assert facts.rows_of_case(case) == [row for row in whole if row["case_id"] == case and may]
            about_nobody = facts.rows_of_nobody()
        assert about_nobody == [row for row in whole if row["case_id"] is None and who.kind != "nobody"]


def test_a_desk_list_shows_its_own_units_whatever_is_asked(site):
    """The line of another unit's desk stays hidden, also from a query that forgot to ask for units (threat T2)."""
    rows = [(f"{number:024}", f"U-{number % 4}", "rule", None, None, None, 0, 0) for number in range(40)]
    with contextlib.closing(site.site.desk_store()) as desk:
        desk.lay_queue(rows, DAY.isoformat(), 0)
        for units in (["U-0"], ["U-1", "U-3"], ["*"], ["U"], []):
            seen = desk._base.listed("SELECT case_id, unit FROM queue ORDER BY case_id", (), units)
            assert seen == [row[:2] for row in rows if "*" in units or row[1] in units], units
        desk.take(rows[2][0], "One", 1)
        (first, *rest) = desk.waiting(["U-2"], ["rule"], "", 50)
        assert (first["unit"], first["taken_by"], len(rest)) == ("U-2", "One", 9)


def random_readings(site, cases):
    """Readings, recusals, answers and outages, drawn by one seed; gives which cases each official may see on each day."""
    dice, rows, opened, apart = random.Random(11), [], {}, set()
    for number in range(120):
        case, clerk, day = dice.choice(cases), f"clerk: {dice.choice('ABC')}", DAY + timedelta(days=dice.randint(0, 2))
        kind = dice.choice(["read", "read", "recused", "responded", "outage"])
        row = {
            "kind": kind,
            "actor": clerk if kind in ("read", "recused") else "person" if kind == "responded" else "desk",
            "evidence": f"{number:064}",
        }
        row |= {"case_id": None if kind == "outage" else case, "happened_on": day, "known_on": day, "reason": "r", "channel": "portal"}
        rows.append(row | {"until": day})
        if kind == "read":
            opened.setdefault((clerk, day), set()).add(case)
        if kind == "recused":
            apart.add((clerk, case))
        if number < len(cases):
            site.site.store.keep(sent(site.site, number, cases[number]))
    site.site.facts.record(pa.Table.from_pylist(rows))
    seen = {key: {case for case in cases if (key[0], case) not in apart} for key, cases in opened.items()}
    for (clerk, day), cases in seen.items():
        assert site.site.facts.in_sight(clerk, day) == cases
    return seen


def test_thousands_of_random_acts_give_the_same_rows_in_both(tmp_path, open_line, server):
    exports = []
    for name in ("sqlite", "postgresql"):
        shutil.copytree(open_line, tmp_path / name)
        with freedonia_again(tmp_path / name) as course:
            storage = Embedded(course)
            if name == "postgresql":
                with psycopg.connect(server.address(), autocommit=True) as base:
                    base.execute(f"DROP SCHEMA IF EXISTS {schema_of(course)} CASCADE")
                prepare_postgres(course, server.address(), LOGIN)
                storage = InPostgres(course, server.address(LOGIN))
            exports.append(random_acts(Site(course, lambda: DAY, lambda: 1, storage)))
    assert exports[0] == exports[1]
    assert len(exports[0]) > 10 * ACTS


def random_acts(site):
    """Acts of people and officials, drawn by one seed; gives every row of every table as text."""
    dice, base, made = random.Random(7), site.store._base, []
    cases = sorted(site.store.cases())
    desk = site.desk_store()
    acts = {
        "send": lambda n: site.facts.record(pa.Table.from_pylist([_row(sent(site, n % 3000, dice.choice(cases)))])) and None,
        "keep": lambda n: site.store.keep(sent(site, n % 3000, dice.choice(cases))),
        "hold": lambda n: site.store.seats.hold(dice.choice(cases), *dice.choice(days)[:2], n),
        "take": lambda n: site.store.seats.take(dice.choice(cases), n),
        "wait": lambda n: site.store.seats.wait(dice.choice(cases), *dice.choice(days)[:2], n),
        "sweep": lambda n: site.store.seats.sweep(n),
        "propose": lambda n: made.append(desk.propose((dice.choice(cases), "FR-N", "decided", None, "granted", "why", None, "A", n))),
        "move": lambda n: desk.move(dice.choice(made), "open", dice.choice(["accepted", "sent back"]), dice.choice("ABC"), n, "note"),
        "session": lambda n: desk.open_session(f"token {n}", dice.choice("AB"), n),
        "end": lambda n: desk.end_session(f"token {dice.randint(0, n)}"),
        "took": lambda n: desk.take(dice.choice(cases), dice.choice("AB"), n),
        "queue": lambda n: desk.renew([(dice.choice(cases), "FR-N", "assess", None, None, None, 0, 0)], [dice.choice(cases)], n),
    }
    days = site.store.seats.days("FR-N", "2025-01-01", "2026-01-01", 0)
    for number in range(ACTS):
        with contextlib.suppress(ConstraintBroken, BadInput, IndexError):
            acts[dice.choice(sorted(acts))](number)
    numbered = ("sent", "proposal")  # a number that nobody reads may have gaps; the order counts
    tables = ("door", "session", "flow", "place", "seat", "waiting", "desk_session", "queue", "taken")
    text = [site.facts.all().to_pylist()]
    text += [[_plain(row[1:]) for row in sorted(base.rows(f"SELECT * FROM {name}"))] for name in numbered]
    text += [*(sorted(map(_plain, base.rows(f"SELECT * FROM {name}")), key=str) for name in tables)]
    desk.close()
    site.store.close()
    site.facts.close()
    return repr(text)


def _row(one):
    return {name: date.fromisoformat(value) if name.endswith("_on") else value for name, value in one.fact.items()}


def _plain(row):
    return tuple(bytes(value) if isinstance(value, bytes | memoryview) else value for value in row)


def test_a_server_that_loses_power_loses_nothing_that_was_said_to_be_kept(site, server):
    if site.site.store._base.dialect != "postgresql":
        pytest.skip("SQLite is stopped in tests/app/test_crash.py")
    person = somebody(site.site)
    site.site.writer.start()
    first = asyncio.run(site.site.writer.send(sent(site.site, 1, person["case_id"])))
    server.control("-m", "immediate", "stop")
    with pytest.raises(Unavailable, match="postgres-silent"):
        asyncio.run(site.site.writer.send(sent(site.site, 2, person["case_id"])))
    with pytest.raises(Unavailable):
        site.site.store.cases()
    server.control("start")
    again = asyncio.run(site.site.writer.send(sent(site.site, 2, person["case_id"])))
    assert {one.number for one in site.site.store.sent_by(person["case_id"])} == {first.number, again.number}
    assert len([row for row in site.site.facts.of_case(person["case_id"]).to_pylist() if row["kind"] == "responded"]) == 2
    site.site.writer.stop()
