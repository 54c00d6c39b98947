# Colours on a terminal only, and not where NO_COLOR says so.
needs: script
needs: native
cmd: TERM=xterm script -qec '"$WASMRT" run nosuch' /dev/null | cat -v | tr -d '\r' | sed 's/\^M//'
stdout: ^[[1;31mwasmrt:^[[0m cannot read nosuch: No such file or directory
cmd: NO_COLOR=1 TERM=xterm script -qec '"$WASMRT" run nosuch' /dev/null | cat -v | sed 's/\^M//'
stdout: wasmrt: cannot read nosuch: No such file or directory
cmd: NO_COLOR= TERM=dumb script -qec '"$WASMRT" run nosuch' /dev/null | cat -v | sed 's/\^M//'
stdout: wasmrt: cannot read nosuch: No such file or directory
cmd: TERM=xterm wasmrt run nosuch
stderr: wasmrt: cannot read nosuch: No such file or directory
exit: 1
