"""A small honest published folder, made with callup's own rooms; the verifier under test shares no line with them."""

import json
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from callup.app.stores.tiles import PosixTileStore
from callup.draw import (
    apportion,
    call_document,
    commitment,
    entry,
    plan_text,
    ranks,
    rehearsal_beacon,
    seal_roll,
    seed_document,
    seed_of,
    tickets,
)
from callup.tlog import Log, Signer, Tree, write_tree
from callup.tlog.witnessing import Cosigner

ORIGIN = "example.org/north-2027"
EARLY = 1_692_500_000
"""20 August 2023, three days before the round of the fixtures."""
SIZES = {"N-1": 300, "N-2": 40, "N-3": 12}


def digest(*parts):
    return sha256("/".join(map(str, parts)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Options:
    """What a test may vary."""

    order: str = "draw"
    method: str = "hamilton"
    beacon: str = "rehearsal north-rehearsal 7"
    value: str = "ab" * 48
    rehearsal: str = "true"
    sizes: tuple[tuple[str, int], ...] = tuple(SIZES.items())
    seen: tuple[tuple[str, int], ...] = (("court", EARLY), ("press", EARLY + 60), ("bar", EARLY + 3600))
    """Which witnesses cosign every checkpoint, and the time they say."""
    policy: str = "witness court {court}\nwitness press {press}\nwitness bar {bar}\ngroup two 2 court press bar\nquorum two\n"


def publish(folder: Path, options: Options = Options()) -> Path:
    """Write the folder and give it."""
    return Publication(folder, options).write()


class Publication:
    def __init__(self, folder, options):
        self.folder, self.options = folder / "open", options
        self.sizes = dict(options.sizes)
        self.units = sorted({stratum.removesuffix("+volunteers") for stratum in self.sizes})
        store = PosixTileStore(self.folder / "log", folder / "heads")
        self.signers = {
            name: Signer(f"{ORIGIN}/{name}", Ed25519PrivateKey.from_private_bytes(bytes.fromhex(digest(name))))
            for name in ("public", "acts")
        }
        self.store = store
        self.witnesses = {
            name: Cosigner(f"{name}.example.org/w", Ed25519PrivateKey.from_private_bytes(bytes.fromhex(digest("witness", name))))
            for name in ("court", "press", "bar")
        }
        self.people = {name: Ed25519PrivateKey.from_private_bytes(bytes.fromhex(digest(name))) for name in ("A. One", "B. Two")}
        self.signed_acts = ("freeze", "size-1", "size-2")
        self.public, self.acts = (Log(store, name, self.signers[name]) for name in ("public", "acts"))

    def put(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def log(self, *documents):
        entries = []
        for kind, content in documents:
            raw = content if isinstance(content, bytes) else content.encode()
            self.put(f"log/public/doc/{sha256(raw).hexdigest()}", raw)
            entries.append(entry(kind, sha256(raw).hexdigest()))
        self.public.append(entries)
        self.public.checkpoint(self.cosigned)

    def cosigned(self, note):
        text = note.decode().rpartition("\n\n")[0] + "\n"
        return note + "".join(self.witnesses[name].cosign(text, time) for name, time in self.options.seen).encode()

    def write(self):
        keys = {name: one.vkey for name, one in self.witnesses.items()}
        self.put("log/policy", "".join(f"log {signer.vkey}\n" for signer in self.signers.values()) + self.options.policy.format(**keys))
        decree = (
            f'id = "north-2027"\npersons_to_enlist = 30\nrehearsal = {self.options.rehearsal}\n[quotas]\nmethod = "{self.options.method}"\n'
            f'[order]\nmethod = "{self.options.order}"\n[log]\norigin = "{ORIGIN}"\n'
        )
        for name, key in self.people.items():
            decree += f'[[signatory]]\nname = "{name}"\noffice = "clerk"\nkey = "{key.public_key().public_bytes_raw().hex()}"\n'
        self.put("00-decree/decree.toml", decree)
        self.signatures(self.signed_acts)
        roots = self.rolls()
        counts, quotas = self.counts(), self.quotas()
        secret = digest("secret")
        listed = self.options.order == "list"
        plan = plan_text(
            call_up="north-2027", law=digest("law"), promises=digest("promises"), merge="below 10; unit, country", lead_hours=24,
            order=self.options.order, quotas=quotas, rolls={name: (size, roots[name]) for name, size in self.sizes.items()},
            secrets={} if listed else {"court": commitment("secret", "", secret)}, beacon="none" if listed else self.options.beacon,
        )  # fmt: skip
        self.put("40-seed/plan.txt", plan)
        self.log(
            ("decree", decree),
            ("policy", (self.folder / "log/policy").read_bytes()),
            ("law", self.law()),
            ("counts", counts),
            ("plan", plan),
        )
        self.seed = "0" * 64 if listed else self.cast(plan, secret)
        self.draw()
        self.calls(1, {name: min(8, size) for name, size in self.sizes.items()})
        self.calls(2, {"N-1": 5} if "N-1" in self.sizes else {})
        self.report()
        return self.folder

    def law(self):
        files = {"00-decree/law.html": "<p>The law.</p>\n", "00-decree/places.csv": "place_id\nP1\n"}
        for name, content in files.items():
            self.put(name, content)
        return json.dumps(
            {"version": digest("law"), "files": {name: sha256(content.encode()).hexdigest() for name, content in files.items()}}
        )

    def signatures(self, acts=("freeze", "size-1", "size-2")):
        lines = ["act,digest,name,office,key,signature"]
        for act in acts:
            text = f"callup/act/1\nnorth-2027\n{act}\n{digest(act)}\n".encode()
            for name, key in self.people.items():
                lines.append(f"{act},{digest(act)},{name},clerk,{key.public_key().public_bytes_raw().hex()},{key.sign(text).hex()}")
        self.put("00-decree/signatures.csv", "\n".join(lines) + "\n")

    def rolls(self):
        rows = [(f"{stratum}-{number}", stratum, number) for stratum, size in self.sizes.items() for number in range(size)]
        table = {
            "person_id": [row[0] for row in rows],
            "born_on": pa.array([date(2008, 1 + row[2] % 12, 1) for row in rows], pa.date32()),
            "stratum": [row[1] for row in rows],
            "liable_from": pa.array([date(2027, 4, 1)] * len(rows), pa.date32()),
            "liable_until": pa.array([None] * len(rows), pa.date32()),
            "salt": [digest("salt", row[0])[:32] for row in rows],
        }
        if self.options.order == "list":
            table["position"] = pa.array([row[2] for row in rows], pa.int64())
        roll = seal_roll(pa.table(table))
        roots = {}
        for stratum, size in self.sizes.items():
            lines = [row["commitment"] for row in roll.to_pylist() if row["stratum"] == stratum]
            write_tree(self.store, f"roll/{stratum}", [bytes.fromhex(line) for line in lines])
            roots[stratum] = Tree(self.store, f"roll/{stratum}", size).root().hex()
        return roots

    def base(self, unit):
        return sum(size for stratum, size in self.sizes.items() if stratum.removesuffix("+volunteers") == unit)

    def counts(self):
        lines = "".join(f"{unit},2008,2008,{self.base(unit)}\n" for unit in self.units)
        text = "unit,born_year_from,born_year_to,persons\n" + lines
        self.put("30-roll/counts.csv", text)
        return text

    def quotas(self):
        base = {unit: self.base(unit) for unit in self.units}
        shares = apportion(self.options.method, 30, base)
        self.put("35-quotas/quotas.csv", "unit,base,quota\n" + "".join(f"{unit},{base[unit]},{shares[unit]}\n" for unit in base))
        return shares

    def cast(self, plan, secret):
        name, number = self.options.beacon.split(" ")[1:]
        value = rehearsal_beacon(name, int(number)) if self.options.beacon.startswith("rehearsal") else self.options.value
        document = seed_document(plan, {"court": secret}, value)
        self.put("40-seed/seed.txt", document)
        self.log(("seed", document))
        return seed_of(document)

    def draw(self):
        for stratum, size in self.sizes.items():
            order = np.arange(size) if self.options.order == "list" else np.argsort(ranks(tickets(self.seed, stratum, size)))
            self.put(f"45-draw/{stratum}.csv", "rank,position\n" + "".join(f"{rank},{at}\n" for rank, at in enumerate(order.tolist(), 1)))
        self.next_rank = dict.fromkeys(self.sizes, 1)

    def calls(self, wave, sizes):
        index, ranges, entries = self.acts.size, [], []
        for stratum, size in sorted(sizes.items(), key=lambda pair: ("+" not in pair[0], pair[0])):
            first = self.next_rank[stratum]
            ranges.append((stratum, first, first + size - 1, index + len(entries)))
            entries += [entry("decision" if rank % 7 == 3 else "call", digest(stratum, rank)) for rank in range(first, first + size)]
            self.next_rank[stratum] += size
        entries += [entry("service", digest("service", wave, number)) for number in range(11)]
        self.acts.append(entries)
        self.acts.checkpoint(self.cosigned)
        if ranges:
            self.log(("call", call_document(self.seed, ranges)))

    def report(self):
        kinds = [line.split(b" ")[1].decode() for line in self.acts.tree().entries()]
        acts = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
        self.put("90-report/funnel.csv", "state,persons\nserved,22\nlapsed,\n")
        table = {"file": "funnel.csv", "sum_of": "persons", "equals": 22, "counts": True}
        self.put("90-report/report.json", json.dumps({"acts": acts, "tables": [table], "signatures": self.signed_until()}))

    def signed_until(self):
        kept = (self.folder / "00-decree/signatures.csv").read_bytes()
        return {"lines": kept.count(b"\n"), "sha256": sha256(kept).hexdigest()}
