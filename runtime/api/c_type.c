/*
 * wasm.h: types.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/c_type.h"

#include "runtime/store/value.h"

#include "wasmrt/bridge.h"

/* -- Value types ----------------------------------------------------------- */

/* One object for each kind; never changed and never freed. */
struct wasm_valtype_t {
    wasm_valkind_t kind;
    wasmrt_kind ours;
};

static struct wasm_valtype_t valtypes[] = {
    {WASM_I32, WASMRT_I32},
    {WASM_I64, WASMRT_I64},
    {WASM_F32, WASMRT_F32},
    {WASM_F64, WASMRT_F64},
    {WASMRT_WASM_V128, WASMRT_V128},
    {WASM_EXTERNREF, WASMRT_EXTERNREF},
    {WASM_FUNCREF, WASMRT_FUNCREF},
    {WASMRT_WASM_ANYREF, WASMRT_ANYREF},
    {WASMRT_WASM_EXNREF, WASMRT_EXNREF},
};

wasm_valtype_t *wasm_valtype_new(wasm_valkind_t kind)
{
    for (size_t i = 0; i < WRT_COUNTOF(valtypes); i++) {
        if (valtypes[i].kind == kind)
            return &valtypes[i];
    }
    return NULL;
}

static wasm_valtype_t *valtype_of(wasmrt_kind kind)
{
    size_t i = 0;

    while (valtypes[i].ours != kind)
        i++;
    return &valtypes[i];
}

wasm_valkind_t wrt_c_valkind(wasmrt_kind kind)
{
    return valtype_of(kind)->kind;
}

wasmrt_kind wrt_c_kind_of(wasm_valkind_t kind)
{
    const wasm_valtype_t *type = wasm_valtype_new(kind);

    return type ? type->ours : (wasmrt_kind)0;
}

void wasm_valtype_delete(wasm_valtype_t *type)
{
    (void)type;
}

wasm_valtype_t *wasm_valtype_copy(const wasm_valtype_t *type)
{
    return wasm_valtype_new(type->kind);
}

wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t *type)
{
    return type->kind;
}

/* -- Extern types ---------------------------------------------------------- */

static wasm_externtype_t *new_type(wasm_externkind_t kind)
{
    wasm_externtype_t *type = wrt_alloc_zero(&wrt_alloc_libc, sizeof(*type));

    if (type)
        type->kind = kind;
    return type;
}

void wasm_externtype_delete(wasm_externtype_t *type)
{
    if (!type)
        return;
    wasm_valtype_vec_delete(&type->params);
    wasm_valtype_vec_delete(&type->results);
    wrt_free(&wrt_alloc_libc, type, sizeof(*type));
}

wasm_externtype_t *wasm_externtype_copy(const wasm_externtype_t *type)
{
    wasm_externtype_t *copy = new_type(type->kind);

    if (!copy)
        return NULL;
    *copy = *type;
    wasm_valtype_vec_copy(&copy->params, &type->params);
    wasm_valtype_vec_copy(&copy->results, &type->results);
    if (copy->params.size == type->params.size &&
        copy->results.size == type->results.size)
        return copy;
    wasm_externtype_delete(copy);
    return NULL;
}

wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t *type)
{
    return type->kind;
}

static wasm_externtype_t *if_kind(const wasm_externtype_t *type,
                                  wasm_externkind_t kind)
{
    return type && type->kind == kind ? WRT_C_TYPE(type) : NULL;
}

#define TYPE(name, kind)                                                       \
    void wasm_##name##_delete(wasm_##name##_t *type)                           \
    {                                                                          \
        wasm_externtype_delete(WRT_C_TYPE(type));                              \
    }                                                                          \
    wasm_##name##_t *wasm_##name##_copy(const wasm_##name##_t *type)           \
    {                                                                          \
        return (wasm_##name##_t *)wasm_externtype_copy(WRT_C_TYPE(type));      \
    }                                                                          \
    wasm_externtype_t *wasm_##name##_as_externtype(wasm_##name##_t *type)      \
    {                                                                          \
        return WRT_C_TYPE(type);                                               \
    }                                                                          \
    const wasm_externtype_t *wasm_##name##_as_externtype_const(                \
        const wasm_##name##_t *type)                                           \
    {                                                                          \
        return WRT_C_TYPE(type);                                               \
    }                                                                          \
    wasm_##name##_t *wasm_externtype_as_##name(wasm_externtype_t *type)        \
    {                                                                          \
        return (wasm_##name##_t *)if_kind(type, kind);                         \
    }                                                                          \
    const wasm_##name##_t *wasm_externtype_as_##name##_const(                  \
        const wasm_externtype_t *type)                                         \
    {                                                                          \
        return (const wasm_##name##_t *)if_kind(type, kind);                   \
    }

TYPE(functype, WASM_EXTERN_FUNC)
TYPE(globaltype, WASM_EXTERN_GLOBAL)
TYPE(tabletype, WASM_EXTERN_TABLE)
TYPE(memorytype, WASM_EXTERN_MEMORY)

/* -- Making and reading ---------------------------------------------------- */

wasm_functype_t *wasm_functype_new(wasm_valtype_vec_t *params,
                                   wasm_valtype_vec_t *results)
{
    wasm_externtype_t *type = new_type(WASM_EXTERN_FUNC);

    if (type) {
        type->params = *params;
        type->results = *results;
        wasm_valtype_vec_new_empty(params);
        wasm_valtype_vec_new_empty(results);
    } else {
        wasm_valtype_vec_delete(params);
        wasm_valtype_vec_delete(results);
    }
    return (wasm_functype_t *)type;
}

const wasm_valtype_vec_t *wasm_functype_params(const wasm_functype_t *type)
{
    return &WRT_C_TYPE(type)->params;
}

const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *type)
{
    return &WRT_C_TYPE(type)->results;
}

wasm_globaltype_t *wasm_globaltype_new(wasm_valtype_t *content,
                                       wasm_mutability_t mutability)
{
    wasm_externtype_t *type = new_type(WASM_EXTERN_GLOBAL);

    if (type) {
        type->content = content;
        type->mutability = mutability;
    }
    return (wasm_globaltype_t *)type;
}

const wasm_valtype_t *wasm_globaltype_content(const wasm_globaltype_t *type)
{
    return WRT_C_TYPE(type)->content;
}

wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t *type)
{
    return WRT_C_TYPE(type)->mutability;
}

static void set_limits(wasm_externtype_t *type, const wasm_limits_t *limits)
{
    bool has_max = limits->max != wasm_limits_max_default;

    type->limits = *limits;
    type->exact = (struct wrt_limits){
        .min = limits->min,
        .max = has_max ? limits->max : UINT64_MAX,
        .has_max = has_max,
    };
}

wasm_tabletype_t *wasm_tabletype_new(wasm_valtype_t *element,
                                     const wasm_limits_t *limits)
{
    wasm_externtype_t *type = new_type(WASM_EXTERN_TABLE);

    if (type) {
        type->content = element;
        set_limits(type, limits);
    }
    return (wasm_tabletype_t *)type;
}

const wasm_valtype_t *wasm_tabletype_element(const wasm_tabletype_t *type)
{
    return WRT_C_TYPE(type)->content;
}

const wasm_limits_t *wasm_tabletype_limits(const wasm_tabletype_t *type)
{
    return &WRT_C_TYPE(type)->limits;
}

wasm_memorytype_t *wasm_memorytype_new(const wasm_limits_t *limits)
{
    wasm_externtype_t *type = new_type(WASM_EXTERN_MEMORY);

    if (type) {
        set_limits(type, limits);
        type->exact.page_log2 = 16;
    }
    return (wasm_memorytype_t *)type;
}

const wasm_limits_t *wasm_memorytype_limits(const wasm_memorytype_t *type)
{
    return &WRT_C_TYPE(type)->limits;
}

/* -- From the engine's types ----------------------------------------------- */

static wasm_valtype_t *content_of(const struct wrt_types *types,
                                  wrt_valtype type)
{
    return valtype_of(wrt_value_kind(types, type));
}

static bool fill_func(wasm_externtype_t *out, const struct wrt_types *types,
                      const struct wrt_type *func)
{
    wasm_valtype_vec_new_uninitialized(&out->params, func->nparams);
    wasm_valtype_vec_new_uninitialized(&out->results, func->nresults);
    for (size_t i = 0; i < out->params.size; i++)
        out->params.data[i] = content_of(types, wrt_type_params(func)[i]);
    for (size_t i = 0; i < out->results.size; i++)
        out->results.data[i] = content_of(types, wrt_type_results(func)[i]);
    return out->params.size == func->nparams &&
           out->results.size == func->nresults;
}

static void fill_limits(wasm_externtype_t *out, const struct wrt_limits *limits)
{
    out->exact = *limits;
    out->limits.min = (uint32_t)WRT_MIN(limits->min, UINT32_MAX);
    out->limits.max = limits->has_max
                          ? (uint32_t)WRT_MIN(limits->max, UINT32_MAX)
                          : wasm_limits_max_default;
}

wasm_externtype_t *wrt_c_type_new(const struct wrt_types *types,
                                  const struct wrt_extern_type *type)
{
    static const wasm_externkind_t kinds[] = {
        [WASMRT_EXTERN_FUNC] = WASM_EXTERN_FUNC,
        [WASMRT_EXTERN_TABLE] = WASM_EXTERN_TABLE,
        [WASMRT_EXTERN_MEMORY] = WASM_EXTERN_MEMORY,
        [WASMRT_EXTERN_GLOBAL] = WASM_EXTERN_GLOBAL,
        [WASMRT_EXTERN_TAG] = WASMRT_WASM_EXTERN_TAG,
    };
    wasm_externtype_t *out = new_type(kinds[type->kind]);

    if (!out)
        return NULL;
    switch (type->kind) {
    case WASMRT_EXTERN_FUNC:
    case WASMRT_EXTERN_TAG:
        if (!fill_func(out, types, type->of.func)) {
            wasm_externtype_delete(out);
            return NULL;
        }
        break;
    case WASMRT_EXTERN_TABLE:
        out->content = content_of(types, type->of.table.elem);
        fill_limits(out, &type->of.table.limits);
        break;
    case WASMRT_EXTERN_MEMORY: fill_limits(out, &type->of.memory); break;
    case WASMRT_EXTERN_GLOBAL:
        out->content = content_of(types, type->of.global.type);
        out->mutability = type->of.global.is_mutable ? WASM_VAR : WASM_CONST;
        break;
    }
    return out;
}

/* -- Import and export types ----------------------------------------------- */

struct wasm_importtype_t {
    wasm_name_t module, name;
    wasm_externtype_t *type;
};

/* An export type is an import type without a module. */
#define EXPORT(type) ((struct wasm_importtype_t *)(uintptr_t)(type))

/* Takes what the caller's name holds. */
static wasm_name_t take_name(wasm_name_t *name)
{
    wasm_name_t taken = *name;

    wasm_name_new_empty(name);
    return taken;
}

void wasm_importtype_delete(wasm_importtype_t *type)
{
    if (!type)
        return;
    wasm_name_delete(&type->module);
    wasm_name_delete(&type->name);
    wasm_externtype_delete(type->type);
    wrt_free(&wrt_alloc_libc, type, sizeof(*type));
}

wasm_importtype_t *wasm_importtype_new(wasm_name_t *module, wasm_name_t *name,
                                       wasm_externtype_t *type)
{
    wasm_importtype_t *import =
        wrt_alloc_zero(&wrt_alloc_libc, sizeof(*import));

    if (!import) {
        wasm_name_delete(module);
        wasm_name_delete(name);
        wasm_externtype_delete(type);
        return NULL;
    }
    import->module = take_name(module);
    import->name = take_name(name);
    import->type = type;
    return import;
}

wasm_importtype_t *wasm_importtype_copy(const wasm_importtype_t *type)
{
    wasm_name_t module, name;
    wasm_externtype_t *copy = wasm_externtype_copy(type->type);

    wasm_name_copy(&module, &type->module);
    wasm_name_copy(&name, &type->name);
    if (copy && module.size == type->module.size &&
        name.size == type->name.size)
        return wasm_importtype_new(&module, &name, copy);
    wasm_name_delete(&module);
    wasm_name_delete(&name);
    wasm_externtype_delete(copy);
    return NULL;
}

const wasm_name_t *wasm_importtype_module(const wasm_importtype_t *type)
{
    return &type->module;
}

const wasm_name_t *wasm_importtype_name(const wasm_importtype_t *type)
{
    return &type->name;
}

const wasm_externtype_t *wasm_importtype_type(const wasm_importtype_t *type)
{
    return type->type;
}

void wasm_exporttype_delete(wasm_exporttype_t *type)
{
    wasm_importtype_delete(EXPORT(type));
}

wasm_exporttype_t *wasm_exporttype_new(wasm_name_t *name,
                                       wasm_externtype_t *type)
{
    wasm_name_t none = WASM_EMPTY_VEC;

    return (wasm_exporttype_t *)wasm_importtype_new(&none, name, type);
}

wasm_exporttype_t *wasm_exporttype_copy(const wasm_exporttype_t *type)
{
    return (wasm_exporttype_t *)wasm_importtype_copy(EXPORT(type));
}

const wasm_name_t *wasm_exporttype_name(const wasm_exporttype_t *type)
{
    return &EXPORT(type)->name;
}

const wasm_externtype_t *wasm_exporttype_type(const wasm_exporttype_t *type)
{
    return EXPORT(type)->type;
}
