// The same in node, as far as it has it.  SPDX-License-Identifier: Apache-2.0
// (module (import "h" "raw" (func $raw (param i32) (result i32)))
//  (func (export "id") (param i32) (result i32) (local.get 0))
//  (func (export "raw") (param i32) (result i32)
//   (loop (drop (call $raw (local.get 0)))
//    (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
//   (i32.const 0)))
import { readFileSync } from 'node:fs';
const CALLS = 200000, ROUNDS = 15;
const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const imports = { h: { raw: n => n + 1 | 0 } };
const { id, raw } = new WebAssembly.Instance(module, imports).exports;

function measure(name, run) {
    let best = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
        const start = process.hrtime.bigint();
        run();
        best = Math.min(best, Number(process.hrtime.bigint() - start));
    }
    console.log(`${name}\t${(best / CALLS).toFixed(1)}`);
}

measure('host to guest, typed', () => { for (let i = 0; i < CALLS; i++) id(i); });
measure('guest to host, typed', () => raw(CALLS));
