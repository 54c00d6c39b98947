/*
 * wasmrt/store.h: stores, limits, interruption, attached data.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/store.h"

#include "runtime/api/misuse.h"
#include "runtime/store/interrupt.h"
#include "runtime/store/task.h"

#include "wasmrt/store.h"

wasmrt_error *wasmrt_store_new(wasmrt_engine *engine, wasmrt_store **out)
{
    WRT_REQUIRE(engine && out, "store_new: an argument is NULL");
    return wrt_store_new(engine, out);
}

wasmrt_error *wasmrt_store_new_sibling(wasmrt_store *store, wasmrt_store **out)
{
    WRT_REQUIRE(store && out, "store_new_sibling: an argument is NULL");
    return wrt_store_new_sibling(store, out);
}

void wasmrt_store_delete(wasmrt_store *store)
{
    /* While something runs in it, a leak is the lesser evil. */
    if (store && !store->ctx.activation && wrt_task_may_delete_all(store))
        wrt_store_delete(store);
}

/* -- Interruption ---------------------------------------------------------- */

void wasmrt_store_interrupt(wasmrt_store *store)
{
    wrt_interrupt_raise(&store->ctx, WASMRT_ERR_INTERRUPTED);
}

void wasmrt_store_clear_interrupt(wasmrt_store *store)
{
    wrt_interrupt_clear(&store->ctx, WASMRT_ERR_INTERRUPTED);
}

void wasmrt_store_set_deadline(wasmrt_store *store, uint64_t deadline_ns)
{
    wrt_watch_set(&store->engine->watch, &store->deadline, deadline_ns);
    /* One that has fired and stopped nothing goes with its deadline. */
    if (deadline_ns == 0)
        wrt_interrupt_clear(&store->ctx, WASMRT_ERR_DEADLINE);
}

/* -- Limits ---------------------------------------------------------------- */

void wasmrt_store_set_memory_limit(wasmrt_store *store, uint64_t bytes)
{
    wrt_count_set_limit(&store->quota->memory_bytes, bytes);
}

void wasmrt_store_set_table_limit(wasmrt_store *store, uint64_t elements)
{
    wrt_count_set_limit(&store->quota->table_elems, elements);
}

void wasmrt_store_set_count_limits(wasmrt_store *store, uint64_t instances,
                                   uint64_t memories, uint64_t tables)
{
    wrt_count_set_limit(&store->quota->instances, instances);
    wrt_count_set_limit(&store->quota->memories, memories);
    wrt_count_set_limit(&store->quota->tables, tables);
}

uint64_t wasmrt_store_refused_growth(const wasmrt_store *store)
{
    return __atomic_load_n(&store->quota->nrefused, __ATOMIC_RELAXED);
}

static uint64_t saturating_sum(uint64_t a, uint64_t b)
{
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

wasmrt_error *wasmrt_store_set_fuel(wasmrt_store *store, uint64_t units)
{
    WRT_REQUIRE(store, "store_set_fuel: the store is NULL");
    WRT_REQUIRE(store->engine->has_fuel,
                "store_set_fuel: the engine does not count fuel, see "
                "wasmrt_config_set_fuel()");
    __atomic_store_n(&store->quota->fuel, 0, __ATOMIC_RELAXED);
    store->ctx.fuel = units;
    return NULL;
}

wasmrt_error *wasmrt_store_add_fuel(wasmrt_store *store, uint64_t units)
{
    WRT_REQUIRE(store, "store_add_fuel: the store is NULL");
    return wasmrt_store_set_fuel(
        store, saturating_sum(wasmrt_store_fuel(store), units));
}

uint64_t wasmrt_store_fuel(const wasmrt_store *store)
{
    uint64_t common = __atomic_load_n(&store->quota->fuel, __ATOMIC_RELAXED);

    return store->engine->has_fuel ? saturating_sum(store->ctx.fuel, common)
                                   : UINT64_MAX;
}

uint64_t wasmrt_store_host_calls(const wasmrt_store *store)
{
    return store->ctx.host_calls;
}

uint64_t wasmrt_store_memory_bytes(const wasmrt_store *store)
{
    return wrt_count_now(&store->quota->memory_bytes);
}

/* -- Attached data --------------------------------------------------------- */

static struct wrt_attachment *find_attachment(const wasmrt_store *store,
                                              const void *key)
{
    for (size_t i = 0; i < store->attachments.count; i++) {
        if (store->attachments.items[i].key == key)
            return &store->attachments.items[i];
    }
    return NULL;
}

wasmrt_error *wasmrt_store_attach(wasmrt_store *store, const void *key,
                                  void *data_taken,
                                  void (*data_delete)(void *data))
{
    struct wrt_attachment fresh = {
        .key = key, .data = data_taken, .data_delete = data_delete};
    struct wrt_attachment *found;

    WRT_REQUIRE(store, "store_attach: the store is NULL");
    found = find_attachment(store, key);
    if (found) {
        struct wrt_attachment old = *found;

        *found = fresh;
        if (old.data_delete)
            old.data_delete(old.data);
        return NULL;
    }
    if (wrt_vec_push(&store->engine->alloc, &store->attachments, fresh))
        return NULL;
    if (data_delete)
        data_delete(data_taken);
    return wrt_error_oom();
}

void *wasmrt_store_attached(const wasmrt_store *store, const void *key)
{
    const struct wrt_attachment *found = find_attachment(store, key);

    return found ? found->data : NULL;
}
