"""The map is the folders: what the docs say of packages, facts and commands is what the code says."""

import ast

import pytest
from house.tree import ROOT, SOURCE, packages, script

PAGES = script("pages")


@pytest.mark.parametrize("package", packages())
def test_a_package_says_what_it_does_and_never_does(package):
    said = PAGES.labels_of(package)
    assert [label for label in PAGES.LABELS if not said.get(label)] == []
    first = ast.get_docstring(ast.parse((SOURCE / package / "__init__.py").read_text(encoding="utf-8"))).splitlines()[0]
    assert "being built" not in first


def test_the_table_in_architecture_is_the_folders():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert PAGES.BEGIN in text
    assert PAGES.architecture(text) == text, "run: make map"
    assert sorted(room for rooms in PAGES.layers() for room in rooms) == sorted(packages())


def test_architecture_is_short():
    assert (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").count("\n") < 150


def test_readme_is_one_screen():
    assert (ROOT / "README.md").read_text(encoding="utf-8").count("\n") <= 60


def test_the_page_of_facts_is_the_vocabulary():
    assert (ROOT / "docs" / "facts.md").read_text(encoding="utf-8") == PAGES.facts_page(), "run: make map"


def test_the_page_of_commands_is_the_command_line():
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == PAGES.commands_page(), "run: make map"


def test_what_a_release_vouches_for_is_what_the_page_of_constraints_names():
    """The tests that hold each promise, and the digest of all of it where the verifiers look it up (safeguard G22)."""
    for path, text in PAGES.pages():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run: make map"


def test_every_command_says_what_it_does_and_gives_an_example():
    lacking = [name for name, command in PAGES.commands().items() if "Example: callup" not in (command.help or "")]
    assert lacking == []
    assert "callup demo" in PAGES.commands()


def test_every_parameter_is_explained():
    lacking = [
        f"{name} {parameter.name}"
        for name, command in PAGES.commands().items()
        for parameter in command.params
        if parameter.name != "help" and not getattr(parameter, "help", None)
    ]
    assert lacking == []
