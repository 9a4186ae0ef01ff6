"""What several tests of the command line use."""

import shutil
import sys

import pytest
from app.portal_line import HOME, Clocked, freedonia_again
from litestar.testing import TestClient
from replay.freedonia_line import KEY, freedonia

from callup.app.main import main
from callup.app.pipeline import run_line
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


@pytest.fixture(scope="module")
def open_line(tmp_path_factory):
    """A call-up in the middle: the first wave is out, the world has not answered."""
    root = tmp_path_factory.mktemp("portal") / "line"
    with freedonia(root) as course:
        run_line(course, "dispatch-1")
    (root / "dossier.key").write_text(KEY.hex())
    return root


@pytest.fixture
def clocked(tmp_path, open_line):
    shutil.copytree(open_line, tmp_path / "line")
    with freedonia_again(tmp_path / "line") as course:
        yield Clocked(course)


@pytest.fixture
def client(clocked):
    with TestClient(portal(clocked.site), base_url=HOME) as made:
        yield made
