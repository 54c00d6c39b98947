#!/bin/sh
# usage: bug-proof.sh [TEXT]
#
# Proves that tests find bugs: plants one at a time in a copy of the tree (only
# those with TEXT in "TESTS: DESCRIPTION") and requires that the tests named beside it
# fail.  The copy is a debug build.
#
#   stress    our scripts with a collection at each allocation (make gc-stress), in
#             the interpreter, whose stack the bugs are about.  Debug builds
#             overwrite what is freed; their own check of the heap at each
#             collection is taken out, or that would find most.
#   api       what the host holds while the store collects
#   tasks     suspended guests, and native calls
#   compile   everything compiled on several threads
#   threads   wasi-threads, from outside and as an embedder
#   hammer    the server, by clients of all kinds (make serve-stress)
#   pools     reservations that stores use one after the other; the server's threads
#   waits     guests of the server that are suspended
#   bisect    tools/jit-bisect.sh: it names the function that is compiled wrong
only=${1:-}
. "$(dirname "$0")/plant.sh"

# Built once; then each bug is a file compiled anew.
build() {
    (cd "$dir/tree" && make -j"$jobs" V=debug WERROR= CI= cli suite-api suite-wasi \
        suite-serve suite-unit build/tools/cases build/wasm/tests/programs/threads.wasm \
        build/wasm/tests/programs/cgi.wasm) \
        >"$dir/log" 2>&1
}

stress() {
    (cd "$dir/tree" && make -s V=debug WERROR= CI= ENGINE=interp WASM_TESTSUITE=none gc-stress) \
        >"$dir/log" 2>&1
}

api() {
    BOUNDS=check ENGINE=interp "$dir"/tree/build/debug-*/tests/api.bin gc_ >"$dir/log" 2>&1
}

tasks() {
    "$dir"/tree/build/debug-*/tests/api.bin task_ >"$dir/log" 2>&1 &&
        "$dir"/tree/build/debug-*/tests/api.bin native_ >"$dir/log" 2>&1
}

# A race may be lost a few times.
compile() {
    for _ in 1 2 3 4 5; do
        "$dir"/tree/build/debug-*/tests/api.bin compile_ >"$dir/log" 2>&1 ||
            return 1
    done
}

# Here, too.
threads() {
    for _ in 1 2 3 4 5; do
        (cd "$dir/tree" && TEST_TIMEOUT=10 WASMRT=$(echo "$PWD"/build/debug-*/wasmrt) &&
            export WASMRT TEST_TIMEOUT PROGRAMS="$PWD/build/wasm/tests/programs" &&
            build/debug-*/tests/wasi.bin -j 2 wasi_threads &&
            build/tools/cases tests/wasi threads.t) >"$dir/log" 2>&1 || return 1
    done
}

hammer() {
    (cd "$dir/tree" && WASMRT=$(echo "$PWD"/build/debug-*/wasmrt) &&
        export WASMRT PROGRAMS="$PWD/build/wasm/tests/programs" &&
        SERVE_STRESS=3000 BOUNDS=check build/debug-*/tests/serve.bin -t 60 \
            hammer_serve) >"$dir/log" 2>&1
}

pools() {
    "$dir"/tree/build/debug-*/tests/unit.bin pool_ >"$dir/log" 2>&1 &&
        "$dir"/tree/build/debug-*/tests/serve.bin -t 20 pool_ >"$dir/log" 2>&1
}

waits() {
    (cd "$dir/tree" && WASMRT=$(echo "$PWD"/build/debug-*/wasmrt) &&
        export WASMRT PROGRAMS="$PWD/build/wasm/tests/programs" &&
        for test in limits_the limits_guests polls ends_suspended; do
            BOUNDS=check build/debug-*/tests/serve.bin -t 60 serve_$test || exit 1
        done) >"$dir/log" 2>&1
}

# Functions 0 to 8, of which 5 rotates.
bisect() {
    sh tools/jit-bisect.sh "$(echo "$dir"/tree/build/debug-*/wasmrt)" run \
        tests/jit/bisect.wat --invoke=go 5 >"$dir/log" 2>&1 || true
    ! grep -q '^jit-bisect: function 5,' "$dir/log"
}

prepare() {
    # shellcheck disable=SC2086
    copy_tree Makefile $product tests tools examples
    sed -i 's/wrt_heap_verify(heap);/(void)0;/' "$dir/tree/runtime/store/gc.c"
    if ! build || ! stress || ! api || ! tasks || ! compile ||
        ! threads || ! hammer || ! pools || ! waits || ! bisect; then
        echo "FAIL bug-proof: the tests fail without any bug"
        tail -20 "$dir/log"
        exit 1
    fi
}

finds() { # TESTS
    build || { echo "it does not compile" && return 1; }
    ! "$1" || { echo "they did not find it" && return 1; }
    count=$(grep -cE '^[^ ]*\.wast:[0-9]+: |^FAIL' "$dir/log" || true)
    [ "$count" -eq 0 ] && echo "a crash" || echo "$count reports"
}

plant bisect "rotations go the wrong way" jit/emit.def \
    's/EMIT(I32_ROTL,\(.*\)JIT_ROTL)/EMIT(I32_ROTL,\1JIT_ROTR)/'

plant compile "the error that is found first stands" runtime/base/share.c \
    's/if (i < share->failed_at) {/if (!share->error) {/'
plant compile "numbers are left out" runtime/base/share.c \
    's/__atomic_compare_exchange_n(&share->next, &n, n + 1, true,/__atomic_compare_exchange_n(\&share->next, \&n, n + 2, true,/'
plant compile "code is placed without a lock" jit/compile.c \
    '/^static uintptr_t publish/,/^}/{s/wrt_mutex_lock(&native->lock);/(void)0;/;s/wrt_mutex_unlock(&native->lock);/(void)0;/}'
# With another thread's turn in the middle of what the lock was for.
plant compile "lowered code is published without a lock" runtime/interp/code.c \
    '/^static wasmrt_error .publish/,/^}/{s/wrt_mutex_lock(&code->lock);/(void)0;/;s/wrt_mutex_unlock(&code->lock);/(void)0;/;s/code->nlowered++;/extern int sched_yield(void);uint32_t n = code->nlowered;sched_yield();code->nlowered = n + 1;/;}'
plant hammer "a guest goes on when its client left" serve/exchange.c \
    's/^    guest_stop(exchange->guest, GUEST_LEFT);/    (void)0;/'
plant hammer "instances are not deleted" serve/guest.c \
    's/^    wasmrt_store_delete(guest->store);/    (void)0;/'
plant hammer "an answer counts twice" serve/exchange.c \
    's/^    log_request(&entry);/    stats_add(\&exchange->worker->server->stats, \&entry);/'
plant hammer "output of a guest that has ended is lost" serve/program.c \
    's/while (got > 0 .*CONN_OUT_BYTES);/while (false);/;s/if (got == 0 \&\& end/if (end/'
plant hammer "bytes behind a chunk are lost" serve/chunked.c \
    's/^    in->len += len;/    in->len += len > 9 ? len - 1 : len;/'

plant waits "a guest that is to end sleeps on" serve/guest.c \
    '/^void guest_stop/,/^}/s/bring_back(guest, is_due);/(void)is_due;/'
plant waits "an alarm wakes nobody" serve/exchange.c \
    's/^        guest_wake(exchange->guest);/        (void)0;/'
plant waits "a guest is not told of input" serve/guest.c \
    's/put > 0 \&\& guest->wants_input \&\& wake(guest)/false/'
plant waits "a guest is not told of room" serve/guest.c \
    's/^        is_due = wake(guest);/        (void)0;/'
plant waits "a stream is always ready" wasi/stream.c \
    's/return stream->ready \&\& wasmrt_caller_task(c->caller)/return stream->len == 1/'
plant waits "a poll does not look again" wasi/poll.c \
    '/^static enum p1_errno collect/,/^}/s/p->fds\[i\].fd == STREAM_FD/false/'

pool=runtime/store/pool.c
plant pools "an instance sees what the one before wrote" $pool \
    's/^    zero_written(first, zeroed);/    (void)0;/'
plant pools "a page that is zero at its begin counts as zero" $pool \
    's/len - at >= STEP \&\& !any; at += STEP/at < STEP; at += STEP/;s/for (; at < len \&\& !any; at++)/for (; at < 0; at++)/'
plant pools "an instance sees the far end of the one before" $pool \
    's/!wrt_os_discard(first + zeroed, committed_bytes - zeroed)/pool == NULL/'
plant pools "a memory is as large as the one before" $pool \
    's/^           wrt_os_decommit(.*/           true;/'
plant pools "two stores get the same memory" $pool \
    's/pool->kept\[--pool->count\];/pool->kept[pool->count - 1];/'
plant pools "a burst of requests wakes one thread" serve/pool.c \
    's/\*other = choose_thread(pool);/*other = NULL;/'
plant pools "who insists keeps all others out" serve/pool.c \
    's/ \&\& !(can_begin(pool) \&\& ++pool->turn % TURNS == 0)//'
plant pools "an idle thread is not woken" serve/pool.c \
    's/^    thread->is_woken = true;/    (void)0;/'

mark=runtime/store/mark.c
plant stress "the guest's stack is no root" $mark \
    's/if (a && !visit_words/if (a \&\& m == NULL \&\& !visit_words/'
plant stress "the newest slots of the stack are no root" $mark \
    's/(size_t)(a->sp - strand->stack_base)))/(size_t)(a->sp - strand->stack_base) - 2))/'
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
    's/visit(m, strand->handles\[i\]);/(void)0;/'
plant api "roots of the host are none" $mark \
    's/visit(m, wrt_ref_pack((uintptr_t)r->value.of.ref));/(void)0;/'
plant api "globals of the host are no roots" $mark \
    's/visit(m, wrt_ref_pack(global->cell->u64));/(void)0;/'
plant api "exceptions in errors are no roots" $mark \
    's/visit(m, wrt_ref_pack((uintptr_t)root->exn));/(void)0;/'
plant api "data of the host is never released" runtime/store/sweep.c \
    's/f.data_delete(f.box->data);/(void)0;/'

plant tasks "suspended stacks are no roots" $mark \
    's/if (!visit_strand(m, &t->strand))/if (m == NULL)/'
plant tasks "machine code goes on with the arguments of others" jit/enter.c \
    's/    inst->native_args = act->host_args - .*/    (void)0;/'
plant tasks "machine code goes on with the stack limit of others" jit/enter.c \
    '/native_args = act->host_args - /{n;s/set_limit(inst, act->limit);/(void)0;/;}'
plant tasks "handles of tasks are mixed" runtime/store/task.c \
    's/ctx->gc.nhandles = strand->nhandles;/(void)0;/'
plant tasks "a fault in a task is looked for elsewhere" runtime/store/task.c \
    's/wrt_signal_current = strand->signal;/(void)0;/'
plant tasks "an interrupt in a task ends there" runtime/store/task.c \
    's/if (t->strand.activation)/if (t == NULL)/'
plant tasks "memory moves from under a C function" runtime/store/memory.c \
    's/m->npins || //'
plant tasks "a native buffer ends one byte late" runtime/api/wasmrt_native.c \
    's/addr > size - len)/addr > size - len + 1)/'

threads=wasi/threads.c
plant threads "an end interrupts nobody" $threads \
    's/wasmrt_store_interrupt(t->store);/(void)0;/'
plant threads "an end does not reach the first thread" $threads \
    's/wasmrt_store_interrupt(threads->first);/(void)0;/'
plant threads "the first thread stays interrupted" $threads \
    's/wasmrt_store_clear_interrupt(threads->first);/(void)0;/'
plant threads "a thread that fails does not end the others" $threads \
    's/end_guest(threads, error);/wasmrt_error_delete(error);/'
plant threads "what the first thread gave comes first" $threads \
    '/if (!error)$/{N;s/(!error)\n        return error_taken/(!error || error_taken)\n        return error_taken/;}'
plant threads "threads that are gone still count" $threads \
    's/threads->count--;/(void)0;/'
plant threads "one thread too many" $threads \
    's/threads->count < threads->max/threads->count <= threads->max/'
plant threads "descriptors without a lock" wasi/os_thread.h \
    's/pthread_mutex_lock(&lock->mutex);/(void)lock;/;s/pthread_mutex_unlock(&lock->mutex);/(void)lock;/'

report
