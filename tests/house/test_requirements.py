"""Pins: every requirement is hashed, names no index, no host and no path; what the wheel needs is what is pinned."""

import re
import tomllib

import pytest
from house.tree import ROOT

FOLDER = ROOT / "requirements"
LOCKS = sorted(path.name for path in FOLDER.glob("*.txt"))
FORBIDDEN = ("--find", "--index", "--extra-index", "--trusted", "://", "file:", "@ ", "/")
GPL = ("sortition-algorithms", "pymerkle")


def pins(name):
    """Name to version and marker, each with how many hashes it has."""
    found, current = {}, ""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        head = re.match(r"([a-z0-9.-]+)==(\S+)(?: ; ([^\\]+))?", line)
        if head:
            current = f"{head[1]}=={head[2]}" + (f" ; {head[3].strip()}" if head[3] else "")
            found[current] = 0
        elif "--hash=sha256:" in line:
            found[current] += 1
    return found


def wanted(name):
    """The names in a .in file."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return {re.match(r"[A-Za-z0-9._-]+", line)[0] for line in lines if line and not line.startswith(("-", "#"))}


@pytest.mark.parametrize("name", LOCKS)
def test_no_index_no_host_no_path(name):
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert [word for word in FORBIDDEN if word in text] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_is_hashed(name):
    found = pins(name)
    assert found
    assert [pin for pin, hashes in found.items() if hashes == 0] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_lock_has_its_wish(name):
    assert wanted(name.replace(".txt", ".in")) <= {pin.partition("==")[0] for pin in pins(name)}


def test_development_adds_to_the_run():
    """Every pin of run.txt stands unchanged in dev.txt: what is tested is what runs."""
    assert set(pins("run.txt")) <= set(pins("dev.txt"))


def test_the_wheel_asks_for_what_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {re.match(r"[a-z0-9-]+", line)[0] for line in project["dependencies"]}
    assert asked == wanted("run.in") - {"hatchling", "editables"}
    assert project["requires-python"] == ">=3.11,<3.14"


def test_no_peer_is_a_requirement_of_the_wheel():
    pinned = {pin.partition("==")[0] for pin in pins("run.txt")}
    peers = set().union(*(wanted(path.name) for path in FOLDER.glob("bench-*.in"))) - {"numpy", "openfisca-core[default]"}
    assert pinned & (peers | set(GPL) | {"openfisca-core"}) == set()
