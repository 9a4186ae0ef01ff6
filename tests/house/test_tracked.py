"""What is in the tree: no registry, no machine path, no unreleased change without words for people, no dead link."""

import re

import pytest
from house.tree import ROOT, tracked, tracked_text

import callup

HOSTS = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "crates" + ".io",
    "proxy." + "golang",
    "anaconda" + ".org",
    "arti" + "factory",
]
PLACES = [r"/" + r"work/[a-z.]", r"/" + r"root/", r"/" + r"Users/\w", r"/" + r"home/[a-z]", r"/" + r"tmp/[a-z]"]
BUILD_FILES = ("requirements/", "Makefile", ".ci/", "pyproject.toml", "scripts/")
MARKDOWN = [path for path in tracked() if path.suffix == ".md"]


def test_no_registry_host_in_any_file():
    wrong = [f"{path.relative_to(ROOT)}: {host}" for path in tracked() for host in HOSTS if host in tracked_text(path)]
    assert wrong == []


def test_no_machine_path_in_any_file():
    wrong = [
        f"{path.relative_to(ROOT)}: {place}"
        for path in tracked()
        for place in PLACES
        if re.search(rf"(?<![\w.]){place}", tracked_text(path))
    ]
    assert wrong == []


def test_no_index_line_in_what_installs():
    words = ("--index" + "-url", "--extra-" + "index", "--find" + "-links", "--trusted" + "-host")
    files = [path for path in tracked() if path.relative_to(ROOT).as_posix().startswith(BUILD_FILES)]
    assert [f"{path.relative_to(ROOT)}: {word}" for path in files for word in words if word in tracked_text(path)] == []
    assert files


def test_no_file_is_huge():
    huge = [f"{path.relative_to(ROOT)}: {path.stat().st_size:,}" for path in tracked() if path.stat().st_size > 3_000_000]
    assert huge == []


def test_the_licence_is_whole():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\nEUPL © the European Union 2007, 2016")
    assert [f"\n{number}." in text for number in range(1, 16)] == [True] * 15
    assert text.count("\n") > 180


def test_changelog_has_this_release():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    entry = text.partition(f"## {callup.__version__}")[2].partition("\n## ")[0]
    for heading in ("Who is affected", "Under which law", "What operators must do"):
        assert f"**{heading}**" in entry


def anchors(text):
    """The anchors that the headings of a page give."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (path.parent / place) if place else path
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(link)
    assert dead == []
