/*
 * The interpreter as a backend, and what its handlers call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_INTERP_H
#define WRT_INTERP_INTERP_H

#include "runtime/interp/code.h"

extern const struct wrt_backend wrt_interp_backend;

/* Result of a run besides trap codes: the activation holds an error. */
enum { WRT_INTERP_ERROR = WASMRT_ERR_COUNT_ };

/* Where the outermost function of an entry returns to: the second cell. */
extern const wrt_cell wrt_interp_exit_cells[2];

/* Runs a function, whose parameters and return address are in its frame, until
 * the guest returns to the host (0) or stops (a trap code, or
 * WRT_INTERP_ERROR). */
uint64_t wrt_interp_run(const struct wrt_icode *entry, wrt_slot *fp,
                        struct wrt_instance *inst);

/* Keeps the error that the run is going to end with: for the innermost entry.
 * Returns WRT_INTERP_ERROR. */
uint64_t wrt_interp_fail(struct wrt_ctx *ctx, wasmrt_error *error_taken);

/* The error that is kept; borrowed. */
wasmrt_error *wrt_interp_failure(struct wrt_ctx *ctx);

/* -- Called by handlers; each is out of line ------------------------------- */

/* Takes the pending interrupt: the code to trap with. */
wasmrt_code wrt_interp_interrupt(struct wrt_ctx *ctx);

/* Code of a function that is called for the first time, or NULL; then the
 * second function says what the run ends with.  (Results rather than
 * parameters: a handler whose locals have addresses cannot tail-call.) */
const struct wrt_icode *wrt_interp_lower(struct wrt_instance *inst,
                                         uint32_t func_idx);
uint64_t wrt_interp_why_not(struct wrt_ctx *ctx);

/*
 * Calls a host function.  frame is the stub's frame: nparams parameters, the
 * return address, a free slot, then scratch.  On success the results are in
 * scratch (*results).
 */
uint64_t wrt_interp_call_host(struct wrt_instance *inst,
                              struct wrt_funcref *ref, wrt_slot *frame,
                              uint32_t nparams, uint32_t nresults);

/* The same for a function of the instance that its engine runs. */
uint64_t wrt_interp_call_engine(struct wrt_instance *inst, uint32_t func_idx,
                                wrt_slot *frame, uint32_t nparams,
                                uint32_t nresults);

/* The slow path of allocation: a struct; top is above every slot in use.  Its
 * address; 0 when it fails, with the code in ctx->gc.failure. */
uint64_t wrt_interp_alloc(struct wrt_instance *inst, wrt_slot *top,
                          uint32_t info, uint32_t size);

/* Whether the type of an object (its header's info) or of a function (its type
 * id), which is not the type itself, is one below it. */
bool wrt_interp_is_below(struct wrt_instance *inst, uint32_t info,
                         uint32_t type_idx);

/* memory.atomic.wait on size bytes at addr, which ptr points to; args are the
 * instruction's operands.  The result, or the code of a trap in the upper
 * half. */
uint64_t wrt_interp_wait(struct wrt_ctx *ctx, struct wrt_memory_inst *memory,
                         const void *ptr, uint64_t addr, uint32_t size,
                         const wrt_slot *args);

/*
 * Throw: the exception of a tag at pc, whose payload lies in the frame; one
 * that a reference names; one that the host function that has just failed
 * threw. Gives the code of the function that catches it, with pc, fp and
 * instance of the activation at the handler.  NULL when the run ends with
 * WRT_INTERP_ERROR.
 */
const struct wrt_icode *wrt_interp_throw(struct wrt_instance *inst,
                                         const wrt_cell *pc, wrt_slot *fp);
const struct wrt_icode *wrt_interp_throw_ref(struct wrt_instance *inst,
                                             const wrt_cell *pc, wrt_slot *fp,
                                             void *exn);
const struct wrt_icode *wrt_interp_throw_host(struct wrt_instance *inst);

/* Whether a funcref that is not exactly of the type may still be called. */
bool wrt_interp_type_matches(struct wrt_instance *inst,
                             const struct wrt_funcref *ref, uint32_t type_idx);

/* Tells the embedder what the TRACE at pc is about (trace.c). */
void wrt_interp_trace(struct wrt_instance *inst, const wrt_cell *pc,
                      const wrt_slot *fp);

#endif
