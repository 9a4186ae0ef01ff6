// The page's own functions under Node: the parts are put behind each other as the page does, then asked what comes in as JSON.
const vm = require("vm"), fs = require("fs");
const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const source = asked.parts.map((path) => fs.readFileSync(path, "utf8").replace('"use strict";', "")).join("\n");
vm.runInThisContext(source + "\n;globalThis.the = { noble, sha256, ticketWriter, rankOf, hex, unhex, hash, leafHash, rootOf, readPlan, " +
  "readPolicy, openCheckpoint, unbundle, tilePath, ed25519, bls, checkLetter, checkSlip, checkProof, openPacket, readFragment, readProof, holdProof,  Refused, need };");
const { the } = globalThis;
const remembered = new Map();
const bls = (beacon, round, value) => { // one signature is checked once; the flips of its bytes are other values
  const key = `${round} ${value}`;
  if (!remembered.has(key)) remembered.set(key, the.bls(beacon, round, value));
  return remembered.get(key);
};

async function check({ files, page, fragment, salt, proof }) {
  const steps = [], read = [], raw = Buffer.from(proof ?? "", "base64");
  const get = async (name, optional = false) => {
    if (optional && !files[name]) return null;
    the.need(files[name], "file-missing", { file: name });
    read.push(name);
    return Uint8Array.from(files[name]);
  };
  const say = async (id, promise, about = (value) => value) => {
    const value = await promise;
    steps.push([id, about(value) ?? {}]);
    return value;
  };
  try {
    const rank = async (...them) => the.rankOf(...them);
    const tools = { get, rank, ed25519: the.ed25519, bls };
    if (raw[0] === 0x7b) {
      const packet = await the.openPacket(page, raw, tools);
      [tools.get, fragment, proof] = [packet.get, (packet.letter || packet.slip).replace(/^[^#]*#/, ""), ""];
    }
    const asked = proof && !fragment ? null : the.readFragment(fragment);
    const found = await (proof ? the.checkProof(page, Buffer.from(proof, "base64"), asked, tools, say)
      : asked.slip ? the.checkSlip(page, asked.slip, salt, tools, say) : the.checkLetter(page, asked, tools, say));
    return { code: "", steps, read, release: found.release, notes: found.notes, rank: found.rank, last: found.last };
  } catch (failure) {
    if (!failure.code) throw failure;
    return { code: failure.code, params: failure.params, steps, read };
  }
}
const opened = (files) => Object.fromEntries(Object.entries(files).map(([name, raw]) => [name, Buffer.from(raw, "base64")]));

const orders = {
  async checks({ cases }) {
    const found = [];
    for (const one of cases) found.push(await check({ ...one, files: opened(one.files) }));
    return found;
  },
  async flips(asked) { // every byte of every file that the check reads, one after the other; or one in `asked.every`
    const whole = opened(asked.files), { code, read } = await check({ ...asked, files: whole }), survived = [];
    let count = 0;
    for (const name of code ? [] : [...new Set(read)]) {
      for (let at = name.length % asked.every; at < whole[name].length; at += asked.every, count++) {
        whole[name][at] ^= 1;
        const after = await check({ ...asked, files: whole });
        if (!after.code) survived.push([name, at]);
        whole[name][at] ^= 1;
      }
    }
    return { code, count, survived, read };
  },
  async vectors({ draw, tlog, quicknet, page }) {
    const attempt = (what) => { try { what(); return ""; } catch (failure) { return failure.code ?? String(failure); } };
    const ticket = (seed, stratum, position) => [...the.ticketWriter(seed, stratum)(position)].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
    const leaves = tlog.trees.leaves.map((leaf) => the.leafHash(the.unhex(leaf)));
    return {
      tickets: draw.tickets.cases.map(([stratum, position]) => ticket(draw.tickets.seed, stratum, position)),
      plan: attempt(() => the.readPlan(draw.plan)),
      badPlans: draw.bad_plans.map((bad) => attempt(() => the.readPlan(draw.plan.replace(bad.old, bad.new)))),
      planHash: the.hash(draw.plan),
      seed: the.hash(draw.seed_document),
      roots: tlog.trees.roots.map((_, size) => the.hex(the.rootOf(leaves.slice(0, size)))),
      names: tlog.names.map(([level, index, width]) => the.tilePath(level, index, width)),
      signatures: await Promise.all(tlog.ed25519.cases.map((one) => the.ed25519(the.unhex(one.public), the.unhex(one.message), the.unhex(one.signature)))),
      fallback: tlog.ed25519.cases.map((one) => the.noble.ed25519.verify(the.unhex(one.signature), the.unhex(one.message), the.unhex(one.public))),
      rounds: quicknet.rounds.map((one) => the.bls(page.beacon, one.round, one.signature)),
    };
  },
  async proofs({ cases }) { // since when a quorum had seen it; no-quorum, or refused
    const since = async ({ policy: text, entry, proof }) => {
      try {
        const policy = the.readPolicy(text), read = the.readProof(new TextEncoder().encode(proof)), [origin] = Object.keys(policy.logs);
        const then = await the.openCheckpoint(read.checkpoint, origin, policy, { ed25519: the.ed25519 }, "proof");
        the.holdProof(read, entry, then);
        return policy.quorum === "none" ? 0 : then.time;
      } catch (failure) {
        if (!failure.code) throw failure;
        return failure.code === "quorum-missing" ? null : "refused";
      }
    };
    return Promise.all(cases.map(since));
  },
  async hashes({ lengths }) { return lengths.map((length) => the.hex(the.sha256(new Uint8Array(length).fill(0xa7)))); },
  async ranks({ cases }) { return cases.map((one) => the.rankOf(...one)); },
};
orders[asked.order](asked).then((found) => process.stdout.write(JSON.stringify(found)));
