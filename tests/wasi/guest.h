/*
 * A guest made of nothing but calls: every function of WASI can be called with
 * any numbers, from a module that passes them on, and the guest's memory is at
 * hand.
 *
 *     struct guest g;
 *     guest_open(&g, config);
 *     CHECK_EQ(CALL(&g, "fd_close", 3), P1_SUCCESS);
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_WASI_GUEST_H
#define WRT_TESTS_WASI_GUEST_H

#include "wasi/abi.h"

#include "wasmrt.h"

#include <stdbool.h>

struct guest {
    wasmrt_engine *engine;
    wasmrt_store *store;
    wasmrt_instance *instance;
    wasmrt_memory *memory; /* one page */
    wasmrt_error *error;   /* of the last call, when it did not return */
};

enum {
    GUEST_TRAP = 0x1000, /* the call ended the guest; see guest->error */
    GUEST_MEMORY = 65536,
};

/* Both take the configuration.  Failures end the test. */
void guest_open(struct guest *g, wasmrt_wasi_config *config_taken);
void guest_open_unstable(struct guest *g, wasmrt_wasi_config *config_taken);
void guest_close(struct guest *g);

/* Calls a function with as many arguments as it has; returns the error number
 * or GUEST_TRAP. */
int guest_call(struct guest *g, const char *name, const int64_t *args);
#define CALL(g, name, ...) guest_call(g, name, (const int64_t[]){__VA_ARGS__})
#define CALL0(g, name)     guest_call(g, name, NULL)

/* The code of the error that ended the guest; forgets the error. */
wasmrt_code guest_trap_code(struct guest *g);

void guest_put(struct guest *g, uint32_t addr, const void *bytes, size_t len);
void guest_get(struct guest *g, uint32_t addr, void *bytes, size_t len);
uint32_t guest_u32(struct guest *g, uint32_t addr);
uint64_t guest_u64(struct guest *g, uint32_t addr);

/* Puts a string at addr; returns its length. */
uint32_t guest_put_text(struct guest *g, uint32_t addr, const char *text);

/* Puts a path at 1024 for the arguments that P() makes. */
uint32_t guest_path(struct guest *g, const char *path);
#define P(g, path) 1024, guest_path(g, path)

/* Opens a path with all rights; the descriptor, or minus the error number. */
int guest_open_path(struct guest *g, uint32_t dir, const char *path,
                    uint32_t oflags, uint64_t rights, uint32_t fdflags);

/* A configuration that grants directory `box` (made when missing) as /. */
wasmrt_wasi_config *guest_config(void);

#endif
