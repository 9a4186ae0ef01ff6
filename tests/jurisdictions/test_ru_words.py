"""What a Russian letter cites is written in Russian: every mark of law and procedure has its words."""

import re
import tomllib

from callup.jurisdictions import load


def test_no_mark_stays_in_english():
    ru = load("ru")
    words = tomllib.loads(ru.forms["ru"]["procedure.toml"])["citation_words"]
    left = {}
    for mark in (*ru.law.unverified, *ru.procedure.unverified):
        said = str(mark)
        for english, russian in words.items():
            said = said.replace(english, russian)
        if found := re.findall(r"[A-Za-z]{3,}", said):
            left[mark] = found
    assert len(ru.law.unverified) > 2
    assert left == {}
