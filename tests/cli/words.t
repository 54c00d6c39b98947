# Which words are ours and which are the guest's.  The guest prints its
# arguments, its name first.
program: probe

cmd: wasmrt run probe.wasm one two
stdout:
probe.wasm
one
two

# The word run may be left out.
cmd: wasmrt probe.wasm one
stdout:
probe.wasm
one

# Options in front of FILE and behind it.
cmd: wasmrt run --argv0=a probe.wasm one
stdout:
a
one
cmd: wasmrt --argv0 a probe.wasm one
stdout:
a
one
cmd: wasmrt run probe.wasm --argv0=a --env=X=1 one
stdout:
a
one

# The first word that is not ours begins the guest's; ours may follow it.
cmd: wasmrt run probe.wasm one --argv0=a
stdout:
probe.wasm
one
--argv0=a
cmd: wasmrt run probe.wasm --verbose --argv0=a
stdout:
probe.wasm
--verbose
--argv0=a
cmd: wasmrt run probe.wasm -v --argv0=a
stdout:
probe.wasm
-v
--argv0=a

# -- begins them in any case, and is not passed on; a second one is.
cmd: wasmrt run probe.wasm --argv0=a -- --argv0=b -- c
stdout:
a
--argv0=b
--
c
cmd: wasmrt run -- probe.wasm --argv0=a
stdout:
probe.wasm
--argv0=a

# --help, --version and their short forms behind FILE are the guest's, and so is
# an option of another command.
cmd: wasmrt run probe.wasm --help
stdout:
probe.wasm
--help
cmd: wasmrt probe.wasm --version
stdout:
probe.wasm
--version
cmd: wasmrt probe.wasm -h
stdout:
probe.wasm
-h
cmd: wasmrt probe.wasm --iops
stdout:
probe.wasm
--iops
cmd: wasmrt probe.wasm --features
stdout:
probe.wasm
--features

# Empty arguments arrive.
cmd: wasmrt run probe.wasm '' x
stdout:
probe.wasm

x

# A word that nearly spells one of ours is not passed on silently.
cmd: wasmrt run probe.wasm --dri=data
stderr:
wasmrt: unknown option --dri; did you mean --dir?
  hint: if it is meant for the guest, put -- in front of the guest's arguments: FILE -- --dri=data
exit: 2
cmd: wasmrt run probe.wasm -- --dri=data
stdout:
probe.wasm
--dri=data

# The module from standard input.
cmd: cat probe.wasm | wasmrt run - one
stdout:
-
one

# The guest sees no path of the host.
cmd: mkdir d && cp probe.wasm d && wasmrt run d/probe.wasm
stdout: probe.wasm
