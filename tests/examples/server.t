# Two tenants; what one request leaves behind no other sees, and one that never
# ends costs its tenant the answer.  (Built where there is libuv.)
needs: bash
file: other.wat
(module (func (export "handle") (param i32) (result i32)
  (i32.div_s (i32.const 100) (local.get 0))))
file: ask.sh
exec 3<>"/dev/udp/127.0.0.1/$1"
for request in "0 4" "0 5" "1 7" "1 0" "0 -1" "9 1" "0 21"; do
    echo "$request" >&3 && head -n 1 <&3 # one datagram at a time
done
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
