/*
 * wasmrt explore: a page to look into a module with a browser.
 *
 * The page is bounded, however large the module is: functions are listed from
 * the largest one on, until a limit is reached, and the page says which.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cmd.h"
#include "cli/disasm.h"
#include "cli/explore.h"
#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/os.h"
#include "cli/report.h"
#include "cli/text.h"
#include "wasmrt/debug.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    FUNCTIONS_MAX = 20000,          /* named in the page */
    LISTED_MAX = 2000,              /* of these, with their code */
    NATIVE_MAX = 400,               /* of these, with machine code */
    LISTING_MAX = 256 * 1024,       /* of one function */
    LISTINGS_MAX = 8 * 1024 * 1024, /* of all of them */
    ITEMS_MAX = 20000,              /* imports, exports, sections */
    TYPE_BYTES = 512,
};

struct listing {
    struct cli_text text;
    bool is_cut;
};

struct explore {
    struct facts facts;
    struct cli_json json;
    bool has_native;
    uint32_t *order; /* functions with a body, the largest first */
    size_t count;
    size_t listed, listed_bytes;
};

/* -- Functions ------------------------------------------------------------- */

static wasmrt_module *sorted; /* qsort() passes nothing on */

static int compare_funcs(const void *a, const void *b)
{
    uint32_t m = *(const uint32_t *)a, n = *(const uint32_t *)b;
    wasmrt_func_info x, y;

    wasmrt_module_func(sorted, m, &x);
    wasmrt_module_func(sorted, n, &y);
    if (x.len != y.len)
        return x.len < y.len ? 1 : -1;
    return (m > n) - (m < n);
}

static bool sort_functions(struct explore *e)
{
    const struct facts *facts = &e->facts;

    e->order = calloc((size_t)facts->func_count + 1, sizeof(*e->order));
    if (!e->order)
        return false;
    for (uint32_t i = facts->imported_func_count; i < facts->func_count; i++)
        e->order[e->count++] = i;
    sorted = facts->module;
    qsort(e->order, e->count, sizeof(*e->order), compare_funcs);
    return true;
}

/* Beyond its limit a listing is cut; so it is when memory is exhausted. */
static void append(void *user, const char *bytes, size_t len)
{
    struct listing *listing = user;

    listing->is_cut = listing->is_cut ||
                      listing->text.len + len > LISTING_MAX ||
                      !cli_text_append(&listing->text, bytes, len);
}

/* Functions that the engine cannot compile have no machine code. */
static void list_code(struct explore *e, uint32_t func, struct listing *listing)
{
    unsigned parts = WASMRT_DUMP_CODE;
    bool is_native = e->has_native && e->listed < NATIVE_MAX;
    wasmrt_error *error;
    char number[16];

    snprintf(number, sizeof(number), "%" PRIu32, func);
    if (is_native) {
        parts |= WASMRT_DUMP_ASM;
        cli_disasm_begin(append, listing);
    }
    error = wasmrt_module_dump(e->facts.module, parts, number,
                               is_native ? cli_disasm_write : append, listing);
    if (is_native)
        cli_disasm_end();
    wasmrt_error_delete(error);
}

static void put_code(struct explore *e, uint32_t func)
{
    struct listing listing = {.is_cut = false};
    const struct cli_text *text = &listing.text;

    if (e->listed >= LISTED_MAX || e->listed_bytes >= LISTINGS_MAX)
        return;
    list_code(e, func, &listing);
    cli_json_text_n(&e->json, "code", text->bytes ? text->bytes : "",
                    text->len);
    if (listing.is_cut)
        cli_json_bool(&e->json, "cut", true);
    e->listed++;
    e->listed_bytes += text->len;
    free(text->bytes);
}

static void put_function(struct explore *e, uint32_t idx)
{
    wasmrt_func_info func;
    char type[TYPE_BYTES];

    wasmrt_module_func(e->facts.module, idx, &func);
    wasmrt_module_func_type(e->facts.module, idx, type, sizeof(type));
    cli_json_open(&e->json, NULL, '{');
    cli_json_number(&e->json, "index", idx);
    cli_json_number(&e->json, "size", func.len);
    cli_json_name(&e->json, "name", func.name);
    cli_json_text(&e->json, "type", type);
    put_code(e, idx);
    cli_json_close(&e->json, '}');
}

static void put_functions(struct explore *e)
{
    cli_json_open(&e->json, "functions", '[');
    for (size_t i = 0; i < e->count && i < FUNCTIONS_MAX; i++)
        put_function(e, e->order[i]);
    cli_json_close(&e->json, ']');
    cli_json_number(&e->json, "listed", e->listed);
}

/* -- The rest -------------------------------------------------------------- */

static void put_imports(struct explore *e)
{
    const struct facts *facts = &e->facts;
    wasmrt_extern_info info;
    char type[TYPE_BYTES];

    cli_json_open(&e->json, "imports", '[');
    for (size_t i = 0;
         i < ITEMS_MAX && wasmrt_module_import(facts->module, i, &info); i++) {
        wasmrt_module_extern_type(facts->module, true, i, type, sizeof(type));
        cli_json_open(&e->json, NULL, '{');
        cli_json_text_n(&e->json, "module", info.module, info.module_len);
        cli_json_text_n(&e->json, "name", info.name, info.name_len);
        cli_json_text(&e->json, "type", type);
        if (facts->providers[i] != FACTS_NOBODY)
            cli_json_text(&e->json, "provided_by", "WASI");
        cli_json_close(&e->json, '}');
    }
    cli_json_close(&e->json, ']');
}

static void put_exports(struct explore *e)
{
    wasmrt_extern_info info;
    char type[TYPE_BYTES];

    cli_json_open(&e->json, "exports", '[');
    for (size_t i = 0;
         i < ITEMS_MAX && wasmrt_module_export(e->facts.module, i, &info);
         i++) {
        wasmrt_module_extern_type(e->facts.module, false, i, type,
                                  sizeof(type));
        cli_json_open(&e->json, NULL, '{');
        cli_json_text_n(&e->json, "name", info.name, info.name_len);
        cli_json_text(&e->json, "type", type);
        cli_json_close(&e->json, '}');
    }
    cli_json_close(&e->json, ']');
}

static void put_sections(struct explore *e)
{
    wasmrt_section_info section = {0};
    size_t count = 0;

    cli_json_open(&e->json, "sections", '[');
    while (count++ < ITEMS_MAX &&
           wasmrt_module_next_section(e->facts.module, &section)) {
        cli_json_open(&e->json, NULL, '{');
        cli_json_text(&e->json, "section", section.id_name);
        if (section.name)
            cli_json_text_n(&e->json, "name", section.name, section.name_len);
        cli_json_number(&e->json, "size", section.len);
        cli_json_close(&e->json, '}');
    }
    cli_json_close(&e->json, ']');
}

static void put_about(struct explore *e)
{
    const struct facts *facts = &e->facts;
    struct facts_producers p;

    cli_json_text(&e->json, "file", facts->file->name);
    cli_json_number(&e->json, "bytes", wasmrt_module_size(facts->module));
    cli_json_number(&e->json, "function_count", facts->func_count);
    cli_json_number(&e->json, "imported_count", facts->imported_func_count);
    cli_json_open(&e->json, "features", '[');
    for (size_t i = 0; i < facts->feature_count; i++)
        cli_json_text(&e->json, NULL, facts->features[i]);
    cli_json_close(&e->json, ']');
    cli_json_open(&e->json, "made_by", '[');
    facts_producers_begin(facts, &p);
    for (size_t i = 0; i < 20 && facts_producers_next(&p); i++)
        cli_json_text_n(&e->json, NULL, p.name, p.name_len);
    cli_json_close(&e->json, ']');
}

static void write_page(struct explore *e)
{
    fputs(page_head, e->json.out);
    fputs(page_style, e->json.out);
    fputs(page_body, e->json.out);
    cli_json_open(&e->json, NULL, '{');
    put_about(e);
    put_sections(e);
    put_imports(e);
    put_exports(e);
    put_functions(e);
    cli_json_close(&e->json, '}');
    fputs(page_script, e->json.out);
}

/* -- The command ----------------------------------------------------------- */

/* An engine of machine code where there is one. */
static int make_engine(wasmrt_config *config, wasmrt_engine **out)
{
    wasmrt_error *error;

    wasmrt_config_set_strategy(config, WASMRT_STRATEGY_JIT);
    error = wasmrt_engine_new(config, out);
    if (!error)
        return CLI_EXIT_OK;
    wasmrt_error_delete(error);
    wasmrt_config_set_strategy(config, WASMRT_STRATEGY_AUTO);
    return cli_make_engine(config, out);
}

static int write_file(struct explore *e, const char *path)
{
    bool is_stdout = strcmp(path, "-") == 0, failed;

    e->json.out = is_stdout ? stdout : fopen(path, "w");
    if (!e->json.out) {
        cli_error("cannot write %s: %s", path, cli_why());
        return CLI_EXIT_REFUSED;
    }
    write_page(e);
    if (is_stdout)
        return CLI_EXIT_OK;
    failed = ferror(e->json.out);
    failed = fclose(e->json.out) != 0 || failed;
    if (failed)
        cli_error("cannot write %s", path);
    return failed ? CLI_EXIT_REFUSED : CLI_EXIT_OK;
}

static int explore(const char *path, const char *output, wasmrt_engine *engine)
{
    struct cli_file file = {.bytes = NULL};
    struct explore e = {.facts.file = &file};
    int status = cli_load(engine, path, &file, &e.facts.module);

    e.has_native = strcmp(wasmrt_engine_strategy(engine), "jit") == 0;
    if (status == CLI_EXIT_OK &&
        (!facts_find(&e.facts) || !sort_functions(&e))) {
        cli_error("out of memory");
        status = CLI_EXIT_REFUSED;
    }
    if (status == CLI_EXIT_OK)
        status = write_file(&e, output);
    free(e.order);
    facts_fini(&e.facts);
    wasmrt_module_delete(e.facts.module);
    cli_file_fini(&file);
    return status;
}

int cmd_explore(struct opts *opts)
{
    struct cli_one_file words = {.config = cli_new_config()};
    wasmrt_engine *engine = NULL;
    const char *output = NULL;
    int status;

    while ((status = cli_next_option(&words, opts)) == CLI_OPTION) {
        if (opts->id == OPT_OUTPUT)
            output = opts->value;
    }
    if (status == CLI_GO_ON && !output) {
        cli_error("where to? --output=FILE is missing");
        cli_hint("for example: wasmrt explore app.wasm --output=app.html");
        status = CLI_EXIT_USAGE;
    }
    if (status == CLI_GO_ON)
        status = make_engine(words.config, &engine);
    if (engine)
        status = explore(words.path, output, engine);
    wasmrt_engine_delete(engine);
    wasmrt_config_delete(words.config);
    return status;
}
