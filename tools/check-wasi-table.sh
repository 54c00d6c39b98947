#!/bin/sh
# Checks the table of functions in docs/WASI.md against wasi/preview1.def: each
# row of one has a row in the other, and the test that is named exists in
# tests/wasi, in a file that calls the function.
set -eu
defined=$(sed -n 's/^P1_FUNC[A-Z_]*(\([a-z_]*\),.*/\1/p' wasi/preview1.def)
[ -n "$defined" ] || { echo "wasi/preview1.def: no rows" && exit 1; }
bad=0

complain() {
    echo "docs/WASI.md: $*"
    bad=1
}

# "FUNCTION TEST" of each row.
rows=$(sed -n 's/^| `\([a-z_]*\)` |.*| `\([a-z0-9_]*\)` |$/\1 \2/p' docs/WASI.md)
for name in $defined; do
    test=$(echo "$rows" | sed -n "s/^$name //p")
    [ -n "$test" ] || { complain "no row for $name" && continue; }
    file=$(grep -lx "TEST($test)" tests/wasi/*.c || true)
    if [ -z "$file" ]; then
        complain "$name: there is no test $test"
    elif ! grep -q "\"$name\"" "$file"; then
        complain "$name: $file, with $test, does not call it"
    fi
done
for name in $(echo "$rows" | cut -d ' ' -f 1); do
    echo "$defined" | grep -qx "$name" || complain "no function $name"
done
[ $bad = 0 ] && echo "wasi-table: ok, $(echo "$defined" | wc -l) functions"
