"use strict";
// SHA-256 (FIPS 180-4) and the draw. This text runs in the page, in the page's worker and under Node.

const ROUNDS = Int32Array.from((
  "428a2f9871374491b5c0fbcfe9b5dba53956c25b59f111f1923f82a4ab1c5ed5d807aa9812835b01243185be550c7dc372be5d7480deb1fe9bdc06a7c19bf174" +
  "e49b69c1efbe47860fc19dc6240ca1cc2de92c6f4a7484aa5cb0a9dc76f988da983e5152a831c66db00327c8bf597fc7c6e00bf3d5a7914706ca635114292967" +
  "27b70a852e1b21384d2c6dfc53380d13650a7354766a0abb81c2c92e92722c85a2bfe8a1a81a664bc24b8b70c76c51a3d192e819d6990624f40e3585106aa070" +
  "19a4c1161e376c082748774c34b0bcb5391c0cb34ed8aa4a5b9cca4f682e6ff3748f82ee78a5636f84c878148cc7020890befffaa4506cebbef9a3f7c67178f2"
).match(/.{8}/g), (word) => parseInt(word, 16));
const START = Int32Array.of(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19);
const words = new Int32Array(64);

function compress(state, block, at) {
  for (let i = 0; i < 16; i++, at += 4) words[i] = (block[at] << 24) | (block[at + 1] << 16) | (block[at + 2] << 8) | block[at + 3];
  for (let i = 16; i < 64; i++) {
    const x = words[i - 15], y = words[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + (g ^ (e & (f ^ g))) + ROUNDS[i] + words[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    h = g; g = f; f = e; e = (d + one) | 0;
    const two = (s0 + ((a & b) | (c & (a | b)))) | 0;
    d = c; c = b; b = a; a = (one + two) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

function sha256(...parts) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const padded = new Uint8Array(Math.ceil((length + 9) / 64) * 64), view = new DataView(padded.buffer);
  parts.reduce((at, part) => (padded.set(part, at), at + part.length), 0);
  padded[length] = 0x80;
  view.setUint32(padded.length - 8, Math.floor(length / 0x20000000));
  view.setUint32(padded.length - 4, (length * 8) >>> 0);
  const state = START.slice();
  for (let at = 0; at < padded.length; at += 64) compress(state, padded, at);
  const digest = new Uint8Array(32), out = new DataView(digest.buffer);
  state.forEach((word, i) => out.setInt32(4 * i, word));
  return digest;
}

// The seed's 64 digits are exactly one block: it is compressed once, and each ticket costs the blocks of its tail only.
function ticketWriter(seed, stratum) {
  const ascii = new TextEncoder(), first = START.slice(), state = new Int32Array(8);
  compress(first, ascii.encode(seed), 0);
  const head = ascii.encode(` ${stratum} `), room = Math.ceil((head.length + 16 + 9) / 64) * 64, block = new Uint8Array(room);
  block.set(head);
  return (position) => {
    let length = head.length;
    for (let rest = position, digits = 1; ; digits++) {
      if ((rest = Math.floor(rest / 10)) > 0) continue;
      length += digits;
      break;
    }
    for (let at = length - 1, rest = position; at >= head.length; at--, rest = Math.floor(rest / 10)) block[at] = 48 + (rest % 10);
    const end = Math.ceil((length + 9) / 64) * 64, bits = (64 + length) * 8;
    block.fill(0, length, end);
    block[length] = 0x80;
    block[end - 2] = bits >> 8;
    block[end - 1] = bits & 255;
    state.set(first);
    for (let at = 0; at < end; at += 64) compress(state, block, at);
    return state;
  };
}

// How many tickets of the whole stratum are smaller than mine, plus one; equal tickets, should there ever be two, go by position.
function rankOf(seed, stratum, size, position) {
  const ticket = ticketWriter(seed, stratum), mine = ticket(position).slice();
  let rank = 1;
  for (let other = 0; other < size; other++) {
    const theirs = ticket(other);
    let i = 0;
    while (i < 8 && theirs[i] === mine[i]) i++;
    if (i < 8 ? theirs[i] >>> 0 < mine[i] >>> 0 : other < position) rank++;
  }
  return rank;
}
