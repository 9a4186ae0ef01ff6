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
    "disabled": "ground: flag, absent = no",
    "charged": "ground: flag, absent = no",
    "judge_or_officer": "ground: flag, absent = no",
    "pastor": "ground: flag, absent = no",
}

age_from = dated({"2020-01-01": (18, "Law on Military Conscription, art. 5(2), by XIII-2670")})
age_below = dated({
    "2020-01-01": (24, "Law on Military Conscription, art. 5(2), by XIII-2670"),
    "2026-01-01": (23, unverified("Law on Military Conscription, ages from 2026")),
})
children_enough = dated({"2020-01-01": (1, unverified("Law on Military Conscription, art. 15(1)(11) until 2025"))})


@liable("Law on Military Conscription, art. 5(2), by XIII-2670", ended="2026-01-01")
def of_age(p, day):
    "Men who are citizens are on the list from 18 to 23."
    return p.sex == "m" and p.citizenship == "LT" and age_from <= age(p.born_on, day) < age_below


@liable(unverified("Law on Military Conscription, ages from 2026"), since="2026-01-01")
def of_age_from_2026(p, day):
    "From 2026 men who are citizens are on the list from 18 to 22."
    return p.sex == "m" and p.citizenship == "LT" and age_from <= age(p.born_on, day) < age_below


@disqualify(unverified("Law on Military Conscription, art. 15(1)(10) until 2025"), until=p.sentence_until)
def sentenced(p, day):
    "Whoever serves a sentence is not called."
    return p.sentence_until > day


@exempt(unverified("Law on Military Conscription, art. 4 and 7(1) until 2025"))
def served(p, day):
    "Whoever has served owes no more initial service."
    return p.served_on <= day


@exempt(unverified("Law on Military Conscription, art. 3(3) until 2025"))
def unfit(p, day):
    "Whoever was found unfit is free."
    return p.health == "unfit"


@exempt(unverified("Law on Military Conscription, art. 15(1)(3) until 2025"))
def seated(p, day):
    "A member of the Seimas, the Government, the European Parliament or a municipal council is not called."
    return p.member_of_parliament


@exempt(unverified("Law on Military Conscription, art. 3(2) until 2025"))
def with_a_disability(p, day):
    "A person with a disability is free."
    return p.disabled


@exempt(unverified("Law on Military Conscription, art. 15(1)(10) until 2025"))
def before_a_court(p, day):
    "Whoever is suspected or accused, or has been in prison, is not called."
    return p.charged


@exempt(unverified("Law on Military Conscription, art. 15(1)(4) to (9) until 2025"))
def in_office(p, day):
    "A judge, a prosecutor or an officer of the interior, of state security or of the anti-corruption service is not called."
    return p.judge_or_officer


@exempt(unverified("Law on Military Conscription, art. 15(1)(13.1) until 2025"))
def in_pastoral_work(p, day):
    "Whoever is elected or appointed to pastoral work is not called."
    return p.pastor


@defer(unverified("Law on Military Conscription, art. 15(1)(11) until 2025"))
def parent(p, day):
    "A parent who raises a child serves later."
    return p.children >= children_enough


@defer(unverified("Law on Military Conscription, art. 15(1)(13) until 2025"), until=p.sole_carer_until)
def carer(p, day):
    "Whoever alone cares for another serves later."
    return p.sole_carer_until > day


@defer(unverified("Law on Military Conscription, art. 15(1)(1) until 2025"), until=p.pupil_until)
def pupil(p, day):
    "Whoever is still at school serves after it."
    return p.pupil_until > day


@defer(unverified("Law on Military Conscription, art. 15(1)(2) until 2025"), until=p.student_until, waivable=True)
def student(p, day):
    "A student serves after the studies, and may choose to serve at once."
    return p.student_until > day
