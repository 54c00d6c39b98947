# Indices are masked behind their comparisons, unless that is turned off: then the
# isolation checker relies on the branches alone.
copy: check.wast
file: mask.wat
(module
  (type $a (array i32))
  (func $f (export "f") (param (ref $a) i32) (result i32)
    (array.get $a (local.get 0) (local.get 1))))
cmd: PATH=/nowhere $WASMRT dump --asm --func=f mask.wat 2>&1 | grep -c '45 1b db'
stdout: 1
cmd: PATH=/nowhere $WASMRT dump --no-index-masks --asm --func=f mask.wat 2>&1 | grep -c '45 1b db'
stdout: 0
exit: 1
cmd: wasmrt wast --engine=jit --compile=eager --jit-check --no-index-masks check.wast
stdout~:
check.wast: 8 passed, 0 failed
cmd: wasmrt wast --engine=jit --compile=eager --bounds=check --jit-check --no-index-masks check.wast
stdout~:
check.wast: 8 passed, 0 failed
