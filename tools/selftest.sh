#!/bin/sh
# Proves that each check bites: plants one violation at a time in a small tree
# of its own and requires that the check names it and fails, and that the clean
# tree passes.
set -eu
tools=$(cd "$(dirname "$0")" && pwd)
cc=${CC:-cc}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

clean_tree() {
    rm -rf "${dir:?}"/* && cd "$dir"
    mkdir -p include/wasmrt runtime/store runtime/interp wasi jit tests/cases
    cat >include/wasmrt/x.h <<'END'
/** A thing. */
typedef struct wasmrt_x wasmrt_x;

/**
 * Counts.
 *
 * @param x        Borrowed.
 * @return         How many.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API int wasmrt_x_count(const wasmrt_x *x);
END
    sed -i '1i #define WASMRT_API' include/wasmrt/x.h
    sed -i '1i /** Nothing. */' include/wasmrt/x.h
    printf '#include "wasmrt/x.h"\n\n#include <stdio.h>\n' >runtime/store/x.c
    cp runtime/store/x.c wasi/x.c
    : >jit/jit.h
}

record() { # NAME OK
    if [ "$2" = 1 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL selftest: $1"
        sed 's/^/    /' "$dir/.log"
    fi
}

accepts() { # NAME COMMAND...
    name=$1 && shift
    if "$@" >"$dir/.log" 2>&1; then record "$name" 1; else record "$name" 0; fi
}

refuses() { # NAME TEXT COMMAND...
    name=$1 text=$2 && shift 2
    if ! "$@" >"$dir/.log" 2>&1 && grep -qF -- "$text" "$dir/.log"; then
        record "$name" 1
    else
        record "$name" 0
    fi
    clean_tree
}

lines() { # COUNT TEXT
    awk -v n="$1" -v text="$2" 'BEGIN { while (n-- > 0) print text }'
}

clean_tree

# -- layers
layers="sh $tools/check-layers.sh"
accepts "layers accept a clean tree" $layers
echo '#include "jit/jit.h"' >>runtime/store/x.c
refuses "runtime may not see jit" 'runtime/store may not include "jit/jit.h"' \
    $layers
mkdir array && echo '#include "wasmrt/x.h"' >array/x.h
refuses "array stands on nothing" 'array may not include "wasmrt/x.h"' $layers
echo '#include "runtime/store/x.h"' >>wasi/x.c
refuses "wasi stands on include alone" \
    'wasi may not include "runtime/store/x.h"' $layers
echo '#include "runtime/interp/interp.h"' >jit/x.c
refuses "tiers do not see each other" \
    'jit may not include "runtime/interp/interp.h"' $layers
echo '#include <sys/mman.h>' >>runtime/store/x.c
refuses "system headers stay in os files" '<sys/mman.h> belongs' $layers
echo '#include <fcntl.h>' >wasi/os_linux.c
accepts "an os file may include them" $layers

# -- metrics
metrics="sh $tools/metrics.sh"
clean_tree
accepts "metrics accept a clean tree" $metrics
{ printf 'int f(void)\n{\n' && lines 79 '    g();' && echo '}'; } >wasi/y.c
refuses "a long function" 'f has 82 lines' $metrics
{ printf 'IOP(add)\n{\n' && lines 79 '    g();' && echo '}'; } >wasi/y.inc
refuses "a long handler" 'add has 82 lines' $metrics
{ echo '#define M(x) \' && lines 80 '    f(x); \\' && echo '    x'; } >wasi/y.h
refuses "a long macro" 'M(x) has 82 lines' $metrics
lines 1001 'int x;' >wasi/y.c
refuses "a long file" '1001 lines, limit 1000' $metrics
lines 401 'int x;' >wasi/y.h
refuses "a long header" '401 lines, limit 400' $metrics
{ lines 9 '#if X' && lines 900 'int x;'; } >wasi/y.c
refuses "too many #if" 'more than 5 per 1000' $metrics
echo '/* TODO: later */' >>wasi/x.c
refuses "a TODO without an issue" 'TODO without an issue' $metrics
printf '/* -- Parts --------\n */\n' >>runtime/store/x.c
refuses "a heading on two lines" 'heading that is cut' $metrics

# -- documentation
docs="sh $tools/check-docs.sh"
accepts "documented declarations" $docs
sed -i 's/@threadsafe  *Yes/@threadsafe Maybe/' include/wasmrt/x.h
refuses "a thread-safety word of its own" '@threadsafe' $docs
sed -i '/@param/d' include/wasmrt/x.h
refuses "a parameter without a word" '@param x' $docs
sed -i '/@return/d' include/wasmrt/x.h
refuses "a result without a word" '@return' $docs
sed -i '/@since/d' include/wasmrt/x.h
refuses "no version" '@since' $docs
echo 'WASMRT_API void wasmrt_y(void);' >>include/wasmrt/x.h
refuses "no comment at all" 'wasmrt_y: no doc comment' $docs
printf '/** A. */\nWASM_API_EXTERN int a(void);\n' >include/wasm.h
accepts "documented declarations of wasm.h" $docs
echo 'WASM_API_EXTERN int b(void);' >>include/wasm.h
refuses "one of wasm.h that is not" 'wasm.h:3: no comment' $docs
printf 'int a;\nint b;\n' >x.c
printf '<!-- x.c -->\n```c\nint b;\n```\n' >README.md
accepts "a code block that is in its file" $docs
printf '<!-- x.c -->\n```c\nint c;\n```\n' >README.md
refuses "a code block that is not in its file" 'README.md:2:' $docs
printf '```c\nint b;\n```\n' >README.md
refuses "a code block of no file" 'not the text of any file' $docs

# -- what the documentation names
names="sh $tools/check-names.sh"
page() { # LINE
    printf 'all: x\n' >Makefile && mkdir -p docs
    printf '%s\n' "$1" >docs/A.md
}
page 'See [x](../wasi/x.c), `runtime/store/x.c` and `store/`; run `make all`.'
accepts "names of what is there" $names
for name in '[x](../wasi/y.c)' '`wasi/y.c`' '`y/`' '`make any`'; do
    page "$name"
    refuses "$name of nothing" 'docs/A.md: there is no ' $names
done

# -- headers
headers="sh $tools/check-headers.sh $cc"
sed -i '1i #ifndef WASMRT_X_H\n#define WASMRT_X_H' include/wasmrt/x.h
echo '#endif' >>include/wasmrt/x.h
accepts "a header that compiles alone" $headers
echo 'static size_t wasmrt_y;' >>include/wasmrt/x.h
refuses "a header that needs another" 'not clean C11' $headers
echo 'typedef struct wasmrt_z { int a; } wasmrt_z;' >>include/wasmrt/x.h
refuses "a header that cannot be included twice" 'not clean C11' $headers

# -- symbols
build() {
    $cc -fPIC -c -o "$dir/x.o" "$dir/x.c" && rm -f "$dir/x.a"
    ar rcs "$dir/x.a" "$dir/x.o" && $cc -shared -o "$dir/x.so" "$dir/x.o"
}
symbols="sh $tools/check-symbols.sh $dir/x.a $dir/x.so"
echo 'int wasmrt_x(void) { return 1; }' >x.c && build
accepts "prefixed symbols" $symbols
echo 'int helper(void) { return 1; }' >x.c && build
refuses "an export without a prefix" 'helper' $symbols
echo 'int wrt_x(void) { return 1; }' >x.c && build
refuses "an internal name that is exported" 'exports' $symbols
echo 'void abort(void); void wasmrt_x(void) { abort(); }' >x.c && build
refuses "a call of abort" 'abort' $symbols
printf '#include <stdio.h>\nvoid wasmrt_x(int i) { printf("%%d", i); }\n' >x.c
build
refuses "output from the library" 'printf' $symbols

# -- tail calls
clean_tree
cat >wasi/t.c <<'END'
typedef int handler(int *);
extern handler *table[];
static int wrt_h_A_0(int *p) { return table[*p](p); }
static int wrt_h_B_0(int *p) { int x = table[*p](p); p[1] = x; return x; }
handler *both[] = {wrt_h_A_0, wrt_h_B_0};
END
$cc -O2 -fcf-protection=none -c wasi/t.c -o wasi/t.o 2>/dev/null ||
    $cc -O2 -c wasi/t.c -o wasi/t.o
refuses "a handler that calls the next" 'wrt_h_B_0' \
    sh "$tools/check-tailcalls.sh" wasi/t.o
mkdir -p wasi
cat >wasi/t.c <<'END'
typedef int handler(int *);
extern handler *table[];
static int wrt_h_A_0(int *p) { return table[*p](p); }
handler *one[] = {wrt_h_A_0};
END
$cc -O2 -c wasi/t.c -o wasi/t.o
accepts "handlers that jump" sh "$tools/check-tailcalls.sh" wasi/t.o

# -- format
if command -v clang-format-19 >/dev/null; then
    printf 'BasedOnStyle: LLVM\n' >.clang-format
    printf 'int   x ;\n' >wasi/y.c
    refuses "unformatted code" 'wasi/y.c: not formatted' \
        sh "$tools/format.sh" check
fi

# -- the runner of data tests
if [ -n "${CASE_TOOL:-}" ]; then
    cases="env WASMRT=/bin/echo RUNNER= ENGINE=auto $CASE_TOOL tests/cases"
    case_is() { printf '%b' "$1" >tests/cases/x.t; }
    case_is 'file: f\na\n\\cmd: b\n\ncmd: cat f\nstdout:\na\n\\cmd: b\n'
    accepts "a case that holds" $cases
    case_is 'hex: f\n61 62 ; ab\n0a\n\ncmd: cat f >&2; exit 3\nstderr: ab\nexit: 3\n'
    accepts "hex files, exit status, stderr" $cases
    case_is 'cmd: echo a\nstdout: b\n'
    refuses "wrong output" '+a' $cases
    case_is 'cmd: echo a\n'
    refuses "output nobody expected" '+a' $cases
    case_is 'cmd: echo a >&2\n'
    refuses "messages nobody expected" '+a' $cases
    case_is 'cmd: exit 1\n'
    refuses "a wrong exit status" 'exit status 1, expected 0' $cases
    case_is 'cmd: printf "a\\nb\\n"\nstdout~:\nb\na\n'
    refuses "lines in the wrong order" 'lacks "a"' $cases
    case_is 'cmd: true\ncmd: false\ncmd: true\n'
    refuses "a failing step in the middle" 'command: false' $cases
    case_is 'wibble: 1\n'
    refuses "a key that does not exist" 'not a key' $cases
    case_is 'file: f\n'
    refuses "a case that checks nothing" 'no cmd' $cases
    case_is 'cmd: sleep 60\n'
    refuses "a command that hangs" 'no end after' env TEST_TIMEOUT=0.2 $cases
    case_is 'hex: f\n00\nexpect: magic\n'
    refuses "a module accepted by mistake" 'expected 1' $cases
fi

# -- the runner of test scripts against an independent count
spectest_counts() { # RUNNER-OUTPUT COUNTS
    mkdir -p spectest && : >spectest/a.wast
    printf "#!/bin/sh\nprintf '%s'\n" "$1" >runner
    printf "#!/bin/sh\nprintf '%s'\n" "$2" >counter
    chmod +x runner counter
    WASM_TESTSUITE=none WASMRT=./runner COUNT=./counter \
        sh "$tools/spectest.sh"
}
accepts "equal counts" spectest_counts \
    'a.wast: 2 passed, 0 failed, 1 skipped (x)\n' 'a.wast: 3\n'
refuses "a directive that was lost" 'counts differ: a.wast: 2' spectest_counts \
    'a.wast: 2 passed, 0 failed\n' 'a.wast: 3\n'
refuses "a file that was lost" 'counts differ: 2 files, 1' spectest_counts \
    'a.wast: 3 passed, 0 failed\n' 'a.wast: 3\nb.wast: 1\n'

# -- the table of WASI functions
wasi_table() { # ROW-OF-THE-TABLE TEST-FILE
    mkdir -p docs tests/wasi
    printf '%s\n' 'P1_FUNC(fd_tell, "(i32 i32) -> i32", 0, "fd")' \
        'P1_FUNC_NEWER(fd_close, "(i32) -> i32", 0, "fd")' >wasi/preview1.def
    printf '| `fd_close` | yes | `closes` |\n%s\n' "$1" >docs/WASI.md
    printf 'TEST(%s)\n{\n    CALL("fd_close");\n}\n' closes >tests/wasi/a.c
    printf 'TEST(%s)\n{\n    CALL("%s");\n}\n' tells "$2" >tests/wasi/b.c
    sh "$tools/check-wasi-table.sh"
}
accepts "a whole table" wasi_table '| `fd_tell` | yes | `tells` |' fd_tell
refuses "a function without a row" 'no row for fd_tell' wasi_table '' fd_tell
refuses "a test that is not there" 'fd_tell: there is no test told' \
    wasi_table '| `fd_tell` | yes | `told` |' fd_tell
refuses "a test of something else" 'tests/wasi/b.c, with tells, does not' \
    wasi_table '| `fd_tell` | yes | `tells` |' fd_seek
refuses "a row without a function" 'no function fd_sing' wasi_table \
    "$(printf '| `%s` | yes | `tells` |\n' fd_tell fd_sing)" fd_tell

# -- the proofs
proof() { # SED-SCRIPT FINDS
    mkdir -p tools && cp "$tools/plant.sh" "$tools/folders.sh" tools/
    cat >tools/x-proof.sh <<END
only=
. tools/plant.sh
prepare() { copy_tree wasi; }
finds() { $2; }
plant tests "a bug" wasi/x.c '$1'
report
END
    sh tools/x-proof.sh
}
finds='grep stdlib.h "$dir/tree/wasi/x.c"'
accepts "a bug that is found" proof s/stdio/stdlib/ "$finds"
refuses "a bug that is not found" '(not here)' \
    proof s/stdio/string/ "$finds || { echo not here && false; }"
accepts "a bug that cannot be here" \
    proof s/stdio/string/ 'echo "skipped: no x" && false'
refuses "a bug without a line to break" 'no longer has the line' \
    proof s/stdint/stdlib/ "$finds"

# -- the benchmark harness
bench_shows() { # TEXT SCRIPT
    printf '#!/bin/sh\n%s\n' "$2" >"$dir/engine" && chmod +x "$dir/engine"
    table=$(T=fib R=2 STARTS=2 LIMIT=5 NATIVE=none PEERS=none MORE='' JSON='' \
        WASMRT="$dir/engine" sh "$tools/../bench/run")
    echo "$table"
    echo "$table" | grep -q "$1"
}
expected=$(cd "$tools/../bench/expected" && pwd)
accepts "a right result is timed" bench_shows '^fib  *0\.0[0-9]* .*%' \
    "cat $expected/\$(basename \$1 .wasm).txt"
accepts "a wrong result is not" bench_shows '^fib  *FAIL' 'echo fib 0'
accepts "nor one that is cut short" bench_shows '^fib  *FAIL' \
    "head -c 9 $expected/fib.txt"
accepts "nor a module that was refused" bench_shows \
    '^fib, wasmrt: exit code 3: no' 'echo no >&2; exit 3'
accepts "nor a crash" bench_shows '^fib  *KILLED' 'kill -11 $$'

echo "selftest: $passed passed, $failed failed"
[ $failed -eq 0 ]
