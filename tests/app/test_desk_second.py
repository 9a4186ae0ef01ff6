"""A role may ask for a passkey: until its holder has made one, the role does nothing; who decides in a real call-up needs one."""

import pytest
from app.desk_line import INTAKE
from app.portal_line import HOME, nonce_of, somebody
from app.soft_key import SoftKey
from app.test_api import official
from app.test_desk_passkeys import HOST, client, door, make, named, use  # noqa: F401 - fixtures

from callup.app.acts import add_fact
from callup.app.web.desk.roles import GRANTED, read_second
from callup.terms.errors import BadInput

DECIDING = "Stand-in deciding 1"


def test_who_decides_in_a_real_call_up_needs_one_and_a_file_says_otherwise(tmp_path):
    path = tmp_path / "portal.toml"
    assert read_second(path, rehearsal=False) == {"deciding", "board"}
    assert read_second(path, rehearsal=True) == frozenset()
    path.write_text('[roles.board]\npasskey = "optional"\n[roles.auditor]\npasskey = "required"\n')
    assert read_second(path, rehearsal=False) == {"deciding", "auditor"}
    assert read_second(path, rehearsal=True) == {"auditor"}


@pytest.mark.parametrize(
    "text",
    [
        'roles = "all"',
        "[roles]\ndeciding = 1",
        '[roles.king]\npasskey = "required"',
        '[roles.board]\npasskey = "yes"',
        "[roles.board]\nkey = 1",
    ],
)
def test_a_role_or_a_word_that_there_is_not_is_refused(tmp_path, text):
    path = tmp_path / "portal.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match="portal-roles"):
        read_second(path, rehearsal=False)


def test_until_it_is_made_the_role_does_nothing_and_then_it_does(client, clocked, door):  # noqa: F811
    clocked.site.second = frozenset({"deciding"})
    case = somebody(clocked.site)["case_id"]
    claimed = {"evidence": "1" * 64, "case_id": case, "ground": "deferral"}
    add_fact(clocked.site.facts, "claimed", "person", (clocked.day, clocked.day), claimed)
    assert named(client, door, DECIDING) == "/desk/passkey", "the first way leads there"
    page = client.get("/desk/passkey").text
    assert "Your role asks for a passkey" in page
    assert case not in client.get("/desk").text
    asked = {"nonce": nonce_of(client.get("/desk/open?case=" + case).text, "/desk/open"), "case": case, "reason": "to decide"}
    assert client.post("/desk/open", data=asked).status_code == 403
    refused = client.get("/desk/proposals")
    assert (refused.status_code, "Your role asks for a passkey" in refused.text) == (403, True)
    assert clocked.site.facts.readings(f"clerk: {DECIDING}", clocked.day) == set()
    key = SoftKey(HOST, HOME)
    assert make(client, key).json() == {"next": "/desk/passkey"}
    assert "Your role asks" not in client.get("/desk/passkey").text
    assert case in client.get("/desk").text
    assert named(client, door, DECIDING) == "/desk/passkey/sign-in"
    assert use(client, key).json() == {"next": "/desk"}
    assert client.get("/desk/proposals").status_code == 200
    assert named(client, door, INTAKE) == "/desk", "a role that does not ask for one is as before"


def test_programs_of_officials_are_held_to_it_too(client, clocked):  # noqa: F811
    clocked.site.second = frozenset(GRANTED)
    answer = client.get("/api/v1/cases", headers=official(clocked, DECIDING))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:callup:passkey-required")
