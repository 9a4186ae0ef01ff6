"""Nothing that a person sends is lost or done twice: many at once, a stop between two writes, a full queue, a full disk."""

import asyncio
import hashlib
import threading

import pyarrow.compute as pc
from app.portal_line import DAY, session_of, somebody

from callup.app.acts import add_fact
from callup.app.exports.case import touching
from callup.app.stores.database import SqliteDatabase
from callup.app.stores.facts import FactStore
from callup.app.web.doors import notice_of
from callup.app.web.store import Keep, PortalStore, Sent
from callup.app.web.writer import Writer, fact_row
from callup.terms.errors import BadInput, Unavailable


def many(writer, sent):
    async def all_at_once():
        return await asyncio.gather(*(writer.send(one) for one in sent), return_exceptions=True)

    return asyncio.run(all_at_once())


def a_form(site, number, case):
    fact = {"kind": "responded", "case_id": case, "actor": "person", "channel": "portal", "evidence": f"{number:064}"}
    fact |= {"happened_on": DAY.isoformat(), "known_on": DAY.isoformat()}
    kept = hashlib.sha256(str(number).encode()).digest()
    return Sent(kept, kept.hex()[:12], case, 1_000_000, fact, "yes", False)


def test_many_at_once_share_a_commit_and_each_is_there_once(clocked):
    site, case = clocked.site, somebody(clocked.site)["case_id"]
    site.writer.start()
    sent = [a_form(site, number % 50, case) for number in range(3200)]
    answers = many(site.writer, sent)
    assert all(isinstance(one, Sent) for one in answers)
    assert len([row for row in site.facts.of_case(case).to_pylist() if row["kind"] == "responded"]) == 50
    assert site.writer.commits <= 3200 / 8, "at least eight share one"
    site.close()


def test_what_was_kept_and_not_recorded_before_a_stop_is_recorded_at_the_next_start(clocked):
    site, case = clocked.site, somebody(clocked.site)["case_id"]
    site.store.keep(a_form(site, 7, case))
    site.writer.start()
    many(site.writer, [a_form(site, 8, case)])
    assert len([row for row in site.facts.of_case(case).to_pylist() if row["kind"] == "responded"]) == 2
    site.writer.stop()
    assert site.store.unrecorded() == [], "all are marked when the writer stops"
    site.close()


def test_what_was_recorded_and_not_marked_before_a_stop_is_recorded_once(clocked):
    site, case = clocked.site, somebody(clocked.site)["case_id"]
    site.store.keep(a_form(site, 7, case))
    site.facts.record_rows([fact_row(a_form(site, 7, case))])
    site.writer.start()
    many(site.writer, [a_form(site, 8, case)])
    assert len([row for row in site.facts.of_case(case).to_pylist() if row["kind"] == "responded"]) == 2
    site.close()


def test_too_many_are_told_to_come_back_and_nothing_of_theirs_is_taken(clocked, monkeypatch):
    monkeypatch.setattr("callup.app.web.writer._FULL", 2)
    writer = Writer(clocked.site.stores)
    held = threading.Event()
    monkeypatch.setattr(PortalStore, "unrecorded", lambda store: held.wait(5) and [])
    writer.start()
    threading.Timer(0.3, held.set).start()
    answers = many(writer, [a_form(clocked.site, number, somebody(clocked.site)["case_id"]) for number in range(5)])
    assert sum(isinstance(one, Unavailable) for one in answers) == 3
    assert sum(isinstance(one, Sent) for one in answers) == 2
    writer.stop()


def test_a_batch_that_the_disk_refuses_is_refused_to_everyone_in_it(clocked, monkeypatch):
    site, case = clocked.site, somebody(clocked.site)["case_id"]

    def full(store, batch):
        raise Unavailable("facts-not-writable", {}, "free space")

    monkeypatch.setattr(PortalStore, "keep_all", full)
    site.writer.start()
    assert all(isinstance(one, Unavailable) for one in many(site.writer, [a_form(site, number, case) for number in range(3)]))
    monkeypatch.undo()
    assert isinstance(many(site.writer, [a_form(site, 1, case)])[0], Sent), "it goes on by itself when there is room"
    site.close()


def test_one_that_is_no_fact_is_refused_alone(clocked):
    site, case = clocked.site, somebody(clocked.site)["case_id"]
    bad = a_form(site, 5, case)
    bad.fact["kind"] = "punished"
    site.writer.start()
    answers = many(site.writer, [a_form(site, 4, case), bad, a_form(site, 6, case)])
    assert [type(one) for one in answers] == [Sent, BadInput, Sent]
    assert len([row for row in site.facts.of_case(case).to_pylist() if row["kind"] == "responded"]) == 2
    site.close()


def test_a_disk_that_was_full_at_the_start_does_not_stop_the_writer(clocked, monkeypatch):
    site, case = clocked.site, somebody(clocked.site)["case_id"]
    site.store.keep(a_form(site, 7, case))
    real, asked = FactStore.record_rows, []

    def full_once(store, batch):
        asked.append(len(batch))
        if len(asked) == 1:
            raise Unavailable("facts-not-writable", {}, "free space")
        return real(store, batch)

    monkeypatch.setattr(FactStore, "record_rows", full_once)
    site.writer.start()
    assert isinstance(many(site.writer, [a_form(site, 8, case)])[0], Sent)
    site.writer.stop()
    assert len(site.store.unrecorded()) == 1, "what did not go waits for the next start"
    site.close()


def test_who_is_erased_is_erased_in_the_portal_too(clocked):
    """Design D5: the door, the sessions, and the words that the person sent, over their bytes."""
    site, one, two = clocked.site, somebody(clocked.site), somebody(clocked.site, 1)
    for person in (one, two):
        session_of(site, person)
        site.store.keep(a_form(site, 1 if person is one else 2, person["case_id"]))
    assert site.store.forget(one["case_id"]) == 3
    assert site.store.case_of_code(one["code"]) is None
    assert site.store.sent_by(one["case_id"]) == []
    assert site.store.case_of_code(two["code"])[0] == two["case_id"]
    assert len(site.store.sent_by(two["case_id"])) == 1


def test_the_portal_reads_the_same_facts_as_everything_else(clocked):
    """Rows for a page, tables for the rest: the same facts, and the same of them touch a case."""
    site, person = clocked.site, somebody(clocked.site)
    day, proof = (DAY, DAY), {"evidence": "0" * 64}
    for kind, actor, fields in (
        ("outage", "desk", {"channel": "portal", "until": "2025-04-09"}),
        ("stayed", "court", {"ground": "call-up", "reason": "said"}),
        ("halted", "official: One", {"ground": "wave 9", "reason": "said", "second": "Two"}),
        ("stayed", "court", {"ground": "unit nowhere", "reason": "said"}),
    ):
        add_fact(site.facts, kind, actor, day, fields | proof)
    own, whole = site.facts.of_case(person["case_id"]), site.facts.all()
    assert site.facts.rows_of_case(person["case_id"]) == own.to_pylist()
    nobody = whole.filter(pc.is_null(whole.column("case_id")))
    assert site.facts.rows_of_nobody() == nobody.to_pylist()
    notice = notice_of(site.store.held(person["case_id"]))
    rows = touching(own.to_pylist(), nobody.to_pylist(), notice)
    assert [row["kind"] for row in rows if row["case_id"] is None] == ["outage", "stayed"]


def test_a_transaction_that_reads_before_it_writes_is_not_refused_because_another_wrote_meanwhile(tmp_path):
    """SQLite refuses it at once (sqlite.org/rescode.html, BUSY_SNAPSHOT): a page would have said that the portal is busy."""
    one, other = (SqliteDatabase(tmp_path / "one.db", bytes(32), "CREATE TABLE IF NOT EXISTS line (n INTEGER)") for _ in range(2))
    read = threading.Event()

    def write():
        read.wait()
        other.run("INSERT INTO line VALUES (2)")

    thread = threading.Thread(target=write)
    thread.start()
    with one.transaction():
        assert one.rows("SELECT n FROM line") == []
        read.set()
        thread.join(0.2)  # it would have written by now
        one.run("INSERT INTO line VALUES (1)")
    thread.join()
    assert other.rows("SELECT n FROM line") == [(1,), (2,)], "it wrote when its turn had come"


def test_many_are_kept_by_one_statement_each_once_and_who_refuses_does_so_alone(clocked):
    site, case = clocked.site, somebody(clocked.site)["case_id"]

    def refuses(store):
        store.keep(a_form(site, 9, case))
        raise Unavailable("no-more-today", {}, "come tomorrow")

    forms = [a_form(site, number, case) for number in (1, 2, 1, 3)]
    kept = [Keep(one) for one in forms]
    found = site.store.together([kept[0], refuses, *kept[1:]])
    assert [type(one) for one in found] == [Sent, Unavailable, Sent, Sent, Sent]
    assert found[0] == found[3]
    assert site.store.sent_by(case) == [forms[0], forms[1], forms[3]], "what the one who refused had kept is gone"
    again = site.store.together([Keep(a_form(site, number, case)) for number in range(100)])
    assert [one.number for one in again] == [a_form(site, number, case).number for number in range(100)]
    assert len(site.store.sent_by(case)) == 100


def test_in_a_rush_the_writer_waits_for_no_more(clocked, monkeypatch):
    site, case, slept = clocked.site, somebody(clocked.site)["case_id"], []
    monkeypatch.setattr("callup.app.web.writer.time.sleep", slept.append)
    site.writer.hurry = lambda: True
    site.writer.start()
    for turn in range(2):
        many(site.writer, [a_form(site, 10 * turn + number, case) for number in range(5)])
    assert slept == []
    site.writer.hurry = lambda: False
    for turn in range(2, 4):
        many(site.writer, [a_form(site, 10 * turn + number, case) for number in range(5)])
    assert slept, "else the next commit waits for others where the last was shared"
    site.close()
