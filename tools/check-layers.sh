#!/bin/sh
# Checks which folder may include which, and where system headers may appear.
#
# A quoted include is a path from the repository root, or a public header; the
# first table says what each folder may reach.  Headers of the operating system
# belong to the files named os*.c, os*.h and *_linux.c; all other code uses
# headers of C11 and of the libraries in the second table.
set -eu
. "$(dirname "$0")/folders.sh"
# shellcheck disable=SC2086
files=$(find $product examples bench tests/api \( -name '*.[ch]' -o -name '*.inc' -o -name '*.def' \) -print \
    2>/dev/null | sort || true)

# shellcheck disable=SC2086
awk '
BEGIN {
    base = "include runtime/base"
    module = base " runtime/module"
    store = module " runtime/store"
    reach["include"] = "include"
    reach["array"] = "array"
    reach["runtime/base"] = base
    reach["runtime/module"] = module
    reach["runtime/text"] = module " runtime/text"
    reach["runtime/store"] = store
    reach["runtime/interp"] = store " runtime/interp"
    reach["runtime/api"] = store " runtime/text runtime/api"
    reach["jit"] = reach["jit/x64"] = reach["jit/a64"] = \
        store " jit jit/x64 jit/a64 jit/check"
    reach["jit/check"] = store " jit jit/check"
    reach["shim"] = "include array shim shim/proto"
    reach["tests/api"] = "include tests/lib tests/api"
    # Everything else (wasi cli serve spectest examples bench) stands on the
    # public headers, and on arrays that grow, alone.

    # Vector intrinsics: the machine-dependent floor.
    libraries["runtime/base"] = "emmintrin.h smmintrin.h arm_neon.h"
    libraries["runtime/api"] = "ffi.h"
    libraries["serve"] = "uv.h"

    n = split("assert complex ctype errno fenv float inttypes iso646 limits " \
              "locale math setjmp signal stdalign stdarg stdatomic stdbool " \
              "stddef stdint stdio stdlib stdnoreturn string tgmath threads " \
              "time uchar wchar wctype", names, " ")
    for (i = 1; i <= n; i++)
        is_c11[names[i] ".h"] = 1
}

function dirname(path) {
    if (!sub(/\/[^\/]*$/, "", path))
        return "."
    return path
}

function complain(what) {
    print FILENAME ":" FNR ": " what
    bad = 1
}

FNR == 1 {
    from = dirname(FILENAME)
    if (from ~ /^include/)
        from = "include"
    file = FILENAME
    sub(/.*\//, "", file)
    is_os = file ~ /^os.*\.[ch]$/ || file ~ /_linux\.[ch]$/ || from ~ /^shim/
    is_test = from ~ /^(tests|examples|bench)/
    count++
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, part, "\"")
    inc = part[2]
    to = dirname(inc)
    if (to == "." || to == "wasmrt")
        to = "include"
    allowed = (from in reach) ? reach[from] : "include array " from
    # The script runner of the test suite is a verb of the command line tool.
    if (FILENAME == "cli/cmd_wast.c")
        allowed = allowed " spectest"
    # So is the server.
    if (FILENAME ~ /^cli\/(cmd_serve.c|serving.h)$/ ||
        FILENAME == "shim/serving.h")
        allowed = allowed " serve"
    if (index(" " allowed " ", " " to " ") == 0)
        complain(from " may not include \"" inc "\"")
}

/^[ \t]*#[ \t]*include[ \t]*</ {
    inc = $0
    sub(/^[^<]*</, "", inc)
    sub(/>.*/, "", inc)
    if (!is_os && !is_test && !(inc in is_c11) &&
        index(" " libraries[from] " ", " " inc " ") == 0)
        complain("<" inc "> belongs in an os file")
}

END {
    if (!bad)
        print "layers: ok, " count + 0 " files"
    exit bad
}' $files /dev/null
