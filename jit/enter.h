/*
 * Crossing between C and machine code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_ENTER_H
#define JIT_ENTER_H

#include "jit/code.h"

extern const struct wrt_backend wrt_jit_backend;

enum {
    JIT_MOST_SAVED = 8, /* registers that callees preserve */
    /* Of the C stack below the guest's limit: for the host, and for whatever C
     * code runs on behalf of the guest. */
    JIT_C_RESERVE_BYTES = 96 * 1024,
    /* Of the C stack: with less than this for the guest, it is interpreted. */
    JIT_SMALL_STACK_BYTES = 64 * 1024,
};

/* One entry into machine code, on the C stack of enter(). */
struct jit_activation {
    struct wrt_activation base; /* native_high: where the thunk unwinds to */
    uintptr_t limit;            /* of the stack, without interrupts */
    wrt_slot *host_args; /* on the guest's stack, for calls of the host */
    wasmrt_error *error; /* owned; when unwound */
    /* What a thunk jumps to when its frame has been unwound: C code in its
     * place, with what it was given. */
    wasmrt_error *(*unwound)(struct jit_activation *act, wrt_slot *slots);
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

/* Sets where the guest's frames must end, unless it is to stop. */
void jit_set_limit(struct wrt_instance *inst, uintptr_t limit);

/* The code of a function, and what enters it, when both are there. */
WRT_INLINE bool jit_find_code(const struct wrt_module *module,
                              uint32_t func_idx, uintptr_t *code,
                              uintptr_t *thunk)
{
    const struct wrt_native *native = module->native;

    *thunk =
        native ? jit_find_thunk(native, module->funcs[func_idx].type_idx) : 0;
    if (WRT_UNLIKELY(*thunk == 0))
        return false;
    /* Where there is a thunk everything else is ready. */
    *code = __atomic_load_n(&native->slots[func_idx], __ATOMIC_ACQUIRE);
    return *code != jit_code_address(native, native->stubs[JIT_STUB_LAZY]);
}

/* Goes on with act->tail, and with those after it, until one returns; start is
 * this entry's part of the guest's stack.  Its results have the type of those
 * that the first function was to have. */
WRT_MUST_USE wasmrt_error *jit_run_tails(struct jit_activation *act,
                                         const struct wrt_type *type,
                                         wrt_slot *slots, wrt_slot *start);

/* -- Called by code; a frame is where its saved frame pointer is ----------- */

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
