(module $m
  (type $t (func (param i32 i64) (result f32)))
  (import "a" "f" (func $f (param i32)))
  (memory (export "m") 1 2)
  (table $tab 2 funcref)
  (global $g (mut i32) (i32.const -0x1))
  (elem (i32.const 0) $f $h)
  (data (i32.const 8) "a\00\u{2603}\"")
  (func $h (export "h") (type $t)
    (local $x f64)
    block $b (result i32)
      local.get 0
      i32.const 7
      i32.lt_s
      if (result i32) i32.const 1 else i32.const 2 end
      br $b
    end
    global.set $g
    (f32.const 0x1.8p-3))
  (func (param i32) (result i32)
    (loop $l (br_if $l (i32.eqz (i32.load offset=4 align=1 (local.get 0)))))
    (call_indirect (param i32) (i32.const 3) (i32.const 0))
    (br_table 0 0 (i32.const 1) (i32.const 2)))
  (start 0))
