"""The reference announcement taken claim by claim: what must come out, by computing from the carried record and the law folder."""

import re
import tomllib
from dataclasses import replace
from datetime import date

import pytest

from callup.app.record import model_text
from callup.app.record.carrying import carried, one_file, read_record, table
from callup.app.record.matters import VERDICTS
from callup.app.record.outcomes import intentions, promises, reactions, rounded
from callup.app.record.public import ANNOUNCEMENT, public_claims
from callup.app.record.verdicts import claims_of
from callup.planning import read_model
from callup.terms.errors import BadInput, Tampered

AS_OF = date(2026, 11, 26)
RECORD = carried("ru")
FOUND = {claim.id: claim for claim in claims_of(RECORD, AS_OF)}


def changed(**files):
    return replace(RECORD, files={**RECORD.files, **{name.replace("__", "."): text for name, text in files.items()}})


def test_all_twenty_have_a_verdict_and_say_where_callup_answers():
    assert list(FOUND) == [f"C{number:02}" for number in range(1, 21)]
    assert {claim.result for claim in FOUND.values()} <= set(VERDICTS)
    assert [claim.id for claim in FOUND.values() if not (claim.finding and claim.answers)] == []


def test_nothing_agrees_with_the_announcement_alone():
    agreeing = [claim for claim in FOUND.values() if claim.result == "agrees"]
    assert [claim.id for claim in agreeing] == ["C01", "C12"]
    assert not [claim.id for claim in FOUND.values() if ANNOUNCEMENT in claim.sources]
    assert all(claim.sources for claim in agreeing)


@pytest.mark.parametrize(
    ("number", "verdict", "parts"),
    [
        ("C02", "differs", ["15 July 2025, not to 31 July 2025"]),
        ("C03", "depends", ["Holds per decree", "spring 2011 had 218,720", "Does not hold per calendar year: 295,000", "2016 had 307,000"]),
        ("C04", "depends", ["2,389,130 from 1 December 2024", "posts, filled or not", "prints 1,134,000"]),
        ("C06", "differs", ["1,500,000 less 1,320,000 is 180,000", "all of it in force from 1 December 2024", "no 3 years"]),
        ("C07", "depends", ["eve of his 30th birthday and not on it", "last age is 29", "8,638,403", "9,415,886", "9 in 100", "18 to 28"]),
        ("C08", "differs", ["439-FZ of 4 August 2023", "in force from 1 January 2024", "of 2023, not of 2024"]),
        ("C09", "depends", ["leaves out: counter"]),
        ("C11", "cannot be known", ["not verifiable", "P1 of 2022-03-05", "broken"]),
        ("C13", "as printed", ["790,000 on 7 January 2025", "less 48,670", "is 741,330", "lies between the two", "Ukrainian counts"]),
        ("C16", "differs", ["President in office"]),
        ("C18", "depends", ["500,000 to 700,000", "820,000 to 920,000"]),
    ],
)
def test_what_must_come_out(number, verdict, parts):
    assert FOUND[number].result == verdict
    assert [part for part in parts if part not in FOUND[number].finding] == []


def test_another_number_in_another_source_is_seen():
    other = changed(decrees__csv=RECORD.files["decrees.csv"].replace("2025,spring,160000", "2025,spring,150000"))
    assert claims_of(other, AS_OF)[0].result == "differs"
    lone = changed(decrees__csv="\n".join(line for line in RECORD.files["decrees.csv"].splitlines() if not line.startswith("2025,spring")))
    checks = "\n".join(RECORD.files["checks.toml"].splitlines()[:10])
    assert claims_of(replace(lone, files={**lone.files, "checks.toml": checks}), AS_OF)[0].result == "as printed"


@pytest.mark.parametrize(
    ("check", "code"),
    [
        ('[C01]\nby = "guess"', "check-unknown"),
        ('[C01]\nby = "step"', "check-incomplete"),
        ('[C10]\nby = "reading"\nverdict = "true"\nwords = ""', "reading-without-ground"),
        ('[C10]\nby = "reading"\nverdict = "agrees"\nwords = ""\nrests_on = ["O99"]', "reading-without-ground"),
        ('[C10]\nby = "reading"\nverdict = "agrees"\nwords = "so it is"', "agrees-with-nothing"),
        ("[C10", "record-toml"),
    ],
)
def test_a_check_that_rests_on_nothing_is_refused(check, code):
    with pytest.raises(BadInput) as refused:
        claims_of(changed(checks__toml=check), AS_OF)
    assert refused.value.code == code


def test_departures_and_months_are_series_of_their_own():
    claims = public_claims(RECORD)
    for quantity in ("losses", "recruits", "emigration"):
        with pytest.raises(BadInput, match="claims-of-different-populations"):
            claims.series(quantity)
    november = {found.period_from: found for found in claims.findings("losses", "casualties killed and wounded in the period")}
    assert november[date(2024, 11, 1)].result == "differ"
    assert november[date(2024, 11, 1)].apart == 180


def test_what_is_carried_says_where_it_was_read():
    for name in (
        "emigration.csv",
        "funnel.csv",
        "inhabitants.csv",
        "losses_in_period.csv",
        "undertakings.csv",
        "reactions.csv",
        "outcomes.csv",
    ):
        assert all(row["source"] for row in table(RECORD, name)), name
    assert sum(1 for _ in table(RECORD, "funnel.csv")) == 65
    assert sum(1 for _ in table(RECORD, "accounts/us-inductions.csv")) == 40


ADDRESS = re.compile(r"(?:[a-z0-9-]+\.)+(?:com|ru|org|net|news|eu|lt|is|uk|it|ua|ee|ca)\b")
CLAIM = re.compile(r"\b(?:recruits|losses-in|losses|strength)-\d+\b")
UNTRACED = ("research notes of the project", "not found again", "was not found")


@pytest.mark.parametrize("name", ["strength.toml", "outlook.toml", "funnel.toml", "pool.toml"])
def test_every_figure_of_a_model_is_traced_or_says_that_it_is_not(name):
    """A page that a source names stands in a table of the record, a claim in the registry; else the source says so."""
    files = RECORD.files
    tables = " ".join(text for file, text in files.items() if file.endswith(".csv"))
    ids = {re.sub(r"-(contracts_signed|volunteers|together|bonuses_paid)$", "", claim.id) for claim in public_claims("ru").all}
    for row in (row for rows in tomllib.loads(files[name]).values() if isinstance(rows, list) for row in rows):
        for key in ("source", "widest_source"):
            source = row.get(key, "")
            strange = [one for one in ADDRESS.findall(source) if one not in tables]
            assert not strange or any(words in source for words in UNTRACED), (row["name"], strange)
            assert set(CLAIM.findall(source)) <= ids, row["name"]
        if set(row) & {"uniform", "normal", "low", "share"} and "claim" not in row:
            assert row["source"], row["name"]


def test_a_constant_of_the_model_that_names_a_claim_finds_it():
    """Every claim that the sources of strength.toml name is in the registry."""
    known = {claim.id for claim in public_claims(RECORD).all}
    model = read_model(model_text(RECORD, "strength.toml"), public_claims(RECORD))
    named = {word.strip("(),;:") for one in model.constants.values() for word in one.source.split() if "-" in word}
    named = {name for name in named if name.split("-")[0] in ("losses", "recruits", "strength")}
    assert {name for name in named if not any(other.startswith(name) for other in known)} == set()
    assert len(named) >= 8


# ---- what was promised and what came of it


def test_a_promise_is_never_kept_by_press_alone():
    found = {one.id: one for one in promises(RECORD, AS_OF)}
    assert {one.status for one in found.values()} == {"broken", "reported broken", "not verifiable", "open"}
    assert found["P1"].status == "broken"
    assert found["P1"].outcomes[0].by_authority
    assert found["P4"].status == "reported broken"
    assert found["P7"].status == "not verifiable"
    assert {one.id: one.status for one in promises(RECORD, date(2026, 7, 15))}["P7"] == "open"
    assert {one.id: one.status for one in promises(RECORD, date(2022, 3, 8))}["P1"] == "not verifiable", (
        "what was not known yet counts for nothing"
    )


def test_an_intention_is_scored_once_its_day_has_passed():
    before, after = ({one.id: one for one in intentions(RECORD, day)} for day in (date(2025, 12, 31), AS_OF))
    assert (before["F4"].status, after["F4"].status) == ("open", "did not come true")
    assert after["F5"].status == "came true"
    assert "by the word of the announcing side alone" in after["F5"].why
    assert after["F9"].why == "135,000, which is 96 in 100, by the word of Forbes Russia"
    assert [after[number].status for number in ("F2", "F8", "F11")] == ["open", "open", "cannot be scored"]
    assert all(one.said_by for one in after.values())


@pytest.mark.parametrize(
    ("value", "printed", "shown"), [(318_000, 300_000, 300_000), (422_704, 450_000, 420_000), (7, 0, 7), (135_000, 140_140, 135_000)]
)
def test_a_value_to_the_digits_that_are_printed(value, printed, shown):
    assert rounded(value, printed) == shown


def test_reactions_say_to_what_and_what_came_after():
    found = {row["id"]: (row, came) for row, came in reactions(RECORD, AS_OF)}
    assert "not the call-up" in found["R2"][0]["to_what"]
    assert {one.id for one in found["R1"][1]} == {"O11"}
    assert found["R4"][1] == ()


# ---- a record of one's own


def test_a_record_travels_as_one_file(tmp_path):
    path = tmp_path / "record.json"
    path.write_bytes(one_file(RECORD))
    again = read_record(path, "")
    assert (again.digest, again.code, again.seed, again.runs) == (RECORD.digest, "ru", RECORD.seed, RECORD.runs)
    assert one_file(again) == path.read_bytes()
    path.write_text(path.read_text().replace("48670", "48671"))
    with pytest.raises(Tampered, match="record-changed"):
        read_record(path, "")


@pytest.mark.parametrize(("text", "code"), [("[]", "record-unreadable"), ("{", "record-unreadable"), (None, "record-unreadable")])
def test_what_is_no_record_is_refused(tmp_path, text, code):
    path = tmp_path / "record.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadInput, match=code):
        read_record(path, "ru")


def test_a_record_of_another_release_is_refused(tmp_path):
    path = tmp_path / "record.json"
    path.write_text(one_file(RECORD).decode().replace('"callup": "', '"callup": "9', 1))
    with pytest.raises(BadInput, match="record-of-another-release"):
        read_record(path, "")


def _all_of(folder):
    record = read_record(folder, "ru")
    return claims_of(record, AS_OF), promises(record, AS_OF)


HEAD = "id,claim_in_our_words,low,point,high,unit,about_from,about_to,said_by"


def test_a_folder_of_ones_own(tmp_path):
    with pytest.raises(BadInput, match="record-without-claims"):
        read_record(tmp_path, "ru")
    (tmp_path / "claims.csv").write_text(f"{HEAD}\nC01,so it was said,,2.5,,percent,,,somebody\n")
    (found,) = claims_of(read_record(tmp_path, "freedonia"), AS_OF)
    assert (found.result, found.figures) == ("not yet checked", "2.5 percent")


def test_a_page_of_claims_alone(tmp_path, call):
    (tmp_path / "claims.csv").write_text(f"{HEAD}\nC01,so many are called,,5000,,persons,,,ministry\n")
    code, _, said = call("record", "page", "--from", tmp_path, "--jurisdiction", "lt", "--out", tmp_path / "page", "--as-of", "2026-11-26")
    assert (code, said) == (0, "")
    assert "So many are called: 5,000 persons" in (tmp_path / "page" / "index.html").read_text()


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("claims.csv", "id,claim_in_our_words\nC01,x\n", "record-columns"),
        ("claims.csv", f"{HEAD}\nC01,x,,many,,persons,,,m\n", "record-cell"),
        ("claims.csv", f"{HEAD}\nC01,x,,5,,persons,soon,,m\n", "record-cell"),
        ("claims.csv", f"{HEAD}\nC01,x\n", "record-row"),
        ("intentions.csv", "id,said_on\nF1,2025\n", "record-columns"),
        ("neighbours.csv", "country,year,what,persons,source,note\nLT,2018,called up,3 thousand,s,\n", "record-cell"),
        ("outcomes.csv", "id,of,known_on,said_by,side,kind,value,words,source\nO1,P1,2026,x,others,guess,,w,s\n", "outcome-kind"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, name, text, code):
    (tmp_path / "claims.csv").write_text(f"{HEAD}\n")
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput) as refused:
        _all_of(tmp_path)
    assert refused.value.code == code
