/*
 * Handlers of loads and stores in any memory: field b names it, the offset is
 * in the next cell.
 *
 * Nothing is known about the memory but what its structure says, so one form
 * serves every index type, page size and kind; what is common has forms of its
 * own in run_mem.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"

/* Declares ptr, after the check of all bytes that cast c takes.  The sum of
 * index and offset may exceed 64 bits. */
#define ANY_PTR(ka, c)                                                         \
    const struct wrt_memory_inst *memory = inst->memories[pc->b];              \
    uint64_t index = FETCH_##ka(u64, a) & memory->index_mask;                  \
    uint64_t addr = index + pc[1].u64, len = wrt_memory_len(memory);           \
    uint8_t *ptr;                                                              \
    if (WRT_UNLIKELY(addr < index || addr > len ||                             \
                     len - addr < sizeof(GUEST_##c)))                          \
        TRAP(WASMRT_ERR_MEMORY_OOB);                                           \
    ptr = memory->base + wrt_mask_index(addr, len)

#define ILOAD_ANY_HANDLER(ka, kd, name, c)                                     \
    HANDLER(ANY_##name, ka##kd,                                                \
            WRT_ANY_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))                   \
    {                                                                          \
        uint64_t value;                                                        \
        ANY_PTR(ka, c);                                                        \
        GUEST_LOAD(c, value, ptr);                                             \
        PUT_##kd(value);                                                       \
        NEXT(2);                                                               \
    }

#define FLOAD_ANY_HANDLER(ka, kd, name, c)                                     \
    HANDLER(ANY_##name, ka##kd,                                                \
            WRT_ANY_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))                   \
    {                                                                          \
        REG_##c value;                                                         \
        ANY_PTR(ka, c);                                                        \
        GUEST_LOAD(c, value, ptr);                                             \
        PUTF_##kd(c, value);                                                   \
        NEXT(2);                                                               \
    }

#define ISTORE_ANY_HANDLER(ka, kv, name, c)                                    \
    HANDLER(ANY_##name, ka##kv,                                                \
            WRT_ANY_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kv))                   \
    {                                                                          \
        REG_##c value = (REG_##c)FETCH_##kv(u64, d);                           \
        ANY_PTR(ka, c);                                                        \
        GUEST_STORE(c, value, ptr);                                            \
        NEXT(2);                                                               \
    }

#define FSTORE_ANY_HANDLER(ka, name, c)                                        \
    HANDLER(ANY_##name, ka, WRT_FSTORE_ANY_VARIANT(WRT_CLASS_##ka))            \
    {                                                                          \
        REG_##c value = LANE_##c(facc);                                        \
        ANY_PTR(ka, c);                                                        \
        GUEST_STORE(c, value, ptr);                                            \
        NEXT(2);                                                               \
    }

#define VLOAD_ANY_HANDLER(ka, kd, name, c, expr)                               \
    HANDLER(ANY_##name, ka##kd,                                                \
            WRT_ANY_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))                   \
    {                                                                          \
        REG_##c A;                                                             \
        ANY_PTR(ka, c);                                                        \
        GUEST_LOAD(c, A, ptr);                                                 \
        PUTV_##kd(expr);                                                       \
        NEXT(2);                                                               \
    }

#define VSTORE_ANY_HANDLER(ka, kv, name, c)                                    \
    HANDLER(ANY_##name, ka##kv,                                                \
            WRT_ANY_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kv))                   \
    {                                                                          \
        REG_##c value = VFETCH_##kv(d);                                        \
        ANY_PTR(ka, c);                                                        \
        GUEST_STORE(c, value, ptr);                                            \
        NEXT(2);                                                               \
    }

/* -- The rows of iop.def --------------------------------------------------- */

#define ILOAD(name, c)       EACH_ILOAD_ANY(ILOAD_ANY_HANDLER, name, c)
#define FLOAD(name, t)       EACH_FLOAD_ANY(FLOAD_ANY_HANDLER, name, t)
#define ISTORE(name, c)      EACH_ISTORE_ANY(ISTORE_ANY_HANDLER, name, c)
#define FSTORE(name, t)      EACH_FSTORE_ANY(FSTORE_ANY_HANDLER, name, t)
#define VLOAD(name, c, expr) EACH_VLOAD_ANY(VLOAD_ANY_HANDLER, name, c, expr)
#define VSTORE(name, c)      EACH_VSTORE_ANY(VSTORE_ANY_HANDLER, name, c)
#include "runtime/store/iop_rows.h"
