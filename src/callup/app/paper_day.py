"""A day on paper: the queue of one desk and numbered forms, printed before the power goes; the desk enters the forms afterwards.

Every form has a number of its own, with two characters that tell a slip of the pen: the person takes the lower half with it, and the desk
keeps what is entered under it. No form names anybody before somebody has filled it in.
"""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from typing import Any

from callup.app.course import Course
from callup.app.engines.typst import compiled
from callup.app.standing import desk_queue
from callup.app.web.desk.handing import ENTERED
from callup.app.web.desk.paper_form import form_number
from callup.app.web.desk.queue import STEPS
from callup.app.web.pages import long_date, parsed
from callup.app.web.person.view import CLAIMS
from callup.app.web.words import words_of
from callup.terms.errors import BadInput
from callup.terms.facts import DUES

MOST_FORMS, MOST_ROWS = 400, 1000


def paper_pad(course: Course, unit: str, day: date, *, forms: int, language: str) -> bytes:
    """A pad for one desk and day as PDF: what waits, by case number, and numbered forms with a receipt to be torn off.

    Args:
        course: the run.
        unit: whose desk.
        day: the legal day.
        forms: how many.
        language: of the pad; one of the decree's.

    Raises:
        BadInput: no such unit or language, or too many forms.
    """
    if language not in course.decree.languages or not 1 <= forms <= MOST_FORMS:
        hint = f"1 to {MOST_FORMS} forms, in one of {', '.join(course.decree.languages)}"
        raise BadInput("pad-unusable", {"forms": forms, "language": language}, hint)
    words = words_of(language)
    key, pad = course.ring.keys["mail-piece"], _next_pad(course, day)
    told = {
        "lang": language,
        "authority": course.decree.said(course.decree.authority, language),
        "unit": unit,
        "day": long_date(day, words["lang"]),
        "marks": [words["rehearsal"]] if course.decree.rehearsal else [],
        "rows": [[case, words[f"due {step}"], by] for case, step, by in _waiting(course, unit, day)],
        "numbers": [form_number(key, day, pad, at) for at in range(1, forms + 1)],
        "entries": [words[f"entry {kind}"] for kind in ENTERED],
        "grounds": _grounds(course, language),
        "words": {name: words[name] for name in _WORDS} | {"queue": words["paper_queue"].format(date=long_date(day, language), unit=unit)},
    }
    source = files("callup.app.exports").joinpath("paper_day.typ").read_bytes()
    return compiled(source, {"told": json.dumps(told, ensure_ascii=False)}, day)


_STEPS = {text: step for step, text in DUES.items()}
_WORDS = (
    "paper_queue_words", "paper_form", "paper_form_words", "paper_letter", "paper_name", "paper_receipt", "paper_receipt_words",
    "paper_taken", "desk_cases", "desk_step", "desk_by", "desk_none", "desk_received", "desk_what", "desk_ground", "desk_text",
)  # fmt: skip


def _waiting(course: Course, unit: str, day: date) -> list[tuple[str, str, str]]:
    """What the desk's own queue shows of a unit: case, step, by when; who comes on that day is among them."""
    found = []
    for row in desk_queue(course, unit, day, day, MOST_ROWS):
        step = _STEPS[row["what"]]
        if step in STEPS or (step == "await-appearance" and row["by"] is not None and row["by"] <= day):
            found.append((str(row["case"]), step, str(row["by"] or "")))
    return found


def _grounds(course: Course, language: str) -> list[str]:
    forms: Any = parsed(course.jurisdiction.forms.get(language, {}).get("procedure.toml", "")).get("claims", {})
    return [str(forms[kind]["text"]) for kind in CLAIMS if kind in forms]


def _next_pad(course: Course, day: date) -> int:
    """The number of a new pad of that day: no two pads have the same numbers, whichever desk they are for."""
    with course.dossier.alone():
        number = 1 + sum(1 for line in course.dossier.lines() if str(line.get("intent", "")).startswith(f"paper {day} "))
        course.dossier.intend(f"paper {day} {number}")
    return number
