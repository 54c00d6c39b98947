# A plugin is replaced by another one; a bad one replaces nothing, and a greedy
# one loses its call.
file: next.wat
(module (func (export "score") (param i32) (result i32)
  (i32.add (local.get 0) (i32.const 1))))
file: wrong.wat
(module (func (export "score") (param i64) (result i32) (i32.const 0)))
file: huge.wat
(module (memory 100) (func (export "score") (param i32) (result i32)
  (local.get 0)))
cmd: cp "$CASES/../../examples/plugins.wat" . && $RUNNER "$EXAMPLES/plugins"
stdin:
use plugins.wat
7
200
8
use wrong.wat
use huge.wat
use nosuchfile.wat
9
use next.wat
9
stdout:
  plugin: called 0 times before
score(7) = 49
  plugin: called 1 times before
200: out of fuel
  plugin: called 2 times before
score(8) = 64
use wrong.wat: host function failed: it has no score: (i32) -> i32
use huge.wat: memory limit exceeded: 6553600 bytes needed, 0 of 1048576 in use
use nosuchfile.wat: input/output error: nosuchfile.wat: no such file or directory
  plugin: called 3 times before
score(9) = 81
score(9) = 10
