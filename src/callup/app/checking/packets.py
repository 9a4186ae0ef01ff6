"""The proof packet ``callup/packet/1`` (docs/formats.md): a letter or a slip with every file that its check reads, as one file."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from callup.app.checking.letters import Letter, Slip, Step, check_letter, check_slip, read_code
from callup.app.checking.published import Files, Pinned, refused
from callup.terms.errors import BadInput, Tampered
from callup.tlog import open_note
from callup.tlog.witnessing import read_policy

FORMAT = "callup/packet/1"
_TEXTS = ("call-up", "letter", "slip", "certificate", "rule", "finding")


@dataclass(frozen=True, slots=True)
class Packet:
    """What a packet holds; an empty text is left out.

    Args:
        call_up: id of the call-up.
        letter: a letter's code, only if the person puts it in: it shows them.
        slip: a roll slip's code; the salt is not in it (safeguard G6).
        certificate: a signed note, see ``Certificate``.
        rule: the article that bound the person, in words.
        finding: what was found about them, and by which rules.
        files: the mirror's files that the check reads, by their path below ``log/``.
    """

    call_up: str
    letter: str
    slip: str
    certificate: str
    rule: str
    finding: str
    files: Mapping[str, bytes]

    def text(self) -> bytes:
        """The file: JSON, keys sorted; a file's bytes as text where they are, else ``base64:`` and their base64."""
        said = dict(zip(_TEXTS, (self.call_up, self.letter, self.slip, self.certificate, self.rule, self.finding), strict=True))
        whole: dict[str, Any] = {"format": FORMAT, **{name: text for name, text in said.items() if text}}
        whole["files"] = {name: _shown(content) for name, content in self.files.items()}
        return (json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    @classmethod
    def read(cls, content: bytes) -> Packet:
        """Read a packet.

        Raises:
            Tampered: it does not have the form.
        """
        try:
            whole = json.loads(content)
            files = {str(name): _bytes(text) for name, text in whole["files"].items()}
            said = [whole.get(name, "") for name in _TEXTS]
            good = whole["format"] == FORMAT and all(isinstance(text, str) for text in said) and set(whole) <= {*_TEXTS, "format", "files"}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as failure:
            raise refused("packet-malformed", why=str(failure)[:100]) from failure
        if not good:
            raise refused("packet-malformed", why="other keys")
        call_up, letter, slip, certificate, rule, finding = said
        return cls(call_up, letter, slip, certificate, rule, finding, files)


def check_packet(packet: Packet, pinned: Pinned, salt: str = "") -> Iterator[Step]:
    """Check everything that a packet holds, without a network.

    Args:
        packet: what was read.
        pinned: policy and origin from the gazette, or from the packet itself.
        salt: the slip's salt, typed by its holder; without it the place in the roll is not checked.

    Raises:
        Tampered: the first thing that does not hold.
    """
    files = Files(packet.files.__getitem__)
    if packet.letter:
        letter = read_code(packet.letter)
        if not isinstance(letter, Letter):
            raise refused("code-malformed")
        yield from check_letter(files, pinned, letter)
    if packet.slip:
        slip = read_code(packet.slip)
        if not isinstance(slip, Slip):
            raise refused("code-malformed")
        if salt:
            yield from check_slip(files, pinned, slip, salt)
        else:
            yield Step("slip", "not checked: its salt is not in the packet; the person who holds it may type it, and nobody may demand it")
    if packet.certificate:
        yield check_certificate(packet.certificate.encode(), pinned)
    if not (packet.letter or packet.slip or packet.certificate):
        raise refused("packet-malformed", why="it holds nothing to check")


def check_certificate(content: bytes, pinned: Pinned, on_page: bool = False) -> Step:
    """A certificate of standing: a note signed by the acts log's key. From a PDF page, the signed words are said in whole.

    Raises:
        Tampered: the signature does not hold, or it is of another call-up.
    """
    try:
        note = open_note(content, [pinned.policy.logs[f"{pinned.origin}/acts"]])
    except (Tampered, KeyError) as failure:
        raise refused("certificate-wrong") from failure
    lines = note.text.split("\n")
    if lines[0] != "callup/certificate/1" or f"call-up: {pinned.call_up}" not in lines:
        raise refused("certificate-wrong")
    said = dict(line.partition(": ")[::2] for line in lines if ": " in line)
    page = f". The page around it is not checked; only this was signed:\n{note.text.rstrip()}" if on_page else ""
    return Step("certificate", f"standing on {said.get('as-of')}, as known on {said.get('known-at')}: {said.get('state')}{page}")


def pinned_by(packet: Packet, policy: bytes | None, releases: Mapping[str, str]) -> Pinned:
    """What to hold a packet against: the policy given, else the one inside, which its own public log must name.

    Raises:
        BadInput: no policy, or one without the two logs of one call-up.
    """
    content = packet.files.get("policy") if policy is None else policy
    if content is None:
        raise BadInput("policy-missing", {}, "name the policy from the gazette: --policy FILE")
    read = read_policy(content)
    origins = {name.rpartition("/")[0] for name in read.logs}
    if len(origins) != 1 or {name.rpartition("/")[2] for name in read.logs} != {"public", "acts"}:
        raise BadInput("policy-of-other-logs", {"logs": ", ".join(read.logs)}, "a call-up has the logs public and acts under one origin")
    return Pinned(packet.call_up, origins.pop(), read, True, releases)


def _shown(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
        if "\r" not in text and "\0" not in text and not text.startswith("base64:"):
            return text
    except UnicodeDecodeError:
        pass
    return "base64:" + b64encode(content).decode()


def _bytes(text: str) -> bytes:
    return b64decode(text.removeprefix("base64:"), validate=True) if text.startswith("base64:") else text.encode()
