"use strict";
// What every step rests on, and what knows nothing of call-ups: bytes, policy, signed checkpoints, trees in tiles, signatures.

class Refused extends Error {
  constructor(code, params = {}) { super(code); this.code = code; this.params = params; }
}
const need = (holds, code, params) => { if (!holds) throw new Refused(code, params); };
const utf8 = new TextEncoder(), strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const hex = (raw) => Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hash = (text) => hex(sha256(utf8.encode(text)));
const same = (one, two) => one.length === two.length && one.every((byte, at) => byte === two[at]);

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
  need(name && !/\s/.test(name) && raw?.length === 33 && raw[0] === type, "policy-malformed", { line: vkey });
  need(hex(sha256(utf8.encode(name + "\n"), raw)).slice(0, 8) === id, "policy-malformed", { line: vkey });
  return { id, type, key: raw.slice(1), origin: name };
}

// A name stands above the line that uses it, and is a member once; a key stands once.
function readPolicy(text) {
  const policy = { logs: {}, witnesses: {}, groups: {}, quorum: null }, taken = new Set(["none"]), members = new Set(), keys = new Set();
  need(/^[\t\n -~\u0080-\uffff]*\n$/.test(text), "policy-malformed", { line: text.slice(-40) });
  for (const line of text.slice(0, -1).split("\n")) {
    const [word, name, ...rest] = line.split(/[ \t]+/).filter(Boolean), hold = (holds) => need(holds, "policy-malformed", { line });
    if (!word || word.startsWith("#")) continue;
    const fresh = () => { hold(name && !taken.has(name)); taken.add(name); };
    const once = (key) => { const said = key.type + hex(key.key); hold(!keys.has(said)); keys.add(said); return key; };
    if (word === "log") {
      hold(name && rest.length < 2);
      const key = once(readKey(name, 1));
      policy.logs[key.origin] = key;
    } else if (word === "witness") {
      fresh();
      hold(rest.length === 1 || rest.length === 2);
      policy.witnesses[name] = once(readKey(rest[0], 4));
    } else if (word === "group") {
      fresh();
      const [said, ...inside] = rest, least = { any: 1, all: inside.length }[said] ?? (/^[1-9][0-9]{0,3}$/.test(said) ? Number(said) : 0);
      for (const one of inside) { hold(one !== name && one !== "none" && taken.has(one) && !members.has(one)); members.add(one); }
      hold(least >= 1 && least <= inside.length);
      policy.groups[name] = { least, members: inside };
    } else {
      hold(word === "quorum" && !rest.length && policy.quorum === null && taken.has(name));
      policy.quorum = name;
    }
  }
  need(policy.quorum !== null, "policy-malformed", { line: "quorum" });
  return policy;
}

function reached(policy, name, seen) {
  if (name === "none") return true;
  const group = policy.groups[name];
  if (!group) return seen.some((one) => one.witness === name);
  return group.members.filter((member) => reached(policy, member, seen)).length >= group.least;
}

// A signed note: the log must have signed it, and every line of a known key must hold.
async function openNote(raw, origin, policy, tools, file) {
  const note = decode(raw, "checkpoint-malformed", { file }), cut = note.lastIndexOf("\n\n");
  const body = note.slice(0, cut + 1), lines = note.slice(cut + 2).split("\n"), log = policy.logs[origin], seen = [];
  need(cut > 0 && lines.pop() === "" && lines.length, "checkpoint-malformed", { file });
  let signed = 0;
  for (const line of lines) {
    const shape = /^\u2014 ([^ +\s]+) ([A-Za-z0-9+/=]+)$/.exec(line), signature = unbase64(shape?.[2] ?? "");
    need(signature?.length > 4, "checkpoint-malformed", { file });
    const id = hex(signature.slice(0, 4)), [witness, key] = Object.entries(policy.witnesses)
      .find(([, one]) => one.origin === shape[1] && one.id === id) ?? [];
    if (shape[1] === origin && id === log.id) {
      need(await tools.ed25519(log.key, utf8.encode(body), signature.slice(4)), "log-signature-wrong", { file });
      signed++;
    } else if (key) {
      const time = signature.length === 76 ? new DataView(signature.buffer).getBigUint64(4) : 1n << 63n;
      const fresh = time < 1n << 63n && !seen.some((one) => one.witness === witness);
      const said = utf8.encode(`cosignature/v1\ntime ${time}\n${body}`);
      need(fresh && await tools.ed25519(key.key, said, signature.slice(12)), "witness-signature-wrong", { file, witness });
      seen.push({ witness, time: Number(time) });
    }
  }
  need(signed === 1, "log-signature-missing", { file });
  return { body, seen: seen.sort((one, two) => one.time - two.time) };
}

async function openCheckpoint(raw, origin, policy, tools, file) {
  const text = decode(raw, "checkpoint-malformed", { file });
  const form = /^([^\n]+)\n(0|[1-9][0-9]{0,14})\n([A-Za-z0-9+/]{43}=)\n\n/.exec(text), root = unbase64(form?.[3] ?? "");
  need(form && root?.length === 32, "checkpoint-malformed", { file });
  need(form[1] === origin, "checkpoint-of-another-log", { file, found: form[1] });
  const { body, seen } = await openNote(raw, origin, policy, tools, file), names = seen.map((one) => one.witness);
  need(`${body}\n` === form[0], "checkpoint-malformed", { file });
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

// Whether a path leads from a leaf to the root: RFC 9162, section 2.1.3.2.
function leadsTo(root, leaf, index, size, path) {
  let [at, last, found] = [index, size - 1, leaf];
  for (const step of path) {
    if (last === 0 || step.length !== 32) return false;
    if (at % 2 === 1 || at === last) {
      found = nodeHash(step, found);
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else found = nodeHash(found, step);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(found, root);
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
  async leaf(at) { return (await this.tile(0, Math.floor(at / 256)))[at % 256]; }
}

// ---- C2SP tlog-proof: an entry's place in a log, to be checked offline

function readProof(raw) {
  const file = decode(raw, "proof-malformed"), cut = file.indexOf("\n\n"), [head, ...lines] = file.slice(0, cut).split("\n");
  const extra = /^extra ([A-Za-z0-9+/=]+)$/.exec(lines[0] ?? ""), carried = unbase64(extra?.[1] ?? "");
  if (extra) lines.shift();
  const index = /^index (0|[1-9][0-9]{0,14})$/.exec(lines.shift() ?? ""), path = lines.map(unbase64);
  const steps = path.length <= 63 && path.every((step) => step?.length === 32);
  need(cut > 0 && head === "c2sp.org/tlog-proof@v1" && index && steps && carried, "proof-malformed");
  return { index: Number(index[1]), path, extra: carried, checkpoint: utf8.encode(file.slice(cut + 2)) };
}

function holdProof(proof, entry, then) {
  const held = proof.index < then.size && leadsTo(then.root, leafHash(utf8.encode(entry)), proof.index, then.size, proof.path);
  need(held, "letter-not-in-log", { index: proof.index });
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
