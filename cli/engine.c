/*
 * What several commands share: the options of the engine, and loading a module.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cmd.h"

#include "cli/parse.h"
#include "cli/report.h"
#include "wasmrt/debug.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Position of a word in "a|b|c", or -1. */
static int find_choice(const char *choices, const char *word)
{
    size_t len = strlen(word);

    for (int n = 0; *choices; n++) {
        size_t choice_len = strcspn(choices, "|");

        if (choice_len == len && strncmp(choices, word, len) == 0)
            return n;
        choices += choice_len + (choices[choice_len] == '|');
    }
    return -1;
}

/* The order of the words in opts.def is that of the enums in config.h. */
static int choose(const struct opts *opts, int *out)
{
    const struct opt_spec *spec = &opt_specs[opts->id];

    *out = find_choice(spec->value, opts->value);
    if (*out >= 0)
        return CLI_GO_ON;
    return cli_usage("--%s=%s: the value is one of %s", spec->name, opts->value,
                     spec->value);
}

/* --enable and --disable. */
static int set_feature(const struct opts *opts, wasmrt_config *config)
{
    const char *name;

    if (wasmrt_config_set_feature(config, opts->value, opts->id == OPT_ENABLE))
        return CLI_GO_ON;
    cli_error("--%s=%s: unknown feature", opt_specs[opts->id].name,
              opts->value);
    for (size_t i = 0; (name = wasmrt_feature_name(i, NULL, NULL)); i++) {
        if (opts_nearly_equal(opts->value, strlen(opts->value), name)) {
            cli_hint("did you mean %s?", name);
            return CLI_EXIT_USAGE;
        }
    }
    cli_hint("wasmrt --features lists them");
    return CLI_EXIT_USAGE;
}

/* --compile-threads */
static int set_threads(const struct opts *opts, wasmrt_config *config)
{
    uint64_t count;

    if (!cli_parse_count(opts->value, 64, &count) || count == 0) {
        cli_error("--compile-threads=%s: this is no number from 1 to 64",
                  opts->value);
        return CLI_EXIT_USAGE;
    }
    wasmrt_config_set_compile_threads(config, (unsigned)count);
    return CLI_GO_ON;
}

/* --jit-range */
static int set_range(const struct opts *opts, wasmrt_config *config)
{
    uint64_t first, end;

    if (!cli_parse_range(opts->value, UINT32_MAX, &first, &end)) {
        cli_error("--jit-range=%s: this is no FIRST:END", opts->value);
        cli_hint("for example: %s", opt_specs[OPT_JIT_RANGE].example);
        return CLI_EXIT_USAGE;
    }
    wasmrt_config_set_native_range(config, (uint32_t)first, (uint32_t)end);
    return CLI_GO_ON;
}

static int list_features(void)
{
    const char *name, *text;
    bool is_on;

    for (size_t i = 0; (name = wasmrt_feature_name(i, &text, &is_on)); i++)
        printf("%-22s %-3s  %s\n", name, is_on ? "on" : "off", text);
    return CLI_EXIT_OK;
}

int cli_common_option(const struct opts *opts, wasmrt_config *config)
{
    int n, status;

    switch (opts->id) {
    case OPT_ENGINE:
        status = choose(opts, &n);
        if (status == CLI_GO_ON)
            wasmrt_config_set_strategy(config, (wasmrt_strategy)n);
        return status;
    case OPT_BOUNDS:
        status = choose(opts, &n);
        if (status == CLI_GO_ON)
            wasmrt_config_set_bounds(config, (wasmrt_bounds)n);
        return status;
    case OPT_COMPILE:
        status = choose(opts, &n);
        if (status == CLI_GO_ON)
            wasmrt_config_set_compile(config, (wasmrt_compile)n);
        return status;
    case OPT_COMPILE_THREADS: return set_threads(opts, config);
    case OPT_JIT_RANGE: return set_range(opts, config);
    case OPT_JIT_CHECK:
        wasmrt_config_set_code_check(config, true);
        return CLI_GO_ON;
    case OPT_NO_INDEX_MASKS:
        wasmrt_config_set_index_masks(config, false);
        return CLI_GO_ON;
    case OPT_ENABLE:
    case OPT_DISABLE: return set_feature(opts, config);
    case OPT_FEATURES: return list_features();
    case OPT_HELP: return cli_help_verb(opts->verb);
    case OPT_VERSION: return cli_print_version();
    default: return CLI_GO_ON;
    }
}

static int set_path(struct cli_one_file *words, const struct opts *opts,
                    const char *word)
{
    if (words->path)
        return cli_usage("%s takes one FILE, and %s is another",
                         verb_specs[opts->verb].name, word);
    words->path = word;
    return CLI_GO_ON;
}

int cli_next_option(struct cli_one_file *words, struct opts *opts)
{
    int status = CLI_GO_ON;

    while (status == CLI_GO_ON) {
        switch (opts_read(opts)) {
        case OPTS_END:
            if (words->path)
                return CLI_GO_ON;
            return cli_usage("FILE is missing: wasmrt %s FILE",
                             verb_specs[opts->verb].name);
        case OPTS_BAD: return opts_complain(opts, false);
        case OPTS_OPTION:
            status = cli_common_option(opts, words->config);
            return status == CLI_GO_ON ? CLI_OPTION : status;
        case OPTS_WORD: status = set_path(words, opts, opts->word); break;
        case OPTS_DASHES:
            while (status == CLI_GO_ON && opts->next < opts->argc)
                status = set_path(words, opts, opts->argv[opts->next++]);
            break;
        }
    }
    return status;
}

wasmrt_config *cli_new_config(void)
{
    wasmrt_config *config = wasmrt_config_new();

    if (!config) {
        cli_error("out of memory");
        exit(CLI_EXIT_REFUSED);
    }
    return config;
}

static int complain(const struct cli_file *file, wasmrt_error *error)
{
    int status = cli_report(file, error);

    wasmrt_error_delete(error);
    return status;
}

int cli_make_engine(const wasmrt_config *config, wasmrt_engine **out)
{
    wasmrt_error *error = wasmrt_engine_new(config, out);

    return error ? complain(NULL, error) : CLI_EXIT_OK;
}

int cli_load(wasmrt_engine *engine, const char *path, struct cli_file *file,
             wasmrt_module **out)
{
    wasmrt_error *error;
    int status = cli_file_read(file, path);

    if (status != CLI_EXIT_OK)
        return status;
    error = wasmrt_module_new_borrowed(engine, file->bytes, file->len, out);
    return error ? complain(file, error) : CLI_EXIT_OK;
}
