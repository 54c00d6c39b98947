# --trace=calls,insn,memory: what a guest does, step by step, in every engine.
file: fib.wat
(module
  (memory 1)
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                     (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func $save (param f64 i64) (result i64 f32)
    (i64.store offset=8 (i32.const 16) (local.get 1))
    (i32.store8 (i32.const 1) (i32.const 0x1ff))
    (i64.load (i32.const 24)) (f32.const 1.5))
  (func (export "run") (param i32) (result i32)
    (call $save (f64.const 2.5) (i64.const -1)) (drop) (drop)
    (call $fib (local.get 0)))
  (func (export "far") (drop (i32.load (i32.const 65535)))))
cmd: wasmrt run fib.wat --trace=calls --invoke=run 3
stdout: 2 : i32
stderr:
call  run(3 : i32)
call    save(2.5 : f64, -1 : i64)
ret     save = -1 : i64, 1.5 : f32
call    fib(3 : i32)
call      fib(2 : i32)
call        fib(1 : i32)
ret         fib = 1 : i32
call        fib(0 : i32)
ret         fib = 0 : i32
ret       fib = 1 : i32
call      fib(1 : i32)
ret       fib = 1 : i32
ret     fib = 2 : i32
ret   run = 2 : i32
cmd: for e in interp auto; do wasmrt run fib.wat --engine=$e --trace=calls:s?v*,memory:* --invoke=run 3; done
stdout:
2 : i32
2 : i32
stderr:
call    save(2.5 : f64, -1 : i64)
mem   save+0x5 i64.store [0x18] 8 bytes = 0xffffffffffffffff
mem   save+0xd i32.store8 [0x1] 1 byte = 0xff
mem   save+0x12 i64.load [0x18] 8 bytes = 0xffffffffffffffff
ret     save = -1 : i64, 1.5 : f32
call    save(2.5 : f64, -1 : i64)
mem   save+0x5 i64.store [0x18] 8 bytes = 0xffffffffffffffff
mem   save+0xd i32.store8 [0x1] 1 byte = 0xff
mem   save+0x12 i64.load [0x18] 8 bytes = 0xffffffffffffffff
ret     save = -1 : i64, 1.5 : f32
cmd: wasmrt run fib.wat --trace=insn --trace-out=out --invoke=run 0; grep -c . out; head -3 out; grep -c 'insn  fib' out
stdout:
0 : i32
25
insn  run+0x1 f64.const
insn  run+0xa i64.const
insn  run+0xc call
7

# Out of bounds there is no value, and then the trap.
cmd: wasmrt run fib.wat --trace=memory --invoke=far
stderr~:
mem   far+0x5 i32.load [0xffff] 4 bytes
wasmrt: fib.wat: trap: out of bounds memory access
exit: 134

# Names cannot write to the terminal.
file: evil.wat
(module (func $"\1b[31m" (export "_start")))
cmd: wasmrt run evil.wat --trace=calls
stderr:
call  \x1b[31m()
ret   \x1b[31m

cmd: wasmrt run evil.wat --trace=call
stderr:
wasmrt: --trace: call is none of insn, calls, memory, wasi
  hint: for example: wasmrt run app.wasm --trace=wasi,calls:main*
exit: 2
cmd: wasmrt run evil.wat --trace=calls --trace-out=nosuch/out
stderr: wasmrt: --trace-out: cannot write nosuch/out: No such file or directory
exit: 1
