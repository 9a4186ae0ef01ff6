"""What several tests of the command line use."""

import sys

import pytest

from callup.app.main import main


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
