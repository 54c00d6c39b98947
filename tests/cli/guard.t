# Guard pages can be asked for.  (Other ISAs may have none.)
needs: native
program: probe
cmd: wasmrt --bounds=guard probe.wasm exit 3
exit: 3
