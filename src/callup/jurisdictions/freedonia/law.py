"""Freedonia: Service Act 2020, as amended. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import age, dated, defer, disqualify, exempt, liable, p

register = {
    "born_on": "birth date: date",
    "is_resident": "residence: flag",
    "health": "ground: text",
    "served_on": "last fulfilled on: date, absent = no",
    "student_until": "ground: date, absent = no",
    "student_waived": "ground: flag, absent = no",
    "children": "ground: number, absent = no",
    "sentence_until": "ground: date, absent = no",
}

age_from = dated({"2020-07-01": (18, "Service Act 2020, art. 3(1)"), "2025-01-01": (19, "Amending Act 7/2024, art. 1")})
age_to = dated({"2020-07-01": (27, "Service Act 2020, art. 3(2)")})
children_enough = dated({"2020-07-01": (2, "Service Act 2020, art. 8(2)")})


@liable("Service Act 2020, art. 3(1)", unless=["student"])
def of_age(p, day):
    "Whoever lives in Freedonia and is of age owes service."
    return p.is_resident and age_from <= age(p.born_on, day) < age_to


@disqualify("Service Act 2020, art. 5", until=p.sentence_until)
def sentenced(p, day):
    "Whoever serves a sentence cannot serve."
    return p.sentence_until > day


@exempt("Service Act 2020, art. 7")
def served(p, day):
    "Whoever has served owes no more."
    return p.served_on <= day


@exempt("Service Act 2020, art. 8(1)")
def unfit(p, day):
    "Whoever was found unfit is free for good."
    return p.health == "unfit"


@exempt("Service Act 2020, art. 8(2)", since="2022-01-01")
def parent(p, day):
    "A parent of two or more children is free."
    return p.children >= children_enough


@defer("Service Act 2020, art. 9(2)", until=p.student_until, waivable=True)
def student(p, day):
    "A student serves after the studies, and may choose to serve at once."
    return p.student_until > day
