"use strict";
// What the person sees. All words come from words.<language>.json; all text is set as text, never as markup.

const at = (id) => document.getElementById(id), page = JSON.parse(at("about").textContent);
const state = { language: page.languages[0], steps: [], verdict: null, letter: null, asked: false, waiting: null, slip: null };
const offered = (navigator.languages ?? []).map((one) => one.slice(0, 2)).find((one) => page.languages.includes(one));
if (offered) state.language = offered;

const number = (value) => value.toLocaleString(state.language);
const moment = (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
function worded(value) {
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "number" ? number(value) : String(value ?? "");
}
function say(key, params = {}) {
  return (page.words[state.language][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => (
    params[name] !== null && ["time", "due"].includes(name) ? moment(params[name]) : worded(params[name])));
}
function make(tag, text, attributes = {}) {
  const made = Object.assign(document.createElement(tag), { textContent: text });
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// What says nothing against a letter: it was not read, or not here.
const UNREAD = ["file-missing", "worker-failed", "page-failed", "code-malformed", "salt-malformed", "proof-malformed", "packet-malformed",
  "letter-of-another"];
const files = { count: 0, bytes: 0 };
async function get(name, optional = false) {
  let answer = null;
  try { answer = await fetch(name, { credentials: "omit", referrerPolicy: "no-referrer" }); } catch { /* said below */ }
  if (optional && answer?.status === 404) return null;
  need(answer?.ok, "file-missing", { file: name });
  const raw = new Uint8Array(await answer.arrayBuffer());
  files.count += 1;
  files.bytes += raw.length;
  return raw;
}
const rank = (...asked) => new Promise((found, failed) => { // in a worker, so that the page stays alive
  const source = `${at("draw").textContent}\nonmessage = ({ data }) => postMessage(rankOf(...data));`;
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" })), worker = new Worker(address);
  const end = (then) => (message) => { worker.terminate(); URL.revokeObjectURL(address); then(message.data); };
  worker.onmessage = end(found);
  worker.onerror = end(() => failed(new Refused("worker-failed")));
  worker.postMessage(asked);
});

const tellerOf = (steps) => async (id, promise, about = (value) => value) => { // a check that was left tells its own list only
  const step = { id, mark: "doing", params: {} };
  steps.push(step);
  show();
  try {
    const value = await promise;
    Object.assign(step, { mark: "done", params: about(value) ?? {} });
    if (id === "text" && steps === state.steps) state.letter = value;
    return value;
  } catch (failure) {
    step.mark = UNREAD.includes(failure.code) ? "unknown" : "failed";
    throw failure;
  } finally { show(); }
};

function okay(step) { // which sentence a finished step earns
  if (step.params.order === "list" || step.params.ticket === "") return `${step.id}.list`;
  if (["checkpoint", "entry", "plan"].includes(step.id) && step.params.time === null) return `${step.id}.unwitnessed`;
  if (step.id === "plan" && step.params.due === null) return "plan.undated";
  if (step.id === "promises" && !step.params.release) return "promises.changed";
  return step.id === "seed" && step.params.beacon === "rehearsal" ? "seed.rehearsal" : `${step.id}.ok`;
}

function show() {
  document.documentElement.lang = state.language;
  document.title = say("title");
  at("languages").setAttribute("aria-label", say("languages"));
  for (const one of document.querySelectorAll("[data-say]")) one.textContent = say(one.dataset.say, page);
  for (const one of at("languages").children) one.setAttribute("aria-pressed", String(one.lang === state.language));
  at("rehearsal").hidden = !page.rehearsal;
  at("ask").hidden = state.asked || state.waiting !== null;
  at("slip").hidden = state.asked || state.waiting === null;
  at("checked").hidden = !state.asked;
  at("letter").hidden = !state.letter;
  at("again").hidden = !state.verdict;
  if (state.letter) at("lines").replaceChildren(...letterLines());
  at("steps").replaceChildren(...state.steps.map((step) => {
    const line = make("li", "", { class: step.mark }), said = step.mark === "done" ? say(okay(step), step.params) : "";
    line.append(make("strong", say(`step.${step.id}`)), make("span", say(`mark.${step.mark}`), { class: "mark" }), make("p", said));
    return line;
  }));
  const doing = state.verdict ? null : state.steps.at(-1);
  at("progress").textContent = doing ? say("progress", { step: say(`step.${doing.id}`), done: state.steps.length }) : "";
  showVerdict();
}

function letterLines() {
  const me = state.letter, listed = (lines) => Object.entries(lines).filter(([, value]) => value !== null)
    .flatMap(([name, value]) => [make("dt", say(`letter.${name}`)), make("dd", value)]);
  if (me.decides) {
    return listed({ case: me.case, decided: say(`decided.${me.decides}`), until: me.until, on: me.on,
      by: [me.by.replace(/^\w+: /, ""), me.second].filter(Boolean).join(", "), reason: me.reason });
  }
  const [day, time, ...place] = me.report.split(" ");
  const called = day !== "none", when = { day: called ? day : time, hour: time, place: place.join(" ") };
  const working = time === "working" ? "letter.answer-working" : "letter.answer", asked = me.asks === "answer" ? working : "letter.appear";
  const appear = say(called ? asked : "letter.not-called", { ...when, days: day });
  const days = /^([0-9]+) days from service$/.exec(me.objectBy)?.[1], objecting = days && say("letter.object-days", { days });
  const lines = { "call-up": me.callUp, person: me.person, born: me.born || say("letter.unknown"), rank: number(me.rank), report: appear,
    roll: `${me.stratum}, ${number(me.position)}`, law: `${me.law} ${me.lawDigest}`, "object-by": objecting ?? me.objectBy };
  return listed(lines);
}

function showVerdict() {
  const { verdict } = state, box = at("verdict");
  box.hidden = !verdict;
  if (!verdict) return;
  box.className = verdict.kind;
  const kind = verdict.kind === "refused" && state.slip ? "refused-slip" : verdict.kind;
  const sentence = make("h2", say(`verdict.${kind}`), { tabindex: "-1", id: "sentence" });
  const said = verdict.lines.map(([key, params]) => make("p", say(key, params)));
  box.replaceChildren(sentence, ...said, ...(verdict.notes ?? []).map((note) => make("pre", note)));
}

function good(found) {
  const decision = found.me?.decides, lines = [], drawn = !found.release ? "changed" : state.slip ? "slip" : "genuine";
  const kind = found.offline || decision ? "entered" : drawn;
  if (state.slip) lines.push([found.rank <= found.last ? "slip.called" : "slip.waiting", found], ["slip.no-pass", {}]);
  else if (decision && !found.offline) lines.push(["verdict.decision", {}]);
  else lines.push([found.offline ? "verdict.offline" : found.plan.order === "list" ? "verdict.kept-list" : "verdict.kept", {}]);
  if (found.quorum === "none") lines.push(["verdict.no-witnesses", {}]);
  else if (found.witnesses.some((name) => name.includes("rehearsal"))) lines.push(["verdict.stand-ins", { names: found.witnesses }]);
  if (kind === "changed") lines.push(["verdict.changed-callup", {}]);
  if (found.notes?.length) lines.push(["verdict.halted", {}]);
  if (found.plan) lines.push(["verdict.plan-hash", { plan: found.plan.hash }]);
  const packet = state.packet, texts = packet ? [packet.certificate, packet.rule, packet.finding].filter(Boolean) : [];
  if (packet) lines.push(["packet.frozen", {}]);
  if (packet?.certificate) lines.push(["packet.certificate", {}]);
  if (packet?.rule || packet?.finding) lines.push(["packet.unvouched", {}]);
  return { kind, lines: [...lines, ["verdict.files", files]], notes: [...(found.notes ?? []), ...texts] };
}

async function check(work, slip = null) { // one check from its first step to its verdict
  const steps = [];
  let verdict = null;
  Object.assign(state, { steps, verdict, letter: null, slip, asked: true });
  Object.assign(files, { count: 0, bytes: 0 });
  show();
  try {
    verdict = good(await work({ get: state.packet?.get ?? get, rank, ed25519, bls }, tellerOf(steps)));
  } catch (failure) {
    const code = failure.code ?? "page-failed";
    const kind = UNREAD.includes(code) ? "unknown" : "refused";
    const lines = [[`refused.${code}`, failure.params ?? { why: String(failure) }], [`verdict.${kind}-next`, {}], ["verdict.files", files]];
    verdict = { kind, lines };
  }
  if (steps !== state.steps) return;
  state.verdict = verdict;
  show();
  at("sentence").focus();
}

async function ask(fragment, proof = null) { // a letter's code, a slip's code, a packet, or a proof file with or without a code
  state.packet = null;
  if (proof?.[0] === 0x7b) {
    try { state.packet = await openPacket(page, proof, { ed25519 }); } catch (failure) { return check(async () => { throw failure; }); }
    return askCode((state.packet.letter || state.packet.slip || "").replace(/^[^#]*#/, ""));
  }
  return askCode(fragment, proof);
}

function askCode(fragment, proof = null) {
  if (proof) return check(async (tools, tell) => checkProof(page, proof, fragment ? readFragment(fragment) : null, tools, tell));
  let asked = null;
  try { asked = readFragment(fragment); } catch (failure) { return check(async () => { throw failure; }); }
  if (!asked.slip) return check((tools, tell) => checkLetter(page, asked, tools, tell));
  Object.assign(state, { waiting: asked.slip });
  show();
  return at("salt").focus();
}

function begin() { // what stands after # is taken out of the address bar at once
  const fragment = location.hash.slice(1);
  if (!fragment) return show();
  history.replaceState(null, "", location.pathname + location.search);
  return ask(fragment);
}
at("languages").replaceChildren(...page.languages.map((language) => {
  const button = make("button", page.words[language].language, { type: "button", lang: language });
  button.onclick = () => { state.language = language; show(); };
  return button;
}));
at("form").onsubmit = async (event) => {
  event.preventDefault();
  const [file] = at("proof").files, fragment = at("code").value.trim().replace(/^[^#]*#/, "");
  return ask(fragment, file ? new Uint8Array(await file.arrayBuffer()) : null);
};
at("slip").onsubmit = (event) => {
  event.preventDefault();
  const slip = state.waiting, salt = at("salt").value.replace(/[\s-]/g, "").toLowerCase();
  return check((tools, tell) => checkSlip(page, slip, salt, tools, tell), slip);
};
at("again").onclick = () => {
  Object.assign(state, { asked: false, waiting: null, slip: null, steps: [], verdict: null, letter: null });
  at("form").reset();
  at("slip").reset();
  show();
  at("code").focus();
};
addEventListener("hashchange", begin);
begin();
