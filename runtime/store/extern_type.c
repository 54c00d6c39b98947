/*
 * Types of imports, exports and live objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/extern_type.h"

#include "runtime/store/func.h"
#include "runtime/store/global.h"
#include "runtime/store/memory.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct wrt_extern_type wrt_extern_type_declared(const struct wrt_module *module,
                                                enum wrt_extern_kind kind,
                                                uint32_t index)
{
    struct wrt_extern_type type = {.kind = (wasmrt_extern_kind)kind};

    switch (kind) {
    case WRT_EXTERN_FUNC:
        type.of.func = wrt_module_func_type(module, index);
        break;
    case WRT_EXTERN_TABLE: type.of.table = module->tables[index].type; break;
    case WRT_EXTERN_MEMORY: type.of.memory = module->memories[index]; break;
    case WRT_EXTERN_GLOBAL: type.of.global = module->globals[index].type; break;
    case WRT_EXTERN_TAG:
        type.of.func =
            wrt_types_get(module->types, module->tags[index].type_id);
        break;
    }
    return type;
}

struct wrt_extern_type wrt_extern_type_of(const struct wrt_types *types,
                                          const wasmrt_extern_val *value)
{
    struct wrt_extern_type type = {.kind = value->kind};

    switch (value->kind) {
    case WASMRT_EXTERN_FUNC:
        type.of.func = wrt_types_get(types, value->of.func->type_id);
        break;
    case WASMRT_EXTERN_TABLE:
        type.of.table = value->of.table->type;
        type.of.table.limits.min = value->of.table->size;
        break;
    case WASMRT_EXTERN_MEMORY:
        type.of.memory = value->of.memory->limits;
        type.of.memory.min = wrt_memory_pages(value->of.memory);
        break;
    case WASMRT_EXTERN_GLOBAL: type.of.global = value->of.global->type; break;
    case WASMRT_EXTERN_TAG: type.of.func = value->of.tag->type; break;
    }
    return type;
}

/* -- Matching -------------------------------------------------------------- */

static bool limits_match(const struct wrt_limits *actual,
                         const struct wrt_limits *expected)
{
    return actual->min >= expected->min && actual->is_64 == expected->is_64 &&
           actual->is_shared == expected->is_shared &&
           (!expected->has_max ||
            (actual->has_max && actual->max <= expected->max));
}

static bool global_matches(const struct wrt_types *types,
                           const struct wrt_global_type *actual,
                           const struct wrt_global_type *expected)
{
    if (actual->is_mutable != expected->is_mutable)
        return false;
    /* What can be written through either side has exactly one type. */
    return actual->is_mutable
               ? actual->type == expected->type
               : wrt_valtype_matches(types, actual->type, expected->type);
}

bool wrt_extern_type_matches(const struct wrt_types *types,
                             const struct wrt_extern_type *actual,
                             const struct wrt_extern_type *expected)
{
    if (actual->kind != expected->kind)
        return false;
    switch (expected->kind) {
    case WASMRT_EXTERN_FUNC:
        return actual->of.func == expected->of.func ||
               wrt_types_is_subtype(types, actual->of.func->id,
                                    expected->of.func->id);
    case WASMRT_EXTERN_TABLE:
        return actual->of.table.elem == expected->of.table.elem &&
               limits_match(&actual->of.table.limits,
                            &expected->of.table.limits);
    case WASMRT_EXTERN_MEMORY:
        return actual->of.memory.page_log2 == expected->of.memory.page_log2 &&
               limits_match(&actual->of.memory, &expected->of.memory);
    case WASMRT_EXTERN_GLOBAL:
        return global_matches(types, &actual->of.global, &expected->of.global);
    case WASMRT_EXTERN_TAG: return actual->of.func == expected->of.func;
    }
    return false;
}

/* -- Text ------------------------------------------------------------------ */

/* Text that is cut to a buffer and counted beyond it. */
struct text {
    char *buf;
    size_t size, len;
};

static void WRT_PRINTF(2, 3) add(struct text *text, const char *fmt, ...)
{
    size_t room = text->len < text->size ? text->size - text->len : 0;
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(room ? text->buf + text->len : NULL, room, fmt, args);
    va_end(args);
    text->len += n > 0 ? (size_t)n : 0;
}

static void add_types(struct text *text, const wrt_valtype *types,
                      uint32_t count)
{
    char name[64];

    add(text, "(");
    for (uint32_t i = 0; i < count; i++)
        add(text, "%s%s", i ? " " : "",
            wrt_valtype_text(types[i], name, sizeof(name)));
    add(text, ")");
}

/* One result stands without parentheses, as signatures are written. */
static void add_func(struct text *text, const struct wrt_type *type)
{
    char name[64];

    add_types(text, wrt_type_params(type), type->nparams);
    add(text, " -> ");
    if (type->nresults == 1)
        add(text, "%s",
            wrt_valtype_text(wrt_type_results(type)[0], name, sizeof(name)));
    else
        add_types(text, wrt_type_results(type), type->nresults);
}

static void add_limits(struct text *text, const struct wrt_limits *limits)
{
    add(text, " %s%" PRIu64, limits->is_64 ? "i64 " : "", limits->min);
    if (limits->has_max)
        add(text, "..%" PRIu64, limits->max);
    if (limits->is_shared)
        add(text, " shared");
}

size_t wrt_extern_type_text(const struct wrt_extern_type *type, char *buf,
                            size_t size)
{
    struct text text = {.buf = buf, .size = size};
    char name[64];

    switch (type->kind) {
    case WASMRT_EXTERN_FUNC: add_func(&text, type->of.func); break;
    case WASMRT_EXTERN_TABLE:
        add(&text, "table");
        add_limits(&text, &type->of.table.limits);
        add(&text, " %s",
            wrt_valtype_text(type->of.table.elem, name, sizeof(name)));
        break;
    case WASMRT_EXTERN_MEMORY:
        add(&text, "memory");
        add_limits(&text, &type->of.memory);
        if (type->of.memory.page_log2 != 16)
            add(&text, " pagesize %u", 1u << type->of.memory.page_log2);
        break;
    case WASMRT_EXTERN_GLOBAL:
        add(&text, "global %s%s", type->of.global.is_mutable ? "mut " : "",
            wrt_valtype_text(type->of.global.type, name, sizeof(name)));
        break;
    case WASMRT_EXTERN_TAG:
        add(&text, "tag ");
        add_types(&text, wrt_type_params(type->of.func),
                  type->of.func->nparams);
        break;
    }
    return text.len;
}
