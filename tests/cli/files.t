# Files that are no modules are recognised; those that cannot be read are named.
cmd: wasmrt run nosuchfile.wasm
stderr: wasmrt: cannot read nosuchfile.wasm: No such file or directory
exit: 1

cmd: wasmrt rnu
stderr:
wasmrt: cannot read rnu: No such file or directory
  hint: did you mean wasmrt run?
exit: 1

cmd: mkdir dir; wasmrt run dir
stderr: wasmrt: cannot read dir: Is a directory
exit: 1

cmd: : >empty; wasmrt run empty
stderr: wasmrt: empty: not a WebAssembly module: it is empty
exit: 1

cmd: wasmrt run - </dev/null
stderr: wasmrt: <stdin>: not a WebAssembly module: it is empty
exit: 1

hex: elf
7f 45 4c 46 02 01 01 00
cmd: wasmrt run elf
stderr:
wasmrt: elf: not a WebAssembly module: it is an ELF file
  hint: this is code for the host; compile for WebAssembly: clang --target=wasm32-wasi
exit: 1

hex: packed
1f 8b 08 00
cmd: wasmrt validate packed
stderr:
wasmrt: packed: not a WebAssembly module: it is compressed with gzip
  hint: unpack it first
exit: 1

file: page
<!DOCTYPE html>
<html><title>404</title></html>
cmd: wasmrt dump page
stderr:
wasmrt: page: not a WebAssembly module: it is an HTML page
  hint: it may be the error page of a download
exit: 1

hex: component
00 61 73 6d 0d 00 01 00
cmd: wasmrt run component
stderr:
wasmrt: component: not a WebAssembly module: it is a WebAssembly component
  hint: build a core module; in Rust: --target wasm32-wasip1
exit: 1

file: text
Dear reader,
cmd: wasmrt run text
stderr:
wasmrt: text: not a WebAssembly module: it is a text
  hint: the text format begins with (module
exit: 1
