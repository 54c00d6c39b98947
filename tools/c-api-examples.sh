#!/bin/sh
# usage: c-api-examples.sh DIRECTORY LIBRARY COMPILER
#
# Compiles the example programs of the standard C API as they are, against our
# wasm.h and library, runs them, and looks at what they print: they say
# themselves when something is not as expected, and the lines below are results
# of the guest. Each is listed with its result.
set -eu
dir=$1 library=$2 cc=$3
if [ ! -d "$dir/example" ]; then
    echo "SKIPPED: C_API=DIR names no copy of the standard's examples; get it by"
    echo "    git clone https://github.com/WebAssembly/wasm-c-api DIR"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$dir"/example/*.wasm "$dir"/example/*.wat "$dir"/example/*.c "$work/"

# Binaries that came before the standard: references to null had no type.
note=
if ! "$WASMRT" validate "$work/hostref.wasm" >/dev/null 2>&1; then
    sed 's/(ref.null)/(ref.null extern)/' "$work/hostref.wat" >"$work/new.wat"
    "$WASMRT" wat2wasm "$work/new.wat" --output="$work/hostref.wasm"
    note=" (its module, of a draft, made again from its text)"
fi

expect() { # NAME: a line that the output has; how often in a second column
    case $1 in
    callback) echo "> 49|1" ;;
    finalize) echo "Live count 0|2" ;;
    hello) echo "> Hello World!|1" ;;
    hostref) echo "> > 0x2|1" ;;
    multi) echo "> 4 3 2 1|1" ;;
    reflect) echo ">> in-arity: 3, out-arity: 1|1" ;;
    serialize) echo "> Hello World!|1" ;;
    start) echo "> unreachable|1" ;;
    threads) echo "> Thread 7 running|3" ;;
    trap) echo "> callback abort|1" ;;
    *) echo "Done.|1" ;;
    esac
}

failed=0 passed=0
for source in "$work"/*.c; do
    name=$(basename "$source" .c)
    line=$(expect "$name") result=ok
    # shellcheck disable=SC2086
    $cc -w -Iinclude -o "$work/$name" "$source" "$library" -lpthread -lm ||
        result="does not compile"
    if [ "$result" = ok ]; then
        (cd "$work" && timeout 300 "./$name") >"$work/out" 2>&1 ||
            result="exit status $?"
    fi
    if [ "$result" = ok ]; then
        count=$(grep -cxF -- "${line%|*}" "$work/out" || true)
        [ "$count" = "${line##*|}" ] ||
            result="prints $count times: ${line%|*}"
        ! grep -q '> Error' "$work/out" || result=$(grep '> Error' "$work/out")
    fi
    if [ "$result" = ok ]; then
        passed=$((passed + 1))
        [ "$name" != hostref ] || result=ok$note
    else
        failed=$((failed + 1))
        sed 's/^/    /' "$work/out" 2>/dev/null || true
    fi
    printf '%-10s %s\n' "$name" "$result"
done
echo "c-api-examples: $passed passed, $failed failed"
[ $failed -eq 0 ]
