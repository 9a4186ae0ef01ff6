"""A fact's number is a pure function of the fact."""

import hashlib
from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.cases import arrow_schema, fact_problems, whole_facts
from callup.cases.facts import fact_ids
from callup.cases.rows import is_fact, row_fact_id
from callup.terms.canonical import row_text
from callup.terms.facts import CLAIMS, VOCABULARY
from callup.terms.schema import Schema
from callup.terms.tables import FACTS

NAMES = [name for name in FACTS.names if name not in ("fact_id", "seq")]
REST = Schema("fact", tuple(FACTS[name] for name in NAMES), ("kind",))
TEXT = st.none() | st.text("ab\\\t\nж ", max_size=6)


@given(st.fixed_dictionaries({name: TEXT if FACTS[name].nullable else st.text("xyz", min_size=1) for name in NAMES}))
def test_number_is_the_digest_of_the_canonical_row(fields: dict[str, object]) -> None:
    fields |= {name: date(2025, 4, 1) for name in NAMES if FACTS[name].type == "date"}
    wanted = hashlib.sha256(row_text([fields[name] for name in NAMES], REST).encode()).hexdigest()[:32]
    assert whole_facts(pa.Table.from_pylist([fields])).column("fact_id").to_pylist() == [wanted]


def test_order_of_recording_does_not_count() -> None:
    row = {"kind": "opened", "happened_on": date(2025, 4, 1), "known_on": date(2025, 4, 1), "actor": "portal", "evidence": "0" * 64}
    one, two = whole_facts(pa.Table.from_pylist([row | {"seq": 1}])), whole_facts(pa.Table.from_pylist([row | {"seq": 9}]))
    assert fact_ids(one) == fact_ids(two)


WORDS = [
    None,
    "",
    " ",
    "official: ",
    "official:  ",
    "x",
    "desk",
    "official",
    "official: A",
    "clerk: B",
    "A",
    "person",
    "cafe\u0301",
    "caf\u00e9",
    "a\tb\\n",
]
ODD = st.sampled_from(WORDS)


@st.composite
def any_row(draw):
    """Rows of which most could be facts, and some are spoiled in a field or two."""
    kind = draw(st.sampled_from(sorted(VOCABULARY)))
    known = VOCABULARY[kind]
    row = {"kind": kind, "actor": draw(st.sampled_from([*known.by, *(f"{role}: A" for role in known.by)])), "evidence": "0" * 64}
    row |= {"happened_on": date(2025, 4, 2), "known_on": date(2025, 4, 2 + draw(st.integers(0, 2))), "case_id": None}
    row |= dict.fromkeys(known.needs, "x") | {name: date(2025, 5, 1) for name in ("until", "appear_on") if name in known.needs}
    grounds = {"claimed": ["deferral", "other-date:a wedding\n", "deferrals"], "stayed": ["call-up", "unit N\n", "unit  N", "Call-up"]}
    grounds |= {"halted": ["wave 1", "unit N", "call-up"], "recalled": ["wave 12", "wave 0", "wave 1\n", "unit N"]}
    row |= {"ground": draw(st.sampled_from(grounds[kind]))} if kind in grounds else {}
    if known.outcomes and draw(st.booleans()):
        row["outcome"] = draw(st.sampled_from(known.outcomes))
    for name in draw(st.lists(st.sampled_from([name for name in FACTS.names if name not in ("fact_id", "seq")]), max_size=2)):
        spoiled = draw(ODD)
        if FACTS[name].type == "date":
            spoiled = draw(st.sampled_from([None, date(2025, 4, 1), date(2025, 4, 30)]))
        row[name] = spoiled
    return row


@given(any_row())
@settings(max_examples=400)
def test_one_row_is_judged_and_numbered_as_a_batch_is(row):
    schema = pa.schema([one for one in arrow_schema(FACTS) if one.name not in ("fact_id", "seq")])
    table = whole_facts(pa.Table.from_pylist([row], schema))
    assert is_fact(row) == (fact_problems(table).num_rows == 0)
    assert row_fact_id(row) == table.column("fact_id")[0].as_py()


@pytest.mark.parametrize("kind", sorted(name for name, known in VOCABULARY.items() if "second" in known.needs))
def test_who_acts_is_never_the_second_under_any_role(kind):
    known = VOCABULARY[kind]
    for role in known.by:
        for second, whole in (("A", False), ("B", True)):
            row = {"kind": kind, "actor": f"{role}: A", "evidence": "0" * 64, "happened_on": date(2025, 4, 2), "known_on": date(2025, 4, 2)}
            row |= dict.fromkeys(known.needs, "x") | {name: date(2025, 5, 1) for name in ("until", "appear_on") if name in known.needs}
            row |= {"second": second, "outcome": known.outcomes[0] if known.outcomes else None}
            row |= {"ground": "wave 1"} if "ground" in row else {}
            assert is_fact(row) == whole, (role, second)
            table = whole_facts(
                pa.Table.from_pylist([row], pa.schema([one for one in arrow_schema(FACTS) if one.name not in ("fact_id", "seq")]))
            )
            assert (fact_problems(table).num_rows == 0) == whole


def test_what_would_stop_nobody_is_no_fact() -> None:
    """A court's stay of a unit that is written otherwise, or a toll that ends before it begins, would change nothing unseen."""
    day, shared = date(2025, 4, 2), {"evidence": "0" * 64, "known_on": date(2025, 4, 2), "happened_on": date(2025, 4, 2)}
    rows = [
        shared | {"kind": "stayed", "actor": "court", "ground": ground, "reason": "x"}
        for ground in ("call-up", "unit N", "Call-up", "wave 1")
    ]
    rows += [
        shared | {"kind": "claimed", "actor": "person", "case_id": "c", "ground": ground} for ground in (*CLAIMS, "health", "deferral-now")
    ]
    rows += [
        shared | {"kind": "tolled", "actor": "desk", "case_id": "c", "ground": "hospital", "until": day + timedelta(days=days)}
        for days in (0, -1)
    ]
    found = fact_problems(whole_facts(pa.Table.from_pylist(rows, pa.schema([arrow_schema(FACTS).field(name) for name in NAMES]))))
    assert found.column("row").to_pylist() == [3, 4, 11, 12, 14]
    assert {one["column"] for one in found.to_pylist()} == {"ground", "until"}
