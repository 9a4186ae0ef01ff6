"""The conductor: the order of the line, and nothing else.

decree -> snapshot -> assess -> freeze -> apportion -> commit -> cast -> (size -> compose -> enter -> render -> dispatch)
a wave -> close -> report. A finished stage is never run again; nothing flows back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from callup.app.course import Course, Make, run_stage
from callup.app.logs import CallUpLogs
from callup.app.stages import awaiting, closing, deciding, dispatching, noticing, rolling
from callup.app.stages.errata import between
from callup.app.voiding import refuse_void

Step = tuple[str, Callable[[], object]]


def line(course: Course, logs: CallUpLogs) -> Iterator[Step]:
    """The steps of the whole line, in order, each with its name; what supplementary rolls add stands between them."""
    for name, call in _steps(course, logs):
        yield from between(course, logs, name)
        if not course.dossier.finished(name):
            refuse_void(course)
        yield name, call
    yield from between(course, logs, "the end")


def _steps(course: Course, logs: CallUpLogs) -> Iterator[Step]:
    stage = partial(run_stage, course)
    opened, sealed = course.dossier.open, course.dossier.sealed

    def with_logs(make: Make) -> Make:
        return lambda run, *parts: make(run, logs, *parts)

    yield "publish", lambda: stage("publish", "publishing decree and law", [opened / "00-decree"], deciding.publish_inputs)
    yield "snapshot", lambda: stage("snapshot", "freezing the register", [sealed / "10-snapshot"], deciding.take_snapshot)
    yield "assess", lambda: stage("assess", "deciding by law", [sealed / "20-findings"], deciding.assess_register)
    yield "sign-freeze", lambda: rolling.sign_freeze(course)
    yield "freeze", lambda: stage("freeze", "freezing the roll", [sealed / "30-roll", opened / "30-roll"], rolling.freeze)
    yield "apportion", lambda: stage("apportion", "sharing out the number", [opened / "35-quotas"], rolling.apportion_quotas)
    yield "commit", lambda: stage("commit", "committing roll and plan", [opened / "40-seed"], with_logs(rolling.commit))
    yield "cast", lambda: stage("cast", "casting the draw", [opened / "45-draw"], with_logs(rolling.cast))
    if course.decree.order_method == "list-with-objections":
        yield "objections", lambda: awaiting.await_objections(course)
    last = course.clock.day("cast")
    for wave in range(1, course.decree.waves + 1):
        day = course.clock.day(f"wave-{wave}")
        yield f"facts-{wave}", partial(dispatching.await_facts, course, logs, f"facts-{wave}", last, day - timedelta(days=1))
        yield from _wave(course, logs, wave)
        last = day
    yield "facts-close", partial(dispatching.await_facts, course, logs, "facts-close", last, course.decree.closes_on)
    yield "close", lambda: stage("close", "closing every case", [sealed / "80-outcomes"], closing.close)
    yield "report", lambda: stage("report", "writing the public report", [opened / "90-report"], with_logs(closing.report))


def _wave(course: Course, logs: CallUpLogs, wave: int) -> Iterator[Step]:
    stage = partial(run_stage, course)
    sealed = course.dossier.sealed
    notices, addresses = sealed / "50-notices" / f"wave-{wave}", sealed / "10-snapshot" / "addresses" / f"wave-{wave}"
    printed = sealed / "50-notices" / f"wave-{wave}-print"

    def of_wave(make: Make) -> Make:
        return lambda run, *parts: make(run, wave, *parts)

    def in_log(make: Make) -> Make:
        return lambda run, *parts: make(run, logs, wave, *parts)

    yield f"size-{wave}", lambda: noticing.size_wave(course, wave)
    yield (
        f"compose-{wave}",
        lambda: stage(f"compose-{wave}", f"composing wave {wave}", [notices, addresses], of_wave(noticing.compose_wave)),
    )
    yield f"enter-{wave}", lambda: stage(f"enter-{wave}", f"entering wave {wave} in the log", [], in_log(dispatching.enter))
    yield f"render-{wave}", lambda: stage(f"render-{wave}", f"printing and reading back wave {wave}", [printed], in_log(dispatching.render))
    yield f"dispatch-{wave}", lambda: stage(f"dispatch-{wave}", f"handing over wave {wave}", [], in_log(dispatching.dispatch))


def run_line(course: Course, to: str = "") -> str:
    """Run what is not finished, up to and with the stage ``to`` (empty: all).

    Returns:
        The last step reached.
    """
    reached = ""
    with course.dossier.alone():
        for name, call in line(course, CallUpLogs(course)):
            call()
            reached = name
            if name == to:
                break
    return reached
