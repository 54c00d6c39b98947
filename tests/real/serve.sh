#!/bin/bash
# usage: [WASMRT=binary] tests/real/serve.sh
#
# A program that nobody here wrote answers HTTP: Lua, as tests/real/run.sh builds it,
# with serve.lua as CGI under `wasmrt serve`, and natively under lighttpd. Status,
# headers of the program and bodies must be the same; 100 MB each way are timed.
#
# What is missing is said in a line that starts with `skipped:`.
set -u
cd "$(dirname "$0")/../.." || exit 1
wasmrt=${WASMRT:-$PWD/build/wasmrt} bin=$PWD/build/real/bin here=$PWD/tests/real
passed=0 failed=0
for each in lighttpd curl; do
    command -v "$each" >/dev/null || {
        echo "skipped: real-serve: no $each"
        exit 0
    }
done
bash tests/real/run.sh lua >/dev/null
[ -x "$bin/lua" ] && [ -f "$bin/lua.wasm" ] || {
    echo "skipped: real-serve: lua could not be built; tests/real/run.sh lua says why"
    exit 0
}
work=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null; rm -rf "$work"' EXIT

cp "$here/serve.lua" "$work"
printf '#!/bin/sh\nexec %s %s\n' "$bin/lua" "$work/serve.lua" >"$work/app.cgi"
chmod +x "$work/app.cgi"
cat >"$work/lighttpd.conf" <<END
server.document-root = "$work"
server.port = 18093
server.bind = "127.0.0.1"
server.modules = ("mod_cgi")
cgi.assign = (".cgi" => "")
END
lighttpd -D -f "$work/lighttpd.conf" 2>"$work/err.lighttpd" &
pids=$!
# A runner may stand before it.
# shellcheck disable=SC2086
$wasmrt serve "$bin/lua.wasm" --dir="$work::/app:ro" --addr=127.0.0.1:18094 \
    --access-log=none --timeout=60s --max-body=200M --max-output=200M \
    -- /app/serve.lua 2>"$work/err.wasmrt" &
pids="$pids $!"
head -c 104857600 </dev/urandom >"$work/large"

# ask KIND CURL-WORD... PATH: the last one is the path.
ask() {
    local kind=$1 base=http://127.0.0.1:18093/app.cgi
    shift
    [ "$kind" = native ] || base=http://127.0.0.1:18094
    curl -sS --retry 5 --retry-connrefused -D "$work/head" -o "$work/body" \
        -w '%{http_code} %{time_total}\n' "${@:1:$#-1}" "$base${*: -1}" \
        >"$work/said" 2>&1
    [ "$1" != -I ] || : >"$work/body" # the head again
    cut -d ' ' -f 1 "$work/said"
    grep -iE '^(content-type|location|x-fields):' "$work/head" | tr A-Z a-z | sort
    wc -c <"$work/body"
    md5sum <"$work/body"
}

same() { # NAME CURL-WORD... PATH
    local name=$1 took
    shift
    ask native "$@" >"$work/native"
    took=$(cut -d ' ' -f 2 "$work/said")
    ask wasmrt "$@" >"$work/wasmrt"
    if cmp -s "$work/native" "$work/wasmrt"; then
        passed=$((passed + 1))
        echo "ok   $name: $(sed -n 1p "$work/native"), $(sed -n '/^[0-9]*$/p' \
            "$work/native" | tail -n 1) bytes; native $took s, wasmrt $(cut \
            -d ' ' -f 2 "$work/said") s"
    else
        failed=$((failed + 1))
        echo "FAIL real-serve: $name"
        diff "$work/native" "$work/wasmrt" | sed 's/^/    /'
        sed 's/^/    /' "$work/err.wasmrt"
    fi
}

same GET -H 'X-Word: one two' '/hello?a=b&c=%20d'
same HEAD -I '/hello?x'
same POST --data 'name=A+B&town=%C3%96rebro&x=' /form
same redirect '/go?to=1'
same 'not found' /nothing
same 'upload, 100 MB' -T "$work/large" /up
same 'upload in chunks, 100 MB' -H 'Transfer-Encoding: chunked' -T "$work/large" /up
same 'download, 100 MB' '/down?104857600'
echo "real-serve: $passed passed, $failed failed"
[ $failed -eq 0 ]
