/*
 * Handlers of float arithmetic, comparisons and conversions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"

#define FBIN_HANDLER(ka, kb, kd, name, t, expr)                                \
    HANDLER(name, ka##kb##kd,                                                  \
            WRT_FBIN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kd))  \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        TYPE_##t B = FETCH_##kb(t, b);                                         \
        PUTF_##kd(t, expr);                                                    \
        NEXT(CELLS_##ka + CELLS_##kb - 1);                                     \
    }

#define FUN_HANDLER(ka, kd, name, t, expr)                                     \
    HANDLER(name, ka##kd, WRT_FUN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))     \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        PUTF_##kd(t, expr);                                                    \
        NEXT(1);                                                               \
    }

#define FCMP_HANDLER(ka, kb, neg, kd, name, t, expr)                           \
    HANDLER(                                                                   \
        name, ka##kb##neg##kd,                                                 \
        WRT_FCMP_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, neg, WRT_CLASS_##kd)) \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        TYPE_##t B = FETCH_##kb(t, b);                                         \
        PUT_##kd((uint64_t)((expr) != (neg)));                                 \
        NEXT(CELLS_##ka + CELLS_##kb - 1);                                     \
    }

#define FCMP_BR_HANDLER(ka, kb, neg, back, name, t, expr)                      \
    HANDLER(BR_##name, ka##kb##neg##back,                                      \
            WRT_FCMP_BR_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, neg, back))    \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        TYPE_##t B = FETCH_##kb(t, b);                                         \
        BRANCH_IF((expr) != (neg), back, CELLS_##ka + CELLS_##kb - 1);         \
    }

/* -- Conversions ----------------------------------------------------------- */

#define I2F_HANDLER(ka, kd, name, t, u, expr)                                  \
    HANDLER(name, ka##kd, WRT_I2F_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))     \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        PUTF_##kd(u, expr);                                                    \
        NEXT(1);                                                               \
    }

#define F2F_HANDLER(ka, kd, name, t, u, expr)                                  \
    HANDLER(name, ka##kd, WRT_FUN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))     \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        PUTF_##kd(u, expr);                                                    \
        NEXT(1);                                                               \
    }

#define TRUNC_TRAP(kind)                                                       \
    (wrt_##kind##_fits(A) ? WASMRT_ERR_NONE : wrt_##kind##_trap(A))

#define F2I_HANDLER(ka, kd, name, t, trap, expr)                               \
    HANDLER(name, ka##kd, WRT_F2I_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))     \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        wasmrt_code code = trap;                                               \
        if (WRT_UNLIKELY(code != WASMRT_ERR_NONE))                             \
            TRAP(code);                                                        \
        PUT_##kd((uint64_t)(expr));                                            \
        NEXT(1);                                                               \
    }

/* -- Fused ----------------------------------------------------------------- */

/* C is in a slot that the next cell names.  Two roundings: this is not fma. */
#define FMUL_HANDLER(ka, kb, kd, name, t, expr)                                \
    HANDLER(name, ka##kb##kd,                                                  \
            WRT_FMUL_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kd))  \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        TYPE_##t B = FETCH_##kb(t, b);                                         \
        TYPE_##t C = fp[pc[1].a].t;                                            \
        TYPE_##t P = A * B;                                                    \
        PUTF_##kd(t, expr);                                                    \
        NEXT(2);                                                               \
    }

/* -- Every variant of every row -------------------------------------------- */

#define FBIN(name, t, expr) EACH_FBIN(FBIN_HANDLER, name, t, expr)
#define FUN(name, t, expr)  EACH_FUN(FUN_HANDLER, name, t, expr)
#define FCMP(name, t, expr)                                                    \
    EACH_FCMP(FCMP_HANDLER, name, t, expr)                                     \
    EACH_FCMP_BR(FCMP_BR_HANDLER, name, t, expr)
#define I2F(name, t, u, expr)    EACH_I2F(I2F_HANDLER, name, t, u, expr)
#define F2F(name, t, u, expr)    EACH_FUN(F2F_HANDLER, name, t, u, expr)
#define F2I(name, t, trap, expr) EACH_F2I(F2I_HANDLER, name, t, trap, expr)
#define FMUL(name, t, expr)      EACH_FMUL(FMUL_HANDLER, name, t, expr)
#include "runtime/store/iop_rows.h"
