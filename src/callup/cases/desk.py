"""The desk's queue: for each step that may fall due, who may do it, what it needs, and by which clock of the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callup.law import Procedure


@dataclass(frozen=True, slots=True)
class Task:
    """What a step takes.

    Args:
        by: who may do it, as words of terms.facts.
        people: how many must sign.
        records: the kind of fact that its doing is recorded as.
        needs: what it needs, in words.
        clock: the clock of the law that says by when; empty for none.
    """

    by: tuple[str, ...]
    people: int
    records: str
    needs: str
    clock: str = ""


TASKS: Mapping[str, Task] = {
    "enter-notice": Task(("authority",), 2, "called", "the wave signed by two"),
    "try-other-channel": Task(("carrier", "portal", "desk"), 1, "handed_over", "a channel or address not tried yet", "second_attempt"),
    "remind": Task(("portal", "desk"), 1, "courtesy_sent", "another way than the notice went; it changes nothing", "response"),
    "decide-claim": Task(("official",), 2, "decided", "reasons, rule and evidence; the file read by both", "decision"),
    "serve-decision": Task(("carrier", "portal", "desk"), 1, "decision_served", "the decision, with remedy, body and time limit"),
    "await-appeal": Task(("court",), 1, "appeal_decided", "nothing from the authority while the duty rests", "appeal"),
    "await-appearance": Task(("desk",), 1, "appeared", "the day of appearance", "lead"),
    "ask-why": Task(("official",), 2, "inquired", "a search for an innocent cause, in writing"),
    "assess": Task(("board",), 2, "assessed", "the board's finding"),
    "enlist-or-release": Task(("official",), 2, "enlisted", "a place that is left in the quota"),
    "resolve-contest": Task(("official",), 2, "decided", "proof of service by the authority, or the finding is taken back", "decision"),
}
"""Every step of terms.facts.DUES but ``nothing``."""


def article_of(procedure: Procedure, step: str, day: date) -> str:
    """The article that says by when a step is to be done; empty where the law names no time."""
    clock = procedure.at(day).clock(TASKS[step].clock) if step in TASKS else None
    return str(clock.citation) if clock is not None else ""
