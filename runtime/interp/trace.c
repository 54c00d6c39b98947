/*
 * Telling what traced code does.
 *
 * The operation says little; the rest is read from the module again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/trace.h"

#include "runtime/interp/interp.h"
#include "runtime/module/insn.h"
#include "runtime/store/engine.h"
#include "runtime/store/value.h"

enum { VALUES_MAX = 16 };

/* Parameters or results. */
static void add_values(const struct wrt_module *module,
                       const wrt_valtype *types, uint32_t count,
                       const wrt_slot *slots, wasmrt_val *vals)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < count && i < VALUES_MAX; i++)
        at += wrt_value_load(wrt_value_kind(module->types, types[i]),
                             &slots[at], &vals[i]);
}

static void tell_call(struct wrt_instance *inst, wasmrt_trace_event *event,
                      const wrt_slot *slots)
{
    const struct wrt_type *type =
        wrt_module_func_type(inst->module, event->func_idx);
    const struct wrt_code_debug *debug = &inst->module->engine->debug;
    wasmrt_val vals[VALUES_MAX] = {{0}};

    event->kind = WASMRT_TRACE_CALLS;
    event->vals = vals;
    event->nvals = event->is_return ? type->nresults : type->nparams;
    add_values(inst->module,
               event->is_return ? wrt_type_results(type)
                                : wrt_type_params(type),
               (uint32_t)event->nvals, slots, vals);
    debug->trace(debug->trace_user, event);
}

/* What a load will find: little-endian. */
static bool peek(const struct wrt_memory_inst *memory, uint64_t address,
                 uint32_t len, uint64_t *out)
{
    uint64_t whole = wrt_memory_len(memory);

    if (address > whole || len > whole - address)
        return false;
    *out = 0;
    for (uint32_t i = 0; i < len && i < 8; i++)
        *out |= (uint64_t)memory->base[address + i] << (8 * i);
    return true;
}

static void add_access(struct wrt_instance *inst, const struct wrt_insn *insn,
                       const wrt_slot *slots, wasmrt_trace_event *event)
{
    const struct wrt_memarg *memarg = &insn->imm.memarg;
    const struct wrt_memory_inst *memory = inst->memories[memarg->memory_idx];
    uint64_t index = memory->limits.is_64 ? slots[0].u64 : slots[0].u32;

    event->kind = WASMRT_TRACE_MEMORY;
    event->len = 1u << (wrt_op_infos[insn->op].imm - WRT_IMM_MEMARG0);
    /* What is beyond 64 bits is out of bounds anyway. */
    event->address = index > UINT64_MAX - memarg->offset
                         ? UINT64_MAX
                         : index + memarg->offset;
    event->has_value = event->is_store ||
                       peek(memory, event->address, event->len, &event->value);
    if (event->is_store)
        event->value = event->len < 8
                           ? slots[1].u64 & ((1ull << (8 * event->len)) - 1)
                           : slots[1].u64;
}

void wrt_interp_trace(struct wrt_instance *inst, const wrt_cell *pc,
                      const wrt_slot *fp)
{
    struct wrt_module *module = inst->module;
    const struct wrt_code_debug *debug = &module->engine->debug;
    const struct wrt_icode *code = wrt_interp_find(module, pc);
    enum wrt_traced what =
        (enum wrt_traced)(pc->imm32 & ((1u << WRT_TRACED_BITS) - 1));
    const wrt_slot *slots = fp + (pc->imm32 >> WRT_TRACED_BITS);
    wasmrt_trace_event event = {
        .is_return = what == WRT_TRACED_RETURN,
        .is_store = what == WRT_TRACED_STORE,
        .kind = WASMRT_TRACE_INSNS,
        .func_idx = code->func_idx,
        .func_name = wrt_module_func_name(module, code->func_idx),
        .module_offset = wrt_interp_place(code, pc),
    };
    struct wrt_reader r;
    struct wrt_insn insn;

    event.func_offset =
        event.module_offset -
        wrt_module_offset(module, module->funcs[code->func_idx].body);
    if (what == WRT_TRACED_BEGIN || what == WRT_TRACED_RETURN) {
        tell_call(inst, &event, slots);
        return;
    }
    wrt_reader_init(&r, module->bytes, module->len);
    r.pos += event.module_offset;
    wrt_insn_read(module, &r, &insn);
    event.insn = wrt_op_infos[insn.op].text;
    if (what != WRT_TRACED_INSN)
        add_access(inst, &insn, slots, &event);
    debug->trace(debug->trace_user, &event);
}
