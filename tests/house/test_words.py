"""The glossary is the code: each word lives where it says, and the words that would blur it are no names."""

import ast
import re

import pytest
from house.tree import ROOT, identifiers, modules, parts

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
LAW = {"law.py", "procedure.py"}


def rows():
    for line in GLOSSARY.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 4 and cells[0] not in ("word", "---"):
            yield cells


WORDS = {word: where.strip("`") for word, _, where, _ in rows()}
NEVER = sorted({name for *_, never in rows() for name in re.findall(r"`([a-z]+)`", never)})


def spoken():
    """Every identifier, attribute, keyword and short text of the code, and every package's own text resources."""
    found = set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found.add(node.name)
            elif isinstance(node, (ast.arg, ast.keyword)):
                found.add(node.arg)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 60:
                found.add(node.value)
    return found


SPOKEN = spoken()


def test_there_are_words():
    assert len(WORDS) == len(list(rows())), "a word stands twice"
    assert len(WORDS) > 60
    assert len(NEVER) > 15


@pytest.mark.parametrize("word", WORDS)
def test_a_word_lives_in_the_code(word):
    assert WORDS[word] in SPOKEN


def test_no_name_blurs_a_word():
    wrong = [
        f"{module.where}:{line} {name}"
        for module in modules()
        for name, line in identifiers(module.tree)
        if set(parts(name)) & {one for word in NEVER for one in (word, f"{word}s")}
    ]
    assert wrong == []


def test_every_state_and_finding_is_explained():
    from callup.terms.tables import COLUMN_KINDS

    text = GLOSSARY.lower()
    for word in ("LIABLE", "NOT_LIABLE", "UNDETERMINED"):
        assert word.lower() in text
    assert "ground" in COLUMN_KINDS
