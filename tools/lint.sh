#!/bin/sh
# usage: lint.sh FILE...     clang-tidy over these C files
#
# Reads compile_commands.json and .clang-tidy; a finding is an error.
set -eu
tool=${CLANG_TIDY:-clang-tidy-19}
if ! command -v "$tool" >/dev/null; then
    echo "skipped: lint: no $tool"
    exit 0
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if printf '%s\n' "$@" | xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 \
    "$tool" --quiet -p . --warnings-as-errors='*' >"$log" 2>/dev/null; then
    echo "lint: ok, $# files"
else
    cat "$log"
    echo "lint: $(grep -c 'error: ' "$log" || true) findings"
    exit 1
fi
