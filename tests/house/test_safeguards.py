"""The promises that are held by what is absent: no word, no column, no command and no path leads to these things.

docs/constraints.md names each test here by the safeguard that it holds.
"""

import ast
import inspect

import pytest
from house.tree import SOURCE, identifiers, imported, modules, parts, script

from callup.app.promises import promises_digest, promises_text
from callup.law import load_law
from callup.terms import tables
from callup.terms.decree import read_decree
from callup.terms.errors import BadInput, NotLawful
from callup.terms.facts import DIAGNOSES, DUES, STATES, TERMINAL, VOCABULARY
from callup.terms.schema import Schema
from callup.terms.sealed import Sealed


def words(text):
    return set(text.split())


PUNISHMENT = words(
    """penalty penalties penalise penalize punish punishment sanction sanctions fine fined fines ban banned banning arrest detain
    detention blacklist watchlist seize confiscate revoke prosecute prosecution charge accused guilty suspect"""
)
BLAME = words("evader evaders evade evading evasion dodger dodgers deserter draftdodger offender offenders absconder refuser")
WATCHING = words(
    """gps geolocation latitude longitude imei imsi biometric biometrics fingerprint fingerprints cctv camera surveillance tracker
    whereabouts telecom border passport passports vehicle vehicles bank banking creditcard facebook telegram vk"""
)
SCORING = words("score scores scoring riskscore suspicion reliability trustworthiness")
NO_NAMES = PUNISHMENT | BLAME | WATCHING | SCORING

REFUSALS = {"src/callup/law/closed.py": "the list of what no folder of law may name"}
"""The one file in which such words must stand: it refuses them."""

FIFTY = {
    # what the published rules of the Russian unified register list beside military registration (safeguard G1)
    "border_crossing": "border crossing: date",
    "last_departure_on": "travel: date",
    "foreign_passport": "passport: text",
    "driving_licence": "licence: flag",
    "vehicle_plate": "vehicle: text",
    "small_boat": "vehicle: flag",
    "real_estate": "property: text",
    "land_plot": "property: text",
    "business_registration": "business: text",
    "self_employed_income": "income: number",
    "bank_account": "account: text",
    "credit_agreement": "credit: text",
    "salary": "income: number",
    "taxpayer_number": "tax: text",
    "pension_account": "insurance: text",
    "phone_number": "phone: text",
    "email": "email: text",
    "sim_card": "telecom: text",
    "device_id": "device: text",
    "home_location": "location: text",
    "workplace_location": "location: text",
    "face_photo": "biometric: text",
    "fingerprints": "biometric: text",
    "spouse_name": "relative: text",
    "mother_born_on": "relative: date",
    "brother_served": "relative: flag",
    "weapon_licence": "weapon: text",
    "religion": "religion: text",
    "ethnicity": "ethnicity: text",
    "political_party": "opinion: text",
    "social_network_profile": "social: text",
    "risk_score": "score: number",
}
DISGUISED = {name: f"ground: {kind.partition(': ')[2]}" for name, kind in FIFTY.items()}


def law_with(name, told):
    return f'''"""A law that wants to know too much."""
from callup.law.notation import age, liable, p

register = {{"born_on": "birth date: date", "{name}": "{told}"}}

@liable("Act, art. 1")
def of_age(p, day):
    "Whoever is of age owes service."
    return age(p.born_on, day) >= 18
'''


# ---- promise 1, safeguard G1: what is tracked is the notice and the obligation, never the person


def test_g1_the_kinds_of_columns_are_closed():
    assert set(tables.COLUMN_KINDS) == {
        "id", "birth date", "sex", "citizenship", "unit", "address", "name", "language", "portal account", "education level",
        "residence", "last fulfilled on", "ground",
    }  # fmt: skip


@pytest.mark.parametrize("name", FIFTY)
def test_g1_a_law_that_names_a_kind_outside_the_list_does_not_load(name):
    with pytest.raises(NotLawful) as refusal:
        load_law(law_with(name, FIFTY[name]), "law.py")
    assert "G1" in str(refusal.value.params)


@pytest.mark.parametrize("name", DISGUISED)
def test_g1_nor_one_that_calls_it_a_ground(name):
    with pytest.raises(NotLawful) as refusal:
        load_law(law_with(name, DISGUISED[name]), "law.py")
    assert "G1" in str(refusal.value.params)


def test_g1_the_same_law_without_it_loads():
    read = """
@defer("Act, art. 2", until=p.student_until)
def student(p, day):
    "A student serves after the studies."
    return p.student_until > day
"""
    law = law_with("student_until", "ground: date, absent = no").replace("age, liable", "age, defer, liable") + read
    assert set(load_law(law, "law.py").columns) == {"born_on", "student_until"}


def schemas():
    return [value for value in vars(tables).values() if isinstance(value, Schema)]


def test_g1_no_column_of_any_table_watches():
    names = [column.name for schema in schemas() for column in schema.columns] + [column.name for column, _ in tables.REGISTER_CORE]
    assert len(names) > 60
    assert [name for name in names if set(parts(name)) & NO_NAMES] == []


# ---- promise 2, safeguards G7, G9, G10: no machine decides against a person; callup imposes nothing


def vocabulary_words():
    texts = [*VOCABULARY, *STATES, *DUES, *DIAGNOSES, *TERMINAL]
    texts += [row.meaning for row in VOCABULARY.values()] + [word for row in VOCABULARY.values() for word in (*row.outcomes, *row.by)]
    texts += [*STATES.values(), *DUES.values()]
    return {word.strip(".,:;()").lower() for text in texts for word in text.replace("_", " ").split()}


def test_promise_2_the_vocabulary_has_no_word_for_a_penalty_or_for_blame():
    found = vocabulary_words()
    assert {"notice", "served", "claim"} <= found
    assert found & (PUNISHMENT | BLAME | WATCHING | SCORING | {"block", "blocked", "refer", "referral"}) == set()


def test_promise_2_no_name_in_the_code_leads_there():
    wrong = [
        f"{module.where}:{line} {name}"
        for module in modules()
        if module.where not in REFUSALS
        for name, line in identifiers(module.tree)
        if set(parts(name)) & NO_NAMES
    ]
    assert wrong == []


def test_g7_every_fact_that_decides_needs_a_second_signature_and_a_reason():
    """The board's finding of fitness is signed by two; a court signs for itself."""
    for kind, row in VOCABULARY.items():
        if row.act in ("decision", "erratum") and kind not in ("appeal_decided", "enlisted", "did_not_come", "assessed"):
            assert {"second", "reason"} <= set(row.needs), kind
        if row.act in ("decision", "erratum") and kind != "appeal_decided":
            assert "second" in row.needs, kind
        if row.act in ("decision", "erratum"):
            assert not set(row.by) & {"authority", "portal", "carrier"}, kind


@pytest.mark.parametrize("signatories", [0, 1])
def test_g7_a_decree_without_two_named_people_is_refused(signatories):
    people = [{"name": f"Person {number}", "office": "board", "key": "00"} for number in range(signatories)]
    with pytest.raises(BadInput) as refusal:
        read_decree({"signatory": people})
    assert "signatory" in [key for key, _ in refusal.value.params["problems"]]


def test_g10_silence_ends_without_referral():
    assert {"lapsed (never served)", "lapsed (no answer, not referred)"} <= set(TERMINAL)
    assert [state for state in TERMINAL if state in ("did not come", "served", "called")] == []
    assert "refer" not in " ".join([*VOCABULARY, *DUES])


def test_g10_nobody_is_called_an_evader_in_any_text_that_ships():
    texts = [
        path for path in SOURCE.rglob("*") if path.suffix in (".toml", ".txt", ".html", ".typ", ".j2", ".csv") and "data" not in path.parts
    ]
    forbidden = ("evader", "evasion", "dodger", "уклонист", "уклоняющ")
    wrong = [f"{path.relative_to(SOURCE)}: {word}" for path in texts for word in forbidden if word in path.read_text("utf-8").lower()]
    assert texts
    assert wrong == []


# ---- safeguard G4 and G6: no list of people; nobody can be asked for by name


def commands():
    return script("pages").commands()


def test_g4_no_command_can_be_asked_for_people():
    """No option selects persons by an attribute; one case only, and then by a named clerk with a reason."""
    attributes = {"born", "birth", "born-on", "unit-list", "names", "address", "document", "passport", "phone"}
    for name, command in commands().items():
        options = {option.lstrip("-") for parameter in command.params for option in parameter.opts}
        assert not options & attributes, name
        if {"person", "case"} & options and "law" not in name.split():
            assert {"clerk", "reason"} <= options, name


def test_g4_standing_due_and_followup_print_counts_unless_a_clerk_opens_one_case():
    found = {name: command for name, command in commands().items() if name.split()[1] in ("standing", "due", "followup")}
    assert len(found) == 3
    for command in found.values():
        for parameter in command.params:
            if parameter.name in ("person", "case", "clerk", "reason"):
                assert not parameter.required
                assert not parameter.default


def test_g6_a_published_folder_is_not_asked_for_a_person():
    options = {option.lstrip("-") for parameter in commands()["callup verify"].params for option in parameter.opts}
    assert not options & {"name", "person", "case", "document", "born"}


# ---- safeguard G3: what is sealed does not show


def test_g3_a_sealed_text_does_not_show():
    text = Sealed("Ivanov Ivan, Lesnaya 7")
    assert "Ivanov" not in f"{text} {text!r} {[text]!s} {text:}"
    assert text.reveal().startswith("Ivanov")


def test_g3_the_core_does_not_log():
    wrong = [m.where for m in modules() for name, _, _ in imported(m.tree) if name.split(".")[0] in ("logging", "syslog", "sentry_sdk")]
    assert wrong == []


# ---- no way out but files


def test_no_module_speaks_to_the_network():
    networked = {
        "socket",
        "urllib.request",
        "http.client",
        "http.server",
        "ssl",
        "ftplib",
        "smtplib",
        "requests",
        "httpx",
        "aiohttp",
        "asyncio",
    }
    wrong = [f"{module.where}:{line} {name}" for module in modules() for name, _, line in imported(module.tree) if name in networked]
    assert wrong == []


def test_no_module_runs_foreign_code():
    """A folder of law is read as text: nothing imports or executes it."""
    wrong = []
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("exec", "eval", "compile", "__import__"):
                wrong.append(f"{module.where}:{node.lineno}")
        wrong += [f"{module.where}:{line}" for name, _, line in imported(module.tree) if name in ("runpy", "pickle", "marshal", "shelve")]
    assert wrong == []


# ---- safeguard G22: removal shows


def test_g22_the_digest_covers_promises_columns_facts_and_release():
    text = promises_text().decode()
    for part in ("release", "penalty, a ban or a block", "portal account", "did_not_come"):
        assert part in text
    assert len(promises_digest()) == 64


def test_g22_the_digest_stands_in_plan_and_notice():
    from callup.draw import plan_text
    from callup.notice import Imprint

    assert "promises" in inspect.signature(plan_text).parameters
    assert "promises" in Imprint.__slots__
