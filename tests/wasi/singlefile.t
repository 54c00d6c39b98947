# A single file is granted under its exact name, and nothing beside it.
program: files
program: probe
cmd: mkdir box; echo one >box/one; echo two >box/two

cmd: wasmrt run probe.wasm --dir=box/one::/data/one cat /data/one
stdout: one
cmd: wasmrt run files.wasm --dir=box/one::/data/one write /data/one new; cat box/one; echo
stdout: new
cmd: wasmrt run files.wasm --dir=box/one::/data/one:ro write /data/one newer; cat box/one; echo
stdout:
cannot write /data/one: Read-only file system
new
cmd: wasmrt run probe.wasm --dir=box/one::/data/one cat /data/two
stderr: cannot open /data/two
exit: 1
cmd: wasmrt run probe.wasm --dir=box/one::/data/one cat /data/one/../two
stderr: cannot open /data/one/../two
exit: 1
