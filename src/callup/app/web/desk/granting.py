"""Roles are granted and ended by two of the people whom the decree names, until a day; a rehearsal's stand-ins are granted at its start."""

from __future__ import annotations

import hashlib
from datetime import date

from callup.app.stages.calling import read_quotas
from callup.app.web.desk.acting import Refused
from callup.app.web.desk.roles import EVERYWHERE, GRANTED, Officer, grants_on
from callup.app.web.desk.store import DeskStore, Proposal
from callup.app.web.site import Site
from callup.terms.errors import BadInput

KINDS = ("role_granted", "role_ended")


def propose_grant(site: Site, store: DeskStore, who: Officer, asked: tuple[str, str, str], until: date, reason: str) -> int:
    """Propose a role: name, role and unit (``*`` for all), until a day of the call-up.

    Raises:
        Refused: not a registrar.
        BadInput: no such role or unit, a day that is over or after the call-up, or no reason.
    """
    name, role, unit = (part.strip() for part in asked)
    units = {str(row["unit"]) for row in read_quotas(site.course)} | {EVERYWHERE}
    if not who.may("grant"):
        raise Refused("not-your-desk", {"act": "grant"}, "registrars grant roles")
    if not name or role not in GRANTED or unit not in units or not site.today() <= until <= site.course.decree.closes_on or not reason:
        raise BadInput("grant-unusable", {"role": role, "unit": unit, "until": until}, "a name, a role, a unit, a day, and why")
    return store.propose((_key(name, role, unit), unit, KINDS[0], name, role, reason, until.isoformat(), who.name, site.now()))


def propose_end(site: Site, store: DeskStore, who: Officer, number: str, reason: str) -> int:
    """Propose that a grant ends today."""
    found = [one for one in grants_on(site.facts.rows_of_nobody(), site.today()) if one.number == number]
    if not who.may("grant") or not found:
        raise Refused("not-your-desk", {"act": "grant"}, "registrars end roles that hold")
    if not reason.strip():
        raise BadInput("reason-missing", {}, "say why")
    return store.propose((_key(number, "", ""), found[0].unit, KINDS[1], number, "", reason.strip(), None, who.name, site.now()))


async def confirm_grant(site: Site, store: DeskStore, who: Officer, number: int) -> None:
    """Confirm what another registrar proposed; from now on it holds.

    Raises:
        Refused: not a registrar, or one's own proposal.
        BadInput: it does not wait any more.
    """
    one = store.proposal(number)
    if not who.may("grant"):
        raise Refused("not-your-desk", {"act": "grant"}, "registrars grant roles")
    if one is None or one.kind not in KINDS or one.state != "open":
        raise BadInput("not-waiting", {"proposal": number}, "somebody else has confirmed it")
    if one.first == who.name:
        raise Refused("second-is-first", {"name": who.name}, "another registrar confirms")
    store.move(number, "open", "accepted", who.name, site.now())
    await record_grant(site, store, number)


async def record_grant(site: Site, store: DeskStore, number: int) -> None:
    """Record a confirmed grant; after a stop between two lines this is done again and records it once."""
    one = store.proposal(number)
    assert one is not None, "it was confirmed"
    await site.send("", _fact(one), f"{one.kind}\n{one.ref}\n{one.outcome} {one.unit}\n{one.until}\n{one.reason}\n", f"grant {one.id}")
    if one.kind == KINDS[1]:
        _forget_keys(site, store, str(one.ref))
    store.move(number, "accepted", "recorded", one.second, one.second_at or 0)


def _forget_keys(site: Site, store: DeskStore, grant: str) -> None:
    """Whose last role two registrars have ended comes back without a passkey, if they come back; a registrar of the decree keeps theirs."""
    facts = site.facts.rows_of_nobody()
    names = {row["ref"] for row in facts if row["fact_id"] == grant} - {one.name for one in site.course.decree.signatories}
    for name in names - {one.name for one in grants_on(facts, site.today())}:
        store.forget_passkeys(name)


async def settle_grants(site: Site, store: DeskStore) -> None:
    """Record what was confirmed before a stop and not recorded."""
    for one in store.proposals(f"state = 'accepted' AND kind IN ({', '.join('?' * len(KINDS))})", KINDS):
        await record_grant(site, store, one.id)


def _key(*parts: str) -> str:
    return "role " + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _fact(one: Proposal) -> dict[str, str | None]:
    fact = {
        "case_id": None,
        "kind": one.kind,
        "actor": f"official: {one.first}",
        "second": one.second,
        "ref": one.ref,
        "reason": one.reason,
    }
    return fact | ({"ground": f"{one.outcome} {one.unit}", "until": one.until} if one.kind == KINDS[0] else {})


STAND_INS = {"intake": 2, "deciding": 2, "board": 2, "operator": 1, "auditor": 1, "ombudsman": 1}
"""How many made-up officials a rehearsal has for each role."""


def stand_in_names() -> dict[str, str]:
    """The made-up officials of a rehearsal: name and role."""
    return {f"Stand-in {role} {number}": role for role, count in STAND_INS.items() for number in range(1, count + 1)}


async def grant_stand_ins(site: Site) -> None:
    """In a rehearsal, and only there, its stand-ins grant roles to made-up officials, once."""
    decree, day = site.course.decree, site.today().isoformat()
    if not decree.rehearsal or grants_on(site.facts.rows_of_nobody(), site.today()):
        return
    first, second = (one.name for one in decree.signatories[:2])
    for name, role in stand_in_names().items():
        fact = {"case_id": None, "kind": KINDS[0], "actor": f"official: {first}", "second": second, "ref": name}
        fact |= {"ground": f"{role} {EVERYWHERE}", "until": decree.closes_on.isoformat(), "reason": "a rehearsal"}
        await site.send("", fact, f"rehearsal\n{name}\n{role}\n", f"stand-in {name} {day}")
