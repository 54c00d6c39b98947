# A module as text: folded, flat, and back.
file: m.wat
(module
  (import "env" "log" (func (param i32)))
  (memory 1)
  (data (i32.const 8) "hi\n\ff")
  (export "run" (func 1))
  (func (param i32) (result i32)
    (call 0 (local.get 0))
    (i32.add (local.get 0) (i32.load offset=4 (i32.const 0)))))
cmd: wasmrt wat2wasm m.wat && wasmrt wasm2wat m.wasm
stdout:
(module
  (type (;0;) (func (param i32)))
  (type (;1;) (func (param i32) (result i32)))
  (import "env" "log" (func (;0;) (type 0) (param i32)))
  (memory (;0;) 1)
  (export "run" (func 1))
  (func (;1;) (type 1) (param i32) (result i32)
    (call 0 (local.get 0))
    (i32.add (local.get 0) (i32.load offset=4 (i32.const 0)))
  )
  (data (;0;) (i32.const 8) "hi\n\ff")
)

cmd: wasmrt wasm2wat m.wasm --output=again.wat && wasmrt wat2wasm again.wat && cmp m.wasm again.wasm

cmd: wasmrt wasm2wat --flat --generate-names - <m.wasm
stdout~:
  (func $run (;1;) (type $type1) (param $x0 i32) (result i32)
    local.get $x0
    call $env.log
    local.get $x0
    i32.const 0
    i32.load offset=4
    i32.add
  )

# The offsets are those that dump shows.
cmd: wasmrt wasm2wat --flat --offsets m.wasm | sed -n "s/.*(;\\(0x.*\\);) \\([a-z0-9.]*\\).*/\\1 \\2/p" >a; wasmrt dump --code m.wasm | sed -n "/ end$/d; s/^ *\\(0x[^ ]*\\) *\\([a-z0-9.]*\\).*/\\1 \\2/p" >b; cmp a b && grep -c i32.load a
stdout: 1

cmd: wasmrt wasm2wat m.wat
stderr:
wasmrt: m.wat is in the text format already
  hint: the other way: wasmrt wat2wasm m.wat
exit: 1

cmd: wasmrt wat2wasm m.wasm
stderr:
wasmrt: m.wasm is in the binary format already
  hint: the other way: wasmrt wasm2wat m.wasm
exit: 1

cmd: wasmrt wasm2wat
stderr~: FILE is missing: wasmrt wasm2wat FILE
exit: 2

cmd: wasmrt wasm2wat m.wasm --output=no/such/folder
stderr~: cannot write no/such/folder
exit: 1

# Scripts, with each module taken through its text.
file: s.wast
(module (func (export "f") (result i32) (i32.const 1)))
(assert_return (invoke "f") (i32.const 1))
(assert_invalid (module (func (result i32))) "type mismatch")
cmd: wasmrt wast --roundtrip s.wast
stdout:
s.wast: 3 passed, 0 failed
3 passed, 0 failed

# Names go through the name section: to traces, and back into text.
file: named.wat
(module $app
  (func $inner (param $why i32) (unreachable))
  (func $"outer one" (export "run") (call $inner (i32.const 1)))
  (@custom "note" "hi"))
cmd: wasmrt run named.wat --invoke=run
stderr~:
unreachable
inner
outer one
exit: 134

cmd: wasmrt wat2wasm named.wat && wasmrt wasm2wat named.wasm
stdout:
(module $app
  (type (;0;) (func (param i32)))
  (type (;1;) (func))
  (export "run" (func $"outer one"))
  (func $inner (;0;) (type 0) (param $why i32)
    (unreachable)
  )
  (func $"outer one" (;1;) (type 1)
    (call $inner (i32.const 1))
  )
  (@custom "note" "hi")
)

cmd: wasmrt wat2wasm --no-names named.wat && wasmrt dump --custom named.wasm | grep -c 'after code'
stdout: 1

cmd: wasmrt wasm2wat --no-names named.wasm | grep -c '(func (;[01];)'
stdout: 2
