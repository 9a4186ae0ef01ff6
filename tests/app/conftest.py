"""What several tests of the command line use."""

import contextlib
import json
import shutil
import subprocess
import sys
import time
import urllib.request

import pytest
from app.hostile_provider import free_port, is_free
from app.portal_line import HOME, Clocked, freedonia_again
from litestar.testing import TestClient
from replay.freedonia_line import DECREE, KEY, freedonia

from callup.app.benches.browser import Browser
from callup.app.main import main
from callup.app.personal import read_addresses
from callup.app.pipeline import run_line
from callup.app.standing import summonses
from callup.app.web.desk.routes import desk_of
from callup.app.web.serve import portal


@pytest.fixture
def call(monkeypatch, capsys):
    """Type a command: exit code, what it printed, what it refused."""

    def called(*words):
        monkeypatch.setattr(sys, "argv", ["callup", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        shown = capsys.readouterr()
        return left.value.code or 0, shown.out, " ".join(shown.err.split())

    return called


@pytest.fixture(scope="session")
def open_line(line_to):
    """A call-up in the middle: the first wave is out, the world has not answered. Copy it."""
    return line_to("dispatch-1")


@pytest.fixture
def clocked(tmp_path, open_line):
    shutil.copytree(open_line, tmp_path / "line")
    with freedonia_again(tmp_path / "line") as course:
        yield Clocked(course)


@pytest.fixture
def client(clocked):
    with TestClient(portal(clocked.site), base_url=HOME) as made:
        yield made


@pytest.fixture
def store(clocked):
    with contextlib.closing(desk_of(clocked.site).store) as made:
        yield made


@pytest.fixture(scope="package")
def laid(tmp_path_factory):
    root = tmp_path_factory.mktemp("served") / "line"
    with freedonia(root, decree=DECREE) as course:
        run_line(course, "dispatch-1")
        row = summonses(course).sort_by("case_id").to_pylist()[0]
        person = {"code": course.ring.letter_code(row["notice_id"]), "person": row["person_id"]}
        born = course.read("10-snapshot", "snapshot.parquet").to_pylist()
        person["name"] = next(one["name"] for one in _named(course) if one["person_id"] == row["person_id"])
        person["born"] = next(one["born_on"] for one in born if one["person_id"] == row["person_id"])
    (root / "dossier.key").write_text(KEY.hex())
    return root, person


@pytest.fixture(scope="package")
def address(laid):
    port = next(port for port in iter(free_port, 0) if is_free(port + 1))  # the rehearsal's identity provider takes the next
    asked = [sys.executable, "-m", "callup", "serve", str(laid[0] / "dossier"), "--port", str(port), "--as-of", "2025-04-08"]
    said = (laid[0] / "served.txt").open("wb")
    served = subprocess.Popen(asked, stdout=said, stderr=said)
    home = f"http://localhost:{port}"
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"{home}/healthz", timeout=1) as answer:
                assert json.load(answer)["cases"] > 0
            break
        except OSError:
            assert served.poll() is None, (laid[0] / "served.txt").read_text()
            time.sleep(0.1)
    yield home
    served.terminate()
    assert served.wait(20) is not None
    said.close()


@pytest.fixture(scope="package")
def browser():
    made = Browser()
    yield made
    made.close()


def _named(course):
    folder = course.table_path("10-snapshot", "addresses", "wave-1")
    return read_addresses(folder / "addresses.parquet", folder / "keys.parquet", course.dossier.key).to_pylist()
