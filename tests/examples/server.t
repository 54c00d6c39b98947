# Two tenants; what one request leaves behind no other sees, and one that never
# ends costs its tenant the answer.  (Built where there is libuv.)
needs: bash
file: other.wat
(module (func (export "handle") (param i32) (result i32)
  (i32.div_s (i32.const 100) (local.get 0))))
file: ask.sh
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf '0 4\n0 5\n1 7\n1 0\n0 -1\n9 1\n0 21\n' >&3
for i in 1 2 3 4 5 6 7; do read -r line <&3 && echo "$line"; done
file: answers
8
10
14
integer divide by zero
out of fuel
no such tenant
42
cmd:
[ -x "$EXAMPLES/server" ] || exec cat answers
: >port
"$EXAMPLES/server" 0 "$CASES/../../examples/server.wat" other.wat >port &
while ! grep -q port port; do sleep 0.05; done
bash ask.sh "$(sed 's/port //' port)"
kill $!
stdout:
8
10
14
integer divide by zero
out of fuel
no such tenant
42
