"""Wiring: which engine, store, clock, randomness and supply of facts a course gets."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

from callup.app.beacon import round_at
from callup.app.clock import Clock, RehearsalClock, WallClock
from callup.app.course import Course, FactSupply, nobody_listens
from callup.app.dossier import Dossier
from callup.app.engines.duckdb import DuckDBEngine
from callup.app.engines.opening import DUCKDB, open_engine
from callup.app.keys import KeyRing
from callup.app.known import jurisdiction
from callup.app.lead import check_lead
from callup.app.randomness import Randomness, RehearsalRandomness, StoredRandomness, SystemRandomness
from callup.app.stages.listing import sealed_order_name
from callup.app.stores.facts import FactStore
from callup.app.voice import Voice
from callup.app.witnesses import (
    STAND_INS,
    NoWitnesses,
    RemoteWitnesses,
    StandIns,
    StoredCosignatures,
    Witnesses,
    stand_in_witnesses,
)
from callup.app.world import run_world
from callup.terms.decree import ASKS, Decree
from callup.terms.errors import BadInput, NotLawful

SPILL = ".engine"
STORE = "store"


class World:
    """A rehearsal's post office, portal and people."""

    cuts: Sequence[int] = ()

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def until(self, course: Course, stage: str, first: date, last: date, recorded: Callable[[], None] = nobody_listens) -> bool:
        run_world(course, first, last, self.seed, recorded)
        return True


class People:
    """A real call-up: facts come from desks and carriers; the run waits for the day."""

    cuts: Sequence[int] = ()

    def until(self, course: Course, stage: str, first: date, last: date, recorded: Callable[[], None] = nobody_listens) -> bool:
        return course.clock.day(stage) > last


class Recorded:
    """Replay: the facts of the dossier, as far as the stage had known them."""

    def __init__(self, original: Dossier, facts: FactStore) -> None:
        self.original = original
        self.facts = facts
        batches = (original.sealed / "60-facts" / "acts").glob("*.parquet")
        self.cuts: Sequence[int] = sorted(int(path.stem.partition("-")[2]) for path in batches)

    def until(self, course: Course, stage: str, first: date, last: date, recorded: Callable[[], None] = nobody_listens) -> bool:
        line = self.original.finished(stage)
        if line is None:
            return False
        have = course.facts.last_seq()
        if line["facts"] > have:
            course.facts.record(self.facts.cut_segment(have, line["facts"]))
        return True


def _clock(decree: Decree) -> Clock:
    return RehearsalClock(decree, _objection_days(decree)) if decree.rehearsal else WallClock(jurisdiction(decree.jurisdiction).calendar)


def _objection_days(decree: Decree) -> int:
    """How long a published list may be objected to; 0 for another order.

    Raises:
        NotLawful: an order with objections where the law gives no time for them.
    """
    if decree.order_method != "list-with-objections":
        return 0
    term = jurisdiction(decree.jurisdiction).procedure.at(decree.key_date).clock("objection")
    if term is None or not term.days:
        raise NotLawful("objections-without-time", {"order": decree.order_method}, "the law of this country names no such time")
    return int(term.days)


def facts_of(dossier: Dossier) -> FactStore:
    """The facts of a dossier: in its own file, or in the PostgreSQL that `callup store` has brought them into."""
    address = store_named(dossier)
    if not address:
        return own_facts(dossier)
    from callup.app.stores.postgres import PostgresDatabase, schema_named  # slow to load: only who has one pays for it

    return FactStore.on(PostgresDatabase(address, schema_named(dossier.decree().id)), _facts_file(dossier))


def own_facts(dossier: Dossier) -> FactStore:
    """The facts in the dossier's own file: all of them, or those that were brought back so far."""
    return FactStore(_facts_file(dossier), dossier.ring().keys["facts"])


def _facts_file(dossier: Dossier) -> Path:
    return dossier.sealed / "60-facts" / "facts.db"


def store_named(dossier: Dossier) -> str:
    """The address of the PostgreSQL that holds the facts, without a password; empty where the dossier's own file does."""
    path = dossier.sealed / "60-facts" / STORE
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def bring_back(course: Course) -> None:
    """Bring facts that a PostgreSQL has recorded into the dossier's own file, each under its number; replay and audit read them there."""
    if store_named(course.dossier):
        with closing(own_facts(course.dossier)) as own, course.dossier.alone():
            own.take_over(course.facts)


def check_lawful(decree: Decree) -> None:
    """What decree and law must agree on before anything is decided.

    Raises:
        BadInput: a beacon that it does not know, or notices for which the folder has no forms.
        NotLawful: a service longer than the law's greatest length, an order or a beacon for rehearsals only, a draw without witnesses,
            independent advice that nobody could find, days of appearance too soon or too far off, or an answer for which it gives no time.
    """
    _check_beacon(decree)
    _check_witnesses(decree)
    _check_forms(decree)
    _objection_days(decree)
    procedure = jurisdiction(decree.jurisdiction).procedure.at(decree.key_date)
    for term in procedure.terms:
        if decree.service_months > term.months:
            words = {"months": decree.service_months, "law": str(term.citation), "greatest": term.months}
            raise NotLawful("service-too-long", words, "a decree cannot ask for more than the law allows")
    allowed = {order.method for order in procedure.orders}
    if decree.order_method not in allowed and not decree.rehearsal:
        raise NotLawful(
            "order-not-lawful", {"order": decree.order_method, "law": ", ".join(sorted(allowed))}, "use the order that the law fixes"
        )
    check_lead(decree)
    _check_advice(decree)


def _check_beacon(decree: Decree) -> None:
    """A rehearsal's beacon is known to all from the start: no real draw may rest on it."""
    if decree.listed:
        return
    if decree.beacon not in ("drand", "rehearsal"):
        raise BadInput("beacon-unknown", {"beacon": decree.beacon}, "use drand (its quicknet), or rehearsal in a rehearsal")
    if decree.beacon == "rehearsal" and not decree.rehearsal:
        raise NotLawful("beacon-not-lawful", {"beacon": decree.beacon}, "everybody knows a rehearsal's beacon beforehand: use drand")
    if decree.beacon == "drand":
        round_at(decree.beacon_round)


def _check_forms(decree: Decree) -> None:
    """A summons cannot be sent where a form is meant, nor a form where a day is: the letter of the folder says what it asks for."""
    found = jurisdiction(decree.jurisdiction)
    for language in decree.languages:
        asks = tomllib.loads(found.forms.get(language, {}).get("letter.toml", "")).get("asks", ASKS[0])
        if asks != decree.asks:
            where = {"notices.asks": decree.asks, "letter asks for": asks, "file": f"{found.code}/forms/{language}/letter.toml"}
            hint = "this folder has no letter for that: set notices.asks to what its letter asks for, or name another folder"
            raise BadInput("form-asks-otherwise", where, hint)


def _check_witnesses(decree: Decree) -> None:
    """A drawn order counts only if others saw the plan before the round: without witnesses nobody could tell."""
    if not decree.listed and not decree.rehearsal and not decree.witnesses:
        raise NotLawful(
            "witnesses-missing", {"witnesses": 0}, "name them in the decree: [witnesses] quorum, and [[witness]] name, vkey, url"
        )


def _check_advice(decree: Decree) -> None:
    """A real letter says where independent advice is to be found, in each of its languages (safeguard G17)."""
    if decree.rehearsal:
        return
    found = jurisdiction(decree.jurisdiction)
    for language in decree.languages:
        blocks = tomllib.loads(found.forms.get(language, {}).get("procedure.toml", "")).get("advice", {})
        for one in found.procedure.at(decree.key_date).advice:
            if not blocks.get(one.key, {}).get("address"):
                where = {"advice": one.key, "file": f"{found.code}/forms/{language}/procedure.toml"}
                raise NotLawful("advice-without-address", where, "give a sourced address: until then only a rehearsal may use this law")


def course_of(
    dossier: Dossier,
    voice: Voice,
    register: Path | None = None,
    seed: int = 0,
    beacon: str = "",
    *,
    engine: str = DUCKDB,
    spill: str = SPILL,
) -> Course:
    """The course of a dossier: keys are made at the first call and kept.

    Args:
        dossier: where.
        voice: says what goes on.
        register: Parquet register, needed until the last wave is composed.
        seed: a rehearsal's seed.
        beacon: a file with the round as drand serves it, or the address of a relay; needed for the cast.
        engine: of the stages over the whole register: duckdb, local-spark, or spark://HOST:PORT.
        spill: the folder in the dossier for what the engine spills; of processes that run beside each other each has its own.
    """
    decree = dossier.decree()
    check_lawful(decree)
    randomness: Randomness = RehearsalRandomness(seed) if decree.rehearsal else SystemRandomness()
    ring_path = dossier.sealed / "keys" / "ring.json"
    if not ring_path.exists():
        stand_ins = STAND_INS if decree.rehearsal and not decree.witnesses else ()
        KeyRing.make(randomness, decree.secret_holders, stand_ins).wrap(ring_path, dossier.key)
    supply: FactSupply = World(seed) if decree.rehearsal else People()
    course = _course(dossier, voice, randomness, supply, register=register, engine=engine, spill=spill)
    course.beacon = beacon
    course.witnesses = _witnesses(decree, course.ring)
    return course


def _witnesses(decree: Decree, ring: KeyRing) -> Witnesses:
    if decree.witnesses:
        return RemoteWitnesses({one.name: one.url for one in decree.witnesses})
    stand_ins = stand_in_witnesses(decree, ring)
    return StandIns(stand_ins) if stand_ins else NoWitnesses()


def _course(
    dossier: Dossier,
    voice: Voice,
    randomness: Randomness,
    supply: FactSupply,
    *,
    register: Path | None = None,
    source: Dossier | None = None,
    engine: str = DUCKDB,
    spill: str = SPILL,
) -> Course:
    decree = dossier.decree()
    private = dossier.root / spill
    embedded = DuckDBEngine(temp_dir=private)
    return Course(
        dossier=dossier,
        decree=decree,
        jurisdiction=jurisdiction(decree.jurisdiction),
        ring=dossier.ring(),
        randomness=randomness,
        clock=_clock(decree),
        engine=embedded,
        register_engine=embedded if engine == DUCKDB else open_engine(engine, private.with_name(".engine-spark")),
        facts=facts_of(dossier),
        supply=supply,
        voice=voice,
        register=register,
        source=source,
    )


def replay_course(original: Dossier, folder: Path, voice: Voice, engine: str = DUCKDB) -> Course:
    """A course beside the dossier that reads all its inputs from it."""
    from callup.app.replay import stored_salts

    ring = original.ring()
    decree = original.decree()
    extra = {decree.places_file: (original.root / decree.places_file).read_bytes()} if decree.appoints else {}
    order = original.root / sealed_order_name(original.decree())
    if order.exists():
        extra[order.name] = order.read_bytes()
    shadow = Dossier.create(folder, original.key, original.decree().source, extra, original.head["law"])
    ring.wrap(shadow.sealed / "keys" / "ring.json", shadow.key)
    course = _course(
        shadow,
        voice,
        StoredRandomness(ring.keys, stored_salts(original)),
        Recorded(original, own_facts(original)),
        source=original,
        engine=engine,
    )
    course.witnesses = StoredCosignatures(lambda name: (original.open / "log" / name).read_bytes())
    return course
