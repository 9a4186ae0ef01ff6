"""Reads a law file: statements of the closed vocabulary into a ``Law``, everything else refused with file and line."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from callup.law import checking
from callup.law.closed import CORE, KIND_TYPES, kind_problem
from callup.law.expressions import Reader, type_of_value
from callup.law.refusal import Source
from callup.law.tree import Col, Dated, Effect, Held, Law, LawColumn, Lit, Parameter, Rule, Type, spell, walk

_EFFECTS = ("liable", "exempt", "disqualify", "defer")
_TYPES = ("date", "text", "flag", "number")
_KEYS = ("until", "unless", "since", "ended", "waivable")
_CORE_TYPES = {"date": "date", "text": "text", "flag": "flag", "int": "number"}
G1 = "callup safeguard G1 (closed kinds of columns)"


def load_law(text: str, path: str) -> Law:
    """Parse and check a law file; it is never executed.

    Args:
        text: the whole file.
        path: its name, for messages.

    Raises:
        BadInput: it is outside the vocabulary; ``params`` has ``where`` (file:line) and ``what``.
        NotLawful: a column of a kind, or with a name, that no folder may hold (G1).
    """
    source = Source(path)
    tree = source.parsed(text)
    draft = _Draft(source)
    functions = [node for node in tree.body if not draft.take(node)]
    for node in functions:
        draft.rule(node)
    title = source.title(tree)
    law = draft.law(title)
    checking.check(law, source)
    return law


@dataclass(slots=True)
class _Draft:
    source: Source
    columns: dict[str, LawColumn] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)

    def take(self, node: ast.stmt) -> bool:
        """Read a declaration; a rule is left for later, when all names are known."""
        match node:
            case ast.FunctionDef():
                return False
            case ast.Assign(targets=[ast.Name(id="register")], value=ast.Dict() as written):
                self._register(written)
                return True
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="dated" | "blank")) as call):
                self._declare(node, name, call)
                return True
        if not self.source.preamble(node):
            raise self.source.outside(node)
        return True

    def _declare(self, node: ast.stmt, name: str, call: ast.Call) -> None:
        if name in self.parameters or name in ("p", "day", "register", "age"):
            raise self.source.refuse(
                "law-outside-vocabulary", node.lineno, f"{name} is set twice or is a word of the notation", "rename it"
            )
        dated = isinstance(call.func, ast.Name) and call.func.id == "dated"
        self.parameters[name] = self._dated(name, call) if dated else self._blank(name, call)

    def _register(self, written: ast.Dict) -> None:
        for key, value in zip(written.keys, written.values, strict=True):
            if key is None:
                raise self.source.outside(written)
            name, told = self.source.text(key, "a column's name"), self.source.text(value, "a column's kind and type")
            self.columns[name] = self._column(name, told, key.lineno)

    def _column(self, name: str, told: str, line: int) -> LawColumn:
        said, comma, absent = told.partition(",")
        kind, _, typed = (part.strip() for part in said.partition(":"))
        problem = kind_problem(name, kind)
        if problem:
            raise self.source.unlawful("law-column-refused", line, problem, G1, "decide without it: no law folder can widen the list")
        if name in self.columns or not name.isidentifier():
            raise self.source.refuse("law-outside-vocabulary", line, f"column {name} is declared twice or is no name", "declare it once")
        allowed = (_CORE_TYPES[CORE[name][1]],) if name in CORE else KIND_TYPES[kind]
        if typed not in _TYPES or typed not in allowed:
            raise self.source.refuse(
                "law-type-mismatch", line, f"column {name}: type {typed!r}", f"a {kind} is of type {' or '.join(allowed)}"
            )
        if (comma and "".join(absent.split()) != "absent=no") or (comma and name in CORE):
            raise self.source.refuse("law-key-unknown", line, f"column {name}: {told!r}", 'write "kind: type" or "kind: type, absent = no"')
        return LawColumn(name, kind, cast(Type, typed), bool(comma), line)

    def _dated(self, name: str, call: ast.Call) -> Parameter:
        match call:
            case ast.Call(args=[ast.Dict(keys=[_, *_]) as written], keywords=[]):
                pass
            case _:
                raise self.source.outside(call, 'write dated({"YYYY-MM-DD": (value, "act")})')
        found, marked = [], False
        for key, value in zip(written.keys, written.values, strict=True):
            one, unverified = self._one_dated(key, value)
            found.append(one)
            marked = marked or unverified
        values = tuple(sorted(found, key=lambda one: one.since))
        if len({one.since for one in values}) != len(values):
            raise self.source.refuse("law-outside-vocabulary", call.lineno, f"{name} has two values from one day", "keep one")
        return self._typed(name, values, marked, call.lineno)

    def _one_dated(self, key: ast.expr | None, value: ast.expr) -> tuple[Dated, bool]:
        match value:
            case ast.Tuple(elts=[held, act]) if key is not None:
                citation, unverified = self.source.citation(act)
                return Dated(self.source.day(key, "the first day of a value", date.min), self._held(held), citation), unverified
        raise self.source.refuse("law-rule-uncited", value.lineno, ast.unparse(value), 'name the amending act: (value, "act")')

    def _held(self, written: ast.expr) -> Held:
        reader = Reader(self.source, {}, {})
        match written:
            case ast.Constant(value=None):
                return None
            case ast.Tuple(elts=[_, *_] as parts):
                return tuple(reader.literal(part) for part in parts)
        return reader.literal(written)

    def _typed(self, name: str, values: tuple[Dated, ...], unverified: bool, line: int) -> Parameter:
        known = [one.value for one in values if one.value is not None]
        singles = [part for held in known for part in (held if isinstance(held, tuple) else (held,))]
        types = {type_of_value(single) for single in singles}
        many = {isinstance(held, tuple) for held in known}
        if len(types) != 1 or len(many) != 1:
            raise self.source.refuse("law-type-mismatch", line, f"the values of {name} are not of one type", "or use blank(type, citation)")
        return Parameter(name, types.pop(), many.pop(), values, unverified, line)

    def _blank(self, name: str, call: ast.Call) -> Parameter:
        match call:
            case ast.Call(args=[ast.Constant(value=str() as typed), cite], keywords=[]) if typed in _TYPES:
                citation, unverified = self.source.citation(cite)
            case _:
                raise self.source.outside(call, 'write blank("number", "citation")')
        return Parameter(name, cast(Type, typed), False, (Dated(date.min, None, citation),), unverified, call.lineno)

    def rule(self, node: ast.stmt) -> None:
        """Read one rule, of which all columns and parameters are now known."""
        match node:
            case ast.FunctionDef(
                decorator_list=[ast.Call(func=ast.Name(id=effect), args=[cite]) as mark],
                args=ast.arguments(
                    args=[ast.arg(arg="p"), ast.arg(arg="day")], posonlyargs=[], kwonlyargs=[], vararg=None, kwarg=None, defaults=[]
                ),
            ) if effect in _EFFECTS:
                self._rule(node, cast(Effect, effect), cite, mark)
            case ast.FunctionDef():
                raise self.source.refuse(
                    "law-rule-uncited",
                    node.lineno,
                    f"def {node.name}",
                    "one of @liable, @exempt, @disqualify, @defer with a citation; (p, day)",
                )

    def _rule(self, node: ast.FunctionDef, effect: Effect, cite: ast.expr, mark: ast.Call) -> None:
        citation, unverified = self.source.citation(cite)
        keys = self._keys(effect, mark)
        words, returned = self._body(node)
        self.rules.append(
            Rule(
                number=len(self.rules) + 1,
                name=node.name,
                effect=effect,
                citation=citation,
                unverified=unverified,
                words=words or node.name.replace("_", " "),
                body=Reader(self.source, self.columns, self.parameters).node(returned),
                until=self._until(keys.get("until")),
                unless=self._unless(keys.get("unless")),
                since=self.source.day(keys["since"], "since", date.min) if "since" in keys else date.min,
                ended=self.source.day(keys["ended"], "ended", date.max) if "ended" in keys else date.max,
                waivable=self._flag(keys.get("waivable")),
                line=node.lineno,
            )
        )

    def _keys(self, effect: Effect, mark: ast.Call) -> dict[str, ast.expr]:
        for key in mark.keywords:
            if key.arg not in _KEYS or (effect == "liable" and key.arg in ("until", "waivable")):
                raise self.source.refuse("law-key-unknown", mark.lineno, f"{key.arg} of @{effect}", f"keys are {', '.join(_KEYS)}")
        return {str(key.arg): key.value for key in mark.keywords}

    def _body(self, node: ast.FunctionDef) -> tuple[str, ast.expr]:
        match node.body:
            case [ast.Expr(value=ast.Constant(value=str() as words)), ast.Return(value=ast.expr() as returned)]:
                return " ".join(words.split()), returned
            case [ast.Return(value=ast.expr() as returned)]:
                return "", returned
        raise self.source.refuse("law-outside-vocabulary", node.lineno, f"the body of {node.name}", "words in quotes, then one return")

    def _until(self, written: ast.expr | None) -> str:
        if written is None:
            return ""
        found = Reader(self.source, self.columns, self.parameters).operand(written)
        if isinstance(found, Col) and self.columns[found.name].type == "date":
            return found.name
        raise self.source.refuse("law-type-mismatch", written.lineno, "until is not a date column", "write until=p.<date column>")

    def _unless(self, written: ast.expr | None) -> tuple[str, ...]:
        match written:
            case None:
                return ()
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return tuple(self.source.text(part, "a rule's name") for part in parts)
        raise self.source.outside(written)

    def _flag(self, written: ast.expr | None) -> bool:
        match written:
            case None:
                return False
            case ast.Constant(value=bool() as flag):
                return flag
        raise self.source.outside(written)

    def law(self, title: str) -> Law:
        """The whole, with its digest over the tree and the list of what was not checked against the official text."""
        marked = [rule.citation for rule in self.rules if rule.unverified]
        marked += [parameter.values[-1].act for parameter in self.parameters.values() if parameter.unverified]
        return Law(
            title=title,
            columns=self.columns,
            parameters=self.parameters,
            rules=tuple(self.rules),
            digest=hashlib.sha256(self._canonical(title).encode()).hexdigest(),
            path=self.source.path,
            begins=self._begins(),
            unverified=tuple(dict.fromkeys(marked)),
            warnings=tuple(self._bare_numbers()),
        )

    def _begins(self) -> date:
        """The first day the law speaks of: of its values and periods; open where a rule has no period and no value is dated."""
        values = [one.since for parameter in self.parameters.values() for one in parameter.values if one.since != date.min]
        periods = [rule.since for rule in self.rules if rule.since != date.min]
        if not values and len(periods) < len(self.rules):
            return date.min
        return min(values + periods, default=date.min)

    def _canonical(self, title: str) -> str:
        lines = [f"callup/law/1 {title}"]
        lines += [f"column {column.name} {column.kind}: {column.type} {column.absent_no}" for column in self.columns.values()]
        for name, parameter in sorted(self.parameters.items()):
            held = [
                (one.since.isoformat(), spell(Lit(one.value)) if one.value is not None else "blank", one.act) for one in parameter.values
            ]
            lines.append(f"value {name} {parameter.type} {parameter.unverified} {held}")
        for rule in self.rules:
            period = f"{rule.since.isoformat()} {rule.ended.isoformat()} {rule.waivable} {rule.unverified}"
            lines.append(
                f"rule {rule.name} {rule.effect} {rule.citation!r} {rule.words!r} {rule.until} {rule.unless} {period} {spell(rule.body)}"
            )
        return "\n".join(lines)

    def _bare_numbers(self) -> list[str]:
        return [
            f"{self.source.where(rule.line)}: {rule.name} has the bare number {node.value}; a dated value could name its act"
            for rule in self.rules
            for node in walk(rule.body)
            if isinstance(node, Lit) and isinstance(node.value, int) and not isinstance(node.value, bool)
        ]
