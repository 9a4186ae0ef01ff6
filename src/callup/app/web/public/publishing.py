"""Puts the page ``v`` beside the logs when they are opened."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from callup import __version__
from callup.app import durable
from callup.app.course import Course
from callup.app.promises import promises_digest
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
    releases = {promises_digest(): __version__}
    page = CheckPage(decree.id, decree.log_origin, policy.read_text(encoding="utf-8"), decree.rehearsal, languages, releases)
    content = page.html()
    durable.write_bytes(place, content)
    course.voice.say(
        f"check page open/log/v: SHA-256 {sha256(content).hexdigest()} (for the gazette, beside the policy and the plan's hash)"
    )
