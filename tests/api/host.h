/*
 * A host for the tests of the public API: an engine of the chosen kind, a
 * store, a linker, and modules from text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_API_HOST_H
#define WRT_TESTS_API_HOST_H

#include "tests/lib/test.h"

#include "wasmrt.h"

/* The objects of this test: each test is a process of its own. */
extern wasmrt_engine *engine;
extern wasmrt_store *store;
extern wasmrt_linker *linker;

/* A configuration for `make test ENGINE= BOUNDS=`. */
wasmrt_config *host_config(void);

/* Makes all three; or from a configuration, which is released. */
void host_open(void);
void host_open_with(wasmrt_config *config_taken);
void host_close(void);

wasmrt_module *host_module(const char *text);
wasmrt_instance *host_instance(const char *text);
wasmrt_error *host_instance_error(const char *text);

/* Defines a host function in module "h". */
void host_define(const char *name, const char *signature, wasmrt_host_fn fn,
                 void *env);

/* Calls an export with up to two i32 arguments; for one i32 result. */
wasmrt_error *call(wasmrt_instance *inst, const char *name);
int32_t call_i32(wasmrt_instance *inst, const char *name, int nargs, ...);

/* Calls an export that never returns and interrupts it; its error.  Anew when
 * the interrupt was there before the guest was, as on a busy machine. */
wasmrt_error *call_interrupted(wasmrt_instance *inst, const char *name);

void check_ok(wasmrt_error *error);
void check_code(wasmrt_error *error, wasmrt_code code);
void check_error(wasmrt_error *error, wasmrt_code code, const char *has);

#endif
