"""What the interface for programs takes and gives, as values with names and limits; OpenAPI is made from these."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Words = Annotated[str, Meta(max_length=8000)]
Number = Annotated[str, Meta(pattern="^[0-9A-F]{12}$", description="number of a receipt")]
CaseNumber = Annotated[str, Meta(pattern="^[0-9a-f]{24}$", description="number of a case")]


class Problem(Struct):
    """A refusal (RFC 9457): what kind, in words, with the status of the answer; nothing of what was asked was done."""

    type: str
    title: str
    status: int
    detail: str = ""


class Receipt(Struct):
    """What somebody sent is kept and recorded: its number, its day, and the SHA-256 of its words."""

    number: Number
    received_on: date
    digest: str


class Credentials(Struct):
    """The code on the letter and the date of birth."""

    code: Annotated[str, Meta(max_length=40)]
    born_on: date


class Token(Struct):
    """A session: send it as ``Authorization: Bearer``; it ends by itself."""

    token: str
    level: Literal["letter", "oidc", "passkey"]


class Notice(Struct):
    """One's own notice as it stands today."""

    number: str
    state: str
    service: str
    served_on: date | None
    answer_by: date | None
    appear_on: date | None
    appear_at: str
    place: str
    rests: bool
    may_ask_for: list[str]
    open_claims: list[str]


class Claim(Struct):
    """Something asked for; ``kind`` is one of ``may_ask_for`` of the notice."""

    kind: Annotated[str, Meta(max_length=40)]
    words: Words = ""


class PaperSent(Struct):
    """A paper that is handed in: a PDF, a JPEG or a PNG in base64, with its file name."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    content: bytes


class Paper(Struct):
    """A paper as it is kept, without what it could carry: being checked, clean, or refused. The digest is of what is kept."""

    number: int
    name: str
    kind: str
    digest: str
    received_at: datetime
    state: Literal["waiting", "clean", "refused"]


class Entered(Struct):
    """Something that was sent, and where it stands in the acts log; ``proof`` is a C2SP tlog-proof with its signed tree head.

    Until a checkpoint covers it there is neither index nor proof: it is kept all the same.
    """

    number: Number
    kind: str
    received_on: date
    digest: str
    index: int | None
    proof: str | None


class Statement(Struct):
    """A sentence of one's own."""

    words: Annotated[str, Meta(min_length=1, max_length=8000)]


class Withdrawal(Struct):
    """Which open claim is taken back, by its number in one's notice."""

    ref: Annotated[str, Meta(min_length=1, max_length=40)]


class Progress(Struct):
    """How the call-up goes, as of the last Sunday: each table by its name, a row as an object; a number left out is null."""

    as_of: date | None
    persons_to_enlist: int
    tables: dict[str, list[dict[str, str | int | None]]]


class Access(Struct):
    """Somebody opened the file, or it was given to a body by a court's order."""

    day: date
    who: str
    reason: str


class Day(Struct):
    """A place and a day to which the appointment may be moved, with how many seats are free."""

    place: Annotated[str, Meta(max_length=120)]
    day: date
    free: int = 0


class Waiting(Struct):
    """A row of the desk's queue: a number, what is due, and by when; never a name."""

    case: CaseNumber
    unit: str
    step: str
    by_on: date | None
    overdue: bool
    proposed_by: str | None


class Queue(Struct):
    """A page of the queue; ``next`` is the cursor of the next page, or nothing."""

    rows: list[Waiting]
    next: str | None


class Opening(Struct):
    """Why a case is opened; the person reads it."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class Case(Struct):
    """An opened case: what is known, what the law makes of it, what is due."""

    case: CaseNumber
    unit: str
    state: str
    step: str
    by_on: date | None
    article: str
    register: dict[str, Any]
    rules: list[dict[str, str]]
    facts: list[dict[str, str]]


class Proposed(Struct):
    """What one official proposes; another decides."""

    kind: Annotated[str, Meta(max_length=40)]
    outcome: Annotated[str, Meta(max_length=40)]
    reason: Annotated[str, Meta(min_length=1, max_length=2000)]
    until: date | None = None


class Proposal(Struct):
    """A proposal by its number."""

    number: int
    state: str


class Decision(Struct):
    """Accept a proposal, or send it back with a word why."""

    accept: bool
    note: Annotated[str, Meta(max_length=500)] = ""


class CallUp(Struct):
    """The call-up as everyone may know it."""

    id: str
    title: str
    authority: str
    opens_on: date
    closes_on: date
    persons_to_enlist: int
    rehearsal: bool
    waves_entered: int
    log: list[str]
