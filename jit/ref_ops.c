/*
 * Instructions on objects, as functions of slots.
 *
 * What allocates may collect: operands are in slots of the frame, and so is
 * everything else that the guest holds, above where the stack is now.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/enter.h"

#include "runtime/store/exn.h"
#include "runtime/store/gc_ops.h"
#include "runtime/store/numeric.h"
#include "runtime/store/trap.h"

#define UNUSED __attribute__((unused))
#define OP(name)                                                               \
    uint64_t jit_##name(struct wrt_instance *inst, uintptr_t index UNUSED,     \
                        wrt_slot *slots, uintptr_t index2 UNUSED)

#define I1 ((uint32_t)index)
#define I2 ((uint32_t)index2)

/* The frame of the caller ends at its slots or below. */
#define HOLD() (inst->ctx->activation->native_low = jit_caller_stack())

/* Where the stack of the machine code was that called this C function: above
 * the return address and the saved frame pointer. */
#define jit_caller_stack() ((const wrt_slot *)__builtin_frame_address(0) + 2)

OP(struct_new)
{
    HOLD();
    return wrt_op_struct_new(inst, I1, slots);
}

OP(struct_new_default)
{
    HOLD();
    return wrt_op_struct_new_default(inst, I1, slots);
}

OP(struct_set)
{
    return wrt_op_struct_set(inst, I1, I2, slots);
}

OP(array_new)
{
    HOLD();
    return wrt_op_array_new(inst, I1, slots);
}

OP(array_new_default)
{
    HOLD();
    return wrt_op_array_new_default(inst, I1, slots);
}

OP(array_new_fixed)
{
    HOLD();
    return wrt_op_array_new_fixed(inst, I1, I2, slots);
}

OP(array_new_data)
{
    HOLD();
    return wrt_op_array_new_data(inst, I1, I2, slots);
}

OP(array_new_elem)
{
    HOLD();
    return wrt_op_array_new_elem(inst, I1, I2, slots);
}

OP(array_set)
{
    return wrt_op_array_set(inst, I1, slots);
}

OP(array_fill)
{
    return wrt_op_array_fill(inst, I1, slots);
}

OP(array_copy)
{
    return wrt_op_array_copy(inst, slots);
}

OP(array_init_data)
{
    return wrt_op_array_init_data(inst, I2, slots);
}

OP(array_init_elem)
{
    HOLD();
    return wrt_op_array_init_elem(inst, I1, I2, slots);
}

/* For code that found no room: what has the index of a type and above 32 bits
 * the length of an array.  Gives the object, or 0 when the run ends. */
uint64_t jit_on_alloc(struct wrt_instance *inst, uintptr_t what, wrt_slot *pc,
                      uintptr_t frame)
{
    const struct wrt_type *type = wrt_module_type(inst->module, (uint32_t)what);
    struct wrt_object header = {type->object_info, type->size_bytes}, *object;
    uint64_t size = type->size_bytes;
    wasmrt_code code;

    if (type->form == WRT_FORM_ARRAY) {
        header.len = (uint32_t)(what >> 32);
        size = sizeof(header) + header.len * size;
    }
    HOLD();
    code = wrt_gc_alloc_slow(inst->ctx, header, size, &object);
    if (code == WASMRT_ERR_NONE)
        return (uintptr_t)object;
    jit_stand_at(inst, pc, frame);
    jit_fail(inst, wrt_trap_error(inst->ctx, code));
    return 0;
}

/* index: the type. */
OP(ref_test)
{
    return wrt_ref_matches(inst->module->types, slots[0].u64,
                           (wrt_valtype)index);
}

OP(ref_cast)
{
    return wrt_ref_matches(inst->module->types, slots[0].u64,
                           (wrt_valtype)index)
               ? WASMRT_ERR_NONE
               : WASMRT_ERR_CAST_FAILURE;
}

/* -- Exceptions ------------------------------------------------------------ */

/* It is thrown when it is known where the guest stands. */
static uint64_t throw_exn(struct wrt_instance *inst, struct wrt_exn *exn)
{
    jit_innermost(inst)->thrown = exn;
    return JIT_CODE_THROWN;
}

OP(throw)
{
    struct wrt_exn *exn;
    wasmrt_code code;

    HOLD();
    code = wrt_exn_new(inst->ctx, inst->tags[index], slots, &exn);
    return code == WASMRT_ERR_NONE ? throw_exn(inst, exn) : code;
}

OP(throw_ref)
{
    struct wrt_exn *exn = slots[0].ref;

    if (!exn)
        return WASMRT_ERR_NULL_EXN_REFERENCE;
    return throw_exn(inst, exn);
}

/* -- 128 bits -------------------------------------------------------------- */

static uint64_t put_wide(wrt_slot *slots, wrt_u128 v)
{
    slots[0].u64 = (uint64_t)v;
    slots[1].u64 = (uint64_t)(v >> 64);
    return 0;
}

OP(add128)
{
    (void)inst;
    return put_wide(slots, wrt_u128_of(slots[0].u64, slots[1].u64) +
                               wrt_u128_of(slots[2].u64, slots[3].u64));
}

OP(sub128)
{
    (void)inst;
    return put_wide(slots, wrt_u128_of(slots[0].u64, slots[1].u64) -
                               wrt_u128_of(slots[2].u64, slots[3].u64));
}
