#!/bin/sh
# Prints a table of how long it takes to stop a guest: by a deadline, by an
# interrupt from a thread or from a signal handler, and by Ctrl-C.
#
#   tools/latency.sh SUITE.bin        LATENCY_ROUNDS rounds of each
#
# A time is from the stop to the return of the call, in milliseconds.  CPU is
# what the guest's thread itself ran in the meantime: where that is less, the
# machine was busy with something else.
set -eu
suite=$1
out=$(mktemp)
trap 'rm -f "$out"' EXIT

for test in $(${RUNNER:-} "$suite" -l); do
    ${RUNNER:-} "$suite" -v -j 1 "$test" >"$out.all" || {
        cat "$out.all"
        rm -f "$out.all"
        exit 1
    }
    sed -n "s/^    latency: /${test#latency_of_} /p" "$out.all" >>"$out"
    rm -f "$out.all"
done
awk '
BEGIN {
    printf "%-38s %-9s %9s %9s %9s %6s\n", "milliseconds", "stopped by",
        "median", "worst", "CPU", "times"
}
{
    gsub(/,/, "")
    printf "%-38s %-9s %9.3f %9.3f %9s %6d\n", $1, $2, $4, $7,
        $11 == 0 ? "" : sprintf("%.3f", $11), $14
    count += $14
    if ($7 > worst)
        worst = $7
    if ($11 > cpu)
        cpu = $11
}
END {
    printf "%d stops; the worst took %.3f ms, the most work until the end %.3f ms\n",
        count, worst, cpu
}' "$out"
