"""Every question about many cases, asked as the rest of callup asks it, is answered as the fold of each case answers it."""

import re
from collections import Counter
from datetime import date, timedelta
from random import Random

import duckdb
import pyarrow as pa
import pytest
from cases.test_readers_agree import KINDS, NOTICE_FIELDS, RULES, START, WORKING, of_nobody, random_case, table, the_long_way

from callup.cases import Moment, close, due, due_counts, followup, standing
from callup.cases.desk import due_until, dues_of, states_of, states_query
from callup.cases.fold import fold_rules
from callup.cases.queries import DUE_ROWS, standing_rows
from callup.cases.rules import Rules, rules_of
from callup.cases.sql_words import words_of
from callup.jurisdictions import load
from callup.terms.errors import BadInput
from callup.terms.facts import TERMINAL
from callup.terms.tables import STANDINGS

TODAY = START + timedelta(days=40)
MOMENT = Moment(TODAY, TODAY)
ENDED = Moment(START + timedelta(days=50), START + timedelta(days=50), START + timedelta(days=50))


class World:
    """Some hundred cases under a folder's procedure, and a database that answers about them."""

    def __init__(self, code: str) -> None:
        dice, folder = Random(11), load(code)
        self.law = (folder.procedure.at(START), folder.calendar)
        rows, self.called = [], []
        for number in range(300):
            facts, notice = random_case(dice, number)
            rows += the_long_way(dice, notice) if number % 5 == 0 else facts
            self.called.append(notice)
        self.facts, self.notices = table(rows + of_nobody(dice), 11), pa.Table.from_pylist(self.called, NOTICE_FIELDS)
        self.base = duckdb.connect()
        self.base.register("facts", self.facts)
        self.base.register("notices", self.notices)

    def rows(self, query):
        """The rows of a query; its columns are those that it promises."""
        found = self.base.sql(query.sql).to_arrow_table()
        assert tuple(found.column_names) == query.gives.names
        return found.to_pylist()


@pytest.fixture(scope="module", params=["freedonia", "lt"])
def world(request):
    return World(request.param)


def test_what_is_due_as_counts_and_of_a_few_is_what_is_due_of_all(world):
    dues = world.rows(due(*world.law, MOMENT))
    shown = [{name: row[name] for name in DUE_ROWS.names} for row in world.rows(due_until(*world.law, MOMENT)) if row["waits"]]
    assert dues == shown
    counted = Counter((row["unit"], row["step"]) for row in dues if row["step"] != "nothing")
    overdue = Counter((row["unit"], row["step"]) for row in dues if row["overdue"])
    told = world.rows(due_counts(*world.law, MOMENT))
    assert {(row["unit"], row["step"]): (row["cases"], row["overdue"]) for row in told} == {
        key: (counted[key], overdue[key]) for key in counted
    }
    assert overdue.total() > 0
    few = [notice for notice in world.called if str(notice["case_id"]).endswith(("3", "a"))]
    cases = {notice["case_id"] for notice in few}
    own = pa.Table.from_pylist([row for row in world.facts.to_pylist() if row["case_id"] in cases | {None}], world.facts.schema)
    asked = (*world.law, pa.Table.from_pylist(few, NOTICE_FIELDS), own, MOMENT)
    assert dues_of(*asked).to_pylist() == [row for row in dues if row["case_id"] in cases]
    stands = {row["case_id"]: row for row in world.rows(standing(*world.law, MOMENT))}
    units = {notice["case_id"]: str(notice["stratum"]).partition("+")[0] for notice in world.called}
    assert states_of(*asked) == Counter((units[case], stands[case]["state"]) for case in cases)
    whole = Counter((units[case], row["state"]) for case, row in stands.items())
    assert {(row["unit"], row["state"]): row["cases"] for row in world.rows(states_query(*world.law, MOMENT))} == whole


def test_followup_counts_who_has_not_answered_and_closing_ends_every_case(world):
    stands = world.rows(standing(*world.law, MOMENT))
    silent = Counter((row["diagnosis"], row["next_step"]) for row in stands if row["diagnosis"] is not None)
    told = world.rows(followup(*world.law, MOMENT))
    assert {(row["diagnosis"], row["next_step"]): row["cases"] for row in told} == silent
    assert len(silent) > 3
    outcomes = world.rows(close(*world.law, ENDED))
    by_case = {notice["case_id"]: [] for notice in world.called} | {None: []}
    for row in world.facts.to_pylist():
        by_case[row["case_id"]].append(row)
    ended = {}
    for notice in world.called:
        one = fold_rules(rules_of(*world.law), by_case[notice["case_id"]] + by_case[None], notice, ENDED)
        ended[notice["case_id"]] = (one.state, one.since)
    assert {row["case_id"]: (row["outcome"], row["closed_on"]) for row in outcomes} == ended
    assert len(outcomes) == len(world.called)
    assert {row["outcome"] for row in outcomes} <= set(TERMINAL)


PLAIN = Rules(RULES.service, RULES.rests, RULES.terms)
PLAIN_AT_WORK = Rules(WORKING.service, WORKING.rests, WORKING.terms, calendar=WORKING.calendar)


@pytest.mark.parametrize("rules", [PLAIN, PLAIN_AT_WORK], ids=["days", "working days"])
def test_a_law_without_times_for_claims_in_which_no_clock_stands_still(rules):
    """Fold and query read the same, with no outage either, and no claim is late."""
    dice, rows, notices = Random(5), [], []
    for number in range(150):
        facts, notice = random_case(dice, number)
        rows += the_long_way(dice, notice) if number % 5 == 0 else facts
        notices.append(notice)
    facts = table([row for row in rows if row["kind"] != "tolled"], 5)
    moment = Moment(TODAY, TODAY, kinds=frozenset(KINDS) - {"tolled"})
    with duckdb.connect() as base:
        base.register("facts", facts)
        base.register("notices", pa.Table.from_pylist(notices, NOTICE_FIELDS))
        found = {row["case_id"]: row for row in base.sql(standing_rows(rules, moment).sql).to_arrow_table().to_pylist()}
    read, by_hand = facts.to_pylist(), Counter()
    for notice in notices:
        one = fold_rules(rules, [row for row in read if row["case_id"] == notice["case_id"]], notice, moment)
        assert {name: getattr(one, name) for name in STANDINGS.names} == found[notice["case_id"]], one.steps
        by_hand[one.respond_by is not None] += 1
    assert by_hand[True] > 10


def test_sparks_words_stand_where_duckdbs_stand():
    """That they mean the same is asked of a cluster, in tests/app; here that each step is written in one engine's words alone."""
    ours, theirs = (standing(*_law("lt"), MOMENT, name) for name in ("duckdb", "spark"))
    text = "\n".join([*(one.select for one in theirs.tables), theirs.sql])
    foreign = ("datediff(", "::ENUM", "generate_series", "list_sort", "list_reduce", "arg_max_null", "OVER ()", "//", "None")
    assert not [word for word in foreign if word in text]
    for mine, its in (
        ("datediff(", "unix_date("),
        ("list_reduce(", "aggregate("),
        ("list_sort(", "array_sort("),
        ("generate_series(", "sequence("),
    ):
        assert ours.sql.count(mine) == text.count(its) > 0, (mine, its)
    assert words_of("spark").folded("n", "s", "e + s") == "aggregate(n, s, (e, s) -> e + s)"
    assert words_of("spark").kind("k") == "k"
    read = {one.name: len(re.findall(rf"\b(?:FROM|JOIN) {one.name}\b", text)) for one in theirs.tables}
    assert {one.name for one in theirs.tables if one.kept} <= {name for name, times in read.items() if times > 1}
    assert any(one.kept for one in theirs.tables), "what several steps read is made once"


def test_an_engine_that_cannot_read_cases_is_refused():
    with pytest.raises(BadInput, match="sqlite") as refused:
        standing(*_law("freedonia"), MOMENT, "sqlite")
    assert refused.value.hint == "use one of duckdb, spark"


def _law(code):
    folder = load(code)
    return folder.procedure.at(date(2025, 4, 1)), folder.calendar
