/*
 * The listing of types, imports, definitions and exports.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/dump_out.h"

/* -- Types ----------------------------------------------------------------- */

/* The first type index of the module that has this type id. */
static uint32_t type_index(const struct wrt_dump *d, uint32_t id)
{
    uint32_t low = 0, high = d->m->ntypes;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (d->m->type_ids[d->types_by_id[mid]] < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < d->m->ntypes ? d->types_by_id[low] : WRT_NO_TYPE;
}

void wrt_dump_valtype(struct wrt_dump *d, wrt_valtype t)
{
    char text[64];

    if (wrt_valtype_is_ref(t) && wrt_valtype_has_type_id(t))
        wrt_dump_text(d, "(ref %s%u)",
                      wrt_valtype_is_nullable(t) ? "null " : "",
                      (unsigned)type_index(d, wrt_valtype_heap(t)));
    else
        wrt_dump_text(d, "%s", wrt_valtype_text(t, text, sizeof(text)));
}

void wrt_dump_heap_type(struct wrt_dump *d, wrt_valtype t)
{
    char text[64];
    size_t len;

    if (wrt_valtype_has_type_id(t)) {
        wrt_dump_text(d, "%u", (unsigned)type_index(d, wrt_valtype_heap(t)));
        return;
    }
    /* "(ref heap)" without its frame. */
    wrt_valtype_text(t & ~(wrt_valtype)WRT_REF_NULLABLE, text, sizeof(text));
    len = strlen(text);
    wrt_dump_text(d, "%.*s", (int)(len - 6), text + 5);
}

static void dump_types(struct wrt_dump *d, const char *keyword,
                       const wrt_valtype *types, uint32_t count)
{
    if (count == 0)
        return;
    wrt_dump_text(d, " (%s", keyword);
    for (uint32_t i = 0; i < count; i++) {
        wrt_dump_text(d, " ");
        wrt_dump_valtype(d, types[i]);
    }
    wrt_dump_text(d, ")");
}

void wrt_dump_func_type(struct wrt_dump *d, const struct wrt_type *type)
{
    dump_types(d, "param", wrt_type_params(type), type->nparams);
    dump_types(d, "result", wrt_type_results(type), type->nresults);
}

static void dump_fields(struct wrt_dump *d, const struct wrt_type *type)
{
    const char *open = type->form == WRT_FORM_STRUCT ? " (field " : " ";
    const char *close = type->form == WRT_FORM_STRUCT ? ")" : "";

    for (uint32_t i = 0; i < type->nfields; i++) {
        wrt_dump_text(d, "%s%s", open,
                      type->fields[i].is_mutable ? "(mut " : "");
        wrt_dump_valtype(d, type->fields[i].type);
        wrt_dump_text(d, "%s%s", type->fields[i].is_mutable ? ")" : "", close);
    }
}

static void dump_type(struct wrt_dump *d, uint32_t idx)
{
    static const char *const forms[] = {"func", "struct", "array"};
    const struct wrt_type *type = wrt_module_type(d->m, idx);
    bool is_sub = !type->is_final || type->supertype != WRT_NO_TYPE;

    wrt_dump_text(d, "  type %u", (unsigned)idx);
    wrt_dump_name(d, WRT_NAMES_TYPE, 0, idx);
    wrt_dump_text(d, ": ");
    if (is_sub) {
        wrt_dump_text(d, "(sub%s ", type->is_final ? " final" : "");
        if (type->supertype != WRT_NO_TYPE)
            wrt_dump_text(d, "%u ", (unsigned)type_index(d, type->supertype));
    }
    wrt_dump_text(d, "(%s", forms[type->form]);
    if (type->form == WRT_FORM_FUNC)
        wrt_dump_func_type(d, type);
    else
        dump_fields(d, type);
    wrt_dump_text(d, "%s\n", is_sub ? "))" : ")");
}

/* -- Things of each kind --------------------------------------------------- */

static void dump_limits(struct wrt_dump *d, const struct wrt_limits *limits)
{
    wrt_dump_text(d, "%s%llu", limits->is_64 ? "i64 " : "",
                  (unsigned long long)limits->min);
    if (limits->has_max)
        wrt_dump_text(d, " %llu", (unsigned long long)limits->max);
    if (limits->is_shared)
        wrt_dump_text(d, " shared");
}

static void dump_func(struct wrt_dump *d, uint32_t idx)
{
    wrt_dump_text(d, "func %u", (unsigned)idx);
    wrt_dump_name(d, WRT_NAMES_FUNC, 0, idx);
    wrt_dump_text(d, ": (type %u)", (unsigned)d->m->funcs[idx].type_idx);
    wrt_dump_func_type(d, wrt_module_func_type(d->m, idx));
}

static void dump_table(struct wrt_dump *d, uint32_t idx)
{
    const struct wrt_table *table = &d->m->tables[idx];

    wrt_dump_text(d, "table %u", (unsigned)idx);
    wrt_dump_name(d, WRT_NAMES_TABLE, 0, idx);
    wrt_dump_text(d, ": ");
    dump_limits(d, &table->type.limits);
    wrt_dump_text(d, " ");
    wrt_dump_valtype(d, table->type.elem);
    if (table->has_init) {
        wrt_dump_text(d, " = ");
        wrt_dump_expr(d, &table->init);
    }
}

static void dump_memory(struct wrt_dump *d, uint32_t idx)
{
    const struct wrt_limits *memory = &d->m->memories[idx];

    wrt_dump_text(d, "memory %u", (unsigned)idx);
    wrt_dump_name(d, WRT_NAMES_MEMORY, 0, idx);
    wrt_dump_text(d, ": ");
    dump_limits(d, memory);
    wrt_dump_text(d, " pages of %u", 1u << memory->page_log2);
}

static void dump_global(struct wrt_dump *d, uint32_t idx)
{
    const struct wrt_global *global = &d->m->globals[idx];

    wrt_dump_text(d, "global %u", (unsigned)idx);
    wrt_dump_name(d, WRT_NAMES_GLOBAL, 0, idx);
    wrt_dump_text(d, global->type.is_mutable ? ": (mut " : ": ");
    wrt_dump_valtype(d, global->type.type);
    wrt_dump_text(d, global->type.is_mutable ? ")" : "");
    if (idx >= d->m->nimported_globals) {
        wrt_dump_text(d, " = ");
        wrt_dump_expr(d, &global->init);
    }
}

static void dump_tag(struct wrt_dump *d, uint32_t idx)
{
    wrt_dump_text(d, "tag %u", (unsigned)idx);
    wrt_dump_name(d, WRT_NAMES_TAG, 0, idx);
    wrt_dump_text(d, ":");
    wrt_dump_func_type(d, wrt_types_get(d->m->types, d->m->tags[idx].type_id));
}

typedef void dump_fn(struct wrt_dump *d, uint32_t idx);

static dump_fn *const by_kind[] = {
    [WRT_EXTERN_FUNC] = dump_func,     [WRT_EXTERN_TABLE] = dump_table,
    [WRT_EXTERN_MEMORY] = dump_memory, [WRT_EXTERN_GLOBAL] = dump_global,
    [WRT_EXTERN_TAG] = dump_tag,
};

/* -- Lists ----------------------------------------------------------------- */

static void dump_imports(struct wrt_dump *d)
{
    if (d->m->nimports)
        wrt_dump_text(d, "imports:\n");
    for (uint32_t i = 0; i < d->m->nimports; i++) {
        const struct wrt_import *import = &d->m->imports[i];

        wrt_dump_text(d, "  ");
        wrt_dump_quoted(d, import->module.text, import->module.len);
        wrt_dump_text(d, " ");
        wrt_dump_quoted(d, import->field.text, import->field.len);
        wrt_dump_text(d, " = ");
        by_kind[import->kind](d, import->index);
        wrt_dump_text(d, "\n");
    }
}

static void dump_definitions(struct wrt_dump *d, const char *title,
                             enum wrt_extern_kind kind, uint32_t first,
                             uint32_t end)
{
    if (first != end)
        wrt_dump_text(d, "%s:\n", title);
    for (uint32_t i = first; i < end; i++) {
        wrt_dump_text(d, "  ");
        by_kind[kind](d, i);
        wrt_dump_text(d, "\n");
    }
}

static void dump_exports(struct wrt_dump *d)
{
    if (d->m->nexports)
        wrt_dump_text(d, "exports:\n");
    for (uint32_t i = 0; i < d->m->nexports; i++) {
        const struct wrt_export *export = &d->m->exports[i];

        wrt_dump_text(d, "  ");
        wrt_dump_quoted(d, export->name.text, export->name.len);
        wrt_dump_text(d, " = ");
        by_kind[export->kind](d, export->index);
        wrt_dump_text(d, "\n");
    }
}

void wrt_dump_externs(struct wrt_dump *d)
{
    const struct wrt_module *m = d->m;

    if (m->ntypes)
        wrt_dump_text(d, "types:\n");
    for (uint32_t i = 0; i < m->ntypes; i++)
        dump_type(d, i);
    dump_imports(d);
    dump_definitions(d, "functions", WRT_EXTERN_FUNC, m->nimported_funcs,
                     m->nfuncs);
    dump_definitions(d, "tables", WRT_EXTERN_TABLE, m->nimported_tables,
                     m->ntables);
    dump_definitions(d, "memories", WRT_EXTERN_MEMORY, m->nimported_memories,
                     m->nmemories);
    dump_definitions(d, "tags", WRT_EXTERN_TAG, m->nimported_tags, m->ntags);
    dump_definitions(d, "globals", WRT_EXTERN_GLOBAL, m->nimported_globals,
                     m->nglobals);
    dump_exports(d);
    if (m->has_start) {
        wrt_dump_text(d, "start: func %u", (unsigned)m->start_func);
        wrt_dump_name(d, WRT_NAMES_FUNC, 0, m->start_func);
        wrt_dump_text(d, "\n");
    }
    wrt_dump_text(d, "\n");
}
