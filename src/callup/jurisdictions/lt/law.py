"""Lithuania: Law on Military Conscription. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import age, dated, defer, disqualify, exempt, liable, p, unverified

register = {
    "born_on": "birth date: date",
    "sex": "sex: text",
    "citizenship": "citizenship: text",
    "health": "ground: text",
    "sentence_until": "ground: date, absent = no",
    "served_on": "last fulfilled on: date, absent = no",
    "children": "ground: number, absent = no",
    "sole_carer_until": "ground: date, absent = no",
    "pupil_until": "ground: date, absent = no",
    "student_until": "ground: date, absent = no",
    "student_waived": "ground: flag, absent = no",
    "member_of_parliament": "ground: flag, absent = no",
}

age_from = dated({"2020-01-01": (18, unverified("Law on Military Conscription, ages from 2020"))})
age_below = dated({
    "2020-01-01": (24, unverified("Law on Military Conscription, ages from 2020")),
    "2026-01-01": (23, unverified("Law on Military Conscription, ages from 2026")),
})
children_enough = dated({"2020-01-01": (1, unverified("Law on Military Conscription, deferral: a parent"))})


@liable(unverified("Law on Military Conscription, ages from 2020"))
def of_age(p, day):
    "Men who are citizens are on the list from 18 to 23, from 2026 on to 22."
    return p.sex == "m" and p.citizenship == "LT" and age_from <= age(p.born_on, day) < age_below


@disqualify(unverified("Law on Military Conscription, exclusions: a sentence"), until=p.sentence_until)
def sentenced(p, day):
    "Whoever serves a sentence is not called."
    return p.sentence_until > day


@exempt(unverified("Law on Military Conscription, exemptions: service done"))
def served(p, day):
    "Whoever has served owes no more initial service."
    return p.served_on <= day


@exempt(unverified("Law on Military Conscription, exemptions: health"))
def unfit(p, day):
    "Whoever was found unfit is free."
    return p.health == "unfit"


@exempt(unverified("Law on Military Conscription, exemptions: a seat in parliament"))
def seated(p, day):
    "A member of parliament is not called."
    return p.member_of_parliament


@defer(unverified("Law on Military Conscription, deferral: a parent"))
def parent(p, day):
    "A parent who raises a child serves later."
    return p.children >= children_enough


@defer(unverified("Law on Military Conscription, deferral: sole carer"), until=p.sole_carer_until)
def carer(p, day):
    "Whoever alone cares for another serves later."
    return p.sole_carer_until > day


@defer(unverified("Law on Military Conscription, deferral: school"), until=p.pupil_until)
def pupil(p, day):
    "Whoever is still at school serves after it."
    return p.pupil_until > day


@defer(unverified("Law on Military Conscription, deferral: studies"), until=p.student_until, waivable=True)
def student(p, day):
    "A student serves after the studies, and may choose to serve at once."
    return p.student_until > day
