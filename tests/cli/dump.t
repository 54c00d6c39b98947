# What is in a module.
file: m.wat
(module
  (import "env" "log" (func $log (param i32)))
  (memory (export "memory") 1 2)
  (data (i32.const 8) "hi")
  (func $f (export "run") (param i32) (result i32)
    (call $log (local.get 0))
    (i32.add (local.get 0) (i32.const 42))))
cmd: wasmrt dump m.wat
stdout~:
sections:
  import
  code
imports:
  "env" "log" = func 0
exports:
  "memory"
  "run"

cmd: wasmrt dump --code m.wat
stdout~:
func 1
local.get 0
call 0
i32.const 42
i32.add
end

cmd: wasmrt dump --func=run m.wat | grep -c '^func'
stdout: 1
cmd: wasmrt dump --func=1 m.wat | grep -c '^func'
stdout: 1
cmd: wasmrt dump --func=nosuch m.wat
stderr~: wasmrt: m.wat: the module has no function nosuch
exit: 2

cmd: wasmrt dump --headers m.wat | grep -c '^imports:'
stdout: 0
exit: 1
cmd: wasmrt dump --data m.wat
stdout~: hi
cmd: wasmrt dump - <m.wat
stdout~: sections:

# The interpreter's code beside the module's.
file: add.wat
(module (func $add (export "add") (param i32 i32) (result i32)
  (i32.add (local.get 0) (local.get 1))))
cmd: wasmrt dump --iops --func=add add.wat
stdout~:
i32.add
code: 2 cells, a frame of
[0] I32_ADD.
[1] RET_I
