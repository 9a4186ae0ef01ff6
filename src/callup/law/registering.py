"""The register that a law needs: the core of every register and the law's own columns."""

from __future__ import annotations

from callup.law.tree import Law, LawColumn, Rule, columns_read
from callup.terms.schema import Column, ColumnType, Schema
from callup.terms.tables import REGISTER_CORE

_TYPES: dict[str, ColumnType] = {"date": "date", "text": "text", "flag": "flag", "number": "int"}


def register_schema(law: Law) -> Schema:
    """The columns of a register under this law: the core, then the law's own in its order; each says which article needs it."""
    core = tuple(column for column, _ in REGISTER_CORE)
    names = {column.name for column in core}
    own = tuple(_column(law, column) for column in law.columns.values() if column.name not in names)
    return Schema("register", core + own, ("person_id",))


def _column(law: Law, column: LawColumn) -> Column:
    articles = dict.fromkeys(rule.citation for rule in law.rules if _needs(law, rule, column.name))
    absent = "; empty means no" if column.absent_no else "; empty means unknown"
    return Column(column.name, _TYPES[column.type], f"{column.kind}: {', '.join(articles) or 'read by no rule'}{absent}", nullable=True)


def _needs(law: Law, rule: Rule, name: str) -> bool:
    return name in (*columns_read(rule.body), rule.until, law.waiver(rule))
