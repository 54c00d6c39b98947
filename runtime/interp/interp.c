/*
 * The interpreter as a backend: entry from the host, calls of host functions,
 * traps and faults.  Stack walks are in walk.c, exceptions in throw.c.
 *
 * An entry keeps its state in an activation on the C stack.  A trap leaves the
 * handlers by an ordinary return; only a hardware fault, which can happen deep
 * in a handler's register state, comes back by longjmp.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/interp.h"

#include "runtime/base/access.h"
#include "runtime/interp/list.h"
#include "runtime/interp/walk.h"
#include "runtime/store/engine.h"
#include "runtime/store/func.h"
#include "runtime/store/ops.h"

#include <setjmp.h>

/* One entry: what the store knows of it, and what only this file does. */
struct activation {
    struct wrt_activation base;
    wasmrt_error *error; /* for WRT_INTERP_ERROR; owned */
    jmp_buf on_fault;
};

/* Where the outermost function of an entry returns to. */
const wrt_cell wrt_interp_exit_cells[2] = {
    {.a = 0, .b = 0}, /* return information: the same frame */
    {.op = WRT_IOP_EXIT},
};

/* -- Entry ----------------------------------------------------------------- */

/* The first free slot of the guest stack. */
static wrt_slot *stack_top(const struct wrt_ctx *ctx)
{
    return ctx->activation ? ctx->activation->sp : ctx->stack_base;
}

/* Runs with a landing place for faults.  Kept apart so that nothing of the
 * caller lives in registers across setjmp. */
static WRT_NOINLINE uint64_t run_guarded(struct activation *act,
                                         const struct wrt_icode *code,
                                         wrt_slot *fp,
                                         struct wrt_instance *instance)
{
    if (setjmp(act->on_fault) != 0)
        return WASMRT_ERR_MEMORY_OOB;
    return wrt_interp_run(code, fp, instance);
}

static wasmrt_error *stop(struct wrt_ctx *ctx, struct activation *act,
                          uint64_t code)
{
    if (code == 0)
        return NULL;
    if (code == WRT_INTERP_ERROR)
        return act->error;
    return wrt_trap_error(ctx, (wasmrt_code)code);
}

/* The other engine asks us to run what it was expected to: it cannot. */
static wasmrt_error *lower_after_all(const struct wrt_instance *instance,
                                     uint32_t func_idx,
                                     const struct wrt_icode **out)
{
    struct wrt_icode *code = NULL;

    WRT_TRY(wrt_interp_lower_now(instance->module, func_idx,
                                 &instance->ctx->interrupt, &code));
    *out = code;
    return NULL;
}

/* The frame lies on top of the guest's stack, and returns to a cell that leaves
 * the interpreter. */
static wasmrt_error *enter(struct wrt_ctx *ctx, struct wrt_instance *instance,
                           uint32_t func_idx, wrt_slot *slots)
{
    const struct wrt_type *type =
        wrt_module_func_type(instance->module, func_idx);
    const struct wrt_icode *code =
        __atomic_load_n(&instance->code[func_idx], __ATOMIC_ACQUIRE);
    struct activation act; /* the landing place is run_guarded()'s */
    wrt_slot *fp = stack_top(ctx);
    wasmrt_error *error;

    if (WRT_UNLIKELY(code->cells[0].op == WRT_IOP_ENGINE_CALL))
        WRT_TRY(lower_after_all(instance, func_idx, &code));
    act.error = NULL;
    act.base = (struct wrt_activation){
        .prev = ctx->activation,
        .backend = &wrt_interp_backend,
        .base = fp,
        .pc = &wrt_interp_exit_cells[0],
        .fp = fp,
        .instance = instance,
        .sp = fp,
    };
    ctx->activation = &act.base;
    if (fp + code->frame_slots > ctx->stack_end ||
        fp + type->result_slots > ctx->stack_end) {
        error = wrt_trap_error(ctx, WASMRT_ERR_STACK_OVERFLOW);
    } else if (__atomic_load_n(&ctx->interrupt, __ATOMIC_RELAXED)) {
        error = wrt_trap_error(ctx, wrt_interp_interrupt(ctx));
    } else {
        wrt_slots_copy(fp, slots, type->param_slots);
        fp[code->nparams].ref = (void *)(uintptr_t)&wrt_interp_exit_cells[1];
        error = stop(ctx, &act, run_guarded(&act, code, fp, instance));
    }
    ctx->activation = act.base.prev;
    if (!error)
        wrt_slots_copy(slots, fp, type->result_slots);
    return error;
}

/* -- Called by handlers ---------------------------------------------------- */

wasmrt_code wrt_interp_interrupt(struct wrt_ctx *ctx)
{
    uint32_t code = __atomic_load_n(&ctx->interrupt, __ATOMIC_RELAXED);

    return code ? (wasmrt_code)code : WASMRT_ERR_INTERRUPTED;
}

uint64_t wrt_interp_fail(struct wrt_ctx *ctx, wasmrt_error *error_taken)
{
    struct activation *act = (struct activation *)ctx->activation;

    act->error = error_taken;
    return WRT_INTERP_ERROR;
}

wasmrt_error *wrt_interp_failure(struct wrt_ctx *ctx)
{
    return ((struct activation *)ctx->activation)->error;
}

const struct wrt_icode *wrt_interp_lower(struct wrt_instance *inst,
                                         uint32_t func_idx)
{
    struct wrt_icode *code = NULL;
    wasmrt_error *error = wrt_interp_lower_now(inst->module, func_idx,
                                               &inst->ctx->interrupt, &code);
    wasmrt_code why = error ? wasmrt_error_code(error) : WASMRT_ERR_NONE;

    /* Interrupts are traps of the guest's, with a stack trace. */
    if (wrt_is_interrupt(why))
        wasmrt_error_delete(error);
    else if (error)
        wrt_interp_fail(inst->ctx, error);
    return code;
}

uint64_t wrt_interp_why_not(struct wrt_ctx *ctx)
{
    const struct activation *act = (struct activation *)ctx->activation;

    return act->error ? (uint64_t)WRT_INTERP_ERROR : wrt_interp_interrupt(ctx);
}

/* The guest stands at its call, in the stub's frame.  Returns where parameters
 * are and results go. */
static wrt_slot *stand_at_call(struct wrt_instance *inst, wrt_slot *frame,
                               uint32_t nparams, uint32_t nresults)
{
    struct wrt_activation *act = inst->ctx->activation;
    const wrt_cell *ret = frame[nparams].ref;
    wrt_slot *scratch = frame + nparams + 2;

    act->pc = ret - 1;
    act->fp = frame - ret[-1].a;
    act->instance = inst;
    act->sp = scratch + WRT_MAX(nparams, nresults);
    memcpy(scratch, frame, sizeof(*frame) * nparams);
    return scratch;
}

uint64_t wrt_interp_call_host(struct wrt_instance *inst,
                              struct wrt_funcref *ref, wrt_slot *frame,
                              uint32_t nparams, uint32_t nresults)
{
    wrt_slot *scratch = stand_at_call(inst, frame, nparams, nresults);
    wasmrt_error *error = wrt_host_call(inst->ctx, inst, ref->host, scratch);

    return error ? wrt_interp_fail(inst->ctx, error) : 0;
}

uint64_t wrt_interp_call_engine(struct wrt_instance *inst, uint32_t func_idx,
                                wrt_slot *frame, uint32_t nparams,
                                uint32_t nresults)
{
    wrt_slot *scratch = stand_at_call(inst, frame, nparams, nresults);
    const struct wrt_backend *backend = inst->module->engine->backend;
    wasmrt_error *error = backend->enter(inst->ctx, inst, func_idx, scratch);

    return error ? wrt_interp_fail(inst->ctx, error) : 0;
}

uint64_t wrt_interp_alloc(struct wrt_instance *inst, wrt_slot *top,
                          uint32_t info, uint32_t size)
{
    const struct wrt_object header = {info, size};
    struct wrt_object *object;

    wrt_gc_set_top(inst->ctx, top);
    inst->ctx->gc.failure = wrt_gc_alloc_slow(inst->ctx, header, size, &object);
    return inst->ctx->gc.failure ? 0 : (uintptr_t)object;
}

bool wrt_interp_is_below(struct wrt_instance *inst, uint32_t info,
                         uint32_t type_idx)
{
    const enum wrt_object_kind kind =
        (enum wrt_object_kind)(info >> WRT_OBJECT_KIND_SHIFT);

    /* Others have no type id. */
    return kind <= WRT_OBJECT_ARRAY &&
           wrt_types_is_subtype(inst->module->types, info & WRT_OBJECT_ID_MASK,
                                inst->module->type_ids[type_idx]);
}

bool wrt_interp_type_matches(struct wrt_instance *inst,
                             const struct wrt_funcref *ref, uint32_t type_idx)
{
    return wrt_types_is_subtype(inst->module->types, ref->type_id,
                                inst->module->type_ids[type_idx]);
}

uint64_t wrt_interp_wait(struct wrt_ctx *ctx, struct wrt_memory_inst *memory,
                         const void *ptr, uint64_t addr, uint32_t size,
                         const wrt_slot *args)
{
    const struct wrt_wait wait = {
        .ptr = ptr,
        .addr = addr,
        .size = size,
        .expected = args[1].u64,
        .timeout_ns = args[2].i64,
    };
    struct wrt_wait_result result = wrt_op_wait(ctx, memory, &wait);

    return (uint64_t)result.code << 32 | result.value;
}

/* -- Faults ---------------------------------------------------------------- */

/* Addresses of guarded accesses, relative to their own place; see access.h. */
extern const int32_t __start_wrt_faults[] __attribute__((weak));
extern const int32_t __stop_wrt_faults[] __attribute__((weak));

static bool is_guest_access(uintptr_t pc)
{
    for (const int32_t *f = __start_wrt_faults; f < __stop_wrt_faults; f++) {
        if ((uintptr_t)f + (uintptr_t)(intptr_t)*f == pc)
            return true;
    }
    return false;
}

static void resume(struct wrt_activation *activation)
{
    struct activation *act = (struct activation *)activation;

    longjmp(act->on_fault, 1);
}

static bool claim_fault(struct wrt_activation *activation,
                        const struct wrt_fault *fault,
                        void (**resume_out)(struct wrt_activation *))
{
    if (!is_guest_access(fault->pc))
        return false;
    if (WRT_INTERP_TAIL) {
        activation->pc = (const void *)(uintptr_t)fault->regs[WRT_ACCESS_PC];
        activation->fp = (wrt_slot *)(uintptr_t)fault->regs[WRT_ACCESS_FP];
        activation->instance =
            (struct wrt_instance *)(uintptr_t)fault->regs[WRT_ACCESS_INST];
    }
    *resume_out = resume;
    return true;
}

const struct wrt_backend wrt_interp_backend = {
    .name = "interp",
    .features = (wrt_features)WRT_FEATURES_DEFAULT,
    .compile = wrt_interp_compile,
    .entries = wrt_interp_entries,
    .enter = enter,
    .next_frame = wrt_interp_next_frame,
    .count_code = wrt_interp_count,
    .list_code = wrt_interp_list,
    .claim_fault = WRT_HAS_GUARDED_ACCESS ? claim_fault : NULL,
};
