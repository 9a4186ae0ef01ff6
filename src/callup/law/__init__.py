"""How rules work: a law in notation, parsed and never executed, becomes queries, explanations and a page.

Does: parses law and procedure notation, refuses what lies outside it or below the floor, writes findings as SQL, explains one person.
In: the text of ``law.py`` and ``procedure.py``, a person or the table ``snapshot``, days.
Out: ``Law``, ``Procedure``, queries giving findings, explanations, a page for jurists, reports on examples.
Never: names a country; runs a query; executes a law file; reads a file or a clock; widens the closed list of column kinds.
Follows: design decisions D1-D3 and D28; safeguards G1, G15, G17, G18, G20; Kleene's strong three-valued logic.

Second face: ``callup.law.examples``; ``callup.law.notation`` is for editors and documents the notation.

An example of ``examples/*.toml``; ``rule`` and ``kind`` (holds, fails, unknown, edge) go together and may be left out, and so may
``until`` and ``missing``; each citation of ``because`` must be among the answer's; a column that is not given is unknown::

    [[example]]
    name = "a student on the last day of studies"
    law = "Service Act 2020, art. 9(2)"
    rule = "student"
    kind = "edge"
    given = { born_on = 2000-01-01, is_resident = true, health = "fit", student_until = 2025-07-01, day = 2025-07-01 }
    expect = { finding = "LIABLE", because = ["Service Act 2020, art. 3(1)"] }
"""

from callup.law.assessing import assess, calendar_rows
from callup.law.dialects import DuckDB
from callup.law.examples import run_examples
from callup.law.findings import explain
from callup.law.findings import interval as interval
from callup.law.loading import load_law
from callup.law.page import page
from callup.law.procedure import Procedure
from callup.law.proceeding import load_procedure
from callup.law.registering import register_schema
from callup.law.tree import Law, Window

__all__ = [
    "DuckDB",
    "Law",
    "Procedure",
    "Window",
    "assess",
    "calendar_rows",
    "explain",
    "load_law",
    "load_procedure",
    "page",
    "register_schema",
    "run_examples",
]
