/*
 * Globals as objects, found by the address of their cell.
 *
 * The store holds a hash table with linear probing, at most half full.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/global.h"

enum { FIRST_CAPACITY = 16 };

/* Where the object of a cell is, or belongs. */
static struct wasmrt_global **probe(struct wasmrt_global **slots,
                                    size_t capacity, const wrt_slot *cell)
{
    size_t mask = capacity - 1;
    uint64_t hash = ((uintptr_t)cell >> 3) * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(hash >> 32) & mask;

    while (slots[i] && slots[i]->cell != cell)
        i = (i + 1) & mask;
    return &slots[i];
}

/* Makes room for one more. */
static bool reserve(struct wrt_store *store)
{
    const struct wrt_alloc *alloc = &store->engine->alloc;
    size_t old = store->globals_capacity;
    size_t capacity = old ? old * 2 : FIRST_CAPACITY;
    struct wasmrt_global **slots;

    if ((store->nglobals + 1) * 2 <= old)
        return true;
    slots = wrt_alloc_array(alloc, capacity, sizeof(*slots));
    if (!slots)
        return false;
    for (size_t i = 0; i < old; i++) {
        struct wasmrt_global *global = store->globals[i];

        if (global)
            *probe(slots, capacity, global->cell) = global;
    }
    wrt_free_array(alloc, store->globals, old, sizeof(*slots));
    store->globals = slots;
    store->globals_capacity = capacity;
    return true;
}

/* Adds an object whose cell has none.  A global without a cell yet gets the one
 * behind it. */
static struct wasmrt_global *add(struct wrt_store *store, wrt_slot *cell,
                                 const struct wrt_global_type *type)
{
    struct {
        struct wasmrt_global global;
        wrt_slot cell[2];
    } *object;
    size_t size_bytes = cell ? sizeof(object->global) : sizeof(*object);

    if (!reserve(store))
        return NULL;
    object = wrt_store_alloc(store, size_bytes);
    if (!object)
        return NULL;
    object->global = (struct wasmrt_global){
        .cell = cell ? cell : object->cell,
        .type = *type,
        .store = store,
    };
    *probe(store->globals, store->globals_capacity, object->global.cell) =
        &object->global;
    store->nglobals++;
    return &object->global;
}

wasmrt_error *wrt_global_new(struct wrt_store *store,
                             const struct wrt_global_type *type,
                             struct wasmrt_global **out)
{
    *out = add(store, NULL, type);
    return *out ? NULL : wrt_error_oom();
}

struct wasmrt_global *wrt_global_of(struct wrt_instance *inst,
                                    uint32_t global_idx)
{
    struct wrt_store *store = inst->store;
    wrt_slot *cell = wrt_instance_global(inst, global_idx);
    struct wasmrt_global *found = NULL;

    if (store->globals_capacity)
        found = *probe(store->globals, store->globals_capacity, cell);
    /* An imported one is always found: it was imported by its object. */
    return found ? found
                 : add(store, cell, &inst->module->globals[global_idx].type);
}
