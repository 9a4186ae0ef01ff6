"""A register at the door: every problem at once with its row; or the clean register, oldest first, whole."""

import json
import random
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.app import durable
from callup.app.intake import LISTED, check_register, read_register
from callup.app.linewise import LONGEST_LINE
from callup.register import arrow_schema
from callup.terms.errors import BadInput, Unavailable
from callup.terms.schema import Column, Schema
from callup.terms.tables import REGISTER_CORE

SCHEMA = Schema(
    "register",
    (
        *(column for column, _ in REGISTER_CORE),
        Column("student_until", "date", "ground", nullable=True),
        Column("children", "int", "ground", nullable=True),
        Column("served", "flag", "ground", nullable=True),
    ),
    ("person_id",),
)
GOOD = {
    "person_id": "p1",
    "born_on": "2004-02-29",
    "sex": "m",
    "citizenship": "RU",
    "unit": "RU-MOW",
    "languages": "ru",
    "portal": "true",
    "name": "Выдуманный Пётр",
    "address_line": '"ул. Примерная, д. 1"',
    "locality": "Москва",
    "postal_code": "101000",
    "country": "RU",
    "student_until": "",
    "children": "2",
    "served": "false",
}
HEADER = ",".join(SCHEMA.names)


def line(**changed):
    return ",".join((GOOD | changed)[name] for name in SCHEMA.names)


def written(path, *lines, header=HEADER, end="\n"):
    path.write_bytes("".join(one + end for one in (header, *lines)).encode())
    return path


def problems(path, out=None):
    found, rows = check_register(path, SCHEMA, out)
    assert all(set(one) == {"code", "row", "column", "value", "hint"} for one in found)
    assert all(one["hint"] for one in found)
    return [(one["code"], one["row"], one["column"]) for one in found], rows


def test_a_clean_file_is_written_oldest_first(tmp_path):
    path = written(
        tmp_path / "r.csv",
        line(person_id="b"),
        line(person_id="c", born_on="1999-01-31"),
        line(person_id="a"),
        line(person_id="n", born_on=""),
    )
    assert problems(path, tmp_path / "out" / "r.parquet") == ([], 4)
    table = pq.read_table(tmp_path / "out" / "r.parquet")
    assert table.schema.equals(arrow_schema(SCHEMA))
    assert table.column("person_id").to_pylist() == ["c", "a", "b", "n"]
    expected = {"born_on": date(2004, 2, 29), "portal": True, "served": False, "children": 2, "student_until": None}
    assert {name: table.column(name)[1].as_py() for name in expected} == expected
    assert table.column("address_line")[1].as_py() == "ул. Примерная, д. 1"
    assert problems(tmp_path / "out" / "r.parquet", tmp_path / "again.parquet") == ([], 4)
    assert pq.read_table(tmp_path / "again.parquet").equals(table)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("born_on", "29.02.2004", "not-a-date"),
        ("born_on", "2004-2-9", "not-a-date"),
        ("born_on", "2004-02-29 ", "not-a-date"),
        ("born_on", "2003-02-29", "no-such-day"),
        ("born_on", "2004-13-01", "no-such-day"),
        ("student_until", "2025-06-31", "no-such-day"),
        ("sex", "M", "code-unknown"),
        ("citizenship", "RUS", "code-unknown"),
        ("portal", "yes", "not-a-flag"),
        ("served", "TRUE", "not-a-flag"),
        ("children", "two", "not-a-number"),
        ("children", "2.0", "not-a-number"),
        ("children", "9" * 19, "not-a-number"),
        ("locality", "Йошкар-Ола".replace("Й", "И\u0306"), "text-not-normal"),
        ("locality", '"two\nlines"', "text-with-controls"),
        ("locality", "tab\there", "text-with-controls"),
        ("address_line", "x" * 501, "text-too-long"),
        ("person_id", "", "value-missing"),
        ("name", "", "value-missing"),
    ],
)
def test_a_bad_value_is_named_with_row_and_column(tmp_path, column, value, code):
    path = written(tmp_path / "r.csv", line(person_id="first"), line(**{column: value}), line(person_id="last"))
    assert problems(path, tmp_path / "out.parquet")[0] == [(code, 2, column)]
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize(("column", "value"), [("born_on", ""), ("sex", "x"), ("children", "-1"), ("served", ""), ("languages", "")])
def test_an_unknown_is_no_problem(tmp_path, column, value):
    assert problems(written(tmp_path / "r.csv", line(**{column: value})))[0] == []


def test_values_are_shown_but_names_and_addresses_never(tmp_path):
    path = written(tmp_path / "r.csv", line(sex="male", name="tab\tname", locality="tab\ttown", children="много" * 40))
    shown = {one["column"]: one["value"] for one in check_register(path, SCHEMA, None)[0]}
    assert shown == {"sex": "male", "name": None, "locality": None, "children": ("много" * 40)[:80]}


def test_all_problems_are_told_at_once_with_their_rows(tmp_path):
    lines = [line(person_id=f"p{n}") for n in range(1, 9)]
    lines[1], lines[2] = "too,short", ""
    lines[3] = line(person_id="p1", born_on="2004-02-30")
    lines[5] = line(person_id="p6") + ",too,long"
    lines[6] = line(person_id="p1", sex="?", served="maybe")
    path = tmp_path / "r.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([HEADER, *lines, ""]).encode())
    assert problems(path)[0] == [
        ("byte-order-mark", 0, None),
        ("line-ends-crlf", 0, None),
        ("row-length", 2, None),
        ("value-missing", 3, "name"),
        ("value-missing", 3, "person_id"),
        ("no-such-day", 4, "born_on"),
        ("id-twice", 4, "person_id"),
        ("row-length", 6, None),
        ("id-twice", 7, "person_id"),
        ("not-a-flag", 7, "served"),
        ("code-unknown", 7, "sex"),
    ]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30))
@settings(max_examples=15)
def test_each_further_row_of_an_id_is_named(ids):
    seen, expected = set(), []
    for row, one in enumerate(ids, 1):
        expected += [("id-twice", row, "person_id")] if one in seen else []
        seen.add(one)
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        assert problems(written(Path(folder) / "r.csv", *(line(person_id=f"p{one}") for one in ids))) == (expected, len(ids))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER.replace(",sex", ",sex,religion"), ("column-not-in-law", None, "religion")),
        (HEADER.replace(",sex", ",sex,sex"), ("column-twice", None, "sex")),
        (HEADER.replace(",sex", ",Sex"), ("column-missing", None, "sex")),
        (HEADER.replace(",", ";"), ("column-missing", None, "person_id")),
    ],
)
def test_columns_are_those_of_the_law(tmp_path, header, expected):
    assert expected in problems(written(tmp_path / "r.csv", line(), header=header))[0]


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b"", "file-empty", None),
        (HEADER.encode() + b"\n", "no-rows", None),
        (HEADER.encode("utf-16"), "not-text", 0),
        ((HEADER + "\n" + line() + "\n" + line(person_id="2") + "\n").encode("cp1251"), "not-utf-8", 1),
        ((HEADER + "\n" + line()).encode()[:-1] + "ё".encode()[:1], "not-utf-8", 1),
        (HEADER.encode() + b"\n" + line().encode() + b"\n\0\0", "not-text", 2),
        (HEADER.encode() + b"\n" + line().encode() + b'\n"' + b"x" * 5000 + b"\n" * 20, "row-length", 2),
        (b"a," * LONGEST_LINE + b"\n", "line-too-long", 0),
        ((HEADER + "\n" + line() + "\n").encode() + b"x" * (LONGEST_LINE + 1), "line-too-long", 2),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(tmp_path, content, code, row):
    (tmp_path / "r.csv").write_bytes(content)
    found, _ = problems(tmp_path / "r.csv", tmp_path / "out.parquet")
    assert (code, row, None) in found
    assert not list(tmp_path.glob("out*"))


def test_an_endless_line_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "r.csv"
    with path.open("wb") as file:
        file.truncate(40 * LONGEST_LINE)
        file.write(b"x" * (3 * LONGEST_LINE))
    assert path.stat().st_size == 40 * LONGEST_LINE
    before = pa.total_allocated_bytes()
    assert problems(path)[0] == [("line-too-long", 0, None)]
    assert pa.total_allocated_bytes() == before


def typed(count=5):
    rows = [
        dict.fromkeys(SCHEMA.names)
        | {"person_id": f"p{n}", "name": f"N {n}", "born_on": date(2004, 1, 1) + timedelta(n), "served": True, "children": n}
        for n in range(count)
    ]
    return pa.Table.from_pylist(rows, arrow_schema(SCHEMA))


def test_a_clean_parquet_is_taken(tmp_path):
    pq.write_table(typed(), tmp_path / "r.parquet")
    assert problems(tmp_path / "r.parquet", tmp_path / "out.parquet") == ([], 5)
    assert pq.read_table(tmp_path / "out.parquet").equals(typed())


def test_parquet_columns_of_other_types_are_named(tmp_path):
    table = typed()
    for name, kind in (("born_on", pa.timestamp("s")), ("served", pa.string()), ("children", pa.int16())):
        table = table.set_column(table.column_names.index(name), name, table.column(name).cast(kind))
    pq.write_table(table.append_column("religion", pa.array(["?"] * 5)).drop_columns(["unit"]), tmp_path / "r.parquet")
    assert sorted(problems(tmp_path / "r.parquet")[0]) == [
        ("column-missing", None, "unit"),
        ("column-not-in-law", None, "religion"),
        ("column-type", None, "born_on"),
        ("column-type", None, "served"),
    ]


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.99])
def test_a_truncated_parquet_is_refused(tmp_path, kept):
    pq.write_table(typed(200), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "r.parquet").write_bytes(whole[: int(len(whole) * kept)])
    assert problems(tmp_path / "r.parquet", tmp_path / "out.parquet") == ([("parquet-not-readable", None, None)], 0)


def test_a_parquet_with_a_damaged_page_is_refused(tmp_path):
    pq.write_table(typed(2000), tmp_path / "r.parquet", compression="zstd")
    whole = bytearray((tmp_path / "r.parquet").read_bytes())
    whole[40:400] = random.Random(1).randbytes(360)
    (tmp_path / "r.parquet").write_bytes(whole)
    found, _ = problems(tmp_path / "r.parquet", tmp_path / "out.parquet")
    assert [code for code, *_ in found] == ["rows-not-readable"]
    assert not list(tmp_path.glob("out*"))


def test_a_file_full_of_problems_is_counted_and_not_held(tmp_path):
    path = written(tmp_path / "r.csv", *(line(person_id=f"p{n}", sex="?") for n in range(LISTED + 321)))
    found, rows = check_register(path, SCHEMA, None)
    assert rows == LISTED + 321
    assert len(found) == LISTED + 1
    assert json.loads(json.dumps(found[-1]))["value"] == "321 more are not listed"


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(BadInput, match="register-missing"):
        check_register(tmp_path / "none.csv", SCHEMA, None)


@pytest.mark.parametrize("address", ["s3a://bucket/register.parquet", "gs://bucket/register.csv"])
def test_an_address_in_an_object_store_is_refused_with_the_way_around_it(address):
    for read in (lambda path: check_register(path, SCHEMA, None), lambda path: next(read_register(path, SCHEMA))):
        with pytest.raises(BadInput, match="register-not-here") as refused:
            read(Path(address))
        assert "scale-out.md" in refused.value.hint


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    path = written(tmp_path / "r.csv", line())
    with pytest.raises(Unavailable, match="cannot-write"):
        check_register(path, SCHEMA, tmp_path / "file" / "out.parquet")
    (tmp_path / "old.parquet").write_text("what was there")

    def full(folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "sync_folder", full)
    with pytest.raises(Unavailable, match="No space left"):
        check_register(path, SCHEMA, tmp_path / "new.parquet")
    assert sorted(one.name for one in tmp_path.iterdir() if one.suffix == ".part") == []
