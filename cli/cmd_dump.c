/*
 * wasmrt dump: a listing of a module for humans.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cmd.h"
#include "cli/disasm.h"
#include "cli/report.h"
#include "wasmrt/debug.h"

struct dump {
    struct cli_one_file words;
    const char *func;
    unsigned parts;
};

/* The part that an option names, or 0. */
static unsigned part_of(enum opt_id id)
{
    switch (id) {
    case OPT_HEADERS: return WASMRT_DUMP_HEADERS;
    case OPT_EXTERNS: return WASMRT_DUMP_EXTERNS;
    case OPT_CODE: return WASMRT_DUMP_CODE;
    case OPT_DATA: return WASMRT_DUMP_DATA;
    case OPT_CUSTOM: return WASMRT_DUMP_CUSTOM;
    case OPT_IOPS: return WASMRT_DUMP_CODE | WASMRT_DUMP_IOPS;
    case OPT_ASM: return WASMRT_DUMP_CODE | WASMRT_DUMP_ASM;
    case OPT_FUNC: return WASMRT_DUMP_CODE;
    default: return 0;
    }
}

/* Options and FILE in any order.  Returns CLI_GO_ON or an exit status. */
static int read_words(struct dump *dump, struct opts *opts)
{
    int status;

    while ((status = cli_next_option(&dump->words, opts)) == CLI_OPTION) {
        dump->parts |= part_of(opts->id);
        if (opts->id == OPT_FUNC)
            dump->func = opts->value;
    }
    return status;
}

static void write_text(void *user, const char *text, size_t len)
{
    (void)user;
    fwrite(text, 1, len, stdout);
}

/* The listing goes out as it is made; after a module that cannot be made there
 * is none. */
static int dump_module(const struct dump *dump, wasmrt_engine *engine)
{
    struct cli_file file = {.bytes = NULL};
    wasmrt_module *module = NULL;
    wasmrt_write_fn write = write_text;
    wasmrt_error *error;
    int status = cli_load(engine, dump->words.path, &file, &module);

    if (status == CLI_EXIT_OK) {
        if (dump->parts & WASMRT_DUMP_ASM)
            write = cli_disasm_write;
        error =
            wasmrt_module_dump(module, dump->parts, dump->func, write, NULL);
        cli_disasm_end();
        if (error)
            status = cli_report(&file, error);
        if (error && wasmrt_error_kind(error) == WASMRT_KIND_MISUSE)
            status = CLI_EXIT_USAGE; /* --func names no function */
        wasmrt_error_delete(error);
    }
    wasmrt_module_delete(module);
    cli_file_fini(&file);
    return status;
}

int cmd_dump(struct opts *opts)
{
    struct dump dump = {.words.config = cli_new_config()};
    wasmrt_engine *engine = NULL;
    int status = read_words(&dump, opts);

    if (dump.parts == 0)
        dump.parts =
            WASMRT_DUMP_HEADERS | WASMRT_DUMP_EXTERNS | WASMRT_DUMP_CUSTOM;
    if (dump.parts & WASMRT_DUMP_ASM)
        wasmrt_config_set_strategy(dump.words.config, WASMRT_STRATEGY_JIT);
    if (status == CLI_GO_ON)
        status = cli_make_engine(dump.words.config, &engine);
    if (engine)
        status = dump_module(&dump, engine);
    wasmrt_engine_delete(engine);
    wasmrt_config_delete(dump.words.config);
    return status;
}
