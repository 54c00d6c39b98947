/*
 * A small world for tests of live objects: an engine with a fake backend, a
 * store, a linker, and modules from text.
 *
 * The fake backend runs no WebAssembly: a function's body is whatever
 * world.run does.  So the store's side of calls, traps and faults is tested
 * apart from any real engine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_UNIT_WORLD_H
#define WRT_TESTS_UNIT_WORLD_H

#include "runtime/store/func.h"
#include "runtime/store/instance.h"
#include "runtime/store/linker.h"
#include "runtime/store/store.h"
#include "tests/lib/heap.h"
#include "tests/lib/test.h"

#include "wasmrt.h"

/* One guest frame that the fake backend reports; func_idx UINT32_MAX ends. */
struct fake_frame {
    uint32_t func_idx;
    uint32_t offset; /* in the function's body */
};

struct world {
    struct test_heap heap;
    struct wasmrt_config config;
    struct wasmrt_engine *engine;
    struct wrt_store *store;
    struct wasmrt_linker *linker;

    wrt_features extra_features; /* set before it is opened */

    /* What a call of a guest function does; NULL: nothing. */
    wasmrt_error *(*run)(struct wrt_ctx *ctx, struct wrt_instance *inst,
                         uint32_t func_idx, wrt_slot *slots);
    void *user;
    /* The next fault is a guest access.  Volatile: set before it happens. */
    volatile bool claims_faults;
    unsigned entered; /* calls into the guest so far */
};

/* The world of this test: each test is a process of its own. */
extern struct world world;

extern const struct wrt_backend *const fake_backends[];

/* Makes everything, or the engine only and after it the rest.  Errors fail the
 * test. */
void world_open(wasmrt_bounds bounds);
void world_open_engine(wasmrt_bounds bounds);

/* Releases everything and checks that nothing is left. */
void world_close(void);

struct wrt_module *world_module(const char *text);

/* Instantiates text through the world's linker. */
struct wrt_instance *world_instance(const char *text);

/* The error of instantiating text; owned. */
wasmrt_error *world_instance_error(const char *text);

struct wrt_funcref *world_func(struct wrt_instance *inst, const char *name);
struct wrt_memory_inst *world_memory(struct wrt_instance *inst,
                                     const char *name);
struct wrt_table_inst *world_table(struct wrt_instance *inst, const char *name);

/* Skips the test where an emulator or a sanitizer needs memory and address
 * space that the test is about to limit. */
void world_skip_without_limits(void);

/* Checks that an error has a code and a message, and deletes it. */
void check_error(wasmrt_error *error, wasmrt_code code, const char *has);
void check_ok(wasmrt_error *error);

#endif
