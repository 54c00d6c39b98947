#!/bin/sh
# Runs the official test suite, and our own scripts beside it.
#
#   tools/spectest.sh [FILE...]     below the suite's folder, such as i32.wast
#
# The suite is looked for in $WASM_TESTSUITE, else in build/testsuite, which
# `make testsuite` fetches.  Without any, only our own scripts run, and the last
# line says what is missing.  WASMRT is the binary under test, RUNNER an
# emulator in front of it, ENGINE, BOUNDS and FUEL those options' values.  With
# QUIET=1, scripts that hold are not listed.
set -eu
suite=${WASM_TESTSUITE:-build/testsuite}
wasmrt="${RUNNER:-} ${WASMRT:-build/wasmrt}"
common="--skip-disabled --engine=${ENGINE:-auto} --bounds=${BOUNDS:-auto}"
common="$common ${FUEL:+--fuel=$FUEL}"
# The proposal for threads is written against an older WebAssembly, and asserts
# that what came since is refused.
older="--disable=multi-memory --disable=memory64 --disable=reference-types"
status=0

# run OPTIONS FILE...
run() {
    options=$1
    shift
    status_file=$(mktemp)
    # shellcheck disable=SC2086
    { $wasmrt wast $common $options "$@" || echo 1 >"$status_file"; } |
        if [ -n "${QUIET:-}" ]; then
            sed '/^[^ ]*\.wast: .*, 0 failed/d; s/^[0-9]* passed/spectest: &/'
        else
            cat
        fi
    [ ! -s "$status_file" ] || status=1
    rm -f "$status_file"
}

run "" spectest/*.wast
if [ ! -f "$suite/i32.wast" ]; then
    echo "skipped: the official suite: set WASM_TESTSUITE, or make testsuite"
    exit $status
fi
if [ $# -gt 0 ]; then
    for f in "$@"; do
        case $f in
        *proposals/threads/*) run "$older" "$suite/$f" ;;
        *) run "" "$suite/$f" ;;
        esac
    done
    exit $status
fi
run "" "$suite"/*.wast "$suite"/legacy/*.wast "$suite"/custom/*.wast \
    "$suite"/proposals/custom-page-sizes/*.wast \
    "$suite"/proposals/wide-arithmetic/*.wast
exit $status
