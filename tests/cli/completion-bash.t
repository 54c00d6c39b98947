# What bash offers for an unfinished command line, the last word.
needs: bash
file: try.bash
eval "$(cat script)"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
compopt() { :; }
_wasmrt
printf '%s\n' "${COMPREPLY[@]}"

cmd: wasmrt completion bash >script; bash try.bash wasmrt va
stdout: validate
cmd: bash try.bash wasmrt run --di
stdout:
--dir=
--disable=
cmd: bash try.bash wasmrt app.wasm --sta
stdout: --stats
cmd: bash try.bash wasmrt run --engine = i
stdout: interp
cmd: bash try.bash wasmrt run --engine =
stdout:
auto
interp
jit
cmd: bash try.bash wasmrt validate --enable = sim
stdout: simd
cmd: bash try.bash wasmrt dump --io
stdout: --iops
cmd: bash try.bash wasmrt run --env-file = scr
stdout: script
