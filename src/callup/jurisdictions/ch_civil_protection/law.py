"""Switzerland: civil protection duty (BZG, SR 520.1; ZSV, SR 520.11). Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import age, dated, defer, disqualify, exempt, liable, p, unverified

register = {
    "born_on": "birth date: date",
    "sex": "sex: text",
    "citizenship": "citizenship: text",
    "is_resident": "residence: flag",
    "health": "ground: text",
    "in_army": "ground: flag, absent = no",
    "in_civilian_service": "ground: flag, absent = no",
    "public_officer": "ground: flag, absent = no",
    "sentence_until": "ground: date, absent = no",
    "days_served": "ground: number, absent = no",
    "released_early_on": "ground: date, absent = no",
    "postponed_until": "ground: date, absent = no",
}

age_from = dated({"2021-01-01": (18, unverified("BZG, art. 31: from the age of 18"))})
age_below = dated({"2021-01-01": (40, unverified("BZG, art. 31: until the end of the year of the fortieth birthday at the latest"))})
days_enough = dated({"2021-01-01": (245, unverified("BZG, art. 31: 245 days"))})


@liable(unverified("BZG, art. 29: Swiss men who are fit for it"))
def citizen(p, day):
    "Swiss men who live in the country owe civil protection duty between 18 and 40."
    return p.sex == "m" and p.citizenship == "CH" and p.is_resident and age_from <= age(p.born_on, day) < age_below


@disqualify(unverified("BZG, art. 36: exclusion for a sentence"), until=p.sentence_until)
def sentenced(p, day):
    "Whoever serves a sentence is not called."
    return p.sentence_until > day


@exempt(unverified("BZG, art. 30: military duty"))
def army(p, day):
    "Whoever owes military service does not owe this duty."
    return p.in_army


@exempt(unverified("BZG, art. 30: civilian service"))
def civilian_service(p, day):
    "Whoever owes civilian service does not owe this duty."
    return p.in_civilian_service


@exempt(unverified("BZG, art. 32: members of authorities"))
def officer(p, day):
    "Members of the authorities named in the act are free while they hold office."
    return p.public_officer


@exempt(unverified("BZG, art. 29: fitness"))
def unfit(p, day):
    "Whoever was found unfit is free."
    return p.health == "unfit"


@exempt(unverified("BZG, art. 31: 245 days"))
def done(p, day):
    "Whoever has done 245 days has fulfilled the duty."
    return p.days_served >= days_enough


@exempt(unverified("BZG, art. 35: early release"))
def released_early(p, day):
    "Whoever was released early for a partner organisation is free."
    return p.released_early_on <= day


@defer(unverified("ZSV, art. 38: postponement"), until=p.postponed_until)
def postponed(p, day):
    "Whoever had the service postponed serves later."
    return p.postponed_until > day
