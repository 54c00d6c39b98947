/*
 * Instructions on vectors and on shared memories as functions of slots, for
 * those that machine code does not do itself.  The semantics are the rows of
 * iop.def, as in the interpreter.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/enter.h"
#include "jit/vec.h"
#include "runtime/store/atomics.h"
#include "runtime/store/memory.h"
#include "runtime/store/ops.h"
#include "runtime/store/simd.h"

#define UNUSED __attribute__((unused))

static wrt_v128 load(const wrt_slot *slots)
{
    wrt_v128 v;

    memcpy(&v, slots, sizeof(v));
    return v;
}

static void store(wrt_slot *slots, wrt_v128 v)
{
    memcpy(slots, &v, sizeof(v));
}

#define FUNCTION(name) static void vec_##name(wrt_slot *slots)

#define VBIN(name, v, expr)                                                    \
    FUNCTION(name)                                                             \
    {                                                                          \
        wrt_##v A = (wrt_##v)load(slots), B = (wrt_##v)load(slots + 2);        \
        store(slots, (wrt_v128)(expr));                                        \
    }
#define VUN(name, v, expr)                                                     \
    FUNCTION(name)                                                             \
    {                                                                          \
        wrt_##v A = (wrt_##v)load(slots);                                      \
        store(slots, (wrt_v128)(expr));                                        \
    }
#define VTERN(name, v, expr)                                                   \
    FUNCTION(name)                                                             \
    {                                                                          \
        wrt_##v A = (wrt_##v)load(slots), B = (wrt_##v)load(slots + 2);        \
        wrt_##v C = (wrt_##v)load(slots + 4);                                  \
        store(slots, (wrt_v128)(expr));                                        \
    }
#define VSHIFT(name, v, expr)                                                  \
    FUNCTION(name)                                                             \
    {                                                                          \
        wrt_##v A = (wrt_##v)load(slots);                                      \
        uint32_t B = slots[2].u32;                                             \
        store(slots, (wrt_v128)(expr));                                        \
    }
#define VTEST(name, v, expr)                                                   \
    FUNCTION(name)                                                             \
    {                                                                          \
        wrt_##v A = (wrt_##v)load(slots);                                      \
        slots[0].u64 = (uint32_t)(expr);                                       \
    }
#include "runtime/store/iop_rows.h"

void (*const jit_vec_functions[WRT_OP_COUNT])(wrt_slot *) = {
#define ROW(name)             [WRT_OP_##name] = vec_##name,
#define VBIN(name, v, expr)   ROW(name)
#define VUN(name, v, expr)    ROW(name)
#define VTERN(name, v, expr)  ROW(name)
#define VSHIFT(name, v, expr) ROW(name)
#define VTEST(name, v, expr)  ROW(name)
#include "runtime/store/iop_rows.h"
#define SAME_VBIN(name, other)  [WRT_OP_##name] = vec_##other,
#define SAME_FUN(name, other)   SAME_VBIN(name, other)
#define SAME_VTERN(name, other) SAME_VBIN(name, other)
#define SAME_ATOMIC(name, other)
#define SAME(name, shape, other) SAME_##shape(name, other)
#include "runtime/store/same.def"
#undef SAME
#undef SAME_ATOMIC
};

/* -- Shared memories ------------------------------------------------------- */

/* Where an access of so many bytes goes; NULL and the code of a trap when it
 * may not. */
static void *atomic_ptr(const struct wrt_memory_inst *memory, uint64_t index,
                        uint64_t offset, unsigned bytes, uint64_t *code)
{
    uint64_t addr, len = wrt_memory_len(memory);

    index &= memory->index_mask;
    addr = index + offset;
    *code = WASMRT_ERR_NONE;
    if (addr < index || addr > len || len - addr < bytes)
        *code = WASMRT_ERR_MEMORY_OOB;
    else if (addr % bytes != 0)
        *code = WASMRT_ERR_UNALIGNED_ATOMIC;
    return *code ? NULL : memory->base + wrt_mask_index(addr, len);
}

#define ATOMIC(name, t, expr)                                                  \
    static uint64_t atomic_##name(const struct wrt_memory_inst *memory,        \
                                  wrt_slot *slots, uint64_t offset)            \
    {                                                                          \
        uint64_t B UNUSED = slots[1].u64, C UNUSED = slots[2].u64, code;       \
        wrt_atomic_##t *P =                                                    \
            atomic_ptr(memory, slots[0].u64, offset, sizeof(*P), &code);       \
        if (!code)                                                             \
            slots[0].u64 = (expr);                                             \
        return code;                                                           \
    }
#include "runtime/store/iop_rows.h"

typedef uint64_t atomic_fn(const struct wrt_memory_inst *, wrt_slot *,
                           uint64_t);

static atomic_fn *const atomics[WRT_OP_COUNT] = {
#define ATOMIC(name, t, expr) [WRT_OP_##name] = atomic_##name,
#include "runtime/store/iop_rows.h"
#define SAME_ATOMIC(name, other) [WRT_OP_##name] = atomic_##other,
#undef SAME_VBIN
#undef SAME_FUN
#undef SAME_VTERN
#define SAME_VBIN(name, other)
#define SAME_FUN(name, other)
#define SAME_VTERN(name, other)
#define SAME(name, shape, other) SAME_##shape(name, other)
#include "runtime/store/same.def"
#undef SAME
};

static uint64_t wait(struct wrt_instance *inst, uint32_t memory_idx,
                     wrt_slot *slots, uint64_t offset, uint32_t bytes)
{
    struct wrt_memory_inst *memory = inst->memories[memory_idx];
    uint64_t code;
    struct wrt_wait args = {
        .addr = (slots[0].u64 & memory->index_mask) + offset,
        .size = bytes,
        .expected = slots[1].u64,
        .timeout_ns = slots[2].i64,
    };
    struct wrt_wait_result result;

    args.ptr = atomic_ptr(memory, slots[0].u64, offset, bytes, &code);
    if (code)
        return code;
    result = wrt_op_wait(inst->ctx, memory, &args);
    slots[0].u64 = result.value;
    return result.code;
}

static uint64_t notify(struct wrt_instance *inst, uint32_t memory_idx,
                       wrt_slot *slots, uint64_t offset)
{
    struct wrt_memory_inst *memory = inst->memories[memory_idx];
    uint64_t code;

    if (!atomic_ptr(memory, slots[0].u64, offset, 4, &code))
        return code;
    slots[0].u64 = wrt_notify(
        memory, (slots[0].u64 & memory->index_mask) + offset, slots[1].u32);
    return code;
}

/* what: the instruction and, above 16 bits, the memory. */
uint64_t jit_atomic(struct wrt_instance *inst, uintptr_t what, wrt_slot *slots,
                    uintptr_t offset)
{
    uint32_t memory = (uint32_t)(what >> 16);
    enum wrt_op op = (enum wrt_op)(what & 0xffff);

    switch (op) {
    case WRT_OP_MEMORY_ATOMIC_WAIT32:
        return wait(inst, memory, slots, offset, 4);
    case WRT_OP_MEMORY_ATOMIC_WAIT64:
        return wait(inst, memory, slots, offset, 8);
    case WRT_OP_MEMORY_ATOMIC_NOTIFY:
        return notify(inst, memory, slots, offset);
    default: return atomics[op](inst->memories[memory], slots, offset);
    }
}
