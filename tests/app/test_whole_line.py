"""The whole line on a small register: checked by the second program, made again, tampered with, and read without a name."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pypdfium2
import pytest

from callup.app.demo import lay_demo
from callup.app.voice import Voice

ROOT = Path(__file__).parents[2]
VERIFIER = ROOT / "verifier" / "verify.py"
PERSONS = 1_000


def callup(*words, code=0):
    done = subprocess.run([sys.executable, "-m", "callup", *map(str, words)], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def verify(folder):
    done = subprocess.run([sys.executable, str(VERIFIER), str(folder)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip().split("\n")


@pytest.fixture(scope="module")
def demo(made_once, tmp_path_factory):
    """One small demo for all tests of this file; each process has its copy."""
    made = made_once("small-demo", lambda folder: callup("demo", "--persons", PERSONS, "--out", folder, "--quiet"))
    return shutil.copytree(made, tmp_path_factory.mktemp("line") / "demo")


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_second_program_accepts_and_says_rehearsal_first(demo):
    code, said = verify(demo / "dossier" / "open")
    assert (code, said[-1]) == (0, "everything checks")
    assert said[0].startswith("REHEARSAL")


def first(folder, pattern):
    return sorted(folder.glob(pattern))[0]


TAMPERED = {
    "40-seed/plan.txt": "seed",
    "40-seed/seed.txt": "seed",
    "35-quotas/quotas.csv": "quotas",
    "30-roll/counts.csv": "counts",
    "00-decree/decree.toml": "decree",
    "00-decree/signatures.csv": "signed",
    "00-decree/places.csv": "law",
    "00-decree/law.html": "law",
    "00-decree/SOURCES.md": "law",
    "45-draw/*.csv": "draw",
    "log/public/checkpoint": "",
    "log/acts/checkpoint": "",
    "log/policy": "",
    "log/public/doc/*": "",
    "log/roll/*/tile/0/*": "",
    "log/roll/*/tile/entries/*": "",
    "log/acts/tile/entries/*": "",
    "90-report/report.json": "report",
    "90-report/funnel.csv": "report",
    "90-report/index.html": "manifest",
    "90-report/index.ru.html": "manifest",
    "90-report/funnel.svg": "manifest",
    "90-report/manifest.txt": "manifest",
    "log/v": "manifest",
}


@pytest.mark.parametrize("pattern", TAMPERED)
def test_a_changed_file_is_refused_and_named(demo, tmp_path, pattern):
    copy = tmp_path / "open"
    shutil.copytree(demo / "dossier" / "open", copy)
    path = next(path for path in sorted(copy.glob(pattern)) + sorted(copy.glob(f"{pattern}/*")) if path.is_file())
    content = bytearray(path.read_bytes())
    digits = [at for at, byte in enumerate(content) if 48 <= byte <= 56] or [len(content) // 2]
    content[digits[-1]] = content[digits[-1]] + 1
    path.write_bytes(content)
    code, said = verify(copy)
    assert code == 1
    found = json.loads(said[-1])
    assert set(found) == {"check", "file", "position", "expected", "found"}
    assert TAMPERED[pattern] in (found["check"], "") or found["file"], found


def run_anew(folder, seed, last):
    """A second call-up of the same law, up to a stage."""
    dossier, register = lay_demo("ru", PERSONS, seed, folder, Voice(quiet=True))
    key = next((folder / "keys").iterdir())
    callup("run", dossier.root, "--key", key, "--register", register, "--seed", seed, "--to", last, "--quiet")
    return dossier


def test_two_demos_of_one_seed_are_equal_in_the_open(demo, tmp_path):
    """Up to the first wave; that the rest comes out the same is what a replay shows."""
    made = files(run_anew(tmp_path / "again", 2025, "dispatch-1").open)
    whole = files(demo / "dossier" / "open")
    grown = {name for name in made if made[name] != whole[name]}
    assert {name.partition("/")[0] for name in made} >= {"00-decree", "30-roll", "35-quotas", "40-seed", "45-draw", "log"}
    for name in grown:
        grows = name.startswith("log/") and (name.endswith("/checkpoint") or "/tile/" in name)
        assert grows or whole[name].startswith(made[name]), f"{name}: only logs and signatures grow"


def test_another_seed_draws_other_people(demo, tmp_path):
    dossier = run_anew(tmp_path / "a", 7, "cast")
    for name in ("40-seed/seed.txt", "45-draw/*.csv"):
        assert first(dossier.open, name).read_text() != first(demo / "dossier" / "open", name).read_text()


def test_a_finished_line_runs_no_stage_again(demo):
    before = (demo / "dossier" / "dossier.log").read_bytes()
    callup("demo", "--persons", PERSONS, "--out", demo, "--quiet")
    assert (demo / "dossier" / "dossier.log").read_bytes() == before


def test_the_open_folder_names_nobody(demo):
    register = pq.read_table(next(demo.glob("register-*.parquet")), columns=["person_id", "name", "address_line"])
    words = {value for column in register.columns for value in column.to_pylist() if value}
    together = b"\n".join(files(demo / "dossier" / "open").values()).decode("utf-8", "replace")
    assert sorted(word for word in words if word in together) == []


def test_three_letters_lie_in_clear_and_say_rehearsal(demo):
    letters = sorted((demo / "letters").glob("*.pdf"))
    assert len(letters) == 3
    for path in letters:
        text = pypdfium2.PdfDocument(path)[0].get_textpage().get_text_range()
        assert "REHEARSAL" in text


@pytest.mark.parametrize("command", ["standing", "due", "followup"])
def test_what_is_printed_is_counts_only(demo, command):
    said = callup(command, demo / "dossier", "--as-of", "2025-05-20", "--json")
    assert json.loads(said)
    assert re.search(r"[0-9a-f]{16}", said) is None
    names = pq.read_table(next(demo.glob("register-*.parquet")), columns=["name"]).column("name").to_pylist()
    assert not any(name in said for name in names)


def test_a_halted_wave_is_withdrawn_published_and_replayed(demo, tmp_path):
    copy = tmp_path / "demo"
    shutil.copytree(demo, copy)
    words = ("--wave", 1, "--by", "Stand-in One", "--by", "Stand-in Two", "--reason", "wrong place", "--on", "2025-07-15")
    said = callup("halt", copy / "dossier", *words)
    count = int(re.search(r"notices withdrawn: ([\d,]+)", said)[1].replace(",", ""))
    assert count > 0
    assert f"notices withdrawn: {count:,}" in callup("halt", copy / "dossier", *words)
    assert "everything is the same" in callup("replay", copy / "dossier", "--quiet")
    assert verify(copy / "dossier" / "open")[1][-1] == "everything checks"
    kinds = (copy / "dossier" / "open" / "log" / "public" / "tile" / "entries").rglob("*")
    assert any(b"callup/1 halt " in path.read_bytes() for path in kinds if path.is_file())
