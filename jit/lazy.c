/*
 * What machine code calls in place of a function that has none yet: compiles
 * it, or runs it in the interpreter when no code can be added: the range is
 * full, or belongs to the parent of this process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/enter.h"

#include "runtime/store/store.h"
#include "runtime/store/trap.h"

/* The caller's registers, where the stub keeps them. */
static void *kept_reg(uint8_t *kept, jit_reg reg)
{
    return kept + jit_kept_at(reg);
}

/* Parameters from registers and the instance's args to slots. */
static void take_params(const struct wrt_instance *inst, uint8_t *kept,
                        const struct wrt_type *type, wrt_slot *to)
{
    struct jit_params params = {0};
    uint32_t slot;

    for (uint32_t i = 0; i < type->nparams; i++) {
        wrt_valtype t = wrt_type_params(type)[i];
        jit_reg reg = jit_next_param(&params, t, &slot);
        uint32_t count = wrt_valtype_slots(t);

        memcpy(to,
               reg == JIT_NO_REG ? &inst->native_args[slot]
                                 : kept_reg(kept, reg),
               sizeof(*to) * count);
        to += count;
    }
}

static void give_results(struct wrt_instance *inst, uint8_t *kept,
                         const struct wrt_type *type, const wrt_slot *from)
{
    const size_t nbytes = sizeof(*from) * type->result_slots;
    wrt_slot low = {.u64 = from->u32};
    wrt_valtype t;

    if (type->nresults > 1) {
        memcpy(inst->native_args, from, nbytes);
    } else if (type->nresults == 1) {
        t = wrt_type_results(type)[0];
        if (wrt_valtype_kind(t) == WRT_KIND_I32)
            from = &low; /* what has 32 bits is zero above them */
        memcpy(kept_reg(kept, jit_is_float(t) ? jit_target.float_result
                                              : jit_target.result),
               from, nbytes);
    }
}

/* 0 when it is to be unwound. */
static uint64_t interpret(struct wrt_instance *inst, uint32_t func_idx,
                          uint8_t *kept)
{
    const struct wrt_native *native = inst->module->native;
    const struct wrt_type *type = wrt_module_func_type(inst->module, func_idx);
    struct wrt_ctx *ctx = inst->ctx;
    struct wrt_activation *act = ctx->activation;
    wrt_slot *slots = act->sp;
    size_t count = WRT_MAX(type->param_slots, type->result_slots);
    wasmrt_error *error;

    if (count > (size_t)(ctx->stack_end - slots)) {
        jit_fail(inst, wrt_trap_error(ctx, WASMRT_ERR_STACK_OVERFLOW));
        return 0;
    }
    take_params(inst, kept, type, slots);
    act->native_low = (const wrt_slot *)(const void *)kept;
    act->sp += count;
    error = jit_threaded_backend->enter(ctx, inst, func_idx, slots);
    act->sp -= count;
    if (error) {
        jit_fail(inst, jit_throw_error(inst, error));
        return 0;
    }
    give_results(inst, kept, type, slots);
    return jit_code_address(native, native->stubs[JIT_STUB_RETURN]);
}

/* What to go on with, once the registers are back; 0 to unwind. */
uint64_t jit_on_lazy(struct wrt_instance *inst, uintptr_t func_idx,
                     wrt_slot *kept, uintptr_t frame)
{
    const uintptr_t *words = (const uintptr_t *)frame;
    uintptr_t code = 0;
    wasmrt_error *error = jit_compile_now(
        inst->module->native, (uint32_t)func_idx, &inst->ctx->interrupt, &code);

    if (code)
        return code;
    jit_stand_at(inst, (const void *)words[1], words[0]);
    if (!error)
        return interpret(inst, (uint32_t)func_idx, (uint8_t *)kept);
    if (wasmrt_error_kind(error) == WASMRT_KIND_TRAP)
        wrt_trap_add_trace(inst->ctx, error);
    jit_fail(inst, error);
    return 0;
}
