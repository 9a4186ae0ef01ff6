"""Russia: call-up for military service, Federal Law 53-FZ of 28 March 1998, articles 22 to 25. Notation: parsed and checked, never executed."""
from callup.law.notation import age, blank, dated, defer, disqualify, exempt, liable, p, unverified

# Sub-items are cited by transliterated letter: a b v g d z i k l. What each article was read in stands in SOURCES.md.
register = {
    "born_on": "birth date: date",
    "sex": "sex: text",
    "citizenship": "citizenship: text",
    "unit": "unit: text",
    "is_resident": "residence: flag",
    "in_reserve": "ground: flag, absent = no",
    "health_category": "ground: text",
    "health_until": "ground: date",
    "served": "ground: flag, absent = no",
    "served_abroad": "ground: flag, absent = no",
    "alternative_service": "ground: flag, absent = no",
    "degree": "ground: flag, absent = no",
    "degree_waived": "ground: flag, absent = no",
    "kin_died_in_service": "ground: flag, absent = no",
    "kin_died_waived": "ground: flag, absent = no",
    "sentence_until": "ground: date, absent = no",
    "under_investigation": "ground: flag, absent = no",
    "student_until": "ground: date, absent = no",
    "student_waived": "ground: flag, absent = no",
    "residency_until": "ground: date, absent = no",
    "residency_waived": "ground: flag, absent = no",
    "carer_until": "ground: date, absent = no",
    "guardian_until": "ground: date, absent = no",
    "raises_child_alone": "ground: flag, absent = no",
    "children": "ground: number, absent = no",
    "disabled_child_until": "ground: date, absent = no",
    "child_and_pregnancy": "ground: flag, absent = no",
    "special_service": "ground: flag, absent = no",
    "elected_until": "ground: date, absent = no",
    "it_until": "ground: date, absent = no",
    "far_north": "ground: flag, absent = no",
    "farm_worker": "ground: flag, absent = no",
    "teacher": "ground: flag, absent = no",
}

age_from = dated({"1998-03-28": (18, "53-FZ, art. 22(1)(a)")})
age_to = dated({"1998-03-28": (27, "53-FZ, art. 22(1)(a)"), "2024-01-01": (30, "439-FZ of 4 August 2023")})
children_enough = dated({"1998-03-28": (2, "53-FZ, art. 24(1)(g)")})
# The federal subjects with an ISO 3166-2:RU code. Any other place, named or not known, is UNDETERMINED: see SOURCES.md, Territories.
recognised = dated({"1998-03-28": ((
    "RU-AD", "RU-AL", "RU-ALT", "RU-AMU", "RU-ARK", "RU-AST", "RU-BA", "RU-BEL", "RU-BRY", "RU-BU", "RU-CE", "RU-CHE", "RU-CHU", "RU-CU",
    "RU-DA", "RU-IN", "RU-IRK", "RU-IVA", "RU-KAM", "RU-KB", "RU-KC", "RU-KDA", "RU-KEM", "RU-KGD", "RU-KGN", "RU-KHA", "RU-KHM", "RU-KIR",
    "RU-KK", "RU-KL", "RU-KLU", "RU-KO", "RU-KOS", "RU-KR", "RU-KRS", "RU-KYA", "RU-LEN", "RU-LIP", "RU-MAG", "RU-ME", "RU-MO", "RU-MOS",
    "RU-MOW", "RU-MUR", "RU-NEN", "RU-NGR", "RU-NIZ", "RU-NVS", "RU-OMS", "RU-ORE", "RU-ORL", "RU-PER", "RU-PNZ", "RU-PRI", "RU-PSK",
    "RU-ROS", "RU-RYA", "RU-SA", "RU-SAK", "RU-SAM", "RU-SAR", "RU-SE", "RU-SMO", "RU-SPE", "RU-STA", "RU-SVE", "RU-TA", "RU-TAM", "RU-TOM",
    "RU-TUL", "RU-TVE", "RU-TY", "RU-TYU", "RU-UD", "RU-ULY", "RU-VGG", "RU-VLA", "RU-VLG", "RU-VOR", "RU-YAN", "RU-YAR", "RU-YEV", "RU-ZAB",
), "ISO 3166-2:RU")})
known_categories = dated({"1998-03-28": (("A", "B", "V", "G", "D"), unverified("53-FZ, art. 5.1(2)"))})
law_of_other_categories = blank("text", unverified("53-FZ, art. 5.1(2)"))
law_of_other_places = blank("text", "Fourth Geneva Convention, art. 51")
# Article 25 names days of each year; years outside 2023 to 2025 are not known here.
may_1 = dated({
    "1998-03-28": (None, "53-FZ, art. 25(1)"), "2023-01-01": ("2023-05-01", "53-FZ, art. 25(1)"),
    "2024-01-01": ("2024-05-01", "53-FZ, art. 25(1)"), "2025-01-01": ("2025-05-01", "53-FZ, art. 25(1)"),
    "2026-01-01": (None, "412-FZ of 4 November 2025, art. 1(4)"),
})
july_15 = dated({
    "1998-03-28": (None, "53-FZ, art. 25(1)"), "2023-01-01": ("2023-07-15", "53-FZ, art. 25(1)"),
    "2024-01-01": ("2024-07-15", "53-FZ, art. 25(1)"), "2025-01-01": ("2025-07-15", "53-FZ, art. 25(1)"),
    "2026-01-01": (None, "412-FZ of 4 November 2025, art. 1(4)"),
})
october_15 = dated({
    "1998-03-28": (None, "53-FZ, art. 25(1)"), "2023-01-01": ("2023-10-15", "53-FZ, art. 25(1)"),
    "2024-01-01": ("2024-10-15", "53-FZ, art. 25(1)"), "2025-01-01": ("2025-10-15", "53-FZ, art. 25(1)"),
    "2026-01-01": (None, "412-FZ of 4 November 2025, art. 1(4)"),
})
november_1 = dated({
    "1998-03-28": (None, "53-FZ, art. 25(1)"), "2023-01-01": ("2023-11-01", "53-FZ, art. 25(1)"),
    "2024-01-01": ("2024-11-01", "53-FZ, art. 25(1)"), "2025-01-01": ("2025-11-01", "53-FZ, art. 25(1)"),
    "2026-01-01": (None, "412-FZ of 4 November 2025, art. 1(4)"),
})


@liable("53-FZ, art. 22(1)(a)")
def man_of_age(p, day):
    "A man who is a citizen is called up from his 18th birthday to his 27th, from 2024 to his 30th."
    return p.sex == "m" and p.citizenship == "RU" and age_from <= age(p.born_on, day) < age_to


@exempt("Fourth Geneva Convention, art. 51")
def of_a_place_not_recognised(p, day):
    "Places that are not internationally recognised as Russian: callup knows no lawful answer and calls nobody there."
    return p.unit not in recognised and law_of_other_places == "binds"


@exempt(unverified("439-FZ of 4 August 2023, transition"), since="2024-01-01")
def turned_27_before_2024(p, day):
    "Whoever turned 27 by 31 December 2023 went to the reserve and is not called up under the new age."
    return age(p.born_on, "2023-12-31") >= 27


@exempt("53-FZ, art. 22(1)(a)")
def in_the_reserve(p, day):
    "Whoever is in the reserve is not called up."
    return p.in_reserve


@exempt("53-FZ, art. 8(1)")
def lives_abroad(p, day):
    "Whoever lives outside Russia for good need not be on the military register and is not called up."
    return not p.is_resident


@exempt(unverified("53-FZ, art. 5.1(2)"))
def category_that_the_law_does_not_name(p, day):
    "A health category that the law does not name decides nothing: a human looks first."
    return p.health_category not in known_categories and law_of_other_categories == "fit"


@exempt("53-FZ, art. 23(1)(a)")
def fit_with_limits(p, day):
    "Whoever is fit with limits (V) is released from call-up."
    return p.health_category == "V"


@exempt(unverified("53-FZ, art. 23(4)"))
def unfit(p, day):
    "Whoever is unfit (D) is released from all military duty."
    return p.health_category == "D"


@exempt("53-FZ, art. 23(1)(b)")
def has_served(p, day):
    "Whoever serves or has served is released."
    return p.served


@exempt("53-FZ, art. 23(1)(v)")
def alternative_service(p, day):
    "Whoever does or has done alternative civilian service is released."
    return p.alternative_service


@exempt("53-FZ, art. 23(1)(g)")
def served_abroad(p, day):
    "Whoever has served in another state, where a treaty says so, is released."
    return p.served_abroad


@exempt("53-FZ, art. 23(2)(a)", waivable=True)
def degree(p, day):
    "Whoever holds a scientific degree has the right to be released."
    return p.degree


@exempt("53-FZ, art. 23(2)(b)", waivable=True)
def kin_died(p, day):
    "A son or brother of someone who died in or from military service has the right to be released."
    return p.kin_died_in_service


@disqualify("53-FZ, art. 23(3)", until=p.sentence_until)
def under_criminal_law(p, day):
    "Whoever serves a sentence, has a conviction not yet spent, or is under investigation or on trial is not called up."
    return p.under_investigation or p.sentence_until > day


@defer("53-FZ, art. 24(1)(a)", until=p.health_until)
def unfit_for_now(p, day):
    "Whoever is unfit for now (G) is called up later, within a year at the latest."
    return p.health_category == "G" and p.health_until > day


@defer("53-FZ, art. 24(2)(a)", until=p.student_until, waivable=True)
def student(p, day):
    "A full-time pupil or student is called up after the studies, and may choose to serve at once."
    return p.student_until > day


@defer("53-FZ, art. 24(2)(b)", until=p.residency_until, waivable=True)
def residency(p, day):
    "A full-time resident physician is called up after the residency, and may choose to serve at once."
    return p.residency_until > day


@defer("53-FZ, art. 24(1)(b)", until=p.carer_until)
def carer(p, day):
    "Whoever cares for a close relative who has nobody else is called up later."
    return p.carer_until > day


@defer("53-FZ, art. 24(1)(b.1)", until=p.guardian_until)
def guardian(p, day):
    "The guardian of a minor brother or sister who has nobody else is called up later."
    return p.guardian_until > day


@defer("53-FZ, art. 24(1)(v)")
def lone_father(p, day):
    "A father who raises a child without the mother is called up later."
    return p.raises_child_alone


@defer("53-FZ, art. 24(1)(g)")
def father_of_two(p, day):
    "A father of two or more children is called up later."
    return p.children >= children_enough


@defer("53-FZ, art. 24(1)(d)", until=p.disabled_child_until)
def father_of_a_disabled_child(p, day):
    "A father of a disabled child is called up later, until the child is three."
    return p.disabled_child_until > day


@defer("53-FZ, art. 24(1)(i)")
def father_again(p, day):
    "A father of a child whose wife is pregnant for the weeks that the law wants is called up later."
    return p.child_and_pregnancy


@defer("53-FZ, art. 24(1)(z)")
def in_special_service(p, day):
    "A graduate of their own school who serves in police, fire, prison, bailiff or customs service is called up later."
    return p.special_service


@defer("53-FZ, art. 24(1)(k)", until=p.elected_until)
def elected(p, day):
    "A member of a parliament or council, or a mayor, who holds the office full-time is called up after the term."
    return p.elected_until > day


@defer("Decree of the President 83 of 2 March 2022", until=p.it_until)
def it_employee(p, day):
    "An employee of an accredited information technology company is called up later."
    return p.it_until > day


@defer("53-FZ, art. 25(1)")
def of_the_far_north(p, day):
    "In the listed districts of the Far North the call-up runs from 1 May to 15 July and from 1 November."
    return p.far_north and (day < may_1 or july_15 < day < november_1)


@defer("53-FZ, art. 25(1)")
def works_in_the_fields(p, day):
    "Whoever lives in the country and works at sowing or harvest is called up from 15 October only."
    return p.farm_worker and day < october_15


@defer("53-FZ, art. 25(1)")
def teaches(p, day):
    "A teacher is called up from 1 May to 15 July only."
    return p.teacher and (day < may_1 or day > july_15)
