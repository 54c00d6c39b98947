# The page of `wasmrt explore` has machine code beside the instructions.
file: add.wat
(module (func (export "add") (param i32 i32) (result i32)
  (i32.add (local.get 0) (local.get 1))))
cmd: wasmrt explore add.wat -o add.html; grep -c '"code": .*machine code: [0-9]* bytes.*begin\\u000a    +0000: ' add.html
stdout: 1
