/*
 * Where the WASI state of a store is found.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASI_STATE_H
#define WASI_STATE_H

#include "wasi/call.h"

/* NULL when the store was given none. */
struct p1_state *p1_state_of(wasmrt_store *store);

/* Lets another store of the same guest use the state, which outlives it. */
wasmrt_error *p1_state_share(struct p1_state *state, wasmrt_store *store);

#endif
