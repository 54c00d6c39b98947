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
    size_t line; /* of the command being run */
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
};

/* Counts a failure and prints it with its place. */
void spectest_fail(struct runner *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes the host module "spectest" importable. */
wasmrt_error *spectest_define_host(struct runner *r);

/* Memory, or the end of the process. */
void *spectest_realloc(void *ptr, size_t size);

#endif
