/*
 * wasmrt inspect: what a module needs, for humans or as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cmd.h"
#include "cli/imports.h"
#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    TYPE_BYTES = 512,
    LISTED_EXPORTS = 30,
    LISTED_IMPORTS = 100,
    LISTED_CUSTOM = 50,
};

static const struct {
    const char *word, *text;
} kinds[] = {
    [FACTS_COMMAND] = {"command", "a program: it exports _start"},
    [FACTS_REACTOR] = {"reactor",
                       "a library: it exports _initialize and functions"},
    [FACTS_LIBRARY] = {"library", "a library: it exports functions"},
    [FACTS_MODULE] = {"module", "a module that exports no function"},
    [FACTS_OBJECT] = {"object", "an object file, which wasm-ld links"},
    [FACTS_SHARED] = {"shared-library", "a library for dynamic linking"},
};

/* Of --wasi=threads, --enable ... in the command line that runs it. */
struct advice {
    FILE *out; /* words with a space in front of each; or NULL */
    struct cli_json *json;
};

/* -- Text ------------------------------------------------------------------ */

static void put(const char *text, size_t len)
{
    cli_put_clean(stdout, text, len);
}

static void put_label(const char *label)
{
    printf("%-12s", label);
}

static void put_producers(const struct facts *facts)
{
    struct facts_producers p;
    bool is_first = true;

    facts_producers_begin(facts, &p);
    while (facts_producers_next(&p)) {
        put_label(is_first ? "made by" : "");
        put(p.name, p.name_len);
        if (p.version_len)
            putchar(' ');
        put(p.version, p.version_len);
        printf(" (");
        put(p.field, p.field_len);
        printf(")\n");
        is_first = false;
    }
}

static void put_features(const struct facts *facts)
{
    int column = 12;

    put_label("features");
    if (facts->feature_count == 0)
        printf("none beyond WebAssembly 1.0");
    for (size_t i = 0; i < facts->feature_count; i++) {
        int len = (int)strlen(facts->features[i]) + 2;

        if (column > 12 && column + len > 78) {
            printf("\n%12s", "");
            column = 12;
        }
        column += printf("%s%s%s", facts->features[i],
                         facts->feature_is_on[i] ? "" : "*",
                         i + 1 < facts->feature_count ? ", " : "");
    }
    putchar('\n');
}

static void put_start(const struct facts *facts)
{
    wasmrt_func_info func;
    uint32_t start;

    if (!wasmrt_module_start(facts->module, &start))
        return;
    put_label("start");
    printf("function %" PRIu32, start);
    if (wasmrt_module_func(facts->module, start, &func) && func.name) {
        putchar(' ');
        put(func.name, strlen(func.name));
    }
    printf(" runs when it is instantiated\n");
}

static void put_memories(const struct facts *facts)
{
    wasmrt_memory_info memory;

    for (size_t i = 0; wasmrt_module_memory(facts->module, i, &memory); i++) {
        put_label("memory");
        printf("%" PRIu64, memory.min);
        if (memory.has_max)
            printf(" to %" PRIu64 " pages", memory.max);
        else
            printf(" pages or more");
        if (memory.page_bytes != 65536)
            printf(" of %" PRIu32 " byte", memory.page_bytes);
        else
            printf(" (%" PRIu64 " KiB)", memory.min * 64);
        printf("%s%s%s\n", memory.is_import ? ", imported" : "",
               memory.is_shared ? ", shared" : "",
               memory.is_64 ? ", 64-bit" : "");
    }
}

static const char *provider_text(enum facts_provider provider)
{
    switch (provider) {
    case FACTS_WASI: return "";
    case FACTS_THREADS: return "  from --wasi=threads";
    case FACTS_NOBODY: break;
    }
    return "  MISSING";
}

/* The one line above the imports of a module, from position i of the order. */
static void put_import_group(const struct facts *facts, size_t i)
{
    wasmrt_extern_info info;

    wasmrt_module_import(facts->module, facts->imports[i], &info);
    printf("  ");
    put(info.module, info.module_len);
    if (facts->providers[facts->imports[i]] == FACTS_WASI)
        printf(": WASI");
    putchar('\n');
}

static bool begins_group(const struct facts *facts, size_t i)
{
    wasmrt_extern_info now, before;

    if (i == 0)
        return true;
    wasmrt_module_import(facts->module, facts->imports[i], &now);
    wasmrt_module_import(facts->module, facts->imports[i - 1], &before);
    return now.module_len != before.module_len ||
           memcmp(now.module, before.module, now.module_len) != 0;
}

static void put_imports(const struct facts *facts)
{
    char type[TYPE_BYTES];

    printf("\nimports: %zu\n", facts->import_count);
    for (size_t i = 0; i < facts->import_count && i < LISTED_IMPORTS; i++) {
        size_t n = facts->imports[i];
        wasmrt_extern_info info;

        wasmrt_module_import(facts->module, n, &info);
        if (begins_group(facts, i))
            put_import_group(facts, i);
        wasmrt_module_extern_type(facts->module, true, n, type, sizeof(type));
        printf("    ");
        put(info.name, info.name_len);
        printf(": %s%s\n", type, provider_text(facts->providers[n]));
    }
    if (facts->import_count > LISTED_IMPORTS)
        printf("    and %zu more\n", facts->import_count - LISTED_IMPORTS);
}

static void put_exports(const struct facts *facts)
{
    size_t count = wasmrt_module_export_count(facts->module);
    char type[TYPE_BYTES];
    wasmrt_extern_info info;

    printf("\nexports: %zu\n", count);
    for (size_t i = 0;
         i < LISTED_EXPORTS && wasmrt_module_export(facts->module, i, &info);
         i++) {
        wasmrt_module_extern_type(facts->module, false, i, type, sizeof(type));
        printf("    ");
        put(info.name, info.name_len);
        printf(": %s\n", type);
    }
    if (count > LISTED_EXPORTS)
        printf("    and %zu more\n", count - LISTED_EXPORTS);
}

static void put_sections(const struct facts *facts)
{
    wasmrt_section_info section = {0};
    size_t custom = 0;

    printf("\nsections\n");
    while (wasmrt_module_next_section(facts->module, &section)) {
        if (section.name && custom++ >= LISTED_CUSTOM)
            continue;
        printf("  %10zu  %s", section.len, section.id_name);
        if (section.name) {
            putchar(' ');
            put(section.name, section.name_len);
        } else if (strcmp(section.id_name, "start") != 0) {
            printf(", %" PRIu32 " item%s", section.count,
                   section.count == 1 ? "" : "s");
        }
        putchar('\n');
    }
    if (custom > LISTED_CUSTOM)
        printf("  and %zu more custom sections\n", custom - LISTED_CUSTOM);
}

/* -- How to run it --------------------------------------------------------- */

/* One piece of a command line: a string in JSON, or quoted for the shell. */
static void advise_text(const struct advice *advice, const char *option,
                        const char *value, size_t value_len, const char *rest)
{
    char *text = NULL;
    size_t bytes = strlen(option) + value_len + strlen(rest) + 1, at;

    if (advice->json) {
        text = malloc(bytes);
        if (!text)
            return;
        at = (size_t)snprintf(text, bytes, "%s", option);
        memcpy(text + at, value, value_len);
        memcpy(text + at + value_len, rest, strlen(rest));
        cli_json_text_n(advice->json, NULL, text, bytes - 1);
        free(text);
    } else {
        fprintf(advice->out, " %s", option);
        if (value_len)
            cli_put_shell(advice->out, value, value_len);
        fputs(rest, advice->out);
    }
}

/* Each module name once that somebody else has to provide. */
static void advise_preloads(const struct facts *facts,
                            const struct advice *advice)
{
    wasmrt_extern_info info;
    bool is_told = false;

    for (size_t i = 0; i < facts->import_count; i++) {
        size_t n = facts->imports[i];

        is_told = is_told && !begins_group(facts, i);
        wasmrt_module_import(facts->module, n, &info);
        if (facts->providers[n] != FACTS_NOBODY || is_told ||
            cli_import_advice(&info))
            continue;
        advise_text(advice, "--preload=", info.module, info.module_len,
                    "=FILE");
        is_told = true;
    }
}

static void advise_options(const struct facts *facts,
                           const struct advice *advice)
{
    for (size_t i = 0; i < facts->feature_count; i++) {
        if (!facts->feature_is_on[i])
            advise_text(advice, "--enable=", facts->features[i],
                        strlen(facts->features[i]), "");
    }
    if (facts->needs_threads)
        advise_text(advice, "--wasi=threads", "", 0, "");
    advise_preloads(facts, advice);
    if (facts->opens_files)
        advise_text(advice, "--dir=DIR", "", 0, "");
    if (facts->invoke)
        advise_text(advice, "--invoke=", facts->invoke, strlen(facts->invoke),
                    "");
}

/* Why the options, and what no option cures: each once. */
static void put_reasons(const struct facts *facts)
{
    const char *last = NULL;

    if (facts->opens_files)
        printf("  --dir is for the directories that it may open files in\n");
    if (facts->invoke) {
        char type[TYPE_BYTES];

        wasmrt_module_extern_type(facts->module, false, facts->invoke_export,
                                  type, sizeof(type));
        printf(
            "  --invoke takes the name of any function, and arguments behind "
            "it:\n    ");
        put(facts->invoke, strlen(facts->invoke));
        printf(": %s\n", type);
    }
    for (size_t i = 0; i < facts->import_count; i++) {
        size_t n = facts->imports[i];
        wasmrt_extern_info info;
        const char *text;

        wasmrt_module_import(facts->module, n, &info);
        text = facts->providers[n] == FACTS_NOBODY ? cli_import_advice(&info)
                                                   : NULL;
        if (text && text != last)
            printf("  %s\n", text);
        last = text ? text : last;
    }
}

static void put_advice(const struct facts *facts)
{
    struct advice advice = {.out = stdout};

    if (facts->kind == FACTS_OBJECT || facts->kind == FACTS_SHARED) {
        printf("\nIt cannot be run: it is %s.\n", kinds[facts->kind].text);
        return;
    }
    printf("\nTo run it\n  wasmrt run ");
    cli_put_shell(stdout, facts->file->name, strlen(facts->file->name));
    advise_options(facts, &advice);
    putchar('\n');
    put_reasons(facts);
}

static void put_facts(const struct facts *facts)
{
    put(facts->file->name, strlen(facts->file->name));
    printf(": %s\n\n", kinds[facts->kind].text);
    put_label("size");
    printf("%zu bytes%s\n", wasmrt_module_size(facts->module),
           facts->is_text ? " when translated from text" : "");
    put_producers(facts);
    put_features(facts);
    put_start(facts);
    put_memories(facts);
    put_label("functions");
    printf("%" PRIu32 ", of these %" PRIu32 " imported\n", facts->func_count,
           facts->imported_func_count);
    if (facts->has_lines) {
        put_label("debugging");
        printf("stack traces have source lines\n");
    }
    put_sections(facts);
    put_imports(facts);
    put_exports(facts);
    put_advice(facts);
}

/* -- JSON ------------------------------------------------------------------ */

static void json_producers(const struct facts *facts, struct cli_json *json)
{
    struct facts_producers p;

    cli_json_open(json, "producers", '[');
    facts_producers_begin(facts, &p);
    while (facts_producers_next(&p)) {
        cli_json_open(json, NULL, '{');
        cli_json_text_n(json, "field", p.field, p.field_len);
        cli_json_text_n(json, "name", p.name, p.name_len);
        cli_json_text_n(json, "version", p.version, p.version_len);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
}

static void json_memories(const struct facts *facts, struct cli_json *json)
{
    wasmrt_memory_info memory;

    cli_json_open(json, "memories", '[');
    for (size_t i = 0; wasmrt_module_memory(facts->module, i, &memory); i++) {
        cli_json_open(json, NULL, '{');
        cli_json_number(json, "min_pages", memory.min);
        if (memory.has_max)
            cli_json_number(json, "max_pages", memory.max);
        cli_json_number(json, "page_bytes", memory.page_bytes);
        cli_json_bool(json, "imported", memory.is_import);
        cli_json_bool(json, "shared", memory.is_shared);
        cli_json_bool(json, "memory64", memory.is_64);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
}

static void json_sections(const struct facts *facts, struct cli_json *json)
{
    wasmrt_section_info section = {0};

    cli_json_open(json, "sections", '[');
    while (wasmrt_module_next_section(facts->module, &section)) {
        cli_json_open(json, NULL, '{');
        cli_json_text(json, "section", section.id_name);
        if (section.name)
            cli_json_text_n(json, "name", section.name, section.name_len);
        cli_json_number(json, "offset", section.offset);
        cli_json_number(json, "bytes", section.len);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
}

static void json_imports(const struct facts *facts, struct cli_json *json)
{
    static const char *const words[] = {[FACTS_NOBODY] = NULL,
                                        [FACTS_WASI] = "wasi",
                                        [FACTS_THREADS] = "wasi-threads"};
    char type[TYPE_BYTES];
    wasmrt_extern_info info;

    cli_json_open(json, "imports", '[');
    for (size_t i = 0; wasmrt_module_import(facts->module, i, &info); i++) {
        wasmrt_module_extern_type(facts->module, true, i, type, sizeof(type));
        cli_json_open(json, NULL, '{');
        cli_json_text_n(json, "module", info.module, info.module_len);
        cli_json_text_n(json, "name", info.name, info.name_len);
        cli_json_text(json, "type", type);
        cli_json_text(json, "provided_by", words[facts->providers[i]]);
        if (facts->providers[i] == FACTS_NOBODY && cli_import_advice(&info))
            cli_json_text(json, "advice", cli_import_advice(&info));
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
}

static void json_exports(const struct facts *facts, struct cli_json *json)
{
    char type[TYPE_BYTES];
    wasmrt_extern_info info;

    cli_json_open(json, "exports", '[');
    for (size_t i = 0; wasmrt_module_export(facts->module, i, &info); i++) {
        wasmrt_module_extern_type(facts->module, false, i, type, sizeof(type));
        cli_json_open(json, NULL, '{');
        cli_json_text_n(json, "name", info.name, info.name_len);
        cli_json_text(json, "type", type);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
}

static void json_facts(const struct facts *facts)
{
    struct cli_json json = {.out = stdout};
    struct advice advice = {.json = &json};
    uint32_t start;

    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "file", facts->file->name);
    cli_json_text(&json, "kind", kinds[facts->kind].word);
    cli_json_text(&json, "format", facts->is_text ? "text" : "binary");
    cli_json_number(&json, "bytes", wasmrt_module_size(facts->module));
    cli_json_number(&json, "functions", facts->func_count);
    cli_json_number(&json, "imported_functions", facts->imported_func_count);
    if (wasmrt_module_start(facts->module, &start))
        cli_json_number(&json, "start", start);
    cli_json_bool(&json, "source_lines", facts->has_lines);
    cli_json_open(&json, "features", '[');
    for (size_t i = 0; i < facts->feature_count; i++)
        cli_json_text(&json, NULL, facts->features[i]);
    cli_json_close(&json, ']');
    json_producers(facts, &json);
    json_memories(facts, &json);
    json_sections(facts, &json);
    json_imports(facts, &json);
    json_exports(facts, &json);
    cli_json_open(&json, "options", '[');
    advise_options(facts, &advice);
    cli_json_close(&json, ']');
    cli_json_close(&json, '}');
}

/* -- The command ----------------------------------------------------------- */

static int inspect(const char *path, wasmrt_engine *engine, bool is_json)
{
    struct cli_file file = {.bytes = NULL};
    struct facts facts = {.file = &file};
    int status = cli_load(engine, path, &file, &facts.module);

    if (status == CLI_EXIT_OK && !facts_find(&facts)) {
        cli_error("out of memory");
        status = CLI_EXIT_REFUSED;
    } else if (status == CLI_EXIT_OK && is_json) {
        json_facts(&facts);
    } else if (status == CLI_EXIT_OK) {
        put_facts(&facts);
    }
    facts_fini(&facts);
    wasmrt_module_delete(facts.module);
    cli_file_fini(&file);
    return status;
}

int cmd_inspect(struct opts *opts)
{
    struct cli_one_file words = {.config = cli_new_config()};
    wasmrt_engine *engine = NULL;
    bool is_json = false;
    int status;

    do {
        status = cli_next_option(&words, opts);
        is_json = is_json || (status == CLI_OPTION && opts->id == OPT_JSON);
    } while (status == CLI_OPTION);
    if (status == CLI_GO_ON)
        status = cli_make_engine(words.config, &engine);
    if (engine)
        status = inspect(words.path, engine, is_json);
    wasmrt_engine_delete(engine);
    wasmrt_config_delete(words.config);
    return status;
}
