# A C program works with files through its library; the host sees the result.
program: files
cmd: mkdir box; wasmrt run files.wasm --dir=box tour box
stdout:
mkdir: ok
mkdir again: File exists
> first line
> second line
at 10
> first LINE
> second line
rename: ok
symlink: ok
> first LINE
> second line
link: ok
truncate: ok
hard f 6
link l 0
sub d 0
rmdir: Directory not empty
unlink directory: Is a directory
unlink: ok
rmdir: ok
unlink: ok
hard f 6

cmd: cat box/hard; ls -A box; wasmrt run files.wasm --dir=box::/ write /new 'from the guest'; cat box/new; echo
stdout:
first hard
from the guest

# Nothing beside the grant, by no path.
cmd: echo secret >key; ln -s ../key box/link; for p in key ../key box/../key /etc/passwd box/link; do wasmrt run files.wasm --dir=box write $p x 2>/dev/null; done; cat key
stdout~:
cannot write key:
cannot write ../key:
cannot write box/../key:
cannot write /etc/passwd:
cannot write box/link:
secret
