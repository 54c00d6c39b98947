/*
 * Instances.
 *
 * An instance is one block: the struct with its globals, then the arrays that
 * it points to, then its own tables and memories.  What it imports is reached
 * through pointers.  The block's layout is computed from the module's counts,
 * which the limits of limits.def keep far from overflowing a size_t.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/instance.h"

#include "runtime/store/const_eval.h"
#include "runtime/store/extern_type.h"
#include "runtime/store/func.h"
#include "runtime/store/global.h"
#include "runtime/store/memory.h"
#include "runtime/store/ops.h"
#include "runtime/store/shared.h"
#include "runtime/store/table.h"

_Static_assert(sizeof(size_t) == 8, "block sizes are not checked for overflow");

/* Items between two looks at the interrupt. */
enum { SLICE_ITEMS = 4096 };

/* -- The block ------------------------------------------------------------- */

/* Offsets of the arrays in the block. */
struct layout {
    size_t tables, memories, imported_funcs, imported_globals, funcrefs;
    size_t tags, own_tables, own_memories, own_tags, dropped, size_bytes;
};

static size_t take(size_t *end, size_t count, size_t elem)
{
    size_t start = *end;

    *end += count * elem;
    return start;
}

/* All of an instance lies in one block, at distances that follow from its
 * module: one allocation, and one range to make zero. */
static struct layout plan_block(const struct wrt_module *m)
{
    struct layout l;
    size_t end = sizeof(struct wrt_instance) +
                 2 * sizeof(wrt_slot) * (m->nglobals - m->nimported_globals);

    l.tables = take(&end, m->ntables, sizeof(void *));
    l.memories = take(&end, m->nmemories, sizeof(void *));
    l.imported_funcs = take(&end, m->nimported_funcs, sizeof(void *));
    l.imported_globals = take(&end, m->nimported_globals, sizeof(void *));
    l.tags = take(&end, m->ntags, sizeof(void *));
    l.funcrefs = take(&end, m->nescaping, sizeof(struct wrt_funcref));
    l.own_tables = take(&end, m->ntables - m->nimported_tables,
                        sizeof(struct wrt_table_inst));
    l.own_memories = take(&end, m->nmemories - m->nimported_memories,
                          sizeof(struct wrt_memory_inst));
    l.own_tags =
        take(&end, m->ntags - m->nimported_tags, sizeof(struct wrt_tag_inst));
    l.dropped = take(&end, (size_t)m->nelems + m->ndatas, 1);
    l.size_bytes = end;
    return l;
}

/* In slices: a large module has megabytes of pointers. */
static wasmrt_error *make_block(struct wrt_store *store,
                                struct wrt_module *module,
                                const struct layout *l,
                                struct wrt_instance **out)
{
    const struct wrt_alloc *alloc = &store->engine->alloc;
    uint8_t *block = alloc->resize(alloc->user, NULL, 0, l->size_bytes);
    struct wrt_instance *inst = (struct wrt_instance *)(void *)block;
    wasmrt_error *error =
        block ? wrt_interrupt_zero(&store->ctx, block, l->size_bytes)
              : wrt_error_oom();

    if (error) {
        wrt_free(alloc, block, l->size_bytes);
        return error;
    }
    inst->ctx = &store->ctx;
    inst->mem0 = wrt_memory_none();
    inst->code = store->engine->backend->entries(module);
    inst->tables = (void *)(block + l->tables);
    inst->memories = (void *)(block + l->memories);
    inst->imported_funcs = (void *)(block + l->imported_funcs);
    inst->imported_globals = (void *)(block + l->imported_globals);
    inst->tags = (void *)(block + l->tags);
    inst->funcrefs = (void *)(block + l->funcrefs);
    inst->dropped_elems = block + l->dropped;
    inst->dropped_datas = inst->dropped_elems + module->nelems;
    inst->types = wrt_types_table(module->types);
    inst->module = module;
    inst->store = store;
    inst->size_bytes = l->size_bytes;
    *out = inst;
    return NULL;
}

void wrt_instance_delete(struct wrt_instance *inst)
{
    struct wrt_module *module = inst->module;

    wrt_count_give(&inst->store->quota->instances, 1);
    wrt_free(&inst->store->engine->alloc, inst, inst->size_bytes);
    wrt_module_unref(module);
}

/* -- Imports --------------------------------------------------------------- */

static wasmrt_error *mismatch(const struct wrt_import *import,
                              const struct wrt_extern_type *expected,
                              const struct wrt_extern_type *actual)
{
    char expected_text[200], actual_text[200];

    wrt_extern_type_text(expected, expected_text, sizeof(expected_text));
    wrt_extern_type_text(actual, actual_text, sizeof(actual_text));
    return wrt_error_new(WASMRT_ERR_IMPORT_TYPE, import->offset,
                         "\"%s\" \"%s\": expected %s, found %s",
                         import->module.text, import->field.text, expected_text,
                         actual_text);
}

static void bind_import(struct wrt_instance *inst,
                        const struct wrt_import *import,
                        const wasmrt_extern_val *value)
{
    switch (value->kind) {
    case WASMRT_EXTERN_FUNC:
        inst->imported_funcs[import->index] = value->of.func;
        break;
    case WASMRT_EXTERN_TABLE:
        inst->tables[import->index] = value->of.table;
        break;
    case WASMRT_EXTERN_MEMORY:
        inst->memories[import->index] = value->of.memory;
        break;
    case WASMRT_EXTERN_GLOBAL:
        inst->imported_globals[import->index] = value->of.global->cell;
        break;
    case WASMRT_EXTERN_TAG: inst->tags[import->index] = value->of.tag; break;
    }
}

/* What is given must match what is declared, and is the instance's then. */
static wasmrt_error *bind_imports(struct wrt_instance *inst,
                                  const wasmrt_extern_val *imports)
{
    const struct wrt_module *module = inst->module;
    const struct wrt_types *types = module->types;

    for (uint32_t i = 0; i < module->nimports; i++) {
        const struct wrt_import *import = &module->imports[i];
        struct wrt_extern_type expected, actual;

        expected =
            wrt_extern_type_declared(module, import->kind, import->index);
        actual = wrt_extern_type_of(types, &imports[i]);
        if (!wrt_extern_type_matches(types, &actual, &expected))
            return mismatch(import, &expected, &actual);
        if (imports[i].kind == WASMRT_EXTERN_MEMORY)
            WRT_TRY(wrt_shared_memory_use(inst->store, imports[i].of.memory));
        bind_import(inst, import, &imports[i]);
    }
    return NULL;
}

/* -- Definitions ----------------------------------------------------------- */

static wasmrt_error *make_funcrefs(struct wrt_instance *inst)
{
    const struct wrt_module *module = inst->module;

    for (uint32_t i = 0; i < module->nescaping; i++) {
        uint32_t func_idx = module->escaping[i];

        if (i % SLICE_ITEMS == 0)
            WRT_TRY(wrt_interrupt_error(inst->ctx));
        inst->funcrefs[i] = (struct wrt_funcref){
            .type_id = module->funcs[func_idx].type_id,
            .func_idx = func_idx,
            .instance = inst,
        };
    }
    return NULL;
}

/* Tags, tables and memories of the instance's own.  On failure some of them may
 * be in the store's lists. */
static wasmrt_error *make_objects(struct wrt_instance *inst,
                                  const struct layout *l)
{
    const struct wrt_module *module = inst->module;
    uint8_t *block = (uint8_t *)inst;
    struct wrt_table_inst *table = (void *)(block + l->own_tables);
    struct wrt_memory_inst *memory = (void *)(block + l->own_memories);
    struct wrt_tag_inst *tag = (void *)(block + l->own_tags);

    for (uint32_t i = module->nimported_tags; i < module->ntags; i++) {
        tag->type = wrt_types_get(module->types, module->tags[i].type_id);
        tag->store = inst->store;
        inst->tags[i] = tag++;
    }
    for (uint32_t i = module->nimported_tables; i < module->ntables; i++) {
        WRT_TRY(wrt_table_init(table, inst->store, &module->tables[i].type));
        inst->tables[i] = table++;
    }
    for (uint32_t i = module->nimported_memories; i < module->nmemories; i++) {
        const struct wrt_limits *limits = &module->memories[i];

        if (limits->is_shared) {
            WRT_TRY(
                wrt_shared_memory_new(inst->store, limits, &inst->memories[i]));
            continue;
        }
        WRT_TRY(wrt_memory_init(memory, inst->store, limits));
        inst->memories[i] = memory++;
    }
    if (module->nmemories)
        inst->mem0 = inst->memories[0];
    return NULL;
}

/* A trap, as an error, of what is done on the instance's behalf. */
static wasmrt_error *trap(const struct wrt_instance *inst, wasmrt_code code)
{
    return code == WASMRT_ERR_NONE ? NULL : wrt_trap_error(inst->ctx, code);
}

/* Globals in order, since later ones may read earlier ones; then what tables
 * are filled with. */
static wasmrt_error *init_values(struct wrt_instance *inst)
{
    const struct wrt_module *module = inst->module;

    for (uint32_t i = module->nimported_globals; i < module->nglobals; i++)
        WRT_TRY(wrt_const_eval(inst, &module->globals[i].init,
                               wrt_instance_global(inst, i)));
    for (uint32_t i = module->nimported_tables; i < module->ntables; i++) {
        struct wrt_table_inst *table = inst->tables[i];
        wrt_slot value[2];

        if (!module->tables[i].has_init)
            continue;
        WRT_TRY(wrt_const_eval(inst, &module->tables[i].init, value));
        WRT_TRY(trap(inst,
                     wrt_op_table_fill(inst, i, 0, value[0].ref, table->size)));
    }
    return NULL;
}

/* -- Segments and the start function --------------------------------------- */

/* Evaluates the items of a segment that may be used more than once, when each
 * evaluation would make another object.  Each is a root from then on. */
static wasmrt_error *make_elem_objects(struct wrt_instance *inst, uint32_t idx)
{
    const struct wrt_elem_segment *elem = &inst->module->elems[idx];
    wrt_slot value[2];
    void **items;

    if (!elem->allocates || elem->mode != WRT_SEGMENT_PASSIVE)
        return NULL;
    if (!inst->elem_objects)
        inst->elem_objects = wrt_store_alloc(
            inst->store, inst->module->nelems * sizeof(*inst->elem_objects));
    items = wrt_store_alloc(inst->store, elem->count * sizeof(*items));
    if (!inst->elem_objects || !items)
        return wrt_error_oom();
    inst->elem_objects[idx] = items;
    for (uint32_t i = 0; i < elem->count; i++) {
        WRT_TRY(wrt_const_eval(inst, &elem->exprs[i], value));
        items[i] = value[0].ref;
    }
    return NULL;
}

static wasmrt_error *apply_elem(struct wrt_instance *inst, uint32_t idx)
{
    const struct wrt_elem_segment *elem = &inst->module->elems[idx];
    bool is_64;
    uint64_t at;

    if (elem->mode == WRT_SEGMENT_ACTIVE) {
        is_64 = inst->module->tables[elem->table_idx].type.limits.is_64;
        WRT_TRY(wrt_const_eval_offset(inst, &elem->offset, is_64, &at));
        WRT_TRY(trap(inst, wrt_op_table_init(inst, elem->table_idx, idx, at, 0,
                                             elem->count)));
    }
    if (elem->mode != WRT_SEGMENT_PASSIVE)
        wrt_op_elem_drop(inst, idx);
    return NULL;
}

static wasmrt_error *apply_data(struct wrt_instance *inst, uint32_t idx)
{
    const struct wrt_data_segment *data = &inst->module->datas[idx];
    bool is_64;
    uint64_t at;

    if (data->mode != WRT_SEGMENT_ACTIVE)
        return NULL;
    is_64 = inst->module->memories[data->memory_idx].is_64;
    WRT_TRY(wrt_const_eval_offset(inst, &data->offset, is_64, &at));
    WRT_TRY(trap(inst, wrt_op_memory_init(inst, data->memory_idx, idx, at, 0,
                                          data->len)));
    wrt_op_data_drop(inst, idx);
    return NULL;
}

/* What is made and copied here no instruction of the guest asked for, so it
 * costs no fuel. */
static wasmrt_error *initialise(struct wrt_instance *inst)
{
    const struct wrt_module *module = inst->module;
    uint64_t fuel = inst->ctx->fuel;
    wasmrt_error *error;

    inst->ctx->fuel = UINT64_MAX;
    error = init_values(inst);
    for (uint32_t i = 0; i < module->nelems && !error; i++)
        error = make_elem_objects(inst, i);
    for (uint32_t i = 0; i < module->nelems && !error; i++)
        error = apply_elem(inst, i);
    for (uint32_t i = 0; i < module->ndatas && !error; i++)
        error = apply_data(inst, i);
    inst->ctx->fuel = fuel;
    return error;
}

/* What may trap and so leaves the instance in the store. */
static wasmrt_error *start(struct wrt_instance *inst)
{
    const struct wrt_module *module = inst->module;
    wrt_slot none; /* engines copy from and to it, also nothing */

    WRT_TRY(initialise(inst));
    if (!module->has_start)
        return NULL;
    return wrt_func_call_index(inst, module->start_func, &none);
}

/* -- Instantiation --------------------------------------------------------- */

/* Everything up to the point of no return. */
static wasmrt_error *build(struct wrt_instance *inst, const struct layout *l,
                           const wasmrt_extern_val *imports)
{
    struct wrt_store *store = inst->store;
    struct wrt_memory_inst *memories = store->memories;
    struct wrt_table_inst *tables = store->tables;
    size_t nshared = store->shared.count;
    wasmrt_error *error = bind_imports(inst, imports);

    if (!error)
        error = make_funcrefs(inst);
    if (!error)
        error = make_objects(inst, l);
    if (!error)
        return NULL;
    for (; store->memories != memories; store->memories = store->memories->next)
        wrt_memory_fini(store->memories);
    wrt_shared_memory_drop(store, nshared);
    for (; store->tables != tables; store->tables = store->tables->next)
        wrt_table_fini(store->tables);
    return error;
}

wasmrt_error *wrt_instance_new(struct wrt_store *store,
                               struct wrt_module *module,
                               const wasmrt_extern_val *imports,
                               struct wrt_instance **out)
{
    struct layout l = plan_block(module);
    struct wrt_instance *inst;
    wasmrt_error *error;

    WRT_TRY(wrt_count_object(&store->quota->instances, "instances"));
    /* An interrupt that is there already stops this as it would a call. */
    error = wrt_interrupt_error(&store->ctx);
    if (!error)
        error = make_block(store, module, &l, &inst);
    if (error) {
        wrt_count_give(&store->quota->instances, 1);
        return wrt_func_end_call(&store->ctx, error);
    }
    wrt_module_ref(module);
    error = build(inst, &l, imports);
    if (error) {
        wrt_instance_delete(inst);
        return wrt_func_end_call(&store->ctx, error);
    }
    /* An interrupt may be walking the list. */
    __atomic_store_n(store->last_instance ? &store->last_instance->next
                                          : &store->instances,
                     inst, __ATOMIC_RELEASE);
    store->last_instance = inst;
    error = start(inst);
    if (error)
        return wrt_func_end_call(inst->ctx, error);
    *out = inst;
    return NULL;
}

bool wrt_instance_export(struct wrt_instance *inst,
                         const struct wrt_export *export,
                         wasmrt_extern_val *out)
{
    out->kind = (wasmrt_extern_kind) export->kind;
    out->of.func = NULL;
    switch (export->kind) {
    case WRT_EXTERN_FUNC:
        out->of.func = wrt_instance_funcref(inst, export->index);
        break;
    case WRT_EXTERN_TABLE: out->of.table = inst->tables[export->index]; break;
    case WRT_EXTERN_MEMORY:
        out->of.memory = inst->memories[export->index];
        break;
    case WRT_EXTERN_GLOBAL:
        out->of.global = wrt_global_of(inst, export->index);
        return out->of.global != NULL;
    case WRT_EXTERN_TAG: out->of.tag = inst->tags[export->index]; break;
    }
    return true;
}
