/*
 * wasm.h: globals, tables and memories.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/c_type.h"
#include "runtime/api/c_val.h"
#include "runtime/store/global.h"
#include "runtime/store/memory.h"
#include "runtime/store/ops.h"
#include "runtime/store/shared.h"
#include "runtime/store/table.h"
#include "runtime/store/value.h"

/* True, and the error is gone, when there was one. */
static bool failed(wasmrt_error *error)
{
    wasmrt_error_delete(error);
    return error != NULL;
}

/* -- Globals --------------------------------------------------------------- */

/* A global with these contents; NULL when memory is exhausted. */
static struct wasm_ref_t *make_global(struct wasm_store_t *store,
                                      const struct wrt_global_type *type,
                                      const wrt_slot *contents)
{
    wasmrt_extern_val value = {.kind = WASMRT_EXTERN_GLOBAL};

    if (failed(wrt_global_new(store->store, type, &value.of.global)))
        return NULL;
    value.of.global->cell[0] = contents[0];
    return wrt_c_ref_extern(store, &value);
}

wasm_global_t *wasm_global_new(wasm_store_t *store,
                               const wasm_globaltype_t *type,
                               const wasm_val_t *val)
{
    const struct wrt_global_type ours = {
        .type = wrt_value_type(
            wrt_c_kind_of(wasm_valtype_kind(wasm_globaltype_content(type)))),
        .is_mutable = wasm_globaltype_mutability(type) == WASM_VAR,
    };
    wrt_slot slot = {0};

    if (failed(wrt_c_val_store(store, val, ours.type, &slot)))
        return NULL;
    return (wasm_global_t *)make_global(store, &ours, &slot);
}

wasm_globaltype_t *wasm_global_type(const wasm_global_t *global)
{
    return wasm_externtype_as_globaltype(
        wasm_extern_type(wasm_global_as_extern_const(global)));
}

void wasm_global_get(const wasm_global_t *global, wasm_val_t *out)
{
    const struct wasm_ref_t *ref = WRT_C_REF(global);

    if (!ref->store || !wrt_c_val_load(ref->store, ref->of.global->type.type,
                                       ref->of.global->cell, out))
        memset(out, 0, sizeof(*out));
}

void wasm_global_set(wasm_global_t *global, const wasm_val_t *val)
{
    const struct wasm_ref_t *ref = WRT_C_REF(global);
    wrt_slot slot = {0};

    if (ref->store && ref->of.global->type.is_mutable &&
        !failed(
            wrt_c_val_store(ref->store, val, ref->of.global->type.type, &slot)))
        ref->of.global->cell[0] = slot;
}

/* -- Tables ---------------------------------------------------------------- */

static struct wasm_ref_t *make_table(struct wasm_store_t *store,
                                     const struct wrt_table_type *type,
                                     void *init)
{
    wasmrt_extern_val value = {.kind = WASMRT_EXTERN_TABLE};
    struct wrt_table_inst *table =
        wrt_store_alloc(store->store, sizeof(*table));

    if (!table || failed(wrt_table_init(table, store->store, type)))
        return NULL;
    for (uint64_t i = 0; i < table->size; i++)
        table->elems[i] = init;
    value.of.table = table;
    return wrt_c_ref_extern(store, &value);
}

wasm_table_t *wasm_table_new(wasm_store_t *store, const wasm_tabletype_t *type,
                             wasm_ref_t *init)
{
    const struct wrt_table_type ours = {
        .limits = WRT_C_TYPE(type)->exact,
        .elem = wrt_value_type(
            wrt_c_kind_of(wasm_valtype_kind(wasm_tabletype_element(type)))),
    };
    struct wrt_gc_frame frame;
    struct wasm_ref_t *ref = NULL;
    wrt_slot slot = {0};

    if (!wrt_valtype_is_ref(ours.elem) || ours.limits.min > ours.limits.max)
        return NULL;
    wrt_gc_push_frame(&store->store->ctx, &frame, &slot, 1);
    if (!failed(wrt_c_ref_store(store, init, ours.elem, &slot)))
        ref = make_table(store, &ours, slot.ref);
    wrt_gc_pop_frame(&store->store->ctx);
    return (wasm_table_t *)ref;
}

wasm_tabletype_t *wasm_table_type(const wasm_table_t *table)
{
    return wasm_externtype_as_tabletype(
        wasm_extern_type(wasm_table_as_extern_const(table)));
}

wasm_ref_t *wasm_table_get(const wasm_table_t *table, wasm_table_size_t index)
{
    const struct wasm_ref_t *ref = WRT_C_REF(table);
    wrt_slot slot;
    wasm_val_t val;

    if (!ref->store || index >= ref->of.table->size)
        return NULL;
    slot.ref = ref->of.table->elems[index];
    return wrt_c_val_load(ref->store, ref->of.table->type.elem, &slot, &val)
               ? val.of.ref
               : NULL;
}

bool wasm_table_set(wasm_table_t *table, wasm_table_size_t index,
                    wasm_ref_t *element)
{
    const struct wasm_ref_t *ref = WRT_C_REF(table);
    wrt_slot slot = {0};

    if (!ref->store || index >= ref->of.table->size ||
        failed(wrt_c_ref_store(ref->store, element, ref->of.table->type.elem,
                               &slot)))
        return false;
    ref->of.table->elems[index] = slot.ref;
    return true;
}

wasm_table_size_t wasm_table_size(const wasm_table_t *table)
{
    const struct wasm_ref_t *ref = WRT_C_REF(table);

    return ref->store
               ? (wasm_table_size_t)WRT_MIN(ref->of.table->size, UINT32_MAX)
               : 0;
}

bool wasm_table_grow(wasm_table_t *table, wasm_table_size_t delta,
                     wasm_ref_t *init)
{
    const struct wasm_ref_t *ref = WRT_C_REF(table);
    struct wrt_gc_frame frame;
    wrt_slot slot = {0};
    bool ok = false;

    if (!ref->store)
        return false;
    wrt_gc_push_frame(&ref->store->store->ctx, &frame, &slot, 1);
    if (!failed(
            wrt_c_ref_store(ref->store, init, ref->of.table->type.elem, &slot)))
        ok = wrt_table_grow(ref->of.table, delta, slot.ref) >= 0;
    wrt_gc_pop_frame(&ref->store->store->ctx);
    return ok;
}

/* -- Memories -------------------------------------------------------------- */

/* Whether a memory of these limits can be declared at all. */
static bool are_valid(const struct wrt_limits *limits)
{
    uint64_t most = limits->is_64 ? (uint64_t)1 << 48 : (uint64_t)1 << 16;

    if (limits->page_log2 == 0)
        most <<= 16;
    if (limits->is_shared && !limits->has_max)
        return false;
    return limits->min <= most && limits->min <= limits->max &&
           (!limits->has_max || limits->max <= most);
}

static wasmrt_error *open_memory(struct wrt_store *store,
                                 const struct wrt_limits *limits,
                                 struct wrt_memory_inst **out)
{
    if (limits->is_shared)
        return wrt_shared_memory_new(store, limits, out);
    *out = wrt_store_alloc(store, sizeof(**out));
    return *out ? wrt_memory_init(*out, store, limits) : wrt_error_oom();
}

wasm_memory_t *wasm_memory_new(wasm_store_t *store,
                               const wasm_memorytype_t *type)
{
    const struct wrt_limits *limits = &WRT_C_TYPE(type)->exact;
    wasmrt_extern_val value = {.kind = WASMRT_EXTERN_MEMORY};

    if (!are_valid(limits) ||
        failed(open_memory(store->store, limits, &value.of.memory)))
        return NULL;
    return (wasm_memory_t *)wrt_c_ref_extern(store, &value);
}

wasm_memorytype_t *wasm_memory_type(const wasm_memory_t *memory)
{
    return wasm_externtype_as_memorytype(
        wasm_extern_type(wasm_memory_as_extern_const(memory)));
}

byte_t *wasm_memory_data(wasm_memory_t *memory)
{
    const struct wasm_ref_t *ref = WRT_C_REF(memory);

    return ref->store ? (byte_t *)ref->of.memory->base : NULL;
}

size_t wasm_memory_data_size(const wasm_memory_t *memory)
{
    const struct wasm_ref_t *ref = WRT_C_REF(memory);

    return ref->store ? (size_t)wrt_memory_len(ref->of.memory) : 0;
}

wasm_memory_pages_t wasm_memory_size(const wasm_memory_t *memory)
{
    const struct wasm_ref_t *ref = WRT_C_REF(memory);

    return ref->store ? (wasm_memory_pages_t)WRT_MIN(
                            wrt_memory_pages(ref->of.memory), UINT32_MAX)
                      : 0;
}

bool wasm_memory_grow(wasm_memory_t *memory, wasm_memory_pages_t delta)
{
    const struct wasm_ref_t *ref = WRT_C_REF(memory);

    return ref->store && wrt_memory_grow(ref->of.memory, delta) >= 0;
}
