# Sockets are granted by option, or handed over by whoever started us.
program: files
cmd: wasmrt run --listen=127.0.0.1:0 files.wasm list x
stdout~: cannot list x
exit: 1
cmd: wasmrt run --listen=nonsense files.wasm list x
stderr~: cannot grant nonsense
exit: 1
needs: native
cmd: sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$WASMRT" run files.wasm list x' 3</dev/null
stderr~: cannot grant an inherited listener: 
exit: 1
cmd: LISTEN_PID=1 LISTEN_FDS=1 wasmrt run files.wasm list x 3</dev/null
stdout~: cannot list x
exit: 1
