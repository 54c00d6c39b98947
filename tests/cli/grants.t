# When a guest fails for want of a directory, the option that grants it is named.
program: probe
cmd: mkdir -p 'in put/deep'; echo x >'in put/f'; ln -s "$PWD/in put/f" 'in put/deep/link'; echo x >out

cmd: wasmrt run probe.wasm cat 'in put/f'
stderr:
cannot open in put/f
  hint: no --dir grants in put/f; this does:
    --dir='in put'
exit: 1
cmd: wasmrt run probe.wasm --dir='in put' cat ./out
stderr:
cannot open ./out
  hint: no --dir grants ./out; this does:
    --dir=.
exit: 1
cmd: wasmrt run probe.wasm --dir=. cat /etc/passwd
stderr:
cannot open /etc/passwd
  hint: no --dir grants /etc/passwd; this does:
    --dir=/etc
exit: 1
cmd: cd "in put"; wasmrt run ../probe.wasm cat / 2>&1
stdout:
cannot open /
  hint: no --dir grants /; this does:
    --dir=/
exit: 1

# What was refused for where it leads: above the directory, or through a link.
cmd: wasmrt run probe.wasm --dir='in put/deep::/d' cat /d/../f 2>&1 | sed "s,$PWD,HERE,"
stdout:
cannot open /d/../f
  hint: it was refused /d/../f, which leads out of the directories that are granted
  hint: this grants where it leads, under its own name:
    --dir='HERE/in put'
cmd: wasmrt run probe.wasm --dir='in put/deep' cat 'in put/deep/link' 2>&1 | sed "s,$PWD,HERE,"
stdout:
cannot open in put/deep/link
  hint: it was refused in put/deep/link, which leads out of the directories that are granted
  hint: this grants where it leads, under its own name:
    --dir='HERE/in put'

# Nothing is said when the file does not exist, is granted, or nothing failed.
cmd: wasmrt run probe.wasm cat nosuch
stderr: cannot open nosuch
exit: 1
cmd: wasmrt run probe.wasm --dir=. cat ./nosuch
stderr: cannot open ./nosuch
exit: 1
cmd: wasmrt run probe.wasm --dir=.::/ cat nosuch out
stderr: cannot open nosuch
exit: 1
cmd: mkdir other
cmd: wasmrt run probe.wasm --dir=other::/ cat out 2>&1 | tail -n 1
stdout:
    --dir=.
cmd: wasmrt run probe.wasm out
stdout:
probe.wasm
out
# A guest's path cannot write to the terminal.
cmd: wasmrt run probe.wasm --dir='in put' cat "in put/../$(printf '\033[31m')" 2>&1 | grep -c 'refused in put/../\\x1b\[31m,'
stdout: 1
