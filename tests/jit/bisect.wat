;; For the search of tools/jit-bisect.sh: one function of many rotates.
(module
  (func $add (param i32) (result i32) (i32.add (local.get 0) (i32.const 3)))
  (func $sub (param i32) (result i32) (i32.sub (call $add (local.get 0)) (i32.const 1)))
  (func $mul (param i32) (result i32) (i32.mul (call $sub (local.get 0)) (i32.const 7)))
  (func $xor (param i32) (result i32) (i32.xor (call $mul (local.get 0)) (i32.const 99)))
  (func $shl (param i32) (result i32) (i32.shl (call $xor (local.get 0)) (i32.const 2)))
  (func $rotates (param i32) (result i32)
    (i32.rotl (call $shl (local.get 0)) (local.get 0)))
  (func $or (param i32) (result i32) (i32.or (call $rotates (local.get 0)) (i32.const 8)))
  (func $and (param i32) (result i32) (i32.and (call $or (local.get 0)) (i32.const -2)))
  (func $go (export "go") (param i32) (result i32) (call $and (local.get 0))))
