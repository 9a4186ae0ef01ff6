"""What the public report is made of: counts and names, no person. The pipeline fills it, ``write_report`` prints it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from callup.terms.decree import Decree


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportModel:
    """All numbers before suppression; small cells are merged by ``write_report``. Tables need no order and may be empty."""

    decree: Decree
    """The decree: title, scale note, window, undertakings, ``rehearsal``, ``order_method``, ``merge_below``."""
    digests: Mapping[str, str]
    """The six inputs, name to 64 hex digits: decree, law, register, places, facts, seed (or the names the dossier uses)."""
    register: pa.Table
    """``finding``, ``persons``: everyone in the register by the law's finding (LIABLE, NOT_LIABLE, UNDETERMINED)."""
    roll: pa.Table
    """``unit``, ``persons``: who stands in the roll of each unit."""
    quotas: pa.Table
    """``unit``, ``base``, ``quota``: QUOTAS."""
    account: pa.Table
    """``unit``, ``outcome``, ``persons``: what ``cases.account`` gives, ``not called`` included; closes for each unit."""
    funnel: pa.Table
    """``step``, ``persons``: cases that reached called, served, answered, appeared, fit, enlisted at any time."""
    states_by_day: pa.Table
    """``day`` (date), ``state``, ``cases``: states of the cases on some days, weekly and on the last day."""
    service: pa.Table
    """``channel``, ``finding``, ``cases``: service (confirmed, presumed, contested, failed, unreachable, none) by channel ("" none)."""
    due: pa.Table
    """``unit``, ``step``, ``cases``: what has fallen due, as ``cases.due_counts`` gives; on the last day before closing."""
    followup: pa.Table
    """``diagnosis``, ``next_step``, ``cases``: the unanswered, on the last day before closing."""
    claims: pa.Table
    """``kind``, ``outcome``, ``cases``: claims filed, by outcome (granted, refused, withdrawn, open)."""
    clocks: pa.Table
    """``what``, ``decided``, ``median_days``, ``nine_in_ten_days``, ``law_days`` (0 none): from coming in to the decision."""
    equality: pa.Table
    """``by`` (age at the key date, language), ``group``, ``in_roll``, ``called``: who was called, by group."""
    waves: pa.Table
    """``wave``, ``day`` (date), ``notices``: how many notices each wave entered."""
    acts: Mapping[str, int]
    """Entries of the acts log by kind: call, service, submission, decision, return, erratum; exact."""
    panel: pa.Table
    """``age``, ``law_2023``, ``law_2024``: men in the register liable on 31 December 2023 and on 1 January 2024, by age then."""
    undetermined: pa.Table
    """``reason``, ``persons``: why the law could not be applied: the missing fields in words."""
    months: pa.Table
    """``unit``, ``month`` (1-12, null unknown), ``register``, ``roll``, ``called``: for zeros that alarm only; never printed as cells."""
    unverified: tuple[str, ...]
    """Citations of the law not checked against the official text."""
    unit_names: Mapping[str, tuple[str, str]]
    """Unit to (name, district)."""
    law: str
    """Title and version of the law, one line."""
    words_in: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By each official language, what units, facts and citations that are carried in English are called in it."""
    listing: pa.Table | None = None
    """``reason``, ``persons``: under an order by list, the liable without a place in it, and those in it who are not liable."""
    harsher: int = 0
    """Cases that the law deems served earlier than callup acted, or although callup never did (safeguard G16)."""
    doors: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Uses of each door out by body, a door never used with the body ``""`` (safeguard G12)."""
    undertakings: Sequence[Mapping[str, Any]] = ()
    """The sheet of each undertaking, as `callup.app.undertakings.sheet` gives it (safeguard G21)."""
    pressure: int = 0
    """Reports that somebody was pressed to sign a contract or to give up a right."""
    log_sizes: Mapping[str, int] | None = None
    """Entries of the public and of the acts log when the report was written."""
    signed: Mapping[str, object] = field(default_factory=dict)
    """``lines`` of ``signatures.csv`` when the report was written, its head among them, and their ``sha256``."""
