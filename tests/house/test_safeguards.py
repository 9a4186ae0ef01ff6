"""The promises that are held by what is absent: no word, no column, no command and no path leads to these things.

docs/constraints.md names each test here by the safeguard that it holds.
"""

import ast

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from house.tree import SOURCE, identifiers, imported, modules, parts, script

from callup.app.personal import ROW_KEYS, read_addresses, write_addresses
from callup.app.promises import promises_digest, promises_text
from callup.app.sealed import read_sealed, write_sealed
from callup.draw import plan_text
from callup.notice import Imprint
from callup.terms import tables
from callup.terms.decree import read_decree
from callup.terms.errors import BadInput
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


# ---- promise 1, safeguard G1: what is tracked is the notice and the obligation, never the person


def test_g1_the_kinds_of_columns_are_closed():
    assert set(tables.COLUMN_KINDS) == {
        "id", "birth date", "sex", "citizenship", "unit", "address", "name", "language", "portal account", "education level",
        "residence", "last fulfilled on", "ground",
    }  # fmt: skip


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
    outcomes = ("enlisted", "did_not_come", "assessed", "fulfilled", "alternative_assigned")
    for kind, row in VOCABULARY.items():
        by_court = row.by == ("court",)
        if row.act in ("decision", "erratum") and kind not in outcomes:
            assert "reason" in row.needs, kind
        if row.act in ("decision", "erratum") and not by_court:
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
    assert "refer" not in " ".join(DUES), "no referral ever falls due"
    assert VOCABULARY["referred"].by == ("official",)
    assert {"ref", "second", "reason"} <= set(VOCABULARY["referred"].needs)


def test_g10_nobody_is_called_an_evader_in_any_text_that_ships():
    texts = [
        path for path in SOURCE.rglob("*") if path.suffix in (".toml", ".txt", ".html", ".typ", ".j2", ".csv") and "data" not in path.parts
    ]
    forbidden = ("evader", "evasion", "dodger", "уклонист", "уклоняющ")
    words = {path: path.read_text("utf-8").lower() for path in texts if path.name != "held_by.txt"}  # which names this very test
    wrong = [f"{path.relative_to(SOURCE)}: {word}" for path, text in words.items() for word in forbidden if word in text]
    assert words
    assert wrong == []


# ---- safeguard G4 and G6: no list of people; nobody can be asked for by name


def commands():
    return script("pages").commands()


def test_g4_no_command_can_be_asked_for_people():
    """No option selects persons by an attribute; one by its number: a named clerk or two officials with a reason, or a warrant."""
    attributes = {"born", "birth", "born-on", "unit-list", "names", "address", "document", "passport", "phone"}
    for name, command in commands().items():
        options = {option.lstrip("-") for parameter in command.params for option in parameter.opts}
        assert not options & attributes, name
        if {"person", "case"} & options and "law" not in name.split():
            assert {"clerk", "reason"} <= options or {"by", "reason"} <= options or "warrant" in options, name


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


# ---- safeguards G2, G5, G8, G14; promises 5 and 8


def test_g2_only_a_course_with_a_decree_assesses_a_register():
    """``assess`` is called where a dossier, and so a decree, is at hand, and in the benches on synthetic registers; nowhere else."""
    callers = {
        module.where
        for module in modules()
        if module.package == "app"
        for name, attribute, _ in imported(module.tree)
        if name == "callup.law" and attribute == "assess"
    }
    # a scenario's persons stand in its file, templates and how many of each: it reads no register
    simulated = "src/callup/app/simulate/running.py"
    studies = {
        module.where
        for module in modules()
        for name, attribute, _ in imported(module.tree)
        if attribute in ("compare", "count", "called") and name == "callup.law.comparing"
    }
    # the report's panel of two laws is an impact study: it runs in a rehearsal only, whose register is synthetic
    benches = {
        f"src/callup/app/benches/{name}.py" for name in ("assess", "lawscan", "one_by_one", "scaling")
    }  # on registers that they make
    assert studies <= benches | {"src/callup/app/impact.py", "src/callup/app/report_tables.py"}, "laws are studied on synthetic registers"
    assert callers <= benches | {"src/callup/app/stages/deciding.py", simulated}


def test_g5_a_decree_cannot_ask_for_smaller_cells():
    with pytest.raises(BadInput) as refusal:
        read_decree({"draw": {"merge_below": 9}})
    assert "draw.merge_below" in [key for key, _ in refusal.value.params["problems"]]


def test_g8_an_undetermined_person_is_not_on_the_roll():
    """The one query that makes a roll takes the liable, and of the undetermined only those whom an official ruled liable."""
    text = (SOURCE / "app" / "stages" / "rolling.py").read_text(encoding="utf-8")
    assert "f.finding = 'LIABLE' OR (f.finding = 'UNDETERMINED' AND r.outcome = 'liable')" in text
    assert text.count("UNDETERMINED") == 1
    assert {"reason", "second"} <= set(VOCABULARY["ruled"].needs)
    assert VOCABULARY["ruled"].by == ("official",)


def test_g14_a_halt_is_signed_by_two_and_says_why():
    assert {"second", "reason"} <= set(VOCABULARY["halted"].needs)
    assert VOCABULARY["halted"].by == ("official",)


def test_p5_whoever_opens_a_file_is_a_fact():
    assert VOCABULARY["read"].personal
    assert VOCABULARY["read"].needs == ("case_id", "reason")


def test_p8_a_person_whose_key_is_dropped_is_erased_and_the_others_stay(tmp_path):
    key = bytes(range(32))
    people = [{"person_id": f"p{number}", "name": f"Name {number}", "address_line": None} for number in range(3)]
    table = pa.Table.from_pylist(people, pa.schema([(name, pa.string()) for name in tables.ADDRESSES.names]))
    rows, keys = tmp_path / "addresses.parquet", tmp_path / "keys.parquet"
    write_addresses(rows, keys, table, key)
    assert b"Name" not in rows.read_bytes() + keys.read_bytes()
    assert read_addresses(rows, keys, key).column("name").to_pylist() == ["Name 0", "Name 1", "Name 2"]
    kept = read_sealed(keys, key).read_all().filter(pc.field("person_id") != "p1")
    write_sealed(keys, ROW_KEYS, kept.to_batches(), key)
    assert read_addresses(rows, keys, key).column("name").to_pylist() == ["Name 0", "Name 2"]


# ---- no way out but files


SPEAKING = {
    "src/callup/app/beacon.py": "fetches a public round, of no person",
    "src/callup/app/witnesses.py": "sends checkpoints, which hold no person",
    "src/callup/app/witness.py": "is a witness: answers what it is sent",
    "src/callup/app/web/writer.py": "waits for its own writer; it opens no connection",
    "src/callup/app/web/admission.py": "lets requests wait their turn; it opens no connection",
    "src/callup/app/web/serve.py": "what two decided is recorded by a task of its own; it opens no connection",
    "src/callup/app/web/identity.py": "asks the provider that the operator named, and tells it that somebody signs in",
    "src/callup/app/web/webhooks.py": "tells the authority's own systems that a public log has grown: no person",
    "src/callup/app/web/papers.py": "asks a virus scanner on a socket of this machine",
    "src/callup/app/web/person/papers.py": "makes papers anew in a thread; it opens no connection",
    "src/callup/app/web/running.py": "answers on the loopback",
    "src/callup/app/benches/portal.py": "visits the portal on the loopback, to measure it",
    "src/callup/app/benches/overload.py": "is a crowd before the portal on the loopback, to measure it",
    "src/callup/app/benches/browser.py": "serves the published files to a browser on the loopback, to measure it",
}


def test_no_module_speaks_to_the_network_but_for_beacon_and_witnesses():
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
    wrong = [line for line in wrong if line.partition(":")[0] not in SPEAKING]
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
    """The plan says it in a line of its own; a notice cannot be made without it."""
    plan = plan_text(
        call_up="freedonia-1",
        law="0" * 64,
        promises=promises_digest(),
        merge="below 10",
        lead_hours=24,
        order="draw",
        quotas={"north": 1},
        rolls={"north": (2, "0" * 64)},
        secrets={},
        beacon="rehearsal freedonia-1 1",
    )
    assert f"promises: {promises_digest()}\n" in plan
    assert "promises" in Imprint.__slots__
