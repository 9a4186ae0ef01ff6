"""The letter of a decision as a document, from the words that `callup.notice.decisions` puts together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from callup.app.course import Course
from callup.app.engines.typst import compiled
from callup.app.web.words import words_of
from callup.notice.decisions import Basis, Decided, decision_words


def decision_letter(course: Course, held: Mapping[str, Any], decided: Decided) -> bytes:
    """The letter as a tagged PDF (PDF/UA-1).

    Args:
        course: the run.
        held: what the portal holds of the case: notice and address.
        decided: the decision.

    Raises:
        Unavailable: Typst failed.
    """
    source = files("callup.app.exports").joinpath("decision.typ").read_bytes()
    told = decision_words(basis_of(course, held, decided), held, decided)
    return compiled(source, {"told": json.dumps(told, ensure_ascii=False)}, decided.on)


def basis_of(course: Course, held: Mapping[str, Any], decided: Decided) -> Basis:
    """What the words of a decision rest on, as of its day."""
    found = course.jurisdiction
    words = {language: words_of(language) for language in (held["notice"]["language"], *course.decree.languages)}
    return Basis(course.decree, found.law, found.procedure.at(decided.on), found.forms, found.code, found.version, words)
