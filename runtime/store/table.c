/*
 * Tables of references: growth and accounting.
 *
 * Elements come from the engine's allocator; the capacity grows geometrically,
 * so elems may move whenever the table grows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/table.h"

#include "runtime/store/engine.h"
#include "runtime/store/ops.h"
#include "runtime/store/store.h"

#include <inttypes.h>

/* Elements between two looks at the interrupt: well below a millisecond. */
enum { SLICE_ELEMS = 1 << 14 };

static uint64_t max_elems(const struct wrt_table_type *type)
{
    uint64_t most = WRT_LIMIT_TABLE_ELEMS;

    return type->limits.has_max ? WRT_MIN(type->limits.max, most) : most;
}

/* Room for `size` elements in all.  New ones are not initialised. */
static bool reserve(struct wrt_table_inst *table, uint64_t size)
{
    const struct wrt_alloc *alloc = &table->store->engine->alloc;
    uint64_t capacity = table->capacity + table->capacity / 2;
    void **grown;

    if (size <= table->capacity)
        return true;
    capacity = WRT_MIN(WRT_MAX(capacity, size), max_elems(&table->type));
    grown = alloc->resize(alloc->user, table->elems,
                          (size_t)table->capacity * sizeof(void *),
                          (size_t)capacity * sizeof(void *));
    if (!grown)
        return false;
    table->elems = grown;
    table->capacity = capacity;
    return true;
}

wasmrt_error *wrt_table_init(struct wrt_table_inst *table,
                             struct wrt_store *store,
                             const struct wrt_table_type *type)
{
    uint64_t min = type->limits.min;
    wasmrt_error *error;
    struct wrt_quota *quota = store->quota;

    *table = (struct wrt_table_inst){
        .type = *type,
        .index_mask = type->limits.is_64 ? UINT64_MAX : UINT32_MAX,
        .store = store,
    };
    WRT_TRY(wrt_count_object(&quota->tables, "tables"));
    if (min > max_elems(type) || !wrt_count_take(&quota->table_elems, min)) {
        wrt_count_give(&quota->tables, 1);
        return wrt_error_new(WASMRT_ERR_TABLE_LIMIT, WRT_NO_OFFSET,
                             "%" PRIu64 " elements needed, %" PRIu64
                             " of %" PRIu64 " in use",
                             min, wrt_count_now(&quota->table_elems),
                             wrt_count_limit(&quota->table_elems));
    }
    error = reserve(table, min)
                ? wrt_interrupt_zero(&store->ctx, table->elems,
                                     (size_t)min * sizeof(void *))
                : wrt_error_oom();
    if (error) {
        wrt_count_give(&quota->tables, 1);
        wrt_count_give(&quota->table_elems, min);
        wrt_free_array(&store->engine->alloc, table->elems,
                       (size_t)table->capacity, sizeof(void *));
        return error;
    }
    table->size = min;
    table->next = store->tables;
    store->tables = table;
    return NULL;
}

void wrt_table_fini(struct wrt_table_inst *table)
{
    wrt_count_give(&table->store->quota->table_elems, table->size);
    wrt_count_give(&table->store->quota->tables, 1);
    wrt_free_array(&table->store->engine->alloc, table->elems,
                   (size_t)table->capacity, sizeof(void *));
}

/* Fills the elements from size on, in slices.  False on an interrupt: growth
 * fails, and the guest stops at its next poll. */
static bool fill_new(const struct wrt_table_inst *table, uint64_t size,
                     void *init)
{
    for (uint64_t i = table->size; i < size; i++) {
        table->elems[i] = init;
        if (i % SLICE_ELEMS == 0 && wrt_interrupt_pending(&table->store->ctx))
            return false;
    }
    return true;
}

int64_t wrt_table_grow(struct wrt_table_inst *table, uint64_t delta, void *init)
{
    uint64_t old = table->size;
    struct wrt_quota *quota = table->store->quota;

    if (delta == 0)
        return (int64_t)old;
    if (delta > max_elems(&table->type) - old)
        return -1;
    if (!wrt_count_take(&quota->table_elems, delta)) {
        wrt_quota_refused(quota);
        return -1;
    }
    if (!reserve(table, old + delta) || !fill_new(table, old + delta, init)) {
        wrt_count_give(&quota->table_elems, delta);
        return -1;
    }
    table->size = old + delta;
    return (int64_t)old;
}
