/*
 * The interpreter's loop.
 *
 * One function per handler, in a file per family (run_*.c), and a table of them
 * (run_table.c), which the 16-bit operation of a cell indexes.
 *
 * Tail build: each handler jumps to the next one, with the whole machine state
 * in argument registers.
 *
 * Loop build: each handler returns, and the loop here calls the next one; for
 * compilers and ISAs that do not promise the jump, and for sanitizers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"

uint64_t wrt_interp_run(const struct wrt_icode *entry, wrt_slot *fp,
                        struct wrt_instance *inst)
{
    const wrt_cell *pc = entry->cells;
    uint64_t l0 = fp[entry->l0_slot].u64;
    wrt_v4f facc = {0};

#if WRT_INTERP_TAIL
    return wrt_handlers[pc->op](pc, fp, inst->mem0->base, 0, inst, l0, facc);
#else
    struct wrt_machine m = {pc, fp, inst->mem0->base, 0, inst, l0, facc};
    uint64_t code;

    do
        code = wrt_handlers[m.pc->op](m.pc, m.fp, m.mem, m.acc, m.inst, m.l0,
                                      m.facc, &m);
    while (code == GO_ON);
    return code;
#endif
}
