#!/bin/sh
# Compiles a C program for the sandbox, lets it work in one directory, and shows
# that it gets nowhere else.  Checks each outcome and fails if one is wrong.
# From the environment: WASMRT, the binary; WASM_CC, clang for wasm32-wasi.
set -eu
wasmrt=${WASMRT:-build/wasmrt}
cc=${WASM_CC:-clang-19}
source=$(dirname "$0")/notes.c
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() {
    printf '\n-- %s\n' "$*"
}

fail() {
    echo "demo: FAILED: $*" >&2
    exit 1
}

# Runs a command, shows it and what it prints, and keeps both for the checks.
run() {
    echo "\$ $*" | sed "s|$work|\$WORK|g; s|$wasmrt|wasmrt|"
    status=0
    "$@" >"$work/out" 2>&1 || status=$?
    sed "s|$work|\$WORK|g; s/^/    /" "$work/out"
}

expect() { # STATUS TEXT
    [ "$status" -eq "$1" ] || fail "exit status $status, expected $1"
    grep -qF -- "$2" "$work/out" || fail "expected \"$2\" in the output"
}

if ! command -v "$cc" >/dev/null; then
    echo "skipped: demo: no $cc to compile C for wasm32-wasi"
    exit 0
fi
mkdir "$work/granted" "$work/private"
echo "the combination is 1234" >"$work/private/secret.txt"

say "A C program, compiled to WebAssembly for WASI just now"
run "$cc" --target=wasm32-wasi -O2 -Wl,-s "$source" -o "$work/notes.wasm"
[ "$status" -eq 0 ] || fail "the compiler failed"
echo "    $(wc -c <"$work/notes.wasm") bytes of $(basename "$source")"

say "It may use one directory: it writes a file there, and reads it back"
dir=--dir=$work/granted::/data
run "$wasmrt" run "$work/notes.wasm" "$dir" -- add /data/today.txt buy milk
expect 0 "now has 1 lines"
run "$wasmrt" run "$work/notes.wasm" "$dir" -- add /data/today.txt call Ada
expect 0 "now has 2 lines"
run "$wasmrt" run "$work/notes.wasm" "$dir" -- show /data/today.txt
expect 0 "2  call Ada"

say "The file is an ordinary file outside"
run cat "$work/granted/today.txt"
expect 0 "buy milk"

say "Outside that directory it is refused: by name, with .., through a link"
run "$wasmrt" run "$work/notes.wasm" "$dir" -- show "$work/private/secret.txt"
expect 1 "cannot open"
run "$wasmrt" run "$work/notes.wasm" "$dir" -- show /data/../private/secret.txt
expect 1 "cannot open"
ln -s ../private/secret.txt "$work/granted/link.txt"
run "$wasmrt" run "$work/notes.wasm" "$dir" -- show /data/link.txt
expect 1 "cannot open"
run "$wasmrt" run "$work/notes.wasm" "$dir" -- add "$work/private/secret.txt" x
expect 1 "cannot open"

say "A directory granted read-only stays as it is"
run "$wasmrt" run "$work/notes.wasm" "$dir:ro" -- show /data/today.txt
expect 0 "buy milk"
run "$wasmrt" run "$work/notes.wasm" "$dir:ro" -- add /data/today.txt more
expect 1 "cannot open"

say "Without a grant there is no file system at all"
run "$wasmrt" run "$work/notes.wasm" -- show /data/today.txt
expect 1 "cannot open"

[ "$(cat "$work/private/secret.txt")" = "the combination is 1234" ] ||
    fail "a file outside the grant has changed"
[ "$(wc -l <"$work/granted/today.txt")" -eq 2 ] ||
    fail "the notes are not what was written"
printf '\ndemo: all of it as expected\n'
