"""What leaves callup about one case: each foreign word has its reason, the appointment tells nothing, the record holds everything."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta

import pypdfium2
import pytest
from icalendar import Calendar
from replay.freedonia_line import KEY, freedonia

from callup.app.acts import add_fact
from callup.app.exports import evidence as erds
from callup.app.exports import timeline as send
from callup.app.exports.calendar_file import calendar_file
from callup.app.exports.case import gather, kept_until
from callup.app.exports.counterparts import about_an_attempt, counterpart
from callup.app.exports.record import PARTS, as_page, as_pdf, record
from callup.app.standing import standings, summonses
from callup.jurisdictions import load
from callup.terms.facts import VOCABULARY

DAY = date(2025, 7, 15)
PROOF = "0" * 64


@pytest.fixture(scope="module")
def course(tmp_path_factory, whole_line):
    root = tmp_path_factory.mktemp("exports") / "line"
    shutil.copytree(whole_line, root)
    (root / "dossier.key").write_text(KEY.hex())
    with freedonia(root) as made:
        yield made


def case_in(course, state):
    """The first case in a state whose duty does not rest on that day; an enlisted one counts as served."""
    rows = [row for row in standings(course, DAY, DAY).to_pylist() if row["state"] == state and not row["suspended"]]
    return next(row["case_id"] for row in rows if state != "enlisted" or (row["served_on"] and row["served_on"] > date(2025, 4, 3)))


@pytest.mark.parametrize("module", [erds, send])
def test_every_kind_of_fact_about_an_attempt_has_its_word_or_its_reason(module):
    for kind in filter(about_an_attempt, VOCABULARY):
        found = [line for (name, _), line in module.COUNTERPARTS.items() if name == kind]
        assert found, kind
        assert all(line.why for line in found)
    assert {kind for kind, _ in module.COUNTERPARTS} <= set(VOCABULARY)


def test_no_event_of_the_standard_is_forgotten():
    """Every event that was found for ETSI EN 319 522-3, table 2, 22 of them, is used, or said why not."""
    used = {line.word for line in erds.COUNTERPARTS.values() if line.word}
    assert not used & set(erds.UNUSED)
    assert len(used | set(erds.UNUSED)) == 22


def test_a_channel_of_its_own_goes_before_any_channel():
    assert counterpart(erds.COUNTERPARTS, {"kind": "handed_over", "channel": "mail"}).word == "RelayToNonERDS"
    assert counterpart(erds.COUNTERPARTS, {"kind": "handed_over", "channel": "portal"}).word == "RelayAcceptance"
    assert counterpart(erds.COUNTERPARTS, {"kind": "read", "channel": None}) is None


def test_the_evidence_of_a_case_names_each_fact_and_its_place_in_the_log(course):
    case = gather(course, case_in(course, "enlisted"), DAY, DAY)
    told = erds.evidence(case)
    assert [event["event"] for event in told["events"]][:2] == ["SubmissionAcceptance", "RelayToNonERDS"]
    entries = json.loads(json.dumps(told))["events"]
    assert all(event["identifier"].endswith(event["event"]) for event in entries)
    assert all(isinstance(event["log_index"], int) for event in entries)
    assert {event["fact"] for event in entries} <= {fact["fact_id"] for fact in case.own}


def test_the_timeline_tells_what_was_seen_from_what_a_rule_found(course):
    seen = 0
    for day in (DAY, *(date(2025, 4, 3) + timedelta(days=at) for at in range(100))):
        if seen:
            break
        rows = standings(course, day, day).to_pylist()
        for row in rows if day == DAY else [row for row in rows if row["service"] == "presumed"]:
            told = send.timeline(gather(course, row["case_id"], day, day))
            days = [one["timestamp"] for one in told["timeline"]]
            assert days == sorted(days)
            assert {one["category"] for one in told["timeline"] if one["computed"]} <= set(send.COMPUTED)
            assert all(bool(one["legalFactsIds"]) != one["computed"] for one in told["timeline"])
            if row["service"] == "presumed":
                assert "REFINEMENT" in [one["category"] for one in told["timeline"]]
                seen += 1
    assert seen


def appointment(course, case_id, day=DAY):
    (event,) = Calendar.from_ical(ics := calendar_file(gather(course, case_id, day, day), course.jurisdiction.forms)).walk("VEVENT")
    return event, Calendar.from_ical(ics)["METHOD"]


def test_an_appointment_tells_nothing_of_the_person_and_keeps_its_id(course):
    for notice in summonses(course).to_pylist():
        event, method = appointment(course, notice["case_id"])
        text = event.to_ical().decode()
        assert not [word for word in (notice["person_id"], notice["case_id"], notice["notice_id"], "ummons") if word in text]
        assert (event["STATUS"] == "CANCELLED") == (method == "CANCEL")
        earlier, _ = appointment(course, notice["case_id"], date(2025, 4, 10))
        assert earlier["UID"] == event["UID"]
        assert earlier["SEQUENCE"] <= event["SEQUENCE"]


def test_an_appointment_is_tentative_until_it_is_owed_and_cancelled_when_nobody_need_come(course):
    case = case_in(course, "enlisted")
    notice = next(row for row in summonses(course).to_pylist() if row["case_id"] == case)
    before, _ = appointment(course, case, date(2025, 4, 3))
    assert before["STATUS"] == "TENTATIVE"
    assert appointment(course, case)[0]["STATUS"] == "CONFIRMED"
    start = before["DTSTART"].dt
    assert start.astimezone(UTC).date() == notice["appear_on"]
    assert start.strftime("%H:%M") == notice["appear_at"]
    deferred, method = appointment(course, case_in(course, "deferred"))
    assert (deferred["STATUS"], method) == ("CANCELLED", "CANCEL")


def test_an_appointment_in_a_zone_with_summer_time_is_the_same_moment(course):
    """RFC 5545 3.6.5: 11:00 in Riga on 3 June is 08:00 UTC; the file carries the zone's rules itself."""
    from dataclasses import replace

    case = gather(course, case_in(course, "enlisted"), DAY, DAY)
    moved = replace(
        case,
        calendar=replace(case.calendar, zone="Europe/Riga"),
        notice={**case.notice, "appear_on": date(2025, 6, 3), "appear_at": "11:00"},
        standing=replace(case.standing, appear_on=date(2025, 6, 3)),
    )
    made = Calendar.from_ical(calendar_file(moved, course.jurisdiction.forms))
    (event,) = made.walk("VEVENT")
    assert event["DTSTART"].dt.astimezone(UTC) == datetime(2025, 6, 3, 8, tzinfo=UTC)
    assert [str(zone["TZID"]) for zone in made.walk("VTIMEZONE")] == ["Europe/Riga"]


def test_a_day_moved_without_an_hour_is_the_whole_day(course):
    from dataclasses import replace

    case = gather(course, case_in(course, "enlisted"), DAY, DAY)
    moved = replace(case, standing=replace(case.standing, appear_on=date(2025, 9, 1)))
    (event,) = Calendar.from_ical(calendar_file(moved, course.jurisdiction.forms)).walk("VEVENT")
    assert event["DTSTART"].dt == date(2025, 9, 1)
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(days=1)


def test_the_record_holds_every_fact_and_who_looked(course):
    case_id = case_in(course, "enlisted")
    add_fact(course.facts, "read", "clerk: A. B.", (DAY, DAY), {"case_id": case_id, "reason": "asked for it", "evidence": PROOF})
    found = record(gather(course, case_id, DAY, DAY))
    held = {row["fact_id"] for row in course.facts.of_case(case_id).to_pylist()}
    assert {one["fact"] for one in (*found["facts"], *found["who_looked"])} == held
    assert [(one["by"], one["reason"]) for one in found["who_looked"]] == [("clerk: A. B.", "asked for it")]
    assert {name for name in found if name in PARTS} == set(PARTS)
    assert found["register"]["person_id"] == found["notice"]["person_id"]
    assert found["address"]["name"].startswith("Example Person-")
    assert [rule["answer"] for rule in found["finding"]["rules"]]
    assert found["standing"]["means"] == "taken into service"
    assert json.loads(json.dumps(found)) == found


def test_the_record_says_how_long_it_is_kept_and_by_which_article(course):
    """The clock of storage (cases.md 7.4): Freedonia's law names a year; for Russia no time was found, so none is named."""
    found = record(gather(course, case_in(course, "enlisted"), DAY, DAY))
    assert found["kept_until"] == {"day": "2026-07-15", "article": "Service Procedure Act 2020, art. 14"}
    assert "Until 2026-07-15" in as_page(found).decode()
    russian = course.__class__(**{name: getattr(course, name) for name in course.__dataclass_fields__} | {"jurisdiction": load("ru")})
    assert kept_until(russian) is None
    assert "The law names no time" in as_page(found | {"kept_until": None}).decode()


def test_the_record_as_page_and_as_pdf_says_the_same(course):
    found = record(gather(course, case_in(course, "enlisted"), DAY, DAY))
    page, document = as_page(found).decode(), pypdfium2.PdfDocument(as_pdf(found))
    paper = " ".join(" ".join(sheet.get_textpage().get_text_bounded() for sheet in document).split())
    for fact in (*found["facts"], *found["who_looked"]):
        assert fact["means"] in page.replace("&#39;", "'")
        assert fact["on"] in page
        assert fact["on"] in paper
    assert "REHEARSAL" in page
    assert "REHEARSAL" in paper
    assert not [word for word in ("<script", "http://", "https://") if word in page]
    assert as_pdf(found) == as_pdf(found)


@pytest.mark.parametrize("form", ["json", "html", "pdf", "ics", "evidence", "timeline"])
def test_the_command_needs_a_name_and_a_reason(course, call, tmp_path, form):
    words = ("export", course.dossier.root, "--person", case_in(course, "enlisted"), "--as", form, "--as-of", "2025-07-15")
    code, _, said = call(*words, "--to", tmp_path / "x", "--clerk", "A. B.")
    assert (code, "say who looks and why" in said, (tmp_path / "x").exists()) == (2, True, False)
    assert call(*words, "--to", tmp_path / "x", "--clerk", "A. B.", "--reason", "asked")[0] == 0
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o600


def test_an_unknown_form_is_refused(course, call, tmp_path):
    code, _, said = call("export", course.dossier.root, "--person", "0", "--as", "xml", "--as-of", "2025-07-15", "--to", tmp_path / "x")
    assert (code, "one of: json, html, pdf" in said) == (2, True)
