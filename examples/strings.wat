;; An allocator that only ever advances, and ASCII upper case in place.
(module $strings
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func $alloc (export "alloc") (param $len i32) (result i32)
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get $len))))
  (func $upper (export "upper") (param $at i32) (param $len i32)
    (local $end i32) (local $char i32)
    (local.set $end (i32.add (local.get $at) (local.get $len)))
    (block $done
      (loop $next_char
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (local.set $char (i32.load8_u (local.get $at)))
        (if (i32.lt_u (i32.sub (local.get $char) (i32.const 97))
                      (i32.const 26))
          (then (i32.store8 (local.get $at)
                  (i32.sub (local.get $char) (i32.const 32)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next_char)))))
