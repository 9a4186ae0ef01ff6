"""A public record as files: the one carried for a jurisdiction, a folder of somebody's own, or one file that has it all."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from callup import __version__
from callup.app.record.schema import check_files
from callup.terms.errors import BadInput, Tampered

FORMAT = "callup/record/1"
RUNS, SEED = 20_000, 2026
_SUFFIXES = (".csv", ".toml")
_KEYS = {"format", "callup", "jurisdiction", "law", "as_of", "seed", "runs", "digest", "files"}


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that a page of the record is made of, but the law folder.

    Args:
        code: the jurisdiction whose law folder answers.
        files: texts by name; an account stands in ``accounts/``.
        as_of: the day on which it is read, YYYY-MM-DD; empty where none was given.
        seed: of the draws.
        runs: how many draws.
        law: version of the law folder that it was exported with; empty where it was not.
    """

    code: str
    files: Mapping[str, str] = field(repr=False)
    as_of: str = ""
    seed: int = SEED
    runs: int = RUNS
    law: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 over names and texts in the order of the names."""
        return digest_of(self.files)


Where = str | Record
"""A jurisdiction whose record is carried, or a record."""


def digest_of(texts: Mapping[str, str]) -> str:
    """SHA-256 over names and texts in the order of the names."""
    return hashlib.sha256(json.dumps(sorted(texts.items()), ensure_ascii=False).encode()).hexdigest()


def carried(code: str) -> Record:
    """The record carried for a jurisdiction; without a file where none is."""
    folder = files(__package__).joinpath(code)
    return Record(code, dict(_texts(folder)) if folder.is_dir() else {})


def opened(where: Where) -> Record:
    """The record that is meant."""
    return carried(where) if isinstance(where, str) else where


def read_record(path: Path, code: str) -> Record:
    """Read somebody's own record.

    Args:
        path: a folder with the same files as the carried one, or one file of format `FORMAT`.
        code: the jurisdiction, for a folder.

    Raises:
        BadInput: there is nothing, it is no record, a file of it cannot be read, or it was made by another release.
        Tampered: the texts of the file are not those that its digest is of.
    """
    if path.is_dir():
        found = dict(_texts(path))
        if "claims.csv" not in found:
            raise BadInput("record-without-claims", {"folder": path}, "a record has at least claims.csv: docs/formats.md")
        check_files(found)
        return Record(code, found)
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as failure:
        raise BadInput("record-unreadable", {"file": path, "why": failure}, "give a folder, or a file of callup record export") from None
    return _of_file(whole, path)


def is_record(file: Path) -> bool:
    """Whether a file says that it is a record."""
    return f'"format": "{FORMAT}"' in file.read_text(encoding="utf-8", errors="replace")[:200]


def _of_file(whole: Any, path: Path) -> Record:
    if not isinstance(whole, dict) or whole.get("format") != FORMAT or set(whole) != _KEYS:
        raise BadInput("record-unreadable", {"file": path, "why": f"no {FORMAT}"}, "give a folder, or a file of callup record export")
    if whole["callup"] != __version__:
        raise BadInput("record-of-another-release", {"file": path, "made by": whole["callup"], "this is": __version__},
                       "install that release to get the same figures")  # fmt: skip
    if digest_of(whole["files"]) != whole["digest"]:
        raise Tampered("record-changed", {"file": path, "digest": whole["digest"]}, "its texts are not those that were exported")
    return Record(*(whole[name] for name in ("jurisdiction", "files", "as_of", "seed", "runs", "law")))


def one_file(record: Record) -> bytes:
    """A record as one file: claims, seed, release, and the digest of it all."""
    whole = {
        "format": FORMAT, "callup": __version__, "jurisdiction": record.code, "law": record.law, "as_of": record.as_of, "seed": record.seed,
        "runs": record.runs, "digest": record.digest, "files": dict(sorted(record.files.items())),
    }  # fmt: skip
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def table(where: Where, name: str) -> Iterator[dict[str, str]]:
    """The rows of one file, texts by column; none where the record has no such file.

    Raises:
        BadInput: a row has more or fewer fields than the header.
    """
    for number, row in enumerate(csv.DictReader(opened(where).files.get(name, "").splitlines()), 1):
        if None in row or None in row.values():
            raise BadInput("record-row", {"file": name, "row": number}, "give every row as many fields as the header has")
        yield row


def toml_of(where: Where, name: str) -> dict[str, Any]:
    """One TOML file; empty where the record has no such file.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        return tomllib.loads(opened(where).files.get(name, ""))
    except tomllib.TOMLDecodeError as failure:
        raise BadInput("record-toml", {"file": name, "why": failure}, "mend the file") from None


def _texts(folder: Traversable | Path, under: str = "") -> Iterator[tuple[str, str]]:
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        if one.is_dir() and one.name == "accounts" and not under:
            yield from _texts(one, "accounts/")
        elif one.name.endswith(_SUFFIXES):
            yield under + one.name, one.read_text(encoding="utf-8")
