#!/bin/sh
# Allocates GB gigabytes in total through a heap of 64 MB, checks what is alive all
# along, and prints how fast that went.  WASMRT is the binary.
#
# The pauses are those of complete collections, as the clock saw them: on a busy
# machine they contain what else ran.
set -eu
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# shellcheck disable=SC2086
$WASMRT run --max-gc-heap=64M --stats --invoke=churn tests/gc/churn.wat \
    $((GB * 1024)) >"$out" 2>&1 || {
    cat "$out"
    exit 1
}
awk '
/^[0-9]* : i32/ { items = $1 }
/^run / { ms = $2 }
/^allocated objects/ { bytes = $3 }
/^heap of objects/ { heap = $4 }
/^live objects/ { live = $3 }
/^collections/ { count = $2; pauses = $4; longest = $7 }
END {
    printf "allocated %.2f GB in %.2f s: %.0f MB/s\n", bytes / 1e9, ms / 1e3,
        bytes / 1e3 / ms
    printf "alive at the end: %d objects of the program, %.1f MB; heap %.1f MB\n",
        items, live / 1e6, heap / 1e6
    printf "collections: %d, %.1f %% of the time, longest pause %.2f ms\n", count,
        pauses / ms * 100, longest
}' "$out"
