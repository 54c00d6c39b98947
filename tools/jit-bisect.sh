#!/bin/sh
# Finds the function that the JIT compiles wrong: the one that makes what a
# command writes, or its exit status, differ from the interpreter's.
#
# usage: jit-bisect.sh WASMRT run|wast [WORDS]...
#
#   LIMIT=SECONDS  of one run, default 60; one that takes longer differs
#   ALSO=FILE      a file that the command writes; compared, too
#
# Runs WASMRT run --jit-range=0:END WORDS, where functions below END are machine
# code, and searches for the smallest END that goes wrong: function END - 1 is
# compiled wrong, or makes what is wrong elsewhere visible.  Then it tries which
# functions before it are needed for that.
#
# Exit status: 0 the engines agree, 1 a function was found, 2 wrong usage.
#
# SPDX-License-Identifier: Apache-2.0
set -eu
[ $# -ge 3 ] || { sed -n '2,/^# SPDX/s/^# \{0,1\}//p' "$0" | sed '$d' >&2; exit 2; }
wasmrt=$1 verb=$2 runs=0
shift 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
last=4294967295

# run NAME OPTION... : what the command does with these options.
run() {
    to=$1
    shift
    status=0
    [ -z "${ALSO:-}" ] || rm -f "$ALSO"
    eval "timeout ${LIMIT:-60} \"\$wasmrt\" \"\$verb\" $* $words" \
        >"$dir/$to" 2>&1 </dev/null || status=$?
    echo "exit status $status" >>"$dir/$to"
    [ -z "${ALSO:-}" ] || [ ! -f "$ALSO" ] || cat "$ALSO" >>"$dir/$to"
}

# differs FIRST END: whether the output does.
differs() {
    runs=$((runs + 1))
    run native --engine=jit --jit-range="$1:$2"
    ! cmp -s "$dir/interp" "$dir/native"
}

# The words, each in quotes.
words=
for word in "$@"; do
    words="$words '$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'"
done

run interp --engine=interp
run again --engine=interp
cmp -s "$dir/interp" "$dir/again" || {
    echo "jit-bisect: two runs of the interpreter differ; nothing can be found" >&2
    exit 2
}
if ! differs 0 $last; then
    echo "jit-bisect: the engines agree"
    exit 0
fi
! differs 0 0 || {
    echo "jit-bisect: it goes wrong without any machine code" >&2
    exit 2
}

# 0:low is right, 0:high is wrong.
low=0 high=1
while ! differs 0 $high; do
    low=$high high=$((high * 2))
    [ $high -le $last ] || high=$last
done
while [ $((high - low)) -gt 1 ]; do
    middle=$(((low + high) / 2))
    if differs 0 $middle; then high=$middle; else low=$middle; fi
done
culprit=$((high - 1))

# first:high is wrong, beyond:high is right.
first=$culprit
if ! differs $culprit $high; then
    first=0 beyond=$culprit
    while [ $((beyond - first)) -gt 1 ]; do
        middle=$(((first + beyond) / 2))
        if differs $middle $high; then first=$middle; else beyond=$middle; fi
    done
fi
differs $first $high || :
echo "jit-bisect: function $culprit, after $runs runs"
[ "$first" = "$culprit" ] || echo "jit-bisect: together with function $first"
echo "jit-bisect: $wasmrt $verb --engine=jit --jit-range=$first:$high$words"
diff "$dir/interp" "$dir/native" | head -n 10
exit 1
