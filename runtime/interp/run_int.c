/*
 * Handlers of integer arithmetic.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"

#define IBIN_HANDLER(ka, kb, kd, name, t, expr)                                \
    HANDLER(name, ka##kb##kd,                                                  \
            WRT_IBIN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kd))  \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        TYPE_##t B = FETCH_##kb(t, b);                                         \
        PUT_##kd(BITS_##t(expr));                                              \
        NEXT(CELLS_##kb);                                                      \
    }

#define DIV_TRAP (B == 0 ? WASMRT_ERR_DIVIDE_BY_ZERO : WASMRT_ERR_NONE)
#define DIV_S_TRAP(min)                                                        \
    (B == 0                  ? WASMRT_ERR_DIVIDE_BY_ZERO                       \
     : A == (min) && B == -1 ? WASMRT_ERR_INTEGER_OVERFLOW                     \
                             : WASMRT_ERR_NONE)

#define IDIV_HANDLER(ka, kb, kd, name, t, trap, expr)                          \
    HANDLER(name, ka##kb##kd,                                                  \
            WRT_IBIN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kd))  \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        TYPE_##t B = FETCH_##kb(t, b);                                         \
        wasmrt_code code = trap;                                               \
        if (WRT_UNLIKELY(code != WASMRT_ERR_NONE))                             \
            TRAP(code);                                                        \
        PUT_##kd(BITS_##t(expr));                                              \
        NEXT(CELLS_##kb);                                                      \
    }

#define IUN_HANDLER(ka, kd, name, t, expr)                                     \
    HANDLER(name, ka##kd, WRT_IUN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))     \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        PUT_##kd(BITS_##t(expr));                                              \
        NEXT(1);                                                               \
    }

/* -- 128 bits -------------------------------------------------------------- */

/* Both operands: slots a and b, and two that the next cell names. */
#define WIDE_A wrt_u128_of(fp[pc->a].u64, fp[pc->b].u64)
#define WIDE_B wrt_u128_of(fp[pc[1].a].u64, fp[pc[1].b].u64)

#define WIDE_HANDLER(name, expr, cells)                                        \
    HANDLER(name, 0, 0)                                                        \
    {                                                                          \
        wrt_u128 wide = (expr);                                                \
        fp[pc->d].u64 = (uint64_t)wide;                                        \
        acc = (uint64_t)(wide >> 64);                                          \
        fp[pc->d + 1].u64 = acc;                                               \
        NEXT(cells);                                                           \
    }

WIDE_HANDLER(I64_ADD128, WIDE_A + WIDE_B, 2)
WIDE_HANDLER(I64_SUB128, WIDE_A - WIDE_B, 2)
WIDE_HANDLER(I64_MUL_WIDE_S, (wrt_u128)((wrt_i128)fp[pc->a].i64 *fp[pc->b].i64),
             1)
WIDE_HANDLER(I64_MUL_WIDE_U, (wrt_u128)fp[pc->a].u64 *fp[pc->b].u64, 1)

/* -- Every variant of every row -------------------------------------------- */

#define IBIN(name, t, expr)       EACH_IBIN(IBIN_HANDLER, name, t, expr)
#define IFUSED(name, t, expr)     EACH_IBIN(IBIN_HANDLER, name, t, expr)
#define IDIV(name, t, trap, expr) EACH_IBIN(IDIV_HANDLER, name, t, trap, expr)
#define IUN(name, t, expr)        EACH_IUN(IUN_HANDLER, name, t, expr)
#include "runtime/store/iop_rows.h"
