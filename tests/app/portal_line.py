"""A call-up whose first wave is out, its portal, and a clock that a test turns."""

import contextlib
import re
from datetime import date

from callup.app.commands.opening import course_at
from callup.app.standing import summonses
from callup.app.web.site import Site

DAY = date(2025, 4, 8)
HOME = "https://portal.local"


class Clocked:
    """A site with a clock that a test turns."""

    def __init__(self, course, storage=None):
        self.time, self.day = 1_000_000, DAY
        self.site = Site(course, lambda: self.day, lambda: self.time, storage)


@contextlib.contextmanager
def freedonia_again(root):
    """The course of a dossier that is there already."""
    course = course_at(root / "dossier", None, 11)
    try:
        yield course
    finally:
        course.facts.close()
        course.engine.close()


def somebody(site, at=0):
    """A called person: the code on their letter, date of birth, case and notice."""
    row = summonses(site.course).sort_by("case_id").to_pylist()[at]
    born = site.store.held(row["case_id"])["register"]["born_on"]
    return {"code": site.course.ring.letter_code(row["notice_id"]), "born": date.fromisoformat(born), **row}


def session_of(site, person):
    """The token of a session that a person has opened elsewhere with the code of the letter."""
    token = f"elsewhere {person['case_id']}"
    site.store.open_session(token, site.case_of(person["code"], person["born"]), "letter", site.now())
    return token


def at_desk(client, site, name, token=None):
    """Be an official, as an identity provider would say."""
    token = token or f"token of {name}"
    with contextlib.closing(site.desk_store()) as store:
        if store.session(token) is None:
            store.open_session(token, name, site.now())
    client.cookies.set("__Host-callup-desk", token)


def desk_nonce(client, path="/desk/roles"):
    """The number of a form of the desk's page."""
    return re.search(r'name="nonce" value="(\w+)"', client.get(path).text)[1]


def open_case(client, site, name, case, reason="to decide the claim"):
    """Sign in as an official and open a case."""
    at_desk(client, site, name)
    return client.post("/desk/open", data={"nonce": desk_nonce(client), "case": case, "reason": reason}, follow_redirects=False)


def nonce_of(text, action):
    """The number of one form of a page."""
    return re.search(rf'action="{action}"[^>]*>\s*<input type="hidden" name="nonce" value="(\w+)"', text)[1]


def sign_in(client, person, **changed):
    """Sign in with the code of the letter."""
    born = changed.pop("born", person["born"])
    data = {"code": person["code"], "day": born.day, "month": born.month, "year": born.year} | changed
    form = nonce_of(client.get("/sign-in").text, "/sign-in")
    return client.post("/sign-in", data={"nonce": form, **data}, follow_redirects=False)
