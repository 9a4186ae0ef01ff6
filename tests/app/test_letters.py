"""callup's own check of letters on the vectors that the page and the second program read: honest ones, and every cheat by its word."""

import base64
import json
from pathlib import Path

import pytest
from app import decision_letters
from sampling import some

from callup.app.checking.letters import check_letter, read_code
from callup.app.checking.published import Files, Pinned
from callup.terms.errors import Tampered
from callup.tlog.witnessing import read_policy

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "letters.json").read_text(encoding="utf-8"))
TOLD = VECTORS["pinned"]
PINNED = Pinned(TOLD["callUp"], TOLD["origin"], read_policy(TOLD["policy"].encode()), TOLD["rehearsal"], TOLD["releases"])


def content(text):
    return base64.b64decode(text.removeprefix("base64:")) if text.startswith("base64:") else text.encode()


def files_of(row):
    held = {name: content(text) for name, text in {**VECTORS["files"], **row["files"]}.items() if name not in row["gone"]}
    return held, Files(held.__getitem__)


@pytest.mark.parametrize("row", VECTORS["letters"], ids=lambda row: row["name"])
def test_a_letter_is_genuine_or_refused_by_its_word(row):
    _, files = files_of(row)
    if row["refused"]:
        with pytest.raises(Tampered) as failure:
            list(check_letter(files, PINNED, read_code(row["code"])))
        assert failure.value.code == row["refused"]
    else:
        steps = list(check_letter(files, PINNED, read_code(row["code"])))
        drawn = [] if row["name"] in decision_letters.HONEST else ["plan", "seed", "roll", "rank", "act", "promises"]
        assert [step.name for step in steps] == ["text", "entry", *drawn]


def test_every_flipped_byte_of_what_is_read_is_refused():
    """Design D29, over the small published call-up of the vectors."""
    honest = VECTORS["letters"][0]
    held, files = files_of(honest)
    letter = read_code(honest["code"])
    list(check_letter(files, PINNED, letter))
    for name, whole in files.read_so_far.items():
        for at in some(len(whole), name):
            flipped = bytearray(whole)
            flipped[at] ^= 1
            changed = Files({**held, name: bytes(flipped)}.__getitem__)
            with pytest.raises(Tampered):
                list(check_letter(changed, PINNED, letter))
