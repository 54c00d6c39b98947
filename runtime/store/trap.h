/*
 * Traps become errors here: message, place and guest frames.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_TRAP_H
#define WRT_STORE_TRAP_H

#include "runtime/store/vmctx.h"

/*
 * Makes the error of a trap, with the frames of every activation of ctx,
 * innermost first.  The innermost activation's pc, fp and instance are the
 * place of the trap.  Never NULL.
 */
wasmrt_error *wrt_trap_error(struct wrt_ctx *ctx, wasmrt_code code);

/* Adds those frames to an error that has none yet. */
void wrt_trap_add_trace(struct wrt_ctx *ctx, wasmrt_error *error);

/* The same for the error of a failed host function; unless it ends the guest,
 * or is an exception, which gets its frames when nobody catches it.  Returns
 * error. */
wasmrt_error *wrt_trap_add_frames(struct wrt_ctx *ctx, wasmrt_error *error);

#endif
