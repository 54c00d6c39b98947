/*
 * Which identifier stands for which index.
 *
 * Names come from the name section.  There two things may have the same name,
 * or an empty one; an identifier may not.  Then the identifier is another one,
 * or there is none, and an annotation says the name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/printer.h"

#include "wasmrt/text.h"

#include <stdio.h>

/* -- Making identifiers ---------------------------------------------------- */

/* Copies text and len to the arena; without text when memory is exhausted. */
static struct wrt_name copy(struct wrt_arena *arena, const char *text,
                            size_t len)
{
    return (struct wrt_name){wrt_arena_string(arena, text, len), (uint32_t)len};
}

/* "text.N": another name for number N. */
static struct wrt_name numbered(struct wrt_arena *arena,
                                const struct wrt_name *name, uint32_t number)
{
    char suffix[16];
    int n = snprintf(suffix, sizeof(suffix), ".%u", (unsigned)number);
    char *text = wrt_arena_array(arena, (size_t)name->len + (size_t)n + 1, 1);

    if (text) {
        memcpy(text, name->text, name->len);
        memcpy(text + name->len, suffix, (size_t)n);
    }
    return (struct wrt_name){text, name->len + (uint32_t)n};
}

/* Makes the candidate differ from all identifiers in the map. */
static bool make_unique(struct wrt_arena *arena, struct wrt_map *used,
                        uint32_t number, struct wrt_name *id)
{
    bool added = false;

    while (id->text) {
        if (!wrt_map_add(used, id->text, id->len, number, &added))
            return false;
        if (added)
            return true;
        *id = numbered(arena, id, number);
    }
    return false;
}

/* Whether the identifier says the name; no identifier says an empty one. */
static bool is_same(const struct wrt_name *id, const struct wrt_name *name)
{
    return name->len > 0 && id->len == name->len &&
           memcmp(id->text, name->text, name->len) == 0;
}

static bool choose(struct wrt_arena *arena, struct wrt_map *used,
                   const struct wrt_name *name,
                   const struct wrt_name *generated, uint32_t number,
                   struct wrt_print_id *out)
{
    const struct wrt_name *candidate = name && name->len ? name : generated;

    *out = (struct wrt_print_id){.name = name};
    if (candidate && candidate->len) {
        out->id = *candidate;
        if (!make_unique(arena, used, number, &out->id))
            return false;
    }
    out->is_other = name && !is_same(&out->id, name);
    return true;
}

static const struct wrt_name *own_name(const struct wrt_printer *p,
                                       enum wrt_names_kind kind, uint32_t outer,
                                       uint32_t idx)
{
    if (p->flags & WASMRT_PRINT_NO_NAMES)
        return NULL;
    return wrt_names_own(p->m, kind, outer, idx);
}

/* -- Names for what has none ----------------------------------------------- */

static const char *const generated_words[WRT_NAMES_COUNT] = {
    [WRT_NAMES_FUNC] = "func",     [WRT_NAMES_LOCAL] = "x",
    [WRT_NAMES_LABEL] = "label",   [WRT_NAMES_TYPE] = "type",
    [WRT_NAMES_TABLE] = "table",   [WRT_NAMES_MEMORY] = "memory",
    [WRT_NAMES_GLOBAL] = "global", [WRT_NAMES_ELEM] = "elem",
    [WRT_NAMES_DATA] = "data",     [WRT_NAMES_FIELD] = "field",
    [WRT_NAMES_TAG] = "tag",
};

/* "func7" in buf; what is imported or exported has been named after that. */
static struct wrt_name generate(const struct wrt_printer *p,
                                enum wrt_names_kind kind, uint32_t idx,
                                char buf[static 24])
{
    int n = 0;

    if (p->flags & WASMRT_PRINT_GENERATE_NAMES)
        n = snprintf(buf, 24, "%s%u", generated_words[kind], (unsigned)idx);
    return (struct wrt_name){buf, (uint32_t)n};
}

/* -- Index spaces ---------------------------------------------------------- */

/* Identifiers of one space; suggested may be NULL or hold names by index. */
static bool make_space(struct wrt_printer *p, struct wrt_arena *arena,
                       enum wrt_names_kind kind, uint32_t outer, uint32_t count,
                       const struct wrt_name *suggested,
                       struct wrt_print_ids *ids)
{
    struct wrt_map used;
    bool ok = true;

    *ids = (struct wrt_print_ids){.count = count};
    if (wrt_names_count(p->m, kind) == 0 &&
        !(p->flags & WASMRT_PRINT_GENERATE_NAMES))
        return true;
    ids->items = wrt_arena_array(arena, count, sizeof(*ids->items));
    if (!ids->items)
        return false;
    wrt_map_init(&used, p->alloc);
    for (uint32_t i = 0; i < count && ok; i++) {
        char buf[24];
        struct wrt_name generated = generate(p, kind, i, buf);

        if (suggested && suggested[i].len)
            generated = suggested[i];
        else if (generated.len)
            generated = copy(arena, buf, generated.len);
        ok = choose(arena, &used, own_name(p, kind, outer, i), &generated, i,
                    &ids->items[i]);
    }
    wrt_map_fini(&used);
    return ok;
}

static bool make_fields(struct wrt_printer *p)
{
    if (wrt_names_count(p->m, WRT_NAMES_FIELD) == 0 &&
        !(p->flags & WASMRT_PRINT_GENERATE_NAMES))
        return true;
    p->fields = wrt_arena_array(&p->arena, p->m->ntypes, sizeof(*p->fields));
    for (uint32_t i = 0; p->fields && i < p->m->ntypes; i++) {
        const struct wrt_type *type = wrt_module_type(p->m, i);

        if (type->form == WRT_FORM_STRUCT &&
            !make_space(p, &p->arena, WRT_NAMES_FIELD, i, type->nfields, NULL,
                        &p->fields[i]))
            return false;
    }
    return p->fields != NULL;
}

/* The index spaces of externs, by kind. */
static const uint8_t extern_names[] = {
    [WRT_EXTERN_FUNC] = WRT_NAMES_FUNC,
    [WRT_EXTERN_TABLE] = WRT_NAMES_TABLE,
    [WRT_EXTERN_MEMORY] = WRT_NAMES_MEMORY,
    [WRT_EXTERN_GLOBAL] = WRT_NAMES_GLOBAL,
    [WRT_EXTERN_TAG] = WRT_NAMES_TAG,
};

/* "module.field", or the field alone when the other is empty. */
static struct wrt_name import_name(struct wrt_printer *p,
                                   const struct wrt_import *import)
{
    uint32_t len = import->module.len + 1 + import->field.len;
    char *text;

    if (import->module.len == 0)
        return import->field;
    text = wrt_arena_array(&p->arena, len + 1, 1);
    if (text) {
        memcpy(text, import->module.text, import->module.len);
        text[import->module.len] = '.';
        memcpy(text + import->module.len + 1, import->field.text,
               import->field.len);
    }
    return (struct wrt_name){text, text ? len : 0};
}

/* Names for things of a kind by what they are imported or exported as; NULL
 * when memory is exhausted. */
static struct wrt_name *suggest(struct wrt_printer *p,
                                enum wrt_extern_kind kind, uint32_t count)
{
    struct wrt_name *names = wrt_arena_array(&p->arena, count, sizeof(*names));

    for (uint32_t i = 0; names && i < p->m->nimports; i++) {
        if (p->m->imports[i].kind == kind)
            names[p->m->imports[i].index] = import_name(p, &p->m->imports[i]);
    }
    for (uint32_t i = p->m->nexports; names && i-- > 0;) {
        if (p->m->exports[i].kind == kind)
            names[p->m->exports[i].index] = p->m->exports[i].name;
    }
    return names;
}

bool wrt_print_make_ids(struct wrt_printer *p)
{
    const struct wrt_module *m = p->m;
    const uint32_t counts[] = {m->nfuncs, m->ntables, m->nmemories, m->nglobals,
                               m->ntags};

    for (unsigned kind = 0; kind < WRT_COUNTOF(counts); kind++) {
        unsigned space = extern_names[kind];
        struct wrt_name *suggested = NULL;

        if (p->flags & WASMRT_PRINT_GENERATE_NAMES) {
            suggested = suggest(p, (enum wrt_extern_kind)kind, counts[kind]);
            if (!suggested)
                return false;
        }
        if (!make_space(p, &p->arena, (enum wrt_names_kind)space, 0,
                        counts[kind], suggested, &p->ids[space]))
            return false;
    }
    return make_space(p, &p->arena, WRT_NAMES_TYPE, 0, m->ntypes, NULL,
                      &p->ids[WRT_NAMES_TYPE]) &&
           make_space(p, &p->arena, WRT_NAMES_ELEM, 0, m->nelems, NULL,
                      &p->ids[WRT_NAMES_ELEM]) &&
           make_space(p, &p->arena, WRT_NAMES_DATA, 0, m->ndatas, NULL,
                      &p->ids[WRT_NAMES_DATA]) &&
           make_fields(p);
}

bool wrt_print_make_locals(struct wrt_printer *p, uint32_t count)
{
    return make_space(p, &p->func_arena, WRT_NAMES_LOCAL, p->func_idx, count,
                      NULL, &p->locals);
}

/* -- Labels ---------------------------------------------------------------- */

/* A label may hide another one of the same name, and then no branch could name
 * that; so nested blocks get different identifiers. */
bool wrt_print_open_label(struct wrt_printer *p, uint32_t label,
                          struct wrt_print_id *out)
{
    const struct wrt_name *name =
        own_name(p, WRT_NAMES_LABEL, p->func_idx, label);
    char buf[24];
    struct wrt_name id = generate(p, WRT_NAMES_LABEL, label, buf);

    *out = (struct wrt_print_id){.name = name};
    if (name && name->len)
        id = *name;
    else if (id.len)
        id = copy(&p->func_arena, buf, id.len);
    while (id.len) {
        uint32_t *uses;
        bool added;

        uses = id.text ? wrt_map_add(&p->label_ids, id.text, id.len, 0, &added)
                       : NULL;
        if (!uses)
            return false;
        if (*uses == 0) {
            *uses = 1;
            break;
        }
        id = numbered(&p->func_arena, &id, label);
    }
    out->id = id;
    out->is_other = name && !is_same(&id, name);
    return true;
}

void wrt_print_close_label(struct wrt_printer *p, const struct wrt_print_id *id)
{
    bool added;
    uint32_t *uses;

    if (id->id.len == 0)
        return;
    uses = wrt_map_add(&p->label_ids, id->id.text, id->id.len, 0, &added);
    if (uses)
        *uses = 0;
}

/* -- Printing -------------------------------------------------------------- */

void wrt_print_binding(struct wrt_printer *p, const struct wrt_print_id *id)
{
    if (id->id.len) {
        wrt_buf_u8(&p->out, ' ');
        wrt_put_id(&p->out, id->id.text, id->id.len);
    }
    if (id->is_other) {
        wrt_put_text(&p->out, " (@name ");
        wrt_put_name(&p->out, id->name->text, id->name->len);
        wrt_buf_u8(&p->out, ')');
    }
    p->nnames += id->name != NULL;
}

void wrt_print_bind(struct wrt_printer *p, const struct wrt_print_ids *ids,
                    uint32_t idx, bool show_index)
{
    const struct wrt_print_id *id = wrt_print_find_id(ids, idx);

    if (id)
        wrt_print_binding(p, id);
    if (show_index) {
        wrt_put_text(&p->out, " (;");
        wrt_put_uint(&p->out, idx);
        wrt_put_text(&p->out, ";)");
    }
}

void wrt_put_ref(struct wrt_buf *out, const struct wrt_print_ids *ids,
                 uint32_t idx)
{
    const struct wrt_print_id *id = wrt_print_find_id(ids, idx);

    if (id && id->id.len)
        wrt_put_id(out, id->id.text, id->id.len);
    else
        wrt_put_uint(out, idx);
}
