/*
 * Linkers: names for imports.
 *
 * One map has the module names; each of them has a map of its own for the names
 * of its fields, which gives the index of a definition.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/linker.h"

#include "runtime/store/extern_type.h"
#include "runtime/store/instance.h"
#include "runtime/store/shared.h"
#include "runtime/store/signature.h"

/* Imports resolved on the C stack; more are allocated. */
enum { FEW_IMPORTS = 64 };

/* -- Lifetime -------------------------------------------------------------- */

wasmrt_error *wrt_linker_new(struct wasmrt_engine *engine,
                             struct wasmrt_linker **out)
{
    struct wasmrt_linker *linker =
        wrt_alloc_zero(&engine->alloc, sizeof(*linker));

    if (!linker)
        return wrt_error_oom();
    linker->refcount = 1;
    linker->engine = wrt_engine_ref(engine);
    wrt_arena_init(&linker->arena, &engine->alloc);
    wrt_map_init(&linker->modules, &engine->alloc);
    *out = linker;
    return NULL;
}

struct wasmrt_linker *wrt_linker_ref(struct wasmrt_linker *linker)
{
    __atomic_fetch_add(&linker->refcount, 1, __ATOMIC_RELAXED);
    return linker;
}

void wrt_linker_unref(struct wasmrt_linker *linker)
{
    struct wasmrt_engine *engine = linker->engine;

    if (__atomic_fetch_sub(&linker->refcount, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    for (size_t i = 0; i < linker->definitions.count; i++) {
        const struct wrt_definition *def = &linker->definitions.items[i];

        if (def->is_host)
            wrt_types_release_group(engine->types, def->host.type->id);
        if (def->shared)
            wrt_shared_memory_unref(def->shared);
    }
    wrt_vec_fini(&engine->alloc, &linker->definitions);
    for (size_t i = 0; i < linker->fields.count; i++)
        wrt_map_fini(&linker->fields.items[i]);
    wrt_vec_fini(&engine->alloc, &linker->fields);
    wrt_map_fini(&linker->modules);
    wrt_arena_fini(&linker->arena);
    wrt_free(&engine->alloc, linker, sizeof(*linker));
    wrt_engine_unref(engine);
}

/* -- Definitions ----------------------------------------------------------- */

/* Finds a name or adds a copy of it; NULL when memory is exhausted. */
static uint32_t *intern(struct wasmrt_linker *linker, struct wrt_map *map,
                        struct wrt_name name, uint32_t value, bool *added)
{
    const char *key = name.text;

    if (!wrt_map_find(map, name.text, name.len)) {
        key = wrt_arena_string(&linker->arena, name.text, name.len);
        linker->arena.failed = false;
    }
    return key ? wrt_map_add(map, key, name.len, value, added) : NULL;
}

/* The map of a module's names, made when it is new; or NULL. */
static struct wrt_map *find_fields(struct wasmrt_linker *linker,
                                   struct wrt_name module)
{
    const struct wrt_alloc *alloc = &linker->engine->alloc;
    uint32_t *idx;
    bool added;

    if (!wrt_vec_reserve(alloc, &linker->fields, 1))
        return NULL;
    idx = intern(linker, &linker->modules, module,
                 (uint32_t)linker->fields.count, &added);
    if (idx && added)
        wrt_map_init(&linker->fields.items[linker->fields.count++], alloc);
    return idx ? &linker->fields.items[*idx] : NULL;
}

/* Adds a definition, or replaces what an old name stood for.  An index is never
 * reused: stores remember the functions that they made by it. */
static wasmrt_error *define(struct wasmrt_linker *linker,
                            struct wrt_name module, struct wrt_name name,
                            const struct wrt_definition *def, bool may_replace)
{
    const struct wrt_alloc *alloc = &linker->engine->alloc;
    uint32_t *known, number = (uint32_t)linker->definitions.count;
    struct wrt_map *fields = find_fields(linker, module);
    bool added;

    if (number == UINT32_MAX || !fields ||
        !wrt_vec_reserve(alloc, &linker->definitions, 1))
        return wrt_error_oom();
    known = intern(linker, fields, name, number, &added);
    if (!known)
        return wrt_error_oom();
    if (!added && !may_replace)
        return wrt_error_new(WASMRT_ERR_ALREADY_DEFINED, WRT_NO_OFFSET,
                             "\"%s\" \"%s\"", module.text, name.text);
    *known = number;
    linker->definitions.items[linker->definitions.count++] = *def;
    return NULL;
}

wasmrt_error *wrt_linker_define_host(struct wasmrt_linker *linker,
                                     struct wrt_name module,
                                     struct wrt_name name,
                                     const char *signature,
                                     struct wrt_host_spec host)
{
    WRT_TRY(wrt_signature_type(linker->engine->types, signature, &host.type));
    return wrt_linker_define_func(linker, module, name, host);
}

wasmrt_error *wrt_linker_define_func(struct wasmrt_linker *linker,
                                     struct wrt_name module,
                                     struct wrt_name name,
                                     struct wrt_host_spec host)
{
    const struct wrt_definition def = {.is_host = true, .host = host};
    wasmrt_error *error = define(linker, module, name, &def, false);

    if (error)
        wrt_types_release_group(linker->engine->types, host.type->id);
    return error;
}

wasmrt_error *wrt_linker_define_value(struct wasmrt_linker *linker,
                                      struct wrt_name module,
                                      struct wrt_name name,
                                      const wasmrt_extern_val *value,
                                      bool may_replace)
{
    struct wrt_definition def = {.value = *value};

    if (value->kind == WASMRT_EXTERN_MEMORY && value->of.memory->shared)
        def.shared = value->of.memory;
    WRT_TRY(define(linker, module, name, &def, may_replace));
    if (def.shared)
        wrt_shared_memory_ref(def.shared);
    return NULL;
}

/* -- Resolving ------------------------------------------------------------- */

const uint32_t *wrt_linker_find(const struct wasmrt_linker *linker,
                                struct wrt_name module, struct wrt_name name,
                                bool *has_module)
{
    const uint32_t *idx =
        wrt_map_find(&linker->modules, module.text, module.len);

    *has_module = idx != NULL;
    return idx ? wrt_map_find(&linker->fields.items[*idx], name.text, name.len)
               : NULL;
}

/* The store's record of a linker that it uses, made when it is new. */
static struct wrt_linked *find_linked(struct wasmrt_linker *linker,
                                      struct wrt_store *store)
{
    const struct wrt_alloc *alloc = &store->engine->alloc;
    struct wrt_linked linked = {.linker = linker};

    for (size_t i = 0; i < store->linked.count; i++) {
        if (store->linked.items[i].linker == linker)
            return &store->linked.items[i];
    }
    if (!wrt_vec_push(alloc, &store->linked, linked))
        return NULL;
    wrt_linker_ref(linker);
    return &store->linked.items[store->linked.count - 1];
}

/* Makes room for the functions of all definitions. */
static bool reserve_funcs(struct wrt_linked *linked, struct wrt_store *store)
{
    const struct wrt_alloc *alloc = &store->engine->alloc;
    size_t count = linked->linker->definitions.count;
    struct wrt_funcref **funcs;

    if (linked->count == count)
        return true;
    funcs = wrt_alloc_array(alloc, count, sizeof(*funcs));
    if (!funcs)
        return false;
    if (linked->count)
        memcpy(funcs, linked->funcs, linked->count * sizeof(*funcs));
    wrt_free_array(alloc, linked->funcs, linked->count, sizeof(*funcs));
    linked->funcs = funcs;
    linked->count = count;
    return true;
}

/* The store's function for a host definition, one for each. */
static wasmrt_error *resolve_host(struct wasmrt_linker *linker,
                                  struct wrt_store *store, uint32_t number,
                                  struct wrt_funcref **out)
{
    const struct wrt_definition *def = &linker->definitions.items[number];
    struct wrt_linked *linked = find_linked(linker, store);

    if (!linked || !reserve_funcs(linked, store))
        return wrt_error_oom();
    if (!linked->funcs[number])
        WRT_TRY(wrt_func_new_host(store, &def->host, &linked->funcs[number]));
    *out = linked->funcs[number];
    return NULL;
}

static wasmrt_error *unknown(const struct wrt_module *module,
                             const struct wrt_import *import, bool has_module)
{
    struct wrt_extern_type type =
        wrt_extern_type_declared(module, import->kind, import->index);
    char text[200];

    wrt_extern_type_text(&type, text, sizeof(text));
    return wrt_error_new(WASMRT_ERR_UNKNOWN_IMPORT, import->offset,
                         "\"%s\" \"%s\": %s%s", import->module.text,
                         import->field.text, text,
                         has_module ? "" : " (nothing defines that module)");
}

static wasmrt_error *resolve(struct wasmrt_linker *linker,
                             struct wrt_store *store,
                             const struct wrt_module *module,
                             const struct wrt_import *import,
                             wasmrt_extern_val *out)
{
    bool has_module;
    const uint32_t *number =
        wrt_linker_find(linker, import->module, import->field, &has_module);
    const struct wrt_definition *def;

    if (!number)
        return unknown(module, import, has_module);
    def = &linker->definitions.items[*number];
    *out = def->value;
    if (!def->is_host)
        return NULL;
    out->kind = WASMRT_EXTERN_FUNC;
    return resolve_host(linker, store, *number, &out->of.func);
}

static wasmrt_error *resolve_all(struct wasmrt_linker *linker,
                                 struct wrt_store *store,
                                 struct wrt_module *module,
                                 wasmrt_extern_val *imports,
                                 struct wrt_instance **out)
{
    for (uint32_t i = 0; i < module->nimports; i++)
        WRT_TRY(
            resolve(linker, store, module, &module->imports[i], &imports[i]));
    return wrt_instance_new(store, module, imports, out);
}

wasmrt_error *wrt_linker_instantiate(struct wasmrt_linker *linker,
                                     struct wrt_store *store,
                                     struct wrt_module *module,
                                     struct wrt_instance **out)
{
    const struct wrt_alloc *alloc = &store->engine->alloc;
    wasmrt_extern_val few[FEW_IMPORTS], *imports = few;
    wasmrt_error *error;

    WRT_TRY(wrt_engine_check_runnable(module));
    if (module->nimports > FEW_IMPORTS)
        imports = wrt_alloc_array(alloc, module->nimports, sizeof(*imports));
    if (!imports)
        return wrt_error_oom();
    error = resolve_all(linker, store, module, imports, out);
    if (imports != few)
        wrt_free_array(alloc, imports, module->nimports, sizeof(*imports));
    return error;
}
