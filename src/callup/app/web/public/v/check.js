"use strict";
// The check of a letter, step by step. Nothing here touches the page or the network: `tools` brings what it needs
// (get a file, count ranks, check Ed25519 and BLS), and `say` is told of each step. A step that fails throws Refused.

// ---- documents in exact bytes

const commitment = (tag, salt, text) => hash(`callup/${tag}/1\n${salt}\n${text}`);
const SALT = "[0-9a-f]{32}", HASH = "[0-9a-f]{64}", COUNT = "(?:0|[1-9][0-9]*)";
const noticeOf = (kind, asked) => new RegExp(`^callup/${kind}/1\ncall-up: (\\S+)\nroll: (\\S+) (${COUNT}) (${SALT})\n` +
  `rank: ([1-9][0-9]*)\nperson: (\\S+)\nborn: ([0-9-]*)\n${asked}\n` +
  `law: (\\S+) (${SALT})\nobject-by: ([^\n]+)\npromises: (${SALT})\n$`);
const NOTICE = noticeOf("notice", "report: ([^\n]+)"); // asks for an appearance; a form for an answer, and no line of it has a day
const FORM = noticeOf("form", "answer: ([1-9][0-9]* (?:working )?days from service|none [0-9]{4}-[0-9]{2}-[0-9]{2})");

function readNotice(text) {
  const asks = FORM.test(text) ? "answer" : "appearance", said = (asks === "answer" ? FORM : NOTICE).exec(text);
  need(said, "letter-malformed");
  const [, callUp, stratum, position, salt, rank, person, born, report, law, lawDigest, objectBy, promises] = said;
  const [where, number] = [Number(position), Number(rank)];
  return { asks, callUp, stratum, position: where, salt, rank: number, person, born, report, law, lawDigest, objectBy, promises };
}

// A letter of a decision: the row of its fact as it was entered, fields parted by TAB, \\N for none (docs/formats.md).
const ACTS = { decided: "decision", excused: "decision", inquired: "decision", assessed: "decision", enlisted: "decision",
  released: "decision", referred: "decision", withdrawn: "erratum" };
function readDecision(text) {
  const plain = (one) => (one === "\\N" ? null : one.replace(/\\(.)/g, (_, mark) => ({ t: "\t", n: "\n" })[mark] ?? mark));
  const row = text.split("\t").map(plain);
  const [fact, , kind, caseId, , on, , by, second, , , , outcome, until, appear, , reason] = row;
  need(row.length === 17 && /^[0-9a-f]{32}$/.test(fact) && Object.hasOwn(ACTS, kind) && caseId, "letter-malformed");
  return { decides: (outcome ?? kind).replaceAll("-", "_"), kind, case: caseId, on, by, second, until: appear ?? until, reason };
}
const readLetter = (text) => (text.startsWith("callup/") ? readNotice(text) : readDecision(text));

// What a code asks: 1. a letter, 2. a roll slip (docs/formats.md). The slip leaves the salt out; its holder types it.
function readFragment(fragment) {
  const slip = new RegExp(`^#?2\\.(${COUNT})\\.([\\w-]+)$`).exec(fragment), record = slip && unbase64url(slip[2]);
  if (record) {
    const said = /^(\S+)\n([0-9-]*)\n(\S+)\n$/.exec(decode(record, "code-malformed"));
    need(said, "code-malformed");
    return { slip: { position: Number(slip[1]), person: said[1], born: said[2], stratum: said[3] } };
  }
  const shape = new RegExp(`^#?1\\.([1-9][0-9]{0,14})\\.(0|[1-9][0-9]{0,14})\\.(${SALT})\\.([\\w-]+)$`).exec(fragment);
  const raw = shape && unbase64url(shape[4]);
  need(raw, "code-malformed");
  const [size, index] = [Number(shape[1]), Number(shape[2])];
  need(index < size, "code-malformed");
  return { size, index, salt: shape[3], text: decode(raw, "code-malformed") };
}

function readPlan(text) {
  const lines = text.split("\n"), plan = { quota: [], roll: [], secret: [] };
  let at = 0;
  const take = (form) => { const found = new RegExp(`^${form}$`).exec(lines[at] ?? ""); if (found) at++; return found; };
  const one = (name, form) => {
    const found = take(`${name}: (${form})`);
    need(found, "plan-malformed", { line: at + 1 });
    return found[1];
  };
  need(take("callup/plan/1"), "plan-malformed", { line: 1 });
  plan.callUp = one("call-up", "\\S+");
  plan.law = one("law", HASH);
  plan.promises = one("promises", HASH);
  plan.merge = one("merge", "[^\\n]*\\S");
  plan.leadHours = Number(one("lead-hours", COUNT));
  plan.order = one("order", "draw|list|volunteers-then-draw|agreed-then-lot|panels");
  plan.asks = take("asks: answer") ? "answer" : "appearance";
  const forms = { quota: `(\\S+) (${COUNT})`, roll: `(\\S+) (${COUNT}) (${HASH})`, secret: `(\\S+) (${HASH})` };
  for (const [name, form] of Object.entries(forms)) {
    for (let found; (found = take(`${name}: ${form}`)); ) plan[name].push(found.slice(1));
    const kept = lines.slice(at - plan[name].length, at).map((line) => hex(utf8.encode(line)));
    need(kept.every((line, i) => !i || kept[i - 1] < line), "plan-malformed", { line: at });
    need(new Set(plan[name].map(([key]) => key)).size === kept.length, "plan-malformed", { line: at });
  }
  plan.beacon = one("beacon", `none|rehearsal \\S+ ${COUNT}|drand ${HASH} [1-9][0-9]*`).split(" ");
  need(at === lines.length - 1 && lines[at] === "", "plan-malformed", { line: at + 1 });
  need((plan.order === "list") === (plan.beacon[0] === "none"), "plan-malformed", { line: at });
  return plan;
}

// ---- the public log, read whole

async function readPublic(page, policy, tools) {
  const origin = `${page.origin}/public`, file = "public/checkpoint";
  const head = await openCheckpoint(await tools.get(file), origin, policy, tools, file), entries = [];
  for (let index = 0; 256 * index < head.size; index++) {
    const width = Math.min(256, head.size - 256 * index), name = `public/${tilePath("entries", index, width)}`;
    entries.push(...unbundle(await tools.get(name), width, name));
  }
  const leaves = entries.map(leafHash), log = { head, leaves, found: {}, kinds: {} };
  need(same(rootOf(leaves), head.root), "root-wrong", { file: "public", size: head.size });
  for (const [index, entry] of entries.entries()) {
    const shape = /^callup\/1 ([a-z-]+) ([0-9a-f]{64})\n$/.exec(decode(entry, "entries-malformed", { file: "public" }));
    need(shape, "entries-malformed", { file: "public" });
    need(PUBLIC_KINDS.includes(shape[1]), "kind-unknown", { kind: shape[1] });
    need(shape[1] !== "policy" || shape[2] === hash(page.policy), "policy-differs");
    log.kinds[shape[1]] = (log.kinds[shape[1]] ?? 0) + 1;
    const one = { index, hash: shape[2] };
    if (READ_KINDS.includes(shape[1])) one.text = await readDocument(one.hash, tools);
    (log.found[shape[1]] ??= []).push(one);
  }
  return log;
}
const READ_KINDS = ["plan", "seed", "void", "halt", "stay"];
const PUBLIC_KINDS = [...READ_KINDS, "call", "decree", "policy", "law", "counts", "batch", "statistics", "erratum"];

async function readDocument(digest, tools) {
  const file = `public/doc/${digest}`, raw = await tools.get(file);
  need(hex(sha256(raw)) === digest, "document-wrong", { file });
  return decode(raw, "document-wrong", { file });
}

// One plan for each call-up id, one seed for each plan, no void plan (docs/formats.md). Gives the plan that holds my stratum.
function choosePlan(page, log, stratum) {
  const { plan: plans = [], seed: seeds = [], void: voids = [] } = log.found;
  need(plans.length, "plan-missing");
  for (const [at, one] of plans.entries()) {
    Object.assign(one, readPlan(one.text), { plan: one.hash });
    need(!plans.slice(0, at).some((other) => other.callUp === one.callUp), "plan-twice", { id: one.callUp });
    need(one.callUp === page.callUp + (at ? `s${at}` : ""), "plan-of-another", { found: one.callUp });
  }
  const mine = plans.find((one) => one.roll.some(([name]) => name === stratum)), [main] = plans;
  need(mine, "stratum-missing", { stratum });
  const dead = [main, mine].find((one) => voids.some((said) => said.text.includes(`\nplan: ${one.hash}\n`)));
  need(!dead, "plan-void", { id: dead?.callUp });
  for (const seed of seeds) {
    const [, of] = new RegExp(`^callup/seed/1\nplan: (${HASH})\n`, "i").exec(seed.text) ?? [];
    const plan = plans.find((one) => one.hash === of?.toLowerCase());
    need(plan && plan.index < seed.index, "seed-without-plan");
    need(!plan.seed, "seed-twice");
    plan.seed = seed;
  }
  const like = ["law", "promises", "merge", "leadHours", "order", "asks"].every((name) => mine[name] === main[name]);
  const drawn = !["list", "panels"].includes(mine.order) && !mine.quota.length, round = (one) => Number(one.beacon[2]);
  const later = drawn && main.seed?.index < mine.index && round(mine) > round(main);
  const named = mine.roll.every(([name]) => name.endsWith(`+${mine.callUp.slice(page.callUp.length)}`));
  need(mine === main || (like && later && named), "supplement-unlike", { id: mine.callUp });
  return mine;
}

async function checkLead(page, log, plan, policy, tools) { // the earliest kept checkpoint that covers the plan, before its seed
  const last = plan.seed ? plan.seed.index : log.leaves.length;
  let early = null;
  for (let size = plan.index + 1; size <= last && !early; size++) {
    const file = `public/checkpoints/${size}`, raw = await tools.get(file, true);
    if (raw) early = await openCheckpoint(raw, `${page.origin}/public`, policy, tools, file);
    if (early) need(early.size === size && same(rootOf(log.leaves.slice(0, size)), early.root), "split-view", { file, size });
  }
  need(early, "plan-not-cosigned");
  const [kind, , round] = plan.beacon, due = kind === "drand" ? page.beacon.genesis + (Number(round) - 1) * page.beacon.period : null;
  const said = { time: early.time, due, names: early.names, hours: plan.leadHours };
  need(early.time === null || due === null || early.time + plan.leadHours * 3600 <= due, "plan-late", said);
  return said;
}

async function checkSeed(page, plan, tools) { // rebuilt from the plan, the opened secrets and the beacon; never just read
  if (plan.order === "list") { need(!plan.seed, "seed-without-plan"); return { seed: "0".repeat(64), order: "list" }; }
  need(plan.seed, "seed-missing");
  const opened = Object.fromEntries([...plan.seed.text.matchAll(/^secret: (\S+) ([0-9a-f]{64})$/gim)].map((found) => found.slice(1)));
  const built = ["callup/seed/1", `plan: ${plan.hash}`], [kind, chain, round] = plan.beacon;
  for (const [holder, committed] of plan.secret) {
    const secret = (opened[holder] ?? "").toLowerCase();
    need(hash(`callup/secret/1\n${secret}\n`) === committed, "secret-wrong", { holder });
    built.push(`secret: ${holder} ${secret}`);
  }
  const value = (/^beacon: ((?:[0-9a-f]{2})+)$/im.exec(plan.seed.text)?.[1] ?? "").toLowerCase();
  if (kind === "rehearsal") {
    need(page.rehearsal, "beacon-of-a-rehearsal");
    need(value === hash(`callup/rehearsal-beacon/1\n${chain} ${round}\n`), "beacon-wrong", { round });
  } else {
    need(chain === page.beacon.chain, "beacon-of-another-chain", { found: chain });
    need(tools.bls(page.beacon, Number(round), value), "beacon-wrong", { round });
  }
  need(plan.seed.text === [...built, `beacon: ${value}`, ""].join("\n"), "seed-not-exact");
  return { seed: plan.seed.hash, holders: plan.secret.map(([holder]) => holder), round, beacon: kind };
}

const panelOf = (stratum) => Number(/\+p([1-9][0-9]*)$/.exec(stratum)?.[1] ?? 0);

function pickedPanel(plan, seed) { // of the tickets of panels 1, 2, ... the smallest wins
  const count = Math.max(...plan.roll.map(([stratum]) => panelOf(stratum)));
  const lots = Array.from({ length: count }, (_, at) => hash(`${seed} +panels ${at}`));
  return lots.indexOf(lots.toSorted()[0]) + 1;
}

async function checkRoll(plan, me, tools) {
  const [, size, root] = plan.roll.find(([name]) => name === me.stratum);
  need(me.position < Number(size), "line-not-in-roll", me);
  const folder = `roll/${encodeURIComponent(me.stratum).replace(/%2B/g, "+")}`;
  const tree = await new Tree(tools.get, folder, Number(size)).open(unhex(root), "roll-swapped");
  const line = leafHash(unhex(commitment("roll", me.salt, `${me.person}\n${me.born}\n${me.stratum}\n`)));
  need(same(await tree.leaf(me.position), line), "line-not-in-roll", me);
  return { stratum: me.stratum, position: me.position, size: Number(size) };
}

// The calls of my stratum: ranks 1, 2, 3 ... without a gap, each with the place of its act; read no further than is asked.
async function calledRanks(log, plan, seed, stratum, upto, tools) {
  const ranges = [], seeds = [seed, ...(log.found.seed ?? []).map((one) => one.hash)];
  for (const call of log.found.call ?? []) {
    if (upto <= (ranges.at(-1)?.last ?? 0)) break;
    const [head, said, ...lines] = (await readDocument(call.hash, tools)).split("\n");
    need(head === "callup/call/1" && lines.pop() === "" && lines.length && seeds.includes(said?.slice(6)), "call-malformed");
    for (const line of lines) {
      const shape = new RegExp(`^calls: (\\S+) ([1-9][0-9]*) ([1-9][0-9]*) acts (${COUNT})$`).exec(line);
      need(shape, "call-malformed");
      if (said !== `seed: ${seed}` || shape[1] !== stratum) continue;
      const [first, last, index] = shape.slice(2).map(Number);
      need(first === (ranges.at(-1)?.last ?? 0) + 1 && last >= first && call.index > (plan.seed ?? plan).index, "call-gap", { first });
      ranges.push({ first, last, index });
    }
  }
  return ranges;
}

// ---- the whole check: public log, plan, seed, roll, ticket and rank; then for a letter its act, for a slip the last number called

async function checkDraw(page, policy, me, tools, say) { // `me` has a rank on a letter and none on a slip
  const log = await say("public", readPublic(page, policy, tools), (one) => ({ size: one.head.size, kinds: one.kinds }));
  const plan = await say("plan", (async () => {
    const mine = choosePlan(page, log, me.stratum);
    need(me.asks === undefined || me.asks === mine.asks, "asks-differ");
    return Object.assign(mine, await checkLead(page, log, mine, policy, tools));
  })(), ({ time, due, names, hours, hash: plan_, order, beacon }) => ({ time, due, names, hours, plan: plan_, order, beacon: beacon[0] }));
  const seed = await say("seed", checkSeed(page, plan, tools));
  const place = await say("roll", checkRoll(plan, me, tools));
  const ranked = await say("rank", (async () => {
    const listed = plan.order === "list", drawn = () => tools.rank(seed.seed, me.stratum, place.size, me.position);
    const rank = listed ? me.position + 1 : await drawn();
    need(me.rank === undefined || rank === me.rank, "rank-wrong", { rank, said: me.rank });
    const said = panelOf(me.stratum), panel = plan.order === "panels" && me.rank !== undefined ? pickedPanel(plan, seed.seed) : said;
    need(said === panel, "panel-not-picked", { said, picked: panel });
    return { rank, size: place.size, ticket: listed ? "" : hash(`${seed.seed} ${me.stratum} ${me.position}`) };
  })());
  const notes = ["halt", "stay"].flatMap((kind) => log.found[kind] ?? []).map((one) => one.text);
  return { log, plan, seed: seed.seed, rank: ranked.rank, notes, witnesses: Object.keys(policy.witnesses), quorum: policy.quorum };
}

async function checkSlip(page, slip, salt, tools, say) { // was I in the roll, which number am I, and how far has it gone?
  need(/^[0-9a-f]{32}$/.test(salt), "salt-malformed");
  const drawn = await checkDraw(page, readPolicy(page.policy), { ...slip, salt }, tools, say);
  const ranges = await say("calls", calledRanks(drawn.log, drawn.plan, drawn.seed, slip.stratum, Infinity, tools), () => ({}));
  return { ...drawn, last: ranges.at(-1)?.last ?? 0, release: page.releases[drawn.plan.promises] ?? "" };
}

// Offline, from a proof file: the letter stands in its `extra` as salt and text, or comes from its code.
async function checkProof(page, raw, asked, tools, say) {
  const policy = readPolicy(page.policy), proof = readProof(raw);
  const carried = new RegExp(`^(${SALT})\n([^]*)$`).exec(decode(proof.extra, "proof-malformed"));
  need(asked || carried, "proof-malformed");
  const { salt, text } = asked ?? { salt: carried[1], text: carried[2] };
  const me = await say("text", (async () => readLetter(text))());
  const then = await say("checkpoint", openCheckpoint(proof.checkpoint, `${page.origin}/acts`, policy, tools, "tlog-proof"));
  const seen = { index: proof.index, time: then.time, names: then.names };
  await say("entry", (async () => holdProof(proof, entryOf(me, salt, text), then))(), () => seen);
  return { me, offline: true, witnesses: Object.keys(policy.witnesses), quorum: policy.quorum };
}

function entryOf(me, salt, text) {
  const act = me.decides ? ACTS[me.kind] : me.report.startsWith("none ") ? "decision" : "call";
  return `callup/1 ${act} ${commitment("open", salt, text)}\n`;
}

async function checkLetter(page, asked, tools, say) {
  const policy = readPolicy(page.policy), origin = `${page.origin}/acts`;
  const me = await say("text", (async () => readLetter(asked.text))());
  need(me.decides || me.callUp === page.callUp, "letter-of-another", { found: me.callUp, expected: page.callUp });
  const entry = entryOf(me, asked.salt, asked.text);
  const [file, now] = [`acts/checkpoints/${asked.size}`, "acts/checkpoint"];
  const then = await say("checkpoint", (async () => {
    const opened = await openCheckpoint(await tools.get(file), origin, policy, tools, file);
    need(opened.size === asked.size, "checkpoint-of-another-size", { file });
    return opened;
  })());
  const tree = await say("today", (async () => {
    const today = await openCheckpoint(await tools.get(now), origin, policy, tools, now);
    need(today.size >= asked.size, "checkpoint-goes-back", { size: asked.size, found: today.size });
    const whole = await new Tree(tools.get, "acts", today.size).open(today.root);
    need(same(await whole.root(asked.size), then.root), "split-view", { file, size: asked.size });
    return whole;
  })(), (one) => ({ size: one.size, before: asked.size }));
  const leaf = leafHash(utf8.encode(entry)), place = { index: asked.index };
  await say("entry", (async () => need(same(await tree.leaf(asked.index), leaf), "letter-not-in-log", place))(),
    () => ({ index: asked.index, time: then.time, names: then.names }));
  if (me.decides) return { me, then, witnesses: Object.keys(policy.witnesses), quorum: policy.quorum };
  const drawn = await checkDraw(page, policy, me, tools, say);
  await say("act", (async () => {
    const ranges = await calledRanks(drawn.log, drawn.plan, drawn.seed, me.stratum, me.rank, tools);
    const range = ranges.find((one) => one.first <= me.rank && me.rank <= one.last);
    need(range, "rank-not-called", { rank: me.rank, last: ranges.at(-1)?.last ?? 0 });
    need(range.index + me.rank - range.first === asked.index, "act-of-another-rank", { rank: me.rank });
    return { rank: me.rank, last: range.last };
  })());
  const vouched = await say("promises", (async () => {
    need(drawn.plan.promises.startsWith(me.promises), "promises-differ");
    need(drawn.plan.law.startsWith(me.lawDigest), "law-differs");
    return { release: page.releases[drawn.plan.promises] ?? "" };
  })());
  return { me, then, ...drawn, release: vouched.release };
}

// ---- a proof packet (docs/formats.md): the mirror's files that a check reads, and what goes with them

const PACKET = ["format", "call-up", "letter", "slip", "certificate", "rule", "finding"];

async function openPacket(page, raw, tools) {
  let said = null;
  try { said = JSON.parse(decode(raw, "packet-malformed")); } catch { throw new Refused("packet-malformed"); }
  const { files: texts, ...more } = said ?? {}, all = Object.entries(texts ?? {}).concat(Object.entries(more));
  need(more.format === "callup/packet/1" && all.every(([, text]) => typeof text === "string"), "packet-malformed");
  need(texts && Object.keys(more).every((name) => PACKET.includes(name)), "packet-malformed");
  need(more["call-up"] === page.callUp, "letter-of-another", { found: more["call-up"], expected: page.callUp });
  const bytes = (text) => (text.startsWith("base64:") ? unbase64(text.slice(7)) : utf8.encode(text));
  const files = new Map(Object.entries(texts).map(([name, text]) => [name, bytes(text)])), origin = `${page.origin}/acts`;
  need([...files.values()].every(Boolean), "packet-malformed");
  need(texts.policy === undefined || texts.policy === page.policy, "policy-differs");
  if (more.certificate) {
    const { body } = await openNote(utf8.encode(more.certificate), origin, readPolicy(page.policy), tools, "certificate");
    need(body.startsWith(`callup/certificate/1\ncall-up: ${page.callUp}\n`), "packet-malformed");
    more.certificate = body;
  }
  const get = async (name, optional = false) => {
    need(files.has(name) || optional, "file-missing", { file: name });
    return files.get(name) ?? null;
  };
  return { ...more, get };
}
