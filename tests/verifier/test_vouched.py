"""Removal shows (safeguard G22): a callup with one promise's test deleted draws correctly, and every verifier says that it is another."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from house.tree import ROOT, SOURCE

from callup.app.promises import known_releases, promises_digest

VERIFY = ROOT / "verifier" / "verify.py"
CHANGED = "drawn correctly, but by a changed callup: these promises are not vouched for"
LINE = """
import sys
from pathlib import Path
from replay.freedonia_line import run_to
run_to(Path(sys.argv[1]), "enter-1")
from callup.app.promises import promises_digest
print(promises_digest())
"""


def test_this_release_is_known_to_all():
    text = VERIFY.read_text(encoding="utf-8")
    assert promises_digest() in known_releases(), "run: make map"
    assert all(f'"{digest}": "{version}"' in text for digest, version in known_releases().items())


def drawn_by(package, folder):
    """A Freedonia call-up of which one wave is entered by a copy of callup; gives that copy's digest."""
    paths = os.pathsep.join((str(package.parent), str(ROOT / "tests")))
    run = [sys.executable, "-c", LINE, str(folder)]
    return subprocess.run(run, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=True).stdout.strip()


def without_one_test(package):
    path = package / "app" / "held_by.txt"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "test_1_no_duty_without_service" not in line), encoding="utf-8")
    assert len(path.read_text(encoding="utf-8").splitlines()) < len(lines)


def with_one_word_less(package):
    path = package / "app" / "promises.txt"
    path.write_text(path.read_text(encoding="utf-8").replace(", a ban or a block", " or a block"), encoding="utf-8")


@pytest.mark.parametrize("change", [without_one_test, with_one_word_less], ids=["a test deleted", "a promise softened"])
def test_a_changed_callup_draws_correctly_and_is_named_so(tmp_path, change):
    package = shutil.copytree(SOURCE, tmp_path / "changed" / "callup", ignore=shutil.ignore_patterns("__pycache__"))
    change(package)
    digest = drawn_by(package, tmp_path / "line")
    assert digest not in known_releases()
    opened = tmp_path / "line" / "dossier" / "open"
    found = checked(opened)
    assert found.vouched is False
    assert found.notes[0] == CHANGED
    assert any(line.startswith("seed: ") for line in found.done), "and the draw checks"
    data = (opened / "log" / "v").read_text(encoding="utf-8")
    assert digest not in data, "its page does not know it either"


def checked(opened):
    """What the second program finds up to the first calls; there is no report yet."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("verify_vouched", VERIFY)
    verify = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(verify)
    check = verify.Check(opened, False)
    for step in (check.policy, check.logs, check.documents, check.plan, check.rolls, check.decree, check.seed, check.draw, check.calls):
        check.done.append(f"{step.__name__}: {step()}")
    return check


def test_the_json_says_whether_it_is_vouched_for(tmp_path):
    from verifier import published

    folder = published.publish(tmp_path)
    said = subprocess.run([sys.executable, str(VERIFY), str(folder), "--json"], capture_output=True, text=True, check=True)
    assert json.loads(said.stdout)["vouched"] is False
    assert CHANGED in json.loads(said.stdout)["notes"]
    assert Path(folder).exists()
