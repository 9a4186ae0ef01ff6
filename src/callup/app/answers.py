"""The answers to a call-up, put into the register of the next: what two people keyed, and nothing that a machine concluded.

A table of answers is CSV with ``letter`` (the number printed on it), ``evidence`` (of the recorded answer), ``keyed_by``,
``checked_by``, and columns of the next call-up's law. An empty field is no answer, and stays unknown.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from callup.app import durable
from callup.app.course import Course
from callup.app.intake import check_register, read_register
from callup.app.standing import summonses
from callup.law import Law, register_schema
from callup.notice.codes import letter_number
from callup.register import Problem, arrow_schema, problem, rekey
from callup.terms.errors import BadInput, OutOfOrder
from callup.terms.schema import Column, Schema
from callup.terms.tables import REGISTER_CORE

ABOUT = ("letter", "evidence", "keyed_by", "checked_by")
SOURCED = ("person_id", "column", "call_up", *ABOUT)
_UNDOES = ("not_for_me", "service_contested", "misdelivered", "withdrawn")
"""After one of these nobody can say that the person named is the one who answered."""
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Joined:
    """What was put into a register.

    Args:
        persons: in the register.
        answered: of these, with a row in the table.
        filled: values that were unknown and are known now.
    """

    persons: int
    answered: int
    filled: int


def join_answers(course: Course, table: Path, register: Path, law: Law, out: Path) -> tuple[list[Problem], Joined]:
    """Write a register with the answers in it, and beside it ``OUT.sources.csv``: each value that was filled, with its source.

    Args:
        course: the call-up that asked.
        table: the answers, CSV.
        register: that of the next call-up, clean, Parquet; only what it does not know is filled.
        law: of the next call-up.
        out: the register to write; it is written only if nothing at all is wrong.

    Returns:
        Rows of PROBLEMS by row of the table, and what was joined.

    Raises:
        OutOfOrder: ``asks-for-no-answer``: the call-up asks people to come.
        BadInput: a table or a register that cannot be read.
    """
    if course.decree.appoints:
        raise OutOfOrder(
            "asks-for-no-answer", {"call-up": course.decree.id}, "take the dossier of the call-up whose notices ask for an answer"
        )
    schema = register_schema(law)
    rows, names = _read(table)
    own = [column for column in schema.columns if column.name not in {core.name for core, _ in REGISTER_CORE}]
    problems = list(_columns(names, own))
    asked = [column for column in own if column.name in names]
    answers = _Answers(asked, tuple(column.name for column in asked if column.type == "flag" and law.columns[column.name].absent_no))
    if not problems:
        problems = list(_rows(course, rows, answers))
    if problems:
        return problems, Joined(0, 0, 0)
    return _join(course, register, schema, answers, out)


@dataclass(frozen=True, slots=True)
class _Answers:
    """The columns that the table answers, those in which silence would mean no, and by re-keyed person the row and what it says."""

    columns: list[Column]
    no_if_empty: tuple[str, ...]
    said: dict[str, tuple[int, Mapping[str, str], Mapping[str, Any]]] = field(default_factory=dict)


def _read(table: Path) -> tuple[list[dict[str, str]], list[str]]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="more", restval="")
            return list(reader), list(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as failure:
        raise BadInput("answers-not-readable", {"path": str(table), "why": str(failure)}, "give a CSV file in UTF-8") from failure


def _columns(names: list[str], own: list[Column]) -> Iterator[Problem]:
    for name in ABOUT:
        if name not in names:
            yield problem("column-missing", f"the table needs {', '.join(ABOUT)}", column=name)
    known = {column.name for column in own}
    for name in names:
        if name not in ABOUT and name not in known:
            yield problem(
                "column-unknown", "the law of the next call-up reads no such column, or the register holds it itself", column=name
            )
        if names.count(name) > 1:
            yield problem("column-twice", "name each column once", column=name)


def _rows(course: Course, rows: list[dict[str, str]], answers: _Answers) -> Iterator[Problem]:
    """What is wrong with each row; what it says goes to ``answers``."""
    cases = {letter_number(row["notice_id"]): row for row in summonses(course).select(["notice_id", "case_id", "person_id"]).to_pylist()}
    facts: dict[str, list[dict[str, Any]]] = {}
    for fact in course.facts.all().filter(pc.is_in(pc.field("kind"), value_set=pa.array(["responded", *_UNDOES]))).to_pylist():
        facts.setdefault(fact["case_id"], []).append(fact)
    for number, row in enumerate(rows, 1):
        case = cases.get(row["letter"].strip().upper())
        found = list(_about(number, row, facts.get(case["case_id"], []) if case else None))
        values: dict[str, Any] = {}
        for column in answers.columns:
            found += _value(number, row[column.name].strip(), column, values, must=column.name in answers.no_if_empty)
        if case and case["person_id"] in answers.said:
            found.append(problem("letter-twice", "one row for each letter", row=number, column="letter", value=row["letter"]))
        elif case:
            answers.said[case["person_id"]] = (number, row, values)
        yield from found


def _about(number: int, row: Mapping[str, str], facts: list[dict[str, Any]] | None) -> Iterator[Problem]:
    """Whether a row speaks of an answer that was recorded and still stands, and two people stand behind it."""
    first, second = row["keyed_by"].strip(), row["checked_by"].strip()
    if not first or not second or first == second:
        yield problem("second-is-first", "two different people key and check an answer", row=number, column="checked_by")
    if facts is None:
        yield problem("letter-unknown", "give the number that is printed on the letter", row=number, column="letter", value=row["letter"])
        return
    answered = [fact["seq"] for fact in facts if fact["kind"] == "responded" and fact["evidence"] == row["evidence"].strip()]
    if not answered:
        hint = "record the answer first, with the digest of its scan: callup fact import"
        yield problem("answer-not-recorded", hint, row=number, column="evidence", value=row["evidence"])
    elif any(fact["kind"] in _UNDOES and fact["seq"] > max(answered) for fact in facts):
        yield problem(
            "answer-contested", "somebody else may have answered: decide that first", row=number, column="letter", value=row["letter"]
        )


def _value(number: int, text: str, column: Column, values: dict[str, Any], *, must: bool) -> Iterator[Problem]:
    """Take one value; an empty one is unknown, and refused where the law would read it as no."""
    where: dict[str, Any] = {"row": number, "column": column.name, "value": text}
    if not text:
        if must:
            yield problem("answer-omitted", "an empty field means no by this law: send the form back, or write false", **where)
        return
    kind = arrow_schema(Schema("one", (column,), (column.name,))).field(0).type
    try:
        values[column.name] = _FLAGS[text] if column.type == "flag" else pa.scalar(text).cast(kind).as_py()
    except (KeyError, pa.ArrowInvalid):
        yield problem("answer-unreadable", f"write it as {'true or false' if column.type == 'flag' else column.type}", **where)


def _join(course: Course, register: Path, schema: Schema, answers: _Answers, out: Path) -> tuple[list[Problem], Joined]:
    key, shape = course.ring.keys["id"], arrow_schema(schema)
    problems: list[Problem] = []
    sources: list[tuple[str, ...]] = []
    there: set[str] = set()
    persons = 0
    with (
        tempfile.TemporaryDirectory(prefix=".answers-", dir=out.parent) as aside,
        pq.ParquetWriter(Path(aside) / "joined", shape) as writer,
    ):
        for batch in read_register(register, schema):
            ids = rekey(batch.column("person_id"), key).to_pylist()
            persons += batch.num_rows
            there |= answers.said.keys() & set(ids)
            columns = [
                _filled(batch, ids, column, answers, (problems, sources, course.decree.id))
                if column in answers.columns
                else batch.column(at)
                for at, column in enumerate(schema.columns)
            ]
            writer.write_batch(pa.record_batch(columns, schema=shape))
        writer.close()
        for person in answers.said.keys() - there:
            number, row, _ = answers.said[person]
            problems.append(problem("person-not-in-register", "give the register from which was called", row=number, value=row["letter"]))
        if not problems:
            problems, _ = check_register(Path(aside) / "joined", schema, out)
    if not problems:
        durable.write_bytes(out.with_name(out.name + ".sources.csv"), _as_csv(sources), mode=0o600)
    return sorted(problems, key=lambda one: (one["row"] or 0, str(one["column"]))), Joined(persons, len(there), len(sources))


def _filled(batch: pa.RecordBatch, ids: list[str], column: Column, answers: _Answers, told: tuple[Any, ...]) -> pa.Array:
    """A column with the answers where it was unknown; an answer against what the register knows is for people to decide."""
    problems, sources, call_up = told
    known, registered = batch.column(column.name).to_pylist(), batch.column("person_id")
    for at, person in enumerate(ids):
        number, row, values = answers.said.get(person, (0, {}, {}))
        if column.name not in values or known[at] == values[column.name]:
            continue
        if known[at] is not None:
            hint = "the register knows it otherwise: decide which is right, and mend the register or the table"
            problems.append(problem("answer-against-register", hint, row=number, column=column.name))
            continue
        known[at] = values[column.name]
        sources.append((registered[at].as_py(), column.name, call_up, *(row[name].strip() for name in ABOUT)))
    return pa.array(known, batch.column(column.name).type)


def _as_csv(rows: Iterable[tuple[str, ...]]) -> bytes:
    lines = [SOURCED, *sorted(rows)]
    return "".join(",".join(f'"{one.replace(chr(34), chr(34) * 2)}"' for one in line) + "\n" for line in lines).encode()
