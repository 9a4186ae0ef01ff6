"""What a Spark cluster answers, made once in a run of the tests: a line to its draw, findings of the corpus, and standings of random cases.

A program of its own, since pyspark leaves its sockets to the end of the process: python tests/app/spark_line.py FOLDER
"""

import csv
import io
import json
import sys
from datetime import timedelta
from pathlib import Path
from random import Random

import pyarrow as pa
from cases.test_readers_agree import NOTICE_FIELDS, START, WORKING, of_nobody, random_case, table, the_long_way
from law.corpus import CODES, cases
from replay.freedonia_line import digests_of, freedonia, the_people
from sampling import EVERY

from callup.app.benches.spark_cluster import spark_cluster
from callup.app.intake import _look, _open_csv
from callup.app.pipeline import run_line
from callup.cases import Moment
from callup.cases.queries import standing_rows
from callup.jurisdictions import load
from callup.law import assess, register_schema
from callup.terms.tables import FINDINGS, STANDINGS

PERSONS = 3000
"""So many that some roll has tiles above tiles."""
CASES = 400
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


def codes():
    """The made-up law with every construct, and the longest of the real ones; at night all."""
    return CODES if EVERY == 1 else ("ru", "everyland")


def asked():
    """One case a law: the longest window, whose query is the longest as well."""
    return {code: max(cases(code), key=lambda case: (len(case.window.days), len(case.people))) for code in codes()}


def make(folder):
    """Run the line on DuckDB and on a cluster, and ask the cluster the corpus; writes ``said.json`` beside both dossiers."""
    said = {"home": hidden(), "findings": {}, "digests": {}, "standings": {}, "problems": {}}
    (folder / "wrong.csv").write_text(wrong_rows(), encoding="utf-8")
    run(folder / "duckdb", "duckdb", said, lambda engine: asked_of_both(engine, folder, said))
    with spark_cluster() as made:
        said |= {"folder": str(made.folder), "workers": made.workers}
        run(folder / "spark", made.address, said, lambda engine: more(engine, folder, said))
    (folder / "said.json").write_text(json.dumps(said), encoding="utf-8")


def run(root, engine, said, more):
    """The line to the draw; its digests, and what else is asked of its engine."""
    with freedonia(root, people=the_people(PERSONS), engine=engine) as course:
        run_line(course, "cast")
        said["digests"][root.name] = digests_of(course.dossier)
        more(course.register_engine)


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
    asked_of_both(engine, folder, said)


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
