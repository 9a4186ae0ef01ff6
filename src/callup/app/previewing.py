"""The letter of one case as it is printed, for an official who has opened the case; only the way in is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app.course import Course
from callup.app.engines.typst import one_letter
from callup.app.logs import CallUpLogs
from callup.app.printing import letters_of, stamp_of, texts_of, unit_of
from callup.app.stages.noticing import notices_of

HIDDEN = "*" * 12
"""Stands where the sign-in code is: whoever reads it can sign in as the person, so no official sees it."""


def preview_letter(course: Course, held: Mapping[str, Any]) -> tuple[pa.Table, bytes]:
    """The letter that goes, or went, to a person, in their language.

    Args:
        course: the run; the wave of the case is entered.
        held: what the portal holds of the case: notice, address and place.

    Returns:
        One row of LETTERS, with the sign-in code hidden, and its PDF: front and back.

    Raises:
        BadInput: ``letters-need-a-person``: the address cannot be printed whole.
    """
    notice, wave = held["notice"], int(held["notice"]["wave"])
    logs, notices = CallUpLogs(course), notices_of(course, wave)
    at = int(pc.index(notices.column("notice_id"), notice["notice_id"]).as_py())
    act = pa.array([logs.first_act(f"enter-{wave}") + at], pa.int64())
    row = letters_of(
        course,
        notices.slice(at, 1).append_column("act", act),
        pa.Table.from_pylist([dict(held["address"])]),
        {notice["place_id"]: held["place"]},
    )
    row = row.set_column(row.column_names.index("sign_in"), "sign_in", pa.array([HIDDEN], pa.string()))
    texts, stamp = texts_of(course, unit_of(notice["stratum"]))[notice["language"]], stamp_of(course, logs.size_after(f"enter-{wave}"))
    return row, one_letter(row, texts, stamp)
