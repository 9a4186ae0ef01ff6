"""The pages with which a person moves the appointment that the letter gave, waits for a full day, or takes it into a calendar."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from callup.app.exports.calendar_file import Meeting, calendar_of
from callup.app.web.doors import notice_of
from callup.app.web.pages import Asked, Stop, Visit, page, sent_form, to
from callup.app.web.person.view import MOVES_IN, meeting_place, sent_line
from callup.app.web.seats import Seat
from callup.app.web.site import Site
from callup.app.web.store import PortalStore, Sent, Session
from callup.app.web.words import words_of
from callup.terms.errors import OutOfOrder

_SHOWN = 60


class AppointmentPages:
    """The handlers of the appointment.

    Args:
        site: the portal.
        known: who is signed in, as the person's pages ask it.
    """

    def __init__(self, site: Site, known: Callable[[Asked], tuple[Visit, Session]]) -> None:
        self.site, self.known = site, known

    def handlers(self) -> list[HTTPRouteHandler]:
        """Its pages and its file."""
        return [
            get("/notice/appointment", sync_to_thread=False)(self.days),
            post("/notice/appointment", status_code=200)(self.choose),
            post("/notice/appointment/move", status_code=200)(self.move),
            get("/notice/appointment.ics", sync_to_thread=False)(self.calendar),
        ]

    def _movable(self, session: Session) -> tuple[Mapping[str, Any], date, date]:
        """The case, and the first and last day to which its appointment may be moved.

        Raises:
            Stop: there is no appointment to move.
        """
        held, day = self.site.store.held(session.case_id), self.site.today()
        found, _ = self.site.standing(held, day)
        if found.state not in MOVES_IN or found.appear_on is None or found.appear_on <= day:
            raise Stop("move_none", 404)
        until = notice_of(held)["liable_until"]
        last = self.site.course.decree.closes_on
        return held, day + timedelta(days=1), min(last, until - timedelta(days=1)) if until else last

    def days(self, request: Asked) -> Response[str]:
        """The days to choose from, full ones too: for those one can wait."""
        who, session = self.known(request)
        return self._form(who, session, "")

    def offered(self, session: Session) -> tuple[Mapping[str, Any], list[tuple[str, str, int]]]:
        """The case, and place, day and free seats of each day to which its appointment may be moved."""
        held, first, last = self._movable(session)
        unit, now = str(held["notice"]["stratum"]).partition("+")[0], self.site.now()
        return held, self.site.store.seats.days(unit, first.isoformat(), last.isoformat(), now)[:_SHOWN]

    def _form(self, who: Visit, session: Session, problem: str) -> Response[str]:
        (_, rows), seats, now = self.offered(session), self.site.store.seats, self.site.now()
        own, kept = seats.of_case(session.case_id, now)
        waits = seats.waits(session.case_id)
        lines = [
            {
                "value": f"{day} {place}",
                "day": date.fromisoformat(day),
                "place": seats.address(place),
                "free": free,
                "waits": (place, day) in waits,
            }
            for place, day, free in rows
            if own is None or (place, day) != (own.place, own.day)
        ]
        shown = {"lines": lines, "own": own, "kept": self._seat_words(kept), "form": self.site.nonce(who.token, "appointment")}
        found = [("choice", words_of(who.language)[problem])] if problem else []
        return page(self.site, who, "appointment", status=422 if problem else 200, found=found, **shown)

    def _seat_words(self, seat: Seat | None) -> dict[str, Any] | None:
        if seat is None or seat.held_until is None:
            return None
        zone: Any = ZoneInfo(self.site.course.jurisdiction.calendar.zone)
        until = datetime.fromtimestamp(seat.held_until, UTC).astimezone(zone)
        told = {"day": date.fromisoformat(seat.day), "at": seat.at, "place": self.site.store.seats.address(seat.place)}
        return told | {"until": f"{until:%H:%M}", "until_day": until.date()}

    async def choose(self, request: Asked) -> Any:
        """Hold a seat of the day that was chosen, or wait for one where none is free."""
        who, session = self.known(request)
        form = await sent_form(request, lambda nonce: self.site.holds(who.token, "appointment", nonce))
        day, _, place = str(form.get("choice", "")).partition(" ")
        case, now = session.case_id, self.site.now()
        if (place, day) not in {one[:2] for one in self.offered(session)[1]}:
            return self._form(who, session, "move_choose")
        seat = await self.site.writer.perform(lambda portal: portal.seats.hold(case, place, day, now))
        if seat is None:
            await self.site.writer.perform(lambda portal: portal.seats.wait(case, place, day, now))
            return self._form(who, session, "move_full")
        return to("/notice/appointment")

    async def move(self, request: Asked) -> Response[str]:
        """Move to the seat that is held: seat and fact are one act, and the same form sent twice moves once."""
        who, session = self.known(request)
        form = await sent_form(request, lambda nonce: self.site.holds(who.token, "appointment", nonce))
        self._movable(session)
        try:
            sent = await self._taken(session, str(form["nonce"]), None)
        except OutOfOrder:
            return self._form(who, session, "move_over")
        line = sent_line(sent, words_of(who.language))
        return page(self.site, who, "receipt", line=line)

    async def moved(self, session: Session, place: str, day: str, nonce: str) -> Sent:
        """Move to a free seat of a day at once, for programs: hold and move in one act.

        Raises:
            Stop: that day is not offered.
            OutOfOrder: no seat is free there any more.
        """
        if (place, day) not in {one[:2] for one in self.offered(session)[1]}:
            raise Stop("move_choose", 422)
        return await self._taken(session, nonce, (place, day))

    async def _taken(self, session: Session, nonce: str, wanted: tuple[str, str] | None) -> Sent:
        """Take the seat that is held, or hold and take one of a day; with its fact, and once for each nonce."""
        case, now = session.case_id, self.site.now()

        def act(portal: PortalStore) -> Sent:
            before = portal.by_nonce(hashlib.sha256(nonce.encode()).digest())
            if before is not None:
                return before
            if wanted is not None:
                portal.seats.hold(case, *wanted, now)
            seat = portal.seats.take(case, now)
            if seat is None:
                raise OutOfOrder("seat-not-held", {"case": case}, "choose a day again")
            fact = {"kind": "appointment_moved", "appear_on": seat.day, "ground": seat.ground}
            return portal.keep(self.site.sent(case, fact, f"moved to {seat.day} {seat.ground}", nonce))

        found: Sent = await self.site.writer.perform(act)
        return found

    def calendar(self, request: Asked) -> Response[bytes]:
        """The appointment as an iCalendar file, which says nothing of the person."""
        _, session = self.known(request)
        held, day = self.site.store.held(session.case_id), self.site.today()
        found, own = self.site.standing(held, day)
        if found.appear_on is None:
            raise Stop("move_none", 404)
        where = meeting_place(self.site, held, own, found)
        zone, facts = self.site.course.jurisdiction.calendar.zone, self.site.touching(held, own)
        meeting = Meeting(notice_of(held), found, facts, day, zone, where["place"], where["at"])
        made = calendar_of(meeting, self.site.course.jurisdiction.forms)
        shown = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="appointment.ics"'}
        return Response(made, media_type="text/calendar", headers=shown)
