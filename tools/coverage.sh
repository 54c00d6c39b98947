#!/bin/sh
# Runs the tests in V=cov and prints the coverage of each file of the product;
# build/coverage/ holds the annotated sources.
set -eu
if ! command -v llvm-cov-19 >/dev/null || ! command -v clang-19 >/dev/null; then
    echo "skipped: coverage: no clang-19 and llvm-cov-19"
    exit 0
fi
out=build/coverage
rm -rf "$out" && mkdir -p "$out/raw"
# %m keeps one profile per binary, merged by the processes that share it.
LLVM_PROFILE_FILE=$PWD/$out/raw/%4m.profraw \
    make --no-print-directory V=cov CC=clang-19 suites cases || true
llvm-profdata-19 merge -o "$out/all.profdata" "$out"/raw/*.profraw
objects=
for binary in build/cov-clang-19-*/tests/*.bin build/cov-clang-19-*/wasmrt; do
    [ ! -e "$binary" ] || objects="$objects -object $binary"
done
# shellcheck disable=SC2086
set -- $objects -instr-profile="$out/all.profdata" \
    -ignore-filename-regex='tests/|bench/'
llvm-cov-19 show "$@" -format=text -output-dir="$out" >/dev/null
llvm-cov-19 report "$@" | sed "s|$PWD/||" |
    awk 'NF >= 10 && $1 != "Filename" {printf "%-34s lines %8s  branches %8s\n", $1, $10, $13}'
