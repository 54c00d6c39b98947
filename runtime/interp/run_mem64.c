/*
 * Handlers of loads and stores in a first memory with 64-bit indices.
 *
 * Their bounds are checked, whatever the engine does for 32-bit memories: no
 * reservation holds all that an index can name.  Index and offset may add up to
 * more than 64 bits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"

#define INDEX64_S fp[pc->a].u64
#define INDEX64_A acc
#define INDEX64_L l0
#define INDEX64_Z 0

/* Declares ptr, after the check of all bytes that cast c takes. */
#define PTR64(ka, wide, c)                                                     \
    uint64_t index = INDEX64_##ka, addr = index + OFFSET_##wide;               \
    uint64_t len = __atomic_load_n(&inst->mem0->len_bytes, __ATOMIC_RELAXED);  \
    uint8_t *ptr;                                                              \
    if (WRT_UNLIKELY(addr < index || addr > len ||                             \
                     len - addr < sizeof(GUEST_##c)))                          \
        TRAP(WASMRT_ERR_MEMORY_OOB);                                           \
    ptr = mem + wrt_mask_index(addr, len)

#define ILOAD64_HANDLER(ka, kd, wide, name, c)                                 \
    HANDLER(INDEX64_##name, ka##kd##wide,                                      \
            WRT_ILOAD64_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd, wide))         \
    {                                                                          \
        uint64_t value;                                                        \
        PTR64(ka, wide, c);                                                    \
        GUEST_LOAD(c, value, ptr);                                             \
        PUT_##kd(value);                                                       \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define FLOAD64_HANDLER(ka, kd, wide, name, c)                                 \
    HANDLER(INDEX64_##name, ka##kd##wide,                                      \
            WRT_FLOAD64_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd, wide))         \
    {                                                                          \
        REG_##c value;                                                         \
        PTR64(ka, wide, c);                                                    \
        GUEST_LOAD(c, value, ptr);                                             \
        PUTF_##kd(c, value);                                                   \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define ISTORE64_HANDLER(ka, kv, wide, name, c)                                \
    HANDLER(INDEX64_##name, ka##kv##wide,                                      \
            WRT_ISTORE64_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kv, wide))        \
    {                                                                          \
        REG_##c value = (REG_##c)FETCH_##kv(u64, d);                           \
        PTR64(ka, wide, c);                                                    \
        GUEST_STORE(c, value, ptr);                                            \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define FSTORE64_HANDLER(ka, wide, name, c)                                    \
    HANDLER(INDEX64_##name, ka##wide,                                          \
            WRT_FSTORE64_VARIANT(WRT_CLASS_##ka, wide))                        \
    {                                                                          \
        REG_##c value = LANE_##c(facc);                                        \
        PTR64(ka, wide, c);                                                    \
        GUEST_STORE(c, value, ptr);                                            \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define VLOAD64_HANDLER(ka, kd, wide, name, c, expr)                           \
    HANDLER(INDEX64_##name, ka##kd##wide,                                      \
            WRT_FLOAD64_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd, wide))         \
    {                                                                          \
        REG_##c A;                                                             \
        PTR64(ka, wide, c);                                                    \
        GUEST_LOAD(c, A, ptr);                                                 \
        PUTV_##kd(expr);                                                       \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define VSTORE64_HANDLER(ka, kv, wide, name, c)                                \
    HANDLER(INDEX64_##name, ka##kv##wide,                                      \
            WRT_VSTORE64_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kv, wide))        \
    {                                                                          \
        REG_##c value = VFETCH_##kv(d);                                        \
        PTR64(ka, wide, c);                                                    \
        GUEST_STORE(c, value, ptr);                                            \
        NEXT(CELLS_WIDE(wide));                                                \
    }

/* -- The rows of iop.def --------------------------------------------------- */

#define ILOAD(name, c)       EACH_ILOAD64(ILOAD64_HANDLER, name, c)
#define FLOAD(name, t)       EACH_FLOAD64(FLOAD64_HANDLER, name, t)
#define ISTORE(name, c)      EACH_ISTORE64(ISTORE64_HANDLER, name, c)
#define FSTORE(name, t)      EACH_FSTORE64(FSTORE64_HANDLER, name, t)
#define VLOAD(name, c, expr) EACH_VLOAD64(VLOAD64_HANDLER, name, c, expr)
#define VSTORE(name, c)      EACH_VSTORE64(VSTORE64_HANDLER, name, c)
#include "runtime/store/iop_rows.h"
