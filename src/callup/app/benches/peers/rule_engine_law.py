"""The peer of the bench ``one-by-one``: rule-engine decides each person by the law of ru on 1 April 2025, in the peer's own environment.

    python rule_engine_law.py PERSONS

``PERSONS`` has one JSON object a line, dates as ISO texts. Prints one JSON line: version, CPU seconds, and how many by deciding rule;
-1 is liable. Rules are asked in the law's order and only until one decides.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import rule_engine  # type: ignore[import-not-found]

FOREVER = datetime(9999, 12, 31)  # noqa: DTZ001 - the engine's dates have no zone
FOREVER = datetime(9999, 12, 31)  # noqa: DTZ001 - the engine's dates have no zone
DAY = 'd"2025-04-01"'
BOUND = 'sex == "m" and citizenship == "RU" and born_on <= d"2007-04-01" and born_on > d"1995-04-01"'
FIRM = {
    14: f"under_investigation or (sentence_until != null and sentence_until > {DAY})",
    3: 'born_on <= d"1996-12-31"',
    4: "in_reserve",
    5: "not is_resident",
    7: 'health_category == "V"',
    8: 'health_category == "D"',
    9: "served",
    10: "alternative_service",
    11: "served_abroad",
    12: "degree and not degree_waived",
    13: "kin_died_in_service and not kin_died_waived",
}
DEFERRING = {
    15: (f'health_category == "G" and health_until > {DAY}', "health_until"),
    16: (f"student_until != null and student_until > {DAY} and not student_waived", "student_until"),
    17: (f"residency_until != null and residency_until > {DAY} and not residency_waived", "residency_until"),
    18: (f"carer_until != null and carer_until > {DAY}", "carer_until"),
    19: (f"guardian_until != null and guardian_until > {DAY}", "guardian_until"),
    20: ("raises_child_alone", ""),
    21: ("children != null and children >= 2", ""),
    22: (f"disabled_child_until != null and disabled_child_until > {DAY}", "disabled_child_until"),
    23: ("child_and_pregnancy", ""),
    24: ("special_service", ""),
    25: (f"elected_until != null and elected_until > {DAY}", "elected_until"),
    26: (f"it_until != null and it_until > {DAY}", "it_until"),
    27: ("far_north", ""),
    28: ("farm_worker", ""),
    29: ("teacher", ""),
}


def main(path: str) -> None:
    """Decide everyone once."""
    bound = rule_engine.Rule(BOUND)
    firm = [(number, rule_engine.Rule(text)) for number, text in FIRM.items()]
    deferring = [(number, rule_engine.Rule(text), until) for number, (text, until) in DEFERRING.items()]

    def deciding(person: dict[str, Any]) -> int:
        if not bound.matches(person):
            return 0
        for number, rule in firm:
            if rule.matches(person):
                return number
        held = [(person[until] if until else FOREVER, -number) for number, rule, until in deferring if rule.matches(person)]
        return -max(held)[1] if held else -1

    persons = [_typed(json.loads(line)) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    start = time.process_time()
    counts = Counter(map(deciding, persons))
    seconds = time.process_time() - start
    print(json.dumps({"version": version("rule-engine"), "seconds": seconds, "deciding": {str(key): many for key, many in counts.items()}}))


def _typed(person: dict[str, Any]) -> dict[str, Any]:
    """Dates as the engine takes them."""
    dates = [name for name in person if name == "born_on" or name.endswith("_until")]
    return person | {name: datetime.fromisoformat(person[name]) if person[name] else None for name in dates}


if __name__ == "__main__":
    main(*sys.argv[1:])
