"""The floor that no folder of law can lower (safeguards G15 and G17): what fails it does not load, and the floor is cited."""

from __future__ import annotations

from callup.law.checking import floor_age
from callup.law.procedure import Procedure
from callup.law.refusal import Source
from callup.law.tree import Law

AGE = "Optional Protocol to the Convention on the Rights of the Child on children in armed conflict, art. 2"
CONSCIENCE = "ICCPR art. 18; Bayatyan v. Armenia (European Court of Human Rights, Grand Chamber, 7 July 2011)"
REMEDY = "ICCPR art. 2(3) and 14; callup safeguard G15"
TERM = "ICCPR art. 8 and 9; callup safeguard G15"
CONSEQUENCES = "callup safeguard G17 (what others may do if you do not answer)"
ADVICE = "callup safeguard G17 (independent advice)"


def check_floor(procedure: Procedure, source: Source) -> None:
    """Check a procedure by itself.

    Raises:
        NotLawful: no remedy, no text of consequences, no advice; for military service no conscience route or no greatest length.
    """
    against = {remedy.against for remedy in procedure.remedies if remedy.days > 0}
    for kind in ("notice", "decision"):
        if kind not in against:
            raise source.unlawful("floor-no-remedy", 1, f"no remedy against a {kind} with body and time limit", REMEDY, "add remedy(...)")
    if not procedure.consequences:
        raise source.unlawful("floor-no-consequences", 1, "nothing says what others may do", CONSEQUENCES, "add consequence(...)")
    if not procedure.advice:
        raise source.unlawful("floor-no-advice", 1, "nobody independent is named", ADVICE, 'add advice(unit="*", key="...")')
    if not procedure.military:
        return
    if not procedure.conscience:
        raise source.unlawful("floor-no-conscience", 1, "no conscience route for military service", CONSCIENCE, "add conscience(...)")
    if not any(term.months > 0 for term in procedure.terms):
        raise source.unlawful("floor-no-term", 1, "no greatest length of service", TERM, "add term(months=...)")


def check_together(law: Law, procedure: Procedure) -> None:
    """Check a law and its procedure together: military service binds nobody under 18 on the day.

    Raises:
        NotLawful: a rule of liability can bind somebody younger.
    """
    found = floor_age(law) if procedure.military else None
    if found is not None:
        rule, day = found
        said = f"{rule.name} can bind a person under 18 on {day}"
        raise Source(law.path).unlawful("floor-under-age", rule.line, said, AGE, "let liability begin at 18 or later")
