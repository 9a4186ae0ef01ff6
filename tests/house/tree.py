"""The source tree as the house tests see it: packages, modules, their syntax trees, tracked files."""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "callup"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file of callup; ``package`` is the room it belongs to, empty for the top."""

    package: str
    path: Path
    tree: ast.Module
    lines: int

    @property
    def where(self) -> str:
        return self.path.relative_to(ROOT).as_posix()


@functools.cache
def packages() -> tuple[str, ...]:
    """Folders below src/callup that hold a package."""
    return tuple(sorted(path.parent.name for path in SOURCE.glob("*/__init__.py")))


@functools.cache
def modules() -> tuple[Module, ...]:
    """Every module of callup; law and procedure files are notation, not programs, and stay out."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).parts
        if parts[0] == "jurisdictions" and path.name in ("law.py", "procedure.py"):
            continue
        text = path.read_text(encoding="utf-8")
        found.append(Module(parts[0] if len(parts) > 1 else "", path, ast.parse(text), text.count("\n")))
    return tuple(found)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS))


def imported(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """What a module imports: module, name (empty for ``import module``), line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name, node.lineno) for alias in node.names)


def parts(name: str) -> list[str]:
    """The words of an identifier, in lower case.

    Example:
        >>> parts("SealedRoll_of")
        ['sealed', 'roll', 'of']
    """
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return [word for word in spaced.lower().split("_") if word]


def identifiers(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that a module gives: functions, classes, arguments, variables, attributes it sets."""
    for node in ast.walk(tree):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno


@functools.cache
def face(package):
    """The names in a package's ``__all__``."""
    tree = ast.parse((SOURCE / package / "__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            return list(ast.literal_eval(node.value))
    return None


@functools.cache
def tracked() -> tuple[Path, ...]:
    """Every file that git tracks or would track."""
    said = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True)
    return tuple(ROOT / name for name in sorted(said.stdout.decode().split("\0")) if name and (ROOT / name).is_file())


def tracked_text(path: Path) -> str:
    """The text of a tracked file; empty for a binary one."""
    content = path.read_bytes()
    return "" if b"\0" in content[:8192] else content.decode("utf-8", errors="replace")


@functools.cache
def script(name: str) -> ModuleType:
    """A program of scripts/ as a module."""
    spec = importlib.util.spec_from_file_location(f"callup_script_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
