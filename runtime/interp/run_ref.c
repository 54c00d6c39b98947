/*
 * Handlers of structs, arrays, i31 and casts.
 *
 * Objects are the store's (gc.h).  A handler that allocates has all operands in
 * slots, since it may collect; the others read and write fields in place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"
#include "runtime/store/gc_ops.h"

/* -- Fields and elements --------------------------------------------------- */

/* LOADED(cast, at): what stands there, as the accumulator holds it. */
#define LOADED_i8_32(at)  ((uint64_t)(uint32_t)*(const wrt_guest_i8 *)(at))
#define LOADED_u8(at)     ((uint64_t)*(const wrt_guest_u8 *)(at))
#define LOADED_i16_32(at) ((uint64_t)(uint32_t)*(const wrt_guest_i16 *)(at))
#define LOADED_u16(at)    ((uint64_t)*(const wrt_guest_u16 *)(at))
#define LOADED_u32(at)    (*(const wrt_guest_u32 *)(at))
#define LOADED_u64(at)    (*(const wrt_guest_u64 *)(at))
#define LOADED_ref(at)    (wrt_ref_unpack(inst->ctx, LOADED_u32(at)))
#define LOADED_func(at)   ((uintptr_t)wrt_func_unpack(inst->ctx, LOADED_u32(at)))

/* Bytes from one element of an array to the next. */
#define STRIDE_i8_32  1
#define STRIDE_u8     1
#define STRIDE_i16_32 2
#define STRIDE_u16    2
#define STRIDE_u32    4
#define STRIDE_u64    8
#define STRIDE_ref    4
#define STRIDE_func   4
#define STRIDE_f32    4
#define STRIDE_f64    8

/* What is fetched to be stored. */
#define FETCHED_u8(k, field)  FETCH_##k(u32, field)
#define FETCHED_u16(k, field) FETCH_##k(u32, field)
#define FETCHED_u32(k, field) FETCH_##k(u32, field)
#define FETCHED_u64(k, field) FETCH_##k(u64, field)

/* at: field b of the object in operand a. */
#define FIND_FIELD(ka, at)                                                     \
    uint8_t *at = FETCH_##ka(ref, a);                                          \
    do {                                                                       \
        if (WRT_UNLIKELY(at == NULL))                                          \
            TRAP(WASMRT_ERR_NULL_STRUCT_REFERENCE);                            \
        at += pc->b;                                                           \
    } while (0)

/* at: the element of the array in operand a that operand b counts. */
#define FIND_ELEMENT(ka, kb, stride, at)                                       \
    uint8_t *at = FETCH_##ka(ref, a);                                          \
    do {                                                                       \
        uint64_t index_ = FETCH_##kb(u32, b), len_;                            \
        if (WRT_UNLIKELY(at == NULL))                                          \
            TRAP(WASMRT_ERR_NULL_ARRAY_REFERENCE);                             \
        len_ = ((const struct wrt_object *)(void *)at)->len;                   \
        if (WRT_UNLIKELY(index_ >= len_))                                      \
            TRAP(WASMRT_ERR_ARRAY_OOB);                                        \
        at += sizeof(struct wrt_object) +                                      \
              wrt_mask_index(index_, len_) * (stride);                         \
    } while (0)

#define OGET_HANDLER(ka, kd, name, c)                                          \
    HANDLER(STRUCT_GET_##name, ka##kd,                                         \
            WRT_IUN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))                   \
    {                                                                          \
        FIND_FIELD(ka, at);                                                    \
        PUT_##kd(LOADED_##c(at));                                              \
        NEXT(1);                                                               \
    }

#define OFGET_HANDLER(ka, kd, name, t)                                         \
    HANDLER(STRUCT_GET_##name, ka##kd,                                         \
            WRT_I2F_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))                   \
    {                                                                          \
        FIND_FIELD(ka, at);                                                    \
        PUTF_##kd(t, *(const GUEST_##t *)at);                                  \
        NEXT(1);                                                               \
    }

#define OSET_HANDLER(ka, kv, name, c)                                          \
    HANDLER(STRUCT_SET_##name, ka##kv,                                         \
            WRT_OSET_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kv))                  \
    {                                                                          \
        FIND_FIELD(ka, at);                                                    \
        *(GUEST_##c *)at = (GUEST_##c)FETCHED_##c(kv, d);                      \
        NEXT(1);                                                               \
    }

#define OFSET_HANDLER(ka, name, t)                                             \
    HANDLER(STRUCT_SET_##name, ka, WRT_OFSET_VARIANT(WRT_CLASS_##ka))          \
    {                                                                          \
        FIND_FIELD(ka, at);                                                    \
        *(GUEST_##t *)at = LANE_##t(facc);                                     \
        NEXT(1);                                                               \
    }

#define AGET_HANDLER(ka, kb, kd, name, c)                                      \
    HANDLER(ARRAY_GET_##name, ka##kb##kd,                                      \
            WRT_AGET_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kd))  \
    {                                                                          \
        FIND_ELEMENT(ka, kb, STRIDE_##c, at);                                  \
        PUT_##kd(LOADED_##c(at));                                              \
        NEXT(1);                                                               \
    }

#define AFGET_HANDLER(ka, kb, kd, name, t)                                     \
    HANDLER(ARRAY_GET_##name, ka##kb##kd,                                      \
            WRT_AFGET_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kd)) \
    {                                                                          \
        FIND_ELEMENT(ka, kb, STRIDE_##t, at);                                  \
        PUTF_##kd(t, *(const GUEST_##t *)at);                                  \
        NEXT(1);                                                               \
    }

#define ASET_HANDLER(ka, kb, kv, name, c)                                      \
    HANDLER(ARRAY_SET_##name, ka##kb##kv,                                      \
            WRT_ASET_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb, WRT_CLASS_##kv))  \
    {                                                                          \
        FIND_ELEMENT(ka, kb, STRIDE_##c, at);                                  \
        *(GUEST_##c *)at = (GUEST_##c)FETCHED_##c(kv, d);                      \
        NEXT(1);                                                               \
    }

#define AFSET_HANDLER(ka, kb, name, t)                                         \
    HANDLER(ARRAY_SET_##name, ka##kb,                                          \
            WRT_AFSET_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kb))                 \
    {                                                                          \
        FIND_ELEMENT(ka, kb, STRIDE_##t, at);                                  \
        *(GUEST_##t *)at = LANE_##t(facc);                                     \
        NEXT(1);                                                               \
    }

/* -- References ------------------------------------------------------------ */

#define NULL_TRAP(what)                                                        \
    (A == 0 ? WASMRT_ERR_NULL_##what##_REFERENCE : WASMRT_ERR_NONE)

#define ICHECKED_HANDLER(ka, kd, name, trap, expr)                             \
    HANDLER(name, ka##kd, WRT_IUN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))     \
    {                                                                          \
        uint64_t A = FETCH_##ka(u64, a);                                       \
        wasmrt_code code = trap;                                               \
        if (WRT_UNLIKELY(code != WASMRT_ERR_NONE))                             \
            TRAP(code);                                                        \
        PUT_##kd(expr);                                                        \
        NEXT(1);                                                               \
    }

#define TEST_HANDLER(ka, kd, name, expr)                                       \
    HANDLER(TEST_##name, ka##kd,                                               \
            WRT_IUN_VARIANT(WRT_CLASS_##ka, WRT_CLASS_##kd))                   \
    {                                                                          \
        uint64_t A = FETCH_##ka(u64, a);                                       \
        PUT_##kd((uint64_t)(expr));                                            \
        NEXT(2);                                                               \
    }

#define CAST_HANDLER(ka, name, expr)                                           \
    HANDLER(CAST_##name, ka, WRT_CAST_VARIANT(WRT_CLASS_##ka))                 \
    {                                                                          \
        uint64_t A = FETCH_##ka(u64, a);                                       \
        if (WRT_UNLIKELY(!(expr)))                                             \
            TRAP(WASMRT_ERR_CAST_FAILURE);                                     \
        NEXT(2);                                                               \
    }

#define CAST_BR_HANDLER(ka, neg, back, name, expr)                             \
    HANDLER(BR_CAST_##name, ka##neg##back,                                     \
            WRT_CAST_BR_VARIANT(WRT_CLASS_##ka, neg, back))                    \
    {                                                                          \
        uint64_t A = FETCH_##ka(u64, a);                                       \
        BRANCH_IF((expr) != (neg), back, 2);                                   \
    }

/* -- Every variant of every row -------------------------------------------- */

#define ICHECKED(name, trap, expr) EACH_IUN(ICHECKED_HANDLER, name, trap, expr)
#define IGET(name, c)                                                          \
    EACH_IUN(OGET_HANDLER, name, c) EACH_AGET(AGET_HANDLER, name, c)
#define FGET(name, t)                                                          \
    EACH_I2F(OFGET_HANDLER, name, t) EACH_AFGET(AFGET_HANDLER, name, t)
#define ISET(name, c)                                                          \
    EACH_OSET(OSET_HANDLER, name, c) EACH_ASET(ASET_HANDLER, name, c)
#define FSET(name, t)                                                          \
    EACH_OFSET(OFSET_HANDLER, name, t) EACH_AFSET(AFSET_HANDLER, name, t)
#define ITEST(name, expr)                                                      \
    EACH_IUN(TEST_HANDLER, name, expr)                                         \
    EACH_ID(CAST_HANDLER, name, expr)                                          \
    EACH_CAST_BR(CAST_BR_HANDLER, name, expr)
#include "runtime/store/iop_rows.h"

/* -- Allocation ------------------------------------------------------------ */

/* b: number of fields, and in the top bit whether any is traced; the next cell:
 * type and size. */
#define STRUCT_NEW_HANDLER(kd, n)                                              \
    HANDLER(STRUCT_NEW, n, n)                                                  \
    {                                                                          \
        const wrt_slot *from = fp + pc->a;                                     \
        uint32_t count = pc->b & 0x7fff, size = pc[1].index2;                  \
        uint32_t info = WRT_OBJECT_STRUCT << WRT_OBJECT_KIND_SHIFT |           \
                        (uint32_t)pc->b >> 15 << WRT_OBJECT_TRACED_SHIFT |     \
                        inst->module->type_ids[pc[1].index];                   \
        uint8_t *at = wrt_gc_bump(inst->ctx, size);                            \
        if (WRT_LIKELY(at != NULL)) {                                          \
            *(wrt_guest_u64 *)at = (uint64_t)size << 32 | info;                \
        } else {                                                               \
            at = (uint8_t *)wrt_interp_alloc(inst, fp + pc->a + count, info,   \
                                             size);                            \
            if (at == NULL)                                                    \
                TRAP(inst->ctx->gc.failure);                                   \
        }                                                                      \
        for (uint32_t i = 0; i < count; i++)                                   \
            ((wrt_guest_u32 *)(at + sizeof(struct wrt_object)))[i] =           \
                from[i].u32;                                                   \
        PUT_##kd((uintptr_t)at);                                               \
        NEXT(2);                                                               \
    }

STRUCT_NEW_HANDLER(S, 0)
STRUCT_NEW_HANDLER(A, 1)
STRUCT_NEW_HANDLER(L, 2)

/* Operands in b slots from a, the result in the first of them; indices in the
 * next cell. */
#define ALLOCATE(call)                                                         \
    do {                                                                       \
        wasmrt_code code_;                                                     \
        wrt_gc_set_top(inst->ctx, fp + pc->a + pc->b);                         \
        code_ = (call);                                                        \
        if (WRT_UNLIKELY(code_ != WASMRT_ERR_NONE))                            \
            TRAP(code_);                                                       \
        acc = fp[pc->a].u64;                                                   \
        NEXT(2);                                                               \
    } while (0)

HANDLER(STRUCT_NEW_ANY, 0, 0)
{
    ALLOCATE(wrt_op_struct_new(inst, pc[1].index, fp + pc->a));
}

HANDLER(ARRAY_NEW, 0, 0)
{
    ALLOCATE(wrt_op_array_new(inst, pc[1].index, fp + pc->a));
}

HANDLER(ARRAY_NEW_DEFAULT, 0, 0)
{
    ALLOCATE(wrt_op_array_new_default(inst, pc[1].index, fp + pc->a));
}

HANDLER(ARRAY_NEW_FIXED, 0, 0)
{
    ALLOCATE(
        wrt_op_array_new_fixed(inst, pc[1].index, pc[1].index2, fp + pc->a));
}

HANDLER(ARRAY_NEW_DATA, 0, 0)
{
    ALLOCATE(
        wrt_op_array_new_data(inst, pc[1].index, pc[1].index2, fp + pc->a));
}

HANDLER(ARRAY_NEW_ELEM, 0, 0)
{
    ALLOCATE(
        wrt_op_array_new_elem(inst, pc[1].index, pc[1].index2, fp + pc->a));
}

/* -- The general forms ----------------------------------------------------- */

/* As above, without an allocation; d: whether a packed value is signed. */
#define OPERATE(call)                                                          \
    do {                                                                       \
        wasmrt_code code_ = (call);                                            \
        if (WRT_UNLIKELY(code_ != WASMRT_ERR_NONE))                            \
            TRAP(code_);                                                       \
        acc = fp[pc->a].u64;                                                   \
        NEXT(2);                                                               \
    } while (0)

HANDLER(STRUCT_GET_ANY, 0, 0)
{
    OPERATE(wrt_op_struct_get(inst, pc[1].index, pc[1].index2, pc->d != 0,
                              fp + pc->a));
}

HANDLER(STRUCT_SET_ANY, 0, 0)
{
    OPERATE(wrt_op_struct_set(inst, pc[1].index, pc[1].index2, fp + pc->a));
}

HANDLER(ARRAY_GET_ANY, 0, 0)
{
    OPERATE(wrt_op_array_get(inst, pc[1].index, pc->d != 0, fp + pc->a));
}

HANDLER(ARRAY_SET_ANY, 0, 0)
{
    OPERATE(wrt_op_array_set(inst, pc[1].index, fp + pc->a));
}

HANDLER(ARRAY_FILL, 0, 0)
{
    OPERATE(wrt_op_array_fill(inst, pc[1].index, fp + pc->a));
}

HANDLER(ARRAY_COPY, 0, 0)
{
    OPERATE(wrt_op_array_copy(inst, fp + pc->a));
}

HANDLER(ARRAY_INIT_DATA, 0, 0)
{
    OPERATE(wrt_op_array_init_data(inst, pc[1].index2, fp + pc->a));
}

HANDLER(ARRAY_INIT_ELEM, 0, 0)
{
    OPERATE(
        wrt_op_array_init_elem(inst, pc[1].index, pc[1].index2, fp + pc->a));
}
