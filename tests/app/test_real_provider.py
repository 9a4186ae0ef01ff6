"""Sign-in by an identity provider that others wrote: npm's oidc-provider, certified by the OpenID Foundation, in a process of its own."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from app.hostile_provider import free_port
from app.portal_line import HOME, Clocked, freedonia_again, somebody
from litestar.testing import TestClient

from callup.app.web import identity
from callup.app.web.identity import Provider
from callup.app.web.serve import portal
from callup.app.web.signing_in import MADE_UP

HERE = Path(__file__).with_name("oidc")
MODULES = Path(".oidc-provider/node_modules")
LOADED = 60.0
SECRET = "a secret: with signs of its own, 100 % & more"
KINDS = {"none": "", "client_secret_basic": SECRET, "client_secret_post": SECRET}

pytestmark = [pytest.mark.node, pytest.mark.oidc]


@pytest.fixture(scope="module")
def issuer():
    clients = [
        {"client_id": kind, "redirect_uris": [f"{HOME}/sign-in/{kind}/back"], "token_endpoint_auth_method": kind}
        | ({"client_secret": secret} if secret else {})
        for kind, secret in KINDS.items()
    ]
    clients.append(clients[0] | {"client_id": "high", "redirect_uris": [f"{HOME}/sign-in/high/back"]})
    port = free_port()
    told = json.dumps({"port": port, "clients": clients, "modules": str(MODULES.resolve())})
    node = shutil.which("node") or shutil.which("nodejs")
    with subprocess.Popen([node, HERE / "provider.mjs", told], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as provider:
        try:
            assert provider.stdout.readline() == "ready\n"
            yield f"http://localhost:{port}"
        finally:
            provider.kill()


@pytest.fixture(scope="module")
def portal_and_site(issuer, open_line, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real") / "line"
    shutil.copytree(open_line, folder)
    with pytest.MonkeyPatch.context() as patch, freedonia_again(folder) as course:
        patch.setattr(identity, "PATIENCE", LOADED)
        clocked = Clocked(course)
        clocked.time = int(time.time())
        providers = [Provider(kind, kind, issuer, kind, secret, MADE_UP, "person_id") for kind, secret in KINDS.items()]
        app = portal(clocked.site, [*providers, Provider("high", "high", issuer, "high", "", MADE_UP, "person_id", ("high",))], HOME)
        with TestClient(app, base_url=HOME) as client:
            yield client, clocked.site


@pytest.fixture
def door(portal_and_site):
    """The portal with a browser that has never been there, and its site."""
    portal_and_site[0].cookies.clear()
    return portal_and_site


def form_of(page):
    """Address and values of a page's only form."""
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"', page.text))
    return urljoin(str(page.url), re.search(r'<form[^>]*action="([^"]+)"', page.text)[1]), fields


def at_the_provider(address, who):
    """What a browser does there: it follows, fills the form for name and password, agrees, and is sent home; or gives up at once."""
    with httpx.Client(timeout=LOADED) as browser:
        answer = browser.get(address)
        for _ in range(12):
            if "location" in answer.headers:
                there = urljoin(str(answer.url), answer.headers["location"])
                if there.startswith(HOME):
                    return there.removeprefix(HOME)
                answer = browser.get(there)
            elif who:
                there, fields = form_of(answer)
                answer = browser.post(there, data=fields | ({"login": who, "password": "any"} if "login" in answer.text else {}))
            else:
                answer = browser.get(re.search(r'href="([^"]+/abort)"', answer.text)[1])
    raise AssertionError(f"never sent home: {answer.status_code} {answer.text[:500]}")


@pytest.mark.parametrize("kind", KINDS)
def test_a_provider_that_others_wrote_opens_ones_own_notice(door, kind):
    """As a public client, and with a secret in either way that RFC 6749, section 2.3.1, names."""
    client, site = door
    person = somebody(site)
    left = client.get(f"/sign-in/{kind}", follow_redirects=False)
    assert left.status_code == 303, left.text
    back = client.get(at_the_provider(left.headers["location"], person["case_id"]), follow_redirects=False)
    assert (back.status_code, back.headers.get("location")) == (303, "/notice"), back.text
    assert site.store.held(person["case_id"])["address"]["name"] in client.get("/notice").text


def test_who_gives_up_there_comes_back_to_the_other_ways(door):
    client, _ = door
    left = client.get("/sign-in/none", follow_redirects=False)
    back = client.get(at_the_provider(left.headers["location"], ""), follow_redirects=False)
    assert back.status_code == 503
    assert "the code in your letter works always" in back.text
    assert client.get("/notice").status_code == 401


def test_a_level_that_the_provider_did_not_reach_is_not_believed(door):
    """It knows the level by name and signs people in with less: what comes back says so, and is refused."""
    client, site = door
    left = client.get("/sign-in/high", follow_redirects=False)
    back = client.get(at_the_provider(left.headers["location"], somebody(site)["case_id"]), follow_redirects=False)
    assert back.status_code == 403
    assert client.get("/notice").status_code == 401


def test_a_code_of_one_browser_is_worth_nothing_in_another(door):
    client, site = door
    left = client.get("/sign-in/none", follow_redirects=False)
    path = at_the_provider(left.headers["location"], somebody(site)["case_id"])
    kept = dict(client.cookies)
    client.cookies.clear()
    client.get("/sign-in/none", follow_redirects=False)
    assert client.get(path, follow_redirects=False).status_code == 403
    client.cookies.clear()
    client.cookies.update(kept)
    assert client.get(path, follow_redirects=False).status_code == 303
    assert client.get(path, follow_redirects=False).status_code == 403, "a state is taken once"
