/*
 * Handlers of vector arithmetic and lanes.  Moves of vectors are in run_ctrl.c,
 * loads and stores in run_mem.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"

#define VUN_HANDLER(ka, kd, name, v, expr)                                     \
    HANDLER(name, ka##kd, WRT_FUN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))     \
    {                                                                          \
        wrt_##v A = (wrt_##v)VFETCH_##ka(a);                                   \
        PUTV_##kd(expr);                                                       \
        NEXT(1);                                                               \
    }

#define VBIN_HANDLER(ka, kb, kd, name, v, expr)                                \
    HANDLER(name, ka##kb##kd,                                                  \
            WRT_VBIN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kd))  \
    {                                                                          \
        wrt_##v A = (wrt_##v)VFETCH_##ka(a);                                   \
        wrt_##v B = (wrt_##v)VFETCH_##kb(b);                                   \
        PUTV_##kd(expr);                                                       \
        NEXT(1);                                                               \
    }

/* C in a slot is named by the next cell. */
#define VFETCH_C_S() VSLOT(pc[1].a)
#define VFETCH_C_F() ((wrt_v128)facc)

#define VTERN_HANDLER(which, ka, kb, kc, kd, name, v, expr)                    \
    HANDLER(name, ka##kb##kc##kd, WRT_VTERN_VARIANT(which, WRT_CLASS_##kd))    \
    {                                                                          \
        wrt_##v A = (wrt_##v)VFETCH_##ka(a);                                   \
        wrt_##v B = (wrt_##v)VFETCH_##kb(b);                                   \
        wrt_##v C = (wrt_##v)VFETCH_C_##kc();                                  \
        PUTV_##kd(expr);                                                       \
        NEXT(2);                                                               \
    }

#define VSHIFT_HANDLER(ka, kb, kd, name, v, expr)                              \
    HANDLER(                                                                   \
        name, ka##kb##kd,                                                      \
        WRT_VSHIFT_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kd))    \
    {                                                                          \
        wrt_##v A = (wrt_##v)VFETCH_##ka(a);                                   \
        uint32_t B = FETCH_##kb(u32, b);                                       \
        PUTV_##kd(expr);                                                       \
        NEXT(1);                                                               \
    }

#define VTEST_HANDLER(ka, kd, name, v, expr)                                   \
    HANDLER(name, ka##kd, WRT_F2I_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))     \
    {                                                                          \
        wrt_##v A = (wrt_##v)VFETCH_##ka(a);                                   \
        PUT_##kd((uint64_t)(expr));                                            \
        NEXT(1);                                                               \
    }

/* The indices are the next two cells. */
#define VSHUFFLE_HANDLER(ka, kb, kd, name, v, expr)                            \
    HANDLER(name, ka##kb##kd,                                                  \
            WRT_VBIN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kd))  \
    {                                                                          \
        wrt_##v A = (wrt_##v)VFETCH_##ka(a);                                   \
        wrt_##v B = (wrt_##v)VFETCH_##kb(b);                                   \
        wrt_##v LANES =                                                        \
            (wrt_##v) * (const wrt_slot_v128 *)(const void *)&pc[1];           \
        PUTV_##kd(expr);                                                       \
        NEXT(3);                                                               \
    }

/* -- Lanes ----------------------------------------------------------------- */

#define ISPLAT_HANDLER(ka, kd, name, t, expr)                                  \
    HANDLER(name, ka##kd, WRT_I2F_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))     \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        PUTV_##kd(expr);                                                       \
        NEXT(1);                                                               \
    }

#define FSPLAT_HANDLER(ka, kd, name, t, expr)                                  \
    HANDLER(name, ka##kd, WRT_FUN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))     \
    {                                                                          \
        TYPE_##t A = FETCH_##ka(t, a);                                         \
        PUTV_##kd(expr);                                                       \
        NEXT(1);                                                               \
    }

/* A lane is read from the vector's slots: one load, where a register would
 * have to be stored first.  b: which lane. */
#define SLOT_LANE(c) (((const GUEST_##c *)(const void *)&fp[pc->a])[pc->b])

#define IEXTRACT_HANDLER(kd, name, c)                                          \
    HANDLER(name, kd, WRT_LANE_VARIANT(WRT_CLASS_##kd))                        \
    {                                                                          \
        PUT_##kd((uint64_t)(REG_##c)SLOT_LANE(c));                             \
        NEXT(1);                                                               \
    }

#define FEXTRACT_HANDLER(kd, name, t)                                          \
    HANDLER(name, kd, WRT_LANE_VARIANT(WRT_CLASS_##kd))                        \
    {                                                                          \
        PUTF_##kd(t, SLOT_LANE(t));                                            \
        NEXT(1);                                                               \
    }

/* The lane is in the next cell. */
#define IREPLACE_HANDLER(ka, kb, kd, name, v, type)                            \
    HANDLER(                                                                   \
        name, ka##kb##kd,                                                      \
        WRT_IREPLACE_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kd))  \
    {                                                                          \
        wrt_##v A = (wrt_##v)VFETCH_##ka(a);                                   \
        type B = (type)FETCH_##kb(u64, b);                                     \
        PUTV_##kd(wrt_##v##_replace(A, pc[1].a, B));                           \
        NEXT(2);                                                               \
    }

#define FREPLACE_HANDLER(ka, kb, kd, name, v, t)                               \
    HANDLER(name, ka##kb##kd,                                                  \
            WRT_VBIN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kd))  \
    {                                                                          \
        wrt_##v A = (wrt_##v)VFETCH_##ka(a);                                   \
        TYPE_##t B = FETCH_##kb(t, b);                                         \
        PUTV_##kd(wrt_##v##_replace(A, pc[1].a, B));                           \
        NEXT(2);                                                               \
    }

/* -- Every variant of every row -------------------------------------------- */

#define VBIN(name, v, expr)     EACH_VBIN(VBIN_HANDLER, name, v, expr)
#define VUN(name, v, expr)      EACH_VUN(VUN_HANDLER, name, v, expr)
#define VTERN(name, v, expr)    EACH_VTERN(VTERN_HANDLER, name, v, expr)
#define VSHIFT(name, v, expr)   EACH_VSHIFT(VSHIFT_HANDLER, name, v, expr)
#define VTEST(name, v, expr)    EACH_VTEST(VTEST_HANDLER, name, v, expr)
#define VSHUFFLE(name, v, expr) EACH_VBIN(VSHUFFLE_HANDLER, name, v, expr)
#define ISPLAT(name, t, expr)   EACH_ISPLAT(ISPLAT_HANDLER, name, t, expr)
#define FSPLAT(name, t, expr)   EACH_FSPLAT(FSPLAT_HANDLER, name, t, expr)
#define IEXTRACT(name, c)       EACH_IEXTRACT(IEXTRACT_HANDLER, name, c)
#define FEXTRACT(name, t)       EACH_FEXTRACT(FEXTRACT_HANDLER, name, t)
#define IREPLACE(name, v, type) EACH_IREPLACE(IREPLACE_HANDLER, name, v, type)
#define FREPLACE(name, v, t)    EACH_VBIN(FREPLACE_HANDLER, name, v, t)
#include "runtime/store/iop_rows.h"
