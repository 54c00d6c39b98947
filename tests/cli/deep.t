# Scripts and modules as deep or long as a limit permits, made by awk.
cmd: awk 'BEGIN { n = 300000; printf "(module (func (export \"f\") (result i32) "; for (i = 0; i < n; i++) printf "(i32.eqz "; printf "(i32.const 0)"; for (i = 0; i < n; i++) printf ")"; print "))"; print "(assert_return (invoke \"f\") (i32.const 0))" }' >operands.wast; wasmrt wast operands.wast && wasmrt wast --roundtrip operands.wast
stdout:
operands.wast: 2 passed, 0 failed
2 passed, 0 failed
operands.wast: 2 passed, 0 failed
2 passed, 0 failed

cmd: awk 'BEGIN { n = 100000; printf "(module (func (export \"f\") (param i32) (result i32) "; for (i = 0; i < n; i++) printf "(block $x (result i32) "; printf "(br_table 0 $x 99999 (i32.const 7) (local.get 0))"; for (i = 0; i < n; i++) printf ")"; print "))"; print "(assert_return (invoke \"f\" (i32.const 1)) (i32.const 7))" }' >blocks.wast; wasmrt wast blocks.wast && wasmrt wast --roundtrip blocks.wast
stdout:
blocks.wast: 2 passed, 0 failed
2 passed, 0 failed
blocks.wast: 2 passed, 0 failed
2 passed, 0 failed

cmd: awk 'BEGIN { n = 1000001; printf "(module (func "; for (i = 0; i < n; i++) printf "block "; for (i = 0; i < n; i++) printf "end "; print "))" }' >nesting.wat; wasmrt validate nesting.wat
stderr~: nesting depth of blocks is 1000001 (limit 1000000)
exit: 1

cmd: awk 'BEGIN { for (i = 0; i < 100001; i++) s = s "a"; print "(module (func (export \"" s "\")))" }' >name.wat; wasmrt validate name.wat
stderr~: length of a name in bytes is 100001 (limit 100000)
exit: 1

cmd: awk 'BEGIN { printf "(module (func (br_table"; for (i = 0; i < 65522; i++) printf " 0"; print " (i32.const 0))))" }' >targets.wat; wasmrt validate targets.wat
stderr~: number of targets of a br_table is 65521 (limit 65520)
exit: 1
