"""How eighteen cases are read, step by step, as kept: ``PYTHONPATH=tests python -m cases.kept_readings`` writes it anew."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

from cases.test_readers_agree import RULES, START, WORKING, of_nobody, random_case, the_long_way, the_way_in

from callup.cases.clocks import Interval
from callup.cases.fold import Moment, Standing, fold_rules
from callup.terms.tables import FACTS, STANDINGS

KEPT = Path(__file__).with_name("readings.txt")


def readings() -> Iterator[str]:
    """Cases at random, some on a long way, under made-up rules in days and in working days, each read on the way and at the end."""
    dice = Random(29)
    for number in range(18):
        facts, notice = random_case(dice, number)
        other = the_long_way if number % 5 == 0 else the_way_in if number % 5 == 1 else None
        rows = [*(other(dice, notice) if other else facts), *of_nobody(dice)]
        rows = [dict.fromkeys(FACTS.names) | row | {"seq": at, "actor": "desk", "evidence": "0" * 64} for at, row in enumerate(rows, 1)]
        for name, rules in (("days", RULES), ("working days", WORKING)):
            for offset in (9, 24):
                moment = Moment(START + timedelta(days=offset), START + timedelta(days=offset - number % 3))
                yield f"case {number}, {name}, as of {moment.as_of}, known by {moment.known_at}"
                yield from (f"  {line}" for line in told(fold_rules(rules, rows, notice, moment)))


def told(one: Standing) -> Iterator[str]:
    """What is neither absent nor nothing of a reading, a line each."""
    for name in (*STANDINGS.names[1:], "since", "late"):
        value = getattr(one, name)
        if value not in (None, False, "", ()):
            yield f"{name}: {value}"
    for shown in (*one.presumptions, *one.clocks):
        yield f"{type(shown).__name__.lower()}: " + ", ".join(f"{key} {_short(getattr(shown, key))}" for key in shown.__slots__)
    for step in one.steps:
        yield f"- {step.words}" + (f" [{step.citation}]" if step.citation else "") + "".join(f" {fact[-4:]}" for fact in step.facts)


def _short(value: object) -> object:
    """Intervals by their days and grounds alone."""
    return (
        [f"{one.since} to {one.until}: {one.ground}" if isinstance(one, Interval) else one for one in value]
        if isinstance(value, tuple)
        else value
    )


if __name__ == "__main__":
    KEPT.write_text("\n".join(readings()) + "\n", encoding="utf-8")
