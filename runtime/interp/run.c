/*
 * The interpreter's loop.
 *
 * Tail build: one function per handler, in a file per family (run_*.c), and a
 * table of them (run_table.c).  A 16-bit operation indexes the table; the next
 * handler is reached by a jump, with the whole machine state in argument
 * registers.
 *
 * Switch build: the same handlers as cases of the one function here, with slots
 * and constants as the only operand classes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"
#include "runtime/store/gc_ops.h"
#include "runtime/store/memory.h"
#include "runtime/store/ops.h"

#if WRT_INTERP_TAIL

uint64_t wrt_interp_run(const struct wrt_icode *entry, wrt_slot *fp,
                        struct wrt_instance *inst)
{
    const wrt_cell *pc = entry->cells;
    wrt_v4f facc = {0};

    return wrt_handlers[pc->op](pc, fp, inst->mem0->base, 0, inst,
                                fp[entry->l0_slot].u64, facc);
}

#else

uint64_t wrt_interp_run(const struct wrt_icode *entry, wrt_slot *fp,
                        struct wrt_instance *inst)
{
    const wrt_cell *pc = entry->cells;
    uint8_t *mem = inst->mem0->base;
    uint64_t acc = 0, l0 = fp[entry->l0_slot].u64;
    wrt_v4f facc = {0};

next:
    switch (pc->op) {
#include "runtime/interp/atomic.inc"
#include "runtime/interp/bulk.inc"
#include "runtime/interp/cmp.inc"
#include "runtime/interp/ctrl.inc"
#include "runtime/interp/float.inc"
#include "runtime/interp/int.inc"
#include "runtime/interp/mem.inc"
#include "runtime/interp/mem64.inc"
#include "runtime/interp/mem_any.inc"
#include "runtime/interp/ref.inc"
#include "runtime/interp/simd.inc"
    }
    WRT_ASSERT(false, "every operation that lowering emits has a handler");
    return WASMRT_ERR_UNREACHABLE;
}

#endif
