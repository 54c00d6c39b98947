# Machine code beside the module's: as bytes, and disassembled where objdump is.
file: add.wat
(module
  (func $add (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func $legacy (try (do) (catch_all))))
cmd: PATH=/nowhere $WASMRT dump --asm --func=add add.wat
stdout~:
i32.add
machine code:
begin
    +0000: 55 48 8b ec
  0x00002b  i32.add
    +0
  end
 c9 c3
stderr~: hint: objdump is not there
cmd: wasmrt dump --asm --func=0 --iops add.wat | grep -c 'code:'
stdout: 2
cmd: wasmrt dump --asm --iops --func=nosuch add.wat
stderr~: the module has no function nosuch
exit: 2
