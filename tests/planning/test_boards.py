"""The board's day, beside two programs that we did not write (SimPy, Ciw) and closed values: who leaves when, and how long people wait."""

import random
from dataclasses import replace
from math import factorial

import ciw
import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm

from callup.app.commands.plan_weeks import BOARD
from callup.planning.boards import Board, board_day, critical_share, leave_times, to_invite
from callup.terms.errors import BadInput

APPEAR, DAYS = 0.85, 1_000
MINUTES = np.array(BOARD.minutes)


CIW_COPIES = pytest.mark.filterwarnings("ignore:Pickle, copy, and deepcopy support:DeprecationWarning")
"""Ciw copies an iterator, which Python 3.13 and 3.12 warn of and 3.14 refuses."""


def one_day(seed, persons=80, desks=(1,) * 9):
    """Times of coming and minutes at each station of one drawn day."""
    generator = np.random.default_rng(seed)
    arrive = np.sort(np.maximum(np.arange(persons) * 5 + 4 * generator.standard_normal(persons), 0))
    return arrive, MINUTES[: len(desks)] * np.array(desks) * generator.lognormal(-0.125, 0.5, (persons, len(desks)))


def by_simpy(arrive, minutes, desks):
    """SimPy: one process a person."""
    world = simpy.Environment()
    stations = [simpy.Resource(world, number) for number in desks]
    left = np.empty(len(arrive))

    def person(one):
        yield world.timeout(arrive[one])
        for station, takes in zip(stations, minutes[one], strict=True):
            with station.request() as asked:
                yield asked
                yield world.timeout(takes)
        left[one] = world.now

    for one in range(len(arrive)):
        world.process(person(one))
    world.run()
    return left


def by_ciw(arrive, minutes, desks):
    """Ciw: a network of nodes in a row, each with the same minutes in the same order."""
    stations = len(desks)
    onward = np.eye(stations, k=1).tolist()
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*np.diff(arrive, prepend=0).tolist(), 1e9]), *[None] * (stations - 1)],
        service_distributions=[ciw.dists.Sequential(column.tolist()) for column in minutes.T],
        number_of_servers=list(desks),
        routing=onward,
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(len(arrive))
    return np.sort([row.exit_date for row in simulation.get_all_records() if row.node == stations])


@pytest.mark.parametrize("desks", [(1,) * 9, (2, 1, 3, 1, 2)])
def test_simpy_lets_everybody_leave_at_the_same_minute(desks):
    """To the last bit: both add the same minutes in the same order."""
    for seed in range(4):
        arrive, minutes = one_day(seed, desks=desks)
        assert leave_times(arrive[None], minutes[None], desks)[0].tolist() == by_simpy(arrive, minutes, desks).tolist()


@CIW_COPIES
def test_ciw_lets_everybody_leave_at_the_same_minute():
    arrive, minutes = one_day(7)
    assert leave_times(arrive[None], minutes[None], (1,) * 9)[0] == pytest.approx(by_ciw(arrive, minutes, (1,) * 9), abs=1e-6)


@CIW_COPIES
def test_ciw_with_several_desks_and_equal_minutes():
    """With equal minutes it makes no difference whose they are, so that several desks can be compared as well."""
    desks = (2, 3, 1)
    arrive, _ = one_day(8)
    minutes = np.broadcast_to([9.0, 14.0, 4.5], (len(arrive), 3))
    assert np.sort(leave_times(arrive[None], minutes[None], desks)[0]) == pytest.approx(by_ciw(arrive, minutes, desks), abs=1e-6)


def test_who_does_not_come_is_not_waited_for():
    arrive, minutes = one_day(9)
    absent = np.where(np.arange(len(arrive)) % 7 == 3, np.inf, arrive)
    left = leave_times(absent[None], minutes[None], (1,) * 9)[0]
    came = np.isfinite(absent)
    assert left[came].tolist() == leave_times(absent[came][None], minutes[came][None], (1,) * 9)[0].tolist()
    assert np.isinf(left[~came]).all()


def by_simpy_in_words(board, appear, invited, days, seed):
    """The day as the guide says it, drawn by Python's own generator and run by SimPy: minutes waited, through in time, overtime, by day."""
    draw = random.Random(seed)
    rows = []
    for _ in range(days):
        last = board.day_minutes - sum(board.minutes)
        due = [last * number / (invited - 1) + draw.gauss(0, board.unpunctual) for number in range(invited) if draw.random() < appear]
        arrive = np.maximum(due, 0)
        minutes = np.array([[mean * draw.lognormvariate(-(board.spread**2) / 2, board.spread) for mean in board.minutes] for _ in due])
        left = by_simpy(arrive, minutes, board.desks)
        rows.append(((left - arrive - minutes.sum(1)).mean(), (left <= board.day_minutes).mean(), max(left.max() - board.day_minutes, 0)))
    return np.array(rows)


def test_simpy_finds_the_same_day_with_draws_of_its_own():
    """Wait, share seen and overtime within four standard errors; SimPy draws the fewer days."""
    days = 50
    found = board_day(BOARD, APPEAR, DAYS, np.random.default_rng(5))
    theirs = by_simpy_in_words(BOARD, APPEAR, found.invited, days, 5)
    errors = theirs.std(axis=0, ddof=1) / np.sqrt(days)
    assert found.error < errors[0] < 2
    assert (np.abs(theirs.mean(axis=0) - [found.wait, found.seen, found.overtime]) < 4 * errors).all()


def erlang_c(come, serve, desks):
    """The chance of waiting and the mean wait of M/M/c, in its closed form."""
    load = come / serve
    busy = load**desks / factorial(desks) * desks / (desks - load)
    chance = busy / (sum(load**number / factorial(number) for number in range(desks)) + busy)
    return chance, chance / (desks * serve - come)


def test_the_queue_waits_as_erlang_says_and_as_ciw_finds():
    """M/M/3 with 0.2 coming and 0.1 served a minute: 4/9 wait, 4.444 minutes in the mean (planning.md 7.A)."""
    chance, mean = erlang_c(0.2, 0.1, 3)
    assert (chance, mean) == pytest.approx((4 / 9, 40 / 9))
    generator = np.random.default_rng(11)
    arrive = generator.exponential(5, (400, 1500)).cumsum(axis=1)
    minutes = generator.exponential(10, (400, 1500, 1))
    wait = (leave_times(arrive, minutes, (3,)) - arrive - minutes[..., 0])[:, 300:]
    error = wait.mean(axis=1).std(ddof=1) / 20
    assert error < 0.12
    assert wait.mean() == pytest.approx(mean, abs=4 * error)
    assert (wait > 1e-9).mean() == pytest.approx(chance, abs=4 * (wait > 1e-9).mean(axis=1).std(ddof=1) / 20)
    assert ciw_wait(50_000) == pytest.approx(wait.mean(), abs=4 * error * np.sqrt(400 * 1200 / 10_000))


def ciw_wait(minutes):
    """Ciw's mean wait over so many minutes."""
    ciw.seed(3)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=0.2)],
        service_distributions=[ciw.dists.Exponential(rate=0.1)],
        number_of_servers=[3],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(minutes)
    return np.mean([row.waiting_time for row in simulation.get_all_records()])


def test_the_newsvendor_s_published_answers():
    """planning.md 7.A: one too few costs 2, one too many 5. Demand uniform from 50 to 80: 58.57; normal, 50 and 20: 38.68."""
    share = critical_share(5 / 2)
    assert 50 + 30 * share == pytest.approx(58.57, abs=0.005)
    assert norm.ppf(share, 50, 20) == pytest.approx(38.68, abs=0.005)


def test_bookings_of_a_published_flight():
    """LINGO's sample OBOOK2 (planning.md 7.A): 16 seats, 4 in 100 do not come, 225 a seat, 100 a person too many: 17, worth 3,509.63."""

    def worth(bookings):
        come = np.arange(bookings + 1)
        return float(binom.pmf(come, bookings, 0.96) @ (225 * np.minimum(come, 16) - 100 * np.maximum(come - 16, 0)))

    assert to_invite(16, 0.96, 100 / 225) == 17
    assert worth(17) == pytest.approx(3509.63, abs=0.005)


@given(st.integers(1, 60), st.floats(0.5, 0.99), st.floats(0.1, 6))
@settings(max_examples=25)
def test_no_other_number_is_worth_more(slots, appear, sent_home):
    """The rule is the direct expectation's maximum, and newsvendor's: as many as leave a slot empty with chance up to S / (1 + S)."""

    def worth(number):
        come = np.arange(number + 1)
        return float(binom.pmf(come, number, appear) @ (np.minimum(come, slots) - sent_home * np.maximum(come - slots, 0)))

    number = to_invite(slots, appear, sent_home)
    assert worth(number) >= max(worth(other) for other in range(slots, 2 * number + 3)) - 1e-9


@given(st.integers(20, 100), st.integers(1, 30))
@settings(max_examples=10)
def test_more_slots_never_wait_less(slots, more):
    few, many = (board_day(replace(BOARD, slots=number), APPEAR, 60, np.random.default_rng(1)) for number in (slots, slots + more))
    assert many.wait >= few.wait - 3 * (many.error + few.error)
    assert many.invited > few.invited


def test_a_second_desk_at_every_station_shortens_the_wait():
    one, two = (board_day(replace(BOARD, desks=(number,) * 9), APPEAR, 100, np.random.default_rng(2)) for number in (1, 2))
    assert two.wait < one.wait / 3
    assert two.overtime < one.overtime


@pytest.mark.parametrize(
    "change",
    [
        {"slots": 0},
        {"desks": (1,)},
        {"desks": (0,) * 9},
        {"minutes": (), "desks": ()},
        {"spread": -1.0},
        {"sent_home": 0.0},
        {"day_minutes": 30.0},
    ],
)
def test_boards_refused(change):
    with pytest.raises(BadInput, match="board-numbers"):
        board_day(replace(BOARD, **change), APPEAR, 5, np.random.default_rng(1))
    with pytest.raises(BadInput, match="board-numbers"):
        board_day(BOARD, 1.5, 5, np.random.default_rng(1))


def test_a_board_where_all_come_on_time_and_take_what_is_said_keeps_nobody_waiting():
    still = Board(40, 480.0, (5.0, 5.0), (1, 1), 0.0, 0.0, 3.0)
    day = board_day(still, 1.0, 3, np.random.default_rng(1))
    assert (day.invited, day.wait, day.seen, day.overtime) == pytest.approx((40, 0, 1, 0), abs=1e-9)


@pytest.mark.parametrize(("appear", "sent_home"), [(0.8, 0.0), (0.0, 3.0), (1.5, 3.0)])
def test_a_rule_without_an_end_is_refused(appear, sent_home):
    with pytest.raises(BadInput, match="board-numbers"):
        to_invite(85, appear, sent_home)
