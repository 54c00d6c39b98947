#!/bin/bash
# usage: [WASMRT=binary] tests/real/run.sh [NAME...]
#
# Programs that nobody here wrote: fetches the sources of some packages of
# Debian, builds each for this machine and for wasm32-wasi, lets both do the same
# work in directories of their own, and requires the same output and the same
# files, byte for byte.  esbuild comes built, from npm, and is compared with what
# node makes of it.
#
# Everything fetched and built stays in build/real, so a second run needs no
# network.  The system's list of package sources is not touched.  What is
# missing is said in a line that starts with `skipped:`.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD here=$PWD/tests/real dir=$PWD/build/real bin=$PWD/build/real/bin
wasmrt=${WASMRT:-$top/build/wasmrt}
host_cc=${HOST_CC:-clang-19} wasm_cc=${WASM_CC:-clang-19}
all='lua sqlite zlib bzip2 esbuild'
passed=0 failed=0 skipped=0
mkdir -p "$bin" "$dir/src"

skip() { # WHAT WHY
    echo "skipped: real-programs: $1: $2"
    skipped=$((skipped + 1))
}

# -- Sources ------------------------------------------------------------------

# A private configuration of apt: the mirror and keys of this system, sources
# instead of packages, and nothing of the system's state written.
apt_private() {
    local apt=$dir/apt
    local keys=/usr/share/keyrings/debian-archive-keyring.gpg
    mkdir -p "$apt/etc/apt.conf.d" "$apt/etc/preferences.d" \
        "$apt/state/lists/partial" "$apt/cache/archives/partial"
    # Lines of indextargets: the first of the main archive will do.
    # shellcheck disable=SC2016
    [ -s "$apt/etc/sources.list" ] ||
        apt-get indextargets --format '$(REPO_URI) $(RELEASE) main' \
            'Created-By: Packages' 'Component: main' |
        grep -v -e security -e updates -e backports | sort -u | head -n 1 |
            sed "s|^|deb-src [signed-by=$keys] |" >"$apt/etc/sources.list"
    [ -s "$apt/etc/sources.list" ] || return 1
    local get=(apt-get -qq -o Dir::Etc="$apt/etc" -o Dir::State="$apt/state"
        -o Dir::Cache="$apt/cache" -o APT::Sandbox::User="$(id -un)"
        -o Dir::State::status=/var/lib/dpkg/status)
    if [ ! -f "$apt/updated" ]; then
        timeout 120 "${get[@]}" update && : >"$apt/updated" || return 1
    fi
    timeout 300 "${get[@]}" "$@"
}

# fetch PACKAGE: its upstream source unpacked as build/real/src/PACKAGE.
fetch() {
    local at=$dir/src/$1
    [ ! -d "$at" ] || return 0
    rm -rf "$at.new" && mkdir -p "$at.new/src"
    (
        cd "$at.new" && apt_private source --download-only "$1" &&
            tar xf ./*.orig.tar.* --strip-components=1 -C src &&
            mv src "$at" && rm -rf "$at.new"
    ) >"$dir/$1.log" 2>&1 && return 0
    skip "$1" "the source could not be fetched: $(tail -n 1 "$dir/$1.log")"
    return 1
}

# -- Building -----------------------------------------------------------------

# What programs for POSIX need beyond what wasm32-wasi offers.
wasi_flags=(--target=wasm32-wasi -O2 -w -I "$here/include"
    -include "$here/posix.h" -mllvm -wasm-enable-sjlj -D_WASI_EMULATED_SIGNAL
    -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_GETPID
    -D_WASI_EMULATED_MMAN)
wasi_libs=(-lwasi-emulated-signal -lwasi-emulated-process-clocks
    -lwasi-emulated-getpid -lwasi-emulated-mman)

# build PROGRAM FLAG... FILE...: for both, as build/real/bin/PROGRAM and .wasm.
# The compiler runs for one file after another; only the guest's are kept apart,
# since the flag for setjmp is one of the compiler, not of the linker.
build() {
    local program=$1 arg flags=() objects=() n=0
    shift
    [ ! -x "$bin/$program" ] || [ ! -f "$bin/$program.wasm" ] || return 0
    for arg; do
        case $arg in *.c) ;; *) flags+=("$arg") ;; esac
    done
    mkdir -p "$dir/obj"
    {
        "$host_cc" -O1 -w "$@" -o "$bin/$program" -lm || return 1
        for arg in "$@" "$here/setjmp.c" "$here/missing.c"; do
            case $arg in *.c) ;; *) continue ;; esac
            n=$((n + 1))
            objects+=("$dir/obj/$program.$n.o")
            "$wasm_cc" "${wasi_flags[@]}" "${flags[@]}" -c "$arg" \
                -o "$dir/obj/$program.$n.o" || return 1
        done
        "$wasm_cc" --target=wasm32-wasi -Wl,-z,stack-size=1048576 \
            -o "$bin/$program.wasm" "${objects[@]}" "${wasi_libs[@]}"
    } >"$dir/$program.log" 2>&1
}

# -- Comparing ----------------------------------------------------------------

# In the steps of a program: runs it, as whichever kind is being tried.  The
# exit status and what goes to standard error become part of what is compared,
# and so the native one gets the other's name.
run() { # PROGRAM ARG...
    local program=$1 status
    shift
    case $kind in
    native) (HOME=/ exec -a "$program.wasm" "$bin/$program" "$@") ;;
    wasmrt) $wasmrt run --dir=.::/ --env=HOME=/ --env=PWD=/ \
        "$bin/$program.wasm" -- "$@" ;;
    node) node --no-warnings "$top/bench/node-wasi.mjs" --dir=. \
        "$bin/$program.wasm" "$@" ;;
    esac 2>>"err.$program"
    status=$?
    [ $status = 0 ] || echo "exit status $status"
}

# What wasmrt adds to the program's own words when it fails.
drop_hints() { # DIR...
    local each
    for each in "$@"; do
        find "$each" -maxdepth 1 -name 'err.*' -exec \
            sed -i -e '/^  hint: /d' -e '/^    --dir=/d' {} +
    done
}

# same NAME STEPS KIND DIR KIND DIR: runs the steps in both directories, which
# may hold files already, and compares all that is there afterwards.
same() {
    local name=$1 steps=$2 start=$SECONDS
    (kind=$3 && cd "$4" && $steps >stdout)
    (kind=$5 && cd "$6" && $steps >stdout)
    drop_hints "$4" "$6"
    if [ -s "$4/stdout" ] && diff -r "$4" "$6" >"$dir/diff"; then
        passed=$((passed + 1))
        printf 'ok   %s: %s files, %s bytes, as %s (%d s)\n' "$name" \
            "$(find "$6" -type f | wc -l)" "$(du -sb "$6" | cut -f 1)" "$3" \
            $((SECONDS - start))
    else
        failed=$((failed + 1))
        echo "FAIL real-programs: $name: $5 in $6 differs from $3 in $4"
        head -n 20 "$dir/diff" | cut -c 1-200 | sed 's/^/    /'
        sed 's/^/    /' "$6"/err.* 2>/dev/null | tail -n 5
    fi
}

# fresh NAME: $a and $b, empty directories for both kinds.
fresh() {
    a=$dir/run/$1/one b=$dir/run/$1/other
    rm -rf "$dir/run/$1" && mkdir -p "$a" "$b"
}

# give FILE...: into both.
give() {
    cp "$@" "$a" && cp "$@" "$b"
}

broken() { # PROGRAM
    failed=$((failed + 1))
    echo "FAIL real-programs: $1 does not build"
    tail -n 8 "$dir/$1.log" | sed 's/^/    /'
}

# -- Lua ----------------------------------------------------------------------

lua_steps() {
    run lua program.lua manual.html
    run lua -e 'for l in io.lines() do print(#l, l:upper()) end' <manual.txt
    run lua -v -e 'print(#arg, arg[1])' program.lua
    echo 'local t = {} t.x.y = 1' | run lua - 2>&1
}

try_lua() {
    local src=$dir/src/lua5.4/src
    fetch lua5.4 || return
    # shellcheck disable=SC2046
    build lua -DLUA_COMPAT_5_3 $(ls "$src"/*.c | grep -v /luac.c) ||
        { broken lua && return; }
    fresh lua
    give "$here"/*.lua "$dir/src/lua5.4/doc/manual.html"
    sed 's/<[^>]*>//g' "$a/manual.html" | head -n 500 >"$a/manual.txt"
    cp "$a/manual.txt" "$b"
    same "lua" lua_steps native "$a" wasmrt "$b"
}

# -- SQLite -------------------------------------------------------------------

# The files have no locks in WASI, so both use the driver without them.
sqlite_make() {
    run sqlite -vfs unix-none a.db <data.sql
    run sqlite -vfs unix-none a.db '.dump' | cksum
    run sqlite -vfs unix-none a.db "insert into item values(0, 'once', 1, 2)" \
        'select * from item where id < 2'
    run sqlite -vfs unix-none a.db '.backup copy.db'
    run sqlite -vfs unix-none :memory: '.read plain.sql'
}

# In a directory that the other kind has filled.
sqlite_continue() {
    run sqlite -vfs unix-none a.db 'pragma integrity_check' \
        'select count(*), sum(length(tag)) from item' \
        'select count(*) from word where word match 61' \
        "delete from sale where day < '2026-03-01'" 'vacuum' '.sha3sum'
    run sqlite -vfs unix-none copy.db '.dump item' | cksum
}

try_sqlite() {
    local src=$dir/src/sqlite3 obj=$dir/src/sqlite3.made
    command -v tclsh >/dev/null ||
        { skip sqlite "no tclsh, which puts its source together" && return; }
    fetch sqlite3 || return
    if [ ! -f "$obj/done" ]; then
        mkdir -p "$obj"
        (cd "$obj" && CC=$host_cc "$src/configure" --disable-tcl &&
            make sqlite3.c shell.c && touch done) >"$dir/sqlite.log" 2>&1 ||
            { broken sqlite && return; }
    fi
    # long double has other digits on each machine; it prints numbers.
    build sqlite -DLONGDOUBLE_TYPE=double -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION \
        -DSQLITE_OMIT_WAL -DSQLITE_ENABLE_FTS5 "$obj/sqlite3.c" \
        "$obj/shell.c" || { broken sqlite && return; }
    fresh sqlite
    give "$here/data.sql"
    echo "select 'read', 1 + 1;" >"$a/plain.sql" && cp "$a/plain.sql" "$b"
    same "sqlite makes a database" sqlite_make native "$a" wasmrt "$b"
    same "sqlite goes on with the other's" sqlite_continue \
        wasmrt "$a" native "$b"
}

# -- Compressors --------------------------------------------------------------

minigzip_steps() {
    for level in 1 6 9; do
        run minigzip -$level <text >text.$level.gz
        run minigzip -d <text.$level.gz | cmp - text
        gzip -dc text.$level.gz | cmp - text
    done
    cp text named && run minigzip named && run minigzip -d named.gz
    run minigzip -d <random
    # Its first line tells the sizes of types, which differ.
    run zlibexample hello.gz | sed 's/, compile flags.*//'
}

try_zlib() {
    local src=$dir/src/zlib
    local flags=(-DHAVE_UNISTD_H -DHAVE_STDARG_H -I "$src")
    fetch zlib || return
    build minigzip "${flags[@]}" "$src"/*.c "$src/test/minigzip.c" ||
        { broken minigzip && return; }
    build zlibexample "${flags[@]}" "$src"/*.c "$src/test/example.c" ||
        { broken zlibexample && return; }
    fresh zlib
    cat "$src"/*.[ch3] "$src"/ChangeLog >"$a/text"
    head -c 10000 "$bin/minigzip" >"$a/random"
    cp "$a"/* "$b"
    same "zlib" minigzip_steps native "$a" wasmrt "$b"
}

bzip2_steps() {
    run bzip2 -k -v text
    run bzip2 -t text.bz2
    run bzip2 -dc text.bz2 | cmp - text
    run bzip2 -1 -c <text >one.bz2
    head -c 5000 one.bz2 >cut.bz2
    # Explains the failure with whatever errno says by then.
    run bzip2 -d cut.bz2
    sed -i '/^bzip2.wasm: No[t ]/d' err.bzip2
    run bzip2 -d -k -f text.bz2
}

try_bzip2() {
    local src=$dir/src/bzip2 file files=()
    fetch bzip2 || return
    for file in blocksort huffman crctable randtable compress decompress bzlib \
        bzip2; do
        files+=("$src/$file.c")
    done
    build bzip2 -D_FILE_OFFSET_BITS=64 -I "$src" "${files[@]}" ||
        { broken bzip2 && return; }
    fresh bzip2
    cat "$src"/*.c "$src"/*.html "$src"/*.xml >"$a/text" && cp "$a"/* "$b"
    same "bzip2" bzip2_steps native "$a" wasmrt "$b"
}

# -- esbuild ------------------------------------------------------------------

esbuild_steps() {
    local common='--bundle --format=esm --charset=utf8 --log-level=error'
    # shellcheck disable=SC2086
    run esbuild main.ts $common --outfile=out/plain.mjs
    # shellcheck disable=SC2086
    run esbuild main.ts $common --minify --target=es2018 --sourcemap \
        --metafile=out/meta.json --outfile=out/small.mjs
    run esbuild <shapes.ts --loader=ts --format=cjs
    run esbuild broken.ts
    node out/plain.mjs
}

try_esbuild() {
    command -v node >/dev/null || { skip esbuild "no node" && return; }
    command -v npm >/dev/null || { skip esbuild "no npm" && return; }
    if [ ! -f "$bin/esbuild.wasm" ]; then
        mkdir -p "$dir/esbuild"
        (cd "$dir/esbuild" && timeout 200 npm pack @esbuild/wasi-preview1@0.27.2 &&
            tar xf ./*.tgz && mv package/esbuild.wasm "$bin") \
            >"$dir/esbuild.log" 2>&1 ||
            { skip esbuild "could not be fetched from npm" && return; }
    fi
    fresh esbuild
    give "$here"/app/*
    echo 'let x: = 1' >"$a/broken.ts" && cp "$a/broken.ts" "$b"
    same "esbuild" esbuild_steps node "$a" wasmrt "$b"
}

# -- The comparison itself ----------------------------------------------------

proof_steps() {
    echo "by $kind"
}

# One that never finds a difference would be worth nothing.
prove_comparison() {
    fresh proof
    same proof proof_steps native "$a" wasmrt "$b" >/dev/null
    if [ $failed = 1 ]; then
        failed=0
    else
        passed=0 failed=1
        echo "FAIL real-programs: the comparison misses a difference"
    fi
}

command -v "$wasm_cc" >/dev/null || { skip all "no $wasm_cc" && exit 0; }
command -v apt-get >/dev/null || { skip all "no apt-get" && exit 0; }
prove_comparison
for name in ${*:-$all}; do
    "try_$name"
done
echo "real-programs: $passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
