"""Only app and channels touch the world; exact packages know no float."""

import ast

import pytest
from house.tree import imported, modules

WORLDLY = ("app", "channels", "")
EXACT = ("terms", "law", "tlog", "jurisdictions", "draw", "register", "notice", "cases")
BANNED_CALLS = {"open", "print", "input", "eval", "exec", "compile", "__import__", "globals", "breakpoint"}
BANNED_IMPORTS = {
    "os", "pathlib", "socket", "subprocess", "sqlite3", "urllib", "http", "time", "random", "secrets", "logging", "duckdb", "apsw",
    "tempfile", "shutil", "glob", "threading", "multiprocessing", "asyncio", "ctypes", "pickle", "requests", "httpx",
}  # fmt: skip
FLOATS_ALLOWED = {
    "src/callup/terms/decree.py": "TOML writes a share as a decimal: it is read as a float and made a Fraction at once",
}


def core():
    return [module for module in modules() if module.package not in WORLDLY]


def banned_names(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in BANNED_CALLS and isinstance(node.ctx, ast.Load):
            yield f"{node.lineno} {node.id}"
        elif isinstance(node, ast.Global):
            yield f"{node.lineno} global {', '.join(node.names)}"
        elif isinstance(node, ast.Attribute) and (node.attr in ("environ", "utcnow") or asks_a_clock(node)):
            yield f"{node.lineno} .{node.attr}"


def asks_a_clock(node):
    owner = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
    return node.attr in ("now", "today") and owner in ("date", "datetime", "dt")


def floats(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"{node.lineno} {node.value}"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield f"{node.lineno} /"
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
            yield f"{node.lineno} /="
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            yield f"{node.lineno} float()"


def test_core_calls_nothing_of_the_world():
    assert [f"{module.where}:{what}" for module in core() for what in banned_names(module.tree)] == []


def test_core_imports_nothing_of_the_world():
    wrong = [
        f"{module.where}:{line} {name}"
        for module in core()
        for name, _, line in imported(module.tree)
        if name.split(".")[0] in BANNED_IMPORTS
    ]
    assert wrong == []


def test_io_is_for_buffers_only():
    wrong = [
        f"{module.where}:{line} {name}.{attribute}"
        for module in core()
        for name, attribute, line in imported(module.tree)
        if name.split(".")[0] == "io" and attribute not in ("", "BytesIO", "StringIO")
    ]
    used = [
        f"{module.where}:{node.lineno} io.{node.attr}"
        for module in core()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "io"
        if node.attr not in ("BytesIO", "StringIO")
    ]
    assert wrong + used == []


def test_no_random_generator_outside_planning():
    wrong = [
        f"{module.where}:{node.lineno} .random"
        for module in core()
        if module.package != "planning"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in ("random", "default_rng", "RandomState")
    ]
    assert wrong == []


def test_exact_packages_know_no_float():
    wrong = [
        f"{module.where}:{what}"
        for module in modules()
        if module.package in EXACT and module.where not in FLOATS_ALLOWED
        for what in floats(module.tree)
    ]
    assert wrong == []


def test_the_exceptions_are_still_needed():
    assert [where for where in FLOATS_ALLOWED if not any(m.where == where and list(floats(m.tree)) for m in modules())] == []


@pytest.mark.parametrize("source", ["0.5", "a / b", "a /= b", "float(a)"])
def test_the_float_check_sees(source):
    assert list(floats(ast.parse(source)))


@pytest.mark.parametrize("source", ["open('x')", "print(1)", "date.today()", "os.environ", "def f():\n global x\n x = 1"])
def test_the_world_check_sees(source):
    assert list(banned_names(ast.parse(source)))
