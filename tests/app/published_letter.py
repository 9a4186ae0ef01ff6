"""A small published call-up with witnesses and a true round of quicknet, and one letter of it; a test says what is changed.

Each step of its making is a method of ``Publisher``, so a cheat is a publisher that does one step otherwise and signs what came of it:
the liar holds all keys but those of the witnesses.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from house.tree import ROOT

from callup.app.beacon import CHAIN
from callup.app.web.public.page import CheckPage
from callup.draw import call_document, commitment, entry, plan_text, ranks, seed_document, seed_of, tickets
from callup.tlog import Checkpoint, Log, MemoryStore, Signer, Tree, write_tree

ORIGIN, CALL_UP = "callup.example.gov/LT-2027-1", "LT-2027-1"
QUICKNET = json.loads((ROOT / "tests" / "vectors" / "quicknet.json").read_text("utf-8"))
ROUND = QUICKNET["rounds"][2]
HOUR = 3600
PROMISES, LAW = "b" * 64, "a" * 64


def due_of(round_):
    return QUICKNET["chain"]["genesis"] + (round_["round"] - 1) * QUICKNET["chain"]["period"]


DUE = due_of(ROUND)


def digest(*parts):
    return sha256("/".join(map(str, parts)).encode()).hexdigest()


def key_of(name):
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


class Witness:
    """Cosigns as C2SP tlog-cosignature cosignature/v1 says, written apart from callup."""

    def __init__(self, name):
        self.name, self.key = name, key_of(name)
        self.public = self.key.public_key().public_bytes_raw()
        self.id = sha256(name.encode() + b"\n\x04" + self.public).digest()[:4]

    @property
    def vkey(self):
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([4]) + self.public).decode()}"

    def line(self, text, time):
        signature = self.key.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        return f"\u2014 {self.name} {base64.b64encode(self.id + time.to_bytes(8, 'big') + signature).decode()}\n"


WITNESSES = [Witness(f"{name}.example.org/w") for name in ("court", "ombudsman", "press")]


@dataclass(frozen=True)
class Published:
    """Files by name below ``log/``, the code of one letter, and what the page is pinned to."""

    files: Mapping[str, bytes]
    fragment: str
    pinned: CheckPage
    salt: str = ""
    proof: bytes = b""

    @property
    def page(self):
        return json.loads(self.pinned.about())

    def with_file(self, name, content):
        return replace(self, files={**self.files, name: content})

    def write(self, folder):
        """As a mirror holds it: the files, and the page beside them."""
        for name, content in {**self.files, "v": self.pinned.html()}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder


class Publisher:
    """Honest; a test's subclass or argument changes one step."""

    strata = (("kaunas", 5), ("vilnius", 3))
    mine = "kaunas"
    method = "draw"
    secrets = (("authority", digest("secret", "authority")), ("ombudsman", digest("secret", "ombudsman")))
    called = 3
    quorum = "all"
    plan_lead = 30 * HOUR
    round = ROUND
    cosigners = WITNESSES

    def __init__(self, rank=1):
        self.store, self.rank = MemoryStore(), rank
        self.logs = {name: Log(self.store, name, Signer(f"{ORIGIN}/{name}", key_of(name))) for name in ("public", "acts")}

    @property
    def due(self):
        """When the round comes, seconds since 1970."""
        return due_of(self.round)

    # ---- the log

    def policy(self):
        logs = [f"log {log.signer.vkey}" for log in self.logs.values()]
        seen = [f"witness {one.name} {one.vkey}" for one in WITNESSES]
        group = f"group homes {self.quorum} {' '.join(one.name for one in WITNESSES)}"
        return "\n".join([*logs, *seen, group, "quorum homes", ""])

    def enter(self, name, entries, time):
        log = self.logs[name]
        if entries:
            log.append(entries)
        log.checkpoint()
        self.cosign(name, time)

    def cosign(self, name, time):
        log = self.logs[name]
        text = Checkpoint(log.signer.name, self.store.head(name)).text()
        note = self.store.read(f"{name}/checkpoint") + "".join(one.line(text, time) for one in self.cosigners).encode()
        for place in (f"{name}/checkpoint", f"{name}/checkpoints/{log.size}"):
            self.store.put(place, note)

    def publish(self, kinds_and_texts, time):
        entries = []
        for kind, text in kinds_and_texts:
            raw = text.encode()
            self.store.put(f"public/doc/{sha256(raw).hexdigest()}", raw)
            entries.append(entry(kind, sha256(raw).hexdigest()))
        self.enter("public", entries, time)

    # ---- the call-up, step by step

    def records(self, stratum, size):
        """(commitment, person, born, salt) in the order of the roll."""
        made = []
        for number in range(size):
            person, born, salt = digest(stratum, number)[:32], f"200{number % 10}-05-1{number % 10}", digest("salt", stratum, number)[:32]
            made.append((commitment("roll", salt, f"{person}\n{born}\n{stratum}\n"), person, born, salt))
        return sorted(made)

    def rolls(self):
        self.lines = {stratum: self.records(stratum, size) for stratum, size in self.strata}
        return {stratum: (len(lines), self.roll_root(stratum, lines)) for stratum, lines in self.lines.items()}

    def roll_root(self, stratum, lines):
        size = write_tree(self.store, f"roll/{stratum}", [bytes.fromhex(one[0]) for one in lines])
        return Tree(self.store, f"roll/{stratum}", size).root().hex()

    def plan(self, rolls):
        return plan_text(
            call_up=CALL_UP, law=LAW, promises=PROMISES, merge="below 10; unit, country", lead_hours=24, order=self.method,
            quotas=dict.fromkeys(sorted({one.partition("+")[0] for one in rolls}), 1), rolls=rolls,
            beacon=f"drand {CHAIN} {self.round['round']}",
            secrets={holder: commitment("secret", "", secret) for holder, secret in self.secrets},
        )  # fmt: skip

    def plans(self, text):
        return [("plan", text)]

    def seed_text(self, plan):
        return seed_document(plan, dict(self.secrets), self.round["signature"])

    def seeds(self, text):
        return [("seed", text)]

    def letter(self, stratum, position, rank):
        _, person, born, salt = self.lines[stratum][position]
        return (
            f"callup/notice/1\ncall-up: {CALL_UP}\nroll: {stratum} {position} {salt}\nrank: {rank}\nperson: {person}\nborn: {born}\n"
            f"report: 2027-03-0{rank} 09:00 {stratum}-1\nlaw: lt {LAW[:32]}\nobject-by: 30 days from service\npromises: {PROMISES[:32]}\n"
        )

    def act(self, rank, text):
        return commitment("open", self.act_salt(rank), text)

    def act_salt(self, rank):
        return digest("act", rank)[:32]

    def call_text(self, seed):
        return call_document(seed, [(self.mine, 1, self.called, 0)])

    def after(self):
        """What comes later: other acts, another look of the witnesses."""
        self.enter("acts", [entry("service", digest("service", number)) for number in range(2)], self.due + 9 * HOUR)

    def run(self, *, rehearsal=False, releases=None, languages=("en", "ru")):
        plan = self.plan(self.rolls())
        self.publish([("decree", 'id = "LT-2027-1"\n'), ("policy", self.policy()), *self.plans(plan)], self.due - self.plan_lead)
        seed_text = self.seed_text(plan)
        seed = seed_of(seed_text)
        if seeds := self.seeds(seed_text):
            self.publish(seeds, self.due + HOUR)
        order = self.order(seed)
        letters = [self.letter(self.mine, int(order[rank - 1]), rank) for rank in range(1, self.called + 1)]
        self.enter("acts", [entry("call", self.act(rank, text)) for rank, text in enumerate(letters, 1)], self.due + 2 * HOUR)
        size = self.logs["acts"].size
        self.publish([("call", self.call_text(seed))], self.due + 2 * HOUR)
        self.after()
        page = CheckPage(CALL_UP, ORIGIN, self.policy(), rehearsal, languages, releases or {PROMISES: "0.1.0"})
        return Published(dict(self.store.files), self.fragment(size, letters), page)

    def order(self, seed):
        """Roll positions by rank."""
        return np.argsort(ranks(tickets(seed, self.mine, dict(self.strata)[self.mine])))

    def fragment(self, size, letters):
        return code(size, self.rank - 1, self.act_salt(self.rank), letters[self.rank - 1])


def code(size, index, salt, text):
    return f"1.{size}.{index}.{salt}.{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}"


def root_of(entries):
    store = MemoryStore()
    return Tree(store, "other", write_tree(store, "other", entries)).root()
