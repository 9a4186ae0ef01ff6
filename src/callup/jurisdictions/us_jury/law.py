"""United States: federal petit jury, 28 U.S.C. 1861 to 1878. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import age, dated, disqualify, exempt, liable, p, unverified

register = {
    "born_on": "birth date: date",
    "citizenship": "citizenship: text",
    "is_resident": "residence: flag",
    "english_enough": "ground: flag",
    "health_bars": "ground: flag, absent = no",
    "felony_open": "ground: flag, absent = no",
    "felony_unrestored": "ground: flag, absent = no",
    "in_forces": "ground: flag, absent = no",
    "emergency_staff": "ground: flag, absent = no",
    "public_officer": "ground: flag, absent = no",
    "excused_on": "ground: date, absent = no",
    "rests_until": "ground: date",
}

age_from = dated({"1968-12-22": (21, "28 U.S.C. 1865(b)(1), as enacted in 1968"),
                  "1972-04-06": (18, "28 U.S.C. 1865(b)(1)")})


@liable("28 U.S.C. 1865(b)(1)")
def of_age(p, day):
    "A citizen of full age who has lived in the district for a year is qualified."
    return p.citizenship == "US" and p.is_resident and age(p.born_on, day) >= age_from


@disqualify("28 U.S.C. 1865(b)(2) and (3)")
def no_english(p, day):
    "Whoever cannot read, write, understand or speak English well enough is not qualified."
    return not p.english_enough


@exempt("28 U.S.C. 1865(b)(4)")
def infirm(p, day):
    "Whoever cannot serve by reason of infirmity is not qualified."
    return p.health_bars


@disqualify("28 U.S.C. 1865(b)(5)")
def charged(p, day):
    "Whoever has a felony charge pending, or a felony conviction without restored civil rights, is not qualified."
    return p.felony_open or p.felony_unrestored


@exempt("28 U.S.C. 1863(b)(6)(A)")
def forces(p, day):
    "Members in active service of the armed forces are exempt."
    return p.in_forces


@exempt("28 U.S.C. 1863(b)(6)(B)")
def emergency(p, day):
    "Members of fire and police departments are exempt."
    return p.emergency_staff


@exempt("28 U.S.C. 1863(b)(6)(C)")
def officer(p, day):
    "Public officers actively engaged in their duties are exempt."
    return p.public_officer


@exempt("28 U.S.C. 1863(b)(5) and 1866(c)(1)")
def excused(p, day):
    "Whoever the court has excused for undue hardship is free."
    return p.excused_on <= day


@exempt("28 U.S.C. 1866(e)", until=p.rests_until)
def rests(p, day):
    "In any two years nobody is called beyond what the law allows; until then one rests."
    return p.rests_until > day
