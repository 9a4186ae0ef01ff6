"""What a Spark cluster answers, made once in a run of the tests: a line to its draw, findings of the corpus, and standings of random cases.

A program of its own, since pyspark leaves its sockets to the end of the process: python tests/app/spark_line.py FOLDER
"""

import csv
import io
import json
import os
import sys
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random

import pyarrow as pa
from cases.test_readers_agree import NOTICE_FIELDS, START, WORKING, of_nobody, random_case, table, the_long_way
from law.corpus import CODES, cases
from replay.freedonia_line import digests_of, freedonia, the_people
from sampling import EVERY

from callup.app.benches.spark_cluster import spark_cluster
from callup.app.engines.spark import making
from callup.app.intake import _look, _open_csv
from callup.app.pipeline import run_line
from callup.app.report_tables import LISTING, everyone, liable_by_birth
from callup.app.synthetic import rows_of
from callup.cases import Moment
from callup.cases.queries import standing_rows
from callup.jurisdictions import load
from callup.law import assess, register_schema
from callup.register import arrow_schema
from callup.terms.errors import Unavailable
from callup.terms.tables import FINDINGS, STANDINGS

PERSONS = 3000
"""So many that some roll has tiles above tiles."""
CASES = 400
LAST = "" if EVERY == 1 else "cast"
"""At night to the end of the line, so that the report's files are compared byte for byte."""
SCHEMA = register_schema(load("ru").law)
WRONG = (
    *(("born_on", value) for value in ("2025-02-29", "0000-01-01", "1.2.2004", "2004-13-01", "2004-04-01\n")),
    *(("children", value) for value in ("2.0", "1234567890123456789", "-1", " 3")),
    *(("served", value) for value in ("TRUE", "да")),
    *(("unit", value) for value in ("../RU-MOW", "-", "RU-МОW", "RU-MOW\n")),
    *(("name", value) for value in ("a\tb", "\x7f", "П\u0443\u0301", "й\u0438\u0306", "x" * 501, "я" * 500, "\U0001f600", "")),
    *(("person_id", value) for value in ("S1", "S1", "S7", None)),
    *(("sex", "M"), ("languages", "ru  en"), ("citizenship", "ru"), ("health_category", "А")),
)


QUICK = {"spark.sql.adaptive.enabled": "false", "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
"""For few rows, planning twice and compiling each query cost more than they spare. At night as Spark comes."""


def codes():
    """The made-up law with every construct, and the longest of the real ones; at night all."""
    return CODES if EVERY == 1 else ("ru", "everyland")


def asked():
    """One case a law: the longest window, whose query is the longest as well."""
    return {code: max(cases(code), key=lambda case: (len(case.window.days), len(case.people))) for code in codes()}


def make(folder):
    """Run the line on DuckDB and on a cluster, and ask the cluster the corpus; writes ``said.json`` beside both dossiers."""
    said = {"home": hidden(), "findings": {}, "digests": {}, "standings": {}, "problems": {}, "tables": {}}
    (folder / "wrong.csv").write_text(wrong_rows(), encoding="utf-8")
    (folder / "conf").mkdir()
    settings = {} if EVERY == 1 else QUICK
    (folder / "conf" / "spark-defaults.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()), encoding="utf-8")
    os.environ["SPARK_CONF_DIR"] = str(folder / "conf")
    with spark_cluster() as made:
        run(folder / "duckdb", "duckdb", said, lambda engine: asked_of_both(engine, folder, said))
        said |= {"folder": str(made.folder), "workers": made.workers}
        run(folder / "spark", made.address, said, lambda engine: more(engine, folder, said))
    (folder / "said.json").write_text(json.dumps(said, default=str), encoding="utf-8")


def run(root, engine, said, more):
    """The line to the draw; its digests, and what else is asked of its engine."""
    with freedonia(root, people=the_people(PERSONS), engine=engine) as course:
        run_line(course, LAST)
        said["digests"][root.name] = digests_of(course.dossier)
        said["tables"][root.name] = tables(course)
        more(course.register_engine)


def tables(course):
    """The tables of a report that look at everyone, as if every third of the roll were called, one twice; and who of `ru` is liable."""
    engine, roll = course.register_engine, course.read("30-roll", "roll.parquet", columns=["person_id"])
    notices, nobody = roll.take([*range(0, roll.num_rows, 3), 0]), course.facts.all()
    found = everyone(course, notices, nobody)
    engine.register("roll", roll.slice(10))
    engine.register("let_go", pa.table({"person_id": pa.array(["nobody"], pa.string())}))
    engine.register("listed", pa.table({"person_id": course.read("10-snapshot", "snapshot.parquet", columns=["person_id"]).column(0)}))
    found["listing"] = engine.table(LISTING)
    case = max((one for one in cases("ru") if one.window.days[0] < date(2026, 1, 1)), key=lambda one: len(one.people))
    engine.register("snapshot", case.snapshot())
    found["liable"] = liable_by_birth(engine, case.law, case.window.days[0]).sort_by("born_on")
    return {name: [[str(field.type) for field in table.schema], table.to_pylist()] for name, table in found.items()}


def findings(engine):
    """Canonical row texts of the findings, law by law, each written by the engine itself."""
    found = {}
    for code, case in asked().items():
        engine.register("snapshot", case.snapshot())
        engine.register("calendar", case.calendar())
        text = f"{engine.dialect.row_text(FINDINGS)} AS t"
        found[code] = engine.table(f"SELECT {text} FROM ({assess(case.law, case.window, engine.dialect).sql}) f").column("t").to_pylist()
    return found


def wrong_rows():
    """A register with everything wrong that a row can have, and rows in which nothing is."""
    rows = [dict.fromkeys(SCHEMA.names) | {"person_id": f"S{number}", "name": "Ann"} for number in range(400)]
    for number, (column, value) in enumerate(WRONG):
        rows[number * 11 + 5][column] = value
    made = io.StringIO()
    writer = csv.DictWriter(made, SCHEMA.names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue()


def more(engine, folder, said):
    """What else is asked of the cluster."""
    said["findings"].update(findings(engine))
    said["rows"], said["refused"] = synthetic(engine), refusal(engine)
    asked_of_both(engine, folder, said)


def synthetic(engine):
    """Whether rows made on the executors are those made here, in the same order; in more parts than are asked for at once."""
    made, ranges = partial(rows_of, "ru", PERSONS, 7), [range(first, first + 125) for first in range(0, PERSONS, 125)]
    there = list(engine.made(made, ranges, arrow_schema(SCHEMA)))
    return [len(there), all(one.equals(made(rows)) for one, rows in zip(there, ranges, strict=True))]


def refusal(engine):
    """What is said where the executors have other versions than this machine, which here believes to need one thing more."""
    needed, making.NEEDED = making.NEEDED, (*making.NEEDED, "duckdb")
    try:
        list(engine.made(partial(rows_of, "ru", PERSONS, 7), [range(5)], arrow_schema(SCHEMA)))
    except Unavailable as failure:
        return [failure.code, failure.params["there"]]
    finally:
        making.NEEDED = needed


def asked_of_both(engine, folder, said):
    """Standings, and what is wrong with a register."""
    said["standings"][engine.dialect.name] = standings(engine)
    said["problems"][engine.dialect.name] = _look(engine, _open_csv(folder / "wrong.csv", SCHEMA)[1], SCHEMA)


def standings(engine):
    """The digest of the standings of random cases with facts of every kind, under clocks in working days, some of which stood still."""
    dice, rows, notices = Random(7), [], []
    for number in range(CASES):
        facts, notice = random_case(dice, number)
        rows += the_long_way(dice, notice) if number % 5 == 0 else facts
        notices.append(notice)
    engine.register("facts", table(rows + of_nobody(dice), 7))
    engine.register("notices", pa.Table.from_pylist(notices, NOTICE_FIELDS))
    found = engine.table(standing_rows(WORKING, Moment(START + timedelta(days=12), START + timedelta(days=10)), engine.dialect.name))
    return [*engine.digest(found, STANDINGS), len(set(found.column("state").to_pylist()))]


def hidden():
    """Hidden files and folders of the home folder."""
    return sorted(path.name for path in Path.home().iterdir() if path.name.startswith("."))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
