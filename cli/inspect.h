/*
 * What `wasmrt inspect` finds out about a module: facts.c finds, cmd_inspect.c
 * writes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_INSPECT_H
#define WRT_CLI_INSPECT_H

#include "cli/file.h"
#include "wasmrt/linker.h"

#include <stdio.h>

enum { FACTS_FEATURES_MAX = 64 };

enum facts_kind {
    FACTS_COMMAND, /* exports _start */
    FACTS_REACTOR, /* exports _initialize */
    FACTS_LIBRARY, /* exports functions */
    FACTS_MODULE,  /* exports none */
    FACTS_OBJECT,  /* what a linker takes */
    FACTS_SHARED,  /* for dynamic linking */
};

/* Who provides an import. */
enum facts_provider { FACTS_NOBODY, FACTS_WASI, FACTS_THREADS };

/* Owner: the command.  Strings belong to the module or are static. */
struct facts {
    const struct cli_file *file;
    wasmrt_module *module;
    bool is_text;
    enum facts_kind kind;
    const char *features[FACTS_FEATURES_MAX]; /* beyond WebAssembly 1.0 */
    bool feature_is_on[FACTS_FEATURES_MAX];   /* by default */
    size_t feature_count;
    size_t *imports; /* positions, sorted by module name */
    size_t import_count;
    enum facts_provider *providers; /* by position */
    bool opens_files, needs_threads;
    const char *invoke; /* the first exported function; NULL for commands */
    size_t invoke_export;
    uint32_t func_count, imported_func_count;
    const uint8_t *producers; /* contents of that section, or NULL */
    size_t producers_len;
    bool has_lines; /* DWARF */
};

/* Fills in everything from file and module.  False when memory is exhausted. */
bool facts_find(struct facts *facts);
void facts_fini(struct facts *facts);

/* One thing that was part of making the module, until there are none: set
 * `bytes` to the section first.  What is malformed ends it. */
struct facts_producers {
    const uint8_t *pos, *end;
    uint64_t fields, values; /* left to read */
    const char *field, *name, *version;
    size_t field_len, name_len, version_len;
};
void facts_producers_begin(const struct facts *facts,
                           struct facts_producers *p);
bool facts_producers_next(struct facts_producers *p);

#endif
