#!/bin/sh
# Runs the official test suite, and our own scripts beside it.
#
#   tools/spectest.sh [FILE...]     below the suite's folder, such as i32.wast
#
# The suite is looked for in $WASM_TESTSUITE, else in build/testsuite, which
# `make testsuite` fetches.  Without any, only our own scripts run, and the last
# line says what is missing.  WASMRT is the binary under test, RUNNER an
# emulator in front of it, ENGINE, COMPILE, BOUNDS and FUEL those options' values.
# With ROUNDTRIP=1, modules go through the text format; with GC_STRESS=1, every
# allocation collects; with JIT_CHECK=1, machine code is checked before it runs;
# with NO_MASKS=1, it has no index masks.
# COUNT is the scanner that counts independently.  With
# QUIET=1, scripts that hold are not listed.
set -eu
suite=${WASM_TESTSUITE:-build/testsuite}
wasmrt="${RUNNER:-} ${WASMRT:-build/wasmrt}"
common="--skip-disabled --engine=${ENGINE:-auto} --bounds=${BOUNDS:-auto}"
common="$common ${COMPILE:+--compile=$COMPILE} ${FUEL:+--fuel=$FUEL} ${ROUNDTRIP:+--roundtrip}"
common="$common ${GC_STRESS:+--gc-stress} ${JIT_CHECK:+--jit-check} ${NO_MASKS:+--no-index-masks}"
# The proposal for threads is written against an older WebAssembly, and asserts
# that what came since is refused.
older="--disable=multi-memory --disable=memory64 --disable=reference-types"
label=spectest
[ -z "${ROUNDTRIP:-}" ] || label=roundtrip
[ -z "${GC_STRESS:-}" ] || label=gc-stress
status=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# run OPTIONS FILE...
#
# Also compares the runner's counts with those of an independent scanner: every
# directive of every file has passed, failed or been skipped.
run() {
    options=$1
    shift
    # shellcheck disable=SC2086
    $wasmrt wast $common $options "$@" >"$out" || status=1
    if [ -n "${QUIET:-}" ]; then
        sed "/^[^ ]*\\.wast: .*, 0 failed/d; s/^[0-9]* passed/$label: &/" "$out"
    else
        cat "$out"
    fi
    [ -n "${COUNT:-}" ] || return 0
    "$COUNT" "$@" | awk -v out="$out" '
        { want[++n] = $0 }
        END {
            while ((getline line <out) > 0) {
                if (line !~ /^[^ :\/]*\.wast: [0-9]+ passed, /)
                    continue
                split(line, part, /[ :,]+/)
                have = part[1] ": " (part[2] + part[4] + part[6])
                if (have != want[++i]) {
                    print "counts differ: " have " by the runner, " want[i]
                    bad = 1
                }
            }
            if (i != n) {
                print "counts differ: " n " files, " i + 0 " reported"
                bad = 1
            }
            exit bad
        }' || status=1
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
run "$older" "$suite"/proposals/threads/*.wast
exit $status
