"""Small models for the tests of stocks and flows."""

BELT = """
title = "one conveyor"
time = { unit = "year", step = "1/4", steps = STEPS }

[[constant]]
name = "starts"
value = STARTS
unit = "persons"

[[constant]]
name = "inflow"
value = INFLOW
unit = "persons/year"

[[constant]]
name = "tenth"
value = 0.1
unit = "1/year"

[[decree]]
name = "lost"
unit = "1"
values = [[0, 0.2], [20, 0.4]]

[[stock]]
name = "belt"
unit = "persons"
starts = "starts"
term = "TERM"

[[stock]]
name = "away"
unit = "persons"
starts = "0"

[[flow]]
name = "comes"
into = "belt"
rate = "inflow"

[[flow]]
name = "ends"
from = "belt"
"""


def leak(name: str, kind: str, amount: str, into: str = "") -> str:
    """One leak of the conveyor as a table of the file."""
    where = f'into = "{into}"\n' if into else ""
    return f'\n[[flow]]\nname = "{name}"\nfrom = "belt"\n{where}{kind} = "{amount}"\n'


def belt(*leaks: str, term: str = "4", starts: int = 0, inflow: int = 250, steps: int = 160) -> str:
    """A conveyor with the leaks given."""
    text = BELT + "".join(leaks)
    for word, value in (("STEPS", steps), ("STARTS", starts), ("INFLOW", inflow), ("TERM", term)):
        text = text.replace(word, str(value))
    return text
