/*
 * Crossing between C and machine code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_ENTER_H
#define JIT_ENTER_H

#include "jit/code.h"

extern const struct wrt_backend wrt_jit_backend;

/* One entry into machine code, on the C stack of enter(). */
struct jit_activation {
    struct wrt_activation base;
    void *exit_sp;            /* written by the thunk: where it unwinds to */
    uintptr_t limit;          /* of the stack, without interrupts */
    wrt_slot *host_args;      /* on the guest's stack, for calls of the host */
    wasmrt_error *error;      /* owned; when unwound */
    struct wrt_funcref *tail; /* or what is to run in place of the outermost
                                 function; its parameters are in host_args */
};

/* -- Called by code; a frame is where its saved frame pointer is ------------
 */

/* What all functions of slots have: operands in slots[0..], the result in
 * slots[0]; two immediates.  NONE, or the code of a trap. */
#define HELPER(NAME, function)                                                 \
    extern uint64_t function(struct wrt_instance *, uintptr_t, wrt_slot *,     \
                             uintptr_t);
#include "jit/helpers.def"
#undef HELPER

/* In place of a trap's code: the error that the activation holds. */
enum { JIT_CODE_ERROR = WASMRT_ERR_COUNT_ };

/* Keeps an error that the guest is about to end with; it gets its frames when
 * it is known where the guest stands.  Gives JIT_CODE_ERROR. */
uint64_t jit_throw_error(struct wrt_instance *inst, wasmrt_error *error_taken);

bool jit_next_frame(struct wrt_frame_iter *iter, bool first);

#endif
