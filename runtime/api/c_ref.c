/*
 * wasm.h: handles, and the functions that all kinds of them have.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/c_ref.h"

#include "runtime/api/c_trap.h"
#include "runtime/store/engine.h"

#include "wasmrt/gc.h"
#include "wasmrt/module.h"
#include "wasmrt/store.h"

enum { FIRST_BUCKETS = 16 };

/* -- The table ------------------------------------------------------------- */

static size_t bucket_of(const void *key, size_t nbuckets)
{
    uint64_t hash = (uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u;

    return (size_t)(hash >> 32) & (nbuckets - 1);
}

static bool grow_table(struct wasm_store_t *store)
{
    size_t n = store->nbuckets ? store->nbuckets * 2 : FIRST_BUCKETS;
    struct wasm_ref_t **buckets =
        wrt_alloc_array(&wrt_alloc_libc, n, sizeof(struct wasm_ref_t *));
    struct wasm_ref_t *next;

    if (!buckets)
        return store->nbuckets != 0; /* longer chains will do */
    for (size_t i = 0; i < store->nbuckets; i++) {
        for (struct wasm_ref_t *ref = store->buckets[i]; ref; ref = next) {
            struct wasm_ref_t **to = &buckets[bucket_of(ref->key, n)];

            next = ref->next;
            ref->next = *to;
            *to = ref;
        }
    }
    wrt_free_array(&wrt_alloc_libc, store->buckets, store->nbuckets,
                   sizeof(struct wasm_ref_t *));
    store->buckets = buckets;
    store->nbuckets = n;
    return true;
}

static void unlink_ref(struct wasm_ref_t *ref)
{
    struct wasm_store_t *store = ref->store;
    struct wasm_ref_t **link =
        &store->buckets[bucket_of(ref->key, store->nbuckets)];

    while (*link != ref)
        link = &(*link)->next;
    *link = ref->next;
    ref->store = NULL;
    store->nrefs--;
}

static struct wasm_ref_t *add_ref(struct wasm_store_t *store,
                                  enum wrt_c_kind kind, const void *key)
{
    struct wasm_ref_t *ref, **bucket;

    if (store->nrefs == store->nbuckets && !grow_table(store))
        return NULL;
    ref = wrt_alloc_zero(&wrt_alloc_libc, sizeof(*ref));
    if (!ref)
        return NULL;
    ref->kind = kind;
    ref->count = 1;
    ref->store = store;
    ref->key = key ? key : ref;
    bucket = &store->buckets[bucket_of(ref->key, store->nbuckets)];
    ref->next = *bucket;
    *bucket = ref;
    store->nrefs++;
    return ref;
}

struct wasm_ref_t *wrt_c_ref_new(struct wasm_store_t *store,
                                 enum wrt_c_kind kind)
{
    return add_ref(store, kind, NULL);
}

struct wasm_ref_t *wrt_c_ref_get(struct wasm_store_t *store,
                                 enum wrt_c_kind kind, const void *key,
                                 bool *is_new)
{
    struct wasm_ref_t *ref = NULL;

    if (is_new)
        *is_new = false;
    if (store->nbuckets)
        ref = store->buckets[bucket_of(key, store->nbuckets)];
    while (ref && (ref->key != key || ref->kind != kind))
        ref = ref->next;
    if (ref)
        return wrt_c_ref_copy(ref);
    if (is_new)
        *is_new = true;
    return add_ref(store, kind, key);
}

/* -- Things that are imported and exported --------------------------------- */

struct wasm_ref_t *wrt_c_ref_extern(struct wasm_store_t *store,
                                    const wasmrt_extern_val *value)
{
    static const enum wrt_c_kind kinds[] = {
        [WASMRT_EXTERN_FUNC] = WRT_C_FUNC,
        [WASMRT_EXTERN_TABLE] = WRT_C_TABLE,
        [WASMRT_EXTERN_MEMORY] = WRT_C_MEMORY,
        [WASMRT_EXTERN_GLOBAL] = WRT_C_GLOBAL,
        [WASMRT_EXTERN_TAG] = WRT_C_TAG,
    };
    bool is_new;
    struct wasm_ref_t *ref =
        wrt_c_ref_get(store, kinds[value->kind], value->of.func, &is_new);

    /* Which of the pointers it is makes no difference to a union. */
    if (ref && is_new)
        ref->of.func = value->of.func;
    return ref;
}

wasmrt_extern_val wrt_c_ref_extern_val(const struct wasm_ref_t *ref)
{
    static const wasmrt_extern_kind kinds[] = {
        [WRT_C_FUNC] = WASMRT_EXTERN_FUNC,
        [WRT_C_TABLE] = WASMRT_EXTERN_TABLE,
        [WRT_C_MEMORY] = WASMRT_EXTERN_MEMORY,
        [WRT_C_GLOBAL] = WASMRT_EXTERN_GLOBAL,
        [WRT_C_TAG] = WASMRT_EXTERN_TAG,
    };

    return (wasmrt_extern_val){.kind = kinds[ref->kind],
                               .of.func = ref->of.func};
}

/* -- Counting -------------------------------------------------------------- */

/* Frees a handle that is in no table. */
static void free_ref(struct wasm_ref_t *ref)
{
    if (ref->kind == WRT_C_MODULE)
        wasmrt_module_delete(ref->of.module);
    else if (ref->kind == WRT_C_TRAP)
        wrt_c_trap_fini(&ref->of.trap);
    wrt_free(&wrt_alloc_libc, ref, sizeof(*ref));
}

/* Takes the host info away and finalizes it. */
static void finalize_info(struct wasm_ref_t *ref)
{
    void (*finalize)(void *info) = ref->finalize;

    ref->finalize = NULL;
    if (finalize)
        finalize(ref->info);
    ref->info = NULL;
}

struct wasm_ref_t *wrt_c_ref_copy(struct wasm_ref_t *ref)
{
    if (ref)
        ref->count++;
    return ref;
}

void wrt_c_ref_drop(struct wasm_ref_t *ref)
{
    if (!ref || --ref->count != 0)
        return;
    if (ref->store) {
        /* The thing lives on, and so does what is attached to it. */
        if (ref->kind <= WRT_C_INSTANCE && (ref->info || ref->finalize))
            return;
        if (ref->kind == WRT_C_OBJECT)
            wasmrt_root_delete(ref->of.root);
        unlink_ref(ref);
    }
    finalize_info(ref);
    free_ref(ref);
}

void wrt_c_ref_drop_data(void *ref)
{
    wrt_c_ref_drop(ref);
}

/* -- Stores ---------------------------------------------------------------- */

/* Cuts a handle loose from its store, which is going away. */
static void orphan(struct wasm_ref_t *ref)
{
    ref->count++; /* a finalizer may give it up */
    unlink_ref(ref);
    if (ref->kind <= WRT_C_INSTANCE)
        finalize_info(ref);
    wrt_c_ref_drop(ref);
}

/* The store's roots and objects go with it. */
static void close_store(void *data)
{
    struct wasm_store_t *store = data;

    wrt_c_ref_drop(store->oom_trap);
    for (size_t i = 0; i < store->nbuckets; i++) {
        while (store->buckets[i])
            orphan(store->buckets[i]);
    }
    wrt_free_array(&wrt_alloc_libc, store->buckets, store->nbuckets,
                   sizeof(struct wasm_ref_t *));
    wrt_free(&wrt_alloc_libc, store, sizeof(*store));
}

struct wasm_store_t *wrt_c_store_of(wasmrt_store *store)
{
    static const char key;
    struct wasm_store_t *found = wasmrt_store_attached(store, &key);
    wasmrt_error *error;

    if (found)
        return found;
    found = wrt_alloc_zero(&wrt_alloc_libc, sizeof(*found));
    if (!found)
        return NULL;
    found->store = store;
    found->oom_trap = wrt_c_trap_new(found, wrt_error_oom());
    if (!found->oom_trap) {
        close_store(found);
        return NULL;
    }
    error = wasmrt_store_attach(store, &key, found, close_store);
    if (error) {
        wasmrt_error_delete(error);
        return NULL;
    }
    return found;
}

/* -- What all kinds of handles have ---------------------------------------- */

static void set_info(struct wasm_ref_t *ref, void *info,
                     void (*finalize)(void *info))
{
    finalize_info(ref);
    ref->info = info;
    ref->finalize = finalize;
}

#define REF_BASE(name)                                                         \
    void wasm_##name##_delete(wasm_##name##_t *ref)                            \
    {                                                                          \
        wrt_c_ref_drop(WRT_C_REF(ref));                                        \
    }                                                                          \
    wasm_##name##_t *wasm_##name##_copy(const wasm_##name##_t *ref)            \
    {                                                                          \
        return (wasm_##name##_t *)wrt_c_ref_copy(WRT_C_REF(ref));              \
    }                                                                          \
    bool wasm_##name##_same(const wasm_##name##_t *a,                          \
                            const wasm_##name##_t *b)                          \
    {                                                                          \
        return a == b;                                                         \
    }                                                                          \
    void *wasm_##name##_get_host_info(const wasm_##name##_t *ref)              \
    {                                                                          \
        return WRT_C_REF(ref)->info;                                           \
    }                                                                          \
    void wasm_##name##_set_host_info(wasm_##name##_t *ref, void *info)         \
    {                                                                          \
        set_info(WRT_C_REF(ref), info, NULL);                                  \
    }                                                                          \
    void wasm_##name##_set_host_info_with_finalizer(                           \
        wasm_##name##_t *ref, void *info, void (*finalize)(void *))            \
    {                                                                          \
        set_info(WRT_C_REF(ref), info, finalize);                              \
    }

/* Kinds from first to last are references of this name. */
#define REF(name, first, last)                                                 \
    REF_BASE(name)                                                             \
    wasm_ref_t *wasm_##name##_as_ref(wasm_##name##_t *ref)                     \
    {                                                                          \
        return WRT_C_REF(ref);                                                 \
    }                                                                          \
    const wasm_ref_t *wasm_##name##_as_ref_const(const wasm_##name##_t *ref)   \
    {                                                                          \
        return WRT_C_REF(ref);                                                 \
    }                                                                          \
    wasm_##name##_t *wasm_ref_as_##name(wasm_ref_t *ref)                       \
    {                                                                          \
        return (wasm_##name##_t *)if_kind(ref, first, last);                   \
    }                                                                          \
    const wasm_##name##_t *wasm_ref_as_##name##_const(const wasm_ref_t *ref)   \
    {                                                                          \
        return (const wasm_##name##_t *)if_kind(ref, first, last);             \
    }

static struct wasm_ref_t *if_kind(const struct wasm_ref_t *ref,
                                  enum wrt_c_kind first, enum wrt_c_kind last)
{
    return ref && ref->kind >= first && ref->kind <= last ? WRT_C_REF(ref)
                                                          : NULL;
}

REF_BASE(ref)
REF(func, WRT_C_FUNC, WRT_C_FUNC)
REF(global, WRT_C_GLOBAL, WRT_C_GLOBAL)
REF(table, WRT_C_TABLE, WRT_C_TABLE)
REF(memory, WRT_C_MEMORY, WRT_C_MEMORY)
REF(extern, WRT_C_FUNC, WRT_C_TAG)
REF(instance, WRT_C_INSTANCE, WRT_C_INSTANCE)
REF(module, WRT_C_MODULE, WRT_C_MODULE)
REF(trap, WRT_C_TRAP, WRT_C_TRAP)
REF(foreign, WRT_C_FOREIGN, WRT_C_FOREIGN)

#define AS_EXTERN(name, kind)                                                  \
    wasm_extern_t *wasm_##name##_as_extern(wasm_##name##_t *ref)               \
    {                                                                          \
        return (wasm_extern_t *)WRT_C_REF(ref);                                \
    }                                                                          \
    const wasm_extern_t *wasm_##name##_as_extern_const(                        \
        const wasm_##name##_t *ref)                                            \
    {                                                                          \
        return (const wasm_extern_t *)WRT_C_REF(ref);                          \
    }                                                                          \
    wasm_##name##_t *wasm_extern_as_##name(wasm_extern_t *ref)                 \
    {                                                                          \
        return (wasm_##name##_t *)if_kind(WRT_C_REF(ref), kind, kind);         \
    }                                                                          \
    const wasm_##name##_t *wasm_extern_as_##name##_const(                      \
        const wasm_extern_t *ref)                                              \
    {                                                                          \
        return (const wasm_##name##_t *)if_kind(WRT_C_REF(ref), kind, kind);   \
    }

AS_EXTERN(func, WRT_C_FUNC)
AS_EXTERN(global, WRT_C_GLOBAL)
AS_EXTERN(table, WRT_C_TABLE)
AS_EXTERN(memory, WRT_C_MEMORY)

wasm_foreign_t *wasm_foreign_new(wasm_store_t *store)
{
    return (wasm_foreign_t *)wrt_c_ref_new(store, WRT_C_FOREIGN);
}
