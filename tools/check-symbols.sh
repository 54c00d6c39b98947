#!/bin/sh
# usage: check-symbols.sh ARCHIVE SHARED-LIBRARY
#
# The shared library exports wasmrt_* and wasm_* only.  Global names in the
# archive carry one of our prefixes, so that they clash with nobody's (but for
# two weak ones, whose names are gdb's).  The
# library never ends the process and never writes to the standard streams: it
# refers to none of the functions that do.
set -eu
archive=$1 shared=$2 bad=0
NM=${NM:-nm}

complain() {
    echo "symbols: $1"
    echo "$2" | sed 's/^/    /'
    bad=1
}

exported=$($NM -D --defined-only "$shared" | awk '$2 ~ /[A-Z]/ {print $3}')
foreign=$(echo "$exported" | grep -Ev '^(wasmrt_|wasm_|$)' || true)
[ -z "$foreign" ] || complain "$shared exports" "$foreign"

foreign=$($NM -g --defined-only "$archive" 2>/dev/null |
    awk 'NF == 3 {print $3}' |
    grep -Ev '^(wasmrt|wasm|wrt|jit|x64|a64|p1)_|^__jit_debug_(register_code|descriptor)$' || true)
[ -z "$foreign" ] || complain "$archive has globals without our prefix" \
    "$foreign"

# Weak names such as __gcov are the compiler's business; these are ours.
streams='printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|putc|fputc|perror'
ends='abort|exit|_exit|_Exit|quick_exit|__assert_fail|__assert'
used=$($NM -g --undefined-only -A "$archive" 2>/dev/null |
    awk '{print $NF, $1}' |
    grep -E "^($ends|(__)?($streams)(_chk)?|stdout|stderr) " || true)
[ -z "$used" ] || complain "the library must not refer to" "$used"

[ $bad -ne 0 ] || echo "symbols: ok, $(echo "$exported" | grep -c . || true)" \
    "exported"
exit $bad
