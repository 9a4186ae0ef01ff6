"""A fact's number is a pure function of the fact."""

import hashlib
from datetime import date

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from callup.cases import whole_facts
from callup.cases.facts import fact_ids
from callup.terms.canonical import row_text
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
