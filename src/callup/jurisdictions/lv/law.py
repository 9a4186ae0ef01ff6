"""Latvia: State Defence Service Law of 2023. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import age, dated, defer, disqualify, exempt, liable, p, unverified

register = {
    "born_on": "birth date: date",
    "sex": "sex: text",
    "citizenship": "citizenship: text",
    "is_resident": "residence: flag",
    "health": "ground: text",
    "sentence_until": "ground: date, absent = no",
    "served_on": "last fulfilled on: date, absent = no",
    "in_forces": "ground: flag, absent = no",
    "children": "ground: number, absent = no",
    "sole_carer_until": "ground: date, absent = no",
    "pupil_until": "ground: date, absent = no",
    "pupil_waived": "ground: flag, absent = no",
}

age_from = dated({"2024-01-01": (18, unverified("State Defence Service Law, ages"))})
called_below = dated({"2024-01-01": (20, unverified("State Defence Service Law, transitional rules: those of 18 and 19 are drawn"))})
children_enough = dated({"2024-01-01": (1, unverified("State Defence Service Law, exemptions: a parent"))})


@liable(unverified("State Defence Service Law, ages"))
def of_age(p, day):
    "Men who are citizens, live in Latvia and are 18 or 19 are in the draw."
    return p.sex == "m" and p.citizenship == "LV" and p.is_resident and age_from <= age(p.born_on, day) < called_below


@disqualify(unverified("State Defence Service Law, exclusions: a sentence"), until=p.sentence_until)
def sentenced(p, day):
    "Whoever serves a sentence is not called."
    return p.sentence_until > day


@exempt(unverified("State Defence Service Law, exemptions: service done"))
def served(p, day):
    "Whoever has served, here or as a citizen of another state, owes no more."
    return p.served_on <= day


@exempt(unverified("State Defence Service Law, exemptions: health"))
def unfit(p, day):
    "Whoever was found unfit is free."
    return p.health == "unfit"


@exempt(unverified("State Defence Service Law, exemptions: the forces"))
def forces(p, day):
    "Whoever serves in the forces or the National Guard is not called."
    return p.in_forces


@exempt(unverified("State Defence Service Law, exemptions: a parent"))
def parent(p, day):
    "A parent who cares for a child is free."
    return p.children >= children_enough


@defer(unverified("State Defence Service Law, deferral: sole carer"), until=p.sole_carer_until)
def carer(p, day):
    "Whoever alone cares for another serves later."
    return p.sole_carer_until > day


@defer(unverified("State Defence Service Law, deferral: school"), until=p.pupil_until, waivable=True)
def pupil(p, day):
    "Whoever is still at school serves after it, and may choose to serve at once."
    return p.pupil_until > day
