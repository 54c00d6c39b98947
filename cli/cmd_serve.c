/*
 * wasmrt serve: from words to a server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/serving.h"

#include "cli/os.h"
#include "cli/parse.h"
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>

static struct serving serving = {
    .program = {.path = "/", .limits = {SERVE_DEFAULT_LIMITS}},
    .config = {SERVE_DEFAULT_CONFIG, .address = "127.0.0.1:8080",
               .drain_timeout_ns = 30 * SERVE_SECOND_NS},
};

static int refuse(const struct opts *opts, const char *why)
{
    const struct opt_spec *spec = &opt_specs[opts->id];

    if (!why)
        return CLI_GO_ON;
    cli_error("--%s=%s: %s", spec->name, opts->value, why);
    cli_hint("for example: %s", spec->example);
    return CLI_EXIT_USAGE;
}

static const char *add_var(char *text)
{
    char *equals = strchr(text, '=');

    if (equals)
        *equals++ = '\0';
    return serving_add_var(&serving.program, text, equals);
}

/* What was read stays: the strings lie in it. */
static const char *add_file(const char *path)
{
    static uint8_t *bytes;
    char *text, *name, *value;
    size_t len;
    const char *why = cli_read_file(path, &bytes, &len);

    text = (char *)bytes;
    while (!why && cli_parse_env_line(&text, &name, &value))
        why = serving_add_var(&serving.program, name, value);
    return why;
}

/* Grants are for the module of the command line; limits hold for all routes
 * that have none of their own. */
static int read_option(const struct opts *opts)
{
    uint64_t bytes;

    switch (opts->id) {
    case OPT_DIR:
    case OPT_MOUNT:
        return refuse(opts,
                      serving_add_dir(&serving.program, opts->id, opts->value));
    case OPT_ENV: return refuse(opts, add_var(opts->value));
    case OPT_ENV_FILE: return refuse(opts, add_file(opts->value));
    case OPT_CONFIG: serving.routes_path = opts->value; return CLI_GO_ON;
    case OPT_QUERY_ARGS:
        serving.program.has_query_args = true;
        return CLI_GO_ON;
    case OPT_MAX_STACK:
        if (!cli_parse_size(opts->value, &bytes) || bytes == 0 ||
            bytes > SIZE_MAX / 2)
            return refuse(opts, "this is no size, like 1M");
        serve_set_stack(serving.engine, (size_t)bytes);
        return CLI_GO_ON;
    case OPT_ADDR:
    case OPT_ADMIN_ADDR:
    case OPT_ACCESS_LOG:
    case OPT_LOG_FORMAT:
    case OPT_WORKERS:
    case OPT_MAX_GUESTS:
    case OPT_GUEST_THREADS:
    case OPT_MAX_WAITING:
    case OPT_MAX_CONNECTIONS:
    case OPT_MAX_HEAD:
    case OPT_HEAD_TIMEOUT:
    case OPT_BODY_TIMEOUT:
    case OPT_IDLE_TIMEOUT:
    case OPT_DRAIN_TIMEOUT:
    case OPT_TIMEOUT:
    case OPT_MAX_MEMORY:
    case OPT_MAX_OUTPUT:
    case OPT_MAX_BODY:
    case OPT_FUEL:
        return refuse(opts, serving_set(&serving, &serving.program, opts->id,
                                        opts->value));
    default: return cli_common_option(opts, serving.engine);
    }
}

/* FILE, and behind it the arguments that every guest gets. */
static void read_word(char *word)
{
    if (!serving.program.module)
        serving.program.module = word;
    else
        serving_add_arg(&serving.program, word);
}

static int read_words(struct opts *opts)
{
    int status = CLI_GO_ON;

    while (status == CLI_GO_ON) {
        switch (opts_read(opts)) {
        case OPTS_OPTION: status = read_option(opts); break;
        case OPTS_WORD: read_word(opts->word); break;
        case OPTS_DASHES:
            while (opts->next < opts->argc)
                read_word(opts->argv[opts->next++]);
            break;
        case OPTS_BAD: return opts_complain(opts, false);
        case OPTS_END: return CLI_GO_ON;
        }
    }
    return status;
}

static bool counts_fuel(void)
{
    for (size_t i = 0; i < serving.config.nroutes; i++) {
        if (serving.routes[i].limits.fuel != UINT64_MAX)
            return true;
    }
    return false;
}

static int collect_routes(void)
{
    if (serving.program.module && serving_add_route(&serving, &serving.program))
        return CLI_EXIT_REFUSED;
    if (serving.routes_path)
        return serving_read_routes(&serving);
    return CLI_GO_ON;
}

int cmd_serve(struct opts *opts)
{
    int status;

    serving.engine = cli_new_config();
    serve_set_stack(serving.engine, 0);
    wasmrt_config_set_compile(serving.engine, WASMRT_COMPILE_EAGER);
    status = read_words(opts);
    if (status == CLI_GO_ON && serve_missing()) {
        cli_error("%s", serve_missing());
        return CLI_EXIT_REFUSED;
    }
    if (status == CLI_GO_ON)
        status = collect_routes();
    if (status != CLI_GO_ON)
        return status;
    if (serving.config.nroutes == 0)
        return cli_usage("FILE is missing: wasmrt serve FILE, or --config");
    wasmrt_config_set_fuel(serving.engine, counts_fuel());
    serving.config.engine = serving.engine;
    serving.config.inherited_fd = serve_inherited();
    return serve_run(&serving.config) ? CLI_EXIT_OK : CLI_EXIT_REFUSED;
}
