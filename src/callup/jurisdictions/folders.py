"""Finds and loads folders of law. A folder outside the tree may hold notation, TOML and text, and nothing that runs."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from callup.law import Law, Procedure, load_law, load_procedure
from callup.law.calendars import read_calendar
from callup.law.examples import Example, read_examples
from callup.law.floor import check_together
from callup.terms.calendar import Calendar
from callup.terms.errors import BadInput

Folders = Mapping[str, Traversable]
_NOTATION = ("law.py", "procedure.py")
_SUFFIXES = (".toml", ".txt", ".md", ".csv")
_NEEDED = (*_NOTATION, "calendar.toml", "SOURCES.md")


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """One country's folder, loaded. ``version`` is a digest over all its files; forms are texts by language and name."""

    code: str
    law: Law
    procedure: Procedure
    calendar: Calendar
    forms: Mapping[str, Mapping[str, str]] = field(repr=False)
    examples: tuple[Example, ...] = field(repr=False)
    sources: str = field(repr=False)
    version: str = ""


def available(extra: Folders | None = None) -> tuple[str, ...]:
    """The codes of all folders that hold a law, in order; the folder of ``us-jury`` is ``us_jury``.

    Args:
        extra: folders outside the tree, by code.
    """
    children = [child for child in files("callup.jurisdictions").iterdir() if child.is_dir() and child.joinpath("law.py").is_file()]
    inside = {child.name.replace("_", "-") for child in children}
    return tuple(sorted(inside | set(extra or {})))


def load(code: str, extra: Folders | None = None) -> Jurisdiction:
    """Load and check one folder.

    Args:
        code: its code.
        extra: folders outside the tree, by code; a code of the tree cannot be replaced.

    Raises:
        BadInput: there is no such folder, or a file of it is unusable.
        NotLawful: it goes below the floor.
    """
    folder = _folder(code, extra)
    texts = {name: _text(folder, name) for name in _NEEDED}
    law = load_law(texts["law.py"], f"{code}/law.py")
    procedure = load_procedure(texts["procedure.py"], f"{code}/procedure.py")
    check_together(law, procedure)
    return Jurisdiction(
        code=code,
        law=law,
        procedure=procedure,
        calendar=read_calendar(_toml(texts["calendar.toml"], f"{code}/calendar.toml"), f"{code}/calendar.toml"),
        forms=_forms(folder),
        examples=_examples(folder, code),
        sources=texts["SOURCES.md"],
        version=_version(folder),
    )


def resource(code: str, name: str) -> bytes:
    """A data file of a folder inside the tree, e.g. ``data/population.csv``.

    Raises:
        BadInput: there is no such file.
    """
    parts = name.split("/")
    found = _folder(code, None).joinpath(*parts)
    if ".." in parts or not found.is_file():
        raise BadInput("resource-missing", {"jurisdiction": code, "name": name}, "name a file of the jurisdiction's folder")
    return found.read_bytes()


def _folder(code: str, extra: Folders | None) -> Traversable:
    name = code.replace("-", "_")
    inside = files("callup.jurisdictions").joinpath(name)
    if name.isidentifier() and "_" not in code and inside.joinpath("law.py").is_file():
        return inside
    if extra and code in extra:
        _no_foreign_code(extra[code], code)
        return extra[code]
    raise BadInput("jurisdiction-unknown", {"jurisdiction": code}, f"take one of {', '.join(available(extra))}")


def _no_foreign_code(folder: Traversable, code: str) -> None:
    for name, _ in _walk(folder):
        if name not in _NOTATION and not name.endswith(_SUFFIXES):
            hint = f"a folder holds law.py, procedure.py and files ending in {', '.join(_SUFFIXES)}"
            raise BadInput("jurisdiction-foreign-file", {"jurisdiction": code, "file": name}, hint)


def _walk(folder: Traversable, under: str = "") -> Iterator[tuple[str, Traversable]]:
    for child in sorted(folder.iterdir(), key=lambda one: one.name):
        if child.name.startswith((".", "__")):
            continue
        name = f"{under}{child.name}"
        if child.is_dir():
            yield from _walk(child, f"{name}/")
        else:
            yield name, child


def _version(folder: Traversable) -> str:
    lines = [f"{hashlib.sha256(child.read_bytes()).hexdigest()}  {name}\n" for name, child in _walk(folder)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _text(folder: Traversable, name: str) -> str:
    found = folder.joinpath(name)
    if not found.is_file():
        raise BadInput("jurisdiction-incomplete", {"folder": folder.name, "file": name}, f"a folder needs {', '.join(_NEEDED)}")
    try:
        return found.read_text(encoding="utf-8")
    except UnicodeDecodeError as broken:
        raise BadInput("file-not-utf-8", {"folder": folder.name, "file": name, "byte": broken.start}, "save it as UTF-8") from None


def _toml(text: str, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise BadInput("toml-unreadable", {"path": path, "what": str(broken)}, "mend the TOML") from None


def _forms(folder: Traversable) -> dict[str, dict[str, str]]:
    forms = folder.joinpath("forms")
    if not forms.is_dir():
        return {}
    languages = [child for child in forms.iterdir() if child.is_dir() and not child.name.startswith((".", "__"))]
    return {child.name: {name: _text(child, name) for name, _ in _walk(child)} for child in sorted(languages, key=lambda one: one.name)}


def _examples(folder: Traversable, code: str) -> tuple[Example, ...]:
    found = folder.joinpath("examples")
    if not found.is_dir():
        return ()
    rows = ((f"{code}/examples/{name}", child.read_text(encoding="utf-8")) for name, child in _walk(found))
    return tuple(example for path, text in rows for example in read_examples(_toml(text, path), path))
