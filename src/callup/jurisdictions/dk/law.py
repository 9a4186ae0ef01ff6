"""Denmark: Conscription Act. Notation, not a program: parsed and checked, never executed."""
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
    "sole_carer_until": "ground: date, absent = no",
    "pupil_until": "ground: date, absent = no",
    "student_until": "ground: date, absent = no",
    "student_waived": "ground: flag, absent = no",
}

age_from = dated({"2010-01-01": (18, "Conscription Act, section 13(1)")})
age_below = dated({"2010-01-01": (32, "Conscription Act, section 25(2)")})
# Whoever turns 18 on or after 1 July 2025 was born on or after 1 July 2007.
women_from = dated({
    "2010-01-01": (None, "no duty of women before the amendment of 2025"),
    "2025-07-01": ("2007-07-01", unverified("amendment of 2025: women who turn 18 on or after 1 July 2025")),
})


@liable("Conscription Act, section 1")
def men(p, day):
    "Men who are citizens and live in Denmark are called from 18 on, and no more once they are 32."
    return p.sex == "m" and p.citizenship == "DK" and p.is_resident and age_from <= age(p.born_on, day) < age_below


@liable(unverified("amendment of 2025: women who turn 18 on or after 1 July 2025"), since="2025-07-01")
def women(p, day):
    "Women who turn 18 on or after 1 July 2025 are called alike."
    return (
        p.sex == "f" and p.citizenship == "DK" and p.is_resident and p.born_on >= women_from and age_from <= age(p.born_on, day) < age_below
    )


@disqualify("Conscription Act, section 4(1): a session may exclude, callup always does", until=p.sentence_until)
def sentenced(p, day):
    "Whoever serves a sentence is not called."
    return p.sentence_until > day


@exempt(unverified("Conscription Act, exemptions: service done"))
def served(p, day):
    "Whoever has served owes no more."
    return p.served_on <= day


@exempt("Conscription Act, section 18(1)")
def unfit(p, day):
    "Whoever was found unfit is free."
    return p.health == "unfit"


@exempt("Conscription Act, section 2(2)")
def forces(p, day):
    "Whoever serves in the forces or the emergency service under contract is not called."
    return p.in_forces


@defer("Conscription Act, section 28(1)", until=p.sole_carer_until)
def carer(p, day):
    "Whoever alone cares for another serves later."
    return p.sole_carer_until > day


@defer("Conscription Act, section 13(4)", until=p.pupil_until)
def pupil(p, day):
    "Whoever is still at school serves after it."
    return p.pupil_until > day


@defer("Conscription Act, section 13(4)", until=p.student_until, waivable=True)
def student(p, day):
    "A student serves after the studies, and may choose to serve at once."
    return p.student_until > day
