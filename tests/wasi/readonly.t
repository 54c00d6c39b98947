# A read-only grant refuses every change, and says so as a file system does.
program: files
cmd: mkdir box; echo text >box/f; wasmrt run files.wasm --dir=box::/d:ro ro /d; ls -A box; cat box/f
stdout:
> text
write: Read-only file system
read and write: Read-only file system
create: Read-only file system
truncate: Read-only file system
mkdir: Read-only file system
unlink: Read-only file system
rename: Read-only file system
link: Read-only file system
symlink: Read-only file system
utimes: Read-only file system
f
text
