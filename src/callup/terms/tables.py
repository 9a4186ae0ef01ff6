"""The declared tables of the line, in the order of the line. Null is unknown and never silently "no"."""

from __future__ import annotations

from callup.terms.schema import Column, Schema

COLUMN_KINDS = {
    "id": "the register's own key of a person",
    "birth date": "date of birth",
    "sex": "f, m, x or unknown",
    "citizenship": "ISO 3166-1 alpha-2",
    "unit": "place of registration, ISO 3166-2 or the law's own list",
    "address": "structured postal address; sealed",
    "name": "name as on documents; sealed",
    "language": "languages the person reads, BCP 47, space-separated",
    "portal account": "whether the person has an account on the portal",
    "education level": "highest level completed",
    "residence": "whether the person lives in the country",
    "last fulfilled on": "when this duty was last fulfilled",
    "ground": "a fact that a ground of law rests on, with its date where it has one",
}
"""The closed list of column kinds (safeguard G1): the engine holds it and no law folder can widen it."""

REGISTER_CORE = (
    (Column("person_id", "text", "the register's own key"), "id"),
    (Column("born_on", "date", "date of birth", nullable=True), "birth date"),
    (Column("sex", "text", "f, m or x", nullable=True), "sex"),
    (Column("citizenship", "text", "ISO 3166-1 alpha-2", nullable=True), "citizenship"),
    (Column("unit", "text", "place of registration", nullable=True), "unit"),
    (Column("languages", "text", "BCP 47 codes, space-separated, most wanted first", nullable=True), "language"),
    (Column("portal", "flag", "has an account on the portal", nullable=True), "portal account"),
    (Column("name", "text", "full name as on documents; sealed"), "name"),
    (Column("address_line", "text", "street, house, flat; sealed", nullable=True), "address"),
    (Column("locality", "text", "town or village; sealed", nullable=True), "address"),
    (Column("postal_code", "text", "postal code; sealed", nullable=True), "address"),
    (Column("country", "text", "ISO 3166-1 alpha-2 of the address", nullable=True), "address"),
)
"""Columns of every register, each with its kind; a jurisdiction's law names the rest (grounds, residence, ...)."""

SNAPSHOT_CORE = ("person_id", "born_on", "sex", "citizenship", "unit", "languages", "portal")
"""The core columns that a snapshot keeps, ids re-keyed; names and addresses stay in the register (design D5)."""

FINDINGS = Schema(
    "findings",
    (
        Column("person_id", "text", "re-keyed id"),
        Column("born_on", "date", "date of birth", nullable=True),
        Column("unit", "text", "place of registration", nullable=True),
        Column("finding", "text", "LIABLE, NOT_LIABLE or UNDETERMINED"),
        Column("rule", "int", "number of the deciding rule in the law's order, 1 first; 0 where no rule of liability holds"),
        Column("mask", "int", "bit n-1 is set where rule n holds on the day of the finding"),
        Column("until", "date", "end of the deferral that decided", nullable=True),
        Column("missing", "text", "columns whose being unknown leaves it undetermined, sorted, comma-separated", nullable=True),
        Column("liable_from", "date", "first day of the window on which the person is liable", nullable=True),
        Column("liable_until", "date", "first day after it on which the person is no longer liable; null: to the end", nullable=True),
    ),
    ("person_id",),
)

ROLL = Schema(
    "roll",
    (
        Column("stratum", "text", "unit, or unit+volunteers"),
        Column("position", "int", "place in the roll of the stratum, from 0"),
        Column("person_id", "text", "re-keyed id"),
        Column("born_on", "date", "date of birth", nullable=True),
        Column("salt", "text", "32 hex digits"),
        Column("commitment", "text", "64 hex digits"),
        Column("liable_from", "date", "first liable day of the window"),
        Column("liable_until", "date", "first day no longer liable; null: to the end", nullable=True),
    ),
    ("stratum", "position"),
)

QUOTAS = Schema(
    "quotas",
    (
        Column("unit", "text", "unit"),
        Column("base", "int", "what the number is shared out by", "persons"),
        Column("quota", "int", "persons to enlist", "persons"),
    ),
    ("unit",),
)

DRAW = Schema(
    "draw",
    (
        Column("stratum", "text", "unit, or unit+volunteers"),
        Column("rank", "int", "order of call, from 1"),
        Column("position", "int", "place in the roll of the stratum, from 0"),
    ),
    ("stratum", "rank"),
)

PLACES = Schema(
    "places",
    (
        Column("place_id", "text", "code of the place"),
        Column("unit", "text", "unit it serves"),
        Column("address", "text", "where it is, one line"),
        Column("opens", "text", "HH:MM"),
        Column("closes", "text", "HH:MM"),
        Column("day", "date", "day it receives"),
        Column("capacity", "int", "appointments that day", "persons"),
    ),
    ("place_id", "day"),
)

NOTICES = Schema(
    "notices",
    (
        Column("notice_id", "text", "HMAC of decree, person, kind and sequence, 32 hex digits (design D16)"),
        Column("case_id", "text", "number of the case, 24 hex digits; never the person's id"),
        Column("person_id", "text", "re-keyed id"),
        Column("kind", "text", "kind of notice: summons, correction, withdrawal, decision, reminder"),
        Column("wave", "int", "wave, from 1"),
        Column("stratum", "text", "stratum of the roll"),
        Column("rank", "int", "rank in the stratum"),
        Column("position", "int", "roll position"),
        Column("language", "text", "language of the letter, BCP 47"),
        Column("channels", "text", "ways it travels, space-separated"),
        Column("place_id", "text", "place of appearance"),
        Column("appear_on", "date", "day of appearance; unknown where an answer is asked for and no appearance", nullable=True),
        Column("appear_at", "text", "HH:MM"),
        Column("salt", "text", "salt of the open commitment, 32 hex digits"),
        Column("document", "text", "the document that the acts log commits to"),
    ),
    ("notice_id",),
)

ADDRESSES = Schema(
    "addresses",
    (
        Column("person_id", "text", "re-keyed id"),
        Column("name", "text", "full name; sealed"),
        Column("address_line", "text", "sealed", nullable=True),
        Column("locality", "text", "sealed", nullable=True),
        Column("postal_code", "text", "sealed", nullable=True),
        Column("country", "text", "sealed", nullable=True),
    ),
    ("person_id",),
)

LETTERS = Schema(
    "letters",
    (
        Column("notice_id", "text", "32 hex digits"),
        Column("language", "text", "language of the letter, BCP 47"),
        Column("name", "text", "full name; sealed"),
        Column("address_line", "text", "sealed", nullable=True),
        Column("locality", "text", "sealed", nullable=True),
        Column("postal_code", "text", "sealed", nullable=True),
        Column("stratum", "text", "stratum of the roll"),
        Column("rank", "int", "rank in the stratum"),
        Column("position", "int", "roll position"),
        Column("place_id", "text", "place of appearance"),
        Column("place", "text", "its address, one line"),
        Column("appear_on", "date", "day of appearance; unknown where an answer is asked for and no appearance", nullable=True),
        Column("appear_at", "text", "HH:MM"),
        Column("salt", "text", "salt of the open commitment"),
        Column("document", "text", "the committed text"),
        Column("entry", "int", "index of the call act in the acts log"),
        Column("sign_in", "text", "sign-in code of 12 characters; withheld from manifest and read-back"),
    ),
    ("notice_id",),
)
"""What a letter is made of: NOTICES joined with ADDRESSES, PLACES and the log."""

FACTS = Schema(
    "facts",
    (
        Column("fact_id", "text", "SHA-256 of the fact's other fields but seq, 32 hex digits: the same fact is one fact"),
        Column("seq", "int", "order of recording, from 1"),
        Column("kind", "text", "a kind of terms.facts.VOCABULARY"),
        Column("case_id", "text", "the case; null where the fact is about no person", nullable=True),
        Column("notice_id", "text", "the notice it speaks of", nullable=True),
        Column("happened_on", "date", "the day it happened (valid time)"),
        Column("known_on", "date", "the day it was recorded (knowledge time)"),
        Column("actor", "text", "who: authority, carrier, portal, person, agent, desk or a named official"),
        Column("second", "text", "the second signature, where two are needed", nullable=True),
        Column("channel", "text", "channel", nullable=True),
        Column("ref", "text", "fact_id of the fact it answers, decides or undoes", nullable=True),
        Column("ground", "text", "ground named, a code of the law folder or of the vocabulary", nullable=True),
        Column("outcome", "text", "outcome: a word that the vocabulary allows for the kind", nullable=True),
        Column("until", "date", "until when a deferral or an interval runs", nullable=True),
        Column("appear_on", "date", "day of appearance set by it", nullable=True),
        Column("evidence", "text", "SHA-256 of the evidence, 64 hex digits"),
        Column("reason", "text", "reasons in words, for a decision; sealed", nullable=True),
    ),
    ("fact_id",),
)

STANDINGS = Schema(
    "standings",
    (
        Column("case_id", "text", "the case"),
        Column("state", "text", "a state of terms.facts.STATES"),
        Column("served_on", "date", "day of service, where service is found", nullable=True),
        Column("service", "text", "none, presumed, confirmed, contested, failed or unreachable"),
        Column("service_channel", "text", "channel of the attempt that served", nullable=True),
        Column("service_rule", "text", "citation of the service rule", nullable=True),
        Column("confirmed_on", "date", "day from which service is certain: receipt, or what only the person can do", nullable=True),
        Column("deemed_on", "date", "day from which the law deems it served by a rule on which callup does not act (G16)", nullable=True),
        Column("respond_by", "date", "last day to answer, counted from service", nullable=True),
        Column("appear_on", "date", "day of appearance in force", nullable=True),
        Column("claim", "text", "none, pending, granted, refused, withdrawn or appealed"),
        Column("suspended", "flag", "whether the duty rests by law today"),
        Column("decide_by", "date", "the authority's last day to decide a claim that is open", nullable=True),
        Column("overdue", "flag", "whether the authority let that day pass"),
        Column("diagnosis", "text", "why there is no answer yet, a word of terms.facts.DIAGNOSES", nullable=True),
        Column("next_step", "text", "next lawful step, a word of terms.facts.DUES", nullable=True),
    ),
    ("case_id",),
)

OUTCOMES = Schema(
    "outcomes",
    (
        Column("case_id", "text", "the case"),
        Column("unit", "text", "unit"),
        Column("wave", "int", "wave in which the notice was entered"),
        Column("outcome", "text", "a terminal state of terms.facts.STATES"),
        Column("closed_on", "date", "day from which it stands"),
    ),
    ("case_id",),
)
