/*
 * Facts about a module.
 *
 * Features: a module uses one when it is refused without it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/bytes.h"
#include "cli/imports.h"
#include "cli/inspect.h"

#include "wasmrt/wasi.h"

#include <stdlib.h>
#include <string.h>

/* -- Features -------------------------------------------------------------- */

/* Whether the module is valid with all features but this one. */
static bool is_valid_without(const struct facts *facts, const char *feature)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine = NULL;
    wasmrt_error *error;
    const char *name;

    if (!config)
        return true;
    for (size_t i = 0; (name = wasmrt_feature_name(i, NULL, NULL)); i++)
        wasmrt_config_set_feature(config, name, true);
    wasmrt_config_set_feature(config, feature, false);
    error = wasmrt_engine_new(config, &engine);
    if (!error)
        error = wasmrt_module_validate(engine, facts->file->bytes,
                                       facts->file->len);
    wasmrt_error_delete(error);
    wasmrt_engine_delete(engine);
    wasmrt_config_delete(config);
    return !error;
}

static void find_features(struct facts *facts)
{
    const char *name;
    bool is_on;

    for (size_t i = 0; (name = wasmrt_feature_name(i, NULL, &is_on)); i++) {
        size_t n = facts->feature_count;

        if (strcmp(name, "mvp") == 0 || n == FACTS_FEATURES_MAX ||
            is_valid_without(facts, name))
            continue;
        facts->features[n] = name;
        facts->feature_is_on[n] = is_on;
        facts->feature_count++;
    }
}

/* -- Imports --------------------------------------------------------------- */

static const wasmrt_module *sorted; /* qsort() passes nothing on */

static int compare_imports(const void *a, const void *b)
{
    size_t m = *(const size_t *)a, n = *(const size_t *)b;
    wasmrt_extern_info x, y;
    int order;

    wasmrt_module_import(sorted, m, &x);
    wasmrt_module_import(sorted, n, &y);
    order = memcmp(x.module, y.module,
                   x.module_len < y.module_len ? x.module_len : y.module_len);
    if (order == 0)
        order = (x.module_len > y.module_len) - (x.module_len < y.module_len);
    return order ? order : (m > n) - (m < n);
}

static enum facts_provider find_provider(const struct facts *facts, size_t n,
                                         const wasmrt_linker *linker)
{
    wasmrt_extern_info info;
    wasmrt_memory_info memory;

    wasmrt_module_import(facts->module, n, &info);
    if (linker && wasmrt_linker_has(linker, &info))
        return FACTS_WASI;
    if (cli_import_is_thread_spawn(&info))
        return FACTS_THREADS;
    /* All imported memories of such a module are shared, or it is not linked.
     */
    if (facts->needs_threads && info.kind == WASMRT_EXTERN_MEMORY &&
        wasmrt_module_memory(facts->module, 0, &memory) && memory.is_shared)
        return FACTS_THREADS;
    return FACTS_NOBODY;
}

/* What WASI defines for this module; NULL when memory is exhausted. */
static wasmrt_linker *link_wasi(const struct facts *facts,
                                wasmrt_engine *engine)
{
    wasmrt_linker *linker = NULL;
    wasmrt_error *error = wasmrt_linker_new(engine, &linker);

    if (!error)
        error = wasmrt_wasi_link(linker);
    if (!error)
        error = wasmrt_wasi_link_stubs(linker, facts->module);
    wasmrt_error_delete(error);
    return linker;
}

/* Who provides each import, found out by linking with what this program has. */
static bool find_imports(struct facts *facts)
{
    size_t count = wasmrt_module_import_count(facts->module);
    wasmrt_extern_info info;
    wasmrt_engine *engine = NULL;
    wasmrt_error *error = wasmrt_engine_new(NULL, &engine);
    wasmrt_linker *linker = error ? NULL : link_wasi(facts, engine);

    wasmrt_error_delete(error);
    facts->import_count = count;
    facts->imports = calloc(count + 1, sizeof(*facts->imports));
    facts->providers = calloc(count + 1, sizeof(*facts->providers));
    for (size_t i = 0; wasmrt_module_import(facts->module, i, &info); i++)
        facts->needs_threads |= cli_import_is_thread_spawn(&info);
    for (size_t i = 0; facts->imports && facts->providers && i < count; i++) {
        wasmrt_module_import(facts->module, i, &info);
        facts->imports[i] = i;
        facts->providers[i] = find_provider(facts, i, linker);
        facts->opens_files |= facts->providers[i] == FACTS_WASI &&
                              info.name_len == 9 &&
                              memcmp(info.name, "path_open", 9) == 0;
    }
    wasmrt_linker_delete(linker);
    wasmrt_engine_delete(engine);
    if (!facts->imports || !facts->providers)
        return false;
    sorted = facts->module;
    qsort(facts->imports, count, sizeof(*facts->imports), compare_imports);
    return true;
}

/* -- The rest -------------------------------------------------------------- */

static bool is_named(const char *text, size_t len, const char *name)
{
    return len == strlen(name) && memcmp(text, name, len) == 0;
}

static void find_sections(struct facts *facts)
{
    wasmrt_section_info section = {0};

    while (wasmrt_module_next_section(facts->module, &section)) {
        if (!section.name)
            continue;
        if (is_named(section.name, section.name_len, "producers")) {
            facts->producers = section.bytes;
            facts->producers_len = section.bytes_len;
        }
        if (is_named(section.name, section.name_len, ".debug_line"))
            facts->has_lines = true;
        if (is_named(section.name, section.name_len, "linking"))
            facts->kind = FACTS_OBJECT;
        if (is_named(section.name, section.name_len, "dylink.0") ||
            is_named(section.name, section.name_len, "dylink"))
            facts->kind = FACTS_SHARED;
    }
}

/* How the exports say that it is used; other kinds of files are found later. */
static void find_kind(struct facts *facts)
{
    wasmrt_extern_info info;
    bool is_command = false, is_reactor = false;

    facts->kind = FACTS_MODULE;
    for (size_t i = 0; wasmrt_module_export(facts->module, i, &info); i++) {
        if (info.kind != WASMRT_EXTERN_FUNC)
            continue;
        if (is_named(info.name, info.name_len, "_start")) {
            is_command = true;
        } else if (is_named(info.name, info.name_len, "_initialize")) {
            is_reactor = true;
        } else if (!facts->invoke) {
            facts->invoke = info.name;
            facts->invoke_export = i;
        }
    }
    if (facts->invoke)
        facts->kind = FACTS_LIBRARY;
    if (is_reactor)
        facts->kind = FACTS_REACTOR;
    if (is_command) {
        facts->kind = FACTS_COMMAND;
        facts->invoke = NULL;
    }
}

bool facts_find(struct facts *facts)
{
    wasmrt_func_info func;

    facts->is_text =
        facts->file->len < 4 || memcmp(facts->file->bytes, "\0asm", 4) != 0;
    while (wasmrt_module_func(facts->module, facts->func_count, &func)) {
        facts->func_count++;
        facts->imported_func_count += func.is_import;
    }
    find_features(facts);
    find_kind(facts);
    find_sections(facts);
    return find_imports(facts);
}

void facts_fini(struct facts *facts)
{
    free(facts->imports);
    free(facts->providers);
}

/* -- Producers ------------------------------------------------------------- */

void facts_producers_begin(const struct facts *facts, struct facts_producers *p)
{
    struct cli_bytes b = cli_bytes_of(facts->producers, facts->producers_len);

    *p = (struct facts_producers){.pos = b.pos, .end = b.end};
    if (!facts->producers)
        return;
    p->fields = cli_bytes_uleb(&b);
    p->pos = b.pos;
}

static const char *take_name(struct cli_bytes *b, size_t *len_out)
{
    uint64_t len = cli_bytes_uleb(b);
    const uint8_t *text = cli_bytes_take(b, len);

    *len_out = text ? (size_t)len : 0;
    return (const char *)text;
}

bool facts_producers_next(struct facts_producers *p)
{
    struct cli_bytes b = {p->pos, p->end, false};

    while (p->values == 0 && p->fields > 0 && !b.failed) {
        p->field = take_name(&b, &p->field_len);
        p->values = cli_bytes_uleb(&b);
        p->fields--;
    }
    if (p->values == 0)
        return false;
    p->values--;
    p->name = take_name(&b, &p->name_len);
    p->version = take_name(&b, &p->version_len);
    p->pos = b.pos;
    return !b.failed;
}
