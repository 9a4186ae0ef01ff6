"""Russia: call-up for military service, Federal Law 53-FZ of 28 March 1998, articles 22 to 24. Notation: parsed and checked, never executed."""
from callup.law.notation import age, blank, dated, defer, disqualify, exempt, liable, p, unverified

register = {
    "born_on": "birth date: date",
    "sex": "sex: text",
    "citizenship": "citizenship: text",
    "unit": "unit: text",
    "is_resident": "residence: flag",
    "in_reserve": "ground: flag, absent = no",
    "health_category": "ground: text",
    "health_until": "ground: date, absent = no",
    "served": "ground: flag, absent = no",
    "alternative_service": "ground: flag, absent = no",
    "degree": "ground: flag, absent = no",
    "degree_waived": "ground: flag, absent = no",
    "kin_died_in_service": "ground: flag, absent = no",
    "sentence_until": "ground: date, absent = no",
    "under_investigation": "ground: flag, absent = no",
    "student_until": "ground: date, absent = no",
    "student_waived": "ground: flag, absent = no",
    "carer_until": "ground: date, absent = no",
    "raises_child_alone": "ground: flag, absent = no",
    "children": "ground: number, absent = no",
    "it_until": "ground: date, absent = no",
}

age_from = dated({"1998-03-28": (18, "53-FZ, art. 22(1)(a)")})
age_to = dated({"1998-03-28": (27, "53-FZ, art. 22(1)(a)"), "2024-01-01": (30, "439-FZ of 4 August 2023")})
children_enough = dated({"1998-03-28": (2, unverified("53-FZ, art. 24(1)(g)"))})
law_of_occupied_places = blank("text", "Fourth Geneva Convention, art. 51")


@liable("53-FZ, art. 22(1)(a)")
def man_of_age(p, day):
    "A man who is a citizen is called up from his 18th birthday to his 27th, from 2024 to his 30th."
    return p.sex == "m" and p.citizenship == "RU" and age_from <= age(p.born_on, day) < age_to


@exempt("Fourth Geneva Convention, art. 51")
def of_a_place_not_recognised(p, day):
    "Places that are not internationally recognised as Russian: callup knows no lawful answer and calls nobody there."
    return p.unit in ("UA-09", "UA-14", "UA-23", "UA-40", "UA-43", "UA-65") and law_of_occupied_places == "binds"


@exempt(unverified("439-FZ of 4 August 2023, transition"), since="2024-01-01")
def turned_27_before_2024(p, day):
    "Whoever turned 27 by 31 December 2023 went to the reserve and is not called up under the new age."
    return age(p.born_on, "2023-12-31") >= 27


@exempt("53-FZ, art. 22(1)(a)")
def in_the_reserve(p, day):
    "Whoever is in the reserve is not called up."
    return p.in_reserve


@exempt(unverified("53-FZ, art. 8(1)"))
def lives_abroad(p, day):
    "Whoever lives outside Russia for good is not on the military register."
    return not p.is_resident


@exempt("53-FZ, art. 23(1)(a)")
def unfit_or_limited(p, day):
    "Whoever is unfit (D) or fit with limits (V) is released."
    return p.health_category in ("V", "D")


@exempt("53-FZ, art. 23(1)(b)")
def has_served(p, day):
    "Whoever serves or has served is released."
    return p.served


@exempt("53-FZ, art. 23(1)(v)")
def alternative_service(p, day):
    "Whoever does or has done alternative civilian service is released."
    return p.alternative_service


@exempt("53-FZ, art. 23(2)(a)", waivable=True)
def degree(p, day):
    "Whoever holds the degree of candidate or doctor of science may be released."
    return p.degree


@exempt("53-FZ, art. 23(2)(b)")
def kin_died(p, day):
    "A son or brother of someone who died in military service may be released."
    return p.kin_died_in_service


@disqualify(unverified("53-FZ, art. 23(3)"), until=p.sentence_until)
def under_criminal_law(p, day):
    "Whoever serves a sentence, has a conviction not yet spent, or is under investigation is not called up."
    return p.under_investigation or p.sentence_until > day


@defer("53-FZ, art. 24(1)(a)", until=p.health_until)
def unfit_for_now(p, day):
    "Whoever is unfit for now (G) is called up later, within a year at the latest."
    return p.health_category == "G" and p.health_until > day


@defer("53-FZ, art. 24(2)(a)", until=p.student_until, waivable=True)
def student(p, day):
    "A full-time student is called up after the studies, and may choose to serve at once."
    return p.student_until > day


@defer("53-FZ, art. 24(1)(b)", until=p.carer_until)
def carer(p, day):
    "Whoever cares for a close relative who has nobody else is called up later."
    return p.carer_until > day


@defer(unverified("53-FZ, art. 24(1)(v)"))
def lone_father(p, day):
    "A father who raises a child without the mother is called up later."
    return p.raises_child_alone


@defer(unverified("53-FZ, art. 24(1)(g)"))
def father_of_two(p, day):
    "A father of two or more children is called up later."
    return p.children >= children_enough


@defer(unverified("Decree of the President 83 of 2 March 2022"), until=p.it_until)
def it_employee(p, day):
    "An employee of an accredited information technology company is called up later."
    return p.it_until > day
