/*
 * Handlers of loads and stores.
 *
 * The effective address is 33 bits wide: a 32-bit address plus a 32-bit
 * offset.  Guarded memories reserve all of that; checked ones compare with the
 * length, whose check is also masked against speculation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"

/* Effective address: operand plus offset; Z has the offset alone. */
#define ADDR_S(off) ((uint64_t)fp[pc->a].u32 + (off))
#define ADDR_A(off) ((uint64_t)(uint32_t)acc + (off))
#define ADDR_L(off) ((uint64_t)(uint32_t)l0 + (off))
#define ADDR_Z(off) ((uint64_t)(off))

/* Checked: the last byte must lie below the length.  Another thread may publish
 * a longer one of a shared memory; a guest that knows of it has synchronised
 * with that thread, so no order is needed here. */
#define CHECK_BOUNDS(c)                                                        \
    do {                                                                       \
        uint64_t len_ =                                                        \
            __atomic_load_n(&inst->mem0->len_bytes, __ATOMIC_RELAXED);         \
        if (WRT_UNLIKELY(addr > len_ || len_ - addr < sizeof(GUEST_##c)))      \
            TRAP(WASMRT_ERR_MEMORY_OOB);                                       \
        addr = wrt_mask_index(addr, len_);                                     \
    } while (0)

#define LOAD_0(c, out)                                                         \
    do {                                                                       \
        CHECK_BOUNDS(c);                                                       \
        GUEST_LOAD(c, out, mem + addr);                                        \
    } while (0)
#define FLOAD_0(c, out) LOAD_0(c, out)
#define STORE_0(c, value)                                                      \
    do {                                                                       \
        CHECK_BOUNDS(c);                                                       \
        GUEST_STORE(c, value, mem + addr);                                     \
    } while (0)

#if WRT_HAS_GUARDED_ACCESS
#define LOAD_1(c, out)                                                         \
    do {                                                                       \
        BEFORE_ACCESS();                                                       \
        WRT_GUARDED_LOAD_(WRT_LOAD_##c, out, GUEST_##c, mem + addr);           \
    } while (0)
#define FLOAD_1(c, out) LOAD_1(c, out)
#define STORE_1(c, value)                                                      \
    do {                                                                       \
        BEFORE_ACCESS();                                                       \
        WRT_GUARDED_STORE_(WRT_STORE_##c, value, GUEST_##c, mem + addr);       \
    } while (0)
/* One more expansion, so that the table's two columns become arguments. */
#define WRT_GUARDED_LOAD_(...) WRT_GUARDED_LOAD__(__VA_ARGS__)
#define WRT_GUARDED_LOAD__(insn, constraint, out, type, ptr)                   \
    WRT_GUARDED_LOAD(insn, constraint, out, type, ptr, pc, fp, inst)
#define WRT_GUARDED_STORE_(...) WRT_GUARDED_STORE__(__VA_ARGS__)
#define WRT_GUARDED_STORE__(insn, constraint, value, type, ptr)                \
    WRT_GUARDED_STORE(insn, constraint, value, type, ptr, pc, fp, inst)
#else
/* Never lowered to in such a build: the engine uses checked mode. */
#define LOAD_1(c, out)    LOAD_0(c, out)
#define FLOAD_1(c, out)   LOAD_0(c, out)
#define STORE_1(c, value) STORE_0(c, value)
#endif

#define ILOAD_HANDLER(ka, kd, wide, guarded, name, c)                          \
    HANDLER(name, ka##kd##wide##guarded,                                       \
            WRT_ILOAD_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd, wide, guarded))  \
    {                                                                          \
        uint64_t addr = ADDR_##ka(OFFSET_##wide);                              \
        uint64_t value;                                                        \
        LOAD_##guarded(c, value);                                              \
        PUT_##kd(value);                                                       \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define FLOAD_HANDLER(ka, kd, wide, guarded, name, c)                          \
    HANDLER(name, ka##kd##wide##guarded,                                       \
            WRT_FLOAD_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd, wide, guarded))  \
    {                                                                          \
        uint64_t addr = ADDR_##ka(OFFSET_##wide);                              \
        REG_##c value;                                                         \
        FLOAD_##guarded(c, value);                                             \
        PUTF_##kd(c, value);                                                   \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define ISTORE_HANDLER(ka, kv, wide, guarded, name, c)                         \
    HANDLER(name, ka##kv##wide##guarded,                                       \
            WRT_ISTORE_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kv, wide, guarded)) \
    {                                                                          \
        uint64_t addr = ADDR_##ka(OFFSET_##wide);                              \
        REG_##c value = (REG_##c)FETCH_##kv(u64, d);                           \
        STORE_##guarded(c, value);                                             \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define FSTORE_HANDLER(ka, wide, guarded, name, c)                             \
    HANDLER(name, ka##wide##guarded,                                           \
            WRT_FSTORE_VARIANT(WRT_CLASS_##ka, wide, guarded))                 \
    {                                                                          \
        uint64_t addr = ADDR_##ka(OFFSET_##wide);                              \
        REG_##c value = LANE_##c(facc);                                        \
        STORE_##guarded(c, value);                                             \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define VLOAD_HANDLER(ka, kd, wide, guarded, name, c, expr)                    \
    HANDLER(name, ka##kd##wide##guarded,                                       \
            WRT_FLOAD_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd, wide, guarded))  \
    {                                                                          \
        uint64_t addr = ADDR_##ka(OFFSET_##wide);                              \
        REG_##c A;                                                             \
        FLOAD_##guarded(c, A);                                                 \
        PUTV_##kd(expr);                                                       \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define VSTORE_HANDLER(ka, kv, wide, guarded, name, c)                         \
    HANDLER(name, ka##kv##wide##guarded,                                       \
            WRT_VSTORE_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kv, wide, guarded)) \
    {                                                                          \
        uint64_t addr = ADDR_##ka(OFFSET_##wide);                              \
        REG_##c value = VFETCH_##kv(d);                                        \
        STORE_##guarded(c, value);                                             \
        NEXT(CELLS_WIDE(wide));                                                \
    }

/* -- Addresses that are sums ----------------------------------------------- */

/* a + b as i32.add does it, then the offset, if any in the next cell. */
#define SUM(ka, kb, wide)                                                      \
    ((uint64_t)(FETCH_##ka(u32, a) + FETCH_##kb(u32, b)) + SUM_OFFSET_##wide)
#define SUM_OFFSET_0 0
#define SUM_OFFSET_1 pc[1].u64

#define ILOAD_SUM_HANDLER(ka, kb, kd, wide, name, c)                           \
    HANDLER(SUM_##name, ka##kb##kd##wide,                                      \
            WRT_LOAD_SUM_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb,               \
                                 WRT_CLASS_##kd, wide))                        \
    {                                                                          \
        uint64_t addr = SUM(ka, kb, wide);                                     \
        uint64_t value;                                                        \
        LOAD_1(c, value);                                                      \
        PUT_##kd(value);                                                       \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define FLOAD_SUM_HANDLER(ka, kb, kd, wide, name, c)                           \
    HANDLER(SUM_##name, ka##kb##kd##wide,                                      \
            WRT_LOAD_SUM_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb,               \
                                 WRT_CLASS_##kd, wide))                        \
    {                                                                          \
        uint64_t addr = SUM(ka, kb, wide);                                     \
        REG_##c value;                                                         \
        FLOAD_1(c, value);                                                     \
        PUTF_##kd(c, value);                                                   \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define ISTORE_SUM_HANDLER(ka, kb, kv, wide, name, c)                          \
    HANDLER(SUM_##name, ka##kb##kv##wide,                                      \
            WRT_ISTORE_SUM_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb,             \
                                   WRT_CLASS_##kv, wide))                      \
    {                                                                          \
        uint64_t addr = SUM(ka, kb, wide);                                     \
        REG_##c value = (REG_##c)FETCH_##kv(u64, d);                           \
        STORE_1(c, value);                                                     \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define FSTORE_SUM_HANDLER(ka, kb, wide, name, c)                              \
    HANDLER(SUM_##name, ka##kb##wide,                                          \
            WRT_FSTORE_SUM_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, wide))      \
    {                                                                          \
        uint64_t addr = SUM(ka, kb, wide);                                     \
        REG_##c value = LANE_##c(facc);                                        \
        STORE_1(c, value);                                                     \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define VLOAD_SUM_HANDLER(ka, kb, kd, wide, name, c, expr)                     \
    HANDLER(SUM_##name, ka##kb##kd##wide,                                      \
            WRT_LOAD_SUM_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb,               \
                                 WRT_CLASS_##kd, wide))                        \
    {                                                                          \
        uint64_t addr = SUM(ka, kb, wide);                                     \
        REG_##c A;                                                             \
        FLOAD_1(c, A);                                                         \
        PUTV_##kd(expr);                                                       \
        NEXT(CELLS_WIDE(wide));                                                \
    }

#define VSTORE_SUM_HANDLER(ka, kb, kv, wide, name, c)                          \
    HANDLER(SUM_##name, ka##kb##kv##wide,                                      \
            WRT_VSTORE_SUM_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb,             \
                                   WRT_CLASS_##kv, wide))                      \
    {                                                                          \
        uint64_t addr = SUM(ka, kb, wide);                                     \
        REG_##c value = VFETCH_##kv(d);                                        \
        STORE_1(c, value);                                                     \
        NEXT(CELLS_WIDE(wide));                                                \
    }

/* -- Every variant of every row -------------------------------------------- */

#define ILOAD(name, c)                                                         \
    EACH_ILOAD(ILOAD_HANDLER, name, c)                                         \
    EACH_ILOAD_SUM(ILOAD_SUM_HANDLER, name, c)
#define FLOAD(name, t)                                                         \
    EACH_FLOAD(FLOAD_HANDLER, name, t)                                         \
    EACH_FLOAD_SUM(FLOAD_SUM_HANDLER, name, t)
#define ISTORE(name, c)                                                        \
    EACH_ISTORE(ISTORE_HANDLER, name, c)                                       \
    EACH_ISTORE_SUM(ISTORE_SUM_HANDLER, name, c)
#define FSTORE(name, t)                                                        \
    EACH_FSTORE(FSTORE_HANDLER, name, t)                                       \
    EACH_FSTORE_SUM(FSTORE_SUM_HANDLER, name, t)
#define VLOAD(name, c, expr)                                                   \
    EACH_VLOAD(VLOAD_HANDLER, name, c, expr)                                   \
    EACH_VLOAD_SUM(VLOAD_SUM_HANDLER, name, c, expr)
#define VSTORE(name, c)                                                        \
    EACH_VSTORE(VSTORE_HANDLER, name, c)                                       \
    EACH_VSTORE_SUM(VSTORE_SUM_HANDLER, name, c)
#include "runtime/store/iop_rows.h"
