/*
 * Machine code as a backend: entry from C, stops, faults, and the walk over
 * frames.
 *
 * Frames are on the C stack, each with a frame pointer: the saved one of the
 * caller, above it the return address.  So a walk needs no tables, only the
 * index of functions for addresses.  Errors are made where the guest stands,
 * before anything is unwound.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/enter.h"

#include "jit/door.h"
#include "jit/tell.h"

#include "runtime/store/func.h"
#include "runtime/store/interrupt.h"
#include "runtime/store/store.h"
#include "runtime/store/trap.h"

enum {
    /* Of a stack whose end nobody knows. */
    UNKNOWN_STACK_BYTES = 64 * 1024,
    /* Limits are multiples of this, so that most entries find theirs set. */
    LIMIT_STEP = 4096,
};

/* -- The stack's limit ----------------------------------------------------- */

/* Where C code enters, and where its stack ends; low 0: unknown. */
struct place {
    uintptr_t here, low;
};

/* Where the guest's frames must end. */
static uintptr_t stack_limit(const struct wrt_ctx *ctx, struct place place)
{
    size_t bytes = ctx->store->engine->max_stack_bytes;
    uintptr_t limit;

    if (WRT_UNLIKELY(!place.low) && bytes > UNKNOWN_STACK_BYTES)
        bytes = UNKNOWN_STACK_BYTES;
    limit = place.here > bytes ? place.here - bytes : 0;
    limit &= ~(uintptr_t)(LIMIT_STEP - 1);
    if (place.low && limit < place.low + JIT_C_RESERVE_BYTES)
        limit = place.low + JIT_C_RESERVE_BYTES;
    return limit;
}

/* An interrupt that is pending, or comes at the same time, wins: it sets its
 * flag first and the limit then, and here it is the other way round. */
void jit_set_limit(struct wrt_instance *inst, uintptr_t limit)
{
    __atomic_store_n(&inst->native_limit, limit, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&inst->ctx->poll, __ATOMIC_SEQ_CST))
        __atomic_store_n(&inst->native_limit, UINTPTR_MAX, __ATOMIC_SEQ_CST);
}

WRT_INLINE void set_limit(struct wrt_instance *inst, uintptr_t limit)
{
    if (WRT_UNLIKELY(__atomic_load_n(&inst->native_limit, __ATOMIC_RELAXED) !=
                     limit))
        jit_set_limit(inst, limit);
}

/* -- Entry ----------------------------------------------------------------- */

/* Runs the code with everything set up for it.  What the instance has for an
 * entry around this one is put back; where there is none on this stack, whoever
 * switches to another sees to it. */
WRT_INLINE wasmrt_error *run(struct wrt_instance *inst, uintptr_t thunk,
                             uintptr_t code, wrt_slot *slots,
                             struct jit_activation *act)
{
    struct wrt_native *native = inst->module->native;
    wrt_slot *outer_args = inst->native_args;
    uintptr_t outer_limit =
        __atomic_load_n(&inst->native_limit, __ATOMIC_RELAXED);
    jit_thunk fn;
    wasmrt_error *error;

    memcpy(&fn, &thunk, sizeof(fn));
    inst->native_args = act->base.sp;
    act->host_args = act->base.sp + native->arg_slots;
    act->base.sp = act->host_args;
    set_limit(inst, act->limit);
    error = fn(inst, act, slots, code);
    if (act->base.prev) {
        inst->native_args = outer_args;
        if (outer_limit && outer_limit != UINTPTR_MAX)
            set_limit(inst, outer_limit);
    }
    return error;
}

/* The same when code or what enters it may have to be made first.  Not in line:
 * this happens once per function. */
static WRT_NOINLINE wasmrt_error *make_code(struct wrt_instance *inst,
                                            uint32_t func_idx, uintptr_t *out,
                                            uintptr_t *thunk)
{
    struct wrt_native *native = inst->module->native;
    uintptr_t code;

    *out = 0;
    if (!native)
        return NULL;
    WRT_TRY(jit_make_ready(native));
    if (!jit_is_ready(native))
        return NULL;
    code = __atomic_load_n(&native->slots[func_idx], __ATOMIC_ACQUIRE);
    if (code == jit_code_address(native, native->stubs[JIT_STUB_LAZY]))
        WRT_TRY(
            jit_compile_now(native, func_idx, &inst->ctx->interrupt, &code));
    *thunk =
        jit_make_thunk(native, inst->module->funcs[func_idx].type_idx, false);
    if (!*thunk && !jit_is_full(native))
        return wrt_error_oom();
    *out = *thunk ? code : 0;
    return NULL;
}

/* The code to run, and what enters it; *out 0 when threaded code has to run. */
WRT_INLINE wasmrt_error *find_code(struct wrt_instance *inst, uint32_t func_idx,
                                   uintptr_t *out, uintptr_t *thunk)
{
    if (WRT_LIKELY(jit_find_code(inst->module, func_idx, out, thunk)))
        return NULL;
    return make_code(inst, func_idx, out, thunk);
}

static wasmrt_error *unwound(struct jit_activation *act, wrt_slot *slots)
{
    (void)slots;
    return act->error;
}

/* Begins an activation: whatever runs in it has the guest's stack from sp on.
 */
WRT_INLINE void activate(struct jit_activation *act, struct wrt_instance *inst,
                         wrt_slot *sp, struct place place)
{
    struct wrt_ctx *ctx = inst->ctx;

    act->base = (struct wrt_activation){.prev = act->base.prev,
                                        .backend = &wrt_jit_backend,
                                        .base = sp,
                                        .sp = sp,
                                        .instance = inst};
    act->limit = stack_limit(ctx, place);
    act->host_args = NULL;
    act->landing = 0;
    act->tail = NULL;
    act->error = NULL;
    act->unwound = unwound;
    ctx->activation = &act->base;
}

/* Whether this thread was given a stack that is no place for guests. */
static bool is_small_stack(struct place place)
{
    return place.low &&
           place.here - place.low < JIT_C_RESERVE_BYTES + JIT_SMALL_STACK_BYTES;
}

/* An error from before the function ran: it is the guest's when it was
 * interrupted. */
static WRT_NOINLINE wasmrt_error *refuse(struct wrt_ctx *ctx,
                                         wasmrt_error *error_taken)
{
    if (wasmrt_error_kind(error_taken) == WASMRT_KIND_TRAP)
        wrt_trap_add_trace(ctx, error_taken);
    return error_taken;
}

/* Runs a function whose parameters are in slots, where its results go.  In
 * line: most of what a call of a small function costs is spent here. */
WRT_INLINE wasmrt_error *run_func(struct jit_activation *act, uint32_t func_idx,
                                  wrt_slot *slots, struct place place)
{
    struct wrt_instance *inst = act->base.instance;
    struct wrt_ctx *ctx = inst->ctx;
    wasmrt_code pending;
    uintptr_t code, thunk;
    wasmrt_error *error = find_code(inst, func_idx, &code, &thunk);

    if (WRT_UNLIKELY(error != NULL))
        return refuse(ctx, error);
    if (WRT_UNLIKELY(!code || (!act->base.prev && is_small_stack(place))))
        return jit_threaded_backend->enter(ctx, inst, func_idx, slots);
    if (WRT_UNLIKELY(place.here <= act->limit ||
                     inst->module->native->arg_slots >
                         (size_t)(ctx->stack_end - act->base.sp)))
        return wrt_trap_error(ctx, WASMRT_ERR_STACK_OVERFLOW);
    pending = wrt_interrupt_pending(ctx);
    if (WRT_UNLIKELY(pending != WASMRT_ERR_NONE))
        return wrt_trap_error(ctx, pending);
    return run(inst, thunk, code, slots, act);
}

/*
 * Goes on with a function in place of the one that entered, which may belong to
 * another instance: calls from one to the other and back pile up nothing.  The
 * parameters move to the start of this entry's part of the guest's stack.
 */
static wasmrt_error *run_tail(struct jit_activation *act, wrt_slot *start,
                              struct place place)
{
    struct wrt_funcref *ref = act->tail;
    const struct wrt_type *type = wrt_func_type(ref);
    struct wrt_instance *inst = act->base.instance;
    size_t room = WRT_MAX(type->param_slots, type->result_slots);

    memmove(start, act->host_args, sizeof(*start) * type->param_slots);
    if (!ref->host)
        inst = ref->instance;
    activate(act, inst, start + room, place);
    return ref->host ? wrt_host_call(inst->ctx, inst, ref->host, start)
                     : run_func(act, ref->func_idx, start, place);
}

/* And with those after it, until one returns.  Its results have the type of
 * those that the first function was to have. */
static WRT_NOINLINE wasmrt_error *run_tails(struct jit_activation *act,
                                            const struct wrt_type *type,
                                            wrt_slot *slots, wrt_slot *start,
                                            struct place place)
{
    wasmrt_error *error;

    do {
        error = run_tail(act, start, place);
    } while (!error && act->tail);
    if (!error)
        memcpy(slots, start, sizeof(*slots) * type->result_slots);
    return error;
}

wasmrt_error *jit_run_tails(struct jit_activation *act,
                            const struct wrt_type *type, wrt_slot *slots,
                            wrt_slot *start)
{
    const struct place place = {(uintptr_t)__builtin_frame_address(0),
                                wrt_os_stack_low()};

    return run_tails(act, type, slots, start, place);
}

static wasmrt_error *enter(struct wrt_ctx *ctx, struct wrt_instance *inst,
                           uint32_t func_idx, wrt_slot *slots)
{
    struct jit_activation act;
    const struct place place = {(uintptr_t)__builtin_frame_address(0),
                                wrt_os_stack_low()};
    wrt_slot *start = ctx->activation ? ctx->activation->sp : ctx->stack_base;
    wasmrt_error *error;

    act.base.prev = ctx->activation;
    activate(&act, inst, start, place);
    error = run_func(&act, func_idx, slots, place);
    if (WRT_UNLIKELY(act.tail && !error))
        error = run_tails(&act, wrt_module_func_type(inst->module, func_idx),
                          slots, start, place);
    ctx->activation = act.base.prev;
    return error;
}

/* -- Stops ----------------------------------------------------------------- */

void jit_stand_at(struct wrt_instance *inst, const void *pc, uintptr_t frame)
{
    struct wrt_activation *act = inst->ctx->activation;

    act->pc = pc;
    act->fp = (wrt_slot *)frame;
}

uint64_t jit_fail(struct wrt_instance *inst, wasmrt_error *error_taken)
{
    jit_innermost(inst)->error = error_taken;
    return 1;
}

uint64_t jit_on_trap(struct wrt_instance *inst, uintptr_t code, wrt_slot *pc,
                     uintptr_t frame)
{
    wasmrt_code why = (wasmrt_code)code, pending;

    pending = wrt_interrupt_pending(inst->ctx);
    if (why == WASMRT_ERR_INTERRUPTED && pending != WASMRT_ERR_NONE)
        why = pending;
    jit_stand_at(inst, pc, frame);
    if (code == JIT_CODE_THROWN)
        return jit_fail(inst, jit_throw_exn(inst, jit_innermost(inst)->thrown));
    return jit_fail(inst, wrt_trap_error(inst->ctx, why));
}

uint64_t jit_on_fault(struct wrt_instance *inst, uintptr_t activation,
                      wrt_slot *unused, uintptr_t unused_too)
{
    (void)activation;
    (void)unused;
    (void)unused_too;
    return jit_fail(inst, wrt_trap_error(inst->ctx, WASMRT_ERR_MEMORY_OOB));
}

/* The limit was found raised, or passed.  0: neither any more. */
uint64_t jit_on_stop(struct wrt_instance *inst, uintptr_t pc, wrt_slot *sp,
                     uintptr_t frame)
{
    struct jit_activation *act = jit_innermost(inst);
    wasmrt_code why = wrt_interrupt_pending(inst->ctx);

    /* No frame is left to begin a trace with when the function was tail-called
     * in place of the outermost one.  It has a frame soon, and the limit stays
     * raised: its first loop or call stops. */
    if (__atomic_load_n(&inst->ctx->poll, __ATOMIC_SEQ_CST) &&
        (uintptr_t)sp >= act->limit && !jit_find_func(inst->module->native, pc))
        return 0;
    if (why == WASMRT_ERR_NONE && (uintptr_t)sp < act->limit)
        why = WASMRT_ERR_STACK_OVERFLOW;
    if (why == WASMRT_ERR_NONE) {
        act->base.pc = (const void *)pc;
        act->base.fp = (wrt_slot *)frame;
        why = (wasmrt_code)wrt_poll(inst->ctx);
        set_limit(inst, act->limit);
    }
    if (why == WASMRT_ERR_NONE)
        return 0;
    jit_stand_at(inst, (const void *)pc, frame);
    return jit_fail(inst, wrt_trap_error(inst->ctx, why));
}

/* A basic block has taken more than was left: gives it back, and looks for what
 * other threads of the guest have left.  0: the block is paid. */
uint64_t jit_on_fuel(struct wrt_instance *inst, uintptr_t units, wrt_slot *pc,
                     uintptr_t frame)
{
    struct wrt_ctx *ctx = inst->ctx;

    ctx->fuel += units;
    if (wrt_fuel_take(ctx, units))
        return 0;
    jit_stand_at(inst, pc, frame);
    return jit_fail(inst, wrt_trap_error(ctx, WASMRT_ERR_FUEL_EXHAUSTED));
}

/* -- Calls out ------------------------------------------------------------- */

/* Stands at the call whose frame an adapter made: behind its saved frame
 * pointer is the way back. */
static void stand_at_call(struct wrt_instance *inst, uintptr_t frame)
{
    const uintptr_t *words = (const uintptr_t *)frame;
    struct wrt_activation *act = inst->ctx->activation;

    jit_stand_at(inst, (const void *)words[1], words[0]);
    act->native_low = (const wrt_slot *)(frame + 2 * sizeof(uintptr_t));
}

static uint64_t call_host(struct wrt_instance *inst, struct wrt_funcref *ref,
                          wrt_slot *slots)
{
    struct wrt_ctx *ctx = inst->ctx;
    struct jit_activation *act = jit_innermost(inst);
    const struct wrt_type *type = ref->host->type;
    size_t nparams = type->param_slots, nresults = type->result_slots;
    size_t both = nparams + WRT_MAX(nparams, nresults);
    wrt_slot *kept = act->host_args, *given = kept + nparams;
    wasmrt_error *error;

    if (both > (size_t)(ctx->stack_end - kept))
        return jit_fail(inst, wrt_trap_error(ctx, WASMRT_ERR_STACK_OVERFLOW));
    wrt_slots_copy(kept, slots, nparams);
    wrt_slots_copy(given, slots, nparams);
    act->base.sp = kept + both;
    error = wrt_host_call(ctx, inst, ref->host, given);
    act->base.sp = kept;
    if (error)
        return jit_fail(inst, jit_throw_error(inst, error));
    wrt_slots_copy(slots, given, nresults);
    return 0;
}

uint64_t jit_call_ref(struct wrt_instance *inst, uintptr_t what,
                      wrt_slot *slots, uintptr_t frame)
{
    struct wrt_funcref *ref = (struct wrt_funcref *)what;
    wasmrt_error *error;

    stand_at_call(inst, frame);
    if (ref->host)
        return call_host(inst, ref, slots);
    error = wrt_func_call(inst->ctx, ref, slots);
    return error ? jit_fail(inst, jit_throw_error(inst, error)) : 0;
}

/* The same in place of the frame whose caller is next.  When that is C code, it
 * is asked to go on with the function. */
uint64_t jit_tail_ref(struct wrt_instance *inst, uintptr_t what,
                      wrt_slot *slots, uintptr_t frame)
{
    struct wrt_funcref *ref = (struct wrt_funcref *)what;
    const uintptr_t *words = (const uintptr_t *)frame;
    struct jit_activation *act = jit_innermost(inst);
    const struct wrt_type *type = wrt_func_type(ref);
    size_t room = WRT_MAX(type->param_slots, type->result_slots);

    if (jit_find_func(inst->module->native, words[1]) ||
        room > (size_t)(inst->ctx->stack_end - act->host_args))
        return jit_call_ref(inst, what, slots, frame);
    memcpy(act->host_args, slots, sizeof(*slots) * type->param_slots);
    act->tail = ref;
    return 1;
}

uint64_t jit_call_import(struct wrt_instance *inst, uintptr_t func_idx,
                         wrt_slot *slots, uintptr_t frame)
{
    return jit_call_ref(inst, (uintptr_t)inst->imported_funcs[func_idx], slots,
                        frame);
}

/* A function that has no machine code. */
uint64_t jit_call_threaded(struct wrt_instance *inst, uintptr_t func_idx,
                           wrt_slot *slots, uintptr_t frame)
{
    wasmrt_error *error;

    stand_at_call(inst, frame);
    error =
        jit_threaded_backend->enter(inst->ctx, inst, (uint32_t)func_idx, slots);
    return error ? jit_fail(inst, jit_throw_error(inst, error)) : 0;
}

/* -- Switches between stacks ----------------------------------------------- */

/* Each entry sets what its instance holds, and puts back what it found; so the
 * innermost entry of an instance decides, and only entries on one stack nest.
 */
static void switched(struct wrt_ctx *ctx)
{
    uint64_t number = ++ctx->nswitches;

    for (struct wrt_activation *a = ctx->activation; a; a = a->prev) {
        struct wrt_instance *inst = a->instance;
        const struct jit_activation *act = (const struct jit_activation *)a;

        if (a->backend != &wrt_jit_backend || !act->host_args ||
            inst->switched == number)
            continue;
        inst->switched = number;
        inst->native_args = act->host_args - inst->module->native->arg_slots;
        set_limit(inst, act->limit);
    }
}

/* -- Walks and faults ------------------------------------------------------ */

/* A bit of the activation's pc that no address has: the guest stands at an
 * access that has faulted, and not behind a call. */
#define AT_FAULT ((uintptr_t)1 << (8 * sizeof(uintptr_t) - 1))

/* Where an address is in a function's code. */
static uint32_t pc_in(const struct wrt_native *native,
                      const struct jit_func *func, uintptr_t pc)
{
    return (uint32_t)(pc - jit_code_address(native, func->start));
}

static bool describe(struct wrt_frame_iter *iter)
{
    const struct wrt_module *module = iter->instance->module;
    const struct wrt_native *native = module->native;
    uintptr_t pc = (uintptr_t)iter->pc & ~AT_FAULT;
    bool is_fault = pc != (uintptr_t)iter->pc;
    const struct jit_func *func = jit_find_func(native, pc);
    uint32_t offset = 0;

    if (!func)
        return false;
    iter->func_idx = func->func_idx;
    if (iter->wants_offset)
        jit_find_place(func, pc_in(native, func, pc), is_fault, &offset);
    iter->module_offset =
        wrt_module_offset(module, module->funcs[func->func_idx].body) + offset;
    return true;
}

bool jit_next_frame(struct wrt_frame_iter *iter, bool first)
{
    if (!iter->pc)
        return false;
    if (!first) {
        const uintptr_t *words = (const uintptr_t *)iter->fp;

        iter->pc = (const void *)words[1];
        iter->fp = (wrt_slot *)words[0];
    }
    return describe(iter);
}

static bool claim_fault(struct wrt_activation *activation,
                        const struct wrt_fault *fault,
                        void (**resume)(struct wrt_activation *))
{
    const struct wrt_native *native = activation->instance->module->native;
    const struct jit_func *func =
        native ? jit_find_func(native, fault->pc) : NULL;
    uint32_t offset;
    uintptr_t stub;

    if (!func ||
        !jit_find_place(func, pc_in(native, func, fault->pc), true, &offset))
        return false;
    activation->pc = (const void *)(fault->pc | AT_FAULT);
    activation->fp = (wrt_slot *)(uintptr_t)fault->regs[jit_target.frame];
    stub = jit_code_address(native, native->stubs[JIT_STUB_FAULT]);
    memcpy(resume, &stub, sizeof(stub));
    return true;
}

static wasmrt_error *check(bool is_asked_for)
{
    const char *why = jit_target_is_usable()
                          ? wrt_os_code_refusal(is_asked_for)
                          : "the processor lacks SSE4.1 or POPCNT";

    return why ? wrt_error_new(WASMRT_ERR_ENGINE_UNAVAILABLE, WRT_NO_OFFSET,
                               "no machine code: %s", why)
               : NULL;
}

const struct wrt_backend wrt_jit_backend = {
    .name = "jit",
    .check = check,
    .features = (wrt_features)WRT_FEATURES_DEFAULT,
    .compile = jit_compile_module,
    .entries = jit_entries,
    .enter = enter,
    .open = jit_open,
    .next_frame = jit_next_frame,
    .count_code = jit_count,
    .list_code = jit_list_threaded,
    .list_machine_code = jit_list,
    .switched = switched,
    .claim_fault = claim_fault,
};
