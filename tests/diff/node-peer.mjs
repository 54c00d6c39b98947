// Runs modules in the WebAssembly engine of node, for `make diff-node`: the
// protocol of peer.h over standard input and output, each module given in full.
// It says first which features the engine has.
//
// SPDX-License-Identifier: Apache-2.0
import { readSync, writeSync } from "node:fs";

// -- Which features there are -------------------------------------------------

const section = (id, bytes) => [id, bytes.length, ...bytes];

// A module with a function of the given code, and with other sections.
function probe({ code = [], types = [], memory, table, global, elem }) {
  const body = [0, ...code, 0x0b];
  return new Uint8Array([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [1 + types.length, 0x60, 0, 0, ...types.flat()]),
    ...section(3, [1, 0]),
    ...(table ? section(4, table) : []),
    ...(memory ? section(5, memory) : []),
    ...(global ? section(6, global) : []),
    ...(elem ? section(9, elem) : []),
    ...section(10, [1, body.length, ...body]),
  ]);
}

const zero = [0x41, 0];
const probes = {
  "mutable-globals": {},
  "sign-extension": { code: [...zero, 0xc0, 0x1a] },
  "saturating-trunc": { code: [0x43, 0, 0, 0, 0, 0xfc, 0, 0x1a] },
  "multi-value": {
    types: [[0x60, 0, 2, 0x7f, 0x7f]],
    code: [0x02, 1, ...zero, ...zero, 0x0b, 0x1a, 0x1a],
  },
  "bulk-memory": {
    memory: [1, 0, 1],
    code: [...zero, ...zero, ...zero, 0xfc, 11, 0],
  },
  "reference-types": { code: [0xd0, 0x6f, 0xd1, 0x1a] },
  "extended-const": { global: [1, 0x7f, 0, ...zero, ...zero, 0x6a, 0x0b] },
  simd: { code: [0xfd, 12, ...new Array(16).fill(0), 0x1a] },
  "tail-call": { code: [0x12, 0] },
  "function-references": {
    elem: [1, 3, 0, 1, 0],
    code: [0xd2, 0, 0x14, 0],
  },
  gc: { code: [...zero, 0xfb, 0x1c, 0xfb, 0x1d, 0x1a] },
  exceptions: { code: [0x1f, 0x40, 0, 0x0b] },
  "legacy-exceptions": { code: [0x06, 0x40, 0x19, 0x0b] },
  "multi-memory": { memory: [2, 0, 1, 0, 1] },
  memory64: { memory: [1, 4, 1], table: [1, 0x70, 4, 1] },
  threads: { memory: [1, 3, 1, 1], code: [0xfe, 3, 0] },
  "custom-page-sizes": { memory: [1, 8, 1, 0] },
  "wide-arithmetic": { code: [0x42, 0, 0x42, 0, 0xfc, 22, 0x1a, 0x1a] },
};

// -- Messages -----------------------------------------------------------------

function readAll(bytes) {
  for (let at = 0; at < bytes.length; ) {
    let n = 0;
    try {
      n = readSync(0, bytes, at, bytes.length - at, null);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      continue;
    }
    if (n === 0) return false;
    at += n;
  }
  return true;
}

function writeAll(text) {
  const bytes = Buffer.from(text);
  const message = Buffer.alloc(12 + bytes.length);
  message.writeUInt32LE(bytes.length, 0);
  message.writeBigUInt64LE(0xffffffffffffffffn, 4);
  bytes.copy(message, 12);
  for (let at = 0; at < message.length; ) at += writeSync(1, message, at);
}

// -- Outcomes -----------------------------------------------------------------

// What the runner writes for each of the engine's messages.
const traps = [
  [/unreachable/, "unreachable"],
  [/memory access out of bounds|data segment|unaligned|Atomics.wait/,
    "out of bounds memory access"],
  [/signature mismatch/, "indirect call type mismatch"],
  [/table.*out of bounds|element segment/, "out of bounds table access"],
  [/array.*out of bounds|array index/, "out of bounds array access"],
  [/by zero/, "integer divide by zero"],
  [/unrepresentable/, "integer overflow"],
  [/null pointer|null value|null reference/, "null reference"],
  [/illegal cast/, "cast failure"],
];

function failure(error, tags) {
  if (error instanceof WebAssembly.Exception) {
    const n = tags.findIndex((tag) => error.is(tag));
    return `throws x${n < 0 ? tags.length : n}\n`;
  }
  const row = traps.find(([pattern]) => pattern.test(error.message));
  return `traps: ${row ? row[1] : `${error.name}: ${error.message}`}\n`;
}

const hex = (value) => BigInt.asUintN(64, BigInt(value)).toString(16);

function call(name, func, tags) {
  try {
    const result = func();
    const list = Array.isArray(result) ? result : result === undefined ? [] : [result];
    return `${name} =${list.map((v) => " " + hex(v)).join("")}\n`;
  } catch (error) {
    return `${name} ${failure(error, tags)}`;
  }
}

// Four lanes of 32 bits; bytes that are left over go into the first one.
function memoryHash(buffer) {
  const n = buffer.byteLength >>> 4;
  const words = new Uint32Array(buffer, 0, n * 4);
  const hash = [1, 2, 3, 4];
  const mix = (lane, word) => {
    const h = Math.imul(hash[lane] ^ word, 0x01000193);
    hash[lane] = h ^ (h >>> 15);
  };
  for (let i = 0; i < n * 4; i++) mix(i & 3, words[i]);
  for (const byte of new Uint8Array(buffer, n * 16)) mix(0, byte);
  return hash.map((h) => (h >>> 0).toString(16).padStart(8, "0")).join("");
}

function global(name, value) {
  const bits = typeof value === "bigint" ? value : value >>> 0;
  return `${name} = ${hex(bits)}\n`;
}

function outcome(module, exports) {
  const list = WebAssembly.Module.exports(module);
  const tags = list.filter((e) => e.kind === "tag").map((e) => exports[e.name]);
  let text = "";
  for (const { name, kind } of list) {
    const value = exports[name];
    if (kind === "function") text += call(name, value, tags);
    else if (kind === "memory")
      text += `${name} ${value.buffer.byteLength} bytes ${memoryHash(value.buffer)}\n`;
    else if (kind === "table") text += `${name} ${value.length} elements\n`;
    else if (kind === "global" && name[0] === "g")
      text += global(name, value.value);
  }
  return text;
}

const host = {
  ints: (a, b) =>
    BigInt(a >>> 0) * 31n +
    ((BigInt.asUintN(64, b) << 5n) | (BigInt.asUintN(64, b) >> 59n)),
  floats: (a, b) => a + b,
  ref: (value) => value,
};

function run(bytes) {
  let module;
  try {
    module = new WebAssembly.Module(bytes);
  } catch (error) {
    return `invalid: ${error.message}\n`;
  }
  let instance;
  try {
    instance = new WebAssembly.Instance(module, { h: host });
  } catch (error) {
    return `instantiation ${failure(error, [])}`;
  }
  return outcome(module, instance.exports);
}

writeAll(
  Object.keys(probes)
    .filter((name) => WebAssembly.validate(probe(probes[name])))
    .join(" "),
);
const order = Buffer.alloc(24);
while (readAll(order)) {
  const bytes = new Uint8Array(order.readUInt32LE(0));
  if (!readAll(bytes)) break;
  writeAll(run(bytes));
}
