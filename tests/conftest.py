"""What a machine lacks is said and counted, never passed over in silence (design D26); in CI nothing is lacking."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings
from replay.freedonia_line import KEY, freedonia

from callup.app.benches.postgres import programs
from callup.app.pipeline import run_line

settings.register_profile("callup", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("callup")

PROGRAMS = {"node": ("node", "nodejs"), "chromium": ("chromium", "chromium-browser"), "java": ("java",)}
LACKING = [name for name, commands in PROGRAMS.items() if not any(shutil.which(command) for command in commands)]
LACKING += [] if programs() else ["postgresql"]
LACKING += [] if "java" not in LACKING and Path("/usr/share/java/preflight.jar").exists() else ["preflight"]
# referees of planning, each in an environment of its own
LACKING += [peer for peer in ("pysd", "bptk") if not Path(f".venv-bench-{peer}/ready").exists()]
LACKING += [] if Path(".oidc-provider/ready").exists() else ["oidc"]
NOT_RUN = dict.fromkeys(LACKING, 0)


def pytest_collection_modifyitems(config, items):
    kept, left_out = [], []
    for item in items:
        lacking = [name for name in LACKING if item.get_closest_marker(name)]
        (left_out if lacking else kept).append(item)
        for name in lacking:
            NOT_RUN[name] += 1
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def pytest_terminal_summary(terminalreporter):
    for name, count in NOT_RUN.items():
        terminalreporter.write_line(f"not run: no {name}" + (f" ({count} tests)" if count else ""), yellow=True)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Makes a folder once in a run of the tests, by whichever process comes first: ``made_once(name, make)``. Copy it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def once(name, make):
        folder, making = shared / name, shared / f"{name}-making"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                shutil.rmtree(making, ignore_errors=True)
                make(making)
                making.rename(folder)
        return folder

    return once


@pytest.fixture(scope="session")
def line_to(made_once):
    """The folder of Freedonia's call-up run to a stage, or to its end: ``line_to("dispatch-1")``, ``line_to("")``. Copy it."""

    def folder_of(stage):
        def make(folder):
            with freedonia(folder) as course:
                run_line(course, stage)
            (folder / "dossier.key").write_text(KEY.hex())

        return made_once(f"freedonia-to-{stage or 'the-end'}", make)

    return folder_of


@pytest.fixture(scope="session")
def whole_line(line_to):
    """The folder of Freedonia's call-up run to its end."""
    return line_to("")
