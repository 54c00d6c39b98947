#!/bin/sh
# usage: gc-proof.sh [TEXT]
#
# Proves that the tests of the collector find bugs: plants one at a time in a copy
# of the tree (only those with TEXT in their description) and requires that the
# scripts fail with a collection at each allocation (gc-stress), or the tests of
# the API do.  The copy is a debug build, which overwrites what is freed; its own
# check of the heap at each collection is taken out, or that would find most.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0 only=${1:-}
jobs=$(getconf _NPROCESSORS_ONLN)

# Built once; then each bug is a file compiled anew.
build() {
    (cd "$dir/tree" && make -j"$jobs" V=debug WERROR= CI= cli suite-api) \
        >"$dir/log" 2>&1 || {
        tail -20 "$dir/log"
        return 1
    }
}

stress() {
    (cd "$dir/tree" && make -s V=debug WERROR= CI= WASM_TESTSUITE=none gc-stress) \
        >"$dir/log" 2>&1
}

api() {
    BOUNDS=check "$dir"/tree/build/debug-*/tests/api.bin gc_ >"$dir/log" 2>&1
}

# FILE and SED-SCRIPT make the bug; the file must change, or the proof is void.
plant() { # TESTS NAME FILE SED-SCRIPT
    case $2 in *"$only"*) ;; *) return ;; esac
    cp "$3" "$dir/saved"
    sed "$4" "$3" >"$dir/tree/$3"
    if cmp -s "$3" "$dir/tree/$3"; then
        echo "FAIL gc-proof: $2: $3 no longer has the line to break"
        failed=$((failed + 1))
        return
    fi
    if ! build; then
        echo "FAIL gc-proof: $2: does not compile"
        failed=$((failed + 1))
    elif "$1"; then
        echo "FAIL gc-proof: $2: $1 did not find it"
        failed=$((failed + 1))
    else
        found=$(grep -cE '^[^ ]*\.wast:[0-9]+: |^FAIL' "$dir/log" || true)
        echo "ok   $1 finds: $2 ($([ "$found" -eq 0 ] && echo "a crash" ||
            echo "$found reports"))"
        passed=$((passed + 1))
    fi
    cp "$dir/saved" "$dir/tree/$3"
}

mkdir "$dir/tree"
cp -r Makefile include runtime wasi cli spectest tests tools examples "$dir/tree/"
sed -i 's/wrt_heap_verify(heap);/(void)0;/' "$dir/tree/runtime/store/gc.c"
build
if ! stress || ! api; then
    echo "FAIL gc-proof: the tests fail without any bug"
    tail -5 "$dir/log"
    exit 1
fi

mark=runtime/store/mark.c
plant stress "the guest's stack is no root" $mark \
    's/const wrt_slot \*top = ctx->activation ?.*/const wrt_slot *top = NULL;/'
plant stress "the newest slots of the stack are no root" $mark \
    's/(size_t)(top - ctx->stack_base)))/(size_t)(top - ctx->stack_base) - 2))/'
plant stress "tables are no roots" $mark \
    's/if (!visit_table(m, t))/if (m == NULL)/'
plant stress "globals are no roots" $mark \
    's/visit(m, wrt_ref_pack(wrt_instance_global(inst, i)->u64));/(void)0;/'
plant stress "segments are no roots" $mark \
    's/return visit_segments(m, inst);/return true;/'
plant stress "payloads of exceptions are not followed" $mark \
    's/scan_exn(m, (const struct wrt_exn \*)(const void \*)object);//'
plant stress "the last element of an array is not followed" $mark \
    's/i < object->len; i++, elem += 4/i + 1 < object->len; i++, elem += 4/'
plant stress "the last field of a struct is not followed" $mark \
    's/i < type->nrefs; i++/i + 1 < type->nrefs; i++/'
plant stress "the sweep frees the last line of an object" runtime/store/heap.c \
    's/(offset + size - 1) >> WRT_LINE_LOG2/(offset + size - 1 - (size > 200 ? WRT_LINE_BYTES : 0)) >> WRT_LINE_LOG2/'
plant stress "the sweep frees large objects" runtime/store/sweep.c \
    's/if (wrt_heap_is_marked(heap, object))/if (heap == NULL)/'
plant stress "young objects are not found from the stack" runtime/store/sweep.c \
    's/if (!b->is_walked)/if (b->is_walked)/'
plant api "handles are no roots" $mark \
    's/visit(m, gc->handles\[i\]);/(void)0;/'
plant api "roots of the host are none" $mark \
    's/visit(m, wrt_ref_pack((uintptr_t)r->value.of.ref));/(void)0;/'
plant api "globals of the host are no roots" $mark \
    's/visit(m, wrt_ref_pack(global->cell->u64));/(void)0;/'
plant api "exceptions in errors are no roots" $mark \
    's/visit(m, wrt_ref_pack((uintptr_t)root->exn));/(void)0;/'
plant api "data of the host is never released" runtime/store/sweep.c \
    's/f.data_delete(f.box->data);/(void)0;/'

echo "gc-proof: $passed passed, $failed failed"
[ $failed -eq 0 ]
