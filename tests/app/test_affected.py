"""Whether a law affects somebody, asked in a browser: the same answers as the oracle of every engine, and nothing leaves the page."""

import json
import random
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest

from callup.jurisdictions import available, load
from callup.law import Window
from callup.law.findings import interval
from callup.law.portable import portable
from callup.notice.law_words import law_words, lint_law_words

SCRIPT = Path(__file__).parents[2] / "src" / "callup" / "app" / "web" / "static" / "affected.js"
ASK = """
require("vm").runInThisContext(require("fs").readFileSync(process.argv[1], "utf8"));
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(({ law, persons }) => persons.map((person) => {
  const found = interval(law, person);
  return [found.finding, found.rule, found.until, found.liable_from, found.liable_until];
}))));
"""


def in_browser(laws):
    """What the page's script answers, run by Node: [(law as plain values, persons)]."""
    asked = json.dumps([{"law": law, "persons": persons} for law, persons in laws], default=str)
    done = subprocess.run(["node", "-e", ASK, str(SCRIPT)], input=asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_oracle(law, person, window):
    found = interval(law, person, window)
    days = (found.until, found.liable_from, found.liable_until)
    return [found.finding, found.rule, *(day and day.isoformat() for day in days)]


def anybody(law, window, drawn):
    """A person of whom every fourth thing is not known; birthdays on the edge and on 29 February among them."""
    person = {}
    for name, column in law.columns.items():
        if drawn.random() < 0.25:
            continue
        if column.type == "date" and column.kind == "birth date":
            edge = date(window.key.year - drawn.choice([18, 19, 20, 27, 30, 65]), window.key.month, window.key.day)
            person[name] = drawn.choice(
                [edge, edge - timedelta(1), edge + timedelta(1), edge + timedelta(drawn.randint(-4000, 4000)), date(2004, 2, 29)]
            )
        elif column.type == "date":
            person[name] = window.first + timedelta(drawn.randint(-60, 200))
        elif column.type == "flag":
            person[name] = drawn.random() < 0.2
        elif column.type == "number":
            person[name] = drawn.randint(0, 300) if drawn.random() < 0.2 else 0
        else:
            person[name] = drawn.choice(["m", "f", "RU", "LT", "LV", "DK", "US", "CH", "fit", "unfit", "A", "V", "G", "RU-MOW", "other"])
    return person


@pytest.mark.node
def test_the_browser_answers_as_the_oracle_does():
    """Every example of every jurisdiction, and two hundred people of chance under each law."""
    drawn, asked, wanted = random.Random(20250401), [], []
    for code in available():
        folder = load(code)
        law = folder.law
        for example in folder.examples:
            window = Window(example.day, example.day, example.day)
            asked.append((portable(law, window), [dict(example.given)]))
            wanted.append([by_oracle(law, example.given, window)])
        for first, last in ((date(2025, 4, 1), date(2025, 5, 20)), (date(2023, 12, 20), date(2024, 1, 10))):
            first = max(first, law.begins)
            window = Window(first, max(last, first + timedelta(30)), first + timedelta(7))
            people = [anybody(law, window, drawn) for _ in range(100)]
            asked.append((portable(law, window), people))
            wanted.append([by_oracle(law, person, window) for person in people])
    found = in_browser(asked)
    assert found == wanted
    findings = {one[0] for answers in found for one in answers}
    assert findings == {"LIABLE", "NOT_LIABLE", "UNDETERMINED"}


@pytest.mark.parametrize("code", available())
def test_every_language_has_words_for_every_rule_and_fact(code):
    folder = load(code)
    assert lint_law_words(folder.law, folder.forms) == ()
    for language in folder.forms:
        words = law_words(folder.law, folder.forms, language)
        assert set(words.rules) == {rule.name for rule in folder.law.rules}


def test_a_missing_or_strange_word_is_named():
    folder = load("lt")
    text = folder.forms["lt"]["law.toml"] if "law.toml" in folder.forms["lt"] else folder.forms["lt"]["law"]
    spoiled = text.replace("student = ", "pilot = ").replace('ask = "Kada gimėte?"\n', "")
    problems = lint_law_words(folder.law, {"lt": {**folder.forms["lt"], "law": spoiled, "law.toml": spoiled}, "xx": {}})
    assert problems[0].startswith("lt/law: ")
    told = "\n".join(problems)
    assert all(word in told for word in ("rules.student: is missing", "rules.pilot: the law has no such rule", "facts.born_on.ask", "xx: "))


def test_the_page_says_the_law_and_may_send_nothing(client, clocked):
    answer = client.get("/affected")
    policy = answer.headers["content-security-policy"]
    assert (answer.status_code, "form-action 'none'" in policy, "default-src 'none'" in policy, "connect-src" in policy) == (
        200,
        True,
        True,
        False,
    )
    law = json.loads(answer.text.partition('id="law">')[2].partition("</script>")[0])
    assert {key: law[key] for key in ("first", "last", "key")} == {
        "first": clocked.site.course.window.first.isoformat(),
        "last": clocked.site.course.window.last.isoformat(),
        "key": clocked.site.course.window.key.isoformat(),
    }
    assert "Do you live in Freedonia?" in answer.text
    assert "Am I affected?" in client.get("/").text
