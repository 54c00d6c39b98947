# Help goes to standard output, and comes from one table.
cmd: wasmrt --help
stdout~:
Usage: wasmrt [run] [OPTIONS] FILE [OPTIONS] [--] [ARGS...]
Examples
  validate    check that modules are valid
  134  the guest trapped

cmd: wasmrt help
stdout~: Usage: wasmrt

cmd: wasmrt -h
stdout~: Usage: wasmrt

cmd: wasmrt run --help
stdout~:
Usage: wasmrt run
  --dir=HOST[::GUEST][:ro]
  --timeout=DURATION

cmd: wasmrt run --dir=. --help
stdout~: Usage: wasmrt run

cmd: wasmrt help dump
stdout~:
Usage: wasmrt dump [OPTIONS] FILE
  --iops

cmd: wasmrt dump --help
stdout~: Usage: wasmrt dump

cmd: wasmrt completion --help
stdout~: Usage: wasmrt completion bash|zsh|fish

cmd: wasmrt help --timeout
stdout:
  --timeout=DURATION
      End the guest after this time, with exit status 124. Units: ms, s (the
      default), m, h.

      Example: wasmrt run app.wasm --timeout=1.5s

cmd: wasmrt help timeout
stdout~: --timeout=DURATION

# No line is wider than a terminal.
cmd: for v in run validate dump inspect explore help version completion; do wasmrt help $v; done | awk 'length > 80'

cmd: wasmrt --features
stdout~:
mvp                    on   WebAssembly 1.0
exceptions             on

cmd: wasmrt --version | grep -Ec '^wasmrt [0-9]+\.[0-9]+\.[0-9]+$'
stdout: 1

cmd: wasmrt version | grep -c '^wasmrt '
stdout: 1

cmd: wasmrt -V | grep -c '^wasmrt '
stdout: 1

# Output that cannot be written is an error.
cmd: wasmrt --help >/dev/full
stderr: wasmrt: cannot write the output
exit: 1

# A value that may be left out.
cmd: wasmrt help stats
stdout~:
  --stats[=text|json]
Example: wasmrt run app.wasm --stats=json
