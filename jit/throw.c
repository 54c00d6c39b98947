/*
 * Throwing: who catches an exception in machine code, and how control gets
 * there.
 *
 * Nothing is spent on a block that catches until something is thrown.  Then the
 * walk goes outwards from where the guest stands and asks the clauses of each
 * function that has some; the part of the body that a frame is in is known by
 * the place of its call.  Frames are left as they are until somebody catches,
 * so that when nobody does the stack trace begins at the throw.
 *
 * Registers that callees preserve get back what they were when the frame that
 * catches made its call: from the outermost of the frames below it that saved
 * them, or they are still that.  The stub does it; here it is only found out
 * where they are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/enter.h"

#include "runtime/store/exn.h"
#include "runtime/store/interrupt.h"
#include "runtime/store/trap.h"

/* The clause that catches what is thrown at an offset of the body, or NULL. */
static const struct jit_clause *find_clause(const struct wrt_instance *inst,
                                            const struct jit_func *func,
                                            uint32_t offset,
                                            const struct wrt_exn *exn)
{
    uint32_t innermost = UINT32_MAX;

    for (uint32_t i = 0; i < func->nclauses; i++) {
        const struct jit_clause *c = &func->clauses[i];

        if (offset < c->from || offset >= c->to || c->level > innermost)
            continue;
        if (c->tag == JIT_DELEGATE)
            innermost = c->landing;
        else if (c->tag == JIT_ANY_TAG || inst->tags[c->tag] == exn->tag)
            return c;
    }
    return NULL;
}

/* The same for a frame that stands at pc. */
static const struct jit_clause *ask(const struct wrt_instance *inst,
                                    const struct jit_func *func, uintptr_t pc,
                                    const struct wrt_exn *exn)
{
    uintptr_t start = jit_code_address(inst->module->native, func->start);
    uint32_t offset;

    if (func->nclauses == 0 ||
        !jit_find_place(func, (uint32_t)(pc - start), false, &offset))
        return NULL;
    return find_clause(inst, func, offset, exn);
}

/* Notes which registers a frame has saved, and where. */
static void note_saved(struct jit_activation *act, const struct jit_func *func,
                       uintptr_t frame)
{
    const uint64_t *at = (const uint64_t *)frame;

    for (uint64_t left = func->saved; left; left &= left - 1) {
        uint64_t below = (left & (0 - left)) - 1;

        act->kept_in[__builtin_popcountll(jit_target.saved & below)] = --at;
    }
}

/* Puts what the handler expects into its frame. */
static void land(struct jit_activation *act, uintptr_t code, uintptr_t frame,
                 const struct jit_clause *clause, struct wrt_exn *exn)
{
    uint8_t *at = (uint8_t *)frame;

    if (clause->tag != JIT_ANY_TAG)
        memcpy(at + clause->payload, exn->payload,
               sizeof(wrt_slot) * exn->tag->type->param_slots);
    if (clause->exn != JIT_NO_EXN)
        ((wrt_slot *)(void *)(at + clause->exn))->ref = exn;
    act->landing = code + clause->landing;
    act->land_frame = frame;
}

/* Whether a frame of this entry catches; not when an interrupt came. */
static bool unwind(struct wrt_instance *inst, struct wrt_exn *exn)
{
    const struct wrt_native *native = inst->module->native;
    struct jit_activation *act = jit_innermost(inst);
    uintptr_t pc = (uintptr_t)act->base.pc, frame = (uintptr_t)act->base.fp;
    const struct jit_func *func;

    for (unsigned i = 0; i < JIT_MOST_SAVED; i++)
        act->kept_in[i] = &act->kept[i];
    while ((func = jit_find_func(native, pc)) != NULL &&
           wrt_interrupt_pending(inst->ctx) == WASMRT_ERR_NONE) {
        const struct jit_clause *clause = ask(inst, func, pc, exn);
        const uintptr_t *words = (const uintptr_t *)frame;

        if (clause) {
            land(act, jit_code_address(native, func->start), frame, clause,
                 exn);
            return true;
        }
        note_saved(act, func, frame);
        pc = words[1];
        frame = words[0];
    }
    return false;
}

wasmrt_error *jit_throw_exn(struct wrt_instance *inst, struct wrt_exn *exn)
{
    struct wrt_ctx *ctx = inst->ctx;
    wasmrt_code interrupt;
    wasmrt_error *error;

    if (unwind(inst, exn))
        return NULL;
    interrupt = wrt_interrupt_pending(ctx);
    if (interrupt != WASMRT_ERR_NONE)
        return wrt_trap_error(ctx, interrupt);
    error = wrt_exn_error(ctx, exn);
    wrt_trap_add_trace(ctx, error);
    return error;
}

wasmrt_error *jit_throw_error(struct wrt_instance *inst,
                              wasmrt_error *error_taken)
{
    struct wrt_ctx *ctx = inst->ctx;
    struct wrt_exn *exn;
    wasmrt_code interrupt;
    bool is_caught;

    if (wasmrt_error_kind(error_taken) != WASMRT_KIND_EXCEPTION)
        return error_taken;
    exn = wrt_exn_of_error(ctx, error_taken);
    is_caught = exn && unwind(inst, exn);
    interrupt = is_caught ? WASMRT_ERR_NONE : wrt_interrupt_pending(ctx);
    if (is_caught || interrupt != WASMRT_ERR_NONE) {
        wasmrt_error_delete(error_taken);
        return is_caught ? NULL : wrt_trap_error(ctx, interrupt);
    }
    wrt_trap_add_trace(ctx, error_taken);
    return error_taken;
}
