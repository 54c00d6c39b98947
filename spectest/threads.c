/*
 * Threads of scripts.
 *
 * A thread runs its commands with a runner of its own: another store, other
 * names.  Of the instance that it shares it sees the shared memories alone,
 * which is all that stores can have in common; they are looked up when the
 * thread begins, while the instance's own thread does nothing else.  Its counts
 * are added when it is waited for, or at the end of the script.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spectest/os.h"
#include "spectest/runner.h"

#include <stdlib.h>
#include <string.h>

struct spectest_thread {
    struct spectest_thread *next;
    char *name; /* owned; NULL without a name */
    struct spectest_os_thread os;
    struct runner *runner; /* owned */
    const char *body;      /* in the text of the script */
    size_t len;
};

/* -- What is shared -------------------------------------------------------- */

/* Notes the shared memories that an instance exports. */
static void find_shared(const struct named *from, struct named *to)
{
    const wasmrt_module *module = wasmrt_instance_module(from->instance);
    wasmrt_extern_info info;
    wasmrt_extern_val value;

    for (size_t i = 0; wasmrt_module_export(module, i, &info); i++) {
        struct shared *shared;

        if (!wasmrt_instance_export_n(from->instance, info.name, info.name_len,
                                      &value) ||
            value.kind != WASMRT_EXTERN_MEMORY ||
            !wasmrt_memory_is_shared(value.of.memory))
            continue;
        to->shared = spectest_realloc(to->shared,
                                      (to->nshared + 1) * sizeof(*to->shared));
        shared = &to->shared[to->nshared++];
        shared->name = spectest_copy(info.name);
        shared->memory = value.of.memory;
    }
}

wasmrt_error *spectest_register_shared(struct runner *r, const struct named *n,
                                       const char *as)
{
    wasmrt_error *error = NULL;

    for (size_t i = 0; i < n->nshared && !error; i++)
        error = wasmrt_linker_define_shared(r->linker, as, n->shared[i].name,
                                            n->shared[i].memory);
    return error;
}

/* -- Threads --------------------------------------------------------------- */

static void *run(void *arg)
{
    struct spectest_thread *thread = arg;

    spectest_run_text(thread->runner, thread->body, thread->len);
    return NULL;
}

/* A runner for the thread of a command; NULL after a failure. */
static struct runner *make_runner(struct runner *r,
                                  const wasmrt_script_command *c)
{
    struct named *from = c->shared ? spectest_find(r, c->shared) : NULL, *to;
    struct runner *child;
    wasmrt_error *error;
    size_t column;

    if (c->shared && (!from || (!from->instance && !from->is_skipped))) {
        spectest_fail(r, "no instance to share");
        return NULL;
    }
    child = spectest_realloc(NULL, sizeof(*child));
    memset(child, 0, sizeof(*child));
    child->options = r->options;
    child->engine = r->engine;
    child->path = r->path;
    wasmrt_text_locate(r->text, r->len, (uint64_t)(c->body - r->text),
                       &child->first_line, &column);
    child->first_line += r->first_line - 1;
    error = spectest_begin(child);
    if (error) {
        spectest_fail(r, "thread: %s", wasmrt_error_message(error));
        wasmrt_error_delete(error);
        spectest_end(child);
        free(child);
        return NULL;
    }
    if (!from)
        return child;
    to = spectest_add(child, c->shared);
    to->is_skipped = from->is_skipped;
    if (from->instance)
        find_shared(from, to);
    return child;
}

bool spectest_start_thread(struct runner *r, const wasmrt_script_command *c)
{
    struct runner *child = make_runner(r, c);
    struct spectest_thread *thread;

    if (!child)
        return false;
    thread = spectest_realloc(NULL, sizeof(*thread));
    *thread = (struct spectest_thread){.next = r->threads,
                                       .name = spectest_copy(c->name),
                                       .runner = child,
                                       .body = c->body,
                                       .len = c->body_len};
    r->threads = thread;
    if (spectest_os_start(&thread->os, run, thread))
        return true;
    spectest_fail(r, "no thread can be started");
    r->threads = thread->next;
    spectest_end(child);
    free(child);
    free(thread->name);
    free(thread);
    return false;
}

/* Waits for a thread, which has been taken out of the list. */
static void finish(struct runner *r, struct spectest_thread *thread)
{
    struct runner *child = thread->runner;

    spectest_os_join(&thread->os);
    r->counts.passed += child->counts.passed;
    r->counts.failed += child->counts.failed;
    r->counts.skipped += child->counts.skipped;
    if (!*r->reason)
        memcpy(r->reason, child->reason, sizeof(r->reason));
    spectest_end(child);
    free(child);
    free(thread->name);
    free(thread);
}

bool spectest_wait_thread(struct runner *r, const wasmrt_script_command *c)
{
    struct spectest_thread **link = &r->threads, *thread;

    while (*link && c->name &&
           (!(*link)->name || strcmp((*link)->name, c->name) != 0))
        link = &(*link)->next;
    thread = *link;
    if (!thread) {
        spectest_fail(r, "no such thread");
        return false;
    }
    *link = thread->next;
    finish(r, thread);
    return true;
}

void spectest_wait_all(struct runner *r)
{
    while (r->threads) {
        struct spectest_thread *thread = r->threads;

        r->threads = thread->next;
        finish(r, thread);
    }
}
