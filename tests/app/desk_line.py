"""What several tests of the desk do: a claim, a proposal, a decision, by officials of a rehearsal."""

from app.portal_line import desk_nonce, open_case

from callup.app.acts import add_fact

INTAKE, OTHER, DECIDER, SECOND = "Stand-in intake 1", "Stand-in intake 2", "Stand-in deciding 1", "Stand-in deciding 2"
OPERATOR, AUDITOR, OMBUDSMAN = "Stand-in operator 1", "Stand-in auditor 1", "Stand-in ombudsman 1"


def facts(site, person, kind):
    return [row for row in site.facts.of_case(person["case_id"]).to_pylist() if row["kind"] == kind]


def claim(site, person, kind="deferral"):
    """A claim that the person sent in the portal."""
    proof = {"evidence": "0" * 64, "case_id": person["case_id"], "ground": kind}
    add_fact(site.facts, "claimed", "person", (site.today(), site.today()), proof)
    return facts(site, person, "claimed")[-1]


def refuse(site, person, ref, day=None):
    said = {"case_id": person["case_id"], "ref": ref, "outcome": "refused", "reason": "the paper is another's", "second": "B. Second"}
    add_fact(site.facts, "decided", "official: A. First", (day or site.today(),) * 2, said | {"evidence": "0" * 64})
    return facts(site, person, "decided")[-1]


def say(client, path, **sent):
    return client.post(path, data={"nonce": desk_nonce(client), **sent}, follow_redirects=False)


def propose(client, site, person, outcome, name=INTAKE, reason="the paper is not a certificate", **more):
    open_case(client, site, name, person["case_id"])
    return say(client, "/desk/propose", case=person["case_id"], act=f"decided {outcome}", reason=reason, **more)


def decide(client, site, store, person, name=DECIDER, accept="yes"):
    open_case(client, site, name, person["case_id"], "to decide as second")
    (one,) = store.proposals("case_id = ? AND state = 'open'", (person["case_id"],))
    return say(client, "/desk/decide", proposal=str(one.id), accept=accept, note="read it")
