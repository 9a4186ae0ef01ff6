"""Letters and slips that are not the plain case: a slip from the roll, a proof file, an order by list, volunteers, a supplementary roll."""

import base64
import json
from dataclasses import replace

import numpy as np
from app.letter_cheats import plain
from app.published_letter import CALL_UP, DUE, HOUR, ORIGIN, QUICKNET, ROUND, Publisher, code, digest, key_of

from callup.app.beacon import CHAIN
from callup.draw import call_document, commitment, entry, plan_text, ranks, seed_document, seed_of, tickets
from callup.tlog import Signer, Tree


def slip(rank, publisher=None):
    """The slip of whoever has that rank in kaunas, and the salt that only they hold."""
    publisher = publisher or Publisher()
    published = publisher.run()
    seed = next(raw for raw in published.files.values() if raw.startswith(b"callup/seed/1"))
    order = np.argsort(ranks(tickets(seed_of(seed.decode()), "kaunas", dict(publisher.strata)["kaunas"])))
    position = int(order[rank - 1])
    _, person, born, salt = publisher.lines["kaunas"][position]
    record = base64.urlsafe_b64encode(f"{person}\n{born}\nkaunas\n".encode()).decode().rstrip("=")
    return replace(published, fragment=f"2.{position}.{record}", salt=salt)


def proof_of(published, *, carries=True):
    """The proof file of a letter (C2SP tlog-proof), made from the tree; with the letter inside, or beside its code."""
    _, _, index, salt, encoded = published.fragment.split(".")

    class Kept:
        def read(self, name):
            return published.files[name]

    path = Tree(Kept(), "acts", 5).inclusion(int(index))
    text = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    lines = ["c2sp.org/tlog-proof@v1"]
    if carries:
        lines.append("extra " + base64.b64encode(salt.encode() + b"\n" + text).decode())
    lines += [f"index {index}", *(base64.b64encode(step).decode() for step in path), "", ""]
    raw = "\n".join(lines).encode() + published.files["acts/checkpoint"]
    return replace(published, files={}, proof=raw, fragment="" if carries else published.fragment)


def packet_of(published, *, more=None, signed_by=""):
    """The packet of a letter or slip (docs/formats.md): every file of the mirror, the code, a certificate, two texts."""
    text = f"callup/certificate/1\ncall-up: {CALL_UP}\ncase: c1\nas-of: 2027-03-02\nknown-at: 2027-03-02\nstate: served\n"
    files = {name: plain(raw) for name, raw in published.files.items()} | {"policy": published.pinned.policy}
    what = "slip" if published.salt else "letter"
    said = {
        "format": "callup/packet/1",
        "call-up": CALL_UP,
        what: published.fragment,
        "certificate": Signer(f"{ORIGIN}/acts", key_of(signed_by or "acts")).sign(text).decode(),
        "rule": "<b>art. 3(1)</b>",
        "files": files,
    }
    raw = json.dumps(said | (more or {}), sort_keys=True, ensure_ascii=False).encode()
    return replace(published, files={}, fragment="", proof=raw)


class ByList(Publisher):
    """An order by list: no beacon, no secrets, no seed; the rank is the position."""

    def plan(self, rolls):
        return plan_text(
            call_up=CALL_UP, law="a" * 64, promises="b" * 64, merge="below 10; unit, country", lead_hours=24, order="list",
            quotas=dict.fromkeys(rolls, 1), rolls=rolls, beacon="none", secrets={},
        )  # fmt: skip

    def seeds(self, text):
        return []

    def seed_text(self, plan):
        return ""

    def order(self, seed):
        return np.arange(dict(self.strata)["kaunas"])

    def call_text(self, seed):
        return call_document("0" * 64, [("kaunas", 1, self.called, 0)])


class Supplemented(Publisher):
    """Two people were left out and drawn later (docs/formats.md); the letter is of the first of them."""

    round = QUICKNET["rounds"][0]
    changed = ("", "")

    def after(self):
        super().after()
        call_up, stratum, new = f"{CALL_UP}s1", "kaunas+s1", {"authority": digest("new"), "ombudsman": digest("newer")}
        self.lines[stratum] = self.records(stratum, 2)
        plan = plan_text(
            call_up=call_up, law="a" * 64, promises="b" * 64, merge="below 10; unit, country", lead_hours=24, order="draw", quotas={},
            rolls={stratum: (2, self.roll_root(stratum, self.lines[stratum]))}, beacon=f"drand {CHAIN} {ROUND['round']}",
            secrets={holder: commitment("secret", "", secret) for holder, secret in new.items()},
        )  # fmt: skip
        plan = plan.replace(*self.changed)
        self.publish([("plan", plan)], DUE - 25 * HOUR)
        text = seed_document(plan, new, ROUND["signature"])
        self.publish([("seed", text)], DUE + 20 * HOUR)
        seed = seed_of(text)
        position = int(np.argmin(ranks(tickets(seed, stratum, 2))))
        self.extra = self.letter(stratum, position, 1)
        self.at = self.logs["acts"].size
        self.enter("acts", [entry("call", commitment("open", self.act_salt(9), self.extra))], DUE + 21 * HOUR)
        self.publish([("call", call_document(seed, [(stratum, 1, 1, self.at)]))], DUE + 21 * HOUR)

    def fragment(self, size, letters):
        return code(self.at + 1, self.at, self.act_salt(9), self.extra)
