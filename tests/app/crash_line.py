"""A program: runs the line of a small rehearsal, kills it at chosen writes, runs it again, and says what came out different.

It only imports in its own process and forks a child for every run, so each run starts as fresh as a new command does.

By day one write of each stage; at night (CALLUP_WHOLE, the number of the day) a quarter of all writes of every stage, another one the
next night, so that four nights kill at every one. Usage: python crash_line.py FOLDER [every], where ``every`` kills at all of them at once.
"""

import json
import os
import shutil
import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

from callup.app import durable, pipeline
from callup.app.demo import lay_demo
from callup.app.dossier import Dossier
from callup.app.keys import read_dossier_key
from callup.app.known import jurisdiction
from callup.app.logs import CallUpLogs
from callup.app.stores import facts as fact_store
from callup.app.stores import tiles
from callup.app.voice import Voice
from callup.app.wire import course_of

PERSONS, SEED, KILLED = 1_000, 2025, 9
KINDS = ("after", "sync")
NIGHT = int(os.environ.get("CALLUP_WHOLE") or 0)
NIGHTS = 4


class Writes:
    """Counts lasting writes (``after``) and syncs before a rename (``sync``), and ends the process at one of them."""

    def __init__(self, kind="", at=0):
        self.kind, self.at = kind, at
        self.count = dict.fromkeys(KINDS, 0)
        self.sync = os.fsync

    def note(self, kind):
        self.count[kind] += 1
        if kind == self.kind and self.count[kind] == self.at:
            os._exit(KILLED)

    def watch(self):
        for module in (durable, fact_store, tiles):
            module.after_write = lambda what: self.note("after")

        def fsync(handle):
            self.note("sync")
            self.sync(handle)

        os.fsync = fsync


def apart(call):
    """Run in a child; gives its exit code."""
    return ended(fork(call))


def fork(call):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            call()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(7)
    return child


def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@contextmanager
def a_course(root, lay=True):
    register = root / f"register-{PERSONS}-{SEED}.parquet"
    if lay:
        dossier, register = lay_demo("ru", PERSONS, SEED, root, Voice(quiet=True))
    else:
        dossier = Dossier.at(root / "dossier", read_dossier_key(next((root / "keys").iterdir())))
    course = course_of(dossier, Voice(quiet=True), register, SEED)
    try:
        yield course
    finally:
        course.facts.close()
        course.engine.close()


def whole_run(folder):
    """The uncrashed run: keeps a copy of everything before each stage, and how many writes each stage makes."""
    writes = Writes()
    writes.watch()
    counts = {}
    names = []
    with a_course(folder / "run") as course:
        counts["lay"] = dict(writes.count)
        logs = CallUpLogs(course)
        for name, call in pipeline.line(course, logs):
            keep(course, folder, len(names))
            names.append(name)
            before = dict(writes.count)
            call()
            counts[name] = {kind: writes.count[kind] - before[kind] for kind in KINDS}
        keep(course, folder, len(names))
    (folder / "counts.json").write_text(json.dumps({"names": names, "counts": counts}))


def keep(course, folder, number):
    shutil.copytree(folder / "run", folder / "before" / f"{number:03}")
    (folder / "before" / f"{number:03}.json").write_text(json.dumps(state(course)))


def state(course):
    """Everything that must come out the same: log of stages, open bytes, heads, facts, names of sealed files."""
    root = course.dossier.root
    files = {
        str(path.relative_to(root)): path.read_bytes().hex()
        for folder in (root / "open", root / "sealed" / "log-heads")
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }
    names = [
        str(path.relative_to(root)) for path in root.rglob("*") if ".engine" not in path.parts and not path.name.startswith("facts.db")
    ]
    return {
        "log": (root / "dossier.log").read_text() if (root / "dossier.log").exists() else "",
        "files": files,
        "names": sorted(names),
        "facts": [list(map(str, row.values())) for row in course.facts.all().to_pylist()],
    }


def to_stage(root, name, out=None):
    with a_course(root, lay=name == "lay") as course:
        if name == "lay":
            CallUpLogs(course)
        else:
            pipeline.run_line(course, name)
        if out is not None:
            out.write_text(json.dumps(state(course)))


def crash_and_go_on(folder, mine, stage, kind, at):
    """Kill the stage at a write, run it again, and name what differs from the run that was never killed."""
    name, number = stage
    root = mine / "again"
    shutil.rmtree(root, ignore_errors=True)
    if name != "lay":
        shutil.copytree(folder / "before" / f"{number:03}", root)

    def killed():
        Writes(kind, at).watch()
        to_stage(root, name)

    if (code := apart(killed)) != KILLED:
        return f"was not killed: {code}"
    made = mine / "made.json"
    if (code := apart(lambda: to_stage(root, name, made))) != 0:
        return f"did not go on: {code}"
    after = 0 if name == "lay" else number + 1
    expected, found = (json.loads(path.read_text()) for path in (folder / "before" / f"{after:03}.json", made))
    return ", ".join(differing(expected, found))


def differing(expected, found):
    for part in ("log", "facts", "names"):
        if expected[part] != found[part]:
            one, two = ([*value.splitlines()] if part == "log" else [str(row) for row in value] for value in (expected[part], found[part]))
            yield f"{part}: lost {sorted(set(one) - set(two))[:3]}, new {sorted(set(two) - set(one))[:3]}, {len(one)} against {len(two)}"
    yield from sorted(
        name for name in expected["files"].keys() | found["files"] if expected["files"].get(name) != found["files"].get(name)
    )[:5]


def chosen(name, counts, every):
    """(kind, number) of the writes to kill at."""
    whole = [(kind, at) for kind in KINDS for at in range(1, counts[kind] + 1)]
    if every:
        return whole
    last, syncs = counts["after"], counts["sync"]
    middle = ("sync", (syncs + 1) // 2) if syncs and len(name) % 3 == 0 else ("after", (last + 1) // 2)
    return sorted({middle, *whole[NIGHT % NIGHTS :: NIGHTS]}) if NIGHT else [middle]


def work(folder, kills, part):
    """One of two children: every other kill."""
    mine = folder / f"part-{part}"
    mine.mkdir()
    with (mine / "found.jsonl").open("w") as out:
        for stage, number, kind, at in kills[part::2]:
            start = time.perf_counter()
            wrong = crash_and_go_on(folder, mine, (stage, number), kind, at)
            seconds = round(time.perf_counter() - start, 2)
            out.write(json.dumps({"stage": stage, "kind": kind, "at": at, "wrong": wrong, "seconds": seconds}) + "\n")


def main(folder, every):
    jurisdiction("ru")
    if (code := apart(lambda: whole_run(folder))) != 0:
        sys.exit(code)
    read = json.loads((folder / "counts.json").read_text())
    stages = enumerate(["lay", *read["names"]], -1)
    kills = [(name, number, *write) for number, name in stages for write in chosen(name, read["counts"][name], every)]
    children = [fork(lambda part=part: work(folder, kills, part)) for part in (0, 1)]
    failed = [code for code in map(ended, children) if code]
    found = [json.loads(line) for part in (0, 1) for line in (folder / f"part-{part}" / "found.jsonl").read_text().splitlines()]
    print(json.dumps({"names": read["names"], "counts": read["counts"], "meant": len(kills), "kills": found}))
    sys.exit(failed[0] if failed else 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] == ["every"])
