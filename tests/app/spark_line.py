"""What a Spark cluster answers, made once in a run of the tests: a line to its draw, findings of the corpus, and standings of random cases.

A program of its own, since pyspark leaves its sockets to the end of the process: python tests/app/spark_line.py FOLDER
"""

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
from callup.app.pipeline import run_line
from callup.cases import Moment
from callup.cases.queries import standing_rows
from callup.law import assess
from callup.terms.tables import FINDINGS, STANDINGS

PERSONS = 3000
"""So many that some roll has tiles above tiles."""
CASES = 400


def codes():
    """The made-up law with every construct, and the longest of the real ones; at night all."""
    return CODES if EVERY == 1 else ("ru", "everyland")


def asked():
    """One case a law: the longest window, whose query is the longest as well."""
    return {code: max(cases(code), key=lambda case: (len(case.window.days), len(case.people))) for code in codes()}


def make(folder):
    """Run the line on DuckDB and on a cluster, and ask the cluster the corpus; writes ``said.json`` beside both dossiers."""
    said = {"home": hidden(), "findings": {}, "digests": {}, "standings": {}}
    run(folder / "duckdb", "duckdb", said, lambda engine: said["standings"].update(duckdb=standings(engine)))
    with spark_cluster() as made:
        said |= {"folder": str(made.folder), "workers": made.workers}
        run(folder / "spark", made.address, said, lambda engine: more(engine, said))
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


def more(engine, said):
    """What else is asked of the cluster."""
    said["findings"].update(findings(engine))
    said["standings"]["spark"] = standings(engine)


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
