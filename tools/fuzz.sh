#!/bin/sh
# usage: N=SECONDS fuzz.sh [NAME]
#
# Builds tests/fuzz/fuzz_NAME.c, or all of them, with libFuzzer and the address
# sanitizer and runs each for N seconds.  Starts from tests/fuzz/corpus/NAME and,
# where the target says `fuzz-seeds: modules`, from the compiled programs of
# tests/fuzz/seeds; keeps what it discovers in build/fuzz/NAME.  Each target says
# at its end what it reached: a target that reached nothing proves nothing, and
# fails.
set -eu
seconds=${N:-60}
if ! command -v clang-19 >/dev/null; then
    echo "skipped: fuzz: no clang-19"
    exit 0
fi
targets=$(ls tests/fuzz/fuzz_*.c 2>/dev/null |
    sed 's|.*/fuzz_||; s|\.c$||' | grep -x "${1:-.*}" || true)
[ -n "$targets" ] || { echo "fuzz: no target \"${1-}\"" && exit 1; }
passed=0 failed=0
for name in $targets; do
    if [ "${name#shim_}" != "$name" ] && ! make -s shim >/dev/null 2>&1; then
        echo "skipped: fuzz_$name: the shim cannot be built here"
        continue
    fi
    make --no-print-directory V=fuzz CC=clang-19 fuzz-target F="$name"
    binary=$(ls build/fuzz-clang-19-*/fuzz_"$name")
    dir=build/fuzz/$name
    seeds=tests/fuzz/corpus/$name
    mkdir -p "$dir"
    log=$dir.log
    [ -d "$seeds" ] || seeds=
    ! grep -q 'fuzz-seeds: modules' "tests/fuzz/fuzz_$name.c" ||
        seeds="$seeds build/wasm/tests/fuzz/seeds"
    dict=$(ls tests/fuzz/"$name".dict 2>/dev/null || true)
    # shellcheck disable=SC2086
    if "$binary" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -verbosity=1 -artifact_prefix="$dir.crash-" \
        ${dict:+-dict=$dict} "$dir" $seeds >"$log" 2>&1 &&
        grep -q '^reached: ' "$log"; then
        passed=$((passed + 1))
        echo "ok   fuzz_$name: $(sed -n 's/^stat::number_of_executed_units: *//p' \
            "$log") runs, $(grep -o 'cov: [0-9]*' "$log" | tail -1)"
        sed -n 's/^reached: /         reached /p' "$log"
    else
        failed=$((failed + 1))
        echo "FAIL fuzz_$name"
        { grep -m 1 -A 30 'ERROR: ' "$log" || tail -20 "$log"; } |
            sed 's/^/    /'
        sed -n "s|.*Test unit written to |    rerun: $binary |p" "$log"
    fi
done
echo "fuzz: $passed passed, $failed failed"
[ $failed -eq 0 ]
