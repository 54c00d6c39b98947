/*
 * Code that is traced tells what it does: an operation in front of what it is
 * about.  Values that it shows are brought to their slots first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/lower_emit.h"
#include "runtime/interp/trace.h"
#include "runtime/module/opcode_sig.h"

#include <string.h>

static void emit_trace(struct lower *l, enum wrt_traced what, uint32_t slot)
{
    struct wrt_ir *ir = wrt_lower_emit(l, WRT_SHAPE_FUEL, WRT_IOP_TRACE);

    ir->imm = (uint64_t)what | (uint64_t)slot << WRT_TRACED_BITS;
}

/* The same about the topmost `count` values of the stack. */
static void emit_trace_of(struct lower *l, enum wrt_traced what, uint32_t count)
{
    uint32_t slot = 0;

    if (count > 0) {
        wrt_lower_materialize_top(l, count, 0);
        slot = l->values[l->nvalues - count].home;
    }
    /* A register alone would not do. */
    wrt_lower_pin_stores(l);
    emit_trace(l, what, slot);
}

void wrt_lower_trace_return(struct lower *l)
{
    if (l->trace_kinds & WASMRT_TRACE_CALLS)
        emit_trace_of(l, WRT_TRACED_RETURN, l->info->type->nresults);
}

void wrt_lower_trace_insn(struct lower *l, const struct wrt_insn *insn)
{
    const struct wrt_op_info *info = &wrt_op_infos[insn->op];
    const char *colon = strchr(info->signature, ':');

    if (!l->reachable)
        return;
    if (l->trace_kinds & WASMRT_TRACE_CALLS && !l->has_told_begin)
        emit_trace(l, WRT_TRACED_BEGIN, 0);
    l->has_told_begin = true;
    if (l->trace_kinds & WASMRT_TRACE_INSNS)
        emit_trace(l, WRT_TRACED_INSN, 0);
    if (!(l->trace_kinds & WASMRT_TRACE_MEMORY) || !colon ||
        !WRT_IMM_IS_MEMARG(info->imm))
        return;
    if (colon[1])
        emit_trace_of(l, WRT_TRACED_LOAD, 1);
    else
        emit_trace_of(l, WRT_TRACED_STORE, 2);
}
