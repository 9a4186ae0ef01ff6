"""The cheats of the design note, section 6, and some more, each as a publisher that lies in one step; with the word that refuses it.

tests/vectors/letters.json holds them for verifiers in any language. Run as a program this writes it:

    PYTHONPATH=tests:src python tests/app/letter_cheats.py > tests/vectors/letters.json
"""

import base64
import json
from hashlib import sha256

from app import decision_letters
from app.published_letter import CALL_UP, DUE, HOUR, ORIGIN, WITNESSES, Published, Publisher, code, digest, key_of, root_of

from callup.draw import call_document, entry
from callup.tlog import Checkpoint, Head, Signer


def note_of(name, entries, time, key=None):
    """A checkpoint of other entries, signed and cosigned: what a log shows that tells someone else another story."""
    signer = Signer(f"{ORIGIN}/{name}", key or key_of(name))
    text = Checkpoint(signer.name, Head(len(entries), root_of(entries))).text()
    return signer.sign(text) + "".join(one.line(text, time) for one in WITNESSES).encode()


def fragment_of(published, **changed):
    """The code with a part changed: size, index, salt, or text as (old, new)."""
    _, size, index, salt, encoded = published.fragment.split(".")
    text = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    if "text" in changed:
        assert changed["text"][0] in text
        text = text.replace(*changed["text"])
    changed_code = code(changed.get("size", size), changed.get("index", index), changed.get("salt", salt), text)
    return Published(published.files, changed_code, published.pinned)


def altered_letter():
    return fragment_of(Publisher().run(), text=("09:00", "07:00"))


def forged_salt():
    return fragment_of(Publisher().run(), salt="0" * 32)


def earlier_checkpoint():
    """Today's checkpoint is put back to an earlier one."""
    honest = Publisher().run()
    return honest.with_file("acts/checkpoint", note_of("acts", [entry("call", digest("x"))], DUE + 2 * HOUR))


def checkpoint_of_another_size():
    honest = Publisher().run()
    return honest.with_file("acts/checkpoints/3", honest.files["acts/checkpoints/5"])


def split_view():
    """The checkpoint that the letter names was signed over other acts."""
    others = [entry("call", digest("other", number)) for number in range(3)]
    return Publisher().run().with_file("acts/checkpoints/3", note_of("acts", others, DUE + 2 * HOUR))


def split_public():
    others = [entry("plan", digest("other", number)) for number in range(3)]
    return Publisher().run().with_file("public/checkpoints/3", note_of("public", others, DUE - 30 * HOUR))


def replaced_act():
    """Act 0 is another one, in a log that is whole and signed."""

    class Replaces(Publisher):
        def act(self, rank, text):
            return digest("another act") if rank == 1 else super().act(rank, text)

    return Replaces().run()


class OtherSecret(Publisher):
    def seed_text(self, plan):
        return super().seed_text(plan).replace(dict(self.secrets)["ombudsman"], digest("another secret"))


class NoSecret(Publisher):
    def seed_text(self, plan):
        return "".join(line + "\n" for line in super().seed_text(plan).splitlines() if "ombudsman" not in line)


class OtherBeacon(Publisher):
    def seed_text(self, plan):
        head, _, value = super().seed_text(plan).partition("beacon: ")
        return f"{head}beacon: {value[:-2]}{'0' if value[-2] != '0' else '1'}\n"


class ExtraLine(Publisher):
    def seed_text(self, plan):
        return super().seed_text(plan) + "note: 17\n"


class CapitalDigits(Publisher):
    def seed_text(self, plan):
        text = super().seed_text(plan)
        return text.replace(dict(self.secrets)["authority"], dict(self.secrets)["authority"].upper())


class SwappedRoll(Publisher):
    """The plan names one roll; the files hold another, without one line."""

    def roll_root(self, stratum, lines):
        root = super().roll_root(stratum, lines)
        if stratum == "kaunas":
            self.store.put("roll/kaunas/tile/0/000.p/5", b"".join(sha256(b"\0" + bytes.fromhex(one[0])[::-1]).digest() for one in lines))
        return root


class GhostLine(Publisher):
    """The letter's own line was never in the roll."""

    def letter(self, stratum, position, rank):
        person = self.lines[stratum][position][1]
        return super().letter(stratum, position, rank).replace(person, "f" * 32)


class LatePlan(Publisher):
    plan_lead = 23 * HOUR


class OtherRanksSlot(Publisher):
    """The acts of ranks 1 and 2 change places; the letter points where its act is."""

    def act(self, rank, text):
        self.texts = {**getattr(self, "texts", {}), rank: text}
        return super().act(rank, text)

    def enter(self, name, entries, time):
        if name == "acts" and entries and b" call " in entries[0]:
            entries = [entries[1], entries[0], *entries[2:]]
        super().enter(name, entries, time)

    def fragment(self, size, letters):
        return code(size, 1, self.act_salt(1), letters[0])


class PickedPanel(Publisher):
    """A call-up by panels, honest: the panel that the seed picked is called."""

    strata = (("kaunas+p1", 5), ("kaunas+p2", 5), ("kaunas+p3", 4))
    method = "panels"
    beside = 0

    def order(self, seed):
        lots = [sha256(f"{seed} +panels {at}".encode()).hexdigest() for at in range(3)]
        self.mine = f"kaunas+p{(lots.index(min(lots)) + self.beside) % 3 + 1}"
        return super().order(seed)


class OtherPanel(PickedPanel):
    """Another panel than the picked one is called."""

    beside = 1


class OtherRank(Publisher):
    """A letter and an act that say rank 2 for the person whom the draw made number 1."""

    def letter(self, stratum, position, rank):
        return super().letter(stratum, position, rank).replace("rank: 1\n", "rank: 4\n")


class MissingQuorum(Publisher):
    cosigners = WITNESSES[:2]


class SecondPlan(Publisher):
    def plans(self, text):
        return [("plan", text), ("plan", text.replace("quota: kaunas 1", "quota: kaunas 2"))]


class SecondSeed(Publisher):
    def seeds(self, text):
        return [("seed", text), ("seed", text.replace("authority", "Authority"))]


class SeedWithoutPlan(Publisher):
    def seeds(self, text):
        return [("seed", text), ("seed", text.replace("plan: ", "plan: 00", 1).replace("00\n", "\n"))]


class VoidPlan(Publisher):
    def after(self):
        plan = next(text for name, text in self.store.files.items() if text.startswith(b"callup/plan/1"))
        lines = [
            "callup/void/1",
            f"call-up: {CALL_UP}",
            f"plan: {sha256(plan).hexdigest()}",
            "reason: a secret was lost",
            "by: A",
            "by: B",
            "",
        ]
        self.publish([("void", "\n".join(lines))], DUE + 3 * HOUR)


class RankPassedOver(Publisher):
    def call_text(self, seed):
        return call_document(seed, [("kaunas", 2, self.called, 0)])


class NotCalled(Publisher):
    def call_text(self, seed):
        return call_document(seed, [("vilnius", 1, 1, 0)])


class OwnBeacon(Publisher):
    """A chain of the authority's own."""

    def plan(self, rolls):
        text = super().plan(rolls)
        chain = text.partition("drand ")[2][:64]
        return text.replace(chain, digest("own chain"))


class RehearsalBeacon(Publisher):
    def plan(self, rolls):
        text = super().plan(rolls)
        return text.partition("beacon: ")[0] + "beacon: rehearsal LT 7\n"


class OtherPromises(Publisher):
    def letter(self, stratum, position, rank):
        return super().letter(stratum, position, rank).replace("promises: bbbb", "promises: cccc")


class OtherLaw(Publisher):
    def letter(self, stratum, position, rank):
        return super().letter(stratum, position, rank).replace("law: lt aaaa", "law: lt cccc")


class PlanHidden(Publisher):
    """No checkpoint from before the draw was kept."""

    def run(self):
        published = super().run()
        return Published(
            {name: raw for name, raw in published.files.items() if name != "public/checkpoints/3"}, published.fragment, published.pinned
        )


def other_log_key():
    honest = Publisher().run()
    signer = Signer(f"{ORIGIN}/acts", key_of("a thief's other key"))
    text = honest.files["acts/checkpoint"].decode().partition("\n\n")[0] + "\n"
    return honest.with_file("acts/checkpoint", signer.sign(text) + "".join(one.line(text, DUE + 9 * HOUR) for one in WITNESSES).encode())


def backdated_witness():
    """A time in a witness's line is put earlier."""
    honest = Publisher().run()
    lines = honest.files["acts/checkpoints/3"].decode().split("\n")
    dash, name, encoded = lines[-2].split(" ")
    raw = base64.b64decode(encoded)
    lines[-2] = f"{dash} {name} {base64.b64encode(raw[:4] + (DUE - 99 * HOUR).to_bytes(8, 'big') + raw[12:]).decode()}"
    return honest.with_file("acts/checkpoints/3", "\n".join(lines).encode())


def replaced_document():
    honest = Publisher().run()
    name = next(name for name, raw in honest.files.items() if raw.startswith(b"callup/call/1"))
    return honest.with_file(name, honest.files[name].replace(b"1 3 acts", b"1 5 acts"))


def letter_of_another():
    return fragment_of(Publisher().run(), text=(CALL_UP, "LV-2027-1"))


def cut_code():
    honest = Publisher().run()
    return Published(honest.files, honest.fragment[:-40], honest.pinned)


def file_gone():
    honest = Publisher().run()
    return Published({name: raw for name, raw in honest.files.items() if name != "acts/checkpoint"}, honest.fragment, honest.pinned)


class OtherPolicy(Publisher):
    """The gazette's policy and that of the log are not the same."""

    def plans(self, text):
        return [("policy", self.policy().replace(f" {self.quorum} ", " 1 ")), ("plan", text)]


class UnknownKind(Publisher):
    def plans(self, text):
        return [("plan", text), ("redraw", "callup/redraw/1\n")]


class Form(Publisher):
    """A call-up that asks for an answer, honest; its letter has no line with a day."""

    line, kind, asked = "asks: answer\n", "form", "answer: 10 days from service"

    def plan(self, rolls):
        return super().plan(rolls).replace("order: draw\n", f"order: draw\n{self.line}")

    def letter(self, stratum, position, rank):
        head, tail = super().letter(stratum, position, rank).replace("callup/notice", f"callup/{self.kind}").split("report: ")
        return f"{head}{self.asked}\n{tail.partition(chr(10))[2]}"


def form(line="asks: answer\n", kind="form", asked=Form.asked):
    """A form in which one part is otherwise: the plan's line, the kind of the document, what it asks."""
    return lambda: type("Otherwise", (Form,), {"line": line, "kind": kind, "asked": asked})().run()


A_DAY = "2027-03-01 09:00 kaunas-1"
CHEATS = {
    "another policy in the log": (lambda: OtherPolicy().run(), "policy-differs"),
    "an unknown kind of entry": (lambda: UnknownKind().run(), "kind-unknown"),
    "altered letter": (altered_letter, "letter-not-in-log"),
    "forged letter": (forged_salt, "letter-not-in-log"),
    "letter of another call-up": (letter_of_another, "letter-of-another"),
    "a code read in part": (cut_code, "code-malformed"),
    "earlier checkpoint": (earlier_checkpoint, "checkpoint-goes-back"),
    "checkpoint of another size": (checkpoint_of_another_size, "checkpoint-of-another-size"),
    "split view of the acts": (split_view, "split-view"),
    "split view of the public log": (split_public, "split-view"),
    "replaced act": (replaced_act, "letter-not-in-log"),
    "other secret": (lambda: OtherSecret().run(), "secret-wrong"),
    "a secret held back": (lambda: NoSecret().run(), "secret-wrong"),
    "other beacon value": (lambda: OtherBeacon().run(), "beacon-wrong"),
    "own beacon": (lambda: OwnBeacon().run(), "beacon-of-another-chain"),
    "rehearsal beacon in a real draw": (lambda: RehearsalBeacon().run(), "beacon-of-a-rehearsal"),
    "extra line in the seed document": (lambda: ExtraLine().run(), "seed-not-exact"),
    "capital digits in the seed document": (lambda: CapitalDigits().run(), "seed-not-exact"),
    "swapped roll": (lambda: SwappedRoll().run(), "roll-swapped"),
    "a line that is not in the roll": (lambda: GhostLine().run(), "line-not-in-roll"),
    "late plan": (lambda: LatePlan().run(), "plan-late"),
    "plan not shown before the draw": (lambda: PlanHidden().run(), "plan-not-cosigned"),
    "other rank's slot": (lambda: OtherRanksSlot().run(), "act-of-another-rank"),
    "another panel than picked": (lambda: OtherPanel().run(), "panel-not-picked"),
    "another rank than drawn": (lambda: OtherRank().run(), "rank-wrong"),
    "a rank passed over": (lambda: RankPassedOver().run(), "call-gap"),
    "a rank not called": (lambda: NotCalled().run(), "rank-not-called"),
    "missing quorum": (lambda: MissingQuorum().run(), "quorum-missing"),
    "backdated witness": (backdated_witness, "witness-signature-wrong"),
    "a log key of a thief": (other_log_key, "log-signature-missing"),
    "second plan": (lambda: SecondPlan().run(), "plan-twice"),
    "second seed": (lambda: SecondSeed().run(), "seed-twice"),
    "a seed without a plan": (lambda: SeedWithoutPlan().run(), "seed-without-plan"),
    "void plan": (lambda: VoidPlan().run(), "plan-void"),
    "replaced document": (replaced_document, "document-wrong"),
    "other promises in the letter": (lambda: OtherPromises().run(), "promises-differ"),
    "other law in the letter": (lambda: OtherLaw().run(), "law-differs"),
    "a file gone": (file_gone, "file-missing"),
    "a form with a day in it": (form(asked=f"answer: {A_DAY}"), "letter-malformed"),
    "a form with a day beside it": (form(asked=f"{Form.asked}\nreport: {A_DAY}"), "letter-malformed"),
    "a summons where the plan asks for an answer": (form(kind="notice", asked=f"report: {A_DAY}"), "asks-differ"),
    "a form where the plan asks people to come": (form(line=""), "asks-differ"),
    **decision_letters.CHEATS,
}


def vectors():
    """The honest letter and every cheat: what is pinned, the honest files, and what each cheat changes in them."""
    honest = Publisher().run()

    def told(name, published, word):
        changed = {path: plain(raw) for path, raw in published.files.items() if honest.files.get(path) != raw}
        gone = sorted(set(honest.files) - set(published.files))
        return {"name": name, "code": published.fragment, "files": changed, "gone": gone, "refused": word}

    page = honest.page
    return {
        "about": "Letters of a small published call-up, to be checked with what is pinned here. Files by their path below log/: text as it "
        "is, other bytes as base64: and their base64. A cheat lays its files over the honest ones and takes away those in gone. refused: "
        "the word for it; empty where the letter is genuine.",
        "pinned": {name: page[name] for name in ("callUp", "origin", "policy", "rehearsal", "beacon", "releases")},
        "files": {name: plain(raw) for name, raw in sorted(honest.files.items())},
        "letters": [
            told("honest", honest, ""),
            told("of the picked panel", PickedPanel().run(), ""),
            told("a form that asks for an answer", Form().run(), ""),
            *(told(name, make(), "") for name, make in decision_letters.HONEST.items()),
            *(told(name, make(), word) for name, (make, word) in CHEATS.items()),
        ],
    }


def plain(raw):
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = ""
    readable = not any(ord(letter) < 32 and letter != "\n" for letter in text)
    return text if text and readable else "base64:" + base64.b64encode(raw).decode()


if __name__ == "__main__":
    print(json.dumps(vectors(), ensure_ascii=False, indent=1, sort_keys=True))
