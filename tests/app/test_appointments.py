"""Moving an appointment: never two on one seat, never a seat refused that is free, and nobody loses the one that the letter gave."""

import asyncio
import re
from datetime import date, timedelta

import pytest
from app.portal_line import DAY, nonce_of, sign_in, somebody

from callup.app.acts import add_fact
from callup.app.stages.noticing import moved_seats
from callup.app.standing import summonses
from callup.app.web.seats import HOLD, OFFER, read_ground
from callup.app.web.writer import Writer


def facts(site, person, kind="appointment_moved"):
    return [row for row in site.facts.of_case(person["case_id"]).to_pylist() if row["kind"] == kind]


def choices(client):
    """The days offered, with what is said of each."""
    text = client.get("/notice/appointment").text
    return dict(re.findall(r'name="choice" type="radio" value="([^"]+)">\s*<label[^>]*>([^<]+)</label>', text))


def hold(client, choice):
    form = nonce_of(client.get("/notice/appointment").text, "/notice/appointment")
    return client.post("/notice/appointment", data={"nonce": form, "choice": choice}, follow_redirects=False)


def move(client):
    form = nonce_of(client.get("/notice/appointment").text, "/notice/appointment/move")
    return client.post("/notice/appointment/move", data={"nonce": form})


def fill(site, place, day):
    """Take every free seat of a day, for people who are not there."""
    base = site.store._base
    sql = "UPDATE seat SET case_id = printf('%s %s %d', place, day, n) WHERE place = ? AND day = ? AND case_id IS NULL"
    base.run(sql, (place, day))


def test_every_letter_has_its_own_seat(clocked):
    seats, rows = clocked.site.store.seats, summonses(clocked.site.course).to_pylist()
    for row in rows:
        own, held = seats.of_case(row["case_id"], 0)
        assert (own.place, own.day, own.at, held) == (row["place_id"], row["appear_on"].isoformat(), row["appear_at"], None)
    taken = clocked.site.store._base.value("SELECT count(*) FROM seat WHERE case_id IS NOT NULL")
    assert taken == len(rows) < seats.seats()


def test_a_person_moves_and_everything_says_the_new_day(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    offered = choices(client)
    choice = next(reversed(offered))
    assert hold(client, choice).status_code == 303
    text = client.get("/notice/appointment").text
    assert "Held for you until" in text
    assert f" {person['appear_on'].day} {person['appear_on']:%B} 2025 at " in client.get("/notice").text, (
        "the old day stands until one has moved"
    )
    assert move(client).status_code == 200
    (moved,) = facts(clocked.site, person)
    day, _, place = choice.partition(" ")
    at, _, told = read_ground(moved["ground"])
    assert (moved["appear_on"].isoformat(), told, moved["actor"]) == (day, place, "person")
    page = client.get("/notice").text
    assert f"at {at}" in page
    assert clocked.site.store.seats.address(place) in page
    file = client.get("/notice/appointment.ics")
    assert f":{day.replace('-', '')}T{at.replace(':', '')}00" in file.text.replace("\r\n ", "")
    assert clocked.site.store.held(person["case_id"])["address"]["name"] not in file.text
    own, held = clocked.site.store.seats.of_case(person["case_id"], clocked.time)
    assert (own.day, own.at, held) == (day, at, None)
    told = (person["place_id"], person["appear_on"].isoformat(), person["appear_at"])
    freed = clocked.site.store._base.rows("SELECT case_id FROM seat WHERE place = ? AND day = ? AND at = ?", told)
    assert (None,) in freed


def test_a_hold_ends_and_the_old_seat_stays(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    choice = next(iter(choices(client)))
    hold(client, choice)
    text = client.get("/notice/appointment").text
    clocked.time += HOLD
    form = nonce_of(text, "/notice/appointment/move")
    late = client.post("/notice/appointment/move", data={"nonce": form})
    assert (late.status_code, "your old place is still yours" in late.text) == (422, True)
    assert facts(clocked.site, person) == []
    assert clocked.site.store.seats.of_case(person["case_id"], clocked.time)[0].day == person["appear_on"].isoformat()
    asyncio.run(clocked.site.writer.perform(lambda portal: portal.seats.sweep(clocked.time)))
    assert clocked.site.store._base.value("SELECT count(*) FROM seat WHERE held_until IS NOT NULL") == 0


def test_the_same_form_twice_moves_once(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    hold(client, next(iter(choices(client))))
    form = nonce_of(client.get("/notice/appointment").text, "/notice/appointment/move")
    first, second = (client.post("/notice/appointment/move", data={"nonce": form}) for _ in range(2))
    number = re.compile(r"Number ([0-9A-F]{12})")
    assert number.search(first.text)[1] == number.search(second.text)[1]
    assert len(facts(clocked.site, person)) == 1


def test_who_waits_longest_is_offered_the_seat_that_becomes_free(client, clocked):
    site = clocked.site
    first, second, third = (somebody(site, at) for at in range(3))
    sign_in(client, first)
    unit = first["stratum"]
    same = [person for person in (somebody(site, at) for at in range(16)) if person["stratum"] == unit and person != first][:2]
    waiting, later = same
    choice = next(iter(choices(client)))
    day, _, place = choice.partition(" ")
    hold(client, choice)
    move(client)
    fill(site, place, day)
    for person in (waiting, later):
        sign_in(client, person)
        assert "you wait for a place" in hold(client, choice).text
        clocked.time += 60
    assert "full; you wait" in choices(client)[choice]
    sign_in(client, first)
    hold(client, next(one for one in choices(client) if one != choice))
    move(client)
    assert site.store.seats.of_case(later["case_id"], clocked.time)[1] is None
    offered = site.store.seats.of_case(waiting["case_id"], clocked.time)[1]
    assert (offered.place, offered.day) == (place, day)
    clocked.time += OFFER
    asyncio.run(site.writer.perform(lambda portal: portal.seats.sweep(clocked.time)))
    assert site.store.seats.of_case(later["case_id"], clocked.time)[1].day == day, "then the next"
    assert third or second


@pytest.mark.parametrize("ask", ["2030-01-01 nowhere", "", "x"])
def test_only_what_is_offered_can_be_chosen(client, clocked, ask):
    sign_in(client, somebody(clocked.site))
    answer = hold(client, ask)
    assert (answer.status_code, "govuk-error-summary" in answer.text) == (422, True)


def test_who_need_not_come_has_nothing_to_move(client, clocked):
    person = somebody(clocked.site)
    fields = {"case_id": person["case_id"], "notice_id": person["notice_id"], "reason": "taken back", "second": "Two", "evidence": "0" * 64}
    add_fact(clocked.site.facts, "withdrawn", "official: One", (DAY, DAY), fields)
    sign_in(client, person)
    assert client.get("/notice/appointment").status_code == 404
    clocked.day = person["appear_on"] + timedelta(days=1)
    sign_in(client, somebody(clocked.site, 1))
    assert all(date.fromisoformat(one[:10]) > clocked.day for one in choices(client))


def test_four_thousand_people_and_four_hundred_seats(clocked):
    """Exactly 400: never 401, and nobody is refused while a seat is free (portal.md 12)."""
    site = clocked.site
    store = site.store
    store.seats.lay([("hall", "FR-N", "The hall")], (("hall", "2025-06-02", n, f"{8 + n // 50:02}:{n % 50:02}") for n in range(400)), [])
    writer = Writer(site.stores)
    writer.start()

    async def one(number):
        case = f"{number:024x}"
        seat = await writer.perform(lambda portal: portal.seats.hold(case, "hall", "2025-06-02", 1_000_000))
        return None if seat is None else await writer.perform(lambda portal: portal.seats.take(case, 1_000_001))

    async def all_at_once():
        return await asyncio.gather(*(one(number) for number in range(4000)))

    found = [seat for seat in asyncio.run(all_at_once()) if seat is not None]
    assert len(found) == 400
    assert len({seat.n for seat in found}) == 400
    counted = "SELECT count(*), count(DISTINCT case_id) FROM seat WHERE place = 'hall' AND case_id IS NOT NULL"
    assert store._base.rows(counted) == [(400, 400)]
    writer.stop()


def test_a_later_wave_finds_no_seat_to_which_somebody_moved(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    choice = next(reversed(choices(client)))
    hold(client, choice)
    move(client)
    (moved,) = facts(clocked.site, person)
    _, number, place = read_ground(moved["ground"])
    assert moved_seats(clocked.site.course, 2) == {}, "what is recorded after a wave was signed does not change it"
    clocked.site.course.dossier.finish("size-2", [], sizes={}, facts=clocked.site.facts.last_seq())
    assert moved_seats(clocked.site.course, 2) == {(place, moved["appear_on"]): frozenset({number})}
