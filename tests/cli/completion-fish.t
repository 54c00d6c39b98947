# What fish offers for an unfinished command line.
needs: fish
cmd: wasmrt completion fish >script; HOME=$PWD fish -c 'source script; complete -C "wasmrt va"'
stdout: validate	check that modules are valid
cmd: HOME=$PWD fish -c 'source script; complete -C "wasmrt run --engine=i"' | cut -f1
stdout: --engine=interp
cmd: HOME=$PWD fish -c 'source script; complete -C "wasmrt dump --io"' | cut -f1
stdout: --iops
cmd: HOME=$PWD fish -c 'source script; complete -C "wasmrt x.wasm --io"' | cut -f1
