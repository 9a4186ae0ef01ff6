"""Puts the page ``v`` beside the logs when they are opened."""

from __future__ import annotations

from pathlib import Path

from callup.app import durable
from callup.app.course import Course
from callup.app.promises import known_releases
from callup.app.web.public.page import ENGLISH, CheckPage


def publish_page(course: Course, policy: Path) -> None:
    """Write ``v`` beside the policy, once: it is pinned to the call-up, and its digest can be printed.

    Args:
        course: the run.
        policy: the policy file of the logs, which exists.
    """
    place = policy.with_name("v")
    if place.exists():
        return
    decree = course.decree
    languages = tuple(dict.fromkeys((*decree.languages, ENGLISH)))
    page = CheckPage(decree.id, decree.log_origin, policy.read_text(encoding="utf-8"), decree.rehearsal, languages, known_releases())
    durable.write_bytes(place, page.html())
