/*
 * wasmrt wast: the runner of test scripts on the command line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cmd.h"
#include "cli/parse.h"
#include "cli/report.h"
#include "spectest/spectest.h"

#include <stdlib.h>

/* Fuel for each file; anything else is a usage error. */
static int read_fuel(const char *value, struct spectest_options *options)
{
    if (!cli_parse_count(value, UINT64_MAX - 1, &options->fuel))
        return cli_usage("--fuel=%s: this is no COUNT", value);
    wasmrt_config_set_fuel(options->config, true);
    return CLI_GO_ON;
}

/* A line number; anything else is a usage error. */
static int read_line(const char *value, size_t *out)
{
    char *end;
    unsigned long line = strtoul(value, &end, 10);

    if (*end || line == 0)
        return cli_usage("--line=%s is no line number", value);
    *out = line;
    return CLI_GO_ON;
}

/* Moves the words that are files to the front of argv.  Returns CLI_GO_ON or
 * an exit status. */
static int read_words(struct opts *opts, struct spectest_options *options,
                      size_t *count)
{
    int status = CLI_GO_ON;

    while (status == CLI_GO_ON) {
        switch (opts_read(opts)) {
        case OPTS_END: return CLI_GO_ON;
        case OPTS_BAD: return opts_complain(opts, false);
        case OPTS_WORD: opts->argv[(*count)++] = opts->word; break;
        case OPTS_DASHES:
            while (opts->next < opts->argc)
                opts->argv[(*count)++] = opts->argv[opts->next++];
            break;
        case OPTS_OPTION:
            if (opts->id == OPT_LINE)
                status = read_line(opts->value, &options->line);
            else if (opts->id == OPT_SKIP_DISABLED)
                options->skip_disabled = true;
            else if (opts->id == OPT_FUEL)
                status = read_fuel(opts->value, options);
            else if (opts->id == OPT_GC_STRESS)
                options->gc_stress = true;
            else if (opts->id == OPT_ROUNDTRIP)
                options->roundtrip = true;
            else {
                options->tells_checks |= opts->id == OPT_JIT_CHECK;
                status = cli_common_option(opts, options->config);
            }
            break;
        }
    }
    return status;
}

int cmd_wast(struct opts *opts)
{
    struct spectest_options options = {.config = cli_new_config()};
    size_t count = 0;
    int status = read_words(opts, &options, &count);

    if (status == CLI_GO_ON && count == 0)
        status = cli_usage("FILE is missing: wasmrt wast FILE...");
    if (status == CLI_GO_ON)
        status =
            spectest_run(&options, (const char *const *)opts->argv, count, NULL)
                ? CLI_EXIT_OK
                : CLI_EXIT_REFUSED;
    wasmrt_config_delete(options.config);
    return status;
}
