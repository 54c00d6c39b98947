#!/bin/sh
# usage: diff-proof.sh TOOL [MODULES]
#
# Proves that differential testing finds bugs: plants one at a time in a copy of
# the tree and requires a difference from the unbroken TOOL within so many
# modules, which is made small, or a crash.  Each bug is in one file that
# compiles quickly.
set -eu
cd "$(dirname "$0")/.."
tool=$1 modules=${2:-20000}
build=$(dirname "$(dirname "$tool")")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

# With the objects, so that only what is broken compiles again.
mkdir -p "$dir/tree/$build"
cp -a Makefile include runtime jit wasi "$dir/tree/"
mkdir "$dir/tree/tests"
cp -a tests/diff "$dir/tree/tests/"
(cd "$build" && tar cf - .flags runtime $(ls -d jit 2>/dev/null) wasi tests/diff) |
    tar xf - -C "$dir/tree/$build"

run() {
    (cd "$dir/tree" && make "$tool" && "$tool" -s 1 -n "$modules" \
        -o "$dir" -p "$OLDPWD/$tool --peer") >"$dir/log" 2>&1
}

# FILE and SED-SCRIPT make the bug; the file must change, or the proof is void.
plant() { # NAME FILE SED-SCRIPT
    sed "$3" "$2" >"$dir/tree/$2"
    case $2 in jit/*) [ -d "$build/jit" ] || return 0 ;; esac
    if cmp -s "$2" "$dir/tree/$2"; then
        echo "FAIL diff-proof: $1: $2 no longer has the line to break"
        failed=$((failed + 1))
        return
    fi
    if run; then
        echo "FAIL diff-proof: $1: not found in $modules modules"
        failed=$((failed + 1))
    elif found=$(grep -oE '^SMALL: module [^:]*|signal .. in module .*' \
        "$dir/log"); then
        echo "ok   $1: $found"
        passed=$((passed + 1))
    else
        echo "FAIL diff-proof: $1: no difference, but:"
        tail -5 "$dir/log" | sed 's/^/    /'
        failed=$((failed + 1))
    fi
    cp -p "$2" "$dir/tree/$2"
    touch "$dir/tree/$2"
}

plant "numeric: a signed wide product taken as unsigned" \
    runtime/interp/run_int.c \
    's/(wrt_u128)((wrt_i128)fp\[pc->a\].i64 \*fp\[pc->b\].i64)/(wrt_u128)fp[pc->a].u64 *fp[pc->b].u64/'
plant "numeric: a float comparison that forgets to negate" \
    runtime/interp/run_float.c 's/BRANCH_IF((expr) != (neg)/BRANCH_IF((expr)/'
plant "memory: one byte past the end" runtime/interp/run_mem.c \
    's/len_ - addr < sizeof/len_ - addr + 1 < sizeof/'
plant "control: a branch by table that moves no value" \
    runtime/interp/lower_ctrl.c \
    's/    if (in_place(l, frame))$/    if (in_place(l, frame) || arity(frame) == 1)/'
plant "vectors: the third operand from the wrong slot" \
    runtime/interp/run_simd.c 's/VSLOT(pc\[1\].a)/VSLOT(pc[1].b)/'
plant "structs and arrays: a fill that stops too early" \
    runtime/store/gc_ops.c \
    's/memcpy(at + done, at, (size_t)count);/memcpy(at + done, at, (size_t)count \/ 2);/'
plant "exceptions: a region that begins one cell late" \
    runtime/interp/throw.c 's/cell <= cell/cell < cell/'
plant "machine code: rotations go the wrong way" jit/emit.def \
    's/EMIT(I32_ROTL,\(.*\)JIT_ROTL)/EMIT(I32_ROTL,\1JIT_ROTR)/'
plant "machine code: an exchange without its alignment" jit/atomic.c \
    's/if (x->bytes == 1)/if (x->bytes <= 8)/'
plant "machine code: a narrow exchange that gives other bits" jit/atomic.c \
    's/if (bytes <= 2)/if (bytes <= 1)/'
plant "machine code: a cast that stops one supertype above" jit/cast.c \
    's/(int64_t)sizeof(uint32_t) \* t->depth;/(int64_t)sizeof(uint32_t) * (t->depth > 0 ? t->depth - 1 : 0);/'
plant "machine code: a landing that takes the payload from elsewhere" jit/try.c \
    's/jit_mem_at(jit_target.frame, clause->payload));/jit_mem_at(jit_target.frame, clause->payload + 8));/'
plant "machine code: a tail call that leaves its registers" jit/compile.c \
    '/^void jit_leave_for_tail/,/^}/s/save_registers(j, true);/(void)j;/'

echo "diff-proof: $passed passed, $failed failed"
[ $failed -eq 0 ]
