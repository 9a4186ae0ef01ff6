"""Guards of the cases and of the law, each taken away once: a small story must then read otherwise, or a bad file be let in (decision D27).

`test_walk` has the guards that need a whole walk. Here each guard has one story; what it must say is what the person is owed.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from cases.stories import CALLED, NOTICE, RULES, day, story
from law.test_procedure import SOUND, line

import callup.law
from callup.law import load_procedure
from callup.terms.errors import BadInput, NotLawful

SOURCE = Path(callup.law.__file__).parents[1]


@cache
def compiled(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert not old or text.count(old) == 1, f"the guard stands in {path.name}, once: {old}"
    for package in ("law", "cases"):
        text = text.replace(f"from callup.{package}", f"from unguarded.{package}")
    return compile(text.replace(old, new) if old else text, path, "exec")


class Unguarded(MetaPathFinder, Loader):
    """Finds ``unguarded.law`` and ``unguarded.cases``: the rooms as they are, with one guard taken away and their faces empty."""

    def __init__(self, file, old, new):
        self.changed, self.change = SOURCE / file, (old, new)

    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self, is_package=name.count(".") < 2) if name.split(".")[0] == "unguarded" else None

    def exec_module(self, module):
        parts = module.__name__.split(".")[1:]
        if len(parts) == 2:
            path = SOURCE.joinpath(*parts).with_suffix(".py")
            exec(compiled(path, *(self.change if path == self.changed else ("", ""))), module.__dict__)


@contextmanager
def without(file, old, new) -> Iterator[None]:
    """While it lasts, ``unguarded`` is the code without the guard."""
    finder = Unguarded(file, old, new)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.split(".")[0] == "unguarded"]:
            del sys.modules[name]


def found(package, facts, number, *, over=False, **notice):
    """The standing of a story on a day, which may be the last of the call-up."""
    fold = importlib.import_module(f"{package}.cases.fold")
    moment = fold.Moment(day(number), day(number), day(number) if over else None)
    return fold.fold_rules(RULES, [CALLED, *story(*facts)], NOTICE | notice, moment)


POSTED, MAILED = (0, "handed_over", {"channel": "mail"}), (0, "delivered", {"channel": "mail"})
LAID, OPENED = (1, "available", {"channel": "portal"}), (2, "opened", {"channel": "portal"})
ABSENT = (40, "did_not_come", {"appear_on": NOTICE["appear_on"]})
CLAIM, OTHER = (5, "claimed", {"ground": "deferral"}), (5, "claimed", {"ground": "other-date"})
REFUSED, GRANTED = (10, "decided", {"ref": "f2", "outcome": "refused"}), (10, "decided", {"ref": "f2", "outcome": "granted"})
TOLD = (12, "decision_served", {"ref": "f3"})
CAME = (10, "appeared", {})
STAY = (8, "stayed", {"ground": "unit north"})
STORIES = [
    # what undoes service
    ("service.py", 'fact.kind == "withdrawn" or fact in contests', "False", (POSTED, (2, "service_contested", {})), 30, "served_on", None),
    ("service.py", 'days = [fact.day for fact in facts if fact.kind == "recalled"]', "days = []",
     (POSTED, (12, "recalled", {"ground": "wave 1"}), (20, "called", {})), 30, "served_on", None),
    ("service.py", '(fact.notice_id or "") == (start.notice_id or "")', "True",
     (POSTED, (3, "returned", {"channel": "mail", "notice_id": "another"})), 30, "served_on", day(7)),
    ("service.py", '(fact.channel or "") == (start.channel or "")', "True",
     (OPENED, (9, "returned", {"channel": "mail"})), 30, "served_on", day(2)),
    ("service.py", 'if one.line.expiry == "confirm"', "", (POSTED,), 30, "confirmed_on", None),
    ("service.py", 'if one.line.expiry != "fail"', "", (LAID,), 30, "served_on", None),
    ("service.py", "found = [one for one in counted if one.line.acts]", "found = counted",
     ((0, "available", {"channel": "list"}),), 30, "served_on", None),
    ("service.py", "if one.ends <= as_of", "", (POSTED,), 6, "served_on", None),
    ("service.py", 'ruling.outcome != "refused"', "False",
     (POSTED, (2, "not_for_me", {}), (4, "decided", {"ref": "f2", "outcome": "granted"})), 30, "served_on", None),
    ("rules.py", 'LOSSES = ("returned", "attempt_failed", "misdelivered")', 'LOSSES = ("returned", "attempt_failed")',
     (OPENED, (3, "misdelivered", {"channel": "portal"})), 30, "served_on", None),
    ("rules.py", 'CONTESTS = ("service_contested", "not_for_me")', 'CONTESTS = ("service_contested",)',
     (POSTED, (2, "not_for_me", {})), 30, "served_on", None),
    # what a claim stops, and for how long
    ("claims.py", "LAST if appeal_by is None else appeal_by + timedelta(days=1)", "settled.day",
     (MAILED, CLAIM, REFUSED, TOLD), 30, "suspended", True),
    ("claims.py", 'if status == "appealed":', "if False:",
     (MAILED, CLAIM, REFUSED, TOLD, (20, "appealed", {"ref": "f3"})), 60, "suspended", True),
    ("claims.py", "if appeal and ruling is None:", "if False:",
     (MAILED, CLAIM, REFUSED, TOLD, (20, "appealed", {"ref": "f3"})), 60, "claim", "appealed"),
    ("claims.py", "decision and fact.ref == ref)", "decision)",
     (MAILED, CLAIM, OTHER, REFUSED, (10, "decided", {"ref": "f3", "outcome": "refused"}), (12, "decision_served", {"ref": "f5"})), 60,
     "suspended", True),
    ("claims.py", 'changed = ruling is not None and ruling.outcome == "changed"', "changed = False",
     (MAILED, CLAIM, REFUSED, TOLD, (20, "appealed", {"ref": "f3"}), (30, "appeal_decided", {"ref": "f5", "outcome": "changed"})), 60,
     "state", "deferred"),
    ("claims.py", "claim.until is None or as_of <= claim.until", "True",
     (MAILED, CLAIM, (10, "decided", {"ref": "f2", "outcome": "granted", "until": day(20)})), 21, "state", "answered"),
    ("claims.py", "if claim.kind in EXEMPTING and claim.settled_on", "if claim.settled_on",
     (MAILED, OTHER, GRANTED), 30, "state", "answered"),
    ("claims.py", "if taken_back:", "if False:", (MAILED, CLAIM, (6, "claim_withdrawn", {"ref": "f2"})), 30, "claim", "withdrawn"),
    # stays and what makes a clock stand still
    ("clocks.py", 'if mine or (fact.kind == "stayed" and fact.ground in scopes):', "if mine:", (MAILED, STAY), 9, "suspended", True),
    ("clocks.py", 'fact.kind == "stayed" and fact.ground in scopes', 'fact.kind == "stayed"',
     (MAILED, (8, "stayed", {"ground": "unit south"})), 9, "suspended", False),
    ("clocks.py", 'one.kind in ("stay_lifted", "case_stay_lifted") and one.ref == fact.fact_id', 'one.kind == "stay_lifted"',
     (MAILED, STAY, (8, "stayed", {"ground": "call-up"}), (9, "stay_lifted", {"ref": "f2"})), 12, "suspended", True),
    ("clocks.py", """for key in (f"service:{fact.channel or ''}", *TOLLED):""", "for key in ():",
     (MAILED, (5, "outage", {"channel": "portal", "until": day(7)})), 9, "respond_by", day(13)),
    ("clocks.py", "days -= not stands and (not working or calendar.is_working(day))", "days -= 1",
     (MAILED, (5, "outage", {"channel": "portal", "until": day(7)})), 9, "respond_by", day(13)),
    ("clocks.py", "line.ground == fact.ground and ", "",
     (MAILED, (1, "tolled", {"ground": "abroad", "until": day(3)})), 9, "respond_by", day(10)),
    ("clocks.py", "min([fact.until, *given])", "fact.until",
     (MAILED, (1, "claimed", {"ground": "deferral"}), (3, "papers_asked", {"ref": "f2", "until": day(12)}),
     (5, "papers_given", {"ref": "f3"})), 17,
     "decide_by", day(19)),
    # what may be said of a person after service
    ("course.py", 'if from_on + timedelta(days=read.rules.term("lead", service.served_on).days) > day:', "if False:",
     ((25, "opened", {"channel": "portal"}), ABSENT), 60, "state", "served"),
    ("course.py", "return not any(_excuses(one) and one.day > day for one in facts)", "return True",
     (MAILED, ABSENT, (43, "excused", {})), 60, "state", "served"),
    ("course.py", 'fact.kind == "inquired" and fact.outcome == "innocent-cause"', "False",
     (MAILED, ABSENT, (43, "inquired", {"outcome": "innocent-cause"})), 60, "state", "served"),
    ("course.py", "any(fact.day <= one.day for one in taken_back(facts))", "False",
     ((0, "delivered", {"channel": "mail", "notice_id": "another"}), ABSENT, (41, "withdrawn", {}), (42, "called", {})),
     60, "state", "served"),
    ("course.py", 'fact.kind == "assessed" and appeared_on is not None and appeared_on <= fact.day', 'fact.kind == "assessed"',
     (MAILED, (5, "assessed", {"outcome": "fit"}), CAME), 30, "state", "appeared"),
    ("course.py", 'fact.kind == "enlisted" and fit_on is not None and fit_on <= fact.day', 'fact.kind == "enlisted"',
     (MAILED, CAME, (11, "enlisted", {})), 30, "state", "appeared"),
    ("course.py", 'fact.kind == "fulfilled" and appeared_on is not None and appeared_on <= fact.day', 'fact.kind == "fulfilled"',
     (MAILED, (5, "fulfilled", {})), 30, "state", "served"),
    ("course.py", "any(day and day <= fact.day for day in granted)", "True",
     (MAILED, (9, "alternative_assigned", {}), (9, "claimed", {"ground": "alternative-service"})), 30, "state", "claim pending"),
    ("course.py", "last.order > called.order", "True", (MAILED, (5, "withdrawn", {}), (6, "called", {})), 30, "state", "called"),
    ("course.py", "if last and (called is None or", "if False and (called is None or",
     (MAILED, (5, "withdrawn", {})), 30, "state", "withdrawn"),
    # what is known, and how a case ends
    ("fold.py", 'and row["known_on"] <= moment.known_at', "",
     (MAILED, (6, "claimed", {"ground": "deferral", "known_on": day(9)})), 8, "suspended", False),
    ("fold.py", 'row["happened_on"] <= moment.as_of and', "",
     (POSTED, (20, "opened", {"channel": "portal", "known_on": day(0)})), 8, "confirmed_on", None),
    ("fold.py", '"nothing" if stopped or moment.over else', '"nothing" if moment.over else',
     (POSTED, LAID, STAY), 30, "next_step", "nothing"),
    ("fold.py", "max(service.served_on, ledger.fresh_on or service.served_on)", "service.served_on",
     (MAILED, STAY, (30, "stay_lifted", {"ref": "f2"})), 35, "respond_by", day(40)),
    ("fold.py", '(claims.resting, "claim pending", None),', "",
     (MAILED, ABSENT, (41, "claimed", {"ground": "liability"})), 60, "state", "claim pending"),
    ("fold.py", 'fact.kind == "halted" and fact.ground in scope', "False",
     (POSTED, (9, "halted", {"ground": "wave 1"})), 30, "suspended", True),
    ("fold.py", '(fact.kind == "recalled" and fact.ground == recall)', "False",
     (POSTED, (9, "recalled", {"ground": "wave 1"})), 30, "state", "withdrawn"),
    ("step.py", '(service.contest_open, "resolve-contest"),', "",
     (POSTED, (9, "service_contested", {})), 30, "next_step", "resolve-contest"),
    ("step.py", '(claims.unserved, "serve-decision"),', "", (MAILED, CLAIM, REFUSED), 30, "next_step", "serve-decision"),
    ("step.py", '(claims.summary == "pending", "decide-claim"),', "", (MAILED, OTHER), 30, "next_step", "decide-claim"),
    ("step.py", '"ask-why" if course.inquired_on is None else "nothing"', '"ask-why"',
     (MAILED, ABSENT, (43, "inquired", {"outcome": "none-found"})), 60, "next_step", "nothing"),
    ("step.py", "and not reminded else", "else", (MAILED, (15, "courtesy_sent", {})), 20, "next_step", "await-appearance"),
]  # fmt: skip
"""File of `cases`, the guard, what stands instead, the facts, the day, what is asked, and what the person is owed."""

CLOSED = [
    ("fold.py", "closed = moment.over and open_state not in TERMINAL", "closed = False", (MAILED,), {}, "lapsed (no answer, not referred)"),
    ("fold.py", 'ended = liable_until is not None and as_of >= liable_until', "ended = False",
     (MAILED,), {"liable_until": day(50)}, "liability ended"),
]  # fmt: skip

LOADED = [
    ("floor.py", "if kind not in against:", "if False:", SOUND.replace(line('remedy("notice"'), "")),
    ("floor.py", "if remedy.days > 0", "",
     SOUND.replace('remedy("notice", body="Court", days=30', 'remedy("notice", body="Court", days=0')),
    ("floor.py", "if not procedure.consequences:", "if False:", SOUND.replace(line("consequence"), "")),
    ("floor.py", "if not procedure.advice:", "if False:", SOUND.replace(line("advice"), "")),
    ("floor.py", "if not procedure.conscience:", "if False:", SOUND.replace(line("conscience"), "")),
    ("floor.py", "if not any(term.months > 0 for term in procedure.terms):", "if False:", SOUND.replace(line("term"), "")),
    ("floor.py", "if not procedure.military:", "if True:", SOUND.replace(line("conscience"), "")),
    ("proceeding.py", "if shape.cited and not citation:", "if False:", SOUND.replace(', cite="Act 20"', "")),
    ("proceeding.py", "if since >= ended:", "if False:", SOUND.replace('since="2022-01-01"', 'since="2026-01-01"')),
    ("proceeding.py", "key.arg in given or key.arg not in allowed", "False", SOUND.replace("days=7", "days=7, place='x'")),
    ("proceeding.py", "(not shape.among or held in shape.among)", "True", SOUND.replace('"presume"', '"punish"')),
    ("proceeding.py", "0 <= held <= 36_500", "True", SOUND.replace("days=7", "days=40000")),
    ("proceeding.py", 'if rule.on_expiry == "confirm" and rule.days:', "if False:", SOUND.replace("days=0", "days=3")),
    ("proceeding.py", "if channel.name not in {rule.channel for rule in procedure.services}:", "if False:",
     SOUND + 'channel("dove", cite="Act")\n'),
    ("proceeding.py", "if rule.channel not in names:", "if False:",
     SOUND + 'service("dove", start="opened", days=0, on_expiry="fail", cite="Act")\n'),
    ("proceeding.py", "if stop.claim not in filed:", "if False:", SOUND.replace(line("claim"), "")),
    ("proceeding.py", "if name == other_name and", "if False and", SOUND + 'clock("response", starts="served", days=2, cite="Act")\n'),
    ("proceeding.py", "if not toll.clocks or not", "if not", SOUND + 'tolls("hospital", clocks=[], cite="Act")\n'),
    ("proceeding.py", "if not toll.clocks or not set(toll.clocks) <= set(_TOLLED):", "if not toll.clocks:",
     SOUND + 'tolls("hospital", clocks=["decision"], cite="Act")\n'),
    ("proceeding.py", "if one.working and one.name in _WHOLE_DAYS", "if False",
     SOUND + 'clock("lead", starts="served", days=9, working=True, cite="Act")\n'),
    ("proceeding.py", "if one.working and one.before", "if False",
     SOUND + 'claim("other-date", papers=[], before=9, working=True, cite="Act")\n'),
    ("proceeding.py", 'if clock.name == "greatest_lead" and clock.starts != "posted":', "if False:",
     SOUND + 'clock("greatest_lead", starts="served", days=30, cite="Act")\n'),
]  # fmt: skip
"""File of `law`, the guard, what stands instead, and a procedure that must not load."""


def test_some_sixty_guards_are_pinned():
    assert len(STORIES) + len(CLOSED) + len(LOADED) >= 60


@pytest.mark.parametrize(("file", "old", "new", "facts", "number", "asked", "owed"), STORIES)
def test_what_the_person_is_owed(file, old, new, facts, number, asked, owed):
    assert getattr(found("callup", facts, number), asked) == owed


@pytest.mark.parametrize(("file", "old", "new", "facts", "number", "asked", "owed"), STORIES)
def test_a_story_reads_otherwise_without_its_guard(file, old, new, facts, number, asked, owed):
    with without(f"cases/{file}", old, new):
        assert getattr(found("unguarded", facts, number), asked) != owed


@pytest.mark.parametrize(("file", "old", "new", "facts", "notice", "owed"), CLOSED)
def test_how_a_case_ends(file, old, new, facts, notice, owed):
    assert found("callup", facts, 60, over=True, **notice).state == owed


@pytest.mark.parametrize(("file", "old", "new", "facts", "notice", "owed"), CLOSED)
def test_a_case_ends_otherwise_without_its_guard(file, old, new, facts, notice, owed):
    with without(f"cases/{file}", old, new):
        assert found("unguarded", facts, 60, over=True, **notice).state != owed


@pytest.mark.parametrize(("file", "old", "new", "text"), LOADED)
def test_a_bad_procedure_is_refused(file, old, new, text):
    with pytest.raises((BadInput, NotLawful)):
        load_procedure(text, "procedure.py")


@pytest.mark.parametrize(("file", "old", "new", "text"), LOADED)
def test_a_bad_procedure_loads_without_its_guard(file, old, new, text):
    with without(f"law/{file}", old, new):
        assert importlib.import_module("unguarded.law.proceeding").load_procedure(text, "procedure.py")
