/*
 * The name section, parsed into one sorted array per kind.
 *
 * The section is found by walking the module's bytes, not its list of custom
 * sections: errors want names while the decoder has not come so far.  The
 * result hangs on the module by an atomic pointer; when two threads parse at
 * once, one result is thrown away.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/names.h"

#include "runtime/base/reader.h"
#include "runtime/base/sort.h"
#include "runtime/base/utf8.h"

struct entry {
    uint64_t key; /* outer index, inner index */
    struct wrt_name name;
};

struct map {
    struct entry *entries;
    uint32_t count;
};

struct wrt_names {
    struct wrt_arena arena;
    struct map maps[WRT_NAMES_COUNT];
    struct map funcs;  /* maps[WRT_NAMES_FUNC] and what exports say */
    bool is_malformed; /* and so something of the section was left out */
    bool has_unknown;  /* subsections, left out as well */
};

/* -- Finding the section --------------------------------------------------- */

static bool is_name_section(struct wrt_reader *r)
{
    static const char name[] = "name";
    uint32_t len = wrt_read_u32(r);
    const uint8_t *bytes = wrt_read_bytes(r, len);

    return bytes && len == sizeof(name) - 1 && memcmp(bytes, name, len) == 0;
}

/* Sets r to the content of the first name section; false when there is none. */
static bool find_section(const struct wrt_module *module, struct wrt_reader *r)
{
    struct wrt_reader all;

    wrt_reader_init(&all, module->bytes, module->len);
    wrt_read_bytes(&all, 8);
    while (!all.failed && all.pos != all.end) {
        uint8_t id = wrt_read_u8(&all);
        uint32_t size = wrt_read_u32(&all);

        *r = all;
        if (!wrt_read_bytes(&all, size))
            return false;
        r->end = all.pos;
        if (id == WRT_SECTION_CUSTOM && is_name_section(r))
            return true;
    }
    return false;
}

/* -- Parsing --------------------------------------------------------------- */

/* Reads a name; without text when it is no UTF-8. */
static struct wrt_name read_name(struct wrt_names *names, struct wrt_reader *r)
{
    struct wrt_name name = {.len = wrt_read_u32(r)};
    const uint8_t *bytes = wrt_read_bytes(r, name.len);

    if (bytes && wrt_utf8_check(bytes, name.len))
        name.text =
            wrt_arena_string(&names->arena, (const char *)bytes, name.len);
    return name;
}

/* Appends to a map unless the order of keys is broken. */
static void add(struct wrt_names *names, struct map *map, uint64_t key,
                struct wrt_name name)
{
    enum { FIRST = 8 };
    uint32_t n = map->count;

    if (!name.text || (n != 0 && key <= map->entries[n - 1].key)) {
        names->is_malformed = true;
        return;
    }
    if (n == 0 || (n >= FIRST && (n & (n - 1)) == 0)) {
        struct entry *grown = wrt_arena_array(
            &names->arena, n ? (size_t)n * 2 : FIRST, sizeof(*grown));

        if (!grown)
            return;
        if (n)
            memcpy(grown, map->entries, n * sizeof(*grown));
        map->entries = grown;
    }
    map->entries[map->count++] = (struct entry){key, name};
}

static void read_map(struct wrt_names *names, struct wrt_reader *r,
                     struct map *map, uint32_t outer)
{
    uint32_t count = wrt_read_u32(r);

    for (uint32_t i = 0; i < count && !r->failed; i++) {
        uint32_t idx = wrt_read_u32(r);
        struct wrt_name name = read_name(names, r);

        if (!r->failed)
            add(names, map, (uint64_t)outer << 32 | idx, name);
    }
}

static void read_indirect_map(struct wrt_names *names, struct wrt_reader *r,
                              struct map *map)
{
    uint32_t count = wrt_read_u32(r);

    for (uint32_t i = 0; i < count && !r->failed; i++) {
        uint32_t outer = wrt_read_u32(r);

        read_map(names, r, map, outer);
    }
}

/* Names are no part of validity: what is malformed is noted, and the rest is
 * read. */
static void read_subsections(struct wrt_names *names, struct wrt_reader *r)
{
    while (!r->failed && r->pos != r->end) {
        uint8_t id = wrt_read_u8(r);
        uint32_t size = wrt_read_u32(r);
        struct wrt_reader sub = *r;

        if (!wrt_read_bytes(r, size))
            break;
        sub.end = r->pos;
        if (id >= WRT_NAMES_COUNT)
            names->has_unknown = true;
        else if (id == WRT_NAMES_MODULE)
            add(names, &names->maps[id], 0, read_name(names, &sub));
        else if (id == WRT_NAMES_LOCAL || id == WRT_NAMES_LABEL ||
                 id == WRT_NAMES_FIELD)
            read_indirect_map(names, &sub, &names->maps[id]);
        else
            read_map(names, &sub, &names->maps[id], 0);
        if (id < WRT_NAMES_COUNT && (sub.failed || sub.pos != sub.end))
            names->is_malformed = true;
    }
    names->is_malformed |= r->failed != WASMRT_ERR_NONE;
}

/* -- Functions that only an export names ----------------------------------- */

static int compare_export_funcs(const void *user, uint32_t a, uint32_t b)
{
    const struct wrt_export *exports = user;
    uint32_t x = exports[a].index, y = exports[b].index;

    /* The first of several exports of a function gives its name. */
    if (x == y)
        return (a > b) - (a < b);
    return x < y ? -1 : 1;
}

/* Indices of the exported functions' exports, by function. */
static uint32_t *sort_func_exports(struct wrt_names *names,
                                   const struct wrt_module *m, uint32_t *count)
{
    uint32_t *order =
        wrt_arena_array(&names->arena, m->nexports, sizeof(*order));

    *count = 0;
    if (!order)
        return NULL;
    for (uint32_t i = 0; i < m->nexports; i++) {
        if (m->exports[i].kind == WRT_EXTERN_FUNC)
            order[(*count)++] = i;
    }
    wrt_sort_u32(order, *count, compare_export_funcs, m->exports);
    return order;
}

/* Merges exports into the map of function names, which keeps its own. */
static void add_exports(struct wrt_names *names, const struct wrt_module *m)
{
    const struct map old = names->maps[WRT_NAMES_FUNC];
    struct map merged = {0};
    uint32_t count, i = 0;
    const uint32_t *order = sort_func_exports(names, m, &count);

    for (uint32_t k = 0; k < count; k++) {
        const struct wrt_export *export = &m->exports[order[k]];

        for (; i < old.count && old.entries[i].key <= export->index; i++)
            add(names, &merged, old.entries[i].key, old.entries[i].name);
        if (merged.count == 0 ||
            merged.entries[merged.count - 1].key != export->index)
            add(names, &merged, export->index, export->name);
    }
    for (; i < old.count && count != 0; i++)
        add(names, &merged, old.entries[i].key, old.entries[i].name);
    names->funcs = count == 0 ? old : merged;
}

/* -- The module's names ---------------------------------------------------- */

static struct wrt_names *parse(const struct wrt_module *module)
{
    struct wrt_names *names = wrt_alloc_zero(module->alloc, sizeof(*names));
    struct wrt_reader r;

    if (!names)
        return NULL;
    wrt_arena_init(&names->arena, module->alloc);
    if (find_section(module, &r))
        read_subsections(names, &r);
    add_exports(names, module);
    if (names->arena.failed) {
        wrt_names_delete(names, module->alloc);
        return NULL;
    }
    return names;
}

/* The parsed names; NULL when memory is exhausted, and then tried again by the
 * next call. */
static const struct wrt_names *get_names(struct wrt_module *module)
{
    struct wrt_names *names = __atomic_load_n(&module->names, __ATOMIC_ACQUIRE);
    struct wrt_names *expected = NULL;

    if (names)
        return names;
    names = parse(module);
    if (!names)
        return NULL;
    if (__atomic_compare_exchange_n(&module->names, &expected, names, false,
                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return names;
    wrt_names_delete(names, module->alloc);
    return expected;
}

void wrt_names_delete(struct wrt_names *names, const struct wrt_alloc *alloc)
{
    if (!names)
        return;
    wrt_arena_fini(&names->arena);
    wrt_free(alloc, names, sizeof(*names));
}

static const struct wrt_name *find_entry(const struct map *map, uint32_t outer,
                                         uint32_t idx)
{
    uint64_t key = (uint64_t)outer << 32 | idx;
    uint32_t low = 0, high = map->count;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const struct entry *entry = &map->entries[mid];

        if (entry->key == key)
            return &entry->name;
        if (entry->key < key)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

const struct wrt_name *wrt_names_own(struct wrt_module *module,
                                     enum wrt_names_kind kind, uint32_t outer,
                                     uint32_t idx)
{
    const struct wrt_names *names = get_names(module);

    return names ? find_entry(&names->maps[kind], outer, idx) : NULL;
}

const char *wrt_names_find(struct wrt_module *module, enum wrt_names_kind kind,
                           uint32_t outer, uint32_t idx)
{
    const struct wrt_names *names = get_names(module);
    const struct wrt_name *name = NULL;

    if (names)
        name = find_entry(kind == WRT_NAMES_FUNC ? &names->funcs
                                                 : &names->maps[kind],
                          outer, idx);
    return name ? name->text : NULL;
}

uint64_t wrt_names_count(struct wrt_module *module, enum wrt_names_kind kind)
{
    const struct wrt_names *names = get_names(module);

    return names ? names->maps[kind].count : 0;
}

wasmrt_error *wrt_names_load(struct wrt_module *module)
{
    return get_names(module) ? NULL : wrt_error_oom();
}

bool wrt_names_are_lossy(struct wrt_module *module)
{
    const struct wrt_names *names = get_names(module);

    return !names || names->is_malformed || names->has_unknown;
}

bool wrt_names_are_malformed(struct wrt_module *module)
{
    const struct wrt_names *names = get_names(module);

    return names && names->is_malformed;
}

const char *wrt_module_func_name(struct wrt_module *module, uint32_t func_idx)
{
    return wrt_names_find(module, WRT_NAMES_FUNC, 0, func_idx);
}

const char *wrt_module_name(struct wrt_module *module)
{
    return wrt_names_find(module, WRT_NAMES_MODULE, 0, 0);
}
