# No variable by default; --env and --env-file grant them.
program: probe
cmd: A=1 B=2 wasmrt run probe.wasm env
cmd: wasmrt run probe.wasm --env=A=1 --env B=x=y env
stdout:
A=1
B=x=y

# Inherits one; one that is not set is not passed on.
cmd: A=1 B=2 wasmrt run probe.wasm --env=B --env=NOT_SET_HERE env
stdout: B=2

# The later one wins.
cmd: wasmrt run --env=A=1 probe.wasm --env=A=2 env
stdout: A=2

file: vars
# a comment

A=1
B
C=a = b
cmd: B=2 wasmrt run --env-file=vars probe.wasm --env=A=3 env
stdout:
B=2
C=a = b
A=3

cmd: wasmrt run --env-file=nosuch probe.wasm env
stderr: wasmrt: --env-file: cannot read nosuch: No such file or directory
exit: 1

file: bad
=1
cmd: wasmrt run --env-file=bad probe.wasm env
stderr~: wasmrt: --env-file: bad: a line has an empty name
exit: 2
