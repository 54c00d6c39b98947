/*
 * wasi-threads: the import wasi.thread-spawn.
 *
 * A thread is in the list from before it begins until somebody has joined it:
 * whoever spawns another one, or the end.  Its store is deleted by the thread
 * itself and is not to be found in the list by then, so an interrupt never
 * meets a store that is gone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 128 };

struct p1_thread {
    struct p1_thread *next;
    struct p1_state *state;
    struct p1_os_thread os;
    wasmrt_store *store; /* owned; NULL when the thread is done with it */
    bool is_done;        /* only its end is left */
    uint32_t id;
    int32_t arg;
};

/* -- Ending ---------------------------------------------------------------- */

/* Under the lock: from here on no thread begins, and all end.  Those that a
 * deadline or an interrupt of the embedder ends at the same time find that they
 * were not the first. */
static void begin_end(struct p1_threads *threads)
{
    threads->is_ending = true;
    for (struct p1_thread *t = threads->list; t; t = t->next) {
        if (t->store)
            wasmrt_store_interrupt(t->store);
    }
}

/* A thread has ended with an error: so does the guest. */
static void end_guest(struct p1_threads *threads, wasmrt_error *error_taken)
{
    p1_lock(&threads->lock);
    if (!threads->is_ending) {
        begin_end(threads);
        threads->ended_first = true;
        threads->error = error_taken;
        error_taken = NULL;
        wasmrt_store_interrupt(threads->first);
    }
    p1_unlock(&threads->lock);
    wasmrt_error_delete(error_taken);
}

/* Takes a thread off the list, one that is done if `done`, or NULL. */
static struct p1_thread *take(struct p1_threads *threads, bool done)
{
    struct p1_thread **at, *t;

    p1_lock(&threads->lock);
    at = &threads->list;
    while (*at && done && !(*at)->is_done)
        at = &(*at)->next;
    t = *at;
    if (t)
        *at = t->next;
    p1_unlock(&threads->lock);
    return t;
}

/* Joins threads that are done, or all. */
static void reap(struct p1_threads *threads, bool done)
{
    struct p1_thread *t;

    while ((t = take(threads, done))) {
        p1_os_thread_join(&t->os);
        free(t);
    }
}

wasmrt_error *p1_threads_end(struct p1_threads *threads,
                             wasmrt_error *error_taken)
{
    wasmrt_error *error;

    p1_lock(&threads->lock);
    if (!threads->is_ending)
        begin_end(threads);
    p1_unlock(&threads->lock);
    reap(threads, false);
    /* Alone again. */
    error = threads->error;
    if (threads->ended_first)
        wasmrt_store_clear_interrupt(threads->first);
    threads->error = NULL;
    threads->is_ending = threads->ended_first = false;
    if (!error)
        return error_taken;
    wasmrt_error_delete(error_taken);
    return error;
}

void p1_threads_fini(struct p1_threads *threads)
{
    wasmrt_error_delete(p1_threads_end(threads, NULL));
    wasmrt_module_delete(threads->module);
}

wasmrt_error *wasmrt_wasi_end_threads(wasmrt_store *store,
                                      wasmrt_error *error_taken)
{
    struct p1_state *state = p1_state_of(store);

    if (!state || state->threads.first != store)
        return error_taken;
    return p1_threads_end(&state->threads, error_taken);
}

/* -- A thread -------------------------------------------------------------- */

static wasmrt_error *call_start(struct p1_thread *t)
{
    const struct p1_threads *threads = &t->state->threads;
    wasmrt_val args[] = {wasmrt_i32((int32_t)t->id), wasmrt_i32(t->arg)};
    wasmrt_instance *instance;
    wasmrt_error *error = wasmrt_linker_instantiate(threads->linker, t->store,
                                                    threads->module, &instance);

    if (error)
        return error;
    return wasmrt_func_call(t->store,
                            wasmrt_instance_func(instance, "wasi_thread_start"),
                            args, 2, NULL, 0);
}

static void *run(void *arg)
{
    struct p1_thread *t = arg;
    struct p1_threads *threads = &t->state->threads;
    wasmrt_error *error = call_start(t);
    wasmrt_store *store;

    if (error)
        end_guest(threads, error);
    p1_lock(&threads->lock);
    store = t->store;
    t->store = NULL;
    p1_unlock(&threads->lock);
    wasmrt_store_delete(store);
    p1_lock(&threads->lock);
    threads->count--;
    t->is_done = true;
    p1_unlock(&threads->lock);
    return NULL;
}

/* -- Spawning -------------------------------------------------------------- */

/* Under the lock: a number that no thread has. */
static uint32_t next_id(struct p1_threads *threads)
{
    const struct p1_thread *t;

    do {
        threads->last_id = threads->last_id % P1_MAX_THREAD_ID + 1;
        for (t = threads->list; t && t->id != threads->last_id;)
            t = t->next;
    } while (t);
    return threads->last_id;
}

/* A place among the threads that there may be, and a number. */
static bool reserve(struct p1_threads *threads, uint32_t *id)
{
    bool ok;

    p1_lock(&threads->lock);
    ok = !threads->is_ending && threads->count < threads->max;
    if (ok) {
        threads->count++;
        *id = next_id(threads);
    } else if (!threads->is_ending) {
        threads->refused++;
    }
    p1_unlock(&threads->lock);
    return ok;
}

static void unreserve(struct p1_threads *threads)
{
    p1_lock(&threads->lock);
    threads->count--;
    threads->refused++;
    p1_unlock(&threads->lock);
}

/* A store for another thread; false when memory or address space is short. */
static bool make_store(struct p1_thread *t, wasmrt_store *spawner)
{
    wasmrt_error *error = wasmrt_store_new_sibling(spawner, &t->store);

    if (!error)
        error = p1_state_share(t->state, t->store);
    if (error && t->store)
        wasmrt_store_delete(t->store);
    wasmrt_error_delete(error);
    return !error;
}

/* The lock keeps the thread from being done before it is in the list. */
static bool start(struct p1_thread *t)
{
    struct p1_threads *threads = &t->state->threads;
    bool ok;

    p1_lock(&threads->lock);
    ok = p1_os_thread_start(&t->os, run, t);
    if (ok) {
        t->next = threads->list;
        threads->list = t;
    }
    /* An end that has begun since did not find it in the list. */
    if (ok && threads->is_ending)
        wasmrt_store_interrupt(t->store);
    p1_unlock(&threads->lock);
    return ok;
}

/* The number of the new thread; a negative one when there can be none. */
static int32_t spawn(struct p1_state *state, wasmrt_store *spawner, int32_t arg)
{
    struct p1_threads *threads = &state->threads;
    struct p1_thread *t;
    uint32_t id;

    reap(threads, true);
    if (!reserve(threads, &id))
        return -P1_AGAIN;
    t = calloc(1, sizeof(*t));
    if (t) {
        *t = (struct p1_thread){.state = state, .id = id, .arg = arg};
        if (make_store(t, spawner)) {
            if (start(t))
                return (int32_t)id;
            wasmrt_store_delete(t->store);
        }
        free(t);
    }
    unreserve(threads);
    return -P1_AGAIN;
}

static wasmrt_error *thread_spawn(void *env, wasmrt_caller *caller,
                                  wasmrt_slot *slots)
{
    wasmrt_store *store = wasmrt_caller_store(caller);
    struct p1_state *state = p1_state_of(store);
    int32_t arg = slots[0].i32;
    char line[80];

    (void)env;
    if (!state || !state->threads.linker)
        return wasmrt_error_new(WASMRT_ERR_MISUSE,
                                "the store was not linked for threads");
    slots[0].i32 = spawn(state, store, arg);
    if (state->trace) {
        snprintf(line, sizeof(line), "thread_spawn(%" PRId32 ") = %" PRId32,
                 arg, slots[0].i32);
        state->trace(state->trace_user, line);
    }
    return NULL;
}

/* -- Linking --------------------------------------------------------------- */

static bool is_text(const char *text, size_t len, const char *want)
{
    return len == strlen(want) && memcmp(text, want, len) == 0;
}

/* Whether the module starts threads, or merely could belong to one. */
static bool imports_spawn(const wasmrt_module *module)
{
    wasmrt_extern_info info;

    for (size_t i = 0; wasmrt_module_import(module, i, &info); i++) {
        if (is_text(info.module, info.module_len, "wasi") &&
            is_text(info.name, info.name_len, "thread-spawn"))
            return true;
    }
    return false;
}

/* Whether the module has the function that threads begin with. */
static bool has_start(const wasmrt_module *module)
{
    wasmrt_extern_info info;
    char type[64];

    for (size_t i = 0; wasmrt_module_export(module, i, &info); i++) {
        if (info.kind != WASMRT_EXTERN_FUNC ||
            !is_text(info.name, info.name_len, "wasi_thread_start"))
            continue;
        wasmrt_module_extern_type(module, false, i, type, sizeof(type));
        return strcmp(type, "(i32 i32) -> ()") == 0;
    }
    return false;
}

/* A name that C strings can hold. */
static bool copy_name(char to[NAME_BYTES], const char *from, size_t len)
{
    if (len >= NAME_BYTES || memchr(from, '\0', len))
        return false;
    memcpy(to, from, len);
    to[len] = '\0';
    return true;
}

/* Makes memory n, an import, if it is a shared one that others can make. */
static wasmrt_error *link_memory(wasmrt_linker *linker, wasmrt_store *store,
                                 const wasmrt_module *module, size_t n,
                                 const wasmrt_extern_info *import,
                                 unsigned *count)
{
    char module_name[NAME_BYTES], name[NAME_BYTES];
    wasmrt_memory_info info;
    wasmrt_memory *memory;
    wasmrt_error *error;

    if (!wasmrt_module_memory(module, n, &info) || !info.is_shared ||
        info.is_64 || info.page_bytes != 65536)
        return NULL;
    ++*count;
    if (wasmrt_linker_has(linker, import))
        return NULL;
    if (!copy_name(module_name, import->module, import->module_len) ||
        !copy_name(name, import->name, import->name_len))
        return NULL; /* then nobody defines it */
    error = wasmrt_memory_new_shared(store, info.min, info.max, &memory);
    if (error)
        return error;
    return wasmrt_linker_define_shared(linker, module_name, name, memory);
}

static wasmrt_error *link_memories(wasmrt_linker *linker, wasmrt_store *store,
                                   const wasmrt_module *module)
{
    wasmrt_extern_info import;
    wasmrt_error *error = NULL;
    unsigned count = 0;
    size_t memory = 0; /* imported ones come first */

    for (size_t i = 0; !error && wasmrt_module_import(module, i, &import);
         i++) {
        if (import.kind == WASMRT_EXTERN_MEMORY)
            error =
                link_memory(linker, store, module, memory++, &import, &count);
    }
    if (error || count > 0 || !imports_spawn(module))
        return error;
    return wasmrt_error_new(WASMRT_ERR_IMPORT_TYPE,
                            "threads need a shared memory, which the module "
                            "does not import");
}

wasmrt_error *wasmrt_wasi_link_threads(wasmrt_linker *linker,
                                       wasmrt_store *store,
                                       wasmrt_module *module)
{
    struct p1_state *state = p1_state_of(store);
    wasmrt_error *error;

    if (!state || state->threads.max == 0 || state->threads.first != store)
        return wasmrt_error_new(WASMRT_ERR_MISUSE,
                                "the store was granted no threads");
    if (state->threads.linker)
        return wasmrt_error_new(WASMRT_ERR_MISUSE,
                                "the store was linked for threads before");
    if (imports_spawn(module) && !has_start(module))
        return wasmrt_error_new(WASMRT_ERR_NO_SUCH_EXPORT,
                                "wasi_thread_start: (i32 i32) -> (), which "
                                "threads begin with");
    error = link_memories(linker, store, module);
    if (!error)
        error = wasmrt_linker_define_raw(linker, "wasi", "thread-spawn",
                                         "(i32) -> i32", thread_spawn, NULL);
    if (error)
        return error;
    state->threads.linker = linker;
    state->threads.module = wasmrt_module_ref(module);
    return NULL;
}

uint64_t wasmrt_wasi_refused_threads(wasmrt_store *store)
{
    struct p1_state *state = p1_state_of(store);
    uint64_t refused;

    if (!state)
        return 0;
    p1_lock(&state->threads.lock);
    refused = state->threads.refused;
    p1_unlock(&state->threads.lock);
    return refused;
}
