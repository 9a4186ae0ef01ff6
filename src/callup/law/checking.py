"""What is refused in a law that parses: cycles, gaps in time, rules that never hold, columns nobody needs."""

from __future__ import annotations

from datetime import date

from callup.law import corners
from callup.law.closed import about_health
from callup.law.refusal import Source
from callup.law.tree import Law, Rule, columns_read, parameters_read

MOST_RULES = 62
G15_HEALTH = "callup safeguard G15; UN Convention on the Rights of Persons with Disabilities, art. 5"


def check(law: Law, source: Source) -> None:
    """Run every check; the first that fails refuses with file and line."""
    _names(law, source)
    for rule in law.rules:
        _exceptions(law, rule, source)
        _period(law, rule, source)
    for rule in law.rules:
        _reach(law, rule, source)
        _health(rule, source)
    _columns(law, source)


def _names(law: Law, source: Source) -> None:
    names = [rule.name for rule in law.rules]
    if "liable" not in {rule.effect for rule in law.rules}:
        raise source.refuse("law-outside-vocabulary", 1, "no rule says who is liable", "write at least one @liable rule")
    if len(names) > MOST_RULES:
        raise source.refuse(
            "law-outside-vocabulary", law.rules[MOST_RULES].line, f"more than {MOST_RULES} rules", "join rules of one article"
        )
    for rule in law.rules:
        if names.count(rule.name) > 1 or rule.name in law.parameters:
            raise source.refuse("law-outside-vocabulary", rule.line, f"{rule.name} is declared twice", "give each rule its own name")


def _exceptions(law: Law, rule: Rule, source: Source) -> None:
    names = {other.name for other in law.rules}
    for name in rule.unless:
        if name not in names:
            raise source.refuse("law-outside-vocabulary", rule.line, f"unless names {name}, which is no rule", "name a rule of this file")
    seen, open_names = {rule.name}, list(rule.unless)
    while open_names:
        name = open_names.pop()
        if name == rule.name:
            raise source.refuse("law-unless-cycle", rule.line, f"{rule.name} and its unless name each other", "let one of them give way")
        if name not in seen:
            seen.add(name)
            open_names += law.rule(name).unless


def _period(law: Law, rule: Rule, source: Source) -> None:
    if rule.since >= rule.ended or rule.ended <= law.begins:
        raise source.refuse("law-rule-unreachable", rule.line, f"{rule.name} is never in force", "since must lie before ended")
    first = max(rule.since, law.begins)
    for name in parameters_read(rule.body):
        held_from = law.parameters[name].values[0].since
        if held_from > first:
            said = f"{rule.name} needs {name} from {first}, which has a value only from {held_from}"
            raise source.refuse("law-parameter-without-value", rule.line, said, "add the earlier value, or since= to the rule")


def _reach(law: Law, rule: Rule, source: Source) -> None:
    blank = any(dated.value is None for name in parameters_read(rule.body) for dated in law.parameters[name].values)
    if not blank and not corners.can_hold(law, rule):
        raise source.refuse("law-rule-unreachable", rule.line, f"no person on any day makes {rule.name} hold", "mend or drop the rule")


def _health(rule: Rule, source: Source) -> None:
    for name in columns_read(rule.body) if rule.effect in ("liable", "disqualify") else ():
        if about_health(name):
            said = f"{rule.name} selects by {name}"
            raise source.unlawful("law-selects-by-health", rule.line, said, G15_HEALTH, "health may only exempt or defer")


def _columns(law: Law, source: Source) -> None:
    read = corners.reads(law)
    for column in law.columns.values():
        if column.kind == "ground" and column.name not in read:
            raise source.refuse(
                "law-column-unread", column.line, f"no rule needs {column.name}", "hold nothing that no article needs: drop it"
            )


def floor_age(law: Law, adult: int = 18) -> tuple[Rule, date] | None:
    """The first rule of liability that can bind somebody younger than ``adult`` on a day of its period, with that day."""
    for rule in law.rules:
        if rule.effect == "liable":
            day = corners.holds_for_minor(law, rule, adult)
            if day is not None:
                return rule, day
    return None
