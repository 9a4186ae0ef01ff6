"""United States: the juror qualification form, 28 U.S.C. 1864. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import liable, p

register = {
    "in_wheel": "ground: flag",
}


@liable("28 U.S.C. 1864(a)")
def in_the_wheel(p, day):
    "Whoever's name is drawn from the master jury wheel gets a form and answers it; whether they are qualified is found from the answer."
    return p.in_wheel
