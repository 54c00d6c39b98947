/*
 * The calling convention: where parameters and results are.
 *
 * Parameters go to registers of their bank, in order, as long as there are any;
 * the others to the words that the instance's args point at, by their order
 * among those.  One result is in the result register of its bank; of several,
 * all are in those words, by their slots.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/code.h"

jit_reg jit_next_param(struct jit_params *params, wrt_valtype type,
                       uint32_t *slot)
{
    bool is_float = jit_is_float(type);
    uint32_t *used = is_float ? &params->nfloats : &params->nints;
    uint32_t limit = is_float ? jit_target.nfloat_args : jit_target.nint_args;

    if (*used < limit)
        return (is_float ? jit_target.float_args
                         : jit_target.int_args)[(*used)++];
    *slot = params->nslots;
    params->nslots += wrt_valtype_slots(type);
    return JIT_NO_REG;
}

static void make_sig(struct jit_sig *sig, const struct wrt_type *type,
                     jit_reg *regs)
{
    struct jit_params params = {0};
    uint32_t slot;

    *sig = (struct jit_sig){.type = type, .regs = regs};
    for (uint32_t i = 0; type->form == WRT_FORM_FUNC && i < type->nparams;
         i++) {
        regs[i] = jit_next_param(&params, wrt_type_params(type)[i], &slot);
        if (regs[i] != JIT_NO_REG)
            sig->mask |= JIT_BIT(regs[i]);
    }
    sig->in_memory = params.nslots > 0;
}

bool jit_make_sigs(struct wrt_native *native)
{
    const struct wrt_module *module = native->module;
    size_t bytes = module->ntypes * sizeof(*native->sigs);
    jit_reg *regs;

    for (uint32_t i = 0; i < module->ntypes; i++) {
        const struct wrt_type *type = wrt_module_type(module, i);

        bytes += type->form == WRT_FORM_FUNC ? type->nparams : 0;
    }
    native->sig_bytes = bytes;
    native->sigs = wrt_alloc_array(module->alloc, bytes, 1);
    if (!native->sigs)
        return bytes == 0;
    regs = (jit_reg *)(native->sigs + module->ntypes);
    for (uint32_t i = 0; i < module->ntypes; i++) {
        const struct wrt_type *type = wrt_module_type(module, i);

        make_sig(&native->sigs[i], type, regs);
        regs += type->form == WRT_FORM_FUNC ? type->nparams : 0;
    }
    return true;
}

enum jit_load jit_load_of(wrt_valtype type)
{
    static const uint8_t loads[] = {
        [WRT_KIND_BOT] = JIT_LOAD_U64, [WRT_KIND_I32] = JIT_LOAD_U32,
        [WRT_KIND_I64] = JIT_LOAD_U64, [WRT_KIND_F32] = JIT_LOAD_F32,
        [WRT_KIND_F64] = JIT_LOAD_F64, [WRT_KIND_V128] = JIT_LOAD_V128,
        [WRT_KIND_REF] = JIT_LOAD_U64,
    };

    return (enum jit_load)loads[wrt_valtype_kind(type)];
}

enum jit_store jit_store_of(wrt_valtype type)
{
    static const uint8_t stores[] = {
        [WRT_KIND_BOT] = JIT_STORE_64,  [WRT_KIND_I32] = JIT_STORE_32,
        [WRT_KIND_I64] = JIT_STORE_64,  [WRT_KIND_F32] = JIT_STORE_F32,
        [WRT_KIND_F64] = JIT_STORE_F64, [WRT_KIND_V128] = JIT_STORE_V128,
        [WRT_KIND_REF] = JIT_STORE_64,
    };

    return (enum jit_store)stores[wrt_valtype_kind(type)];
}

/* -- Buffers --------------------------------------------------------------- */

enum { FIRST_BYTES = 16 * 1024, SPARE_BYTES = 16 };

void jit_asm_grow(struct jit_asm *a, size_t bytes)
{
    size_t used = (size_t)(a->p - a->start);
    size_t size = a->start ? (size_t)(a->end - a->start) + SPARE_BYTES : 0;
    size_t grown = WRT_MAX(size * 2, (size_t)FIRST_BYTES);
    uint8_t *fresh;

    while (grown - used < bytes + SPARE_BYTES)
        grown *= 2;
    fresh = a->alloc->resize(a->alloc->user, a->start, size, grown);
    if (!fresh) {
        a->failed = true;
        a->p = a->start;
        /* Without even a first buffer there is nowhere to write; the caller
         * looks at `failed` before it emits. */
        return;
    }
    a->start = fresh;
    a->p = fresh + used;
    a->end = fresh + grown - SPARE_BYTES;
}

void jit_asm_fini(struct jit_asm *a)
{
    if (a->start)
        wrt_free(a->alloc, a->start, (size_t)(a->end - a->start) + SPARE_BYTES);
    a->start = a->p = a->end = NULL;
}
