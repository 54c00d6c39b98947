/*
 * Handlers of integer comparisons, alone, in branches, and behind a step of a
 * counter.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"

#define ICMP_HANDLER(ka, kb, kd, name, t, expr)                                \
    HANDLER(name, ka##kb##kd,                                                  \
            WRT_IBIN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kd))  \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        TYPE_##t B = FETCH_##kb(t, b);                                         \
        PUT_##kd((uint64_t)(expr));                                            \
        NEXT(CELLS_##kb);                                                      \
    }

#define ICMP_BR_HANDLER(ka, kb, back, name, t, expr)                           \
    HANDLER(BR_##name, ka##kb##back,                                           \
            WRT_ICMP_BR_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, back))         \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        TYPE_##t B = FETCH_##kb(t, b);                                         \
        BRANCH_IF(expr, back, CELLS_##kb);                                     \
    }

/* local += constant (field b); then compare it with the operand in the upper
 * half of the next cell, whose lower half is the target. */
#define STEP_A_0      fp[pc->a].u32
#define STEP_A_1      ((uint32_t)l0)
#define STEP_PUT_0(v) (acc = (v), (void)(fp[pc->d].u64 = acc))
#define STEP_PUT_1(v) (acc = l0 = (v), (void)(fp[pc->d].u64 = acc))
#define STEP_B_S(t)   (fp[(uint16_t)pc[1].spare].t)
#define STEP_B_L(t)   ((TYPE_##t)l0)
#define STEP_B_K(t)   ((TYPE_##t)(int16_t)pc[1].spare)

#define STEP_HANDLER(pinned, kb, back, name, t, expr)                          \
    HANDLER(STEP_##name, pinned##kb##back,                                     \
            WRT_STEP_VARIANT(pinned, WRT_CLASS_##kb, back))                    \
    {                                                                          \
        uint32_t sum = STEP_A_##pinned + k_u32(pc->b);                         \
        TYPE_##t A = (TYPE_##t)sum;                                            \
        TYPE_##t B;                                                            \
        STEP_PUT_##pinned((uint64_t)sum);                                      \
        B = STEP_B_##kb(t);                                                    \
        BRANCH_IF(expr, back, 1);                                              \
    }

/* -- Every variant of every row -------------------------------------------- */

#define ICMP(name, t, expr, inverse)                                           \
    EACH_IBIN(ICMP_HANDLER, name, t, expr)                                     \
    EACH_ICMP_BR(ICMP_BR_HANDLER, name, t, expr)                               \
    EACH_STEP(STEP_HANDLER, name, t, expr)
#include "runtime/store/iop_rows.h"
