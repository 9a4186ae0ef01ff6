"""What the seven procedures say where they differ: read from the folders, told as small stories."""

from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from cases.stories import NOTICE, story

from callup.cases.fold import Moment, fold_rules
from callup.cases.rules import rules_of
from callup.jurisdictions import available, load
from callup.law import explain

SEVEN = ("ch-civil-protection", "dk", "es-polls", "lt", "lv", "ru", "us-jury")
MAILED, AVAILABLE = (0, "handed_over", {"channel": "mail"}), (0, "available", {"channel": "portal"})


def rules(code):
    folder = load(code)
    return rules_of(folder.procedure, folder.calendar)


def read(code, number, *facts, start=date(2025, 4, 1)):
    """As `cases.stories.read`, by the procedure of a country."""
    moved = start - date(2025, 4, 1)
    rows = [row | {"happened_on": row["happened_on"] + moved, "known_on": row["known_on"] + moved} for row in story(*facts)]
    return fold_rules(
        rules(code),
        rows,
        NOTICE | {"appear_on": start + timedelta(days=90)},
        Moment(start + timedelta(days=number), start + timedelta(days=number)),
    )


def test_the_seven_are_here_each_with_enough_examples_and_english():
    assert set(SEVEN) <= set(available())
    for code in SEVEN:
        folder = load(code)
        assert len(folder.examples) >= 25
        assert "en" in folder.forms
        assert folder.calendar.zone != "UTC"


@pytest.mark.parametrize(
    ("code", "languages"),
    [("lt", {"lt", "en"}), ("lv", {"lv", "en"}), ("dk", {"da", "en"}), ("us-jury", {"en"}), ("es-polls", {"es", "en"}),
     ("ch-civil-protection", {"de", "fr", "it", "en"}), ("ru", {"ru", "en"})],
)  # fmt: skip
def test_each_speaks_its_languages(code, languages):
    assert set(load(code).forms) == languages


@pytest.mark.parametrize(
    ("code", "served_on"),
    [("lv", 7), ("ru", None), ("us-jury", None), ("es-polls", None), ("ch-civil-protection", None), ("dk", None), ("lt", None)],
)
def test_a_letter_handed_to_the_post_and_nothing_more(code, served_on):
    """Only Latvia presumes; a clerk's affidavit of mailing (United States) and an unfetched letter (Switzerland) serve nobody here."""
    found = read(code, 60, MAILED)
    assert found.served_on == (None if served_on is None else date(2025, 4, 1) + timedelta(days=served_on))
    assert found.confirmed_on is None


@pytest.mark.parametrize(("code", "deemed"), [("es-polls", 3), ("ch-civil-protection", 7), ("lv", None), ("us-jury", None)])
def test_the_harsher_line_of_the_law_is_known_and_not_acted_on(code, deemed):
    assert read(code, 60, MAILED).deemed_on == (None if deemed is None else date(2025, 4, 1) + timedelta(days=deemed))


@pytest.mark.parametrize(("there", "deemed"), [(10, 10), (274, 274), (275, 282), (300, 307)])
def test_russia_deems_from_the_cabinet_in_2025_and_on_the_seventh_day_of_the_register_from_2026(there, deemed):
    """Day 275 is 1 January 2026. callup acts on opening only, before and after."""
    found = read("ru", there + 20, (there, "available", {"channel": "portal"}))
    assert (found.deemed_on, found.served_on) == (date(2025, 4, 1) + timedelta(days=deemed), None)


def test_denmark_deems_a_message_served_when_it_is_in_the_box_and_callup_waits():
    found = read("dk", 13, AVAILABLE)
    assert (found.deemed_on, found.served_on) == (date(2025, 4, 1), None)
    assert read("dk", 14, AVAILABLE).service == "presumed"


def test_lithuania_derives_no_duty_from_a_list_that_nobody_looked_at():
    listed = (0, "called", {}), (0, "available", {"channel": "list"})
    found = read("lt", 60, *listed)
    assert (found.deemed_on, found.service, found.state) == (date(2025, 4, 1), "none", "called")
    assert read("lt", 60, *listed, (5, "opened", {"channel": "list"})).service == "confirmed"


def test_latvia_counts_working_days_to_answer_and_for_the_electronic_address():
    """Available on Thursday 17 April 2025: Good Friday and Easter Monday do not count; served on Wednesday, to be answered in five more."""
    found = read("lv", 20, AVAILABLE, start=date(2025, 4, 17))
    assert (found.served_on, found.respond_by) == (date(2025, 4, 23), date(2025, 4, 30))


def test_spain_decides_in_five_days_and_a_plea_after_seven_is_late_and_heard():
    served, plea = (0, "delivered", {"channel": "counter"}), (3, "claimed", {"ground": "exemption"})
    found = read("es-polls", 9, served, plea)
    assert (found.suspended, found.decide_by, found.overdue, found.late) == (True, date(2025, 4, 9), True, ())
    late = read("es-polls", 9, served, (8, "claimed", {"ground": "exemption"}))
    assert (late.late, late.next_step, late.suspended) == (("f2",), "decide-claim", True)


@pytest.mark.parametrize(
    ("code", "final"), [("ru", True), ("lv", True), ("lt", True), ("es-polls", False), ("us-jury", False), ("ch-civil-protection", False)]
)
def test_a_refusal_that_is_served_ends_the_rest_at_once_only_where_no_appeal_suspends(code, final):
    served, plea = (0, "delivered", {"channel": "counter"}), (1, "claimed", {"ground": "exemption"})
    refused = (4, "decided", {"ref": "f2", "outcome": "refused"})
    assert read(code, 3, served, plea).suspended
    assert read(code, 6, served, plea, refused).suspended, "nobody has told the person yet (ADR 0062)"
    told = (5, "decision_served", {"ref": "f3", "channel": "counter"})
    assert read(code, 6, served, plea, refused, told).suspended == final


def test_switzerland_wants_a_request_three_weeks_ahead_and_six_weeks_of_notice():
    served = (0, "delivered", {"channel": "mail"})
    assert read("ch-civil-protection", 80, served, (69, "claimed", {"ground": "other-date"})).late == ()
    assert read("ch-civil-protection", 80, served, (70, "claimed", {"ground": "other-date"})).late == ("f2",)
    absent = {"appear_on": date(2025, 6, 30)}
    assert read("ch-civil-protection", 95, served, (91, "did_not_come", absent)).state == "did not come"
    assert read("ch-civil-protection", 95, (50, "delivered", {"channel": "mail"}), (91, "did_not_come", absent)).state == "served"


def test_a_jury_that_has_served_rests_for_two_years():
    found = read("us-jury", 60, (0, "delivered", {"channel": "mail"}), (20, "appeared", {}), (21, "fulfilled", {}))
    (rest,) = [clock for clock in found.clocks if clock.name == "rest"]
    assert (found.state, rest.ends_on) == ("fulfilled", date(2025, 4, 22) + timedelta(days=731))


@pytest.mark.parametrize("code", ["us-jury", "us-jury-form"])
def test_the_form_of_a_federal_jury_is_a_call_of_its_own_and_serves_no_summons(code):
    """Two steps (28 U.S.C. 1864 and 1866): a form without a day, ten days to answer it; then a draw from those qualified, and a summons.

    Were both one case, who answered the form would be held to have the summons (conduct confirms service). So each is its own (ADR 0057).
    """
    rules_, sent = rules(code), date(2025, 4, 1)
    form = NOTICE | {"appear_on": None}

    def told(number, *facts, closing=None):
        moment = Moment(sent + timedelta(days=number), sent + timedelta(days=number), closing)
        return fold_rules(rules_, story((0, "called", {}), MAILED, *facts), form, moment)

    had, absent = (3, "delivered", {"channel": "mail"}), (30, "did_not_come", {"appear_on": None})
    assert (told(5, had).respond_by, told(5, had).appear_on) == (date(2025, 4, 14), None)
    assert (told(40, had, absent).state, told(14, had).next_step) == ("served", "remind"), "a form names no day that one can miss"
    closed = sent + timedelta(days=60)
    assert told(60, had, closing=closed).state == "lapsed (no answer, not referred)"
    answered = (9, "responded", {"channel": "mail"})
    assert (told(10, had, answered).state, told(60, had, answered, closing=closed).state) == ("answered", "released")
    juror = {"born_on": date(1990, 1, 1), "citizenship": "US", "is_resident": True, "rests_until": date(2020, 1, 1), "unit": "US-CT"}
    law = load("us-jury").law
    assert explain(law, juror, date(2025, 6, 1)).missing == ("english_enough",), "who did not answer is qualified by nobody"
    assert explain(law, juror | {"english_enough": True}, date(2025, 6, 1)).finding == "LIABLE"


def test_the_form_asks_everybody_in_the_wheel_and_the_summons_nobody_before_they_answered():
    """The form binds by 28 U.S.C. 1864(a), where nobody knows yet who is qualified; so the two steps are two folders (ADR 0058)."""
    form, day = load("us-jury-form"), date(2025, 6, 1)
    found = [explain(form.law, {"in_wheel": known} if known is not None else {}, day).finding for known in (True, False, None)]
    assert found == ["LIABLE", "NOT_LIABLE", "UNDETERMINED"]
    assert not set(form.law.columns) & {"english_enough", "felony_open", "citizenship"}, "it judges nothing that it asks"
    assert 'asks = "answer"' in form.forms["en"]["letter.toml"]
    letters = [
        path for path in Path(str(files("callup.jurisdictions"))).glob("*/forms/*/letter.toml") if "asks =" in path.read_text("utf-8")
    ]
    assert [path.parents[2].name for path in letters] == ["us_jury_form"]


@pytest.mark.parametrize(
    ("rests_until", "finding", "missing"),
    [(None, "UNDETERMINED", ("rests_until",)), (date(2020, 1, 1), "LIABLE", ()), (date(2026, 1, 1), "NOT_LIABLE", ())],
)
def test_the_migration_that_lost_the_rest_periods(rests_until, finding, missing):
    """A new system had lost who served lately, and jurors were called again at once. What is lost is not a no: a human rules first.

    Source: "Connecticut jurors face quick return to duty amid system glitch" (publiclawlibrary.org). Invariant 14.
    """
    juror = {"born_on": date(1990, 1, 1), "citizenship": "US", "is_resident": True, "english_enough": True, "unit": "US-CT"}
    found = explain(load("us-jury").law, juror | {"rests_until": rests_until}, date(2025, 6, 1))
    assert (found.finding, found.missing) == (finding, missing)


@pytest.mark.parametrize("code", SEVEN)
def test_whatever_nobody_sourced_is_said_in_the_folder(code):
    folder = load(code)
    blanks = [blank.name for blank in folder.procedure.blanks]
    assert all(name in folder.sources for name in blanks), blanks
