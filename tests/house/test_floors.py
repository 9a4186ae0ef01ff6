"""Import only from lower floors; rooms on a floor do not know each other; every package stands on a floor."""

import tomllib

from house.tree import ROOT, SOURCE, imported, modules, packages

LAYERS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][0]["layers"]
FLOOR = {room.strip(): len(LAYERS) - place for place, layer in enumerate(LAYERS) for room in layer.split("|")}
FENCES = {"draw": {"tlog", "terms"}, "planning": {"terms"}, "statistics": {"terms"}, "channels": {"terms"}}


def rooms_used(module):
    for name, attribute, line in imported(module.tree):
        words = name.split(".")
        if words[0] == "callup":
            room = words[1] if len(words) > 1 else attribute
            if room in FLOOR and room != module.package:
                yield room, line


def test_every_package_stands_on_one_floor():
    assert sorted(FLOOR) == sorted(packages())
    assert len(FLOOR) == 12
    assert len(LAYERS) == 4


def test_imports_go_down_only():
    wrong = [
        f"{module.where}:{line} imports {room}"
        for module in modules()
        if module.package
        for room, line in rooms_used(module)
        if FLOOR[room] >= FLOOR[module.package]
    ]
    assert wrong == []


def test_fenced_rooms_see_only_what_they_may():
    wrong = [
        f"{module.where}:{line} imports {room}"
        for module in modules()
        if module.package in FENCES
        for room, line in rooms_used(module)
        if room not in FENCES[module.package]
    ]
    assert wrong == []


def test_only_the_pipeline_knows_the_order():
    """Nothing outside ``app`` imports ``app``; no module but the top imports the conductor's order from another room."""
    assert [m.where for m in modules() if m.package not in ("app", "") and any(room == "app" for room, _ in rooms_used(m))] == []
    assert (SOURCE / "app" / "pipeline.py").exists()
