// Runs one WASI preview1 command in node:
// node-wasi.mjs [--dir=DIR] FILE [ARG...]; DIR is what it may reach, as "/".
//
// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const args = process.argv.slice(2);
const dir = args[0].startsWith("--dir=") ? args.shift().slice(6) : null;
const wasi = new WASI({
  version: "preview1",
  args,
  preopens: dir ? { "/": dir } : {},
  env: dir ? { PWD: "/" } : {},
  returnOnExit: true,
});
const module = new WebAssembly.Module(readFileSync(args[0]));
const instance = new WebAssembly.Instance(module, wasi.getImportObject());
process.exitCode = wasi.start(instance);
