/*
 * wasmrt/memory.h: memories, tables and globals.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/memory.h"

#include "runtime/api/misuse.h"
#include "runtime/store/func.h"
#include "runtime/store/gc.h"
#include "runtime/store/global.h"
#include "runtime/store/ops.h"
#include "runtime/store/shared.h"
#include "runtime/store/table.h"
#include "runtime/store/value.h"

#include "wasmrt/memory.h"

#include <inttypes.h>

/* -- Memories -------------------------------------------------------------- */

wasmrt_error *wasmrt_memory_new(wasmrt_store *store, uint64_t min_pages,
                                uint64_t max_pages, wasmrt_memory **out)
{
    const struct wrt_limits limits = {
        .min = min_pages,
        .max = max_pages,
        .has_max = max_pages != UINT64_MAX,
        .page_log2 = 16,
    };
    struct wrt_memory_inst *memory;

    WRT_REQUIRE(store && out, "memory_new: an argument is NULL");
    WRT_REQUIRE(min_pages <= 65536 && min_pages <= max_pages,
                "memory_new: the minimum is too large");
    memory = wrt_store_alloc(store, sizeof(*memory));
    if (!memory)
        return wrt_error_oom();
    WRT_TRY(wrt_memory_init(memory, store, &limits));
    *out = memory;
    return NULL;
}

wasmrt_error *wasmrt_memory_new_shared(wasmrt_store *store, uint64_t min_pages,
                                       uint64_t max_pages, wasmrt_memory **out)
{
    const struct wrt_limits limits = {
        .min = min_pages,
        .max = max_pages,
        .has_max = true,
        .is_shared = true,
        .page_log2 = 16,
    };

    WRT_REQUIRE(store && out, "memory_new_shared: an argument is NULL");
    WRT_REQUIRE(max_pages <= 65536,
                "memory_new_shared: it needs a maximum of at most 65536 pages");
    WRT_REQUIRE(min_pages <= max_pages,
                "memory_new_shared: the minimum is too large");
    return wrt_shared_memory_new(store, &limits, out);
}

bool wasmrt_memory_is_shared(const wasmrt_memory *memory)
{
    return memory->shared != NULL;
}

uint32_t wasmrt_memory_notify(wasmrt_memory *memory, uint64_t addr,
                              uint32_t count)
{
    return wrt_notify(memory, addr, count);
}

uint64_t wasmrt_memory_size(const wasmrt_memory *memory)
{
    return memory ? wrt_memory_len(memory) : 0;
}

wasmrt_error *wasmrt_memory_grow(wasmrt_memory *memory, uint64_t pages,
                                 uint64_t *old_pages_out)
{
    int64_t old;

    WRT_REQUIRE(memory, "memory_grow: the memory is NULL");
    old = wrt_memory_grow(memory, pages);
    if (old < 0)
        return wrt_error_new(WASMRT_ERR_MEMORY_LIMIT, WRT_NO_OFFSET,
                             "cannot grow by %" PRIu64 " pages", pages);
    if (old_pages_out)
        *old_pages_out = (uint64_t)old;
    return NULL;
}

/* No memory has no bytes: a host that does not ask whether its caller has one
 * (wasmrt_caller_memory()) must not be brought down by a guest without. */
static bool has_bytes(const wasmrt_memory *memory, uint64_t addr, uint64_t len)
{
    return memory && wrt_memory_has(memory, addr, len);
}

uint8_t *wasmrt_memory_ptr(wasmrt_memory *memory, uint64_t addr, uint64_t len)
{
    static uint8_t nothing;

    if (!has_bytes(memory, addr, len))
        return NULL;
    /* A memory without a byte may have no base; NULL means out of bounds. */
    return memory->base ? memory->base + addr : &nothing;
}

bool wasmrt_memory_read(const wasmrt_memory *memory, uint64_t addr, void *buf,
                        size_t len)
{
    if (!has_bytes(memory, addr, len))
        return false;
    if (len)
        wrt_memory_move(memory, buf, memory->base + addr, len);
    return true;
}

bool wasmrt_memory_write(wasmrt_memory *memory, uint64_t addr, const void *buf,
                         size_t len)
{
    if (!has_bytes(memory, addr, len))
        return false;
    if (len)
        wrt_memory_move(memory, memory->base + addr, buf, len);
    return true;
}

wasmrt_error *wasmrt_bad_pointer(uint64_t addr, uint64_t len)
{
    return wrt_error_new(WASMRT_ERR_BAD_GUEST_POINTER, WRT_NO_OFFSET,
                         "%" PRIu64 " bytes at 0x%" PRIx64, len, addr);
}

/* -- References ------------------------------------------------------------ */

/* Whether a reference may be kept by an object of the store, whose type is
 * `type`. */
static wasmrt_error *check_value(const struct wrt_store *store,
                                 const wasmrt_val *value, wrt_valtype type,
                                 const char *function)
{
    if (!wrt_value_is_of_store(value, store))
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "%s: a reference of another store", function);
    if (!wrt_value_fits(store->engine->types, value, type))
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "%s: the value is of another type", function);
    return NULL;
}

/* -- Globals --------------------------------------------------------------- */

wasmrt_val wasmrt_global_get(const wasmrt_global *global)
{
    const struct wrt_types *types = global->store->engine->types;
    wasmrt_val value;

    memset(&value, 0, sizeof(value));
    wrt_value_load(wrt_value_kind(types, global->type.type), global->cell,
                   &value);
    if (wrt_is_traced(types, global->type.type))
        wrt_gc_hold(&global->store->ctx, global->cell->u64);
    return value;
}

wasmrt_error *wasmrt_global_set(wasmrt_global *global, const wasmrt_val *value)
{
    WRT_REQUIRE(global && value, "global_set: an argument is NULL");
    WRT_REQUIRE(global->type.is_mutable, "global_set: immutable global");
    WRT_TRY(check_value(global->store, value, global->type.type, "global_set"));
    wrt_value_store(value, global->cell);
    return NULL;
}

wasmrt_error *wasmrt_global_new(wasmrt_store *store, const wasmrt_val *value,
                                bool is_mutable, wasmrt_global **out)
{
    struct wrt_global_type type = {.is_mutable = is_mutable};

    WRT_REQUIRE(store && value && out, "global_new: an argument is NULL");
    type.type = wrt_value_type(value->kind);
    WRT_REQUIRE(type.type != WRT_KIND_BOT, "global_new: no such kind");
    WRT_TRY(check_value(store, value, type.type, "global_new"));
    WRT_TRY(wrt_global_new(store, &type, out));
    wrt_value_store(value, (*out)->cell);
    return NULL;
}

/* -- Tables ---------------------------------------------------------------- */

wasmrt_error *wasmrt_table_new(wasmrt_store *store, wasmrt_kind kind,
                               uint64_t min, uint64_t max, wasmrt_table **out)
{
    const struct wrt_table_type type = {
        .limits = {.min = min, .max = max, .has_max = max != UINT64_MAX},
        .elem = wrt_value_type(kind),
    };
    struct wrt_table_inst *table;
    wasmrt_error *error;

    WRT_REQUIRE(store && out, "table_new: an argument is NULL");
    WRT_REQUIRE(kind == WASMRT_FUNCREF || kind == WASMRT_EXTERNREF,
                "table_new: not a kind of references");
    WRT_REQUIRE(min <= max, "table_new: the minimum is too large");
    table = wrt_store_alloc(store, sizeof(*table));
    if (!table)
        return wrt_error_oom();
    error = wrt_table_init(table, store, &type);
    if (error)
        return wrt_func_end_call(&store->ctx, error);
    *out = table;
    return NULL;
}

uint64_t wasmrt_table_size(const wasmrt_table *table)
{
    return table ? table->size : 0;
}

bool wasmrt_table_get(const wasmrt_table *table, uint64_t n, wasmrt_val *out)
{
    if (!table || n >= table->size)
        return false;
    memset(out, 0, sizeof(*out));
    out->kind = wrt_value_kind(table->store->engine->types, table->type.elem);
    out->of.ref = table->elems[n];
    if (out->kind != WASMRT_FUNCREF)
        wrt_gc_hold(&table->store->ctx, (uintptr_t)table->elems[n]);
    return true;
}

wasmrt_error *wasmrt_table_set(wasmrt_table *table, uint64_t n,
                               const wasmrt_val *value)
{
    WRT_REQUIRE(table && value, "table_set: an argument is NULL");
    WRT_REQUIRE(n < table->size, "table_set: the index is out of bounds");
    WRT_TRY(check_value(table->store, value, table->type.elem, "table_set"));
    table->elems[n] = value->of.ref;
    return NULL;
}
