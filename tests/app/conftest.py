"""What several tests of the command line use."""

import contextlib
import json
import shutil
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from app.hostile_provider import free_port, is_free
from app.portal_line import HOME, Clocked, freedonia_again
from litestar.testing import TestClient
from replay.form_line import the_form
from replay.freedonia_line import DECREE, KEY, SEED, freedonia

from callup.app.benches.browser import Browser
from callup.app.clock import WallClock
from callup.app.demo import made_up_places, scaled_decree, signed_by_stand_ins
from callup.app.main import main
from callup.app.personal import read_addresses
from callup.app.pipeline import run_line
from callup.app.randomness import RehearsalRandomness
from callup.app.standing import summonses
from callup.app.synthetic import write_register
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
def form_line(made_once):
    """The first mailing of a federal jury, run to its end. Copy it."""

    def make(folder):
        with the_form(folder) as course:
            run_line(course)
        (folder / "dossier.key").write_text(KEY.hex())

    return made_once("form-line", make)


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


@pytest.fixture(scope="module")
def whole(tmp_path_factory, whole_line):
    """A call-up run to its end; tests add facts to it and change nothing else."""
    root = tmp_path_factory.mktemp("whole") / "line"
    shutil.copytree(whole_line, root)
    return root / "dossier"


@pytest.fixture(scope="module")
def browser():
    made = Browser()
    yield made
    made.close()


def _named(course):
    folder = course.table_path("10-snapshot", "addresses", "wave-1")
    return read_addresses(folder / "addresses.parquet", folder / "keys.parquet", course.dossier.key).to_pylist()


def order_of(register):
    people = pq.read_table(register, columns=["person_id", "unit"]).to_pylist()
    rows = [f"{row['unit']},{number},{row['person_id']}\n" for number, row in enumerate(people) if row["unit"]]
    return "unit,position,person_id\n" + "".join(rows)


@pytest.fixture
def real(tmp_path):
    """Decree, order and register of a call-up by list that is no rehearsal, in force today; who signs holds the stand-ins' keys."""
    today = WallClock().day("assess")
    opens, closes = today - timedelta(days=20), today + timedelta(days=80)
    text = scaled_decree("ru", 20_000).replace('method = "draw"', 'method = "list"\nfile = "order.csv"')
    text = text.replace("persons_to_enlist = 320", "persons_to_enlist = 5").replace("rehearsal = true", "rehearsal = false")
    for old, new in (("2025-03-31", opens - timedelta(days=1)), ("2025-04-01", opens), ("2025-07-15", closes)):
        text = text.replace(f"_on = {old}", f"_on = {new}").replace(f"_date = {old}", f"_date = {new}")
    write_register("ru", 300, SEED, tmp_path / "register.parquet")
    (tmp_path / "decree.toml").write_text(signed_by_stand_ins(text, RehearsalRandomness(SEED)))
    (tmp_path / "order.csv").write_text(order_of(tmp_path / "register.parquet"))
    (tmp_path / "places.csv").write_text(made_up_places("ru", 100, opens, closes))
    return tmp_path
