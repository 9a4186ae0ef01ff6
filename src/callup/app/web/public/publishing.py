"""Puts the page ``v`` beside the logs when they are opened."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from callup.app import durable
from callup.app.course import Course
from callup.app.promises import known_releases
from callup.app.web.public.page import ENGLISH, CheckPage


def publish_page(course: Course, policy: Path) -> None:
    """Write ``v`` beside the policy, once, and say its digest, which belongs into the gazette: the page is pinned to the call-up.

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
    content = page.html()
    durable.write_bytes(place, content)
    course.voice.say(
        f"check page open/log/v: SHA-256 {sha256(content).hexdigest()} (for the gazette, beside the policy and the plan's hash)"
    )
