# What bench/run and bench/compare share; they source it.  Sets $root and $out,
# takes NAME=VALUE arguments, and builds the timing tool.
#
# SPDX-License-Identifier: Apache-2.0

root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/build/bench

die() {
    echo "bench: $*" >&2
    exit 2
}

# find_cc NAME...: prints the first compiler that is there.
find_cc() {
    for cc in "$@"; do
        if command -v "$cc" >/dev/null; then
            echo "$cc"
            return
        fi
    done
}

# Builds $out/bench when a source is newer.  Static if possible: see child.c.
# HOST_CC, not CC: the tool runs here even when wasmrt is built for elsewhere.
build_tool() {
    mkdir -p "$out"
    cc=$(find_cc ${HOST_CC:-} cc gcc clang-19 clang)
    [ -n "$cc" ] || die "no C compiler found"
    if [ -x "$out/bench" ] &&
       [ -z "$(find "$root/bench" -maxdepth 1 -name '*.[ch]' \
               -newer "$out/bench")" ]; then
        return
    fi
    for how in -static ""; do
        # shellcheck disable=SC2086  # $how is a word or nothing
        "$cc" -std=c11 -O2 -I"$root" $how -o "$out/bench.$$" \
            "$root"/bench/*.c -lm 2>"$out/bench.log" &&
            mv "$out/bench.$$" "$out/bench" && return
    done
    cat "$out/bench.log" >&2
    die "cannot build the timing tool"
}

# The empty program whose start and exit every other start is measured by.
build_floor() {
    [ -x "$out/empty" ] && return
    echo 'int main(void) { return 0; }' >"$out/empty.c"
    "$cc" -O2 -static -o "$out/empty" "$out/empty.c" 2>/dev/null ||
        "$cc" -O2 -o "$out/empty" "$out/empty.c"
}
