"""What a jurisdiction itself calls its units, facts and citations in its official languages, for the pages of the public report."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from callup.jurisdictions import Jurisdiction
from callup.terms.decree import Decree


def words_in(jurisdiction: Jurisdiction, unit_names: Mapping[str, tuple[str, str]], decree: Decree) -> dict[str, dict[str, str]]:
    """By official language, what stands in the report in English, to what the jurisdiction's own forms call it.

    Args:
        jurisdiction: whose forms.
        unit_names: unit to its English name and its district.
        decree: whose own texts may have words in other languages.
    """
    return {
        language: _words(jurisdiction, forms, unit_names) | dict(decree.words.get(language, {}))
        for language, forms in sorted(jurisdiction.forms.items())
    }


def _words(jurisdiction: Jurisdiction, forms: Mapping[str, str], unit_names: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    law, procedure = (tomllib.loads(forms.get(name, "")) for name in ("law.toml", "procedure.toml"))
    facts: Mapping[str, Any] = law.get("facts", {})
    units = facts.get("unit", {}).get("values", {})
    said = {name.replace("_", " "): one["label"].lower() for name, one in facts.items()}
    said |= {name: units[unit] for unit, (name, _) in unit_names.items() if unit in units}
    for citation in (*jurisdiction.law.unverified, *jurisdiction.procedure.unverified):
        text = str(citation)
        for english, own in procedure.get("citation_words", {}).items():
            text = text.replace(english, own)
        said[str(citation)] = text
    return said
