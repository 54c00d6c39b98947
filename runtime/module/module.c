/*
 * Lifetime of a module, and questions about it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/module.h"

#include "runtime/module/names.h"

#include <stdio.h>

wasmrt_error *wrt_module_new(const struct wrt_alloc *alloc,
                             struct wrt_types *types, wrt_features features,
                             const uint8_t *bytes, size_t len, bool copy,
                             struct wrt_module **out)
{
    struct wrt_module *m = wrt_alloc_zero(alloc, sizeof(*m));
    uint8_t *owned;

    if (!m)
        return wrt_error_oom();
    m->refcount = 1;
    m->alloc = alloc;
    m->types = types;
    m->features = features | WRT_FEATURE_MVP;
    m->bytes = bytes;
    m->len = len;
    wrt_arena_init(&m->arena, alloc);
    if (copy && len) {
        owned = alloc->resize(alloc->user, NULL, 0, len);
        if (!owned) {
            wrt_free(alloc, m, sizeof(*m));
            return wrt_error_oom();
        }
        m->bytes = memcpy(owned, bytes, len);
        m->owns_bytes = true;
    }
    *out = m;
    return NULL;
}

static void delete_module(struct wrt_module *m)
{
    if (m->code_free)
        m->code_free(m);
    for (uint32_t i = m->ngroups; i-- > 0;)
        wrt_types_release_group(m->types, m->group_ids[i]);
    wrt_names_delete(m->names, m->alloc);
    wrt_arena_fini(&m->arena);
    if (m->owns_bytes)
        wrt_free(m->alloc, (void *)(uintptr_t)m->bytes, m->len);
    wrt_free(m->alloc, m, sizeof(*m));
}

struct wrt_module *wrt_module_ref(struct wrt_module *module)
{
    __atomic_fetch_add(&module->refcount, 1, __ATOMIC_RELAXED);
    return module;
}

void wrt_module_unref(struct wrt_module *module)
{
    if (module &&
        __atomic_fetch_sub(&module->refcount, 1, __ATOMIC_ACQ_REL) == 1)
        delete_module(module);
}

const struct wrt_type *wrt_module_type(const struct wrt_module *module,
                                       uint32_t type_idx)
{
    return wrt_types_get(module->types, module->type_ids[type_idx]);
}

const struct wrt_type *wrt_module_func_type(const struct wrt_module *module,
                                            uint32_t func_idx)
{
    return wrt_types_get(module->types, module->funcs[func_idx].type_id);
}

const char *wrt_module_valtype_text(const struct wrt_module *module,
                                    wrt_valtype t, char *buf, size_t size)
{
    uint32_t idx = 0;

    wrt_valtype_text(t, buf, size);
    if (!wrt_valtype_is_ref(t) || !wrt_valtype_has_type_id(t))
        return buf;
    while (idx < module->ntypes && module->type_ids[idx] != wrt_valtype_heap(t))
        idx++;
    if (idx < module->ntypes)
        snprintf(buf, size, "(ref %s%u)",
                 wrt_valtype_is_nullable(t) ? "null " : "", (unsigned)idx);
    return buf;
}

int wrt_name_compare(const struct wrt_name *a, const struct wrt_name *b)
{
    int order = memcmp(a->text, b->text, WRT_MIN(a->len, b->len));

    if (order == 0)
        order = (a->len > b->len) - (a->len < b->len);
    return order;
}

const struct wrt_export *wrt_module_find_export(const struct wrt_module *module,
                                                const char *name, size_t len)
{
    struct wrt_name want = {name, (uint32_t)len};
    uint32_t low = 0, high = module->nexports;

    if (len > WRT_LIMIT_NAME_BYTES)
        return NULL;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const struct wrt_export *have =
            &module->exports[module->exports_by_name[mid]];
        int order = wrt_name_compare(&want, &have->name);

        if (order == 0)
            return have;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

const char *wrt_section_name(uint8_t id)
{
    static const char *const names[] = {
        [WRT_SECTION_CUSTOM] = "custom",
        [WRT_SECTION_TYPE] = "type",
        [WRT_SECTION_IMPORT] = "import",
        [WRT_SECTION_FUNC] = "function",
        [WRT_SECTION_TABLE] = "table",
        [WRT_SECTION_MEMORY] = "memory",
        [WRT_SECTION_GLOBAL] = "global",
        [WRT_SECTION_EXPORT] = "export",
        [WRT_SECTION_START] = "start",
        [WRT_SECTION_ELEM] = "element",
        [WRT_SECTION_CODE] = "code",
        [WRT_SECTION_DATA] = "data",
        [WRT_SECTION_TAG] = "tag",
        [WRT_SECTION_DATA_COUNT] = "data count",
    };

    return id < WRT_SECTION_COUNT ? names[id] : "unknown";
}
