# A branch out of the function that is not taken: the local in a register that C
# does not preserve is still at home alone.
file: m.wat
(module
  (memory 1)
  (func (export "f") (param $out i32) (result i64 i64) (local $x i64)
    (local.set $x (i64.const 7))
    (local.set $x (i64.add (local.get $x) (i64.extend_i32_u (memory.size))))
    (i64.const 1)
    (drop (memory.grow (i32.const 0)))
    (local.get $x)
    (br_if 0 (local.get $out))
    (drop)
    (drop)
    (local.get $x)
    (i64.mul (local.get $x) (i64.const 2))))
cmd: for e in interp jit; do for x in 0 1; do wasmrt run m.wat --engine=$e --invoke=f $x; done; done
stdout:
8 : i64
16 : i64
1 : i64
8 : i64
8 : i64
16 : i64
1 : i64
8 : i64
