"""What the engine will not let any law folder know (safeguard G1): closed kinds of columns, and things refused by name.

A statute may name border crossings or bank accounts; callup tracks the notice and the obligation, never the person.
"""

from __future__ import annotations

from callup.terms.tables import COLUMN_KINDS, REGISTER_CORE

DECIDABLE = ("birth date", "sex", "citizenship", "unit", "education level", "residence", "last fulfilled on", "ground")
"""The kinds a finding may rest on. Name, address, language, portal account and key of a person never decide."""

CORE = {column.name: (kind, column.type) for column, kind in REGISTER_CORE}
"""The columns of every register: kind and type are the engine's."""

ONE_COLUMN = {"birth date": "born_on", "sex": "sex", "citizenship": "citizenship", "unit": "unit"}
"""Kinds of which there is one column, about the person: nobody else's birth date or citizenship is held."""

KIND_TYPES = {
    "residence": ("flag",),
    "last fulfilled on": ("date",),
    "education level": ("text",),
    "ground": ("date", "text", "flag", "number"),
}

REFUSED_WORDS = frozenset(
    """
    border crossing crossings exit entry departure visa passport passports travel trips flight flights train ticket tickets toll
    vehicle vehicles car cars driving licence license plate plates boat boats aircraft weapon weapons
    property properties realty estate land cadastre flat ownership inheritance
    bank account accounts card cards payment payments transaction transactions credit loan loans debt debts deposit deposits income salary
    wage wages tax taxes taxpayer insurance pension purchases business company shares
    phone phones telephone mobile sim imei imsi telecom subscriber call calls sms email mail messenger messages
    device devices browser cookie ip mac location locations position gps geolocation camera cameras cctv movement movements whereabouts
    biometric biometrics fingerprint fingerprints face facial photo photos voice iris dna gait blood genome
    relative relatives spouse wife husband mother brother brothers sister sisters sibling siblings neighbours
    social network networks profile profiles posts friends contacts followers blog internet search
    ethnicity ethnic nationality race religion religious faith church confession opinion opinions political politics party union philosophy
    belief beliefs orientation caste tribe language
    score rating risk watchlist suspicion reliability
    """.split()  # noqa: SIM905 a list of words reads better than 150 quoted ones
)
"""Words that may stand in no column name, whatever kind it claims to be."""

HEALTH_WORDS = frozenset("health fitness fit medical diagnosis disability disabled illness disease category".split())  # noqa: SIM905


def refused_word(name: str) -> str:
    """The first refused word in a column's name, empty if there is none.

    Example:
        >>> refused_word("border_crossings"), refused_word("student_until")
        ('border', '')
    """
    return next((word for word in _words(name) if word in REFUSED_WORDS), "")


def about_health(name: str) -> bool:
    """Whether a column speaks of health: such a column may only exempt or defer (G15)."""
    return any(word in HEALTH_WORDS for word in _words(name))


def kind_problem(name: str, kind: str) -> str:
    """Why no law may declare this column; empty if it may."""
    if kind not in COLUMN_KINDS:
        return f"column {name}: {kind!r} is not in the engine's closed list of kinds"
    if kind not in DECIDABLE:
        return f"column {name}: no finding may rest on a person's {kind}"
    if name in CORE and CORE[name][0] != kind:
        return f"column {name} is of kind {CORE[name][0]!r} in every register"
    if kind in ONE_COLUMN and ONE_COLUMN[kind] != name:
        return f"column {name}: the only {kind} held is the person's own, {ONE_COLUMN[kind]}"
    word = refused_word(name)
    return f"column {name}: callup holds nothing about {word!r}" if word and name not in CORE else ""


def _words(name: str) -> list[str]:
    return name.lower().replace("-", "_").split("_")
