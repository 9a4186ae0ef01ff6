"""Switzerland: civil protection duty (BZG, SR 520.1; ZSV, SR 520.11). Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import age, dated, defer, disqualify, exempt, liable, p

register = {
    "born_on": "birth date: date",
    "sex": "sex: text",
    "citizenship": "citizenship: text",
    "is_resident": "residence: flag",
    "health": "ground: text",
    "in_army": "ground: flag, absent = no",
    "in_civilian_service": "ground: flag, absent = no",
    "recruit_school_done": "ground: flag, absent = no",
    "duty_over_on": "ground: date, absent = no",
    "public_officer": "ground: flag, absent = no",
    "sentence_until": "ground: date, absent = no",
    "days_served": "ground: number, absent = no",
    "released_early_on": "ground: date, absent = no",
    "postponed_until": "ground: date, absent = no",
}

age_from = dated({"2021-01-01": (18, "BZG, art. 31(1)")})
# The law: until the end of the year of the 36th birthday; here it ends on the birthday, which is never later.
age_below = dated({"2021-01-01": (36, "BZG, art. 31(1)")})
days_enough = dated({"2021-01-01": (245, "BZG, art. 31(4): 245 days")})


@liable("BZG, art. 29(1): Swiss men who are fit for it")
def citizen(p, day):
    "Swiss men who live in the country owe civil protection duty between 18 and 36."
    return p.sex == "m" and p.citizenship == "CH" and p.is_resident and age_from <= age(p.born_on, day) < age_below


@disqualify("BZG, art. 38: exclusion for a sentence", until=p.sentence_until)
def sentenced(p, day):
    "Whoever serves a sentence is not called."
    return p.sentence_until > day


@exempt("BZG, art. 29(2)(a): military duty")
def army(p, day):
    "Whoever owes military service does not owe this duty."
    return p.in_army


@exempt("BZG, art. 29(2)(a): civilian service")
def civilian_service(p, day):
    "Whoever owes civilian service does not owe this duty."
    return p.in_civilian_service


@exempt("BZG, art. 29(2)(b) and (c)")
def recruit_school(p, day):
    "Whoever has done recruit school, or as many days of service, does not owe this duty."
    return p.recruit_school_done


@exempt("BZG, art. 31(2) and (3); ZSV, art. 17: fourteen years")
def years_over(p, day):
    "Whoever has owed the duty for fourteen years owes it no more."
    return p.duty_over_on <= day


@exempt("BZG, art. 30: members of authorities")
def officer(p, day):
    "Members of the authorities named in the act are free while they hold office."
    return p.public_officer


@exempt("BZG, art. 29(1): fitness")
def unfit(p, day):
    "Whoever was found unfit is free."
    return p.health == "unfit"


@exempt("BZG, art. 31(4): 245 days")
def done(p, day):
    "Whoever has done 245 days has fulfilled the duty."
    return p.days_served >= days_enough


@exempt("BZG, art. 37: early release")
def released_early(p, day):
    "Whoever was released early for a partner organisation is free."
    return p.released_early_on <= day


@defer("ZSV, art. 36: postponement", until=p.postponed_until)
def postponed(p, day):
    "Whoever had the service postponed serves later."
    return p.postponed_until > day
