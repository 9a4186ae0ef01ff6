"""The public document of a halt (safeguard G14): a function of the recorded fact, so that a replay publishes it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from callup.app.course import Course
from callup.app.logs import CallUpLogs


def halt_document(fact: Mapping[str, Any]) -> bytes:
    """What everyone is told: which wave or unit, on which day, by whom, and why."""
    by = str(fact["actor"]).partition(": ")[2]
    lines = (
        f"scope: {fact['ground']}",
        f"on: {fact['happened_on']}",
        f"by: {by}",
        f"second: {fact['second']}",
        f"reason: {fact['reason']}",
    )
    return "\n".join(("callup/halt/1", *lines, "")).encode()


def publish_halts(course: Course, logs: CallUpLogs, after: int) -> None:
    """Publish every halt recorded after fact number ``after``; one that is published already stays as it is."""
    for fact in course.facts.since(after).filter(pc.field("kind") == "halted").to_pylist():
        logs.publish(f"halt {fact['fact_id']}", [("halt", halt_document(fact))], fact["known_on"])
