"""Sign-in by an identity provider: an honest one opens one's own notice, and each lie of a hostile one is refused by its own check."""

import re
import shutil
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from app.hostile_provider import LIES, HostileProvider, free_port, served
from app.portal_line import HOME, Clocked, freedonia_again, somebody
from joserfc.jwk import ECKey
from litestar.testing import TestClient

from callup.app.web import identity
from callup.app.web.identity import Provider, read_providers, read_scanner
from callup.app.web.serve import portal
from callup.app.web.signing_in import SigningIn, made_up, rehearsal_providers
from callup.terms.errors import BadInput

LOADED = 60.0
"""Seconds that a test waits for a provider in its own process: a machine with other work is slow, and only one test is about slowness."""


class Way:
    """A browser between a portal and a provider."""

    def __init__(self, client, provider, clocked):
        self.client, self.provider, self.clocked = client, provider, clocked

    def leave(self, at="rehearsal"):
        """To the provider; gives what it was asked."""
        answer = self.client.get(f"/sign-in/{at}", follow_redirects=False)
        assert answer.status_code == 303, answer.text
        return {name: value[0] for name, value in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def chosen(self, asked, who):
        """The address to which the provider sends the browser back."""
        answer = httpx.get(f"{self.provider.issuer}/chosen", params=asked | {"who": who}, follow_redirects=False, timeout=LOADED)
        return answer.headers["location"].removeprefix(HOME)

    def back(self, path):
        """Back at the portal."""
        return self.client.get(path, follow_redirects=False)

    def whole(self, who, at="rehearsal"):
        """There and back."""
        return self.back(self.chosen(self.leave(at), who))


@pytest.fixture(scope="module")
def hostile():
    issuer = f"http://localhost:{(port := free_port())}"
    clients = {one.client_id: f"{HOME}/sign-in/{one.id}/back" for one in rehearsal_providers(issuer)}
    provider = HostileProvider(issuer, clients, lambda client: provider.made_up(client))
    with served(provider.app(), port):
        yield provider


@pytest.fixture
def way(tmp_path, open_line, hostile, monkeypatch):
    monkeypatch.setattr(identity, "PATIENCE", LOADED)
    shutil.copytree(open_line, tmp_path / "line")
    with freedonia_again(tmp_path / "line") as course:
        clocked = Clocked(course)
        clocked.time = int(time.time())
        hostile.made_up = lambda client: made_up(clocked.site, client)
        hostile.lie, hostile.wait, hostile.names_itself = "", 0.0, hostile.issuer
        app = portal(clocked.site, rehearsal_providers(hostile.issuer), HOME)
        with TestClient(app, base_url=HOME) as client:
            yield Way(client, hostile, clocked)


def test_an_honest_provider_opens_ones_own_notice_and_the_whole_record(way):
    person = somebody(way.clocked.site)
    answer = way.whole(person["case_id"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/notice")
    held = way.clocked.site.store.held(person["case_id"])
    assert held["address"]["name"] in way.client.get("/notice").text
    assert way.client.get("/record/json").status_code == 200, "known surely enough for everything held"
    assert "What the register says</h2>" in way.client.get("/notice/why").text


def test_an_official_comes_to_the_desk(way):
    answer = way.whole("Stand-in intake 1", "rehearsal-desk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert "Stand-in intake 1" in way.client.get("/desk").text
    assert "Sign in with REHEARSAL" in TestClient(way.client.app, base_url=HOME).get("/desk").text


CHECKS = {
    "issuer": "token-issuer", "audience": "token-audience", "party": "token-party", "other party": "token-party", "nonce": "token-nonce",
    "no nonce": "token-nonce", "expired": "token-expired", "no end": "token-expired", "to come": "token-time", "nobody": "claim-missing",
    "not text": "claim-missing", "none": "signature", "shared secret": "signature", "other key": "signature", "no token": "no-token",
    "no json": "signature",
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_every_lie_is_refused_by_its_own_check(way, lie, monkeypatch):
    seen, real = [], SigningIn._not_identified

    def told(pages, request, failure):
        seen.append(failure.code)
        return real(pages, request, failure)

    monkeypatch.setattr(SigningIn, "_not_identified", told)
    way.provider.lie = lie
    answer = way.whole(somebody(way.clocked.site)["case_id"])
    assert (answer.status_code, "could not be believed" in answer.text) == (403, True)
    assert seen == [CHECKS[lie]]
    assert way.client.get("/notice").status_code == 401


def test_a_code_without_its_verifier_is_worth_nothing(way):
    """PKCE: whoever steals the code on the way cannot use it, neither at the provider nor at the portal."""
    asked = way.leave()
    path = way.chosen(asked, somebody(way.clocked.site)["case_id"])
    code = parse_qs(urlsplit(path).query)["code"][0]
    form = {"code": code, "code_verifier": "guess" * 10, "redirect_uri": asked["redirect_uri"]}
    assert httpx.post(f"{way.provider.issuer}/token", data=form, timeout=LOADED).json() == {"error": "invalid_grant"}
    assert asked["code_challenge_method"] == "S256"
    assert way.back(path).status_code == 403, "and it is spent"


def test_an_answer_belongs_to_the_browser_that_asked_once_and_in_time(way):
    person = somebody(way.clocked.site)
    path = way.chosen(way.leave(), person["case_id"])
    stranger = TestClient(way.client.app, base_url=HOME)
    assert stranger.get(path, follow_redirects=False).status_code == 403, "another browser"
    assert way.back(path.replace("state=", "state=x")).status_code == 403
    flow = way.client.cookies["__Host-callup-flow"]
    assert way.back(path).status_code == 303
    way.client.cookies.set("__Host-callup-flow", flow)
    assert way.back(path).status_code == 403, "the same answer twice"
    late = way.chosen(way.leave(), person["case_id"])
    way.clocked.time += identity.LONGEST_FLOW + 1
    assert way.back(late).status_code == 403


def test_providers_are_not_mixed_up(way):
    """The answer of one provider at the address of another, and an answer that names another issuer (RFC 9207)."""
    person = somebody(way.clocked.site)
    path = way.chosen(way.leave("rehearsal"), person["case_id"])
    assert way.back(path.replace("/rehearsal/", "/rehearsal-desk/")).status_code == 403
    path = way.chosen(way.leave(), person["case_id"])
    assert way.back(re.sub(r"iss=[^&]+", "iss=http%3A%2F%2Fother", path)).status_code == 403
    path = way.chosen(way.leave(), person["case_id"])
    assert way.back(re.sub(r"&iss=[^&]+", "", path)).status_code == 403, "it said that it always names itself"


def test_keys_that_changed_are_fetched_again_and_a_false_name_is_refused(way):
    person = somebody(way.clocked.site)
    assert way.whole(person["case_id"]).status_code == 303
    old, way.provider.key = way.provider.key, ECKey.generate_key("P-256", parameters={"kid": "rehearsal", "use": "sig"})
    assert way.whole(person["case_id"]).status_code == 303
    way.provider.key = old
    way.provider.names_itself = "http://localhost:1"
    way.clocked.time += 3600
    assert way.client.get("/sign-in/rehearsal").status_code == 403


def test_a_slow_or_dead_provider_leaves_the_other_ways_open(way, monkeypatch):
    person = somebody(way.clocked.site)
    path = way.chosen(way.leave(), person["case_id"])
    monkeypatch.setattr(identity, "PATIENCE", 0.2)
    way.provider.wait = 0.6
    answer = way.back(path)
    assert (answer.status_code, "the code in your letter works always" in answer.text) == (503, True)
    assert way.client.get("/sign-in").status_code == 200
    assert way.client.get("/sign-in/nobody").status_code == 404
    refused = way.leave()
    answer = way.back(f"/sign-in/rehearsal/back?state={refused['state']}&error=access_denied&iss={way.provider.issuer}")
    assert answer.status_code == 503


def test_who_was_not_called_is_told_so_and_gets_no_session(way):
    way.provider.made_up = lambda client: {"0" * 24: "Not called"}
    answer = way.whole("0" * 24)
    assert (answer.status_code, "no notice for you" in answer.text) == (200, True)
    assert way.client.get("/notice").status_code == 401


# ---- the file of providers

GOOD = '[[provider]]\nid = "eid"\nname = "e-ID"\nissuer = "https://eid.example"\nclient_id = "callup"\nwho = "person"\nclaim = "pnr"\n'


def test_providers_are_read_from_a_file_with_their_secret_beside_it(tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    (tmp_path / "portal.toml").write_text(GOOD + 'secret_file = "secret"\nacr = ["high"]\n')
    assert read_providers(tmp_path / "portal.toml") == (
        Provider("eid", "e-ID", "https://eid.example", "callup", "s3cret", "person", "pnr", ("high",)),
    )
    assert read_providers(tmp_path / "none.toml") == ()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('who = "person"', 'who = "made-up person"', "portal-provider"),
        ("https://eid", "http://eid", "portal-provider"),
        ('claim = "pnr"\n', "", "portal-provider"),
        ("client_id", "client", "portal-provider"),
        ('id = "eid"', "id = eid", "portal-file-not-readable"),
        ("[[provider]]", "[provider]", "portal-file-not-readable"),
        ('claim = "pnr"', 'claim = "pnr"\nsecret_file = "none"', "portal-provider"),
        ("[[provider]]", "[scanner]\nsocket = 3\n[[provider]]", "portal-scanner"),
    ],
)
def test_a_file_of_providers_that_cannot_be_used_is_refused(tmp_path, old, new, code):
    (tmp_path / "portal.toml").write_text(GOOD.replace(old, new, 1))
    reading = read_scanner if code == "portal-scanner" else read_providers
    with pytest.raises(BadInput, match=code):
        reading(tmp_path / "portal.toml")
