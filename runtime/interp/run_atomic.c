/*
 * Handlers of atomic instructions: operands in consecutive slots from a, the
 * result in their place; field b names the memory, the offset is in the next
 * cell.
 *
 * Everything is sequentially consistent.  Bounds are checked in every memory,
 * so that the builtins never fault; an address that is not a multiple of the
 * width traps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"
#include "runtime/store/ops.h"

/* Declares memory, addr and P, which points to a value of type t. */
#define ATOMIC_PTR(t)                                                          \
    struct wrt_memory_inst *memory = inst->memories[pc->b];                    \
    uint64_t index = fp[pc->a].u64 & memory->index_mask;                       \
    uint64_t addr = index + pc[1].u64, len = wrt_memory_len(memory);           \
    wrt_atomic_##t *P UNUSED;                                                  \
    if (WRT_UNLIKELY(addr < index || addr > len ||                             \
                     len - addr < sizeof(wrt_atomic_##t)))                     \
        TRAP(WASMRT_ERR_MEMORY_OOB);                                           \
    if (WRT_UNLIKELY(addr % sizeof(wrt_atomic_##t) != 0))                      \
        TRAP(WASMRT_ERR_UNALIGNED_ATOMIC);                                     \
    P = (wrt_atomic_##t *)(void *)(memory->base + wrt_mask_index(addr, len))

/* B and C: the second and third operand. */
#define ATOMIC_HANDLER(name, t, expr)                                          \
    HANDLER(name, 0, 0)                                                        \
    {                                                                          \
        uint64_t B UNUSED = fp[pc->a + 1].u64, C UNUSED = fp[pc->a + 2].u64;   \
        ATOMIC_PTR(t);                                                         \
        acc = (expr);                                                          \
        fp[pc->a].u64 = acc;                                                   \
        NEXT(2);                                                               \
    }

#define ATOMIC(name, t, expr) ATOMIC_HANDLER(name, t, expr)
#include "runtime/store/iop_rows.h"

/* A result of wrt_interp_wait(): a trap in the upper half, else the value. */
#define WAIT_HANDLER(name, t)                                                  \
    HANDLER(name, 0, 0)                                                        \
    {                                                                          \
        uint64_t result;                                                       \
        ATOMIC_PTR(t);                                                         \
        result = wrt_interp_wait(inst->ctx, memory, P, addr, sizeof(*P),       \
                                 &fp[pc->a]);                                  \
        if (WRT_UNLIKELY(result >> 32))                                        \
            TRAP((wasmrt_code)(result >> 32));                                 \
        acc = result;                                                          \
        fp[pc->a].u64 = acc;                                                   \
        NEXT(2);                                                               \
    }

WAIT_HANDLER(MEMORY_ATOMIC_WAIT32, u32)
WAIT_HANDLER(MEMORY_ATOMIC_WAIT64, u64)

HANDLER(MEMORY_ATOMIC_NOTIFY, 0, 0)
{
    ATOMIC_PTR(u32);
    acc = wrt_notify(memory, addr, fp[pc->a + 1].u32);
    fp[pc->a].u64 = acc;
    NEXT(2);
}

HANDLER(ATOMIC_FENCE, 0, 0)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    NEXT(1);
}
