"""Latvia: State Defence Service Law of 2023. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import age, dated, defer, disqualify, exempt, liable, p

register = {
    "born_on": "birth date: date",
    "sex": "sex: text",
    "citizenship": "citizenship: text",
    "is_resident": "residence: flag",
    "health": "ground: text",
    "sentence_until": "ground: date, absent = no",
    "served_on": "last fulfilled on: date, absent = no",
    "in_forces": "ground: flag, absent = no",
    "excluded_citizenship": "ground: flag, absent = no",
    "kalpaks_graduate": "ground: flag, absent = no",
    "interior_or_security": "ground: flag, absent = no",
    "convicted_or_charged": "ground: flag, absent = no",
    "child_with_disability": "ground: flag, absent = no",
    "sole_parent": "ground: flag, absent = no",
    "sole_carer_until": "ground: date, absent = no",
    "after_school_until": "ground: date, absent = no",
    "pupil_until": "ground: date, absent = no",
    "pupil_waived": "ground: flag, absent = no",
}

age_from = dated({"2024-01-01": (18, "State Defence Service Law, section 2(2)")})
called_below = dated({"2024-01-01": (19, "State Defence Service Law, section 2(2)")})


@liable("State Defence Service Law, section 2(2)")
def of_age(p, day):
    "Men who are citizens and live in Latvia are called within a year after turning 18, or within a year after school."
    return (
        p.sex == "m" and p.citizenship == "LV" and p.is_resident and age(p.born_on, day) >= age_from
        and (age(p.born_on, day) < called_below or p.after_school_until > day)
    )


@disqualify("State Defence Service Law, section 8(1)(8) and 9(1)(4)", until=p.sentence_until)
def sentenced(p, day):
    "Whoever serves a sentence is not called."
    return p.sentence_until > day


@exempt("State Defence Service Law, section 8(1)(4) and (6)")
def served(p, day):
    "Whoever has served, here or as a citizen of another state, owes no more."
    return p.served_on <= day


@exempt("State Defence Service Law, section 8(1)(1)")
def unfit(p, day):
    "Whoever was found unfit is free."
    return p.health == "unfit"


@exempt("State Defence Service Law, section 8(1)(6) and 9(1)(5)")
def forces(p, day):
    "Whoever serves in the forces or the National Guard is not called."
    return p.in_forces


@exempt("State Defence Service Law, section 8(1)(2)")
def parent(p, day):
    "A parent who alone has the care of a child is free."
    return p.sole_parent


@exempt("State Defence Service Law, section 8(1)(4.1)")
def of_another_state(p, day):
    "Whoever is also a citizen of a state that the law does not name is free."
    return p.excluded_citizenship


@exempt("State Defence Service Law, section 8(1)(5)")
def graduate(p, day):
    "A graduate of the Kalpaks secondary school is free."
    return p.kalpaks_graduate


@exempt("State Defence Service Law, section 8(1)(7) and 9(1)(1)")
def officer(p, day):
    "An officer of the interior, the prisons or state security is not called."
    return p.interior_or_security


@exempt("State Defence Service Law, section 8(1)(8) and (9), 9(1)(3) and (4)")
def before_a_court(p, day):
    "Whoever was convicted, or is suspected or accused, is not called."
    return p.convicted_or_charged


@exempt("State Defence Service Law, section 8(1)(10)")
def of_a_child_with_a_disability(p, day):
    "A parent, guardian or foster parent of a child with a disability is free."
    return p.child_with_disability


@exempt("State Defence Service Law, section 8(1)(3)", until=p.sole_carer_until)
def carer(p, day):
    "Whoever by law or judgment alone cares for a spouse or parent is free as long."
    return p.sole_carer_until > day


@defer("State Defence Service Law, section 2(2): school", until=p.pupil_until, waivable=True)
def pupil(p, day):
    "Whoever is still at school serves after it, and may choose to serve at once."
    return p.pupil_until > day
