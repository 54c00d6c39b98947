;; A WASI program: copies its input and exchanges a-m with n-z.
(module $stdio
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; 0: where and how much; 8: how much it was; 16: the bytes
  (func $turn (param $c i32) (result i32)
    (local $low i32)
    (local.set $low (i32.or (local.get $c) (i32.const 32)))
    (if (result i32) (i32.gt_u (i32.sub (local.get $low) (i32.const 97))
                               (i32.const 25))
      (then (local.get $c))
      (else (if (result i32) (i32.gt_u (local.get $low) (i32.const 109))
        (then (i32.sub (local.get $c) (i32.const 13)))
        (else (i32.add (local.get $c) (i32.const 13)))))))
  (func $_start (export "_start")
    (local $i i32) (local $len i32)
    (block $end
      (loop $more
        (i32.store (i32.const 0) (i32.const 16))
        (i32.store (i32.const 4) (i32.const 4096))
        (br_if $end (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1)
                                   (i32.const 8)))
        (local.set $len (i32.load (i32.const 8)))
        (br_if $end (i32.eqz (local.get $len)))
        (local.set $i (i32.const 0))
        (loop $next
          (i32.store8 offset=16 (local.get $i)
            (call $turn (i32.load8_u offset=16 (local.get $i))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $i) (local.get $len))))
        (i32.store (i32.const 4) (local.get $len))
        (br_if $end (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1)
                                    (i32.const 8)))
        (br $more)))))
