"""The verifier accepts an honest folder and names what was changed in any other."""

import importlib.util
import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from sampling import some

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests" / "vectors" / "tlog.json").read_text(encoding="utf-8"))


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = loaded
    spec.loader.exec_module(loaded)
    return loaded


verify = module(ROOT / "verifier" / "verify.py")
published = module(Path(__file__).parent / "published.py")
Options = published.Options


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    return published.publish(tmp_path_factory.mktemp("honest"))


@pytest.fixture
def copy(honest, tmp_path):
    return Path(shutil.copytree(honest, tmp_path / "open"))


def failure(folder, *, no_beacon=False):
    """The line that names what does not check; empty if everything does."""
    try:
        verify.Check(folder, no_beacon).run()
    except verify.Fails as fails:
        return fails.line
    return {}


def flip(path, at=-2):
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def test_an_honest_folder_checks(honest):
    said = subprocess.run([sys.executable, ROOT / "verifier" / "verify.py", honest], capture_output=True, text=True, check=False)
    lines = said.stdout.splitlines()
    assert said.returncode == 0, said.stdout
    assert lines[0].startswith("REHEARSAL")
    assert lines[-1] == "everything checks"
    assert any("not checked here" in line for line in lines)


def test_as_json(honest, copy, capsys):
    assert verify.main([str(honest), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rehearsal"] is True
    flip(copy / "45-draw/N-3.csv")
    assert verify.main([str(copy), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["file"] == "45-draw/N-3.csv"
    assert verify.main(["one", "two"]) == 2
    assert verify.main([str(copy / "nowhere")]) == 1


@pytest.mark.parametrize("method", ["webster", "huntington-hill", "jefferson", "adams", "dean"])
def test_every_method_is_recomputed(tmp_path, method):
    assert failure(published.publish(tmp_path, Options(method=method))) == {}


@pytest.mark.parametrize("method", ["hamilton", "webster", "huntington-hill", "jefferson", "adams", "dean"])
def test_shares_by_another_method_are_refused(method):
    from callup.draw import apportion

    units = {"a": 9010, "b": 1960, "c": 530, "d": 111, "e": 5, "f": 4400}
    shares = {other: apportion(other, 61, units) for other in verify.CLAIMS} | {"hamilton": apportion("hamilton", 61, units)}
    places = dict.fromkeys(units, 1)
    for other, share in shares.items():
        if share == shares[method]:
            verify.check_shares(method, 61, units, share, "", places)
        else:
            with pytest.raises(verify.Fails):
                verify.check_shares(method, 61, units, share, other, places)


def test_a_list_casts_no_seed(tmp_path):
    folder = published.publish(tmp_path, Options(order="list"))
    assert failure(folder) == {}
    (folder / "40-seed/seed.txt").write_text("callup/seed/1\n", encoding="ascii")
    assert failure(folder)["check"] == "seed"


def test_volunteers_are_called_first(tmp_path):
    sizes = (("N-1", 50), ("N-1+volunteers", 6))
    assert failure(published.publish(tmp_path / "few", Options(order="volunteers-then-draw", sizes=sizes))) == {}
    sizes = (("N-1", 50), ("N-1+volunteers", 20))
    assert "volunteers" in failure(published.publish(tmp_path / "many", Options(order="volunteers-then-draw", sizes=sizes)))["expected"]


def test_a_real_beacon_is_not_passed_over_in_silence(tmp_path):
    folder = published.publish(tmp_path, Options(beacon=f"drand {'52' * 32} 7", rehearsal="false"))
    assert failure(folder)["check"] == "beacon"
    check = verify.Check(folder, True)
    check.run()
    assert "NOT CHECKED" in check.notes[0]
    assert check.rehearsal == ""


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("log/policy", "policy"),
        ("log/public/checkpoint", "checkpoint"),
        ("log/acts/checkpoint", "checkpoint"),
        ("log/public/tile/entries/000.p/8", "tile"),
        ("log/acts/tile/0/000.p/51", "tile"),
        ("log/roll/N-1/tile/entries/001.p/44", "tile"),
        ("log/roll/N-2/tile/0/000.p/40", "tile"),
        ("00-decree/decree.toml", "decree"),
        ("00-decree/law.html", "law"),
        ("00-decree/places.csv", "law"),
        ("00-decree/signatures.csv", "signed"),
        ("30-roll/counts.csv", "counts"),
        ("35-quotas/quotas.csv", "quotas"),
        ("40-seed/plan.txt", "plan"),
        ("40-seed/seed.txt", "seed"),
        ("45-draw/N-1.csv", "draw"),
        ("90-report/funnel.csv", "table"),
        ("90-report/report.json", "report"),
    ],
)
def test_a_flipped_byte_names_its_artefact(copy, name, check):
    flip(copy / name)
    line = failure(copy)
    assert line["check"] == check
    assert line["file"].split("/")[:2] == name.split("/")[:2]
    (copy / name).unlink()
    assert failure(copy) != {}


def test_every_document_is_bound(copy):
    for path in sorted((copy / "log/public/doc").iterdir()):
        flip(path)
        assert failure(copy)["check"] == "document"
        assert failure(copy)["file"].endswith(path.name)
        flip(path)
    (copy / "log/public/doc" / ("0" * 64)).write_bytes(b"slipped in")
    assert failure(copy)["found"] == "none"


def test_every_byte_of_the_small_logs_counts(copy):
    """Checkpoints, policy and the seed document, byte by byte; the file system's other files are covered by their hashes."""
    for name in ("log/public/checkpoint", "log/policy", "40-seed/seed.txt", "40-seed/plan.txt", "35-quotas/quotas.csv"):
        raw = (copy / name).read_bytes()
        for at in some(len(raw), name):
            (copy / name).write_bytes(raw[:at] + bytes([raw[at] ^ 4]) + raw[at + 1 :])
            assert refused_early(copy, name), f"{name} byte {at}"
        (copy / name).write_bytes(raw)
    assert failure(copy) == {}


def refused_early(folder, name):
    """Whether the checks that read this file refuse it; the others are made once, on the honest folder."""
    check = verify.Check(folder, False)
    steps = {"log/public/checkpoint": ["policy", "logs"], "log/policy": ["policy", "decree"]}
    try:
        for step in ("policy", "logs", "documents", "plan", "rolls", "decree", "quotas", "seed"):
            if step in CACHED and name not in ("log/public/checkpoint", "log/policy"):
                check.__dict__.update(CACHED[step])
            elif name in steps and step not in steps[name]:
                check.__dict__.update(EXTRA.get(step, {}))
            else:
                getattr(check, step)()
    except verify.Fails:
        return True
    return False


CACHED, EXTRA = {}, {}


@pytest.fixture(autouse=True)
def cache(honest):
    """What the early checks found on the honest folder."""
    if not CACHED:
        check = verify.Check(honest, False)
        for step in ("policy", "logs", "documents", "plan", "rolls"):
            before = set(check.__dict__)
            getattr(check, step)()
            found = {name: value for name, value in check.__dict__.items() if name not in before}
            EXTRA[step] = found
            if step in ("policy", "logs", "documents"):
                CACHED[step] = found


# ---- cheats that rewrite the log with the log's own key: every hash and signature is right


class Cheat(published.Publication):
    """An authority that signs whatever it likes."""


def cheated(tmp_path, **replaced):
    cheat = type("Cheated", (Cheat,), replaced)
    return failure(cheat(tmp_path, Options()).write())


def test_two_plans(tmp_path):
    def log(self, *documents):
        extra = [("plan", documents[-1][1].replace("lead-hours: 24", "lead-hours: 25"))] if documents[-1][0] == "plan" else []
        published.Publication.log(self, *documents, *extra)

    assert cheated(tmp_path, log=log)["check"] == "one-plan"


def test_two_seeds(tmp_path):
    def log(self, *documents):
        extra = [("seed", "callup/seed/1\n")] if documents[-1][0] == "seed" else []
        published.Publication.log(self, *documents, *extra)

    assert cheated(tmp_path, log=log)["check"] == "one-seed"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("beacon: ", "beacon: ab"),
        ("callup/seed/1\n", "callup/seed/1\nnote: chosen\n"),
        ("secret: court ", "secret: court 0"),
        ("plan: ", "plan: A"),
    ],
)
def test_another_seed_document(tmp_path, old, new):
    def cast(self, plan, secret):
        made = published.Publication.cast
        document = []
        log = self.log
        self.log = lambda *documents: document.append(documents[0][1])
        made(self, plan, secret)
        self.log = log
        chosen = document[0].replace(old, new)
        self.put("40-seed/seed.txt", chosen)
        self.log(("seed", chosen))
        return sha256(chosen.encode()).hexdigest()

    assert cheated(tmp_path, cast=cast)["check"] in ("seed", "secret")


def test_a_rank_passed_over(tmp_path):
    def calls(self, wave, sizes):
        if wave == 2:
            self.next_rank["N-1"] += 1
        published.Publication.calls(self, wave, sizes)

    line = cheated(tmp_path, calls=calls)
    assert (line["check"], line["expected"], line["found"]) == ("call", "first rank 9", 10)


def test_an_act_without_a_rank(tmp_path):
    def calls(self, wave, sizes):
        self.acts.append([published.entry("call", "0" * 64)])
        published.Publication.calls(self, wave, sizes)

    line = cheated(tmp_path, calls=calls)
    assert (line["check"], line["file"], line["position"]) == ("call", "log/acts", 0)


def test_calls_that_are_no_calls(tmp_path):
    def calls(self, wave, sizes):
        made = self.acts.append
        self.acts.append = lambda entries: made([line.replace(b" call ", b" return ") for line in entries])
        published.Publication.calls(self, wave, sizes)
        self.acts.append = made

    assert "call or decision" in cheated(tmp_path, calls=calls)["expected"]


def test_unsorted_roll_lines(tmp_path):
    def seal_the_other_way(self):
        store, roots = self.store, {}
        for stratum, size in self.sizes.items():
            published.write_tree(store, f"roll/{stratum}", [sha256(b"%d" % number).digest() for number in range(size)])
            roots[stratum] = published.Tree(store, f"roll/{stratum}", size).root().hex()
        return roots

    assert cheated(tmp_path, rolls=seal_the_other_way)["expected"] == "strictly rising commitments"


def test_other_quotas(tmp_path):
    def quotas(self):
        shares = published.Publication.quotas(self)
        shares["N-1"], shares["N-3"] = shares["N-1"] - 1, shares["N-3"] + 1
        self.put(
            "35-quotas/quotas.csv", "unit,base,quota\n" + "".join(f"{unit},{self.base(unit)},{share}\n" for unit, share in shares.items())
        )
        return shares

    assert cheated(tmp_path, quotas=quotas)["check"] == "quotas"


def test_counts_that_lose_people(tmp_path):
    def counts(self):
        text = published.Publication.counts(self).replace(",300\n", ",290\n")
        self.put("30-roll/counts.csv", text)
        return text

    assert cheated(tmp_path, counts=counts)["check"] == "counts"


def test_counts_that_show_a_person(tmp_path):
    def counts(self):
        text = published.Publication.counts(self).replace("2008,2008,300\n", "2007,2007,3\nN-1,2008,2008,297\n")
        self.put("30-roll/counts.csv", text)
        return text

    assert cheated(tmp_path, counts=counts)["expected"] == "0, or at least 10"


def test_a_signature_by_another_key(tmp_path, copy):
    other = published.Publication(tmp_path / "other", Options())
    other.signers["acts"] = published.Signer(f"{published.ORIGIN}/acts", published.Ed25519PrivateKey.from_private_bytes(bytes(32)))
    other.acts.signer = other.signers["acts"]
    other.write()
    shutil.copytree(tmp_path / "other/open/log/acts", copy / "log/acts", dirs_exist_ok=True)
    assert failure(copy)["check"] == "signature"


@pytest.mark.parametrize("case", VECTORS["ed25519"]["cases"])
def test_printed_signatures(case):
    public, message, signature = (bytes.fromhex(case[name]) for name in ("public", "message", "signature"))
    assert verify.ed25519_holds(public, message, signature)
    for at in range(64):
        assert not verify.ed25519_holds(public, message, signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :])
    assert not verify.ed25519_holds(public, message + b"x", signature)
    assert not verify.ed25519_holds(public[::-1], message, signature)
    more = (int.from_bytes(signature[32:], "little") + verify.L).to_bytes(32, "little")
    assert not verify.ed25519_holds(public, message, signature[:32] + more)


@pytest.mark.parametrize("size", range(9))
def test_printed_roots(size):
    leaves = [bytes.fromhex(leaf) for leaf in VECTORS["trees"]["leaves"]]
    assert verify.Tree(leaves).root(size).hex() == VECTORS["trees"]["roots"][size]


@pytest.mark.parametrize(("level", "index", "width", "name"), VECTORS["names"])
def test_printed_tile_names(level, index, width, name):
    assert verify.tile_path(level, index, width) == name


def test_it_shares_no_line_and_needs_nothing():
    text = (ROOT / "verifier" / "verify.py").read_text(encoding="utf-8")
    imported = {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= set(sys.stdlib_module_names)
    ours = {line.strip() for path in (ROOT / "src" / "callup").rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines()}
    shared = {line.strip() for line in text.splitlines()} & ours
    telling = [line for line in shared if len(line) > 40 and not line.startswith(("import ", "from ", "def "))]
    assert telling == []
