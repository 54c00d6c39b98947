# A page that shows a module: complete, bounded, and safe whatever names say.
file: evil.wat
(module
  (import "</script><script>alert(1)</script>" "a\22\5c\c2\9b" (func))
  (func $"<b>\1b]0;x\07&amp;" (export "</script>") (param i32) (result i32)
    (i32.add (local.get 0) (i32.const 7)))
  (func $"_ZN4core3fmt5write17h0123456789abcdefE")
  (memory 1)
  (data (i32.const 0) "</script>"))
cmd: wasmrt explore evil.wat -o page.html
# The data is one element, the script another: nothing in names ends them.
cmd: grep -o '</*script' page.html
stdout:
<script
</script
<script
</script
cmd: LC_ALL=C grep -c "$(printf '[\001-\010\013-\037]')" page.html
stdout: 0
exit: 1
# Nothing is loaded from elsewhere.
cmd: grep -c 'https*:\|src=\|href\|url(\|@import\|fetch(\|innerHTML' page.html
stdout: 0
exit: 1
cmd: grep -o '"name": "core::fmt::write"' page.html
stdout: "name": "core::fmt::write"

# The data is JSON, with the code of functions.
cmd: sed -n '/^{$/,/^}$/p' page.html | sed -n 's/.*"code": .*\(0x[0-9a-f]*\)  *\(i32.add\).*/\1 \2/p'
stdout: 0x000063 i32.add

# Large modules: many functions are listed, not all with their code.
cmd: { echo '(module'; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21; do yes '(func (drop (i32.const 1)) nop)' | head -1000; done; yes '(func (drop (i32.const 100000)))' | head -10; echo ')'; } >large.wat
cmd: wasmrt explore large.wat --output=- >large.html; grep -c '"index": ' large.html; grep -c '"code": ' large.html; grep '"function_count"' large.html
stdout:
20000
2000
  "function_count": 21010,
# One large function is cut.
cmd: { echo '(module (func'; yes '(drop (i32.const 1234567))' | head -20000; echo '))'; } >long.wat; wasmrt explore long.wat -o long.html; grep -c '"cut": true' long.html; test $(wc -c <long.html) -lt 1000000
stdout: 1

cmd: wasmrt explore evil.wat
stderr:
wasmrt: where to? --output=FILE is missing
  hint: for example: wasmrt explore app.wasm --output=app.html
exit: 2
cmd: wasmrt explore evil.wat -o nosuch/page.html
stderr: wasmrt: cannot write nosuch/page.html: No such file or directory
exit: 1
cmd: wasmrt explore -o page.html
stderr~: wasmrt: FILE is missing: wasmrt explore FILE
exit: 2
