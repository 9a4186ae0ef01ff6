// "Am I affected?": asks the law itself, in this browser alone. Nothing that is entered is sent or kept; the page's policy forbids both.
"use strict";

// ---- the law: three-valued answers (true, false, null is unknown), as callup.law.logic and callup.law.findings read the same tree

function held(values, day) {
  let found = null;
  for (const [since, value] of values) if (since <= day) found = value;
  return found;
}

function years(born, day) {
  return Number(day.slice(0, 4)) - Number(born.slice(0, 4)) - (day.slice(5) < born.slice(5) ? 1 : 0);
}

function known(person, name) {
  return person[name] === undefined ? null : person[name];
}

function worth(law, node, person, day) {
  const [kind, first, second] = node;
  if (kind === "col") return known(person, first);
  if (kind === "day") return day;
  if (kind === "value") return held(law.values[first], day);
  if (kind === "lit") return first;
  const born = worth(law, first, person, day), on = worth(law, second, person, day);
  return born === null || on === null ? null : years(born, on);
}

const COMPARE = {
  "==": (a, b) => a === b, "!=": (a, b) => a !== b, "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b,
  ">=": (a, b) => a >= b, in: (a, b) => b.includes(a),
};

function joined(hit, answers) {
  if (answers.includes(hit)) return hit;
  return answers.includes(null) ? null : !hit;
}

function answer(law, node, person, day) {
  const [kind, ...parts] = node;
  if (kind === "and" || kind === "or") return joined(kind === "or", parts.map((part) => answer(law, part, person, day)));
  if (kind === "not") {
    const found = answer(law, parts[0], person, day);
    return found === null ? null : !found;
  }
  const empty = (part) => part[0] === "col" && law.absent_no[part[1]] && known(person, part[1]) === null;
  if (kind in COMPARE) {
    if (parts.some(empty)) return false;
    const [left, right] = parts.map((part) => worth(law, part, person, day));
    return left === null || right === null ? null : COMPARE[kind](left, right);
  }
  if (empty(node)) return false;
  const found = worth(law, node, person, day);
  return found === null ? null : Boolean(found);
}

function inForce(rule, day) {
  return rule.since <= day && day < rule.ended;
}

function holds(law, rule, person, day) {
  if (!inForce(rule, day)) return false;
  let own = answer(law, rule.body, person, day);
  if (rule.waiver && known(person, rule.waiver) === true) own = false;
  for (const name of rule.blockers) {
    const blocking = law.rules.find((one) => one.name === name);
    const other = blocking === undefined ? false : holds(law, blocking, person, day);
    own = joined(false, [own, other === null ? null : !other]);
  }
  return own;
}

const FOREVER = "9999-12-31";

function ends(rule, person) {
  return (rule.until && known(person, rule.until)) || null;
}

function ground(exempting, person) {
  for (const effect of ["disqualify", "exempt"]) {
    const same = exempting.filter((rule) => rule.effect === effect);
    if (same.length) return [same[0], ends(same[0], person)];
  }
  const latest = exempting.map((rule) => ends(rule, person) || FOREVER).reduce((a, b) => (a > b ? a : b));
  const first = exempting.find((rule) => (ends(rule, person) || FOREVER) === latest);
  return [first, ends(first, person)];
}

function judge(law, person, day) {
  const pairs = law.rules.filter((rule) => inForce(rule, day)).map((rule) => [rule, holds(law, rule, person, day)]);
  const of = (liable, wanted) => pairs.filter(([rule, found]) => (rule.effect === "liable") === liable && found === wanted).map(([rule]) => rule);
  const binding = of(true, true), unsure = of(true, null), exempting = of(false, true), doubtful = of(false, null);
  if (!binding.length && !unsure.length) return { finding: "NOT_LIABLE", rule: 0, until: null, pairs };
  if (exempting.length) {
    const [rule, until] = ground(exempting, person);
    return { finding: "NOT_LIABLE", rule: rule.number, until, pairs };
  }
  const asked = binding.length ? doubtful : unsure;
  if (!binding.length || doubtful.length) return { finding: "UNDETERMINED", rule: asked[0].number, until: null, pairs };
  return { finding: "LIABLE", rule: binding[0].number, until: null, pairs };
}

function days(first, last) {
  const found = [];
  for (let at = Date.parse(`${first}T00:00:00Z`); at <= Date.parse(`${last}T00:00:00Z`); at += 86400000) found.push(new Date(at).toISOString().slice(0, 10));
  return found;
}

function interval(law, person) {
  const judged = days(law.first, law.last).map((day) => [day, judge(law, person, day)]);
  const liable = judged.filter(([, one]) => one.finding === "LIABLE").map(([day]) => day);
  const unknown = judged.filter(([, one]) => one.finding === "UNDETERMINED").map(([day]) => day);
  const first = liable.length ? liable[0] : null;
  const after = first === null ? undefined : judged.find(([day, one]) => day > first && one.finding !== "LIABLE");
  const shown = first || (unknown.includes(law.key) || !unknown.length ? law.key : unknown[0]);
  const [, found] = judged.find(([day]) => day === shown);
  return { ...found, day: shown, liable_from: first, liable_until: after === undefined ? null : after[0] };
}

// ---- the page

function entered(form) {
  const person = {};
  for (const field of form.querySelectorAll("[data-column]")) {
    const value = field.value.trim();
    if (value === "") continue;
    person[field.dataset.column] = { flag: () => value === "yes", number: () => Number(value) }[field.dataset.type]?.() ?? value;
  }
  return person;
}

function show(law, form) {
  const found = interval(law, entered(form)), result = document.getElementById("result");
  for (const one of result.querySelectorAll("[data-finding]")) one.hidden = one.dataset.finding !== found.finding;
  const answers = new Map(found.pairs.map(([rule, said]) => [rule.name, said === null ? "unknown" : said ? "yes" : "no"]));
  for (const row of result.querySelectorAll("[data-rule]")) {
    row.hidden = !answers.has(row.dataset.rule);
    const said = answers.get(row.dataset.rule);
    for (const cell of row.querySelectorAll("[data-answer]")) cell.hidden = cell.dataset.answer !== said;
  }
  result.hidden = false;
  result.focus();
}

if (typeof document !== "undefined") {
  const law = JSON.parse(document.getElementById("law").textContent), form = document.getElementById("affected");
  form.hidden = false;
  form.addEventListener("submit", (event) => { event.preventDefault(); show(law, form); });
}
