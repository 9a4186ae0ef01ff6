"""How the loader refuses: always with file and line, what stands there, and what to do."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from datetime import date

from callup.terms.errors import BadInput, NotLawful


@dataclass(frozen=True, slots=True)
class Source:
    """The file being read, for messages."""

    path: str

    def where(self, line: int) -> str:
        """``file:line``."""
        return f"{self.path}:{line}"

    def refuse(self, code: str, line: int, what: str, hint: str) -> BadInput:
        """The refusal of what stands on a line, to be raised."""
        return BadInput(code, {"where": self.where(line), "what": what}, hint)

    def unlawful(self, code: str, line: int, what: str, citation: str, hint: str) -> NotLawful:
        """The refusal of what the floor forbids, citing it, to be raised."""
        return NotLawful(code, {"where": self.where(line), "what": what, "citation": citation}, hint)

    def outside(self, node: ast.AST, hint: str = "write it in the notation: see callup/law/notation.py") -> BadInput:
        """The refusal of a construct outside the closed vocabulary, to be raised."""
        return self.refuse("law-outside-vocabulary", getattr(node, "lineno", 1), ast.unparse(node).splitlines()[0], hint)

    def parsed(self, text: str) -> ast.Module:
        """The file as Python syntax; it is never executed."""
        try:
            return ast.parse(text, self.path)
        except (SyntaxError, ValueError) as broken:
            raise self.refuse("law-outside-vocabulary", getattr(broken, "lineno", 1) or 1, str(broken), "mend the syntax") from None

    def title(self, tree: ast.Module) -> str:
        """What the docstring's first line names, without the reminder that this is notation."""
        title = (ast.get_docstring(tree) or "").split("\n")[0].partition(". Notation")[0].rstrip(".")
        if not title:
            raise self.refuse("law-outside-vocabulary", 1, "no title", "begin the file with a docstring that names the law")
        return title

    def text(self, node: ast.AST, what: str) -> str:
        """A text that must stand there."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip():
            return node.value
        raise self.refuse("law-type-mismatch", getattr(node, "lineno", 1), f"{what} must be a text", "write it in quotes")

    def day(self, node: ast.AST, what: str, default: date) -> date:
        """A date in quotes; an empty text is the default."""
        if isinstance(node, ast.Constant) and node.value == "":
            return default
        found = as_date(self.text(node, what))
        if isinstance(found, date):
            return found
        raise self.refuse("law-type-mismatch", getattr(node, "lineno", 1), f"{what} must be a date", 'write it as "YYYY-MM-DD"')

    def citation(self, node: ast.AST) -> tuple[str, bool]:
        """A citation, and whether it is ``unverified(...)``."""
        match node:
            case ast.Call(func=ast.Name(id="unverified"), args=[inner], keywords=[]):
                return self.text(inner, "a citation"), True
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.strip():
            raise self.refuse("law-rule-uncited", node.lineno, "the citation is empty", "name the article")
        return self.text(node, "a citation"), False

    def preamble(self, node: ast.stmt) -> bool:
        """Whether a statement is the file's docstring or its one allowed import."""
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                return True
            case ast.ImportFrom(module="callup.law.notation", level=0):
                return True
        return False


def as_date(text: str) -> date | str:
    """A text of the form YYYY-MM-DD as a date, any other as it is."""
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text
