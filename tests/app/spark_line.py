"""What a Spark cluster answers, made once in a run of the tests: a line to its draw, and findings of the corpus.

A program of its own, since pyspark leaves its sockets to the end of the process: python tests/app/spark_line.py FOLDER
"""

import json
import sys
from pathlib import Path

from law.corpus import CODES, cases
from replay.freedonia_line import digests_of, freedonia, the_people
from sampling import EVERY

from callup.app.benches.spark_cluster import spark_cluster
from callup.app.pipeline import run_line
from callup.law import assess
from callup.terms.tables import FINDINGS

PERSONS = 3000
"""So many that some roll has tiles above tiles."""


def codes():
    """The made-up law with every construct, and the longest of the real ones; at night all."""
    return CODES if EVERY == 1 else ("ru", "everyland")


def asked():
    """One case a law: the longest window, whose query is the longest as well."""
    return {code: max(cases(code), key=lambda case: (len(case.window.days), len(case.people))) for code in codes()}


def make(folder):
    """Run the line on DuckDB and on a cluster, and ask the cluster the corpus; writes ``said.json`` beside both dossiers."""
    said = {"home": hidden(), "findings": {}, "digests": {}}
    run(folder / "duckdb", "duckdb", said, lambda engine: None)
    with spark_cluster() as made:
        said |= {"folder": str(made.folder), "workers": made.workers}
        run(folder / "spark", made.address, said, lambda engine: said["findings"].update(findings(engine)))
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


def hidden():
    """Hidden files and folders of the home folder."""
    return sorted(path.name for path in Path.home().iterdir() if path.name.startswith("."))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
