"""Kill the line at its writes; run it again; nothing is lost, nothing happens twice, every byte comes out the same (D17)."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from app.crash_line import PERSONS, SEED

from callup.jurisdictions import load
from callup.law import register_schema
from callup.terms.tables import REGISTER_CORE

MEMORY = Path("/dev/shm")
CORE = {column.name for column, _ in REGISTER_CORE}
WAVES = [f"{step}-{wave}" for wave in (1, 2, 3) for step in ("facts", "size", "compose", "enter", "render", "dispatch")]
BEFORE = ["publish", "snapshot", "assess", "sign-freeze", "freeze", "apportion", "commit", "cast"]
STAGES = [*BEFORE, *WAVES, "facts-close", "close", "report"]


@pytest.fixture(scope="module")
def crashes(tmp_path_factory):
    program = Path(__file__).with_name("crash_line.py")
    # in memory where there is a place for it: programs are killed here, not machines, so waiting for a disk shows nothing
    folder = (
        Path(tempfile.mkdtemp(dir=MEMORY))
        if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 1 << 30
        else tmp_path_factory.mktemp("crash")
    )
    done = subprocess.run([sys.executable, str(program), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    yield {**json.loads(done.stdout), "folder": folder}
    shutil.rmtree(folder, ignore_errors=True)


def test_every_stage_of_the_line_is_killed(crashes):
    assert crashes["names"] == STAGES
    assert {kill["stage"] for kill in crashes["kills"]} == {"lay", *STAGES}
    assert len(crashes["kills"]) == crashes["meant"] >= len(STAGES) + 1
    assert {kill["kind"] for kill in crashes["kills"]} == {"after", "sync"}
    assert sum(count["after"] for count in crashes["counts"].values()) > 500


@pytest.mark.parametrize("stage", ["lay", *STAGES])
def test_a_killed_stage_comes_out_the_same(crashes, stage):
    wrong = {f"{kill['kind']} {kill['at']}": kill["wrong"] for kill in crashes["kills"] if kill["stage"] == stage and kill["wrong"]}
    assert not wrong


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_no_file_of_a_dossier_shows_a_person(crashes):
    """Safeguard G3: a grep of the whole folder, sealed files and temporary ones included, finds no name, street or id."""
    run = crashes["folder"] / "run"
    register = pq.read_table(run / f"register-{PERSONS}-{SEED}.parquet", columns=["person_id", "name", "address_line"])
    persons = [word for column in register.columns for word in column.to_pylist()[::7]]
    assert len(persons) > 400
    files = files_of(run / "dossier")
    assert len(files) > 200
    whole = b"\0".join(files.values())
    shown = [word for word in persons for code in ("utf-8", "utf-16-be") if word.encode(code) in whole]
    assert not shown


def test_no_sealed_file_names_a_ground(crashes):
    """Not even the names of columns: what kinds of ground a register holds of whom is nobody's to read."""
    grounds = [name.encode() for name in register_schema(load("ru").law).names if len(name) > 4 and name not in CORE]
    files = files_of(crashes["folder"] / "run" / "dossier" / "sealed")
    assert {Path(name).parts[0] for name in files} >= {"10-snapshot", "20-findings", "30-roll", "50-notices", "60-facts", "80-outcomes"}
    found = [
        (name, ground) for name, content in files.items() for ground in (*grounds, b"LIABLE", b"student", b"health") if ground in content
    ]
    assert not found


def test_nothing_half_written_is_left(crashes):
    root = crashes["folder"] / "run"
    assert not [path for path in root.rglob("*") if path.suffix == ".part" or path.name == ".engine"]
