"""Spain: members of polling stations, Organic Law 5/1985 (LOREG). Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import age, dated, defer, disqualify, exempt, liable, p, unverified

register = {
    "born_on": "birth date: date",
    "citizenship": "citizenship: text",
    "is_resident": "residence: flag",
    "reads_and_writes": "ground: flag",
    "is_candidate": "ground: flag, absent = no",
    "declined_at_65": "ground: flag, absent = no",
    "rights_suspended_until": "ground: date, absent = no",
    "impeded_until": "ground: date, absent = no",
    "excused_on": "ground: date, absent = no",
    "served_on": "last fulfilled on: date, absent = no",
}

age_from = dated({"1985-06-21": (18, "LOREG, art. 2(1)")})
age_below = dated({
    "1985-06-21": (65, "LOREG, art. 26(2), as first enacted"),
    "2011-01-30": (70, "LOREG, art. 26(2), as amended by Organic Law 2/2011"),
})
may_decline_from = dated({"2011-01-30": (65, "LOREG, art. 26(2), as amended by Organic Law 2/2011")})


@liable("LOREG, art. 26(2): electors of the section who read and write")
def elector(p, day):
    "Electors of the section who are of age, below the limit of age, and read and write are in the draw."
    return p.is_resident and p.reads_and_writes and age_from <= age(p.born_on, day) < age_below


@disqualify("LOREG, art. 3(1)(a): suspended from suffrage by judgment", until=p.rights_suspended_until)
def suspended(p, day):
    "Whoever is suspended from suffrage by a judgment is no elector."
    return p.rights_suspended_until > day


@disqualify("LOREG, art. 27(1): a candidate serves at no polling station")
def candidate(p, day):
    "A candidate does not sit at a polling station."
    return p.is_candidate


@exempt("LOREG, art. 26(2): may decline within seven days from 65 on", since="2011-01-30")
def declined(p, day):
    "From 65 on one may decline within seven days."
    return age(p.born_on, day) >= may_decline_from and p.declined_at_65


@exempt("LOREG, art. 27(3): justified and documented cause")
def excused(p, day):
    "Whoever has shown a cause that the board accepted is free for this election."
    return p.excused_on <= day


@defer("LOREG, art. 27(4): impediment", until=p.impeded_until)
def impeded(p, day):
    "Whoever cannot come for a time is not called until then."
    return p.impeded_until > day
