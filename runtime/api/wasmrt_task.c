/*
 * wasmrt/task.h: tasks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/task.h"

#include "runtime/api/misuse.h"
#include "runtime/store/func.h"
#include "runtime/store/store.h"
#include "runtime/store/value.h"

/* -- The host's side ------------------------------------------------------- */

wasmrt_error *wasmrt_task_new(wasmrt_store *store, void *data,
                              wasmrt_task **out)
{
    WRT_REQUIRE(store && out, "task_new: an argument is NULL");
    return wrt_task_new(store, data, out);
}

void wasmrt_task_delete(wasmrt_task *task)
{
    if (!task)
        return;
    wasmrt_error_delete(wrt_task_cancel(task));
    if (task->state == WRT_TASK_IDLE)
        wrt_task_delete(task);
}

void wasmrt_task_set_movable(wasmrt_task *task, bool on)
{
    task->is_movable = on;
}

wasmrt_error *wasmrt_task_start(wasmrt_task *task, wasmrt_func *func,
                                const wasmrt_val *args, size_t nargs)
{
    const struct wrt_type *type;

    WRT_REQUIRE(task && func, "task_start: an argument is NULL");
    WRT_REQUIRE(wrt_func_store(func) == task->store,
                "task_start: the function is of another store");
    type = wrt_func_type(func);
    WRT_REQUIRE(nargs == type->nparams,
                "task_start: the function has another number of parameters");
    WRT_TRY(wrt_check_args(task->store, type, args, "task_start"));
    return wrt_task_start_func(task, func, args);
}

wasmrt_error *wasmrt_task_start_host(wasmrt_task *task, wasmrt_task_fn fn,
                                     void *env)
{
    WRT_REQUIRE(task && fn, "task_start_host: an argument is NULL");
    return wrt_task_start(task, fn, env);
}

wasmrt_error *wasmrt_task_resume(wasmrt_task *task, void *value)
{
    WRT_REQUIRE(task, "task_resume: the task is NULL");
    return wrt_task_resume(task, value);
}

wasmrt_error *wasmrt_task_cancel(wasmrt_task *task)
{
    WRT_REQUIRE(task, "task_cancel: the task is NULL");
    return wrt_task_cancel(task);
}

bool wasmrt_task_is_suspended(const wasmrt_task *task)
{
    return task->state == WRT_TASK_SUSPENDED;
}

wasmrt_error *wasmrt_task_results(const wasmrt_task *task, wasmrt_val *results,
                                  size_t nresults)
{
    const struct wrt_types *types;
    const struct wrt_type *type;

    WRT_REQUIRE(task, "task_results: the task is NULL");
    WRT_REQUIRE(task->has_results, "task_results: no call has ended with any");
    types = task->store->engine->types;
    type = wrt_func_type(task->func);
    WRT_REQUIRE(nresults == type->nresults && (results || !nresults),
                "task_results: the function has another number of them");
    for (uint32_t i = 0, at = 0; i < type->nresults; i++)
        at += wrt_value_load(wrt_value_kind(types, wrt_type_results(type)[i]),
                             &task->slots[at], &results[i]);
    return NULL;
}

void *wasmrt_task_data(const wasmrt_task *task)
{
    return task->data;
}

wasmrt_store *wasmrt_task_store(const wasmrt_task *task)
{
    return task->store;
}

/* -- Host functions -------------------------------------------------------- */

wasmrt_task *wasmrt_caller_task(wasmrt_caller *caller)
{
    return caller->ctx->task;
}

wasmrt_error *wasmrt_task_suspend(wasmrt_caller *caller, void **value)
{
    return wrt_task_suspend(caller->ctx, value);
}

void wasmrt_store_set_waiter(wasmrt_store *store, wasmrt_waiter_fn fn,
                             void *user)
{
    store->waiter = fn;
    store->waiter_user = user;
}
