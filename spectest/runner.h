/*
 * The state of one script run, shared by the files of this folder.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_SPECTEST_RUNNER_H
#define WRT_SPECTEST_RUNNER_H

#include "spectest/spectest.h"
#include "wasmrt/debug.h"
#include "wasmrt/text.h"

enum { MAX_VALUES = 1024 };

/* A module or instance that the script has made; the last one with a name, or
 * the last one of all, is meant. */
struct named {
    char *name;                /* owned; NULL without a name */
    wasmrt_module *module;     /* owned; of a definition only */
    wasmrt_instance *instance; /* borrowed from the store; NULL: it failed */
    bool is_definition;
    bool is_shared;  /* registered, or imports from what is registered */
    bool is_skipped; /* and so is what depends on it */
    /* In a thread, for the instance of another one. */
    struct shared {
        char *name; /* owned */
        wasmrt_memory *memory;
    } *shared;
    size_t nshared;
};

/* A name for imports. */
struct registered {
    char *as; /* owned */
    bool is_skipped;
};

struct runner {
    const struct spectest_options *options;
    wasmrt_engine *engine;
    const char *path;
    const char *text; /* being run */
    size_t len;
    size_t first_line; /* of text, in the file */
    size_t line;       /* of the command being run */
    struct spectest_counts counts;

    wasmrt_store *store;
    wasmrt_linker *linker;
    struct named *named;
    size_t nnamed;
    struct registered *registered;
    size_t nregistered;
    wasmrt_extern **externs; /* host references */
    size_t nexterns;
    wasmrt_val args[MAX_VALUES], results[MAX_VALUES];
    size_t nresults;
    char reason[64]; /* features that were missing, for the file's line */
    struct spectest_thread *threads; /* that have not been waited for */
};

/* Prints a failure with its place. */
void spectest_fail(struct runner *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes the host module "spectest" importable. */
wasmrt_error *spectest_define_host(struct runner *r);

/* Memory, or the end of the process; a copy of a text, which may be NULL. */
void *spectest_realloc(void *ptr, size_t size);
char *spectest_copy(const char *text);

/* A store and a linker for a script; their end. */
wasmrt_error *spectest_begin(struct runner *r);
void spectest_end(struct runner *r);

/* Runs the commands of a text. */
void spectest_run_text(struct runner *r, const char *text, size_t len);

/* Names for instances: adds one; finds the last one with a name, or of all. */
struct named *spectest_add(struct runner *r, const char *name);
struct named *spectest_find(struct runner *r, const char *name);

/* -- threads.c ------------------------------------------------------------- */

/* The commands "thread" and "wait"; false when they failed, which has been
 * printed. */
bool spectest_start_thread(struct runner *r, const wasmrt_script_command *c);
bool spectest_wait_thread(struct runner *r, const wasmrt_script_command *c);

/* Waits for all threads. */
void spectest_wait_all(struct runner *r);

/* Registers what a thread shares of another's instance. */
wasmrt_error *spectest_register_shared(struct runner *r, const struct named *n,
                                       const char *as);

#endif
