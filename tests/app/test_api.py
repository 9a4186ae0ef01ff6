"""The interface for programs: the same acts as the pages, described by its own document, and never a server error."""

import contextlib
import json
import shutil

import httpx
import pytest
import schemathesis
from app.desk_line import claim, refuse
from app.hostile_provider import free_port, served
from app.portal_line import DAY, Clocked, freedonia_again, somebody
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error

from callup.app.acts import add_fact
from callup.app.web.person.view import units_of
from callup.app.web.serve import portal

DOCUMENT = "/api/v1/schema/openapi.json"


def signed_in(client, person):
    """The header of a session by the letter's code."""
    said = {"code": person["code"], "born_on": person["born"].isoformat()}
    token = client.post("/api/v1/sign-in", json=said).json()["token"]
    return {"Authorization": f"Bearer {token}"}


def official(clocked, name):
    """The header of an official's session."""
    store = clocked.site.desk_store()
    if store.session(f"api {name}") is None:
        store.open_session(f"api {name}", name, clocked.time)
    store.close()
    return {"Authorization": f"Bearer api {name}"}


def facts(site, person, kind):
    return [row for row in site.facts.of_case(person["case_id"]).to_pylist() if row["kind"] == kind]


def test_a_person_reads_asks_and_moves(client, clocked):
    person = somebody(clocked.site)
    bad = client.post("/api/v1/sign-in", json={"code": "0" * 12, "born_on": "2001-01-01"})
    assert (bad.status_code, bad.headers["content-type"], bad.json()["type"]) == (
        422,
        "application/problem+json",
        "urn:callup:sign-in-wrong",
    )
    mine = signed_in(client, person)
    answer = client.get("/api/v1/me/notice", headers=mine)
    notice = answer.json()
    assert (notice["appear_on"], notice["state"]) == (person["appear_on"].isoformat(), "called")
    key = mine | {"Idempotency-Key": "the-first-claim", "If-Match": answer.headers["etag"]}
    first = client.post("/api/v1/me/requests", json={"kind": "deferral", "words": "I study"}, headers=key)
    assert first.status_code == 201
    changed = client.post("/api/v1/me/requests", json={"kind": "exemption"}, headers=key | {"Idempotency-Key": "another-claim"})
    assert (changed.status_code, changed.json()["type"]) == (412, "urn:callup:changed")
    again = client.post(
        "/api/v1/me/requests", json={"kind": "deferral", "words": "I study"}, headers=mine | {"Idempotency-Key": "the-first-claim"}
    )
    assert again.json() == first.json()
    assert len(facts(clocked.site, person, "claimed")) == 1
    other = client.post("/api/v1/me/requests", json={"kind": "exemption"}, headers=mine | {"Idempotency-Key": "the-first-claim"})
    assert (other.status_code, other.json()["type"]) == (422, "urn:callup:key-of-another-act"), "a key is of one act"
    assert client.get("/api/v1/me/notice", headers=mine).json()["rests"]
    assert client.get("/api/v1/me/accesses", headers=mine).status_code == 403, "a letter's code is not surely the person"
    assert client.post("/api/v1/me/receipt", headers=mine).status_code == 400, "every act needs its key"


def test_an_appointment_moves_to_a_day_that_is_offered(client, clocked):
    person = somebody(clocked.site)
    mine = signed_in(client, person) | {"Idempotency-Key": "move it once"}
    day = client.get("/api/v1/me/slots", headers=mine).json()[-1]
    moved = [client.put("/api/v1/me/slot", json={"place": day["place"], "day": day["day"]}, headers=mine).json() for _ in range(2)]
    assert moved[0] == moved[1]
    assert [row["appear_on"].isoformat() for row in facts(clocked.site, person, "appointment_moved")] == [day["day"]]
    away = client.put("/api/v1/me/slot", json={"place": "nowhere", "day": day["day"]}, headers=mine | {"Idempotency-Key": "another one"})
    assert away.status_code == 422


def test_a_claim_is_taken_back_once_and_somebody_is_named(client, clocked):
    person = somebody(clocked.site)
    mine = signed_in(client, person)
    client.post("/api/v1/me/requests", json={"kind": "deferral", "words": "I study"}, headers=mine | {"Idempotency-Key": "asked for it"})
    (ref,) = client.get("/api/v1/me/notice", headers=mine).json()["open_claims"]
    back = [client.post("/api/v1/me/withdrawals", json={"ref": ref}, headers=mine | {"Idempotency-Key": "taken back"}) for _ in range(2)]
    assert [one.status_code for one in back] == [201, 201]
    assert back[0].json() == back[1].json(), "the same key twice is one act"
    gone = client.post("/api/v1/me/withdrawals", json={"ref": ref}, headers=mine | {"Idempotency-Key": "once more"})
    assert (gone.status_code, gone.json()["type"]) == (404, "urn:callup:withdraw-none")
    named = client.post("/api/v1/me/representatives", json={"words": "My sister, phone 1"}, headers=mine | {"Idempotency-Key": "my sister"})
    assert named.status_code == 201
    kinds = [row["kind"] for row in clocked.site.facts.rows_of_case(person["case_id"])]
    assert (kinds.count("claim_withdrawn"), kinds.count("represented")) == (1, 1)


def test_two_refusals_are_challenged_by_two_keys_and_a_key_twice_is_one_challenge(client, clocked):
    site, person = clocked.site, somebody(clocked.site)
    both = [refuse(site, person, claim(site, person, kind)["fact_id"])["fact_id"] for kind in ("deferral", "exemption")]
    mine = signed_in(client, person)

    def challenge(key):
        return client.post("/api/v1/me/appeals", json={"words": "I go against it"}, headers=mine | {"Idempotency-Key": key})

    first = [challenge("the first of two") for _ in range(2)]
    assert [one.status_code for one in first] == [201, 201]
    assert first[0].json() == first[1].json()
    assert challenge("the second of two").status_code == 201
    assert challenge("the first of two").json() == first[0].json()
    assert [row["ref"] for row in facts(site, person, "appealed")] == [both[1], both[0]]


def test_the_whole_record_asks_for_a_sure_way_in_and_progress_for_none(client, clocked):
    person = somebody(clocked.site)
    assert client.get("/api/v1/me/record", headers=signed_in(client, person)).status_code == 403
    clocked.site.store.open_session("sure", person["case_id"], "oidc", clocked.time)
    whole = client.get("/api/v1/me/record", headers={"Authorization": "Bearer sure"})
    assert (whole.status_code, whole.json()["case"]) == (200, person["case_id"])
    public = client.get("/api/v1/public/progress").json()
    assert public["persons_to_enlist"] == clocked.site.course.decree.persons_to_enlist
    assert person["case_id"] not in json.dumps(public)
    assert {row["unit"] for row in public["tables"]["units"]} == set(units_of(clocked.site))


def test_officials_work_as_on_their_pages(client, clocked):
    people = [somebody(clocked.site, at) for at in range(3)]
    for number, person in enumerate(people):
        proof = {"evidence": f"{number:064}", "case_id": person["case_id"], "ground": "deferral"}
        add_fact(clocked.site.facts, "claimed", "person", (DAY, DAY), proof)
    intake, second = official(clocked, "Stand-in intake 1"), official(clocked, "Stand-in deciding 1")
    rows = client.get("/api/v1/cases", headers=intake).json()["rows"]
    assert {row["case"] for row in rows} == {person["case_id"] for person in people}
    case = people[0]["case_id"]
    shut = client.get(f"/api/v1/cases/{case}", headers=intake)
    assert (shut.status_code, shut.json()["type"]) == (403, "urn:callup:not-opened")
    opened = client.post(f"/api/v1/cases/{case}/open", json={"reason": "work"}, headers=intake | {"Idempotency-Key": "opened once"})
    assert opened.json()["step"] == "decide-claim"
    said = {"kind": "decided", "outcome": "refused", "reason": "no paper"}
    made = client.post(f"/api/v1/cases/{case}/proposals", json=said, headers=intake | {"Idempotency-Key": "proposed1"}).json()
    own = client.post(
        f"/api/v1/proposals/{made['number']}/decision", json={"accept": True}, headers=intake | {"Idempotency-Key": "decided11"}
    )
    assert own.status_code == 403
    client.post(f"/api/v1/cases/{case}/open", json={"reason": "second"}, headers=second | {"Idempotency-Key": "opened two"})
    done = client.post(
        f"/api/v1/proposals/{made['number']}/decision", json={"accept": True}, headers=second | {"Idempotency-Key": "decided22"}
    )
    assert done.json()["state"] == "accepted"
    assert "name" not in json.dumps(client.get("/api/v1/cases", headers=second).json())


def test_nobody_sees_another_persons_notice(client, clocked):
    one, two = somebody(clocked.site), somebody(clocked.site, 1)
    assert client.get("/api/v1/me/notice").status_code == 401
    mine = signed_in(client, one)
    assert client.get(f"/api/v1/cases/{two['case_id']}", headers=mine).status_code == 401
    clocked.time += 3600 * 9
    assert client.get("/api/v1/me/notice", headers=mine).status_code == 401


def test_the_document_names_every_act_and_no_page(client):
    document = client.get(DOCUMENT).json()
    assert document["openapi"].startswith("3.1")
    assert all(path.startswith("/api/v1/") for path in document["paths"])
    assert len(document["paths"]) == 23
    posts = [act["post"] for path, act in document["paths"].items() if "post" in act and not path.endswith("sign-in")]
    assert all(any(one["name"] == "Idempotency-Key" and one["required"] for one in act["parameters"]) for act in posts)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory, open_line):
    """The portal on a real socket, and who may sign in there."""
    root, port = tmp_path_factory.mktemp("fuzzed") / "line", free_port()
    shutil.copytree(open_line, root)
    with freedonia_again(root) as course:
        clocked = Clocked(course)
        home = f"http://localhost:{port}"
        with served(portal(clocked.site), port):
            said = somebody(clocked.site)
            body = {"code": said["code"], "born_on": said["born"].isoformat()}
            token = httpx.post(f"{home}/api/v1/sign-in", json=body).json()["token"]
            workers = [official(clocked, f"Stand-in {role} 1") for role in ("intake", "deciding")]
            yield home, [{}, {"Authorization": f"Bearer {token}"}, *workers]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "broken"])
def test_no_request_whatever_makes_a_server_error(fuzzed, mode):
    """Schemathesis makes requests from the document, valid and broken ones, as nobody, as a person, and as officials."""
    home, callers = fuzzed
    document = schemathesis.openapi.from_url(f"{home}{DOCUMENT}")
    asked = []
    for found in document.get_all_operations():
        operation = found.ok()

        @settings(max_examples=12, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            for headers in callers:
                answer = case.call(headers=headers)
                case.validate_response(answer, checks=[not_a_server_error])
                if answer.status_code >= 400 and answer.status_code not in (404, 405):  # a broken path is no path of ours
                    assert answer.headers["content-type"][0].startswith("application/problem+json"), answer.headers
                asked.append(answer.status_code)

        with contextlib.suppress(Unsatisfiable):  # some take nothing that could be broken
            ask()
    assert len(asked) > 300
    assert {401, 403 if mode is GenerationMode.POSITIVE else 400} <= set(asked)
