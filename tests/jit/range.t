# --jit-range: these functions are machine code, and the others are interpreted;
# each calls the others, traps go through all of them, and traces name them.
file: m.wat
(module
  (table 2 funcref)
  (elem (i32.const 0) $even $odd)
  (type $t (func (param i32) (result i32)))
  (func $even (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1))
      (else (call $odd (i32.sub (local.get 0) (i32.const 1))))))
  (func $odd (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
      (else (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))))
  (func $tail (param i32) (result i32)
    (return_call $odd (local.get 0)))
  (func $go (export "go") (param i32) (result i32)
    (i32.add (i32.mul (call $even (local.get 0)) (i32.const 10)) (call $tail (local.get 0))))
  (func $inner (param i32) (result i32) (i32.div_u (i32.const 7) (local.get 0)))
  (func $outer (export "fail") (param i32) (result i32) (call $inner (local.get 0))))
cmd: for r in 0:0 0:1 1:2 2:3 0:2 1:3 3:4 0:6 2:6; do wasmrt run m.wat --engine=jit --jit-range=$r --invoke=go 101; done | uniq
stdout: 1 : i32
cmd: for r in 0:0 4:5 5:6 0:6; do wasmrt run m.wat --engine=jit --jit-range=$r --invoke=fail 0; done 2>&1 | grep ' at ' | sort | uniq -c | sed 's/^ *//'
stdout:
4     at func[4] inner+0x5 (0x80)
4     at func[5] outer+0x3 (0x86)

cmd: wasmrt run m.wat --engine=jit --jit-range=2:1 --invoke=go 1
stderr:
wasmrt: --jit-range=2:1: this is no FIRST:END
  hint: for example: wasmrt run app.wasm --engine=jit --jit-range=0:128
exit: 2
cmd: wasmrt run m.wat --engine=interp --jit-range=0:1 --invoke=go 1
stderr~: wasmrt: --jit-range is about machine code, and engine "interp" makes none
exit: 2
