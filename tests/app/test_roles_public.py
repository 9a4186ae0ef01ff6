"""Who may act at the desk is public: each grant with its days and both who gave it, as page and files; a deputy from the first day."""

import csv
import io
import re
from datetime import date, timedelta

from app.desk_line import INTAKE, say
from app.portal_line import DAY, at_desk

from callup.app.web.desk.granting import stand_in_names
from callup.app.web.public.roles import COLUMNS, lines_of, roles_table


def listed(client):
    return list(csv.DictReader(io.StringIO(client.get("/roles/roles.csv").text)))


def granted(client, clocked, store, **asked):
    """Two registrars do it: one proposes, another confirms."""
    at_desk(client, clocked.site, "Stand-in One")
    assert say(client, "/desk/grant", **asked).status_code == 303
    (waiting,) = store.proposals("state = 'open' AND kind LIKE 'role_%'")
    at_desk(client, clocked.site, "Stand-in Two")
    assert say(client, "/desk/confirm", proposal=str(waiting.id)).status_code == 303
    client.cookies.clear()


def test_everyone_reads_who_holds_which_role_and_who_gave_it(client, clocked, store):
    assert 'href="/roles"' in client.get("/").text
    assert {(one["name"], one["role"]) for one in listed(client)} == set(stand_in_names().items())
    until = (DAY + timedelta(days=5)).isoformat()
    deputy = {"name": "A Deputy", "role": "deciding", "unit": "FR-N", "until": until, "reason": "B is in hospital"}
    at_desk(client, clocked.site, "Stand-in One")
    assert say(client, "/desk/grant", **deputy).status_code == 303
    assert "A Deputy" not in client.get("/roles").text, "what one proposes is no grant"
    (waiting,) = store.proposals("state = 'open' AND kind LIKE 'role_%'")
    at_desk(client, clocked.site, "Stand-in Two")
    assert say(client, "/desk/confirm", proposal=str(waiting.id)).status_code == 303
    client.cookies.clear()
    (one,) = (row for row in listed(client) if row["name"] == "A Deputy")
    assert [one[name] for name in COLUMNS[2:]] == ["deciding", "FR-N", DAY.isoformat(), until, "Stand-in One", "Stand-in Two", "", "", ""]
    assert one in client.get("/roles/roles.json").json(), "the same rows in both files"
    page = client.get("/roles").text
    assert page.index("Roles that hold today") < page.index("A Deputy") < page.index("Roles that are over")
    assert "in hospital" not in page + client.get("/roles/roles.json").text, "why somebody is away is nobody's business"
    clocked.day += timedelta(days=6)
    page = client.get("/roles").text
    assert page.index("A Deputy") > page.index("Roles that are over"), "what has run out stays listed"
    assert client.get("/roles/else.csv").status_code == 404


def test_a_role_that_was_ended_stays_with_who_ended_it(client, clocked, store):
    at_desk(client, clocked.site, "Stand-in One")
    ends = re.search(r'name="ends" value="(\w+)"', client.get("/desk/roles").text)[1]
    before = len(listed(client))
    granted(client, clocked, store, ends=ends, reason="left the office")
    (one,) = (row for row in listed(client) if row["ended_on"])
    assert (one["grant"], one["ended_by"], one["end_confirmed_by"]) == (ends, "Stand-in One", "Stand-in Two")
    assert len(listed(client)) == before
    assert "by Stand-in One and Stand-in Two." in client.get("/roles").text


def test_what_was_not_recorded_yet_on_a_day_is_not_listed(clocked):
    day = date(2025, 5, 1)
    fact = {"fact_id": "1", "kind": "role_granted", "actor": "official: One", "second": "Two", "ref": INTAKE, "ground": "intake *"}
    fact |= {"happened_on": day, "until": day + timedelta(days=1)}
    assert roles_table([fact], day - timedelta(days=1)).rows == ()
    table = roles_table([fact], day)
    assert [len(part) for part in lines_of(table, day + timedelta(days=1))] == [1, 0], "its last day counts"
    assert [len(part) for part in lines_of(table, day + timedelta(days=2))] == [0, 1]
