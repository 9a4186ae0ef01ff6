"use strict";
// The check of a letter, step by step. Nothing here touches the page or the network: `tools` brings what it needs
// (get a file, count ranks, check Ed25519 and BLS), and `say` is told of each step. A step that fails throws Refused.

class Refused extends Error {
  constructor(code, params = {}) { super(code); this.code = code; this.params = params; }
}
const need = (holds, code, params) => { if (!holds) throw new Refused(code, params); };
const utf8 = new TextEncoder(), strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const hex = (raw) => Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hash = (text) => hex(sha256(utf8.encode(text)));
const same = (one, two) => one.length === two.length && one.every((byte, at) => byte === two[at]);
const commitment = (tag, salt, text) => hash(`callup/${tag}/1\n${salt}\n${text}`);

function decode(raw, code, params) {
  try { return strict.decode(raw); } catch { throw new Refused(code, params); }
}
function unbase64(text) { // canonical only: one text for one value
  try {
    const raw = atob(text);
    return btoa(raw) === text ? Uint8Array.from(raw, (one) => one.charCodeAt(0)) : null;
  } catch { return null; }
}
const unbase64url = (text) => (/^[\w-]*$/.test(text)
  ? unbase64(text.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat((4 - (text.length % 4)) % 4)) : null);

// ---- policy and checkpoints: C2SP tlog-policy, signed-note, tlog-checkpoint, tlog-cosignature

function readKey(vkey, type) {
  const [name, id, ...rest] = vkey.split("+"), raw = unbase64(rest.join("+"));
  need(name && raw?.length === 33 && raw[0] === type, "policy-malformed", { line: vkey });
  need(hex(sha256(utf8.encode(name + "\n"), raw)).slice(0, 8) === id, "policy-malformed", { line: vkey });
  return { id, key: raw.slice(1), origin: name };
}

function readPolicy(text) {
  const policy = { logs: {}, witnesses: {}, groups: {}, quorum: null };
  for (const line of text.split("\n").filter((one) => one && !one.startsWith("#"))) {
    const [word, name, ...rest] = line.split(/[ \t]+/);
    if (word === "log") { const key = readKey(name, 1); policy.logs[key.origin] = key; }
    else if (word === "witness" && rest.length) policy.witnesses[name] = readKey(rest[0], 4);
    else if (word === "group" && rest.length > 1) policy.groups[name] = { least: rest[0], members: rest.slice(1) };
    else need(word === "quorum" && policy.quorum === null && (policy.quorum = name), "policy-malformed", { line });
  }
  const known = policy.quorum === "none" || policy.quorum in policy.witnesses || policy.quorum in policy.groups;
  need(known, "policy-malformed", { line: "quorum" });
  return policy;
}

function reached(policy, name, seen) {
  if (name === "none") return true;
  const group = policy.groups[name];
  if (!group) return seen.some((one) => one.witness === name);
  const least = { any: 1, all: group.members.length }[group.least] ?? Number(group.least);
  return group.members.filter((member) => reached(policy, member, seen)).length >= least;
}

async function openCheckpoint(raw, origin, policy, tools, file) {
  const note = decode(raw, "checkpoint-malformed", { file }), cut = note.lastIndexOf("\n\n");
  const body = note.slice(0, cut + 1), lines = note.slice(cut + 2).split("\n");
  const form = /^([^\n]+)\n(0|[1-9][0-9]{0,14})\n([A-Za-z0-9+/]{43}=)\n$/.exec(body), root = unbase64(form?.[3] ?? "");
  need(cut > 0 && form && root?.length === 32 && lines.pop() === "" && lines.length, "checkpoint-malformed", { file });
  need(form[1] === origin, "checkpoint-of-another-log", { file, found: form[1] });
  const log = policy.logs[origin], seen = [];
  let signed = 0;
  for (const line of lines) {
    const shape = /^\u2014 ([^ +\s]+) ([A-Za-z0-9+/=]+)$/.exec(line), signature = unbase64(shape?.[2] ?? "");
    need(signature?.length > 4, "checkpoint-malformed", { file });
    const id = hex(signature.slice(0, 4)), [witness, key] = Object.entries(policy.witnesses)
      .find(([, one]) => one.origin === shape[1] && one.id === id) ?? [];
    if (shape[1] === origin && id === log.id) {
      need(await tools.ed25519(log.key, utf8.encode(body), signature.slice(4)), "log-signature-wrong", { file });
      signed++;
    } else if (key && signature.length === 76) {
      const time = Number(new DataView(signature.buffer).getBigUint64(4));
      const said = utf8.encode(`cosignature/v1\ntime ${time}\n${body}`);
      need(await tools.ed25519(key.key, said, signature.slice(12)), "witness-signature-wrong", { file, witness });
      seen.push({ witness, time });
    } else need(!key, "checkpoint-malformed", { file });
  }
  need(signed === 1, "log-signature-missing", { file });
  seen.sort((one, two) => one.time - two.time);
  const names = [...new Set(seen.map((one) => one.witness))];
  need(reached(policy, policy.quorum, seen), "quorum-missing", { file, names, count: names.length });
  const enough = seen.findIndex((_, at) => reached(policy, policy.quorum, seen.slice(0, at + 1)));
  return { size: Number(form[2]), root, names, time: policy.quorum === "none" ? null : seen[enough].time };
}

// ---- trees: RFC 6962 in the tiles of C2SP tlog-tiles. Every byte of every file read is bound to the signed root.

const leafHash = (entry) => sha256(Uint8Array.of(0), entry), nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

function rootOf(hashes) {
  if (!hashes.length) return sha256();
  if (hashes.length === 1) return hashes[0];
  const left = 2 ** (Math.ceil(Math.log2(hashes.length)) - 1);
  return nodeHash(rootOf(hashes.slice(0, left)), rootOf(hashes.slice(left)));
}

function tilePath(level, index, width) {
  let path = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest; rest = Math.floor(rest / 1000)) path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  return `tile/${level}/${path}${width < 256 ? `.p/${width}` : ""}`;
}

function unbundle(raw, width, file) { // each entry behind its length in two bytes
  const entries = [];
  let at = 0;
  while (at + 2 <= raw.length) {
    const start = at + 2;
    at = start + raw[at] * 256 + raw[at + 1];
    entries.push(raw.slice(start, at));
  }
  need(entries.length === width && at === raw.length, "entries-malformed", { file });
  return entries;
}

class Tree {
  constructor(get, prefix, size) { Object.assign(this, { get, prefix, size, kept: new Map() }); }
  async open(root, code = "root-wrong") {
    need(same(await this.root(this.size), root), code, { file: this.prefix, size: this.size });
    return this;
  }
  width(level, index) { return Math.min(256, Math.floor(this.size / 256 ** level) - 256 * index); }
  async root(size) { // of the first `size` entries: complete subtrees from the right, joined leftwards
    let root = size ? null : sha256();
    for (let level = 0, count = size; count; level++, count = Math.floor(count / 256)) {
      const width = count % 256, hashes = width ? await this.tile(level, Math.floor(count / 256)) : [];
      for (let end = width, bit = 1; end; bit *= 2) {
        if (!(width & bit)) continue;
        const left = rootOf(hashes.slice(end - bit, end));
        root = root ? nodeHash(left, root) : left;
        end -= bit;
      }
    }
    return root;
  }
  async tile(level, index) { // a full tile is held against the tile above; the one cut tile of a level, against the root by open()
    const width = this.width(level, index), file = `${this.prefix}/${tilePath(level, index, width)}`;
    if (!this.kept.has(file)) {
      const raw = await this.get(file);
      need(raw.length === 32 * width, "tile-malformed", { file });
      const hashes = Array.from({ length: width }, (_, at) => raw.slice(32 * at, 32 * at + 32));
      await this.hold(level, index, hashes, file);
      this.kept.set(file, hashes);
    }
    return this.kept.get(file);
  }
  async hold(level, index, hashes, file) {
    if (hashes.length < 256) return;
    const above = await this.tile(level + 1, Math.floor(index / 256));
    need(same(above[index % 256], rootOf(hashes)), "tile-wrong", { file });
  }
  async entry(at) { // the whole bundle is hashed, so no byte of it is free
    const index = Math.floor(at / 256), width = this.width(0, index), file = `${this.prefix}/${tilePath("entries", index, width)}`;
    const entries = unbundle(await this.get(file), width, file), hashes = entries.map(leafHash);
    if (width < 256) need((await this.tile(0, index)).every((one, i) => same(one, hashes[i])), "entries-wrong", { file });
    await this.hold(0, index, hashes, file);
    return decode(entries[at % 256], "entries-malformed", { file });
  }
}

// ---- documents in exact bytes

const SALT = "[0-9a-f]{32}", HASH = "[0-9a-f]{64}", COUNT = "(?:0|[1-9][0-9]*)";
const NOTICE = new RegExp(`^callup/notice/1\ncall-up: (\\S+)\nroll: (\\S+) (${COUNT}) (${SALT})\nrank: ([1-9][0-9]*)\nperson: (\\S+)\n` +
  `born: ([0-9-]*)\nreport: ([^\n]+)\nlaw: (\\S+) (${SALT})\nobject-by: ([^\n]+)\npromises: (${SALT})\n$`);

function readNotice(text) {
  const said = NOTICE.exec(text);
  need(said, "letter-malformed");
  const [, callUp, stratum, position, salt, rank, person, born, report, law, lawDigest, objectBy, promises] = said;
  const [where, number] = [Number(position), Number(rank)];
  return { callUp, stratum, position: where, salt, rank: number, person, born, report, law, lawDigest, objectBy, promises };
}

function readFragment(fragment) {
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
  plan.order = one("order", "draw|list|volunteers-then-draw");
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
    need(shape && PUBLIC_KINDS.includes(shape[1]), "entries-malformed", { file: "public" });
    log.kinds[shape[1]] = (log.kinds[shape[1]] ?? 0) + 1;
    if (!READ_KINDS.includes(shape[1])) continue;
    const name = `public/doc/${shape[2]}`, raw = await tools.get(name);
    need(hex(sha256(raw)) === shape[2], "document-wrong", { file: name });
    (log.found[shape[1]] ??= []).push({ index, hash: shape[2], text: decode(raw, "document-wrong", { file: name }) });
  }
  return log;
}
const READ_KINDS = ["plan", "seed", "call", "void", "halt", "stay"];
const PUBLIC_KINDS = [...READ_KINDS, "decree", "law", "counts", "batch", "statistics", "erratum"];

// One plan for each call-up id, one seed for each plan, no void plan (docs/formats.md). Gives the plan that holds my stratum.
function choosePlan(page, log, stratum) {
  const { plan: plans = [], seed: seeds = [], void: voids = [] } = log.found;
  need(plans.length, "plan-missing");
  plans.forEach((one, at) => {
    Object.assign(one, readPlan(one.text), { plan: one.hash });
    need(one.callUp === page.callUp || (at > 0 && one.callUp.startsWith(`${page.callUp}s`)), "plan-of-another", { found: one.callUp });
    need(plans.findIndex((other) => other.callUp === one.callUp) === at, "plan-twice", { id: one.callUp });
    need(!voids.some((dead) => dead.text.includes(`\nplan: ${one.hash}\n`) && (at === 0 || holds(one))), "plan-void", { id: one.callUp });
  });
  function holds(one) { return one.roll.some(([name]) => name === stratum); }
  const mine = plans.find(holds);
  need(mine, "stratum-missing", { stratum });
  for (const seed of seeds) {
    const [, of] = new RegExp(`^callup/seed/1\nplan: (${HASH})\n`, "i").exec(seed.text) ?? [];
    const plan = plans.find((one) => one.hash === of?.toLowerCase());
    need(plan && plan.index < seed.index, "seed-without-plan");
    need(!plan.seed, "seed-twice");
    plan.seed = seed;
  }
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

async function checkRoll(plan, me, tools) {
  const [, size, root] = plan.roll.find(([name]) => name === me.stratum);
  need(me.position < Number(size), "line-not-in-roll", me);
  const tree = await new Tree(tools.get, `roll/${encodeURIComponent(me.stratum)}`, Number(size)).open(unhex(root), "roll-swapped");
  const line = leafHash(unhex(commitment("roll", me.salt, `${me.person}\n${me.born}\n${me.stratum}\n`)));
  const tile = await tree.tile(0, Math.floor(me.position / 256));
  need(same(tile[me.position % 256], line), "line-not-in-roll", me);
  return { stratum: me.stratum, position: me.position, size: Number(size) };
}

// The calls of my stratum: ranks 1, 2, 3 ... without a gap, each with the place of its act.
function calledRanks(log, plan, seed, stratum) {
  const ranges = [], seeds = [seed, ...(log.found.seed ?? []).map((one) => one.hash)];
  for (const call of log.found.call ?? []) {
    const [head, said, ...lines] = call.text.split("\n");
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

async function checkDraw(page, policy, me, tools, say) {
  const log = await say("public", readPublic(page, policy, tools), (one) => ({ size: one.head.size, kinds: one.kinds }));
  const plan = await say("plan", (async () => {
    const mine = choosePlan(page, log, me.stratum);
    return Object.assign(mine, await checkLead(page, log, mine, policy, tools));
  })(), ({ time, due, names, hours, hash: plan_, order, beacon }) => ({ time, due, names, hours, plan: plan_, order, beacon: beacon[0] }));
  const seed = await say("seed", checkSeed(page, plan, tools));
  const place = await say("roll", checkRoll(plan, me, tools));
  const ranked = await say("rank", (async () => {
    const listed = plan.order === "list", drawn = () => tools.rank(seed.seed, me.stratum, place.size, me.position);
    const rank = listed ? me.position + 1 : await drawn();
    need(me.rank === undefined || rank === me.rank, "rank-wrong", { rank, said: me.rank });
    return { rank, size: place.size, ticket: listed ? "" : hash(`${seed.seed} ${me.stratum} ${me.position}`) };
  })());
  const ranges = calledRanks(log, plan, seed.seed, me.stratum), notes = ["halt", "stay"].flatMap((kind) => log.found[kind] ?? []);
  return { log, plan, seed, ranges, rank: ranked.rank, last: ranges.at(-1)?.last ?? 0, notes: notes.map((one) => one.text) };
}

async function checkLetter(page, asked, tools, say) {
  const policy = readPolicy(page.policy), origin = `${page.origin}/acts`;
  const me = await say("text", (async () => readNotice(asked.text))());
  const mine = me.callUp === page.callUp || me.callUp.startsWith(`${page.callUp}s`);
  need(mine, "letter-of-another", { found: me.callUp, expected: page.callUp });
  const kind = me.report.startsWith("none ") ? "decision" : "call";
  const entry = `callup/1 ${kind} ${commitment("open", asked.salt, asked.text)}\n`;
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
  await say("entry", (async () => need(await tree.entry(asked.index) === entry, "letter-not-in-log", { index: asked.index }))(),
    () => ({ index: asked.index, time: then.time, names: then.names }));
  const drawn = await checkDraw(page, policy, me, tools, say);
  await say("act", (async () => {
    const range = drawn.ranges.find((one) => one.first <= me.rank && me.rank <= one.last);
    need(range, "rank-not-called", { rank: me.rank, last: drawn.last });
    need(range.index + me.rank - range.first === asked.index, "act-of-another-rank", { rank: me.rank });
    return { rank: me.rank, last: drawn.last };
  })());
  const vouched = await say("promises", (async () => {
    need(drawn.plan.promises.startsWith(me.promises), "promises-differ");
    need(drawn.plan.law.startsWith(me.lawDigest), "law-differs");
    return { release: page.releases[drawn.plan.promises] ?? "" };
  })());
  return { me, then, ...drawn, release: vouched.release, witnessed: policy.quorum !== "none" };
}

// ---- signatures

async function ed25519(key, message, signature) { // by the browser; by the vendored curves where it cannot yet
  if (signature.length !== 64) return false;
  try {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature, message);
  } catch { /* an older browser, or a page opened without a secure address */ }
  try { return noble.ed25519.verify(signature, message, key, { zip215: false }); } catch { return false; }
}

function bls(beacon, round, value) { // drand, scheme bls-unchained-g1-rfc9380: the key is on G2, the signature on G1
  const number = new Uint8Array(8), { shortSignatures: short } = noble.bls12_381;
  new DataView(number.buffer).setBigUint64(0, BigInt(round));
  const message = short.hash(sha256(number), beacon.tag);
  try { return value.length === 96 && short.verify(unhex(value), message, unhex(beacon.key)); } catch { return false; }
}
