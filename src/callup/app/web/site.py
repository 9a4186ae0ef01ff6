"""What every page of the portal works with: the call-up as it stands, the stores, the day, and one writer."""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from callup.app.course import Course
from callup.app.exports.case import touching
from callup.app.stores.facts import FactStore
from callup.app.stores.viewer import SERVICE, looking_as
from callup.app.web.desk.store import DeskStore
from callup.app.web.doors import lay_doors, notice_of
from callup.app.web.papers import PaperStore, clamd
from callup.app.web.storage import Embedded, Storage, portal_key
from callup.app.web.store import PortalStore, Sent, Session, Whole
from callup.app.web.webhooks import Hook, Hooks
from callup.app.web.writer import Writer
from callup.cases import Moment, fold
from callup.notice.law_words import LawWords, law_words

IDLE, LONGEST = 30 * 60, 8 * 3600
"""A session ends after so many seconds without use, and at the latest after so many."""
SURE = ("oidc", "passkey")
"""Ways in that show who somebody is. The letter's code shows only that they hold the letter: they may read the notice and answer it, and
see neither what the register says nor the whole record (portal.md 5)."""
_NUMBER_DIGITS = 12
_STANDINGS = 1000
"""For so many cases the standing is kept in memory with the facts that it rests on; it is written nowhere."""


@dataclass(slots=True)
class Site:
    """One portal.

    Args:
        course: the call-up; its tables were laid into the portal's own store at the start.
        today: the legal day.
        now: seconds since 1970, for sessions only.
        storage: where things are kept; the dossier's own files where nothing else is said.
        scanner: the socket of clamd; without one papers stay in quarantine.
        hooks: the authority's own systems that are told when a log has grown.
        second: the roles at the desk that ask for a passkey as a second proof.
    """

    course: Course
    today: Callable[[], date]
    now: Callable[[], int]
    storage: Storage | None = None
    scanner: Path | None = None
    hooks: Sequence[Hook] = ()
    second: frozenset[str] = frozenset()
    store: PortalStore = field(init=False)
    facts: FactStore = field(init=False)
    writer: Writer = field(init=False)
    ways: dict[str, str] = field(init=False, default_factory=dict)
    """Identity providers for people: id and name."""
    law_words: dict[str, LawWords] = field(init=False)
    """The law in each language of the decree."""
    _standings: dict[str, tuple[object, Any]] = field(init=False, default_factory=dict)
    _forgotten: int = field(init=False)
    """How many persons were erased as far as this process knows."""
    alone: threading.Lock = field(init=False, default_factory=threading.Lock)
    """Held while the call-up's own engine and files are read: a page may come in a thread of its own."""

    def __post_init__(self) -> None:
        law, forms = self.course.jurisdiction.law, self.course.jurisdiction.forms
        self.law_words = {language: law_words(law, forms, language) for language in self.course.decree.languages}
        self.storage = self.storage or Embedded(self.course)
        self.store, self.facts = self.stores()
        self.writer = Writer(self.stores)
        self._forgotten = self.store.forgotten()
        with self.store.in_turn("doors"):
            lay_doors(self.course, self.store)

    def stores(self) -> tuple[PortalStore, FactStore]:
        """Connections of one's own to the portal's tables and to the facts: each thread asks for its own."""
        assert self.storage is not None, "it is set at the start"
        base = self.storage.portal()
        return PortalStore(base, portal_key(self.course)), self.storage.facts(base)

    def scan(self) -> int:
        """Have papers that wait scanned, in a thread and on a connection of one's own; gives how many were judged."""
        if self.scanner is None or self.storage is None:
            return 0
        base = self.storage.portal()
        try:
            return PaperStore(base, portal_key(self.course)).scan(clamd(self.scanner))
        finally:
            base.close()

    def tell(self) -> int:
        """Tell the authority's systems what is new in the logs, on a connection of one's own; gives how many messages went."""
        if not self.hooks or self.storage is None:
            return 0
        base = self.storage.portal()
        try:
            return Hooks(self.hooks, base, self.course.dossier.open / "log", self.course.decree.id).send(self.now())
        finally:
            base.close()

    def desk_store(self) -> DeskStore:
        """A connection of one's own to the desk's tables."""
        assert self.storage is not None, "it is set at the start"
        return DeskStore(self.storage.portal(), portal_key(self.course))

    def close(self) -> None:
        """Write what waits, then close the files."""
        self.writer.stop()
        self.store.close()
        self.facts.close()

    # ---- who is there

    def case_of(self, code: str, born: date | None) -> str | None:
        """The case that a code opens, if the date of birth belongs to it; nothing counts how often somebody tried."""
        with looking_as(SERVICE):
            case, held = self.store.case_of_code(plain_code(code)) or (None, None)
        if held is None or (held["register"]["born_on"] or "") != (born.isoformat() if born else ""):
            return None
        return case

    async def open_session(self, case: str, level: str) -> str:
        """A new session's token, once the session is kept: the writer keeps it, so that nobody else waits for the disk meanwhile."""
        token, now = os.urandom(32).hex(), self.now()
        await self.writer.perform(lambda portal: portal.open_session(token, case, level, now))
        return token

    def session(self, token: str) -> Session | None:
        """The session of a token, if it did not run out."""
        found = self.store.session(token) if token else None
        if found is None or self.now() - found.seen > IDLE or self.now() - found.began > LONGEST:
            return None
        if self.now() - found.seen > IDLE // 10:
            self.store.touch(token, self.now())
        return found

    def nonce(self, token: str, form: str) -> str:
        """A number for one form of one session: only our own page can send it, and what it sends twice counts once."""
        drawn = os.urandom(16).hex()
        return drawn + self._bound(token, form, drawn)

    def holds(self, token: str, form: str, nonce: str) -> bool:
        """Whether a form's number is one that was given to this session for this form."""
        return len(nonce) == 64 and hmac.compare_digest(nonce[32:], self._bound(token, form, nonce[:32]))

    def _bound(self, token: str, form: str, drawn: str) -> str:
        return self.store.digest("form", f"{token}\n{form}\n{drawn}").hex()[:32]

    # ---- what is held

    def whole(self, case_id: str, held: dict[str, Any] | None = None) -> Whole:
        """What a page shows of a case; what was laid of it is not read again where it is at hand."""
        return self.store.whole(case_id, self.facts, held)

    def standing(self, held: Mapping[str, Any], day: date) -> tuple[Any, list[dict[str, Any]]]:
        """What the law makes of a case on a day, and its facts."""
        notice = notice_of(held)
        own = self.facts.rows_of_case(notice["case_id"])
        return fold(*self.course.proceeding, self.touching(held, own), notice, self.moment(day)), own

    def standing_of(self, one: Whole, day: date) -> Any:
        """What the law makes of a case that was read whole; found again while day and facts are the same, for the last cases only."""
        notice, moment = notice_of(one.held), self.moment(day)
        rows = touching(one.own, one.of_nobody, notice)
        rests_on = (moment, tuple(row["fact_id"] for row in rows))
        kept = self._standings.pop(notice["case_id"], None)
        if kept is None or kept[0] != rests_on:
            kept = (rests_on, fold(*self.course.proceeding, rows, notice, moment))
        self._standings[notice["case_id"]] = kept
        if len(self._standings) > _STANDINGS:
            self._standings.pop(next(iter(self._standings)), None)
        return kept[1]

    def touching(self, held: Mapping[str, Any], own: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """A case's facts with those about nobody that touch it."""
        return touching(own, self.facts.rows_that_touch(), notice_of(held))

    def forgotten(self) -> int:
        """How many persons were erased, if that is more than `let_go` knows; else 0. What pages keep of cases is then gone from memory."""
        persons = self.store.forgotten()
        if persons == self._forgotten:
            return 0
        self._standings.clear()
        return persons

    def let_go(self, persons: int) -> None:
        """Keep in memory no fact and no table of any case: whoever needs them reads them again, without those who were erased."""
        with self.alone:
            self.course.facts.let_go()
            self.facts.let_go()
            self.course.engine.let_go()
        self._forgotten = persons

    def moment(self, day: date) -> Moment:
        """As of when a case is read on a day."""
        course = self.course
        closed = day >= course.decree.closes_on and course.dossier.finished("close")
        return Moment(day, day, course.decree.closes_on if closed else None)

    # ---- what is sent

    async def send(self, case_id: str, fact: Mapping[str, str | None], words: str, nonce: str) -> Sent:
        """Keep what a person sends, record its fact, and give the receipt; the same form twice gives the first receipt."""
        return await self.writer.send(self.sent(case_id, fact, words, nonce))

    def sent(self, case_id: str, fact: Mapping[str, str | None], words: str, nonce: str) -> Sent:
        """What a form becomes: its fact of today with the digest of its words as evidence, and the number of its receipt."""
        words = unicodedata.normalize("NFC", words)
        day, digest = self.today().isoformat(), hashlib.sha256(words.encode()).hexdigest()
        whole = {"case_id": case_id, "actor": "person", "happened_on": day, "known_on": day, "evidence": digest, **fact}
        whole = {name: unicodedata.normalize("NFC", value) if value else value for name, value in whole.items()}
        kept = hashlib.sha256(nonce.encode()).digest()
        return Sent(kept, kept.hex()[:_NUMBER_DIGITS].upper(), case_id, self.now(), whole, words, False)


def plain_code(code: str) -> str:
    """A code as it was printed: capitals, no spaces, and the letters that look like digits as digits.

    Example:
        >>> plain_code("7k3q xo-m2a")
        '7K3QX0M2A'
    """
    return "".join(code.split()).replace("-", "").upper().replace("O", "0").replace("I", "1").replace("L", "1")
