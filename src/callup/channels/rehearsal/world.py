"""The world of a rehearsal: post office, portal and people, as facts that will happen and become known, some of them late.

Each case is a function of (seed, case). What depends on an official's act (who comes, appeals, withdraws) is in
`callup.channels.rehearsal.officials`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from callup.channels.receipts import FACT_FIELDS, facts_table
from callup.channels.rehearsal.chance import Draws, below, between, digest, draws

NEVER = np.int64(10**6)
_Days = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]
CLASSES = ("silent", "not-for-me", "contested", "deferral", "exemption", "alternative-service", "other-date", "comes")


def classes(seed: int, cases: list[str], rates: Mapping[str, Fraction]) -> npt.NDArray[np.int64]:
    """What each person does once the letter has reached them: an index into CLASSES."""
    keys = ("no-answer", "not-for-me", "contested", "claim-deferral", "claim-exemption", "claim-alternative-service", "other-date")
    bounds, upto = [], Fraction(0)
    for key in keys:
        upto += rates[key]
        bounds.append(int(upto * 2**32))
    return np.searchsorted(np.array(bounds), draws(seed, "person", cases)[:, 0].astype(np.int64), side="right").astype(np.int64)


def world(seed: int, notices: pa.Table, rates: Mapping[str, Fraction]) -> pa.Table:
    """All facts that post, portal and people will make by themselves, with the day they happen and the day they are known.

    Args:
        seed: the rehearsal's seed.
        notices: ``notice_id``, ``case_id``, ``channels`` (space-separated), ``appear_on``, ``handed_on``. Where no day of appearance is
            named, whoever would have come answers, and whoever would have asked for something says it in the answer.
        rates: see ``rates.csv``.

    Returns:
        FACTS without ``fact_id`` and ``seq``, in order of ``known_on`` and case.
    """
    cases: list[str] = notices.column("case_id").to_pylist()
    if not cases:
        return FACT_FIELDS.empty_table()
    post, people = draws(seed, "post", cases), draws(seed, "person", cases)
    ways = [set((text or "").split()) for text in notices.column("channels").to_pylist()]
    by_mail, by_portal = np.array(["mail" in way for way in ways]), np.array(["portal" in way for way in ways])
    handed = notices.column("handed_on").cast(pa.int32()).to_numpy().astype(np.int64)
    appear = pc.fill_null(notices.column("appear_on").cast(pa.int32()), NEVER - 1).to_numpy().astype(np.int64)
    make = partial(_facts, seed, notices)
    returned = by_mail & below(post[:, 0], rates["mail-returned"])
    lost = by_mail & ~returned & below(post[:, 0], rates["mail-returned"] + rates["mail-no-receipt"])
    delivered_on = np.where(by_mail & ~returned & ~lost, handed + between(post[:, 1], rates, "delivered"), NEVER)
    opened_on = np.where(by_portal & ~below(post[:, 2], rates["portal-unopened"]), handed + between(post[:, 3], rates, "opened"), NEVER)
    back_on = handed + between(post[:, 4], rates, "returned")
    parts = [
        make("delivered", delivered_on < NEVER, delivered_on, between(post[:, 5], rates, "receipt-known"), channel="mail", actor="carrier"),
        make("opened", opened_on < NEVER, opened_on, np.zeros(len(cases), np.int64), channel="portal", actor="portal"),
        *_returns(make, returned, back_on, post, rates),
    ]
    reached_on = np.minimum(delivered_on, opened_on)
    parts += _people(make, classes(seed, cases, rates), reached_on, appear, people, rates)
    everything = pa.concat_tables(parts)
    return everything.sort_by([("known_on", "ascending"), ("case_id", "ascending"), ("happened_on", "ascending"), ("kind", "ascending")])


def _returns(make: partial[pa.Table], returned: _Flags, back_on: _Days, post: Draws, rates: Mapping[str, Fraction]) -> list[pa.Table]:
    """Letters that come back, known days or weeks later."""
    why = (post[:, 6] >> 2 | post[:, 6] << 30).astype(
        np.uint32
    )  # turned by two bits: so the seeds of earlier versions give the same letters
    moved = below(why, rates["returned-moved"])
    unknown = ~moved & below(why, rates["returned-moved"] + rates["returned-unknown"])
    late = between(post[:, 7], rates, "return-known")
    reasons = {"moved": moved, "unknown": unknown, "unclaimed": ~moved & ~unknown}
    return [
        make("returned", returned & which, back_on, late, channel="mail", actor="carrier", outcome=word) for word, which in reasons.items()
    ]


def _people(
    make: partial[pa.Table], kinds: npt.NDArray[np.int64], reached_on: _Days, appear: _Days, people: Draws, rates: Mapping[str, Fraction]
) -> list[pa.Table]:
    """What people do by themselves once a letter has reached them in time."""
    acts_on = reached_on + between(people[:, 1], rates, "acts")
    able = (reached_on < NEVER) & (acts_on <= appear)
    keyed = between(people[:, 2], rates, "keyed")  # paper is keyed later: valid time is the day of receipt
    is_a = {name: able & (kinds == number) for number, name in enumerate(CLASSES)}
    dayless = appear == NEVER - 1
    claims = ("deferral", "exemption", "alternative-service")
    says = np.any([is_a[name] for name in ("comes", "other-date", *claims)], axis=0)
    answers = np.where(dayless, says, is_a["comes"] & below(people[:, 3], rates["confirms-before"]))
    moved = appear + between(people[:, 4], rates, "moved") * 7
    return [
        make("responded", answers, acts_on, keyed, channel="mail", actor="person"),
        make("not_for_me", is_a["not-for-me"], acts_on, keyed, actor="person"),
        make("service_contested", is_a["contested"], acts_on, keyed, actor="person"),
        make("appointment_moved", is_a["other-date"] & ~dayless, acts_on, keyed, actor="person", appear_on=moved),
        *(make("claimed", is_a[name] & ~dayless, acts_on, keyed, actor="person", ground=name) for name in claims),
    ]


def _facts(
    seed: int,
    notices: pa.Table,
    kind: str,
    which: _Flags,
    happened: _Days,
    late: _Days,
    appear_on: _Days | None = None,
    **fixed: str,
) -> pa.Table:
    """The facts of one kind for the cases of a mask."""
    rows = np.flatnonzero(which)
    chosen = notices.select(["case_id", "notice_id"]).take(rows)
    cases = chosen.column("case_id").to_pylist()
    columns: dict[str, object] = {
        "case_id": chosen.column("case_id"),
        "notice_id": chosen.column("notice_id"),
        "happened_on": pa.array(happened[rows].astype(np.int32), pa.int32()).cast(pa.date32()),
        "known_on": pa.array((happened + late)[rows].astype(np.int32), pa.int32()).cast(pa.date32()),
        "evidence": [digest(seed, kind, case) for case in cases],
    }
    if appear_on is not None:
        columns["appear_on"] = pa.array(appear_on[rows].astype(np.int32), pa.int32()).cast(pa.date32())
    return facts_table(columns, {"kind": kind, **fixed}, len(rows))
