"""One person's course through one call-up: what the law makes of the facts on a date, and what is now to be done.

Does: finds service, deadlines, claims, state, diagnosis and next lawful step: one case step by step, all by one query.
In: facts, notices, the procedure of the law, a date, and the day up to which facts were known.
Out: standings, dues, follow-up counts, outcomes, and the account that must close.
Never: performs an act, stores a status, reads a clock, or says that a person evades.
Follows: design cases.md 7; decisions D2, D10; safeguards G8, G10, G11, G14, G16, G18.
"""

from callup.cases.account import account, with_liability
from callup.cases.facts import arrow_schema, fact_problems, whole_facts
from callup.cases.fold import Moment, fold
from callup.cases.queries import close, due, due_counts, followup, standing

__all__ = [
    "Moment",
    "account",
    "arrow_schema",
    "close",
    "due",
    "due_counts",
    "fact_problems",
    "fold",
    "followup",
    "standing",
    "whole_facts",
    "with_liability",
]
