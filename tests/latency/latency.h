/*
 * How long it takes to stop a guest: the harness.
 *
 * A case is something that runs for ever, or long, in a store of its own.  It
 * is stopped in the three ways that there are: by a deadline, by an interrupt
 * from another thread, and by one from a signal handler.  What is asserted is
 * that it ends, with the right error, and that the store is as usable as
 * before; the delays are printed, for `make latency` to make a table of.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_LATENCY_LATENCY_H
#define WRT_TESTS_LATENCY_LATENCY_H

#include "tests/lib/test.h"

#include "wasmrt.h"

#include <stddef.h>
#include <stdint.h>

/* One case.  The fields behind `call` are for the case to use. */
struct latency {
    /* Before each round: puts into the store whatever `call` needs.  May be
     * NULL. */
    void (*prepare)(struct latency *l);
    /* What is stopped. */
    wasmrt_error *(*call)(struct latency *l);
    /* The stop comes at a random time in this many milliseconds; 0: 30.  Half
     * as many after each call that was over before. */
    uint64_t span_ms;
    /* Makes the store's WASI state from this, when not NULL; taken. */
    wasmrt_wasi_config *wasi;
    const void *bytes; /* of the module */
    size_t len;

    wasmrt_engine *engine;
    wasmrt_store *store; /* a new one in each round */
    wasmrt_linker *linker;
    wasmrt_module *module;
    wasmrt_instance *instance;
    wasmrt_func *func;
};

/* A case that calls the export "f" of a module in text form. */
void latency_of_text(const char *text);

/* The same for bytes, and with WASI; config may be NULL and is taken. */
void latency_of_guest(const void *bytes, size_t len,
                      wasmrt_wasi_config *config_taken);

/* The same for a module that starts threads, until all of them have ended. */
void latency_of_threads(const char *text, wasmrt_wasi_config *config_taken);

/* The same with a stop within the first span_ms. */
enum latency_code {
    LATENCY_COLD, /* the call that is stopped makes the code */
    LATENCY_WARM, /* f was called before */
    LATENCY_FRESH /* once, in a new module */
};
void latency_of_calls(const void *bytes, size_t len, uint64_t span_ms,
                      enum latency_code code);

/* A case that instantiates a module. */
void latency_of_instantiation(const void *bytes, size_t len);

/* Runs any case. */
void latency_run(struct latency *l);

/* Instantiates l->module and finds its export "f". */
void latency_instantiate(struct latency *l);

void latency_ok(wasmrt_error *error);

/* -- Modules in bytes, for what would be long in text ---------------------- */

struct bytes {
    uint8_t *at;
    size_t len, cap;
};

void bytes_put(struct bytes *b, const void *from, size_t len);
void bytes_byte(struct bytes *b, unsigned byte);
void bytes_u32(struct bytes *b, uint32_t n); /* LEB128 */
void bytes_preamble(struct bytes *b);
/* Appends a section, or a function's body: the length, then what body holds,
 * which is released. */
void bytes_section(struct bytes *b, unsigned id, struct bytes *body_taken);
void bytes_sized(struct bytes *b, struct bytes *body_taken);

#endif
