"""Conveyors against published trajectories, ledgers that close, forecasts that scale, model files that are refused."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning.models import belt, leak

from callup.app.record import past_call_ups
from callup.planning import count, draw_constants, forecast, read_model, residual
from callup.planning.belts import term_of
from callup.planning.models import months_on
from callup.planning.stocks import entered
from callup.terms.errors import BadInput

LINEAR = leak("goes", "leak_of_entry", "0.2")
TENTH = leak("goes", "leak", "tenth")


def steady(text: str) -> tuple[float, dict[str, float]]:
    """Content and flows a year when nothing changes any more."""
    found = forecast(read_model(text), {})
    return found.stocks["belt"][-1, 0], {name: 4 * row[-1, 0] for name, row in found.flows.items()}


@pytest.mark.parametrize(
    ("scenario", "text", "content", "out", "leaks"),
    [
        ("S1", belt(starts=1000), 1000, 250, []),
        ("S3", belt(LINEAR), 906.25, 200, [50]),
        ("S4", belt(TENTH), 832.699579, 166.730042, [83.269958]),
    ],
)
def test_published_conveyors(scenario, text, content, out, leaks):
    """Numbers of the conveyor specification of bpowers/simlin (docs/design/conveyors.md, section 15): inflow 250, term 4, step 1/4."""
    held, flows = steady(text)
    assert held == pytest.approx(content, abs=1e-6)
    assert flows["ends"] == pytest.approx(out, abs=1e-6)
    assert [flows[name] for name in flows if name == "goes"] == pytest.approx(leaks, abs=1e-6)


def test_an_empty_conveyor_gives_nobody_before_its_term_is_over():
    """S2: the first leave at 4, when 1,000 lie on it."""
    found = forecast(read_model(belt()), {})
    out, content = found.flows["ends"][:, 0], found.stocks["belt"][:, 0]
    assert (np.argmax(out > 0) / 4, np.argmax(content >= 1000 - 1e-9) / 4) == (4, 4)
    assert out[:16].sum() == 0


@pytest.mark.parametrize(("term", "slats"), [("4", 16), ("4.1", 16), ("4.125", 17)])
def test_a_term_between_steps_is_rounded(term, slats):
    """S7."""
    model = read_model(belt(term=term))
    assert term_of(model, model.stocks["belt"]).slats == slats
    assert np.argmax(forecast(model, {}).flows["ends"][:, 0] > 0) == slats


def test_a_share_that_changes_is_read_again():
    """S13: 0.2 of those who entered until 20, 0.4 from then on."""
    found = forecast(read_model(belt(leak("goes", "leak_of_entry", "lost"))), {}).flows["ends"][:, 0] * 4
    assert found[79] == pytest.approx(200, abs=1e-9)
    assert found[-1] == pytest.approx(150, abs=1e-9)


def test_two_leaks_add():
    """S14: both are taken of what lay there as the step began."""
    _, flows = steady(belt(TENTH, leak("signs", "leak", "tenth", "away")))
    assert flows["ends"] == pytest.approx(110.031667, abs=1e-6)
    assert flows["goes"] == pytest.approx(flows["signs"], abs=1e-12)


@pytest.mark.parametrize(("term", "before"), [("5", 5), ("2.12378", 2)])
def test_a_fixed_delay_is_a_conveyor_without_leaks(term, before):
    """SDXorg/test-models, delay_pipeline/output.tab (Vensim): 6 for as long as the delay, then an input of -1, from 5 on of 4.

    Seven is added to all, since a conveyor carries no less than nobody: what is linear is moved by as much.
    """
    text = f"""
        time = {{ unit = "month", steps = 101 }}
        constant = [{{ name = "there", value = {13 * before}, unit = "persons" }}]
        decree = [{{ name = "intake", unit = "persons/month", values = [[0, 6], [5, 11]] }}]
        stock = [{{ name = "belt", unit = "persons", starts = "there", term = "{term}" }}]
        flow = [{{ name = "comes", into = "belt", rate = "intake" }}, {{ name = "ends", from = "belt" }}]"""
    published = [6] * before + [-1] * 5 + [4] * (96 - before)
    assert forecast(read_model(text), {}).flows["ends"][:, 0] - 7 == pytest.approx(published, abs=1e-9)


@pytest.mark.parametrize(("term", "slats", "before"), [("1", 1, 10), ("2", 2, -3), ("3.7", 4, 4), ("1.5", 2, 20)])
def test_a_fixed_delay_of_a_square(term, slats, before):
    """SDXorg/test-models, delay_fixed/output.tab (Vensim), 51 rows: what stood there as long as the delay, then the square of time.

    The delays of 3.7 and 1.5 are rounded to whole steps. Seven is added to all, since a conveyor carries no less than nobody.
    """
    values = ", ".join(f"[{time}, {time * time + 7}]" for time in range(51))
    text = f"""
        time = {{ unit = "month", steps = 51 }}
        constant = [{{ name = "there", value = {(before + 7) * slats}, unit = "persons" }}]
        decree = [{{ name = "intake", unit = "persons/month", values = [{values}] }}]
        stock = [{{ name = "belt", unit = "persons", starts = "there", term = "{term}" }}]
        flow = [{{ name = "comes", into = "belt", rate = "intake" }}, {{ name = "ends", from = "belt" }}]"""
    published = [before] * slats + [time * time for time in range(51 - slats)]
    assert forecast(read_model(text), {}).flows["ends"][:, 0] - 7 == pytest.approx(published, abs=1e-9)


@given(st.floats(0, 0.02), st.lists(st.integers(0, 9000), min_size=30, max_size=60), st.integers(2, 20))
@settings(max_examples=40)
def test_a_conveyor_is_its_closed_form(share, intake, term):
    """planning.md 3: C[t+1] = C[t](1-h) + I[t] - I[t-T](1-h)^T, by another way of computing."""
    values = ", ".join(f"[{week}, {persons}]" for week, persons in enumerate(intake))
    text = f"""
        time = {{ unit = "week", steps = {len(intake)} }}
        constant = [{{ name = "h", value = {share:.12f}, unit = "1/week" }}]
        decree = [{{ name = "intake", unit = "persons/week", values = [{values}] }}]
        stock = [{{ name = "belt", unit = "persons", starts = "0", term = {term} }}]
        flow = [
          {{ name = "comes", into = "belt", rate = "intake" }}, {{ name = "ends", from = "belt" }},
          {{ name = "lost", from = "belt", leak = "h" }},
        ]"""
    h, content, expected = float(f"{share:.12f}"), 0.0, []
    for week, persons in enumerate(intake):
        content = content * (1 - h) + persons - (intake[week - term] * (1 - h) ** term if week >= term else 0)
        expected.append(content)
    assert forecast(read_model(text), {}).stocks["belt"][1:, 0] == pytest.approx(expected, rel=1e-9, abs=1e-6)


def conscripts() -> str:
    """The decrees of the record month by month, and 261,000 over 2026; a term of twelve months."""
    values = []
    for one in past_call_ups("ru"):
        if one.year >= 2023:
            first, months = (4, 3.5) if one.season == "spring" else (10, 3.0)
            monthly = one.persons / months
            values.append(f"[{one.year}-{first:02}-01, {monthly!r}]")
            if one.season == "spring":
                values += [f"[{one.year}-07-01, {monthly / 2!r}]", f"[{one.year}-08-01, 0]"]
            else:
                values.append(f"[{one.year + 1}-01-01, {21750 if one.year == 2025 else 0}]")
    return f"""
        time = {{ unit = "month", steps = 48, starts_on = 2023-01-01 }}
        decree = [{{ name = "intake", unit = "persons/month", values = [{", ".join(values)}] }}]
        stock = [{{ name = "conscripts", unit = "persons", starts = "0", term = 12 }}]
        flow = [{{ name = "called", into = "conscripts", rate = "intake" }}, {{ name = "discharged", from = "conscripts" }}]"""


def test_small_cohorts_are_counted_without_drift():
    """Some sixty persons a cohort: the ledger stays with the published contents to a few persons, not to a few in a hundred."""
    ledger = count(read_model(belt(TENTH)))
    assert ledger.stocks["belt"][-1] == pytest.approx(832.7, abs=8)
    assert sum(ledger.flows["goes"][-4:]) == pytest.approx(83.27, abs=4)


def test_a_quota_replaces_those_who_leave():
    """planning.md 1: 283,000 conscripts at the end of 2024, 295,000 of 2025, 261,000 of 2026: the year-round decree lowers the stock."""
    ledger = count(read_model(conscripts()))
    ends = {day.year - 1: persons for day, persons in zip(ledger.model.days, ledger.stocks["conscripts"], strict=True) if day.month == 1}
    assert [ends[year] for year in (2024, 2025, 2026)] == pytest.approx([283_000, 295_000, 261_000], abs=1)
    spring = [step for step, day in enumerate(ledger.model.days) if day.year == 2025 and 4 <= day.month <= 7]
    came, left = (sum(ledger.flows[name][step] for step in spring) for name in ("called", "discharged"))
    assert [came, left, came - left] == pytest.approx([160_000, 150_000, 10_000], abs=1)


AMOUNT = st.integers(0, 40_000)


@given(AMOUNT, AMOUNT, st.integers(1, 9))
@settings(max_examples=30)
def test_no_person_is_made_or_lost(starts, inflow, term):
    text = belt(TENTH, leak("signs", "leak_of_entry", "0.2", "away"), starts=starts, inflow=inflow, term=str(term), steps=60)
    ledger = count(read_model(text))
    assert all(type(persons) is int and persons >= 0 for row in (*ledger.stocks.values(), *ledger.flows.values()) for persons in row)
    assert sum(row[-1] for row in ledger.stocks.values()) == starts + entered(ledger)
    assert abs(sum(ledger.flows["comes"]) - 15 * inflow) < 1
    expected = forecast(ledger.model, {})
    assert ledger.stocks["belt"][-1] == pytest.approx(expected.stocks["belt"][-1, 0], abs=8 * term + 2)


@given(AMOUNT, AMOUNT, st.integers(2, 50))
@settings(max_examples=25)
def test_twice_the_persons_is_twice_the_stock_and_more_never_makes_less(starts, inflow, factor):
    def run(by: int, more: int = 0):
        text = belt(TENTH, leak("signs", "leak", "tenth", "away"), starts=starts * by, inflow=inflow * by + more, steps=60)
        return forecast(read_model(text), {})

    once, many, more = run(1), run(factor), run(1, 1)
    for name, row in once.stocks.items():
        assert many.stocks[name] == pytest.approx(factor * row, rel=1e-12, abs=1e-9)
        assert (more.stocks[name] >= row - 1e-9).all()


@pytest.mark.parametrize("unit", ["day", "week"])
@pytest.mark.parametrize("opens_on", [date(2023, 4, 3), date(2024, 2, 29), date(2024, 4, 1)])
def test_a_term_ends_on_the_anniversary(unit, opens_on):
    """All enter in one step; they leave in the step that begins on the anniversary or first after it. A step later: a step later."""
    days = 7 if unit == "week" else 1

    def leaves(day: date) -> date:
        model = read_model(f"""
            time = {{ unit = "{unit}", steps = {800 // days}, starts_on = {opens_on} }}
            decree = [{{ name = "intake", unit = "persons/{unit}", values = [[{day}, 100], [{day + timedelta(days=days)}, 0]] }}]
            stock = [{{ name = "belt", unit = "persons", starts = "0", term = 12 }}]
            flow = [{{ name = "comes", into = "belt", rate = "intake" }}, {{ name = "ends", from = "belt" }}]""")
        ((step, persons),) = [(step, persons) for step, persons in enumerate(count(model).flows["ends"]) if persons]
        assert persons == 100
        return model.days[step]

    left = leaves(opens_on)
    assert timedelta(0) <= left - months_on(opens_on, 12) < timedelta(days=days)
    assert leaves(opens_on + timedelta(days=days)) - left in (timedelta(0), timedelta(days=days))


def test_a_stock_gives_no_more_than_it_has_and_the_first_flow_takes_first():
    model = read_model("""
        time = { unit = "year", steps = 3 }
        stock = [{ name = "here", unit = "persons", starts = "ten" }, { name = "there", unit = "persons", starts = "0" }]
        constant = [{ name = "ten", value = 10, unit = "persons" }, { name = "seven", value = 7, unit = "persons/year" }]
        flow = [{ name = "a", from = "here", into = "there", rate = "seven" }, { name = "b", from = "here", rate = "seven" }]
    """)
    ledger = count(model)
    assert (ledger.flows["a"], ledger.flows["b"], ledger.stocks["here"]) == ((7, 0, 0), (3, 0, 0), (10, 0, 0, 0))
    assert forecast(model, {}, 2).stocks["there"].tolist() == [[0, 0], [7, 7], [7, 7], [7, 7]]


def test_draws_run_side_by_side_and_the_residual_has_a_name():
    text = belt().replace('unit = "persons/year"', 'unit = "persons/year"\nuniform = [200, 300]')
    model = read_model(text)
    drawn = draw_constants(model, np.random.default_rng(7), 500)
    assert sorted(drawn) == ["inflow"]
    computed = forecast(model, drawn, 500).stocks["belt"][-1]
    assert computed == pytest.approx(4 * drawn["inflow"])
    said = residual("unexplained", computed, 700.0)
    assert (said.name, said.share_below) == ("unexplained", 0.0)
    assert said.gap == pytest.approx(float(np.median(computed)) - 700)
    assert said.lowest > 800 - 1e-9
    assert residual("unexplained", computed, 1200.0).share_below == 1.0


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("title =", "colour =", "model-unknown-key"),
        ('rate = "inflow"', 'rate = "inflow"\nspeed = 3', "model-unknown-key"),
        ('rate = "inflow"', 'rate = "starts"', "unit-wrong"),
        ('rate = "inflow"', 'rate = "inflow + starts"', "units-differ"),
        ('rate = "inflow"', 'rate = "flood"', "expression-unknown-name"),
        ('rate = "inflow"', 'rate = "inflow ** 2"', "expression-outside-vocabulary"),
        ('rate = "inflow"', "rate = \"__import__('os')\"", "expression-outside-vocabulary"),
        ('rate = "inflow"', 'rate = "starts.real"', "expression-outside-vocabulary"),
        ('rate = "inflow"', 'rate = "inflow if 1 else 0"', "expression-outside-vocabulary"),
        ('rate = "inflow"', 'rate = "inflow +"', "expression-unreadable"),
        ('rate = "inflow"', 'rate = "True"', "expression-outside-vocabulary"),
        ('from = "belt"', 'from = "nowhere"', "model-flow"),
        ('name = "ends"\nfrom = "belt"', 'name = "ends"\nfrom = "away"', "model-flow"),
        ('name = "ends"\nfrom = "belt"', 'name = "ends"\nfrom = "belt"\nrate = "inflow"', "model-flow"),
        ('name = "ends"\nfrom = "belt"', 'name = "ends"\nfrom = "belt"\nleak = "tenth"', "model-term-end"),
        ('name = "ends"', 'name = "comes"', "model-name"),
        ('name = "away"', 'name = "outside"', "model-name"),
        ('unit = "persons/year"', 'unit = "Persons per year"', "unit-unreadable"),
        ('term = "4"', 'term = "-4"', "model-term"),
        ('term = "4"', 'term = "soon"', "model-unreadable"),
        ("value = 250", "worth = 250", "model-unknown-key"),
        ("value = 250\n", "", "model-lacks"),
        ("value = 250", "value = 250\nuniform = [3, 2]", "model-prior"),
        ("[[0, 0.2], [20, 0.4]]", "[[20, 0.2], [0, 0.4]]", "model-decree"),
        ("[[0, 0.2], [20, 0.4]]", "[[2025-04-01, 0.2]]", "model-decree"),
        ("steps = 160", 'steps = 160, starts_on = 2025-04-01', "model-calendar"),
        ("[[stock]]", "[stock", "model-unreadable"),
    ],
)  # fmt: skip
def test_a_model_is_refused(old, new, code):
    text = belt()
    assert old in text
    with pytest.raises(BadInput) as refused:
        read_model(text.replace(old, new))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("value = 250", "value = -250", "flow-backwards"),
        ("value = 0.1", "value = 9", "leak-more-than-all"),
        ("value = 0\n", "value = -1\n", "start"),
    ],
)
@pytest.mark.parametrize("run", [count, lambda model: forecast(model, {})])
def test_a_run_is_refused(old, new, code, run):
    text = belt(TENTH)
    assert old in text
    with pytest.raises(BadInput, match=code):
        run(read_model(text.replace(old, new)))


def test_a_ledger_has_no_half_person_and_divides_by_nothing():
    with pytest.raises(BadInput, match="ledger-start"):
        count(read_model(belt().replace("value = 0\n", "value = 0.5\n")))
    with pytest.raises(BadInput, match="expression-divides-by-zero"):
        count(read_model(belt().replace('rate = "inflow"', 'rate = "inflow * tenth / (tenth - tenth)"')))


def test_draws_must_fit():
    model = read_model(belt())
    with pytest.raises(BadInput, match="forecast-draws"):
        forecast(model, {"inflow": np.ones(3)}, 2)
    with pytest.raises(BadInput, match="forecast-draws"):
        forecast(model, {"flood": np.ones(2)}, 2)
    with pytest.raises(BadInput, match="residual-of-nothing"):
        residual("unexplained", np.array([]), 1.0)
