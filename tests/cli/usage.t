# Wrong command lines: exit status 2, what is wrong, and what to do.
cmd: wasmrt
stderr~:
wasmrt: FILE is missing
  hint:
exit: 2

cmd: wasmrt run
stderr~: wasmrt: FILE is missing: wasmrt run FILE [ARGS...]
exit: 2

cmd: wasmrt run --
stderr~: wasmrt: FILE is missing behind --
exit: 2

cmd: wasmrt run --nosuchthing x.wasm
stderr~:
wasmrt: unknown option --nosuchthing
exit: 2

cmd: wasmrt run --dri=. x.wasm
stderr~: unknown option --dri; did you mean --dir?
exit: 2

cmd: wasmrt run -x x.wasm
stderr~: wasmrt: unknown option -x
exit: 2

cmd: wasmrt run --iops x.wasm
stderr~: --iops is an option of wasmrt dump, not of wasmrt run
exit: 2

cmd: wasmrt run x.wasm --dir
stderr:
wasmrt: --dir needs a value: --dir=HOST[::GUEST][:ro]
  hint: for example: wasmrt run app.wasm --dir=/srv/www::/www:ro
exit: 2

cmd: wasmrt run x.wasm --gc-stress=1
stderr~: --gc-stress takes no value
exit: 2

cmd: wasmrt run --engine=fast x.wasm
stderr~: --engine=fast: the value is one of auto|interp|jit
exit: 2

cmd: wasmrt run --bounds=no x.wasm
stderr~: --bounds=no: the value is one of auto|guard|check
exit: 2

cmd: wasmrt run --enable=simdd x.wasm
stderr:
wasmrt: --enable=simdd: unknown feature
  hint: did you mean simd?
exit: 2

cmd: wasmrt validate --disable=flying x.wasm
stderr:
wasmrt: --disable=flying: unknown feature
  hint: wasmrt --features lists them
exit: 2

cmd: wasmrt run --timeout=soon x.wasm
stderr:
wasmrt: --timeout=soon: this is no DURATION
  hint: for example: wasmrt run app.wasm --timeout=1.5s
exit: 2

cmd: wasmrt run --max-memory=64MB x.wasm
stderr~: --max-memory=64MB: this is no SIZE
exit: 2

cmd: wasmrt run --max-stack=0 x.wasm
stderr~: --max-stack=0: this is no SIZE
exit: 2

cmd: wasmrt run --max-fds=99999999999 x.wasm
stderr~: --max-fds=99999999999: this is no COUNT
exit: 2

cmd: wasmrt run --max-table=-1 x.wasm
stderr~: --max-table=-1: this is no COUNT
exit: 2

cmd: wasmrt run --dir=::/data x.wasm
stderr~: --dir: the host directory is empty
exit: 2

cmd: wasmrt run --mount=guest=/data x.wasm
stderr~: --mount: host= is missing
exit: 2

cmd: wasmrt run --env==1 x.wasm
stderr~: --env: the name is empty
exit: 2

cmd: wasmrt run --trace=steps x.wasm
stderr~: --trace: steps is none of insn, calls, memory, wasi
exit: 2

cmd: wasmrt validate
stderr~: FILE is missing: wasmrt validate FILE...
exit: 2

cmd: wasmrt validate --dir=. x.wasm
stderr~: --dir is an option of wasmrt run, not of wasmrt validate
exit: 2

cmd: wasmrt dump
stderr~: FILE is missing: wasmrt dump FILE
exit: 2

cmd: wasmrt dump a b
stderr~: dump takes one FILE, and b is another
exit: 2

cmd: wasmrt dump -- a b
stderr~: dump takes one FILE, and b is another
exit: 2

cmd: wasmrt version please
stderr~: version takes no argument
exit: 2

cmd: wasmrt completion tcsh
stderr~: completion is for bash, zsh or fish
exit: 2

cmd: wasmrt help timout
stderr~: there is no command and no option timout; did you mean --timeout?
exit: 2

cmd: wasmrt help nonsense
stderr~: there is no command and no option nonsense
exit: 2
