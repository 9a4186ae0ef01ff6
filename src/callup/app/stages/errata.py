"""What supplementary rolls, voids and letters of decisions add to the line, between its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from callup.app.beacon import round_at
from callup.app.course import Course
from callup.app.halting import publish_halts
from callup.app.logs import CallUpLogs
from callup.app.stages.supplementing import cast_supplement, commit_supplement, take_in
from callup.app.stages.telling import print_decisions
from callup.app.supplements import Supplement, supplement_of, supplements
from callup.app.voiding import publish_void

Step = tuple[str, Callable[[], object]]


def between(course: Course, logs: CallUpLogs, step: str) -> Iterator[Step]:
    """What comes before a step: the casts of supplementary rolls before a wave is sized; in a replay all that was recorded there."""
    if course.dossier.finished(step):
        return
    for line in _recorded(course):
        yield line["stage"], partial(_again, course, logs, line)
    if step.startswith("size-") and course.source is None:
        for one in supplements(course.dossier):
            if _may_cast(course, one):
                yield f"cast-s{one.number}", partial(cast_supplement, course, logs, one)


def _recorded(course: Course) -> list[dict[str, Any]]:
    """In a replay: what the first run did outside the line's own steps before the first step that is still to be made again."""
    found: list[dict[str, Any]] = []
    for line in course.source.lines() if course.source is not None else ():
        name = str(line.get("stage", ""))
        if not name or course.dossier.finished(name):
            continue
        if not name.startswith(("supplement-", "commit-s", "cast-s", "void", "decisions-")):
            break
        found.append(line)
    return found


def _again(course: Course, logs: CallUpLogs, line: dict[str, Any]) -> None:
    name = str(line["stage"])
    if name.startswith("void"):
        publish_void(course, logs, line)
    elif name.startswith("decisions-"):
        _print_again(course, logs, name)
    elif name.startswith("supplement-"):
        take_in(course, None, supplement_of(line))
    else:
        step, _, number = name.partition("-s")
        one = next(one for one in supplements(course.dossier) if one.number == int(number))
        (commit_supplement if step == "commit" else cast_supplement)(course, logs, one)


def _print_again(course: Course, logs: CallUpLogs, name: str) -> None:
    """Print the decisions that were known when they were printed first; the facts come in as far as then."""
    before, day = course.facts.last_seq(), course.decree.key_date
    course.supply.until(course, name, day, day)
    publish_halts(course, logs, before)
    print_decisions(course)


def _may_cast(course: Course, supplement: Supplement) -> bool:
    """Whether its plan stands, is not cast and not dead, and its round has come."""
    number, dossier = supplement.number, course.dossier
    if dossier.finished(f"cast-s{number}") or not dossier.finished(f"commit-s{number}") or dossier.finished(f"void-s{number}"):
        return False
    return course.decree.beacon == "rehearsal" or round_at(supplement.round).date() <= course.clock.day(f"cast-s{number}")
