/*
 * The interpreter's loop: handlers, instantiated for this build.
 *
 * Tail build: one function per handler and a table of them.  A 16-bit
 * operation indexes the table; the next handler is reached by a jump, with the
 * whole machine state in argument registers.
 *
 * Switch build: the same handlers as cases of one function, with slots and
 * constants as the only operand classes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/classes.h"
#include "runtime/interp/handlers.h"
#include "runtime/interp/interp.h"
#include "runtime/store/ops.h"

#include "runtime/interp/mem.inc"
#include "runtime/interp/num.inc"

#if WRT_INTERP_TAIL

/* -- Tail build ------------------------------------------------------------ */

#include "runtime/interp/rows.inc"

#include "runtime/interp/bulk.inc"
#include "runtime/interp/ctrl.inc"

/* The table: every row again, as an entry at its number. */
#define ENTRY(name, variant, number)                                           \
    [WRT_IOP_##name + (number)] = h_##name##_##variant,
#define C(k) WRT_CLASS_##k
#define IBIN_ENTRY(ka, kb, kd, name)                                           \
    ENTRY(name, ka##kb##kd, WRT_IBIN_VARIANT(C(ka), C(kb), C(kd)))
#define ICMP_BR_ENTRY(ka, kb, back, name)                                      \
    ENTRY(BR_##name, ka##kb##back, WRT_ICMP_BR_VARIANT(C(ka), C(kb), back))
#define IUN_ENTRY(ka, kd, name)                                                \
    ENTRY(name, ka##kd, WRT_IUN_VARIANT(C(ka), C(kd)))
#define FBIN_ENTRY(ka, kb, kd, name)                                           \
    ENTRY(name, ka##kb##kd, WRT_FBIN_VARIANT(C(ka), C(kb), C(kd)))
#define FUN_ENTRY(ka, kd, name)                                                \
    ENTRY(name, ka##kd, WRT_FUN_VARIANT(C(ka), C(kd)))
#define FCMP_ENTRY(ka, kb, neg, kd, name)                                      \
    ENTRY(name, ka##kb##neg##kd, WRT_FCMP_VARIANT(C(ka), C(kb), neg, C(kd)))
#define FCMP_BR_ENTRY(ka, kb, neg, back, name)                                 \
    ENTRY(BR_##name, ka##kb##neg##back,                                        \
          WRT_FCMP_BR_VARIANT(C(ka), C(kb), neg, back))
#define I2F_ENTRY(ka, kd, name)                                                \
    ENTRY(name, ka##kd, WRT_I2F_VARIANT(C(ka), C(kd)))
#define F2I_ENTRY(ka, kd, name)                                                \
    ENTRY(name, ka##kd, WRT_F2I_VARIANT(C(ka), C(kd)))
#define ILOAD_ENTRY(ka, kd, wide, guarded, name)                               \
    ENTRY(name, ka##kd##wide##guarded,                                         \
          WRT_ILOAD_VARIANT(C(ka), C(kd), wide, guarded))
#define FLOAD_ENTRY(ka, kd, wide, guarded, name)                               \
    ENTRY(name, ka##kd##wide##guarded,                                         \
          WRT_FLOAD_VARIANT(C(ka), C(kd), wide, guarded))
#define ISTORE_ENTRY(ka, kv, wide, guarded, name)                              \
    ENTRY(name, ka##kv##wide##guarded,                                         \
          WRT_ISTORE_VARIANT(C(ka), C(kv), wide, guarded))
#define FSTORE_ENTRY(ka, wide, guarded, name)                                  \
    ENTRY(name, ka##wide##guarded, WRT_FSTORE_VARIANT(C(ka), wide, guarded))
#define LOAD_SUM_ENTRY(ka, kb, kd, wide, name)                                 \
    ENTRY(SUM_##name, ka##kb##kd##wide,                                        \
          WRT_LOAD_SUM_VARIANT(C(ka), C(kb), C(kd), wide))
#define ISTORE_SUM_ENTRY(ka, kb, kv, wide, name)                               \
    ENTRY(SUM_##name, ka##kb##kv##wide,                                        \
          WRT_ISTORE_SUM_VARIANT(C(ka), C(kb), C(kv), wide))
#define FSTORE_SUM_ENTRY(ka, kb, wide, name)                                   \
    ENTRY(SUM_##name, ka##kb##wide, WRT_FSTORE_SUM_VARIANT(C(ka), C(kb), wide))
#define FMUL_ENTRY(ka, kb, kd, name)                                           \
    ENTRY(name, ka##kb##kd, WRT_FMUL_VARIANT(C(ka), C(kb), C(kd)))
#define STEP_ENTRY(pinned, kb, back, name)                                     \
    ENTRY(STEP_##name, pinned##kb##back, WRT_STEP_VARIANT(pinned, C(kb), back))
#define MISC_ENTRY_1(name) ENTRY(name, 0, 0)
#define MISC_ENTRY_2(name) MISC_ENTRY_1(name) ENTRY(name, 1, 1)
#define MISC_ENTRY_3(name) MISC_ENTRY_2(name) ENTRY(name, 2, 2)
#define MISC_ENTRY_4(name) MISC_ENTRY_3(name) ENTRY(name, 3, 3)
#define MISC_ENTRY_5(name) MISC_ENTRY_4(name) ENTRY(name, 4, 4)

static wrt_handler *const wrt_handlers[WRT_IOP_COUNT] = {
#define IBIN(name, t, expr)       EACH_IBIN(IBIN_ENTRY, name)
#define IFUSED(name, t, expr)     EACH_IBIN(IBIN_ENTRY, name)
#define IDIV(name, t, trap, expr) EACH_IBIN(IBIN_ENTRY, name)
#define ICMP(name, t, expr, inverse)                                           \
    EACH_IBIN(IBIN_ENTRY, name)                                                \
    EACH_ICMP_BR(ICMP_BR_ENTRY, name)                                          \
    EACH_STEP(STEP_ENTRY, name)
#define IUN(name, t, expr)  EACH_IUN(IUN_ENTRY, name)
#define FBIN(name, t, expr) EACH_FBIN(FBIN_ENTRY, name)
#define FUN(name, t, expr)  EACH_FUN(FUN_ENTRY, name)
#define FCMP(name, t, expr)                                                    \
    EACH_FCMP(FCMP_ENTRY, name) EACH_FCMP_BR(FCMP_BR_ENTRY, name)
#define I2F(name, t, u, expr)    EACH_I2F(I2F_ENTRY, name)
#define F2F(name, t, u, expr)    EACH_FUN(FUN_ENTRY, name)
#define F2I(name, t, trap, expr) EACH_F2I(F2I_ENTRY, name)
#define ILOAD(name, c)                                                         \
    EACH_ILOAD(ILOAD_ENTRY, name) EACH_ILOAD_SUM(LOAD_SUM_ENTRY, name)
#define FLOAD(name, t)                                                         \
    EACH_FLOAD(FLOAD_ENTRY, name) EACH_FLOAD_SUM(LOAD_SUM_ENTRY, name)
#define ISTORE(name, c)                                                        \
    EACH_ISTORE(ISTORE_ENTRY, name) EACH_ISTORE_SUM(ISTORE_SUM_ENTRY, name)
#define FSTORE(name, t)                                                        \
    EACH_FSTORE(FSTORE_ENTRY, name) EACH_FSTORE_SUM(FSTORE_SUM_ENTRY, name)
#define FMUL(name, t, expr) EACH_FMUL(FMUL_ENTRY, name)
#define MISC(name, count)   MISC_ENTRY_##count(name)
#include "runtime/interp/iop_rows.h"
};

uint64_t wrt_interp_run(const wrt_cell *pc, wrt_slot *fp,
                        struct wrt_instance *inst)
{
    wrt_v4f facc = {0};

    return wrt_handlers[pc->op](pc, fp, inst->mem0->base, 0, inst, fp[0].u64,
                                facc);
}

#else

/* -- Switch build ---------------------------------------------------------- */

uint64_t wrt_interp_run(const wrt_cell *pc, wrt_slot *fp,
                        struct wrt_instance *inst)
{
    uint8_t *mem = inst->mem0->base;
    uint64_t acc = 0, l0 = fp[0].u64;
    wrt_v4f facc = {0};

next:
    switch (pc->op) {
#include "runtime/interp/rows.inc"

#include "runtime/interp/bulk.inc"
#include "runtime/interp/ctrl.inc"
    }
    WRT_ASSERT(false, "every operation that lowering emits has a handler");
    return WASMRT_ERR_UNREACHABLE;
}

#endif
