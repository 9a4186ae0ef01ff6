"""The fact store: append-only, encrypted, idempotent, all of a batch or none."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from callup.app.stores.database import ConstraintBroken
from callup.app.stores.facts import FactStore
from callup.terms.errors import BadInput, Tampered
from callup.terms.tables import FACTS

KEY = bytes(range(32))
DAY = date(2025, 4, 5)


def facts(count: int = 1, **changed: object) -> pa.Table:
    rows = []
    for number in range(count):
        row = {"kind": "opened", "case_id": f"{number:024x}", "notice_id": f"{number:032x}", "happened_on": DAY, "known_on": DAY}
        rows.append(row | {"actor": "portal", "channel": "portal", "evidence": "ab" * 32, "reason": None} | changed)
    return pa.Table.from_pylist(rows)


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    return FactStore(tmp_path / "facts.db", KEY)


def test_same_fact_is_one_fact_and_order_is_kept(store: FactStore) -> None:
    assert store.record(facts(3)) == 3
    assert store.record(facts(5)) == 2
    assert store.all().column("seq").to_pylist() == [1, 2, 3, 4, 5]
    assert store.all().column_names == list(FACTS.names)
    assert store.since(3).num_rows == 2
    assert store.cut_segment(1, 4).column("seq").to_pylist() == [2, 3, 4]
    assert (store.last_seq(), store.last_known_on()) == (5, DAY)
    assert store.of_case(f"{1:024x}").num_rows == 1


def test_known_at_leaves_out_what_was_recorded_later(store: FactStore) -> None:
    store.record(facts(1, known_on=date(2025, 5, 1)))
    assert store.all(date(2025, 4, 30)).num_rows == 0
    assert store.all(date(2025, 5, 1)).num_rows == 1


@pytest.mark.parametrize(
    ("changed", "code", "column"),
    [
        ({"kind": "located"}, "kind-unknown", "kind"),
        ({"actor": "carrier"}, "actor-may-not", "actor"),
        ({"channel": None}, "field-missing", "channel"),
        ({"case_id": None}, "field-missing", "case_id"),
        ({"happened_on": None}, "field-missing", "happened_on"),
        ({"known_on": date(2025, 4, 4)}, "known-before-it-happened", "known_on"),
        ({"evidence": "none"}, "evidence-not-a-digest", "evidence"),
        ({"outcome": "moved"}, "outcome-not-empty", "outcome"),
        ({"kind": "returned", "actor": "carrier", "outcome": "fled"}, "outcome-unknown", "outcome"),
        ({"kind": "assessed", "actor": "board", "outcome": "fit", "second": "B"}, "actor-unnamed", "actor"),
        ({"kind": "enlisted", "actor": "official: A", "second": "A"}, "second-is-first", "second"),
        ({"reason": "e\u0301"}, "text-not-normal", "reason"),
        ({"kind": "print_accepted", "actor": "carrier", "ground": "x"}, "case-not-empty", "case_id"),
    ],
)
def test_bad_fact_is_refused_and_nothing_is_recorded(store: FactStore, changed: dict[str, object], code: str, column: str) -> None:
    batch = pa.concat_tables([facts(2), facts(1, **changed)], promote_options="permissive")
    with pytest.raises(BadInput) as refused:
        store.record(batch)
    assert {(p["code"], p["column"], p["row"]) for p in refused.value.params["problems"]} == {(code, column, 3)}
    assert store.last_seq() == 0


def test_all_problems_are_named_at_once(store: FactStore) -> None:
    with pytest.raises(BadInput) as refused:
        store.record(facts(2, evidence="x", actor="desk"))
    assert len(refused.value.params["problems"]) == 4
    assert len(str(refused.value)) < 1000


def test_nothing_is_changed_or_removed(store: FactStore) -> None:
    store.record(facts(1))
    for sql in ("UPDATE facts SET actor = 'desk'", "DELETE FROM facts"):
        with pytest.raises(ConstraintBroken, match="append-only"):
            store._base.run(sql)


def test_no_clear_text_on_disk_and_no_reading_without_the_key(store: FactStore, tmp_path: Path) -> None:
    secret = "a reason nobody else may read"
    store.record(facts(50, reason=secret))
    written = [path.read_bytes() for path in tmp_path.iterdir()]
    assert len(written) >= 2
    assert not any(secret.encode() in content or b"portal" in content or b"SQLite format" in content for content in written)
    store.close()
    assert not any(secret.encode() in path.read_bytes() for path in tmp_path.iterdir())
    with pytest.raises(Tampered, match="database-does-not-open"):
        FactStore(tmp_path / "facts.db", bytes(32))
    assert FactStore(tmp_path / "facts.db", KEY).last_seq() == 50


def test_segments_outside_what_is_recorded_are_refused(store: FactStore) -> None:
    store.record(facts(2))
    with pytest.raises(BadInput, match="segment-out-of-range"):
        store.cut_segment(0, 3)


def indexes(store: FactStore) -> set[str]:
    return {row[0] for row in store._base.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")}


def test_many_batches_do_without_the_index_by_case_and_have_it_after(store: FactStore) -> None:
    whole = indexes(store)
    with store.one_after_another():
        assert indexes(store) == whole - {"facts_of_case"}
        assert [store.record(facts(count)) for count in (3, 5)] == [3, 2]
    assert indexes(store) == whole
    assert store.of_case(f"{4:024x}").num_rows == 1


def test_a_crash_between_batches_leaves_a_file_that_makes_its_index_again(store: FactStore, tmp_path: Path) -> None:
    whole = indexes(store)
    many = store.one_after_another()
    many.__enter__()
    store.record(facts(3))
    again = FactStore(tmp_path / "facts.db", KEY)
    assert indexes(again) == whole
    assert again.all() == store.all()


def test_what_is_kept_in_memory_is_what_lies_in_the_file_whoever_writes(store: FactStore, tmp_path: Path) -> None:
    other = FactStore(tmp_path / "facts.db", KEY)
    store.record(facts(3))
    other.record(facts(1, known_on=date(2025, 5, 1)))
    store.record(facts(4))
    other.record(facts(6))
    store.record(facts(8))
    assert store.all().column("seq").to_pylist() == list(range(1, 10))
    assert store.all().combine_chunks() == FactStore(tmp_path / "facts.db", KEY).all().combine_chunks()


def test_many_batches_of_any_size_lie_in_few_pieces_of_memory_and_in_order(store: FactStore) -> None:
    sizes = [700, *([3, 1, 9] * 60), 300, *([2] * 70)]
    for number, size in enumerate(sizes):
        store.record(facts(size, reason=f"batch {number}"))
    kept = store.all()
    assert kept.column("seq").to_pylist() == list(range(1, sum(sizes) + 1))
    assert kept.column("reason").to_pylist() == [f"batch {number}" for number, size in enumerate(sizes) for _ in range(size)]
    assert kept.column("seq").num_chunks < 80
    assert len(kept.column("seq").chunk(0)) >= 700


@pytest.mark.parametrize("at_once", [1, 7, 20, 1000])
def test_facts_read_some_at_a_time_are_all_facts(store: FactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    store.record(facts(20))
    store.erase([3, 4, 20])
    store.record(facts(5, reason="later"))
    monkeypatch.setattr("callup.app.stores.facts._AT_ONCE", at_once)
    other = FactStore(tmp_path / "facts.db", KEY)
    there = [seq for (seq,) in other._base.rows("SELECT seq FROM facts ORDER BY seq")]
    assert len(there) == 22
    assert other.since(0).column("seq").to_pylist() == there
    assert other.all().column("seq").to_pylist() == there
    assert other.all() == store.all()
    assert other.since(there[9]).column("seq").to_pylist() == there[10:]
