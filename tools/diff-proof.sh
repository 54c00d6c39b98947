#!/bin/sh
# usage: diff-proof.sh TOOL [MODULES [TEXT]]
#
# Proves that differential testing finds bugs: plants one at a time in a copy of
# the tree (only those with TEXT in "FAMILY: DESCRIPTION") and requires a
# difference from the unbroken TOOL within so many modules, which is made small,
# or a crash.  Each bug is in one file that compiles quickly.
tool=${1:-} modules=${2:-20000} only=${3:-}
build=$(dirname "$(dirname "$tool")")
. "$(dirname "$0")/plant.sh"
here=$PWD

# With the objects, so that only what is broken compiles again.
prepare() {
    copy_tree Makefile include array runtime jit wasi tests/diff
    mkdir -p "$dir/tree/$build"
    (cd "$build" && tar cf - .flags runtime $(ls -d jit 2>/dev/null) wasi tests/diff) |
        tar xf - -C "$dir/tree/$build"
}

run() {
    (cd "$dir/tree" && make "$tool" && "$tool" -s 1 -n "$modules" \
        -o "$dir" -p "$here/$tool --peer") >"$dir/log" 2>&1
}

finds() { # FAMILY
    if [ "$1" = jit ] && ! [ -d "$build/jit" ]; then
        echo "skipped: no compiler to machine code here" && return 1
    fi
    ! run || { echo "not found in $modules modules" && return 1; }
    grep -oE '^SMALL: module [^:]*|signal .. in module .*' "$dir/log" ||
        { echo "no difference, but:" && tail -5 "$dir/log" && return 1; }
}

plant numeric "a signed wide product taken as unsigned" \
    runtime/interp/run_int.c \
    's/(wrt_u128)((wrt_i128)fp\[pc->a\].i64 \*fp\[pc->b\].i64)/(wrt_u128)fp[pc->a].u64 *fp[pc->b].u64/'
plant numeric "a float comparison that forgets to negate" \
    runtime/interp/run_float.c 's/BRANCH_IF((expr) != (neg)/BRANCH_IF((expr)/'
plant memory "one byte past the end" runtime/interp/run_mem.c \
    's/len_ - addr < sizeof/len_ - addr + 1 < sizeof/'
plant control "a branch by table that moves no value" \
    runtime/interp/lower_ctrl.c \
    's/    if (in_place(l, frame))$/    if (in_place(l, frame) || arity(frame) == 1)/'
plant vectors "the third operand from the wrong slot" \
    runtime/interp/run_simd.c 's/VSLOT(pc\[1\].a)/VSLOT(pc[1].b)/'
plant arrays "a fill that stops too early" \
    runtime/store/gc_ops.c \
    's/memcpy(at + done, at, (size_t)count);/memcpy(at + done, at, (size_t)count \/ 2);/'
plant exceptions "a region that begins one cell late" \
    runtime/interp/throw.c 's/cell <= cell/cell < cell/'
plant jit "rotations go the wrong way" jit/emit.def \
    's/EMIT(I32_ROTL,\(.*\)JIT_ROTL)/EMIT(I32_ROTL,\1JIT_ROTR)/'
plant jit "an exchange without its alignment" jit/atomic.c \
    's/if (x->bytes == 1)/if (x->bytes <= 8)/'
plant jit "a narrow exchange that gives other bits" jit/atomic.c \
    's/if (bytes <= 2)/if (bytes <= 1)/'
plant jit "a cast that stops one supertype above" jit/cast.c \
    's/(int64_t)sizeof(uint32_t) \* t->depth;/(int64_t)sizeof(uint32_t) * (t->depth > 0 ? t->depth - 1 : 0);/'
plant jit "a landing that takes the payload from elsewhere" jit/try.c \
    's/jit_mem_at(jit_target.frame, clause->payload));/jit_mem_at(jit_target.frame, clause->payload + 8));/'
plant jit "a tail call that leaves its registers" jit/compile.c \
    '/^void jit_leave_for_tail/,/^}/s/save_registers(j, true);/(void)j;/'

report
