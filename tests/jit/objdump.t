# Each instruction of machine code has a line of its own, with its bytes, and all
# bytes are there.
needs: objdump
file: fib.wat
(module (func $fib (export "fib") (param i32) (result i32)
  (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
    (then (local.get 0))
    (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                   (call $fib (i32.sub (local.get 0) (i32.const 2))))))))
cmd: wasmrt dump --asm --func=fib fib.wat
stdout~:
  begin
    +0000: 
push   rbp
  0x
  i32.lt_s
cmp
  i32.sub
lea
  call
call   0x0
  end
leave
ret
cmd: wasmrt dump --asm fib.wat | sed -n 's/^    +[0-9a-f]*:\(\( [0-9a-f][0-9a-f]\)*\) .*/\1/p' | tr -d '\n' >one; PATH=/nowhere $WASMRT dump --asm fib.wat 2>/dev/null | /usr/bin/sed -n 's/^    +[0-9a-f]*://p' | tr -d '\n' >two; cmp one two && [ $(wc -c <one) -gt 150 ]
