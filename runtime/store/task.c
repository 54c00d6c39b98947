/*
 * Tasks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/task.h"

#include "runtime/store/func.h"
#include "runtime/store/interrupt.h"
#include "runtime/store/signal.h"
#include "runtime/store/store.h"
#include "runtime/store/value.h"

static wasmrt_error *misuse(const char *rule)
{
    return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET, "%s", rule);
}

/* -- Switching ------------------------------------------------------------- */

struct wrt_strand wrt_strand_read(const struct wrt_ctx *ctx)
{
    return (struct wrt_strand){
        .stack_base = ctx->stack_base,
        .stack_end = ctx->stack_end,
        .stack_bytes = ctx->stack_bytes,
        .activation = ctx->activation,
        .frames = ctx->gc.frames,
        .handles = ctx->gc.handles,
        .nhandles = ctx->gc.nhandles,
        .handles_capacity = ctx->gc.handles_capacity,
        .scope = ctx->gc.scope,
        .signal = wrt_signal_current,
    };
}

static void write_strand(struct wrt_ctx *ctx, const struct wrt_strand *strand)
{
    ctx->stack_base = strand->stack_base;
    ctx->stack_end = strand->stack_end;
    ctx->stack_bytes = strand->stack_bytes;
    ctx->activation = strand->activation;
    ctx->gc.frames = strand->frames;
    ctx->gc.handles = strand->handles;
    ctx->gc.nhandles = strand->nhandles;
    ctx->gc.handles_capacity = strand->handles_capacity;
    ctx->gc.scope = strand->scope;
    wrt_signal_current = strand->signal;
}

static void exchange(struct wrt_ctx *ctx, struct wasmrt_task *task)
{
    const struct wrt_backend *backend = ctx->store->engine->backend;
    struct wrt_strand strand = wrt_strand_read(ctx);

    write_strand(ctx, &task->strand);
    task->strand = strand;
    if (ctx->activation && backend->switched)
        backend->switched(ctx);
}

/* The call has ended and its frames are gone. */
static wasmrt_error *finish(struct wasmrt_task *task)
{
    struct wrt_store *store = task->store;
    wasmrt_error *error = task->error;

    wrt_os_context_fini(&task->own);
    wrt_stack_put(store->engine, &task->stack);
    wrt_free_array(&store->engine->alloc, task->strand.handles,
                   task->strand.handles_capacity,
                   sizeof(*task->strand.handles));
    task->strand = (struct wrt_strand){0};
    task->error = NULL;
    task->has_results = task->func && !error;
    if (task->has_results && store->ctx.gc.heap)
        wrt_func_hold_results(&store->ctx, wrt_func_type(task->func),
                              task->slots);
    return error;
}

/* Lets the task run until it is suspended or has ended. */
static wasmrt_error *run(struct wasmrt_task *task)
{
    struct wrt_ctx *ctx = &task->store->ctx;

    task->resumer = ctx->task;
    task->state = WRT_TASK_RUNNING;
    ctx->task = task;
    exchange(ctx, task);
    wrt_os_context_switch(&task->outer, &task->own);
    exchange(ctx, task);
    ctx->task = task->resumer;
    return task->state == WRT_TASK_IDLE ? finish(task) : NULL;
}

/* The first function on the stack. */
static void task_main(void *arg)
{
    struct wasmrt_task *task = arg;
    struct wasmrt_caller caller = {&task->store->ctx, NULL};

    task->error = task->run(task->env, &caller);
    task->state = WRT_TASK_IDLE;
    wrt_os_context_leave(&task->own, &task->outer);
}

/* -- Lifetime -------------------------------------------------------------- */

wasmrt_error *wrt_task_new(struct wrt_store *store, void *data,
                           struct wasmrt_task **out)
{
    struct wasmrt_task *task =
        wrt_alloc_zero(&store->engine->alloc, sizeof(*task));

    if (!task)
        return wrt_error_oom();
    task->store = store;
    task->data = data;
    task->slots = task->few;
    task->next = store->tasks;
    if (task->next)
        task->next->prev = task;
    store->tasks = task;
    *out = task;
    return NULL;
}

static void free_slots(struct wasmrt_task *task)
{
    if (task->nslots)
        wrt_free_array(&task->store->engine->alloc, task->slots, task->nslots,
                       sizeof(*task->slots));
    task->slots = task->few;
    task->nslots = 0;
}

void wrt_task_delete(struct wasmrt_task *task)
{
    if (task->next)
        task->next->prev = task->prev;
    if (task->prev)
        task->prev->next = task->next;
    else
        task->store->tasks = task->next;
    free_slots(task);
    wrt_free(&task->store->engine->alloc, task, sizeof(*task));
}

bool wrt_task_may_delete_all(const struct wrt_store *store)
{
    const void *here = wrt_os_thread_self();

    for (const struct wasmrt_task *t = store->tasks; t; t = t->next) {
        if (t->state == WRT_TASK_RUNNING ||
            (t->state == WRT_TASK_SUSPENDED && !t->is_movable &&
             t->thread != here))
            return false;
    }
    return true;
}

void wrt_task_delete_all(struct wrt_store *store)
{
    while (store->tasks) {
        wasmrt_error_delete(wrt_task_cancel(store->tasks));
        wrt_task_delete(store->tasks);
    }
}

/* -- Running --------------------------------------------------------------- */

/* Takes a stack and begins on it. */
static wasmrt_error *start(struct wasmrt_task *task, wasmrt_task_fn fn,
                           void *env)
{
    struct wrt_store *store = task->store;
    const size_t native_bytes = store->engine->task_native_bytes,
                 guest_bytes = store->engine->task_guest_bytes;
    struct wrt_stack stack;

    WRT_TRY(wrt_stack_get(store->engine, &stack));
    if (!wrt_os_context_init(&task->own, stack.low, native_bytes, task_main,
                             task)) {
        wrt_stack_put(store->engine, &stack);
        return wrt_error_oom();
    }
    task->stack = stack;
    task->thread = wrt_os_thread_self();
    task->strand = (struct wrt_strand){
        .stack_base = stack.slots,
        .stack_end = stack.slots + guest_bytes / sizeof(*stack.slots),
        .stack_bytes = guest_bytes,
        .signal = &store->ctx,
    };
    task->outer = (struct wrt_os_context){0};
    task->is_cancelled = false;
    task->run = fn;
    task->env = env;
    return run(task);
}

/* Forgets the call before. */
static wasmrt_error *reset(struct wasmrt_task *task)
{
    if (task->state != WRT_TASK_IDLE)
        return misuse("task_start: a call is in progress in the task");
    free_slots(task);
    task->func = NULL;
    task->has_results = false;
    return NULL;
}

wasmrt_error *wrt_task_start(struct wasmrt_task *task, wasmrt_task_fn fn,
                             void *env)
{
    WRT_TRY(reset(task));
    return start(task, fn, env);
}

/* The raw call of a function, as what a task runs. */
static wasmrt_error *call_func(void *env, wasmrt_caller *caller)
{
    struct wasmrt_task *task = env;

    return wrt_func_call(caller->ctx, task->func, task->slots);
}

wasmrt_error *wrt_task_start_func(struct wasmrt_task *task,
                                  struct wrt_funcref *func,
                                  const wasmrt_val *args)
{
    const struct wrt_type *type = wrt_func_type(func);
    const struct wrt_alloc *alloc = &task->store->engine->alloc;
    size_t count = WRT_MAX(type->param_slots, type->result_slots);

    WRT_TRY(reset(task));
    if (count > WRT_TASK_FEW_SLOTS) {
        wrt_slot *slots = wrt_alloc_array(alloc, count, sizeof(*slots));

        if (!slots)
            return wrt_error_oom();
        task->slots = slots;
        task->nslots = count;
    }
    for (uint32_t i = 0, at = 0; i < type->nparams; i++)
        at += wrt_value_store(&args[i], &task->slots[at]);
    task->func = func;
    return start(task, call_func, task);
}

static bool may_run_here(const struct wasmrt_task *task)
{
    return task->is_movable || task->thread == wrt_os_thread_self();
}

wasmrt_error *wrt_task_resume(struct wasmrt_task *task, void *value)
{
    if (task->state != WRT_TASK_SUSPENDED)
        return misuse("task_resume: the task is not suspended");
    if (!may_run_here(task))
        return misuse("task_resume: another thread started the task");
    /* Its guest has entered on a thread that had one. */
    if (task->is_movable &&
        task->store->engine->memory_mode == WRT_MEMORY_GUARDED &&
        !wrt_os_ensure_signal_stack())
        return wrt_error_oom();
    task->value = value;
    return run(task);
}

/* An interrupt that was pending before goes to whoever runs next. */
wasmrt_error *wrt_task_cancel(struct wasmrt_task *task)
{
    struct wrt_ctx *ctx = &task->store->ctx;
    wasmrt_code pending = wrt_interrupt_pending(ctx);

    if (task->state == WRT_TASK_IDLE)
        return NULL;
    if (task->state == WRT_TASK_RUNNING)
        return misuse("task_cancel: the task runs");
    if (!may_run_here(task))
        return misuse("task_cancel: another thread started the task");
    task->is_cancelled = true;
    wrt_interrupt_raise(ctx, WASMRT_ERR_CANCELLED);
    wasmrt_error_delete(run(task));
    WRT_ASSERT(task->state == WRT_TASK_IDLE, "cancelled tasks do not suspend");
    wrt_interrupt_clear(ctx, WASMRT_ERR_CANCELLED);
    if (pending != WASMRT_ERR_NONE)
        wrt_interrupt_raise(ctx, pending);
    return NULL;
}

/* -- Suspending ------------------------------------------------------------ */

/* Guests of another store that stand on the stack are not in the strand. */
bool wrt_task_can_suspend(const struct wrt_ctx *ctx)
{
    return ctx->task && wrt_signal_current == ctx;
}

/* Why a task that was or is to be suspended has to end, or NULL. */
static wasmrt_error *stopped(const struct wrt_ctx *ctx)
{
    if (ctx->task->is_cancelled)
        return wasmrt_error_new(WASMRT_ERR_CANCELLED, NULL);
    return wrt_interrupt_error(ctx);
}

wasmrt_error *wrt_task_suspend(struct wrt_ctx *ctx, void **value)
{
    struct wasmrt_task *task = ctx->task;

    if (!task)
        return misuse("task_suspend: the call is not in a task");
    if (!wrt_task_can_suspend(ctx))
        return misuse("task_suspend: a guest of another store is in the way");
    WRT_TRY(stopped(ctx));
    task->state = WRT_TASK_SUSPENDED;
    wrt_os_context_switch(&task->own, &task->outer);
    WRT_TRY(stopped(ctx));
    if (value)
        *value = task->value;
    return NULL;
}

bool wrt_task_is_outermost(const struct wrt_ctx *ctx)
{
    if (ctx->activation)
        return false;
    for (const struct wasmrt_task *t = ctx->task; t; t = t->resumer) {
        if (t->strand.activation)
            return false;
    }
    return true;
}
