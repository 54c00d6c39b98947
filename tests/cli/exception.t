# An exception that nobody catches: its tag, its payload, where it was thrown.
file: thrown.wat
(module
  (tag $e (export "my-error") (param i32 f64))
  (func $down (param i32)
    (if (i32.eqz (local.get 0))
      (then (throw $e (i32.const 42) (f64.const 2.5))))
    (call $down (i32.sub (local.get 0) (i32.const 1))))
  (func (export "_start") (call $down (i32.const 3)))
  (func (export "quiet") (param i32) (result i32)
    (block $h (result i32 f64)
      (try_table (catch $e $h) (call $down (local.get 0)))
      unreachable)
    (drop)))
cmd: wasmrt run thrown.wat
stderr~:
wasmrt: thrown.wat: uncaught exception: my-error (i32 42, f64 2.5)
    at func[0]
 3 times
    at func[1] _start
exit: 135
cmd: wasmrt run --invoke=quiet thrown.wat 5
stdout: 42 : i32

# A start function; the older form.
file: start.wat
(module
  (tag)
  (func $s (try (do (throw 0)) (catch 0 (rethrow 0))))
  (start $s))
cmd: wasmrt run start.wat
stderr~:
wasmrt: start.wat: uncaught exception: a tag without a name
    at func[0]
exit: 135
