# Little memory and little address space: refused in words.
needs: native
file: limited.sh
# usage: limited.sh KIB ARGS...: wasmrt with so much address space; sanitizers
# need more than all of it.
case $VARIANT in asan | tsan) echo skip && exit ;; esac
ulimit -v $1 && shift && exec "$WASMRT" "$@"
program: probe
cmd: head -c 300M /dev/zero | sh limited.sh 200000 run - 2>&1 | grep -v '^skip' | grep -v 'cannot read <stdin>: Cannot allocate memory'
exit: 1
cmd: sh limited.sh 4000000 run probe.wasm one | grep -Ec '^(one|skip)$'
stdout: 1
cmd: sh limited.sh 4000000 run --bounds=guard probe.wasm 2>&1 | tee out | grep -c -e 'skip' -e 'hint: --bounds=check needs less address space'
stdout: 1
