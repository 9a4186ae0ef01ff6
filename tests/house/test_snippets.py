"""Every command line that the docs show is one that callup understands, and every make target they name is there."""

import re

import pytest
from house.tree import ROOT, SOURCE, script

DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def shown():
    """Command lines in code: (where, line)."""
    for path in DOCS:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("    callup "):
                yield path.relative_to(ROOT).as_posix(), line.strip()
            for code in re.findall(r"`(callup [^`]+)`", line):
                yield path.relative_to(ROOT).as_posix(), code


def hinted():
    """Command lines that refusals tell people to type."""
    for path in sorted((SOURCE / "app").rglob("*.py")):
        for code in re.findall(r"(?:run|with|by): (callup [a-z][^\"'{;,]*)", path.read_text(encoding="utf-8")):
            yield path.relative_to(ROOT).as_posix(), code.strip()


def problem(line):
    """What is wrong with a command line; empty if it is understood."""
    commands = script("pages").commands()
    words = line.split()
    found = next((" ".join(words[:count]) for count in (3, 2) if " ".join(words[:count]) in commands), "")
    if not found:
        group = " ".join(words[:2])
        return "" if len(words) == 2 and any(name.startswith(f"{group} ") for name in commands) else f"no command: {line}"
    options = {option for parameter in commands[found].params for option in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}
    unknown = [word for word in re.findall(r"(?<= )--[a-z-]+", line) if word not in options]
    return f"{found} knows no {', '.join(unknown)}" if unknown else ""


def test_every_command_line_shown_is_understood():
    lines = list(shown())
    assert len(lines) > 12
    assert [f"{where}: {problem(line)}" for where, line in lines if problem(line)] == []


def test_every_command_line_in_a_hint_is_understood():
    assert [f"{where}: {problem(line)}" for where, line in hinted() if problem(line)] == []


def test_every_example_of_a_command_is_understood():
    examples = [
        line.strip().removeprefix("Example: ")
        for command in script("pages").commands().values()
        for line in (command.help or "").splitlines()
    ]
    wrong = [problem(line) for line in examples if line.startswith("callup ") and problem(line)]
    assert wrong == []


@pytest.mark.parametrize("line", ["callup nothing", "callup demo --nothing", "callup law nothing"])
def test_nonsense_is_seen(line):
    assert problem(line)


def test_every_make_target_named_is_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = {target for path in DOCS for target in re.findall(r"(?:`|^    )make ([a-z-]+)", path.read_text(encoding="utf-8"), re.M)}
    assert {"demo", "bench"} <= named
    assert named <= targets
