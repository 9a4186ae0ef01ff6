"""A fact's own number, and what is wrong with facts that someone wants to record: checks on whole batches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute

from callup.terms.canonical import UNKNOWN
from callup.terms.facts import CLAIMS, VOCABULARY, FactKind, needed
from callup.terms.schema import PROBLEMS, Schema
from callup.terms.tables import FACTS

pc: Any = pyarrow.compute  # its stubs lag behind its functions
_Column = Any
_TYPES: dict[str, pa.DataType] = {"text": pa.string(), "int": pa.int64(), "date": pa.date32(), "flag": pa.bool_()}
GROUNDS = {
    "claimed": (f"({'|'.join(CLAIMS)})(:.*)?", f"one of {', '.join(CLAIMS)}; what the person wrote may follow a colon"),
    "stayed": ("call-up|unit [^ ].*", "call-up, or unit and its code: anything else stops nobody"),
    "halted": ("wave [1-9][0-9]*|unit [^ ].*", "wave and its number, or unit and its code: anything else stops nobody"),
    "recalled": ("wave [1-9][0-9]*", "wave and its number: anything else takes back nothing"),
}
"""Of some kinds what ``ground`` may be, and what to do: what `cases` would not understand would change nothing, unseen."""
SPANS = ("outage", "strike", "tolled", "papers_asked")
"""Kinds that last from the day on which they happened until a day."""
NAMED = ("official", "board", "clerk", "signatory", "watchdog")
_HEX_64 = "^[0-9a-f]{64}$"


def arrow_schema(schema: Schema) -> pa.Schema:
    """The Arrow schema of a declared table."""
    return pa.schema([(column.name, _TYPES[column.type]) for column in schema.columns])


def fact_ids(facts: pa.Table) -> pa.StringArray:
    """The number of each fact: the first 32 hex digits of SHA-256 over the row text of its fields but ``fact_id`` and ``seq``.

    The same fact recorded twice has the same number and so is one fact; its order of recording does not count.

    Args:
        facts: FACTS rows; ``fact_id`` and ``seq`` may be absent.
    """
    texts = texts_of(facts, [name for name in FACTS.names if name not in ("fact_id", "seq")])
    digests = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
    return pa.array(digests, pa.string())


def texts_of(facts: pa.Table, names: Sequence[str]) -> list[str]:
    """The canonical text of some fields of each row (design D11)."""
    texts: list[str] = pc.binary_join_element_wise(*(_text(facts.column(name)) for name in names), "\t").to_pylist()
    return texts


def _text(column: _Column) -> _Column:
    """One column as canonical field texts (design D11)."""
    if not pa.types.is_string(column.type):
        return pc.fill_null(column.cast(pa.string()), UNKNOWN)
    escapes = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"))
    escaped = reduce(lambda texts, pair: pc.replace_substring(texts, *pair), escapes, column)
    return pc.fill_null(escaped, UNKNOWN)


def whole_facts(rows: pa.Table) -> pa.Table:
    """The rows with every FACTS column in order and type, ``fact_id`` computed; ``seq`` is null until recorded."""
    schema = arrow_schema(FACTS)
    columns = {}
    for field in schema:
        known = field.name in rows.column_names and field.name not in ("fact_id", "seq")
        columns[field.name] = rows.column(field.name).cast(field.type) if known else pa.nulls(rows.num_rows, field.type)
    table = pa.table(columns, schema=schema)
    return table.set_column(0, schema.field("fact_id"), fact_ids(table))


def fact_problems(facts: pa.Table) -> pa.Table:
    """All that is wrong with a batch of facts, at once.

    Args:
        facts: FACTS rows.

    Columns:
        those of PROBLEMS; rows count from 1.
    """
    found = [problem for name in facts.column_names for problem in _field_problems(facts, name)]
    kinds = facts.column("kind")
    for kind in sorted(set(pc.unique(kinds).drop_null().to_pylist())):
        mask = pc.equal(kinds, kind)
        if kind not in VOCABULARY:
            found += _where(mask, "kind-unknown", "kind", kind, "use a kind of the vocabulary of facts")
        else:
            found += _kind_problems(facts, mask, VOCABULARY[kind])
    found.sort(key=lambda row: (row["row"], row["column"], row["code"]))
    return pa.Table.from_pylist(found, arrow_schema(PROBLEMS))


_Problem = dict[str, object]


def _where(mask: _Column, code: str, column: str, value: object, hint: str) -> Iterator[_Problem]:
    held = pc.fill_null(mask, False)
    if pc.any(held, min_count=0).as_py():
        shown = None if value is None else str(value)[:80]
        for row in pc.indices_nonzero(held).to_pylist():
            yield {"code": code, "row": row + 1, "column": column, "value": shown, "hint": hint}


def _field_problems(facts: pa.Table, name: str) -> Iterator[_Problem]:
    """What can be said of a column without knowing the kind."""
    column = facts.column(name)
    if not FACTS[name].nullable and name not in ("fact_id", "seq"):
        yield from _where(pc.is_null(column), "field-missing", name, None, f"give {FACTS[name].meaning}")
    if name == "evidence":
        yield from _where(pc.invert(pc.match_substring_regex(column, _HEX_64)), "evidence-not-a-digest", name, None, "give 64 hex digits")
    if name == "known_on":
        early = pc.less(column, facts.column("happened_on"))
        yield from _where(early, "known-before-it-happened", name, None, "a fact is recorded on the day it happens or later")
    if pa.types.is_string(column.type) and not pc.all(pc.string_is_ascii(column), min_count=0).as_py():
        mask = pc.not_equal(column, pc.utf8_normalize(column, form="NFC"))
        yield from _where(mask, "text-not-normal", name, None, "write it in Unicode NFC")


def _kind_problems(facts: pa.Table, mask: _Column, kind: FactKind) -> Iterator[_Problem]:
    """What the vocabulary asks of one kind: who records it, the fields it needs, the outcomes it may have."""
    actor = facts.column("actor")
    role = pc.replace_substring_regex(actor, ": .*$", "")
    wrong = pc.and_(mask, pc.invert(pc.is_in(role, value_set=pa.array(kind.by))))
    yield from _where(wrong, "actor-may-not", "actor", None, f"{kind.kind} is recorded by: {', '.join(kind.by)}")
    nobody = pc.match_substring_regex(actor, r"^[a-z]+(:\s*)?$")
    unnamed = pc.and_(pc.and_(mask, pc.is_in(role, value_set=pa.array(NAMED))), nobody)
    yield from _where(unnamed, "actor-unnamed", "actor", None, "say who, as 'official: Name'")
    for name in needed(kind):
        yield from _where(pc.and_(mask, _lacking(facts.column(name))), "field-missing", name, None, f"{kind.kind} needs it")
    if "second" in kind.needs:
        alone = pc.and_(mask, pc.equal(pc.replace_substring_regex(actor, "^[a-z]+: ", ""), facts.column("second")))
        yield from _where(alone, "second-is-first", "second", None, "two different people sign")
    outcome = facts.column("outcome")
    if kind.outcomes:
        bad = pc.and_(mask, pc.invert(pc.is_in(outcome, value_set=pa.array([*kind.outcomes, None], pa.string()))))
        yield from _where(bad, "outcome-unknown", "outcome", None, f"one of: {', '.join(kind.outcomes)}")
    else:
        yield from _where(pc.and_(mask, pc.is_valid(outcome)), "outcome-not-empty", "outcome", None, f"{kind.kind} has no outcome")
    if kind.kind in GROUNDS:
        pattern, hint = GROUNDS[kind.kind]
        unread = pc.invert(pc.match_substring_regex(facts.column("ground"), rf"^(?s:{pattern})\z"))
        yield from _where(pc.and_(mask, unread), "ground-unknown", "ground", None, hint)
    if kind.kind in SPANS:
        ended = pc.less(facts.column("until"), facts.column("happened_on"))
        yield from _where(pc.and_(mask, ended), "until-before-it-began", "until", None, "it lasts until that day or a later one")
    if not kind.personal:
        named = pc.and_(mask, pc.is_valid(facts.column("case_id")))
        yield from _where(named, "case-not-empty", "case_id", None, f"{kind.kind} is about no person")


def _lacking(column: _Column) -> _Column:
    """Where a column says nothing: it is null, or a text of nothing but spaces."""
    if not pa.types.is_string(column.type):
        return pc.is_null(column)
    return pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), True)
