/*
 * Crossing between C and machine code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_ENTER_H
#define JIT_ENTER_H

#include "jit/code.h"

extern const struct wrt_backend wrt_jit_backend;

enum { JIT_MOST_SAVED = 8 }; /* registers that callees preserve */

/* One entry into machine code, on the C stack of enter(). */
struct jit_activation {
    struct wrt_activation base;
    void *exit_sp;          /* written by the thunk: where it unwinds to */
    uintptr_t limit;        /* of the stack, without interrupts */
    wrt_slot *host_args;    /* on the guest's stack, for calls of the host */
    wasmrt_error *error;    /* owned; when unwound */
    struct wrt_exn *thrown; /* beside JIT_CODE_THROWN */
    uintptr_t landing;      /* where to unwind to; 0: to exit_sp */
    uintptr_t land_frame;   /* the frame pointer there */
    /* By number among the registers that callees preserve: what they are where
     * unwinding begins, and where that is what they are at the landing. */
    uint64_t kept[JIT_MOST_SAVED];
    const uint64_t *kept_in[JIT_MOST_SAVED];
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

WRT_INLINE struct jit_activation *jit_innermost(const struct wrt_instance *inst)
{
    return (struct jit_activation *)inst->ctx->activation;
}

/* The guest stands at pc, in the frame. */
void jit_stand_at(struct wrt_instance *inst, const void *pc, uintptr_t frame);

/* Keeps the error that the run ends with; NULL when it goes on at a landing. */
uint64_t jit_fail(struct wrt_instance *inst, wasmrt_error *error_taken);

/* Where JIT_STUB_LAZY keeps a register, from the beginning of what it keeps. */
size_t jit_kept_at(jit_reg reg);

/* In place of a trap's code: the activation has what is thrown. */
enum { JIT_CODE_THROWN = WASMRT_ERR_COUNT_ };

/* From where the guest stands to whoever catches in this entry: NULL, and the
 * activation says where to unwind to.  Else the error that the entry ends
 * with. */
wasmrt_error *jit_throw_exn(struct wrt_instance *inst, struct wrt_exn *exn);
/* The same for an error from elsewhere, which may hold an exception. */
wasmrt_error *jit_throw_error(struct wrt_instance *inst,
                              wasmrt_error *error_taken);

bool jit_next_frame(struct wrt_frame_iter *iter, bool first);

#endif
