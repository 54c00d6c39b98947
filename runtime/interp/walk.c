/*
 * Walks over the frames of one entry, from the innermost outwards.
 *
 * A frame is found by its return address: the cell before it says how far down
 * the caller's frame is, and the cell's own address which function it belongs
 * to.  Stubs between instances are frames too, which only tell whose instance
 * comes next.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/walk.h"

#include "runtime/interp/interp.h"

bool wrt_walk_step(struct wrt_frame_iter *iter, const struct wrt_icode *code)
{
    const wrt_cell *ret = iter->fp[code->nparams].ref;

    iter->fp -= ret[-1].a;
    iter->pc = ret - 1;
    return ret != &wrt_interp_exit_cells[1];
}

/* Whether pc lies in a stub or adapter, which is no frame of the guest's. */
static bool is_internal(const struct wrt_icode *code)
{
    return code->cells[0].op == WRT_IOP_IMPORT_CALL ||
           code->cells[0].op == WRT_IOP_ENGINE_CALL ||
           code->cells[0].op == WRT_IOP_FOREIGN_CALL;
}

/* A stub belongs to the module of its caller, whose instance its frame
 * remembers: further out, that one runs. */
const struct wrt_icode *wrt_walk_code(struct wrt_frame_iter *iter)
{
    const wrt_cell *pc = iter->pc;
    const struct wrt_icode *code = iter->last;

    /* Recursion makes many frames of one function. */
    if (code && pc >= code->cells && pc < code->cells + code->ncells &&
        !is_internal(code))
        return code;
    code = wrt_interp_find(iter->instance->module, pc);
    if (!code && pc[1].op == WRT_IOP_IMPORT_RET) {
        iter->instance = iter->fp[pc[1].b + 1].ref;
        code = wrt_interp_find(iter->instance->module, pc);
    } else if (code && is_internal(code)) {
        iter->instance = iter->fp[code->nparams + 1].ref;
    }
    iter->last = code;
    return code;
}

bool wrt_interp_next_frame(struct wrt_frame_iter *iter, bool first)
{
    const struct wrt_icode *code;

    if (iter->pc == &wrt_interp_exit_cells[0])
        return false;
    code = wrt_walk_code(iter);
    while (!first || is_internal(code)) {
        first = true;
        if (!wrt_walk_step(iter, code))
            return false;
        code = wrt_walk_code(iter);
    }
    iter->func_idx = code->func_idx;
    if (iter->wants_offset)
        iter->module_offset = wrt_interp_place(code, iter->pc);
    return true;
}
