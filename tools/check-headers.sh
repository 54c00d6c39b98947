#!/bin/sh
# usage: check-headers.sh [COMPILER...]
#
# Compiles each public header alone and twice in one unit, as C11 and as C++17,
# with every warning an embedder might have on.
set -eu
cc=${*:-cc} bad=0 count=0
flags='-fsyntax-only -Wall -Wextra -pedantic -Werror -Wconversion -Iinclude'
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cxx=$cc
echo 'int x;' >"$dir/probe.cc"
$cxx -std=c++17 -fsyntax-only -x c++ "$dir/probe.cc" 2>/dev/null || cxx=

for header in include/*.h include/wasmrt/*.h; do
    [ -e "$header" ] || continue
    count=$((count + 1))
    name=${header#include/}
    printf '#include "%s"\n#include "%s"\n' "$name" "$name" >"$dir/unit"
    $cc -std=c11 $flags -x c "$dir/unit" || { echo "$header: not clean C11"
        bad=1; }
    [ -z "$cxx" ] || $cxx -std=c++17 $flags -Wno-variadic-macros -x c++ \
        "$dir/unit" || { echo "$header: not clean C++17"; bad=1; }
done
[ -n "$cxx" ] || echo "skipped: headers as C++: $cc has no C++ compiler"
[ $bad -ne 0 ] || echo "headers: ok, $count headers"
exit $bad
