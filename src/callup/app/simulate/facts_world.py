"""A world of facts: who is called, what happens to which share of them and when, as one query. Each share is taken exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from callup.terms.facts import VOCABULARY

NOTICES = """
SELECT printf('%032x', c) AS notice_id, printf('%024x', c) AS case_id, 'summons' AS kind, 1 AS wave, 'unit-' || c % 80 AS stratum,
  c AS rank, {appear} AS appear_on, NULL::DATE AS liable_until FROM range({cases}) cs(c)"""
_EVERYBODY = "everybody"


def notices(cases: int, appear_on: date) -> str:
    """Query of the notices: one summons a case."""
    return NOTICES.format(cases=cases, appear=_day(appear_on))


def world(acts: Sequence[Mapping[str, Any]], cases: int, seed: int) -> str:
    """The tables of a world, as the WITH part of a query: one table an act, named ``act_NAME``, with ``c`` and ``day``.

    Args:
        acts: in their order; an act happens to a share of those to whom the act ``of`` happened, and to none of ``not_of``.
        cases: how many are called.
        seed: which of them.
    """
    parts = [f"act_{_EVERYBODY} AS MATERIALIZED (SELECT c, NULL::DATE AS day FROM range({cases}) cs(c))"]
    for act in acts:
        if act.get("nobody"):
            parts.append(f"act_{act['name']} AS MATERIALIZED (SELECT NULL::BIGINT AS c, {_day(act['on'])} AS day)")
            continue
        turn = f"md5('{seed}/{act['name']}/' || b.c)"
        without = "".join(f" ANTI JOIN act_{name} n{number} ON n{number}.c = b.c" for number, name in enumerate(act.get("not_of", ())))
        parts.append(
            f"act_{act['name']} AS MATERIALIZED (SELECT c, {_when(act)} AS day FROM (SELECT b.c, b.day AS base, {turn} AS turn, "
            f"row_number() OVER (ORDER BY {turn}, b.c) AS k, count(*) OVER () AS total FROM act_{act.get('of', _EVERYBODY)} b{without}) "
            f"WHERE k <= round(total * {float(act.get('share', 1))}))"
        )
    return "WITH " + ",\n".join(parts)


def facts(acts: Sequence[Mapping[str, Any]], cases: int, seed: int) -> str:
    """Query of the facts of a world, in the order in which they became known."""
    rows = "\nUNION ALL ".join(_rows(number, act) for number, act in enumerate(acts))
    return f"""{world(acts, cases, seed)}
SELECT fact_id, row_number() OVER (ORDER BY known_on, happened_on, turn, case_id) AS seq, * EXCLUDE (fact_id, turn) FROM ({rows})"""


def counts(acts: Sequence[Mapping[str, Any]], cases: int, seed: int) -> str:
    """Query of how many each act happened to: ``name``, ``cases``."""
    rows = " UNION ALL ".join(f"SELECT '{name}' AS name, count(*) AS cases FROM act_{name}" for name in _names(acts))
    return f"{world(acts, cases, seed)}\n{rows}"


def _names(acts: Sequence[Mapping[str, Any]]) -> list[str]:
    return [_EVERYBODY, *(act["name"] for act in acts)]


def _when(act: Mapping[str, Any]) -> str:
    if "between" in act:
        first, last = act["between"]
        return f"{_day(first)} + (('0x' || substr(md5(turn), 1, 7))::BIGINT % {(last - first).days + 1})::INTEGER"
    return _day(act["on"]) if "on" in act else f"base + {act['after']}"


def _rows(number: int, act: Mapping[str, Any]) -> str:
    kind = VOCABULARY[act["kind"]]
    case, notice = ("NULL", "NULL") if act.get("nobody") else ("printf('%024x', c)", "printf('%032x', c)")
    known = _day(act["known_on"]) if "known_on" in act else f"day + {act.get('known_after', 0)}"
    second = "'Second'" if "second" in kind.needs else "NULL"
    reason = "'a reason'" if "reason" in kind.needs else "NULL"
    ref = f"substr(sha256('{act['ref']}/' || c), 1, 32)" if "ref" in act else "NULL"
    return f"""SELECT substr(sha256('{act["name"]}/' || coalesce(c, 0)), 1, 32) AS fact_id, {number} AS turn,
  '{act["kind"]}' AS kind, {case} AS case_id, {notice} AS notice_id, day AS happened_on, {known} AS known_on,
  '{act["by"]}' AS actor, {second} AS second, {_text(act, "channel")} AS channel, {ref} AS ref,
  {_text(act, "ground")} AS ground, {_text(act, "outcome")} AS outcome, {_date(act, "until")} AS until,
  {_date(act, "appear_on")} AS appear_on, repeat('0', 64) AS evidence, {reason} AS reason
FROM act_{act["name"]}"""


def _text(act: Mapping[str, Any], name: str) -> str:
    return f"'{act[name]}'" if name in act else "NULL::VARCHAR"


def _date(act: Mapping[str, Any], name: str) -> str:
    return _day(act[name]) if name in act else "NULL::DATE"


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"
