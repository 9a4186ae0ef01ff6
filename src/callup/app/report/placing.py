"""How large the call-up is beside the record, in words of one language: its tables, its headlines, its notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from markupsafe import Markup

from callup.app.report.shapes import Table
from callup.app.report.words import ENGLISH, Speech
from callup.statistics import Standing


def since_name(one: Standing) -> str:
    """The file name of one measure's table and chart."""
    return "since-" + one.measure.removeprefix("per ").replace(",", "").replace(" ", "-")


def since_table(one: Standing) -> Table:
    """One measure over the whole record."""
    rows = tuple((words, str(value) if value.denominator == 1 else f"{float(value):.1f}") for words, value in one.table)
    return Table(since_name(one), f"{one.unit}, {one.measure}", ("period", one.unit.replace(" ", "_")), rows)


def since_words(one: Standing, say: Speech) -> dict[str, str]:
    """What the page says of one measure."""
    words = {"name": since_name(one), "measure": say.cell(one.measure), "period": period_words(one.period, say), "note": _note(one, say)}
    since = period_words(one.since, say) if one.since else ""
    return {**words, "sentence": _sentence(one, say), "since": since, "mine": _figure(one, one.value, say),
            "theirs": _figure(one, one.since_value, say) if one.since else ""}  # fmt: skip


def headline(standings: Sequence[Standing], say: Speech) -> str:
    """Says how far the headline holds."""
    if not standings:
        return ""
    first = _sentence(standings[0], say)
    holding = [say.cell(one.measure) for one in standings if _sentence(one, say) == first]
    if len(holding) == len(standings):
        return say.text("since_agree", sentence=first)
    others = [(say.cell(one.measure), _sentence(one, say)) for one in standings if _sentence(one, say) != first]
    listed = Markup("; ").join(say.text("since_other", measure=measure, sentence=sentence) for measure, sentence in others)
    key = "since_holds_one" if len(holding) == 1 else "since_holds_some"
    return say.text(key, sentence=first, holding=len(holding), all=len(standings), measures=say.text("and").join(holding), others=listed)


def period_words(period: str, say: Speech, key: str = "period") -> str:
    """A half-year or a year as the language says it, alone or in a sentence."""
    season, _, year = period.rpartition(" ")
    return say.text(f"{key}_{season or 'year'}", year=year)


def _sentence(one: Standing, say: Speech) -> str:
    return period_words(one.since, say, "largest") if one.since else period_words(one.first, say, "record")


def _figure(one: Standing, value: Fraction, say: Speech) -> str:
    return say.counted(one.unit.replace(" ", "_"), value)


def _note(one: Standing, say: Speech) -> str:
    """How the values come about; the windows that are not printed in full are counted in the English note."""
    if say.language == ENGLISH:
        return one.note
    assumed, whole = re.findall(r"(\d+) of (\d+) windows", one.note)[0] if "windows" in one.note else ("", "")
    return say.text("note_" + since_name(one).removeprefix("since-").replace("-", "_"), assumed=assumed, all=whole)
