/*
 * Throwing: who catches an exception, and how control gets there.
 *
 * The walk goes outwards from where the exception was thrown and asks the table
 * of each function that has one.  Frames are left as they are until somebody
 * catches, so that when nobody does the stack trace begins at the throw.  An
 * entry ends the walk: from there the exception goes on as an error, through
 * the host, which may give it back to the guest that called it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/interp.h"

#include "runtime/interp/walk.h"
#include "runtime/store/exn.h"
#include "runtime/store/gc.h"
#include "runtime/store/interrupt.h"
#include "runtime/store/trap.h"

/* The clause that is asked first about what is thrown at a cell. */
static uint32_t first_clause(const struct wrt_catches *catches, uint32_t cell)
{
    uint32_t low = 0, high = catches->nregions;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (catches->regions[middle].cell <= cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? catches->regions[low - 1].clause : WRT_NO_CLAUSE;
}

/* The clause that catches, or NULL. */
static const struct wrt_catch_clause *
find_clause(const struct wrt_icode *code, const struct wrt_frame_iter *at,
            const struct wrt_exn *exn)
{
    const wrt_cell *pc = at->pc;
    const struct wrt_catches *catches;
    const struct wrt_catch_clause *clauses;
    uint32_t i;

    if (!code->has_catches)
        return NULL;
    catches = wrt_icode_catches(code);
    clauses = wrt_catches_clauses(catches);
    i = first_clause(catches, (uint32_t)(pc - code->cells));
    while (i != WRT_NO_CLAUSE && clauses[i].tag != WRT_ANY_TAG &&
           at->instance->tags[clauses[i].tag] != exn->tag)
        i = clauses[i].next;
    return i == WRT_NO_CLAUSE ? NULL : &clauses[i];
}

/* Puts the activation where the handler begins, with what it expects. */
static void land(const struct wrt_frame_iter *at, const struct wrt_icode *code,
                 const struct wrt_catch_clause *clause, struct wrt_exn *exn,
                 struct wrt_activation *act)
{
    if (clause->tag != WRT_ANY_TAG)
        memcpy(at->fp + clause->payload, exn->payload,
               sizeof(*at->fp) * exn->tag->type->param_slots);
    if (clause->exn != WRT_NO_EXN)
        at->fp[clause->exn].ref = exn;
    act->pc = code->cells + clause->target;
    act->fp = at->fp;
    act->instance = at->instance;
}

/* From the activation's place to whoever catches: the code of that function.
 * NULL when nobody does in this entry, or when an interrupt came. */
static const struct wrt_icode *unwind(struct wrt_ctx *ctx, struct wrt_exn *exn)
{
    struct wrt_activation *act = ctx->activation;
    struct wrt_frame_iter at = {
        .activation = act,
        .pc = act->pc,
        .fp = act->fp,
        .instance = act->instance,
    };

    while (at.pc != &wrt_interp_exit_cells[0] &&
           wrt_interrupt_pending(ctx) == WASMRT_ERR_NONE) {
        const struct wrt_icode *code = wrt_walk_code(&at);
        const struct wrt_catch_clause *clause = find_clause(code, &at, exn);

        if (clause) {
            land(&at, code, clause, exn, act);
            return code;
        }
        wrt_walk_step(&at, code);
    }
    return NULL;
}

/* Throws.  error is what the exception comes from, if it comes from the host;
 * it is released or kept as the error of the run. */
static const struct wrt_icode *
throw_exn(struct wrt_ctx *ctx, struct wrt_exn *exn, wasmrt_error *error_taken)
{
    const struct wrt_icode *code = unwind(ctx, exn);
    wasmrt_code interrupt = wrt_interrupt_pending(ctx);

    if (code || interrupt != WASMRT_ERR_NONE) {
        wasmrt_error_delete(error_taken);
        error_taken = code ? NULL : wrt_trap_error(ctx, interrupt);
    } else {
        if (!error_taken)
            error_taken = wrt_exn_error(ctx, exn);
        wrt_trap_add_trace(ctx, error_taken);
    }
    wrt_interp_fail(ctx, error_taken);
    return code;
}

/* -- Called by handlers ---------------------------------------------------- */

static void stand_at(struct wrt_instance *inst, const wrt_cell *pc,
                     wrt_slot *fp)
{
    struct wrt_activation *act = inst->ctx->activation;

    act->pc = pc;
    act->fp = fp;
    act->instance = inst;
}

const struct wrt_icode *wrt_interp_throw(struct wrt_instance *inst,
                                         const wrt_cell *pc, wrt_slot *fp)
{
    struct wrt_ctx *ctx = inst->ctx;
    struct wrt_tag_inst *tag = inst->tags[pc->imm32];
    const wrt_slot *payload = fp + pc->a;
    struct wrt_exn *exn;
    wasmrt_code code;

    stand_at(inst, pc, fp);
    wrt_gc_set_top(ctx, fp + pc->a + tag->type->param_slots);
    code = wrt_exn_new(ctx, tag, payload, &exn);
    if (code == WASMRT_ERR_NONE)
        return throw_exn(ctx, exn, NULL);
    wrt_interp_fail(ctx, wrt_trap_error(ctx, code));
    return NULL;
}

const struct wrt_icode *wrt_interp_throw_ref(struct wrt_instance *inst,
                                             const wrt_cell *pc, wrt_slot *fp,
                                             void *exn)
{
    stand_at(inst, pc, fp);
    return throw_exn(inst->ctx, exn, NULL);
}

const struct wrt_icode *wrt_interp_throw_host(struct wrt_instance *inst)
{
    struct wrt_ctx *ctx = inst->ctx;
    wasmrt_error *error = wrt_interp_failure(ctx);
    struct wrt_exn *exn = wrt_exn_of_error(ctx, error);

    return exn ? throw_exn(ctx, exn, error) : NULL;
}
