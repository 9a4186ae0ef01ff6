"""The jurist's page of two laws as kept, so that no word changes unseen. ``PYTHONPATH=tests python -m law.kept_pages`` writes both."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from law.corpus import EVERYTHING

from callup.jurisdictions import load
from callup.law import load_law, page

KEPT = Path(__file__).with_name("pages")
DAY = date(2024, 3, 1)


def pages() -> Iterator[tuple[str, str]]:
    """Name and text of each: every construct of the notation, and a whole folder with its procedure and examples; digests left out."""
    found = load("freedonia")
    law = load_law(EVERYTHING, "everyland/law.py")
    for name, shown in (
        ("freedonia", page(found.law, found.procedure, DAY, found.examples)),
        ("everyland", page(law, found.procedure, DAY, ())),
    ):
        yield name, re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", shown).replace("><", ">\n<") + "\n"


if __name__ == "__main__":
    for name, shown in pages():
        (KEPT / f"{name}.html").write_text(shown, encoding="utf-8")
