"""Small files, small functions, few arguments."""

import ast

import pytest
from house.tree import ROOT, face, functions, modules, parts

FILE_LINES = 400
FUNCTION_LINES = 40
ARGUMENTS = 8
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "base", "manager", "handler", "data", "info", "item", "process", "do", "get"}
FORBIDDEN_ALONE = FORBIDDEN - {"base"}
"""``base`` alone is a word of the decree: what a quota is shared out by."""


def lines_of(function):
    """Lines of a function's body without its docstring."""
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return function.end_lineno - (first.end_lineno + 1 if documented else first.lineno) + 1


def arguments_of(function):
    args = function.args
    return len([arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs) if arg.arg not in ("self", "cls")])


def test_no_file_is_long():
    assert [f"{module.where}: {module.lines}" for module in modules() if module.lines > FILE_LINES] == []


def test_no_test_or_script_is_long():
    long = [
        path
        for folder in ("tests", "scripts")
        for path in (ROOT / folder).rglob("*.py")
        if path.read_text("utf-8").count("\n") > FILE_LINES
    ]
    assert [path.relative_to(ROOT).as_posix() for path in long] == []


def test_no_function_is_long():
    long = [
        f"{module.where}:{function.lineno} {function.name}: {lines_of(function)}"
        for module in modules()
        for function in functions(module.tree)
        if lines_of(function) > FUNCTION_LINES
    ]
    assert long == []


def test_no_function_takes_many_arguments():
    many = [
        f"{module.where}:{function.lineno} {function.name}: {arguments_of(function)}"
        for module in modules()
        for function in functions(module.tree)
        if arguments_of(function) > ARGUMENTS
    ]
    assert many == []


LIBRARY = {"do_POST": "http.server calls it by this name", "data_received": "an event loop calls it by this name"}
BODY = dict.fromkeys(
    ("src/callup/app/web/api/routes.py", "src/callup/app/web/api/papers.py"), "litestar hands over the body of a request by the name data"
)


def test_no_name_says_nothing():
    """Modules, functions and classes: no forbidden word in the name. Arguments: not the word alone."""
    wrong = [module.where for module in modules() if set(parts(module.path.stem)) & FORBIDDEN]
    for module in modules():
        for node in ast.walk(module.tree):
            named = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name not in LIBRARY
            if named and set(parts(node.name)) & FORBIDDEN:
                wrong.append(f"{module.where}:{node.lineno} {node.name}")
            elif isinstance(node, ast.arg) and node.arg in FORBIDDEN_ALONE and not (node.arg == "data" and module.where in BODY):
                wrong.append(f"{module.where}:{node.lineno} {node.arg}")
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [('def f():\n    """One.\n\n    Two.\n    """\n    return 1', 1), ("def f(\n    a\n):\n    b = a\n    return b", 2)],
)
def test_docstrings_do_not_count(source, lines):
    assert lines_of(ast.parse(source).body[0]) == lines


def test_every_value_is_frozen_and_slotted():
    """What a room gives out never changes; a class behind its face may be a tally that a function keeps while it counts."""
    wrong = []
    for module in modules():
        given = None if module.package == "terms" else set(face(module.package) or []) if module.package not in ("app", "") else set()
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and (given is None or node.name in given):
                wrong += [f"{module.where}:{node.lineno} {node.name}" for decorator in node.decorator_list if loose(decorator)]
    assert wrong == []


def loose(decorator):
    """A dataclass decorator that lacks ``frozen=True`` or ``slots=True``."""
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")
    if name != "dataclass":
        return False
    given = (
        {key.arg for key in decorator.keywords if isinstance(key.value, ast.Constant) and key.value.value}
        if isinstance(decorator, ast.Call)
        else set()
    )
    return not {"frozen", "slots"} <= given
