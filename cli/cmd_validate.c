/*
 * wasmrt validate: the same checks as before running, for any number of files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cmd.h"
#include "cli/report.h"

/* Returns the exit status for this file alone. */
static int validate_file(wasmrt_engine *engine, const char *path)
{
    struct cli_file file;
    wasmrt_error *error;
    int status = cli_file_read(&file, path);

    if (status != CLI_EXIT_OK)
        return status;
    error = wasmrt_module_validate(engine, file.bytes, file.len);
    if (error)
        status = cli_report(&file, error);
    wasmrt_error_delete(error);
    cli_file_fini(&file);
    return status;
}

/*
 * Moves the words that are files to the front of argv, so that options may
 * stand behind them.  Returns CLI_GO_ON or an exit status.
 */
static int read_words(struct opts *opts, wasmrt_config *config, int *count)
{
    int status = CLI_GO_ON;

    while (status == CLI_GO_ON) {
        switch (opts_read(opts)) {
        case OPTS_END: return CLI_GO_ON;
        case OPTS_BAD: return opts_complain(opts, false);
        case OPTS_OPTION: status = cli_common_option(opts, config); break;
        case OPTS_WORD: opts->argv[(*count)++] = opts->word; break;
        case OPTS_DASHES:
            while (opts->next < opts->argc)
                opts->argv[(*count)++] = opts->argv[opts->next++];
            break;
        }
    }
    return status;
}

int cmd_validate(struct opts *opts)
{
    wasmrt_config *config = cli_new_config();
    wasmrt_engine *engine = NULL;
    int count = 0, status = read_words(opts, config, &count);

    if (status == CLI_GO_ON && count == 0)
        status = cli_usage("FILE is missing: wasmrt validate FILE...");
    if (status == CLI_GO_ON)
        status = cli_make_engine(config, &engine);
    for (int i = 0; engine && i < count; i++) {
        int one = validate_file(engine, opts->argv[i]);

        status = one ? one : status;
    }
    wasmrt_engine_delete(engine);
    wasmrt_config_delete(config);
    return status;
}
