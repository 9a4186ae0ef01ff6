"""A model as XMILE, read back by a small reader of its own that shares nothing with the engine."""

import bisect
import contextlib
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
from planning.models import belt, leak

from callup.app.record import model_text
from callup.app.record.public import public_claims
from callup.planning import forecast, read_model
from callup.planning.xmile import NAMESPACE, xmile
from callup.terms.errors import BadInput

N = {"x": NAMESPACE}


def listed(element, name):
    return [one.text for one in element.findall(f"x:{name}", N)]


def points(element, name):
    return [float(one) for one in element.find(f"x:gf/x:{name}", N).text.split(",")]


def value(one, known):
    return eval(one.find("x:eqn", N).text, {"min": min, "max": max}, known)


def has(one, name):
    return one.find(f"x:{name}", N) is not None


def computed(auxiliaries, time, level):
    """Every auxiliary at a time, in the order of the file; those that need a stock that is not known yet are left out."""
    known = dict(level)
    for one in auxiliaries:
        if has(one, "gf"):
            known[one.get("name")] = points(one, "ypts")[bisect.bisect_right(points(one, "xpts"), time) - 1]
        else:
            with contextlib.suppress(NameError):
                known[one.get("name")] = value(one, known)
    return known


def step_on(belts, stocks, flows, known, dt):
    """Belts lose their leaks, give their front slat and take what came; returns the content of every stock a step on."""
    moved = {one.get("name"): value(one, known) * dt for one in flows if has(one, "eqn")}
    for one in stocks:
        if has(one, "conveyor"):
            first, *leaks = listed(one, "outflow")
            belt_ = [content * (1 - sum(moved[name] for name in leaks)) for content in belts[one.get("name")]]
            moved |= {name: moved[name] * sum(belts[one.get("name")]) for name in leaks}
            moved[first] = belt_.pop(0)
            belts[one.get("name")] = belt_
    after = {}
    for one in stocks:
        came, left = (sum(moved[name] for name in listed(one, side)) for side in ("inflow", "outflow"))
        after[one.get("name")] = known[one.get("name")] + came - left
        if has(one, "conveyor"):
            belts[one.get("name")].append(came)
            assert sum(belts[one.get("name")]) == pytest.approx(after[one.get("name")])
    return after


def read_back(text):
    """Run an XMILE file by Euler's method, conveyors as queues of slats; the content of each stock by step."""
    root = Xml.fromstring(text)
    dt, stop = (float(root.find(f"x:sim_specs/x:{name}", N).text) for name in ("dt", "stop"))
    auxiliaries, stocks, flows = (root.findall(f"x:model/x:variables/x:{kind}", N) for kind in ("aux", "stock", "flow"))
    known = computed(auxiliaries, 0, {})
    level = {one.get("name"): float(value(one, known)) for one in stocks}
    belts = {}
    for one in stocks:
        if has(one, "conveyor"):
            slats = round(float(one.find("x:conveyor/x:len", N).text) / dt)
            belts[one.get("name")] = [level[one.get("name")] / slats] * slats
    course = [level]
    for step in range(round(stop / dt)):
        course.append(step_on(belts, stocks, flows, computed(auxiliaries, step * dt, course[-1]), dt))
    return {name: [level[name] for level in course] for name in level}


def test_the_model_of_strength_runs_the_same_elsewhere():
    model = read_model(model_text("ru", "strength.toml"), public_claims("ru"))
    course, found = read_back(xmile(model)), forecast(model, {})
    assert sorted(course) == ["conscripts", "contract"]
    for name, row in course.items():
        assert row == pytest.approx(found.stocks[name][:, 0], rel=1e-9)
        assert np.ptp(row) > 1000


def test_a_leak_runs_the_same_elsewhere():
    model = read_model(belt(leak("goes", "leak", "tenth"), starts=100, steps=80))
    course, found = read_back(xmile(model)), forecast(model, {})
    assert course["belt"] == pytest.approx(found.stocks["belt"][:, 0], rel=1e-9)


def test_what_the_file_says():
    text = xmile(read_model(belt(leak("goes", "leak", "tenth"))))
    assert '<uses_conveyor leak="true" />' in text
    assert '<conveyor exponential_leak="true">' in text
    assert "<len>4.0</len>" in text
    assert text == xmile(read_model(belt(leak("goes", "leak", "tenth"))))
    assert 'exponential_leak="false"' in xmile(read_model(belt(leak("goes", "leak_of_entry", "lost"))))


def test_two_kinds_of_leak_are_not_xmile():
    with pytest.raises(BadInput, match="xmile-leaks-mixed"):
        xmile(read_model(belt(leak("goes", "leak", "tenth"), leak("signs", "leak_of_entry", "lost"))))
