#!/usr/bin/env python3
"""Check a published call-up: python verify.py OPEN_DIR [--policy FILE] [--no-beacon] [--json].

One letter or roll slip:      python verify.py OPEN_DIR --letter CODE [--salt SALT] [--policy FILE]
A packet, certificate, proof: python verify.py FILE [--salt SALT] [--policy FILE]

One file, standard library only, written apart from callup. It recomputes what the published folder determines; README.md
beside it says what that is, and what it cannot be. Exit 0 and "everything checks", or exit 1 and one JSON line that names
the first thing that does not check: check, file, position, expected, found.
"""

# ruff: noqa: D101, D102, D103  (the checks are told in README.md, and each failure names itself)

from __future__ import annotations

import base64
import bisect
import csv
import functools
import hashlib
import io
import itertools
import json
import re
import sys
import tomllib
import zlib
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

SHA = hashlib.sha256
HEX64 = "[0-9a-f]{64}"
PUBLIC_KINDS = {"decree", "policy", "law", "counts", "plan", "seed", "call", "batch", "statistics", "erratum", "halt", "stay", "void"}
ACT_KINDS = {"call", "service", "submission", "decision", "return", "erratum"}
RELEASES = {
    "484ee96d4dd1ffa5a070fa36f76aa5414156e84618c119cae9827b91c05fd870": "0.1.0",
}
"""Version by digest of the promises: what a release of callup promises, and that its tests hold it (safeguard G22)."""
CHANGED = "drawn correctly, but by a changed callup: these promises are not vouched for"
CANNOT = (
    "not checked here: what is sealed inside the acts (the auditor's command opens them)",
    "not checked here: whether a person was left off the roll (that person's own query, or the auditor, finds it)",
    "not checked here: whether the witnesses lie together (compare what they say with mirrors, and the plan's hash with the gazette)",
)


BELONGS = {
    "": {"00-decree", "30-roll", "35-quotas", "40-seed", "45-draw", "46-supplements", "90-report", "log"},
    "30-roll": {"counts.csv"},
    "35-quotas": {"quotas.csv"},
    "40-seed": {"plan.txt", "seed.txt"},
}
"""What stands in the folders whose files are not listed elsewhere; anything more was slipped in."""


class Fails(Exception):
    """The first thing that does not check."""

    def __init__(self, check, file, position, expected, found):
        super().__init__(check)
        shown = [value if isinstance(value, int) or value is None else str(value)[:200] for value in (position, expected, found)]
        self.line = {"check": check, "file": str(file), "position": shown[0], "expected": shown[1], "found": shown[2]}


def need(holds, check, file, position, expected, found):
    if not holds:
        raise Fails(check, file, position, expected, found)


# ---- Ed25519, RFC 8032 section 5.1.7, points in extended coordinates

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def point_sum(one, two):
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = point_sum(total, point)
        point, number = point_sum(point, point), number >> 1
    return total


def point_of(encoded):
    """A point, or nothing where the bytes are none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def same_point(one, two):
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (one[1] * two[2] - two[1] * one[2]) % P == 0


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_holds(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    key, nonce = point_of(public), point_of(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same_point(point_times(scalar, BASE), point_sum(nonce, point_times(challenge, key)))


# ---- BLS12-381 and drand's quicknet: RFC 9380, draft-irtf-cfrg-bls-signature; pinned here, never taken from the plan

QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
QUICKNET_KEY = (
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c"
    "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb"
    "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)
GENERATOR = (
    "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049"
    "334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051"
    "c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
)
QUICKNET_START, QUICKNET_STEP = 1692803367, 3
QUICKNET_TAG = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
SEED_OF_CURVE = 0xD201000000010000  # the parameter, without its minus sign; prime and order follow from it
ORDER = SEED_OF_CURVE**4 - SEED_OF_CURVE**2 + 1
Q = (SEED_OF_CURVE + 1) ** 2 * ORDER // 3 - SEED_OF_CURVE
SLOT = 100  # bytes for one coefficient in a packed number: a sum of twelve products is shorter


class Number:
    """Numbers c0 + c1 w + ... over the integers modulo Q; the kinds of numbers below say what the next power of w is."""

    __slots__ = ("parts",)
    size, folds = 1, ()

    def __init__(self, *parts):
        self.parts = [part % Q for part in parts] + [0] * (self.size - len(parts))

    def packed(self):
        return int.from_bytes(b"".join([part.to_bytes(SLOT, "little") for part in self.parts]), "little")

    def __mul__(self, other):
        """All coefficients at once, as one product of two long integers whose slots cannot run over."""
        if isinstance(other, int):
            return type(self)(*[part * other for part in self.parts])
        size = self.size
        raw = (self.packed() * other.packed()).to_bytes(2 * size * SLOT, "little")
        parts = [int.from_bytes(raw[at : at + SLOT], "little") for at in range(0, (2 * size - 1) * SLOT, SLOT)]
        for top in range(2 * size - 2, size - 1, -1):
            for at, factor in self.folds:
                parts[top - size + at] += factor * parts[top]
        return type(self)(*parts[:size])

    def __add__(self, other):
        return type(self)(*[a + b for a, b in zip(self.parts, other.parts, strict=True)])

    def __sub__(self, other):
        return type(self)(*[a - b for a, b in zip(self.parts, other.parts, strict=True)])

    def __eq__(self, other):
        return self.parts == other.parts

    __hash__ = None

    def __bool__(self):
        return any(self.parts)

    def __pow__(self, exponent):
        total, square = type(self)(1), self
        while exponent:
            if exponent & 1:
                total = total * square
            square, exponent = square * square, exponent >> 1
        return total


def field_where(*tail):
    """The kind of numbers where w to the power len(tail) is tail[0] + tail[1] w + ..."""
    folds = tuple((at, factor) for at, factor in enumerate(tail) if factor)
    return type("Kind", (Number,), {"__slots__": (), "size": len(tail), "folds": folds})


Plain = field_where(0)
Pair = field_where(-1, 0)  # w is the square root of -1
Dozen = field_where(-2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0)  # w^6 is 1 + that root


def doubled(point):
    """Twice a point (X : Y : Z) of y^2 = x^3 + b, over any of the fields; Z is zero at infinity, and nowhere else."""
    x, y, z = point
    w, s = x * x * 3, y * z
    b, ys = x * y * s, y * s
    h = w * w - b * 8
    return h * s * 2, w * (b * 4 - h) - ys * ys * 8, s * s * s * 8


def joined(one, two):
    """The sum of any two points."""
    if not one[2] or not two[2]:
        return two if not one[2] else one
    u, v = two[1] * one[2] - one[1] * two[2], two[0] * one[2] - one[0] * two[2]
    if not v:
        return (one[0], one[1], v) if u else doubled(one)
    vv, z = v * v, one[2] * two[2]
    vvv, r = vv * v, vv * one[0] * two[2]
    a = u * u * z - vvv - r * 2
    return v * a, u * (r - a) - vvv * one[1] * two[2], vvv * z


def repeated(number, point):
    total = (point[0], point[1], point[2] - point[2])
    for digit in f"{number:b}":
        if total[2]:
            total = doubled(total)
        if digit == "1":
            total = joined(total, point)
    return total


def flat(point):
    """Coordinates of a point over the prime field."""
    inverse = pow(point[2].parts[0], -1, Q)
    return point[0].parts[0] * inverse % Q, point[1].parts[0] * inverse % Q


def unpacked(raw, kind, twist, root_of):
    """The point of order ORDER that the compressed bytes say, or nothing."""
    size = 48 * len(twist.parts)
    if len(raw) != size or not raw[0] & 0x80 or raw[0] & 0x40:
        return None
    numbers = [int.from_bytes(bytes([raw[at] & (0x1F if not at else 0xFF)]) + raw[at + 1 : at + 48], "big") for at in range(0, size, 48)]
    x = kind(*numbers[::-1])
    y = root_of(x * x * x + twist)
    if max(numbers) >= Q or y is None:
        return None
    high = next((part for part in reversed(y.parts) if part), 0) * 2 > Q
    point = (x, y if high == bool(raw[0] & 0x20) else y * -1, kind(1))
    return None if repeated(ORDER, point)[2] else point


def plain_root(square):
    found = square ** ((Q + 1) // 4)
    return found if found * found == square else None


def pair_root(square):
    """One of eight candidates, for Q squared is 9 modulo 16."""
    found, eighth = square ** ((Q * Q + 7) // 16), Pair(1, 1) ** ((Q * Q - 1) // 8)
    for _ in range(8):
        if found * found == square:
            return found
        found = found * eighth
    return None


# The kernel of the isogeny of RFC 9380 section 8.8.1 is where this polynomial vanishes; the map follows from it (Velu, Kohel)
# and is divided by 11 squared for x and by 11 cubed for y.
ISO_A = 0x144698A3B8E9433D693A02C96D4982B0EA985383EE66A8D8E8981AEFD881AC98936F8DA0E0F97F5CF428082D584C1D
ISO_B = 0x12E2908D11688030018B12E8753EEE3B2016C1F0F24F4070A0B9C14FCEF35EF55A23215A316CEAA5D1CC48E98E172BE0
KERNEL = [
    0x133341FB0962A34CB0504A9C4FADA0A5090D38679B4C040D5D1C3AFB023A3409FCC0815FEA66D8B02BBEF9C8B5A66E07,
    0x264908AF037BCEDE00D054CF5D4775E83EB6CF63C76B969F8ED174FB59FCFF78D201F46F6CFC4ED6552E59CE75177B0,
    0x1335C502C1F54C49ACEEA65E87FD7203BA0F626F305FC0CFD606A5DAE9F3C8E81A4B3B69600129FABD307C69BF319D39,
    0x94440F65F408A6E930E16E3E92DD17BF60D6E9679A8D3D58593DE55AC23703042D609537EB3549AAC234D896CA82944,
    0x4AFE09D5CF4956A23B6B71F59D2B3407B415A774B7BE81BBB6FA99CBC798E0AC98BA725A5BC328016B1C268B4766E85,
    1,
]


def derived(polynomial):
    return [power * factor for power, factor in enumerate(polynomial)][1:]


KERNELS = [KERNEL, derived(KERNEL), derived(derived(KERNEL)), derived(derived(derived(KERNEL)))]


def at_point(polynomial, x):
    return sum(factor * pow(x, power, Q) for power, factor in enumerate(polynomial)) % Q


def through_isogeny(x, y):
    """To G1's curve: X = n / h^2 and Y = y X', both scaled; n and its derivative by the rules of Kohel."""
    h, h1, h2, h3 = [at_point(polynomial, x) for polynomial in KERNELS]
    f, f1, f2 = x**3 + ISO_A * x + ISO_B, 3 * x * x + ISO_A, 6 * x
    line = 11 * x + 2 * KERNEL[4]
    n = 4 * f * (h1 * h1 - h2 * h) - 2 * f1 * h1 * h + line * h * h
    slope = 4 * f1 * (h1 * h1 - h2 * h) + 4 * f * (h1 * h2 - h3 * h) + 11 * h * h
    slope += 2 * line * h * h1 - 2 * f2 * h1 * h - 2 * f1 * (h2 * h + h1 * h1)
    if not h:
        return Plain(0), Plain(1), Plain(0)
    down = pow(11 * h, -1, Q)
    return Plain(n * down * down), Plain(y * (slope * h - 2 * n * h1) * down**3), Plain(1)


def hashed_to_curve(message, tag):
    """hash_to_curve of the suite BLS12381G1_XMD:SHA-256_SSWU_RO_."""
    closing = tag + len(tag).to_bytes(1, "big")
    start = int.from_bytes(SHA(b"\0" * 64 + message + b"\0\x80\0" + closing).digest(), "big")
    drawn = [SHA(start.to_bytes(32, "big") + b"\x01" + closing).digest()]
    while len(drawn) < 4:
        mixed = start ^ int.from_bytes(drawn[-1], "big")
        drawn.append(SHA(mixed.to_bytes(32, "big") + bytes([len(drawn) + 1]) + closing).digest())
    points = [on_isogenous(int.from_bytes(drawn[at] + drawn[at + 1], "big") % Q) for at in (0, 2)]
    return repeated(SEED_OF_CURVE + 1, joined(*[through_isogeny(*point) for point in points]))


def on_isogenous(u):
    """Simplified SWU with Z = 11: one of two values of x has a root, and y takes the parity of u."""
    z = 11 * u * u
    fall = (z * z + z) % Q
    first = (ISO_B * pow(11 * ISO_A, -1, Q) if not fall else -ISO_B * (fall + 1) * pow(ISO_A * fall, -1, Q)) % Q
    for x in (first, z * first % Q):
        y = plain_root(Plain(x**3 + ISO_A * x + ISO_B))
        if y is not None:
            return x, y.parts[0] if (y.parts[0] - u) % 2 == 0 else Q - y.parts[0]
    raise ArithmeticError("no point for a field element")


def lines_through(pairs):
    """The product of Miller's loops of pairs (point of G1, point of G2), all squared together."""
    total, at = Dozen(1), [point for _, point in pairs]
    for digit in f"{SEED_OF_CURVE:b}"[1:]:
        total = total * total
        for number, (small, large) in enumerate(pairs):
            x, y, z = at[number]
            squared = x * x * 3
            total = total * line_at(squared * x - y * y * z * 2, squared * z, y * z * z * 2, small)
            at[number] = doubled(at[number])
            if digit == "1":
                x, y, z = at[number]
                rise, run = y - large[1] * z, x - large[0] * z
                total = total * line_at(rise * large[0] - run * large[1], rise, run, small)
                at[number] = joined(at[number], large)
    return total


def line_at(constant, rise, run, small):
    """The line rise (x - x0) = run (y - y0) at a point of G1, over the field of twelve; factors of subfields are left out."""
    (a, b), (c, d), (e, f) = constant.parts, (rise * -small[0]).parts, (run * small[1]).parts
    return Dozen(a - b, 0, c - d, e - f, 0, 0, b, 0, d, f)


@functools.cache
def quicknet_holds(number, signature):
    """Whether the bytes are quicknet's signature of this round; remembered."""
    signed = unpacked(signature, Plain, Plain(4), plain_root)
    if signed is None or not 0 < number < 1 << 64:
        return False
    asked = flat(hashed_to_curve(SHA(number.to_bytes(8, "big")).digest(), QUICKNET_TAG))
    key, base = [unpacked(bytes.fromhex(point), Pair, Pair(4, 4), pair_root) for point in (QUICKNET_KEY, GENERATOR)]
    x, y = flat(signed)
    return lines_through([(asked, key), ((x, Q - y), base)]) ** ((Q**12 - 1) // ORDER) == Dozen(1)


def came(number):
    """When a round of quicknet was due, in words."""
    try:
        return f"{datetime.fromtimestamp(QUICKNET_START, UTC) + timedelta(seconds=(number - 1) * QUICKNET_STEP):%Y-%m-%d %H:%M:%S} UTC"
    except OverflowError:
        return "in a year beyond 9999"


# ---- signed notes and checkpoints (C2SP)


def unbase64(text):
    """Bytes of canonical base64; nothing where it is not canonical."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if base64.b64encode(raw).decode() == text else None


LOG_KEY, WITNESS_KEY = 1, 4


def read_vkey(text, kind, file, line):
    """(name, key id, public key) of a verifier key of one kind (C2SP signed-note, tlog-cosignature)."""
    parts = text.split("+", 2)
    raw = unbase64(parts[2]) if len(parts) == 3 else None
    good = raw is not None and len(raw) == 33 and raw[0] == kind and parts[0] and not re.search(r"\s", parts[0])
    need(good, "policy", file, line, f"an Ed25519 verifier key of type {kind}", text)
    need(SHA(parts[0].encode() + b"\n" + raw).digest()[:4].hex() == parts[1], "policy", file, line, "the key id of this key", parts[1])
    return parts[0], bytes.fromhex(parts[1]), raw[1:]


class Policy:
    """Logs, witnesses, groups and the quorum (C2SP tlog-policy)."""

    def __init__(self, raw, file):
        self.digest = SHA(raw).hexdigest()
        good = raw.endswith(b"\n") and re.fullmatch(rb"[\x09\x0a\x20-\x7e\x80-\xff]*", raw)
        need(good, "policy", file, None, "printable lines, each with a line end", raw[:80])
        self.logs, self.witnesses, self.groups, self.quorum = {}, {}, {}, None
        keys, members = set(), set()
        for number, line in enumerate(raw.decode("utf-8", "surrogateescape")[:-1].split("\n"), 1):
            words = [word for word in re.split(r"[ \t]", line) if word]
            if not words or words[0][0] == "#":
                continue
            fresh = None
            if words[0] == "log" and len(words) in (2, 3):
                fresh = read_vkey(words[1], LOG_KEY, file, number)
                self.logs[fresh[0]] = fresh
            elif words[0] == "witness" and len(words) in (3, 4):
                need(self.is_new(words[1]), "policy", file, number, "a name that is not taken", words[1])
                fresh = self.witnesses[words[1]] = read_vkey(words[2], WITNESS_KEY, file, number)
            elif words[0] == "group" and len(words) > 3:
                need(self.is_new(words[1]), "policy", file, number, "a name that is not taken", words[1])
                for member in words[3:]:
                    known = (member in self.witnesses or member in self.groups) and member not in members
                    need(known, "policy", file, number, "members that stand above, each once", member)
                    members.add(member)
                enough = {"any": "1", "all": str(len(words) - 3)}.get(words[2], words[2])
                good = re.fullmatch("[1-9][0-9]{0,3}", enough) and int(enough) <= len(words) - 3
                need(good, "policy", file, number, f"any, all, or a number up to {len(words) - 3}", words[2])
                self.groups[words[1]] = (int(enough), words[3:])
            else:
                known = len(words) == 2 and (words[1] == "none" or not self.is_new(words[1]))
                good = words[0] == "quorum" and self.quorum is None and known
                need(good, "policy", file, number, "log, witness, group, or one quorum of a name that stands above", line)
                self.quorum = words[1]
            if fresh:
                kind = b"L" if words[0] == "log" else b"W"
                need(kind + fresh[2] not in keys, "policy", file, number, "each key once", words[0])
                keys.add(kind + fresh[2])
        need(self.quorum is not None, "policy", file, None, "exactly one quorum line", "none")

    def is_new(self, name):
        return name != "none" and name not in self.witnesses and name not in self.groups

    def since(self, seen, name=None):
        """From when a quorum had seen it: seconds since 1970, 0 where none is asked for, none where it lacks."""
        name = self.quorum if name is None else name
        if name == "none":
            return 0
        if name in self.witnesses:
            return seen.get(name)
        enough, members = self.groups[name]
        moments = sorted(when for when in [self.since(seen, member) for member in members] if when is not None)
        return moments[enough - 1] if enough <= len(moments) else None


def read_checkpoint(raw, key, policy, file):
    """(size, root, when each witness saw it) of a checkpoint signed by the log's key; every other line must be well formed."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Fails("checkpoint", file, None, "UTF-8", "other bytes") from None
    body, gap, tail = text.rpartition("\n\n")
    form = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/=]+)", body)
    lines = tail.split("\n")
    need(gap and form and lines.pop() == "" and lines, "checkpoint", file, None, "origin, size, root, signatures", body[:80])
    signed, seen, message = 0, {}, body + "\n"
    witnesses = {(name, key_id): (who, public) for who, (name, key_id, public) in policy.witnesses.items()}
    for number, line in enumerate(lines, 5):
        shape = re.fullmatch("\u2014 ([^ +\\s]+) ([A-Za-z0-9+/=]+)", line)
        signature = unbase64(shape[2]) if shape else None
        need(signature is not None and len(signature) > 4, "checkpoint", file, number, "a signature line", line)
        by = (shape[1], signature[:4])
        if by == key[:2]:
            holds = ed25519_holds(key[2], message.encode(), signature[4:])
            need(holds, "signature", file, number, "a signature by the log's key", line)
            signed += 1
        elif by in witnesses:
            who, public = witnesses[by]
            time = int.from_bytes(signature[4:12], "big")
            holds = len(signature) == 76 and time < 2**63
            holds = holds and ed25519_holds(public, f"cosignature/v1\ntime {time}\n{message}".encode(), signature[12:])
            need(holds, "cosignature", file, number, f"a cosignature by {who}", line)
            need(who not in seen, "cosignature", file, number, f"one cosignature by {who}", "two")
            seen[who] = time
    need(signed == 1, "signature", file, None, f"one signature by {key[0]}", signed)
    root = unbase64(form[3])
    need(form[1] == key[0], "checkpoint", file, 1, key[0], form[1])
    need(root is not None and len(root) == 32, "checkpoint", file, 3, "a root of 32 bytes", form[3])
    return int(form[2]), root, seen


def moment(seconds):
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


# ---- trees (RFC 6962) and tiles (C2SP tlog-tiles)


def tile_path(level, index, width):
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*("x" + group for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{path}" + (f".p/{width}" if width < 256 else "")


def pairs_up(level):
    return [SHA(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]


class Tree:
    """All complete nodes, level by level."""

    def __init__(self, entries):
        self.levels = [[SHA(b"\x00" + entry).digest() for entry in entries]]
        while len(self.levels[-1]) > 1:
            self.levels.append(pairs_up(self.levels[-1]))

    def root(self, size):
        """The root over the first ``size`` entries: complete subtrees from the right, joined leftwards."""
        root, end = None, size
        for height, level in enumerate(self.levels):
            if size >> height & 1:
                end -= 1 << height
                left = level[end >> height]
                root = left if root is None else SHA(b"\x01" + left + root).digest()
        return root if root is not None else SHA(b"").digest()


def read_entries(folder, prefix, size):
    """The entries of a tree, each bundle exactly full."""
    entries = []
    for index in range(-(-size // 256)):
        width = min(256, size - 256 * index)
        name = f"{prefix}/{tile_path('entries', index, width)}"
        raw, at, got = read(folder, name), 0, 0
        while at + 2 <= len(raw):
            length = int.from_bytes(raw[at : at + 2], "big")
            entries.append(raw[at + 2 : at + 2 + length])
            at, got = at + 2 + length, got + 1
        need(at == len(raw) and got == width, "entries", name, 256 * index, f"{width} whole entries", f"{got} entries, {len(raw)} bytes")
    return entries


def check_tiles(folder, prefix, size, tree):
    """Every hash tile of the tree's size, byte for byte."""
    for level in range(0, len(tree.levels), 8):
        row = tree.levels[level]
        for start in range(0, len(row), 256):
            part = row[start : start + 256]
            name = f"{prefix}/{tile_path(level // 8, start // 256, len(part))}"
            found = read(folder, name)
            need(found == b"".join(part), "tile", name, start << level, b"".join(part).hex()[:64], found.hex()[:64])
    return tree.root(size)


def read(folder, name):
    try:
        return (folder / name).read_bytes()
    except OSError:
        raise Fails("file", name, None, "a file that can be read", "none") from None


def read_text(folder, name):
    try:
        return read(folder, name).decode()
    except UnicodeDecodeError:
        raise Fails("file", name, None, "UTF-8", "other bytes") from None


def rows_of(folder, name, columns=None):
    """Lines of a CSV file as dicts; the header must be ``columns`` if they are given."""
    reader = csv.DictReader(io.StringIO(read_text(folder, name), newline=""))
    header = reader.fieldnames or []
    need(header and (columns is None or header == columns), "table", name, 1, ",".join(columns or ["a header"]), ",".join(header))
    rows = list(reader)
    for number, row in enumerate(rows, 2):
        need(None not in row and None not in row.values(), "table", name, number, f"{len(header)} fields", "another number")
    return rows


def whole(text, check, name, position):
    need(re.fullmatch("0|[1-9][0-9]*", text or ""), check, name, position, "a whole number", text)
    return int(text)


def unit_of(stratum):
    """The unit of a stratum: volunteers, those of limited fitness, and each panel are strata of their own."""
    return re.sub(r"\+(volunteers|limited|p[1-9][0-9]*)$", "", stratum)


def panel_of(stratum):
    shape = re.search(r"\+p([1-9][0-9]*)$", stratum)
    return int(shape[1]) if shape else 0


def picked_panel(seed, strata):
    """Of the tickets of panels 1, 2, ... the smallest wins."""
    return 1 + min(range(max(map(panel_of, strata))), key=lambda at: (ticket_of(seed, "+panels", at), at))


# ---- the checks, in the order of the call-up


class Plan:
    """One plan, line by line; any other line, order or form is refused."""

    def __init__(self, raw, name, index):
        self.name, self.index, self.hash, self.void = name, index, SHA(raw).hexdigest(), False
        self.seed_index, self.seed_hash, self.words = None, "0" * 64, ""
        singles = [
            ("call-up", r"\S+"), ("law", HEX64), ("promises", HEX64), ("merge", r"\S|\S[^\n]*\S"), ("lead-hours", "0|[1-9][0-9]*"),
            ("order", "draw|list|volunteers-then-draw|agreed-then-lot|panels"),
        ]  # fmt: skip
        lists = [("quota", r"\S+ (?:0|[1-9][0-9]*)"), ("roll", rf"\S+ (?:0|[1-9][0-9]*) {HEX64}"), ("secret", rf"\S+ {HEX64}")]
        lines = raw.decode("utf-8", "replace").split("\n")
        need(lines[0] == "callup/plan/1", "plan", name, 1, "callup/plan/1", lines[0])
        at, self.fields, self.lists = 1, {}, {}
        for key, form in singles:
            shape = re.fullmatch(f"{key}: ({form})", lines[at]) if at < len(lines) else None
            need(shape, "plan", name, at + 1, f"{key}: {form}", lines[at] if at < len(lines) else "nothing")
            self.fields[key], at = shape[1], at + 1
        self.fields["asks"] = "answer" if at < len(lines) and lines[at] == "asks: answer" else "appearance"
        at += self.fields["asks"] == "answer"
        for key, form in lists:
            start = at
            while at < len(lines) and (shape := re.fullmatch(f"{key}: ({form})", lines[at])):
                words = shape[1].split(" ")
                mine = self.lists.setdefault(key, {})
                need(words[0] not in mine, "plan", name, at + 1, f"one {key} for {words[0]}", lines[at])
                mine[words[0]], at = words[1:], at + 1
            raw_lines = [line.encode() for line in lines[start:at]]
            need(raw_lines == sorted(raw_lines), "plan", name, start + 1, f"{key} lines sorted bytewise", "another order")
        shape = (
            re.fullmatch(rf"beacon: (none|rehearsal \S+ (?:0|[1-9][0-9]*)|drand {HEX64} [1-9][0-9]*)", lines[at])
            if at < len(lines)
            else None
        )
        need(shape and lines[at + 1 :] == [""], "plan", name, at + 1, "the beacon line, then the end", "\n".join(lines[at:])[:200])
        self.beacon, self.order = shape[1].split(" "), self.fields["order"]
        need((self.order == "list") == (self.beacon == ["none"]), "plan", name, at + 1, "a beacon, but none for a list", shape[1])
        need("roll" in self.lists, "plan", name, None, "rolls", "none")
        self.sizes = {stratum: int(size) for stratum, (size, _) in self.lists["roll"].items()}


class Check:
    def __init__(self, folder, no_beacon, policy_file=None):
        self.folder, self.no_beacon, self.policy_file = Path(folder), no_beacon, policy_file
        self.done, self.notes = [], []
        self.rehearsal, self.step = "", "folder"
        self.announce = lambda line: None

    def run(self):
        need(self.folder.is_dir(), "folder", self.folder, None, "a published folder", "none")
        for step in (
            self.strangers,
            self.policy,
            self.logs,
            self.documents,
            self.plan,
            self.rolls,
            self.decree,
            self.counts,
            self.quotas,
            self.seed,
            self.draw,
            self.calls,
            self.report,
        ):
            self.step = step.__name__
            print(f"checking {self.step}", file=sys.stderr, flush=True)
            self.done.append(f"{step.__name__}: {step()}")

    def strangers(self):
        for folder, known in BELONGS.items():
            there = {path.name for path in (self.folder / folder).iterdir()} if (self.folder / folder).is_dir() else set()
            more = sorted(there - known)
            need(not more, "stranger", folder or ".", None, "nothing but " + ", ".join(sorted(known)), ", ".join(more))
        return "no file that does not belong there"

    def policy(self):
        name = "log/policy"
        raw = read(self.folder, name)
        if self.policy_file is None:
            self.notes.append("the policy (keys of the logs and of the witnesses) was taken from the folder: compare it with the gazette")
        else:
            pinned = Path(self.policy_file).read_bytes()
            need(raw == pinned, "policy", name, None, f"the policy of {self.policy_file}", "another")
        self.rules = Policy(raw, name)
        self.keys = {}
        for origin, key in self.rules.logs.items():
            which = origin.rpartition("/")[2]
            need(which in ("public", "acts") and which not in self.keys, "policy", name, None, "one log public, one acts", origin)
            self.keys[which] = key
        need(set(self.keys) == {"public", "acts"}, "policy", name, None, "two logs: public and acts", ", ".join(sorted(self.keys)))
        origins = {key[0].rpartition("/")[0] for key in self.keys.values()}
        need(len(origins) == 1, "policy", name, None, "both logs under one origin", ", ".join(sorted(origins)))
        self.origin = origins.pop()
        playing = [who for who in self.rules.witnesses if "rehearsal" in who]
        if playing:
            self.notes.append(f"REHEARSAL WITNESSES: {', '.join(playing)} are stand-ins; what they say of times is worth nothing")
        if self.rules.quorum == "none":
            self.notes.append("NO WITNESSES: the policy asks for none; times are the authority's word alone")
        return f"two logs of {self.origin}, {len(self.rules.witnesses)} witnesses"

    def logs(self):
        self.since = {"public": {}, "acts": {}}
        self.public, public = self.one_log("public", PUBLIC_KINDS)
        self.acts, acts = self.one_log("acts", ACT_KINDS)
        counted = f"{len(self.public)} public entries under {public} checkpoints, {len(self.acts)} acts under {acts}"
        return f"{counted}; entries, tiles, roots, signatures"

    def one_log(self, which, kinds):
        prefix, key = f"log/{which}", self.keys[which]
        newest = f"{prefix}/checkpoint"
        raw = read(self.folder, newest)
        size, root, _ = read_checkpoint(raw, key, self.rules, newest)
        entries = read_entries(self.folder, prefix, size)
        tree = Tree(entries)
        found = check_tiles(self.folder, prefix, size, tree)
        need(found == root, "root", newest, size, root.hex(), found.hex())
        kept = f"{prefix}/checkpoints"
        need(read(self.folder, f"{kept}/{size}") == raw, "checkpoint", f"{kept}/{size}", None, "the newest checkpoint", "another")
        paths = sorted((self.folder / kept).iterdir(), key=lambda path: path.name)
        for path in paths:
            name = f"{kept}/{path.name}"
            old, old_root, seen = read_checkpoint(path.read_bytes(), key, self.rules, name)
            need(path.name == str(old) and old <= size, "checkpoint", name, old, f"a size up to {size}, as the file is named", path.name)
            need(tree.root(old) == old_root, "root", name, old, tree.root(old).hex(), old_root.hex())
            since = self.rules.since(seen)
            need(since is not None, "quorum", name, old, f"a quorum of witnesses ({self.rules.quorum})", ", ".join(sorted(seen)) or "none")
            self.since[which][old] = since
        parsed = []
        for index, entry in enumerate(entries):
            shape = re.fullmatch(rb"callup/1 ([a-z-]+) ([0-9a-f]{64})\n", entry)
            need(shape and shape[1].decode() in kinds, "entry", prefix, index, "callup/1 KIND HASH", entry.decode("utf-8", "replace"))
            parsed.append((shape[1].decode(), shape[2].decode()))
        return parsed, len(paths)

    def documents(self):
        self.texts = {}
        for index, (kind, digest) in enumerate(self.public):
            name = f"log/public/doc/{digest}"
            raw = read(self.folder, name)
            need(SHA(raw).hexdigest() == digest, "document", name, index, digest, SHA(raw).hexdigest())
            self.texts.setdefault(kind, []).append((index, digest, raw))
        need(self.is_logged("policy", "log/policy"), "policy", "log/policy", None, "the logged policy", "another")
        logged = {digest for _, digest in self.public}
        for path in sorted((self.folder / "log/public/doc").iterdir()):
            need(path.name in logged, "document", f"log/public/doc/{path.name}", None, "an entry in the public log", "none")
        return f"{len(self.public)} with their hashes"

    def only(self, kind):
        found = self.texts.get(kind, [])
        need(len(found) == 1, f"one-{kind}", "log/public", found[1][0] if len(found) > 1 else None, f"exactly one {kind}", len(found))
        return found[0]

    def is_logged(self, kind, name):
        """The file is, byte for byte, the one logged document of its kind; gives it."""
        index, digest, raw = self.only(kind)
        found = read(self.folder, name)
        need(found == raw, kind, name, None, digest, SHA(found).hexdigest())
        return index, raw

    def plan(self):
        logged = self.texts.get("plan", [])
        need(logged, "one-plan", "log/public", None, "exactly one plan for an id", 0)
        self.plans = []
        for number, (index, digest, raw) in enumerate(logged):
            name = f"46-supplements/s{number}/plan.txt" if number else "40-seed/plan.txt"
            plan = Plan(raw, name, index)
            said = plan.fields["call-up"]
            known = {one.fields["call-up"] for one in self.plans}
            need(said not in known, "one-plan", "log/public", index, f"exactly one plan of {said}", "two")
            found = read(self.folder, name)
            need(found == raw, "plan", name, None, digest, SHA(found).hexdigest())
            if number:
                self.supplement_fits(plan, number)
            self.plans.append(plan)
        main = self.main = self.plans[0]
        need("quota" in main.lists, "plan", main.name, None, "quotas", "none")
        self.plan_index, self.plan_hash, self.fields, self.lists = main.index, main.hash, main.fields, main.lists
        self.beacon, self.order = main.beacon, main.order
        self.voids()
        if self.beacon[0] == "rehearsal":
            self.rehearsal = f"REHEARSAL: the beacon '{self.beacon[1]}' is a stand-in whose value everybody knew; this is no draw of people"
            self.announce(self.rehearsal)
        release = RELEASES.get(self.fields["promises"])
        self.vouched = release is not None
        if not self.vouched:
            self.notes.insert(0, CHANGED)
        more = f" and {len(self.plans) - 1} supplementary" if len(self.plans) > 1 else ""
        return f"one plan{more}, {self.plan_hash}; " + (f"its promises are those of callup {release}" if release else CHANGED)

    def supplement_fits(self, plan, number):
        """A supplementary plan is like the first in all that it does not bring: its own strata, secrets and a later round."""
        main, before = self.plans[0], self.plans[-1]
        expected = f"{main.fields['call-up']}s{number}"
        need(plan.fields["call-up"] == expected, "supplement", plan.name, 2, expected, plan.fields["call-up"])
        for key in ("law", "promises", "merge", "lead-hours", "order", "asks"):
            need(plan.fields[key] == main.fields[key], "supplement", plan.name, key, main.fields[key], plan.fields[key])
        drawn = plan.order not in ("list", "panels") and "quota" not in plan.lists
        need(drawn, "supplement", plan.name, None, "a drawn order without quotas", plan.order)
        for stratum in plan.sizes:
            unit, _, mark = stratum.rpartition("+")
            need(
                mark == f"s{number}" and unit in main.sizes and unit_of(unit) == unit,
                "supplement",
                plan.name,
                None,
                f"UNIT+s{number}",
                stratum,
            )
        rounds = [int(one.beacon[2]) for one in (before, plan)]
        need(rounds[0] < rounds[1], "supplement", plan.name, None, f"a round after {rounds[0]}", rounds[1])

    def voids(self):
        """A dead plan: said by two, after the plan; it has no seed and no calls."""
        for index, digest, raw in self.texts.get("void", []):
            name = f"log/public/doc/{digest}"
            lines = raw.decode("utf-8", "replace").split("\n")
            form = [r"callup/void/1", r"call-up: \S+", rf"plan: {HEX64}", r"reason: .+", r"by: .+", r"by: .+", ""]
            good = len(lines) == len(form) and all(re.fullmatch(one, line) for one, line in zip(form, lines, strict=True))
            need(good and lines[4] < lines[5], "void", name, None, "call-up, plan, reason and two names", raw[:120])
            plan = next((one for one in self.plans if lines[2] == f"plan: {one.hash}"), None)
            need(plan and plan.index < index, "void", name, 3, "a plan that stands before it", lines[2])
            plan.void = True
            self.notes.insert(0, f"VOID: the plan of {plan.fields['call-up']} is dead: {lines[3].removeprefix('reason: ')}")

    def rolls(self):
        self.sizes = self.main.sizes
        rolls = {stratum: line for plan in self.plans for stratum, line in plan.lists["roll"].items()}
        folders = sorted(path.name for path in (self.folder / "log/roll").iterdir())
        need(folders == sorted(rolls), "roll", "log/roll", None, "one tree for each roll line of the plan", ", ".join(folders))
        for stratum, (said, root) in rolls.items():
            size = int(said)
            prefix = f"log/roll/{stratum}"
            lines = read_entries(self.folder, prefix, size)
            for position, line in enumerate(lines):
                need(len(line) == 32, "roll", prefix, position, "32 bytes", len(line))
                if position and self.order != "list":
                    need(lines[position - 1] < line, "roll", prefix, position, "strictly rising commitments", line.hex())
            found = check_tiles(self.folder, prefix, size, Tree(lines)).hex()
            need(found == root, "roll", prefix, None, root, found)
        return f"{sum(int(size) for size, _ in rolls.values())} sealed lines in {len(rolls)} strata, roots as in the plan"

    def base(self, unit):
        return sum(size for stratum, size in self.sizes.items() if unit_of(stratum) == unit)

    def decree(self):
        name = "00-decree/decree.toml"
        _, raw = self.is_logged("decree", name)
        try:
            self.wanted = tomllib.loads(raw.decode())
        except ValueError as failure:
            raise Fails("decree", name, None, "TOML", failure) from None
        need(self.wanted.get("id") == self.fields["call-up"], "decree", name, "id", self.fields["call-up"], self.wanted.get("id"))
        origin = self.wanted.get("log", {}).get("origin")
        need(origin == self.origin, "decree", name, "log.origin", self.origin, origin)
        order = self.wanted.get("order", {}).get("method")
        order = "list" if order == "list-with-objections" else order
        need(order == self.order, "decree", name, "order.method", self.order, order)
        asks = self.wanted.get("notices", {}).get("asks", "appearance")
        need(asks == self.fields["asks"], "decree", name, "notices.asks", self.fields["asks"], asks)
        said = bool(self.wanted.get("rehearsal", False))
        need(said or not self.rehearsal, "decree", name, "rehearsal", "rehearsal = true, for the plan names a rehearsal beacon", said)
        if said and not self.rehearsal:
            self.rehearsal = "REHEARSAL: the decree says so; nobody is called by it"
            self.announce(self.rehearsal)
        files, acts = self.law(), self.signatures()
        return f"the decree is the logged one and fits the plan; {files} files beside it are as logged; {acts} acts signed by two"

    def law(self):
        """What stands beside the decree (the law as a jurist reads it, its sources, the places) is what was logged with the law."""
        index, digest, raw = self.only("law")
        name = f"log/public/doc/{digest}"
        try:
            said = json.loads(raw)
        except ValueError as failure:
            raise Fails("law", name, index, "JSON", failure) from None
        listed = said.get("files") if isinstance(said, dict) else None
        need(isinstance(listed, dict), "law", name, "files", "a digest for each file beside the decree", "none")
        need(said.get("version") == self.fields["law"], "law", name, "version", self.fields["law"], said.get("version"))
        there = {f"00-decree/{path.name}" for path in (self.folder / "00-decree").iterdir()}
        there -= {"00-decree/decree.toml", "00-decree/signatures.csv"}
        need(set(listed) == there, "law", "00-decree", None, ", ".join(sorted(listed)), ", ".join(sorted(there)))
        for file, expected in sorted(listed.items()):
            found = SHA(read(self.folder, file)).hexdigest()
            need(found == expected, "law", file, None, expected, found)
        return len(listed)

    def signatures(self):
        """Every signature is by a person and key of the decree, over the act that its line names; the freeze has two."""
        name, people, signed = "00-decree/signatures.csv", {}, {}
        for one in self.wanted.get("signatory", []):
            people[one.get("name")] = (one.get("office"), one.get("key"))
        for number, row in enumerate(rows_of(self.folder, name, ["act", "digest", "name", "office", "key", "signature"]), 2):
            known = people.get(row["name"])
            need(known == (row["office"], row["key"]), "signed", name, number, "a person, office and key of the decree", row["name"])
            good = re.fullmatch(HEX64, row["key"]) and re.fullmatch("[0-9a-f]{128}", row["signature"])
            text = f"callup/act/1\n{self.wanted['id']}\n{row['act']}\n{row['digest']}\n".encode()
            holds = good and ed25519_holds(bytes.fromhex(row["key"]), text, bytes.fromhex(row["signature"]))
            need(holds, "signed", name, number, f"a signature of {row['name']} that holds", row["signature"])
            signed.setdefault((row["act"], row["digest"]), set()).add(row["key"])
        self.signed = {act for (act, _), keys in signed.items() if len(keys) > 1}
        need("freeze" in self.signed, "signed", name, None, "two people who signed the freeze", ", ".join(sorted(self.signed)) or "none")
        return len(self.signed)

    def counts(self):
        name = "30-roll/counts.csv"
        self.is_logged("counts", name)
        sums, lines = {}, {}
        for number, row in enumerate(rows_of(self.folder, name, ["unit", "born_year_from", "born_year_to", "persons"]), 2):
            years = [row["born_year_from"], row["born_year_to"]]
            good = all(re.fullmatch("[0-9]{4}|", year) for year in years) and years == sorted(years)
            need(good, "counts", name, number, "years in order, or empty", " ".join(years))
            sums[row["unit"]] = sums.get(row["unit"], 0) + whole(row["persons"], "counts", name, number)
            lines.setdefault(row["unit"], []).append((number, int(row["persons"])))
        units = sorted({unit_of(stratum) for stratum in self.sizes})
        merged = sum(persons for unit, persons in sums.items() if unit not in units)
        short = 0
        for unit in units:
            missing = self.base(unit) - sums.get(unit, 0)
            need(missing >= 0 and (merged or not missing), "counts", name, unit, self.base(unit), sums.get(unit, 0))
            short += missing
        need(short == merged, "counts", name, "all", sum(self.sizes.values()), sum(sums.values()))
        self.small(lines, name)
        return f"{sum(sums.values())} persons by place and birth year, sums as in the plan"

    def small(self, lines, name):
        """A cell of 1 to 9 persons is shown only where it is all of its unit, whose number the plan gives anyway."""
        below = int((re.match("below ([0-9]+)", self.fields["merge"]) or [0, "10"])[1])
        for cells in lines.values():
            for number, persons in cells:
                need(not 0 < persons < below or len(cells) == 1, "counts", name, number, f"0, or at least {below}", persons)

    def quotas(self):
        name = "35-quotas/quotas.csv"
        units, shares, positions = {}, {}, {}
        for number, row in enumerate(rows_of(self.folder, name, ["unit", "base", "quota"]), 2):
            unit = row["unit"]
            need(unit not in units, "quotas", name, number, "each unit once", unit)
            units[unit] = whole(row["base"], "quotas", name, number)
            shares[unit], positions[unit] = whole(row["quota"], "quotas", name, number), number
            need(units[unit] == self.base(unit), "quotas", name, number, self.base(unit), units[unit])
            planned = self.lists["quota"].get(unit, ["none"])[0]
            need(str(shares[unit]) == planned, "quotas", name, number, planned, shares[unit])
        missing = sorted(set(self.lists["quota"]) ^ set(units)) + sorted({unit_of(s) for s in self.sizes} - set(units))
        need(not missing, "quotas", name, None, "every unit of the plan", ", ".join(missing))
        total, method = self.wanted.get("persons_to_enlist"), self.wanted.get("quotas", {}).get("method")
        need(sum(shares.values()) == total, "quotas", name, "all", total, sum(shares.values()))
        check_shares(method, total, units, shares, name, positions)
        return f"{total} persons over {len(units)} units by {method}"

    def seed(self):
        name = "40-seed/seed.txt"
        for index, digest, raw in self.texts.get("seed", []):
            said = raw.decode("utf-8", "replace").split("\n")[1:2]
            plan = next((one for one in self.plans if said == [f"plan: {one.hash}"]), self.main)
            need(plan.seed_index is None, "one-seed", "log/public", index, "exactly one seed for a plan", "two")
            need(not plan.void and plan.order != "list", "seed", "log/public", index, "no seed of a dead plan or of a list", digest)
            self.one_seed(plan, index, raw)
        if self.order == "list" or self.main.void:
            need("seed" not in self.texts and not (self.folder / name).exists(), "seed", name, None, "no seed", "a seed")
            self.main.seed_index = self.plan_index
            return "none, the plan is void" if self.main.void else "none, the order is a list"
        need(self.main.seed_index is not None, "one-seed", "log/public", None, "exactly one seed", 0)
        for plan in self.plans[1:]:
            need(plan.index > self.main.seed_index, "supplement", "log/public", plan.index, "a plan after the main seed", plan.index)
        return self.main.seed_hash + "".join(plan.words for plan in self.plans)

    def one_seed(self, plan, index, raw):
        name = plan.name.replace("plan.txt", "seed.txt")
        found = read(self.folder, name)
        need(found == raw, "seed", name, None, SHA(raw).hexdigest(), SHA(found).hexdigest())
        need(index > plan.index, "seed", "log/public", index, f"after the plan at {plan.index}", index)
        lines = raw.decode("utf-8", "replace").split("\n")
        built = ["callup/seed/1", f"plan: {plan.hash}"]
        opened = dict(re.findall(rf"^secret: (\S+) ({HEX64})$", raw.decode("utf-8", "replace"), re.M))
        for holder, (committed,) in plan.lists.get("secret", {}).items():
            secret = opened.get(holder, "")
            found = SHA(f"callup/secret/1\n{secret}\n".encode()).hexdigest()
            need(found == committed, "secret", name, holder, committed, found)
            built.append(f"secret: {holder} {secret}")
        built += [f"beacon: {self.beacon_value(plan, name, lines)}", ""]
        for number, (expected, found) in enumerate(zip(built, [*lines, *[""] * len(built)], strict=False), 1):
            need(expected == found, "seed", name, number, expected, found)
        need(raw == "\n".join(built).encode(), "seed", name, None, "the rebuilt document, byte for byte", f"{len(raw)} bytes")
        plan.seed_index, plan.seed_hash = index, SHA(raw).hexdigest()

    def beacon_value(self, plan, name, lines):
        kind, chain, number = plan.beacon[0], plan.beacon[1], int(plan.beacon[2])
        if kind == "rehearsal":
            return SHA(f"callup/rehearsal-beacon/1\n{chain} {number}\n".encode()).hexdigest()
        shape = re.fullmatch("beacon: ((?:[0-9a-f]{2})+)", lines[-2] if len(lines) > 1 else "")
        need(shape, "seed", name, len(lines) - 1, "beacon: HEX", lines[-2] if len(lines) > 1 else "")
        if self.no_beacon:
            self.notes.insert(0, "THE BEACON WAS NOT CHECKED: its value was taken from the seed document")
            return shape[1]
        need(chain == QUICKNET, "beacon", plan.name, None, f"drand {QUICKNET}, the only chain known here", chain)
        holds = quicknet_holds(number, bytes.fromhex(shape[1]))
        need(holds, "beacon", name, len(lines) - 1, f"quicknet's signature of round {number}", shape[1])
        plan.words = f"; the beacon is round {number} of drand's quicknet, due {came(number)}, and its signature holds"
        self.lead(plan, QUICKNET_START + (number - 1) * QUICKNET_STEP)
        return shape[1]

    def lead(self, plan, round_time):
        """The plan counts only if a quorum of witnesses had seen it for its lead time before the round."""
        covering = {size: since for size, since in self.since["public"].items() if size > plan.index}
        size, since = min(covering.items(), key=lambda pair: pair[1])
        if self.rules.quorum == "none":
            self.notes.append(f"not checked here: that the plan was fixed before {moment(round_time)}; whoever kept its hash can tell")
            return
        latest = round_time - int(plan.fields["lead-hours"]) * 3600
        need(since <= latest, "lead", f"log/public/checkpoints/{size}", size, f"seen by a quorum by {moment(latest)}", moment(since))
        plan.words += f"; a quorum had seen the plan by {moment(since)}"

    def draw(self):
        if self.main.void:
            need(not (self.folder / "45-draw").exists(), "draw", "45-draw", None, "no draw of a dead plan", "a draw")
            return "none"
        files = sorted(path.name for path in (self.folder / "45-draw").iterdir())
        need(files == sorted(f"{stratum}.csv" for stratum in self.sizes), "draw", "45-draw", None, "one file a stratum", ", ".join(files))
        for stratum, size in self.sizes.items():
            order = range(size) if self.order == "list" else by_ticket(self.main.seed_hash, stratum, size)
            self.one_order(f"45-draw/{stratum}.csv", "rank,position", [f"{rank},{at}" for rank, at in enumerate(order, 1)])
        self.places = {}
        for number, plan in enumerate(self.plans[1:], 1):
            if plan.seed_index is not None:
                self.supplementary_order(number, plan)
        return f"{sum(sum(plan.sizes.values()) for plan in self.plans)} tickets and ranks"

    def supplementary_order(self, number, plan):
        """The place of a supplementary line: how many main tickets of its unit are smaller, an equal one counted too."""
        for stratum, size in plan.sizes.items():
            unit, lines = stratum.rpartition("+")[0], []
            main = sorted(ticket_of(self.main.seed_hash, unit, at) for at in range(self.sizes[unit]))
            for rank, at in enumerate(by_ticket(plan.seed_hash, stratum, size), 1):
                place = bisect.bisect_right(main, ticket_of(plan.seed_hash, stratum, at))
                lines.append(f"{rank},{at},{place}")
                self.places.setdefault(stratum, []).append(place)
            self.one_order(f"46-supplements/s{number}/{stratum}.csv", "rank,position,place", lines)

    def one_order(self, name, head, rows):
        expected = "\n".join([head, *rows, ""])
        found = read(self.folder, name)
        if found != expected.encode():
            lines = [expected.split("\n"), found.decode("utf-8", "replace").split("\n")]
            most = max(map(len, lines))
            one, two = ([*part, *[""] * (most - len(part))] for part in lines)
            line = next((number for number in range(most) if one[number] != two[number]), most - 1)
            raise Fails("draw", name, line + 1, one[line], two[line])

    def calls(self):
        sizes = {stratum: size for plan in self.plans for stratum, size in plan.sizes.items()}
        by_seed = {plan.seed_hash: plan for plan in self.plans if plan.seed_index is not None and not plan.void}
        called, covered = dict.fromkeys(sizes, 0), {}
        waves = 0
        for index, digest, raw in self.texts.get("call", []):
            name = f"log/public/doc/{digest}"
            lines = raw.decode("utf-8", "replace").split("\n")
            plan = by_seed.get(lines[1].removeprefix("seed: ")) if len(lines) > 1 else None
            need(lines[0] == "callup/call/1" and plan, "call", name, 2, f"seed: {self.main.seed_hash}", "\n".join(lines[:2]))
            need(index > plan.seed_index, "call", "log/public", index, "after the seed", index)
            need(lines[-1] == "" and len(lines) > 3, "call", name, None, "lines of calls", raw[:80])
            for number, line in enumerate(lines[2:-1], 3):
                self.one_call(line, name, number, called, covered, plan.sizes)
            if plan is self.main:
                waves += 1
                need(f"size-{waves}" in self.signed, "signed", "00-decree/signatures.csv", None, f"two who signed wave {waves}", "fewer")
                self.classes_in_order(called, name)
                self.one_panel(called, name)
                self.supplements_called(called, name, index)
        for index, (kind, _) in enumerate(self.acts):
            need(kind != "call" or index in covered, "call", "log/acts", index, "a called rank that this act belongs to", "none")
        return f"{sum(called.values())} ranks called, none passed over"

    def supplements_called(self, called, name, index):
        """With each wave, exactly the supplementary lines whose place the main calls of their unit have passed; all, before the limited."""
        for plan in self.plans[1:]:
            if plan.seed_index is None or plan.seed_index > index:
                continue
            for stratum in plan.sizes:
                unit = stratum.rpartition("+")[0]
                reached = called[unit] + (called.get(unit + "+limited", 0) > 0)
                due = sum(place < reached for place in self.places[stratum])
                need(
                    called[stratum] == due, "call", name, stratum, f"{due} supplementary lines called up to rank {reached}", called[stratum]
                )

    def one_call(self, line, name, number, called, covered, sizes):
        shape = re.fullmatch(r"calls: (\S+) ([1-9][0-9]*) ([1-9][0-9]*) acts (0|[1-9][0-9]*)", line)
        need(shape and shape[1] in sizes, "call", name, number, "calls: STRATUM FIRST LAST acts INDEX", line)
        stratum, first, last, index = shape[1], int(shape[2]), int(shape[3]), int(shape[4])
        need(first == called[stratum] + 1, "call", name, number, f"first rank {called[stratum] + 1}", first)
        need(first <= last <= sizes[stratum], "call", name, number, f"last rank up to {sizes[stratum]}", last)
        called[stratum] = last
        for at in range(index, index + last - first + 1):
            rank = first + at - index
            kind = self.acts[at][0] if at < len(self.acts) else "nothing"
            need(kind in ("call", "decision"), "call", "log/acts", at, f"call or decision for {stratum} rank {rank}", kind)
            need(at not in covered, "call", name, number, f"an act of its own for rank {rank}", covered.get(at))
            covered[at] = f"{stratum} {rank}"

    def classes_in_order(self, called, name):
        """Volunteers first, then everybody, then those of limited fitness: no class before the one ahead of it is called whole."""
        for unit in {unit_of(stratum) for stratum in self.sizes}:
            classes = [unit + suffix for suffix in ("+volunteers", "", "+limited") if unit + suffix in self.sizes]
            for first, then in itertools.pairwise(classes):
                early = called[then] and called[first] < self.sizes[first]
                need(not early, "call", name, None, f"all {self.sizes[first]} of {first} before {then}", called[first])

    def one_panel(self, called, name):
        """In an order by panels only the panel that the seed picked is called, and whole."""
        if self.order == "panels":
            picked = picked_panel(self.main.seed_hash, self.sizes)
            for stratum, upto in called.items():
                due = self.sizes[stratum] if panel_of(stratum) == picked else 0
                need(upto == due, "call", name, stratum, f"{due} called, for the seed picked panel {picked}", upto)

    def report(self):
        name = "90-report/report.json"
        try:
            said = json.loads(read_text(self.folder, name))
        except ValueError as failure:
            raise Fails("report", name, None, "JSON", failure) from None
        acts, tables = (said.get("acts"), said.get("tables")) if isinstance(said, dict) else (None, None)
        need(isinstance(acts, dict) and isinstance(tables, list), "report", name, None, "acts and tables", "none")
        logged = {digest for _, digest, _ in self.texts.get("statistics", [])}
        raw = SHA(read(self.folder, name)).hexdigest()
        need(not logged or raw in logged, "report", name, None, "a logged statistics document", raw)
        counted = {}
        known = said.get("log_sizes")
        upto = known.get("acts") if isinstance(known, dict) else None
        for kind, _ in self.acts[: upto if isinstance(upto, int) else None]:
            counted[kind] = counted.get(kind, 0) + 1
        for kind in sorted({*counted, *acts}):
            need(counted.get(kind, 0) == acts.get(kind, 0), "report", name, f"acts.{kind}", counted.get(kind, 0), acts.get(kind, 0))
        for table in tables:
            self.one_table(table, said.get("merge_below", 10), name)
        listed = {table["file"] for table in tables}
        there = {path.name for path in (self.folder / "90-report").glob("*.csv")}
        need(there == listed, "report", name, "tables", ", ".join(sorted(there)), ", ".join(sorted(listed)))
        self.signed_until(said.get("signatures"), name)
        return f"acts by kind, {len(tables)} sums of tables" + (self.manifest(logged) if logged else "")

    def signed_until(self, said, name):
        """The lines of ``signatures.csv`` that stood there when the report was written are still its first ones: none was taken out."""
        good = isinstance(said, dict) and isinstance(said.get("lines"), int) and isinstance(said.get("sha256"), str)
        need(good, "report", name, "signatures", "lines and sha256", json.dumps(said))
        first = read(self.folder, "00-decree/signatures.csv").split(b"\n")[: said["lines"]]
        found = SHA(b"".join(line + b"\n" for line in first)).hexdigest()
        need(found == said["sha256"], "signed", "00-decree/signatures.csv", None, f"{said['lines']} lines as in the report", found)

    def manifest(self, logged):
        """Every file of the report, and the page ``v``, is the one whose digest was logged."""
        name = "90-report/manifest.txt"
        raw = read(self.folder, name)
        need(SHA(raw).hexdigest() in logged, "manifest", name, None, "a logged statistics document", SHA(raw).hexdigest())
        listed = dict(reversed(line.split("  ", 1)) for line in raw.decode("utf-8", "replace").split("\n")[:-1])
        there = {f"90-report/{path.name}" for path in (self.folder / "90-report").iterdir()} - {name} | {"log/v"}
        need(set(listed) == there, "manifest", name, None, ", ".join(sorted(there ^ set(listed)))[:200] or "the same files", "other files")
        for file, digest in sorted(listed.items()):
            found = SHA(read(self.folder, file)).hexdigest()
            need(found == digest, "manifest", file, None, digest, found)
        return f", {len(listed)} files as logged"

    def one_table(self, table, below, name):
        good = isinstance(table, dict) and isinstance(table.get("file"), str) and "/" not in table["file"]
        need(good, "report", name, "tables", "file, sum_of, equals", json.dumps(table))
        file, column = f"90-report/{table['file']}", table.get("sum_of", "")
        rows = rows_of(self.folder, file)
        if not column:
            return
        need(not rows or column in rows[0], "report", file, 1, f"a column {column}", ",".join(rows[0]) if rows else "")
        total = 0
        for number, row in enumerate(rows, 2):
            value = whole(row[column], "report", file, number) if row[column] else 0
            need(not table.get("counts") or value == 0 or value >= below, "report", file, number, f"0, or at least {below}", value)
            total += value
        need(total == table.get("equals"), "report", file, column, table.get("equals"), total)


def ticket_of(seed, stratum, position):
    return SHA(f"{seed} {stratum} {position}".encode()).digest()


def by_ticket(seed, stratum, size):
    """Roll positions in the order of their tickets; equal tickets, should there ever be two, by position."""
    block, rest = SHA(seed.encode()), f" {stratum} ".encode()
    tickets = []
    for position in range(size):
        ticket = block.copy()
        ticket.update(rest + str(position).encode())
        tickets.append(ticket.digest())
    return sorted(range(size), key=tickets.__getitem__)


CLAIMS = {
    "webster": (0, lambda persons, has: Fraction(persons, 2 * has + 1)),
    "jefferson": (0, lambda persons, has: Fraction(persons, has + 1)),
    "adams": (1, lambda persons, has: Fraction(persons, has)),
    "dean": (1, lambda persons, has: Fraction(persons, has) + Fraction(persons, has + 1)),
    "huntington-hill": (1, lambda persons, has: Fraction(persons**2, has**2 + has)),
}


def check_shares(method, total, units, shares, name, positions):
    """Whether the shares are those of the method: for a divisor method, no place not given has a better claim than one given."""
    peopled = {unit: persons for unit, persons in units.items() if persons}
    for unit in units:
        need(unit in peopled or shares[unit] == 0, "quotas", name, positions[unit], 0, shares[unit])
    if method == "hamilton":
        everyone = sum(peopled.values())
        rest = total - sum(total * persons // everyone for persons in peopled.values())
        order = sorted(peopled, key=lambda unit: (-(total * peopled[unit] % everyone), unit.encode()))
        for place, unit in enumerate(order):
            expected = total * peopled[unit] // everyone + (place < rest)
            need(shares[unit] == expected, "quotas", name, positions[unit], expected, shares[unit])
        return
    need(method in CLAIMS, "quotas", name, None, f"hamilton or one of {', '.join(CLAIMS)}", method)
    least, claim = CLAIMS[method]
    for unit in peopled:
        need(shares[unit] >= least, "quotas", name, positions[unit], f"at least {least}", shares[unit])
    given = [(-claim(peopled[unit], shares[unit] - 1), unit.encode(), unit) for unit in peopled if shares[unit] > least]
    waiting = [(-claim(peopled[unit], shares[unit]), unit.encode(), unit) for unit in peopled]
    if given and max(given) > min(waiting):
        unit, other = max(given)[2], min(waiting)[2]
        raise Fails("quotas", name, positions[unit], f"{shares[unit] - 1}: the last place is {other}'s by {method}", shares[unit])


# ---- one letter, one roll slip or one packet (docs/formats.md), from a mirror's files alone


class Held:
    """Files of a packet, read as if they lay in a folder."""

    def __init__(self, files, name=""):
        self.files, self.name = files, name

    def __truediv__(self, name):
        return Held(self.files, f"{self.name}/{name}".lstrip("/"))

    def __str__(self):
        return self.name

    def read_bytes(self):
        if self.name not in self.files:
            raise OSError(self.name)
        return self.files[self.name]


class TileTree:
    """A tree read tile by tile: its root, and one leaf that the root covers."""

    def __init__(self, folder, prefix, size):
        self.folder, self.prefix, self.size, self.tiles = folder, prefix, size, {}

    def tile(self, level, number):
        width = min(256, (self.size >> 8 * level) - 256 * number)
        name = f"{self.prefix}/{tile_path(level, number, width)}"
        if name not in self.tiles:
            raw = read(self.folder, name)
            need(len(raw) == 32 * width, "tile", name, None, f"{width} hashes", f"{len(raw)} bytes")
            self.tiles[name] = [raw[at : at + 32] for at in range(0, len(raw), 32)]
        return self.tiles[name]

    def node(self, height, at):
        if height % 8 == 0:
            return self.tile(height // 8, at >> 8)[at & 255]
        return SHA(b"\x01" + self.node(height - 1, 2 * at) + self.node(height - 1, 2 * at + 1)).digest()

    def root(self, size):
        root, end = None, size
        for height in range(size.bit_length()):
            if size >> height & 1:
                end -= 1 << height
                left = self.node(height, end >> height)
                root = left if root is None else SHA(b"\x01" + left + root).digest()
        return root if root is not None else SHA(b"").digest()

    def leaf(self, at):
        """The hash of an entry; every tile above it must be what its own hashes make."""
        found, level, here = self.tile(0, at >> 8)[at & 255], 0, at
        while (self.size >> 8 * (level + 1)) > here >> 8:
            level_up = self.tile(level, here >> 8)
            while len(level_up) > 1:
                level_up = pairs_up(level_up)
            here, level = here >> 8, level + 1
            need(
                level_up[0] == self.tile(level, here >> 8)[here & 255], "tile", self.prefix, at, "hashes that fit the tile above", "others"
            )
        return found


BEFORE = r"/1\ncall-up: (\S+)\nroll: (\S+) (0|[1-9][0-9]*) ([0-9a-f]{32})\nrank: ([1-9][0-9]*)\nperson: (\S+)\nborn: ([0-9-]*)\n"
WORD = {"appearance": "appear", "answer": "answer"}
AFTER = r"\nlaw: \S+ ([0-9a-f]{32})\nobject-by: [^\n]+\npromises: ([0-9a-f]{32})\n"
NOTICE = re.compile(rf"callup/notice{BEFORE}report: ([^\n]+){AFTER}")
FORM = re.compile(rf"callup/form{BEFORE}answer: ([1-9][0-9]* (?:working )?days from service|none [0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}){AFTER}")


def read_notice(text, where):
    """What a notice asks for, an answer or an appearance, and its fields; a form with a day in it is no form."""
    form, said = FORM.fullmatch(text), NOTICE.fullmatch(text)
    need(form or said, "letter-malformed", where, None, "callup/notice/1 or callup/form/1", text[:80])
    return ("answer" if form else "appearance"), (form or said).groups()


ACTS = dict.fromkeys(("decided", "excused", "inquired", "assessed", "enlisted", "released", "referred"), "decision") | {
    "withdrawn": "erratum"
}
"""The entry of a decision that a letter tells, by the kind of its fact."""
FACT = re.compile(
    r"([0-9a-f]{32})\t[^\t]*\t([a-z_]+)\t([^\t]+)\t[^\t]*\t([0-9-]{10})\t(?:[^\t]*\t){6}([^\t]*)\t([^\t]*)\t([^\t]*)\t[^\t]*\t([^\t]*)"
)
"""The row of a fact (docs/formats.md): number, kind, case, day, outcome, until, day of appearance, reason."""


def read_letter(text, where):
    """The kind of entry that commits to a letter's text, what it says, and the fields of a notice; none of a decision."""
    if text.startswith("callup/"):
        asks, said = read_notice(text, where)
        return ("decision" if said[7].startswith("none ") else "call"), f"{WORD[asks]}: {said[7]}", said
    said = FACT.fullmatch(text)
    need(said and said[2] in ACTS and said[3] != r"\N", "letter-malformed", where, None, "a notice, or the row of a decision", text[:80])
    words = [one for one in (said[2], said[5], said[7] if said[7] != r"\N" else said[6]) if one != r"\N"]
    return ACTS[said[2]], f"case {said[3]}, {said[4]}: {' '.join(words)}", None


def entry_hash(kind, salt, text):
    entry = f"callup/1 {kind} {SHA(f'callup/open/1{chr(10)}{salt}{chr(10)}{text}'.encode()).hexdigest()}\n"
    return SHA(b"\x00" + entry.encode()).digest()


def unpacked_text(text):
    """Base64url without padding or slack bits, as UTF-8; nothing if it is not."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return raw.decode() if base64.urlsafe_b64encode(raw).decode().rstrip("=") == text else None
    except ValueError:
        return None


class Asked:
    """What a letter or a slip is held against: a mirror's files, a policy, and the plan that covers its stratum."""

    def __init__(self, folder, rules, call_up, rehearsal=True, releases=RELEASES):
        self.folder, self.rules, self.call_up, self.may_rehearse, self.releases = folder, rules, call_up, rehearsal, releases
        self.keys = {name.rpartition("/")[2]: key for name, key in rules.logs.items()}
        need(set(self.keys) == {"public", "acts"}, "policy", "policy", None, "two logs: public and acts", ", ".join(sorted(self.keys)))
        self.said = []

    def tell(self, step, words):
        self.said.append(f"{step}: {words}")

    def file(self, name):
        try:
            return read(self.folder, name)
        except Fails:
            raise Fails("file-missing", name, None, "a file", "none") from None

    def checkpoint(self, which, name):
        """Size, root and the quorum's moment of a checkpoint."""
        try:
            size, root, seen = read_checkpoint(self.file(name), self.keys[which], self.rules, name)
        except Fails as failure:
            words = {"cosignature": "witness-signature-wrong", "signature": "log-signature-missing"}
            failure.line["check"] = words.get(failure.line["check"], failure.line["check"])
            raise
        since = self.rules.since(seen)
        need(since is not None, "quorum-missing", name, size, f"a quorum ({self.rules.quorum})", ", ".join(sorted(seen)) or "none")
        return size, root, since

    def public(self):
        """The whole public log: every entry by kind, under the signed root."""
        size, root, _ = self.checkpoint("public", "public/checkpoint")
        entries = read_entries(self.folder, "public", size)
        self.tree = Tree(entries)
        need(self.tree.root(size) == root, "root-wrong", "public/checkpoint", size, root.hex(), self.tree.root(size).hex())
        self.kinds = {}
        for index, entry in enumerate(entries):
            shape = re.fullmatch(rb"callup/1 ([a-z-]+) ([0-9a-f]{64})\n", entry)
            need(shape, "entries-malformed", "public", index, "callup/1 KIND HASH", entry[:80])
            kind, digest = (part.decode() for part in shape.groups())
            need(kind in PUBLIC_KINDS, "kind-unknown", "public", index, "a known kind", kind)
            need(kind != "policy" or digest == self.rules.digest, "policy-differs", "public", index, self.rules.digest, digest)
            self.kinds.setdefault(kind, []).append((index, digest))

    def document(self, digest):
        raw = self.file(f"public/doc/{digest}")
        need(SHA(raw).hexdigest() == digest, "document-wrong", f"public/doc/{digest}", None, digest, SHA(raw).hexdigest())
        return raw

    def plan_of(self, stratum):
        """The plan that holds a stratum: one plan for each id, one seed for each plan, none of them void."""
        plans = [Plan(self.document(digest), f"plan {digest}", index) for index, digest in self.kinds.get("plan", [])]
        need(plans, "plan-missing", "public", None, "a plan", "none")
        ids = [plan.fields["call-up"] for plan in plans]
        for number, plan in enumerate(plans):
            need(ids[number] not in ids[:number], "plan-twice", "public", plan.index, "one plan for each id", ids[number])
            expected = self.call_up + (f"s{number}" if number else "")
            need(ids[number] == expected, "plan-of-another", "public", plan.index, expected, ids[number])
        mine = next((plan for plan in plans if stratum in plan.sizes), None)
        need(mine, "stratum-missing", "public", None, f"a roll of {stratum}", "none")
        dead = b"".join(self.document(digest) for _, digest in self.kinds.get("void", []))
        for plan in (plans[0], mine):
            need(f"\nplan: {plan.hash}\n".encode() not in dead, "plan-void", "public", plan.index, "a living plan", plan.fields["call-up"])
        for index, digest in self.kinds.get("seed", []):
            raw = self.document(digest)
            head = raw.decode("utf-8", "replace").split("\n")[1:2]
            plan = next((one for one in plans if [f"plan: {one.hash}"] == [line.lower() for line in head] and one.index < index), None)
            need(plan, "seed-without-plan", "public", index, "a plan before it", head)
            need(plan.seed_index is None, "seed-twice", "public", index, "one seed for a plan", "two")
            plan.seed_index, plan.seed_hash, plan.seed_text = index, digest, raw
        for key in ("law", "promises", "merge", "lead-hours", "order", "asks"):
            need(mine.fields[key] == plans[0].fields[key], "supplement-unlike", mine.name, key, plans[0].fields[key], mine.fields[key])
        later = mine is plans[0] or (plans[0].seed_index is not None and plans[0].seed_index < mine.index)
        need(later, "supplement-unlike", mine.name, None, "a plan after the main seed", "before")
        return mine

    def seen_in_time(self, plan):
        """A kept checkpoint between plan and seed, its root that of the log, its quorum the lead time before the round."""
        upto = plan.seed_index if plan.seed_index is not None else len(self.tree.levels[0])
        for size in range(plan.index + 1, upto + 1):
            name = f"public/checkpoints/{size}"
            try:
                read(self.folder, name)
            except Fails:
                continue
            kept, root, since = self.checkpoint("public", name)
            holds = kept == size and self.tree.root(size) == root
            need(holds, "split-view", name, size, self.tree.root(size).hex(), root.hex())
            if plan.beacon[0] == "drand" and self.rules.quorum != "none":
                latest = QUICKNET_START + (int(plan.beacon[2]) - 1) * QUICKNET_STEP - int(plan.fields["lead-hours"]) * 3600
                need(since <= latest, "plan-late", name, size, f"seen by {moment(latest)}", moment(since))
            return self.tell("plan", f"{plan.hash}, seen by a quorum since {moment(since)}")
        raise Fails("plan-not-cosigned", "public/checkpoints", plan.index, "a checkpoint between plan and seed", "none")

    def seed_of(self, plan):
        """The seed document rebuilt, byte for byte."""
        if plan.order == "list":
            return "0" * 64
        need(plan.seed_index is not None, "seed-missing", "public", plan.index, "a seed", "none")
        text, name = plan.seed_text.decode("utf-8", "replace"), f"seed {plan.seed_hash}"
        opened = {holder: secret.lower() for holder, secret in re.findall(r"(?mi)^secret: (\S+) ([0-9a-f]{64})$", text)}
        built = ["callup/seed/1", f"plan: {plan.hash}"]
        for holder, (committed,) in plan.lists.get("secret", {}).items():
            found = SHA(f"callup/secret/1\n{opened.get(holder, '')}\n".encode()).hexdigest()
            need(found == committed, "secret-wrong", name, holder, committed, found)
            built.append(f"secret: {holder} {opened[holder]}")
        value = (re.findall("(?mi)^beacon: ((?:[0-9a-f]{2})+)$", text) or [""])[0].lower()
        kind, chain, number = plan.beacon
        if kind == "rehearsal":
            need(self.may_rehearse, "beacon-of-a-rehearsal", name, None, "a real beacon", chain)
            expected = SHA(f"callup/rehearsal-beacon/1\n{chain} {number}\n".encode()).hexdigest()
            need(value == expected, "beacon-wrong", name, None, expected, value)
            self.said.insert(0, f"REHEARSAL: the beacon '{chain}' is a stand-in whose value everybody knew; this is no draw of people")
        else:
            need(chain == QUICKNET, "beacon-of-another-chain", name, None, QUICKNET, chain)
            need(quicknet_holds(int(number), bytes.fromhex(value)), "beacon-wrong", name, None, f"quicknet's signature of {number}", value)
        need("\n".join([*built, f"beacon: {value}", ""]) == text, "seed-not-exact", name, None, "the rebuilt document", "another")
        self.tell("seed", plan.seed_hash)
        return plan.seed_hash

    def in_roll(self, plan, stratum, position, record, salt):
        size, root = plan.sizes[stratum], plan.lists["roll"][stratum][1]
        tree = TileTree(self.folder, f"roll/{stratum}", size)
        need(tree.root(size).hex() == root, "roll-swapped", f"roll/{stratum}", None, root, tree.root(size).hex())
        line = SHA(f"callup/roll/1\n{salt}\n{record}".encode()).digest()
        holds = position < size and tree.leaf(position) == SHA(b"\x00" + line).digest()
        need(holds, "line-not-in-roll", f"roll/{stratum}", position, SHA(b"\x00" + line).hexdigest(), "another line")
        self.tell("roll", f"position {position} of {size} in {stratum}")

    def rank_of(self, plan, seed, stratum, position):
        if plan.order == "list":
            return position + 1
        mine = (ticket_of(seed, stratum, position), position)
        return 1 + sum((ticket_of(seed, stratum, at), at) < mine for at in range(plan.sizes[stratum]))

    def calls_of(self, plan, seed, stratum):
        """First and last rank and first act of each call of a stratum, without a gap."""
        last = 0
        for index, digest in self.kinds.get("call", []):
            lines = self.document(digest).decode("utf-8", "replace").split("\n")
            need(lines[0] == "callup/call/1" and len(lines) > 3 and lines[-1] == "", "call-malformed", "public", index, "calls", lines[0])
            for line in lines[2:-1]:
                shape = re.fullmatch(r"calls: (\S+) ([1-9][0-9]*) ([1-9][0-9]*) acts (0|[1-9][0-9]*)", line)
                need(shape, "call-malformed", "public", index, "calls: STRATUM FIRST LAST acts INDEX", line)
                if lines[1] != f"seed: {seed}" or shape[1] != stratum:
                    continue
                first, upto, act = int(shape[2]), int(shape[3]), int(shape[4])
                after = plan.seed_index if plan.seed_index is not None else plan.index
                need(first == last + 1 and upto >= first and index > after, "call-gap", "public", index, f"rank {last + 1}", first)
                last = upto
                yield first, upto, act

    def letter(self, size, index, salt, text):
        kind, words, said = read_letter(text, "letter")
        need(said is None or said[0] == self.call_up, "letter-of-another", "letter", 2, self.call_up, said and said[0])
        self.tell("text", words)
        then, then_root, since = self.checkpoint("acts", f"acts/checkpoints/{size}")
        need(then == size, "checkpoint-of-another-size", f"acts/checkpoints/{size}", None, size, then)
        today, root, _ = self.checkpoint("acts", "acts/checkpoint")
        need(today >= size, "checkpoint-goes-back", "acts/checkpoint", None, f"at least {size}", today)
        tree = TileTree(self.folder, "acts", today)
        need(tree.root(today) == root, "root-wrong", "acts/checkpoint", today, root.hex(), tree.root(today).hex())
        need(tree.root(size) == then_root, "split-view", f"acts/checkpoints/{size}", size, tree.root(size).hex(), then_root.hex())
        need(tree.leaf(index) == entry_hash(kind, salt, text), "letter-not-in-log", "acts", index, f"the {kind} of the letter", "another")
        self.tell("entry", f"act {index}, seen by a quorum since {moment(since)}")
        if said is not None:  # a decision has no rank: that it was entered as it stands is all
            self.drawn(index, read_notice(text, "letter"))

    def drawn(self, index, read):
        asks, (_, stratum, position, roll_salt, rank, person, born, _, law, promises) = read
        self.public()
        plan = self.plan_of(stratum)
        need(plan.fields["asks"] == asks, "asks-differ", "letter", None, plan.fields["asks"], asks)
        self.seen_in_time(plan)
        seed = self.seed_of(plan)
        self.in_roll(plan, stratum, int(position), f"{person}\n{born}\n{stratum}\n", roll_salt)
        panel = picked_panel(seed, plan.sizes) if plan.order == "panels" else 0
        need(panel_of(stratum) == panel or not panel, "panel-not-picked", "letter", 3, f"panel {panel}", stratum)
        found = self.rank_of(plan, seed, stratum, int(position))
        need(found == int(rank), "rank-wrong", "letter", 4, found, rank)
        calls = self.calls_of(plan, seed, stratum)
        act = next((act + found - first for first, upto, act in calls if first <= found <= upto), None)
        need(act is not None, "rank-not-called", "public", None, f"a call of rank {found}", "none")
        need(act == index, "act-of-another-rank", "letter", None, act, index)
        self.tell("act", f"rank {found} of {plan.sizes[stratum]}, and its act is this letter")
        need(plan.fields["promises"].startswith(promises), "promises-differ", "letter", None, plan.fields["promises"][:32], promises)
        need(plan.fields["law"].startswith(law), "law-differs", "letter", None, plan.fields["law"][:32], law)
        self.vouch(plan)

    def slip(self, position, record, salt):
        stratum = record.split("\n")[2]
        self.public()
        plan = self.plan_of(stratum)
        self.seen_in_time(plan)
        seed = self.seed_of(plan)
        need(re.fullmatch("[0-9a-f]{32}", salt), "salt-malformed", "slip", None, "32 hex digits, typed by the holder", salt)
        self.in_roll(plan, stratum, position, record, salt)
        last = max((upto for _, upto, _ in self.calls_of(plan, seed, stratum)), default=0)
        self.tell("rank", f"number {self.rank_of(plan, seed, stratum, position)}; the last number called so far is {last}")
        self.vouch(plan)

    def vouch(self, plan):
        release = self.releases.get(plan.fields["promises"])
        self.tell("promises", f"those of callup {release}" if release else CHANGED)

    def certificate(self, text, on_page=False):
        """A note signed by the acts log's key. From a PDF page, the signed words are said in whole: the page may show others."""
        name, key_id, public = self.keys["acts"]
        body, _, tail = text.rpartition("\n\n")
        shape = re.fullmatch("\u2014 ([^ +\\s]+) ([A-Za-z0-9+/=]+)\n", tail)
        signature = unbase64(shape[2]) if shape else None
        good = signature is not None and (shape[1], signature[:4]) == (name, key_id)
        good = good and ed25519_holds(public, (body + "\n").encode(), signature[4:])
        lines = body.split("\n")
        good = good and lines[0] == "callup/certificate/1" and f"call-up: {self.call_up}" in lines
        need(good, "certificate-wrong", "certificate", None, f"a certificate of {self.call_up} signed by {name}", lines[0])
        said = dict(line.partition(": ")[::2] for line in lines)
        page = f". The page around it is not checked; only this was signed:\n{body}" if on_page else ""
        self.tell("certificate", f"standing on {said.get('as-of')}, as known on {said.get('known-at')}: {said.get('state')}{page}")

    def code(self, code, salt):
        """A letter's or a slip's code, whole or from the ``#`` on."""
        code = code.rpartition("#")[2].strip()
        one = re.fullmatch(r"1\.([1-9][0-9]{0,14})\.(0|[1-9][0-9]{0,14})\.([0-9a-f]{32})\.([A-Za-z0-9_-]+)", code)
        two = re.fullmatch(r"2\.(0|[1-9][0-9]{0,14})\.([A-Za-z0-9_-]+)", code)
        text = unpacked_text((one or two)[4 if one else 2]) if one or two else None
        good = text is not None and (int(one[2]) < int(one[1]) if one else re.fullmatch(r"\S+\n[0-9-]*\n\S+\n", text))
        need(good, "code-malformed", "code", None, "1.SIZE.INDEX.SALT.TEXT or 2.POSITION.RECORD", code[:80])
        return self.letter(int(one[1]), int(one[2]), one[3], text) if one else self.slip(int(two[1]), text, salt)

    def packet(self, said, salt):
        """A packet holds the mirror's files that its own check reads."""
        if said.get("letter"):
            self.code(said["letter"], "")
        if said.get("slip") and salt:
            self.code(said["slip"], salt)
        elif said.get("slip"):
            self.tell("slip", "not checked: its salt is not in the packet; the person who holds it may type it, and nobody may demand it")
        if said.get("certificate"):
            self.certificate(said["certificate"])
        need(self.said, "packet-malformed", "packet", None, "a letter, a slip or a certificate", "none")


def read_packet(raw):
    try:
        said = json.loads(raw)
        files = {
            name: base64.b64decode(text[7:], validate=True) if text.startswith("base64:") else text.encode()
            for name, text in said["files"].items()
        }
        good = said["format"] == "callup/packet/1" and isinstance(said["call-up"], str)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        good = False
    need(good, "packet-malformed", "packet", None, "callup/packet/1", raw[:80])
    return said, files


def proved(raw, rules):
    """A C2SP tlog-proof of a letter, whose salt and text stand in its ``extra``."""
    head, gap, note = raw.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    extra = unbase64(lines[1][6:]) if len(lines) > 2 and lines[1].startswith("extra ") else None
    at = 1 if extra is None else 2
    index = re.fullmatch("index (0|[1-9][0-9]{0,18})", lines[at] if len(lines) > at else "")
    path = [unbase64(line) for line in lines[at + 1 :]]
    good = gap and lines[0] == "c2sp.org/tlog-proof@v1" and index and len(path) < 64 and all(step and len(step) == 32 for step in path)
    need(good and extra is not None, "proof-malformed", "proof", None, "a C2SP tlog-proof that carries the letter", lines[0])
    salt, _, text = extra.decode("utf-8", "replace").partition("\n")
    kind, words, said = read_letter(text, "proof")
    asked = Asked(Held({"acts/checkpoint": note}), rules, said[0] if said else "")
    size, root, since = asked.checkpoint("acts", "acts/checkpoint")
    found, here, last = entry_hash(kind, salt, text), int(index[1]), size - 1
    for step in path:
        right = here & 1 or here == last
        found = SHA(b"\x01" + (step + found if right else found + step)).digest()
        while right and here and not here & 1:
            here, last = here >> 1, last >> 1
        here, last = here >> 1, last >> 1
    holds = int(index[1]) < size and last == 0 and found == root
    need(holds, "letter-not-in-log", "proof", int(index[1]), root.hex(), found.hex())
    asked.tell("entry", f"act {index[1]}, {words}, seen by a quorum since {moment(since)}")
    return asked


def attached(raw):
    """The signed text that a certificate's page carries, taken out of the PDF; anything else as it is. What counts is that text."""
    if not raw.startswith(b"%PDF-"):
        return raw
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", raw, re.DOTALL):
        try:
            text = zlib.decompress(packed)
        except zlib.error:
            text = packed
        if text.startswith(b"callup/certificate/1"):
            return text
    return b""


def ask(what, policy_file, letter, salt):
    """Check one letter, slip, packet, certificate or proof file; gives what was found."""
    pinned = Path(policy_file).read_bytes() if policy_file else None
    if what.is_dir():
        inner = what / "log"
        log = inner if inner.is_dir() else what
        rules = Policy(pinned or read(log, "policy"), "policy")
        asked = Asked(log, rules, next(iter(rules.logs), "").rpartition("/")[0].rpartition("/")[2])
        asked.code(letter, salt)
    else:
        file = what.read_bytes()
        raw = attached(file)
        if raw.startswith((b"c2sp.org/tlog-proof", b"callup/certificate/1")):
            need(pinned, "policy", what, None, "--policy FILE, from the gazette", "none")
            rules = Policy(pinned, "policy")
            if raw.startswith(b"c2sp"):
                return proved(raw, rules).said
            call_up = re.search(r"(?m)^call-up: (\S+)$", raw.decode("utf-8", "replace"))
            asked = Asked(Held({}), rules, call_up[1] if call_up else "")
            asked.certificate(raw.decode("utf-8", "replace"), raw != file)
            return asked.said
        said, files = read_packet(raw)
        need(pinned or "policy" in files, "policy", what, None, "a policy in the packet, or --policy FILE", "none")
        asked = Asked(Held(files), Policy(pinned or files["policy"], "policy"), said["call-up"])
        asked.packet(said, salt)
    if pinned is None:
        asked.said.insert(0, "the policy was taken from what is checked: compare it with the gazette")
    return asked.said


def named_options(words):
    """The words without the options that take a value, and these."""
    words, named = list(words), {"--policy": None, "--letter": "", "--salt": ""}
    for option in named:
        if option in words[:-1]:
            at = words.index(option)
            named[option] = words[at + 1]
            del words[at : at + 2]
    return words, named


def answer(what, named, as_json):
    """Print what was found of a letter, a slip, a packet or a proof; 1 and one JSON line where it does not hold."""
    try:
        said = ask(what, named["--policy"], named["--letter"], named["--salt"])
    except Fails as failure:
        print(json.dumps(failure.line, ensure_ascii=False))
        return 1
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as failure:
        print(json.dumps(Fails("form", what, None, "files of the published form", repr(failure)).line, ensure_ascii=False))
        return 1
    print(json.dumps({"checks": True, "done": said}, ensure_ascii=False) if as_json else "\n".join([*said, "everything checks"]))
    return 0


def main(words):
    words, named = named_options(words)
    policy_file = named["--policy"]
    options = {word for word in words if word.startswith("--")}
    folders = [word for word in words if not word.startswith("--")]
    if len(folders) != 1 or options - {"--no-beacon", "--json"}:
        print(__doc__, file=sys.stderr)
        return 2
    if named["--letter"] or Path(folders[0]).is_file():
        return answer(Path(folders[0]), named, "--json" in options)
    as_json = "--json" in options
    check = Check(folders[0], "--no-beacon" in options, policy_file)
    if not as_json:
        check.announce = lambda line: print(line, flush=True)
    try:
        check.run()
    except Fails as failure:
        print(json.dumps(failure.line, ensure_ascii=False))
        return 1
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, csv.Error) as failure:
        print(json.dumps(Fails(check.step, folders[0], None, "files of the published form", repr(failure)).line, ensure_ascii=False))
        return 1
    if as_json:
        whole_truth = {
            "checks": True,
            "rehearsal": bool(check.rehearsal),
            "vouched": check.vouched,
            "done": check.done,
            "notes": [*check.notes, *CANNOT],
        }
        print(json.dumps(whole_truth, ensure_ascii=False))
    else:
        print("\n".join([*check.notes, *check.done, *CANNOT, "everything checks"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
