/*
 * The command line of `wasmrt run`.
 *
 * Two states: in front of FILE every word that begins with a dash must be ours;
 * behind it, the first word that is not ours begins the guest's arguments.  A
 * grant is handed to the WASI configuration as soon as it is read, so that
 * later ones replace earlier ones in the order of the command line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/run.h"

#include "cli/os.h"
#include "cli/parse.h"
#include "cli/report.h"
#include "wasmrt/debug.h"

#include <stdlib.h>
#include <string.h>

/* -- Grants ---------------------------------------------------------------- */

/* --dir and --mount: the same grant in two notations. */
static int grant_mount(struct run *run, const struct opts *opts)
{
    struct cli_mount mount;
    const char *why = opts->id == OPT_DIR
                          ? cli_parse_dir(opts->value, &mount)
                          : cli_parse_mount(opts->value, &mount);

    if (why) {
        cli_error("--%s: %s", opt_specs[opts->id].name, why);
        cli_hint("for example: %s", opt_specs[opts->id].example);
        return CLI_EXIT_USAGE;
    }
    run_note_grant(run, mount.host, mount.guest);
    wasmrt_wasi_config_preopen(run->wasi, mount.host, mount.guest,
                               mount.is_read_only ? WASMRT_WASI_READ_ONLY
                                                  : WASMRT_WASI_READ_WRITE);
    return CLI_GO_ON;
}

/* value NULL: inherit.  A variable that we do not have is not passed on. */
static int grant_variable(struct run *run, const char *name, const char *value)
{
    if (!value)
        value = getenv(name);
    if (value)
        wasmrt_wasi_config_env(run->wasi, name, value);
    return CLI_GO_ON;
}

/* --wasi: parts of WASI that are off otherwise. */
static int grant_wasi(struct run *run, const char *what)
{
    if (strcmp(what, "threads") != 0)
        return cli_usage("--wasi=%s: the only choice is threads", what);
    run->has_threads = true;
    return CLI_GO_ON;
}

static int grant_env(struct run *run, char *text)
{
    char *equals = strchr(text, '=');

    if (equals)
        *equals++ = '\0';
    if (!*text)
        return cli_usage("--env: the name is empty");
    return grant_variable(run, text, equals);
}

/* The values lie in the text of the file, which the configuration copies. */
static int grant_env_file(struct run *run, const char *path)
{
    uint8_t *bytes;
    size_t len;
    char *text, *name, *value;
    const char *why = cli_read_file(path, &bytes, &len);
    int status = CLI_GO_ON;

    if (why) {
        cli_error("--env-file: cannot read %s: %s", path, why);
        return CLI_EXIT_REFUSED;
    }
    text = (char *)bytes;
    while (status == CLI_GO_ON && cli_parse_env_line(&text, &name, &value)) {
        if (*name)
            grant_variable(run, name, value);
        else
            status =
                cli_usage("--env-file: %s: a line has an empty name", path);
    }
    free(bytes);
    return status;
}

/* --stats */
static int choose_stats(struct run *run, const char *how)
{
    if (how && strcmp(how, "text") != 0 && strcmp(how, "json") != 0)
        return cli_usage("--stats=%s: the value is one of text|json", how);
    run->stats = how && *how == 'j' ? STATS_JSON : STATS_TEXT;
    return CLI_GO_ON;
}

/* --debug */
static int debug_with(struct run *run, const char *what)
{
    if (strcmp(what, "gdb") != 0)
        return cli_usage("--debug=%s: the value is gdb", what);
    wasmrt_config_set_debugger(run->config, true);
    run->about_native = "--debug";
    return CLI_GO_ON;
}

/* -- Limits ---------------------------------------------------------------- */

/* Reads the number that a limit takes. */
static bool parse_limit(enum opt_id id, const char *text, uint64_t *out)
{
    switch (id) {
    case OPT_TIMEOUT: return cli_parse_duration(text, out);
    case OPT_MAX_MEMORY:
    case OPT_MAX_GC_HEAP: return cli_parse_size(text, out);
    case OPT_MAX_STACK:
        return cli_parse_size(text, out) && *out > 0 && *out <= SIZE_MAX / 2;
    case OPT_MAX_FDS:
    case OPT_MAX_THREADS: return cli_parse_count(text, UINT32_MAX, out);
    default: return cli_parse_count(text, UINT64_MAX - 1, out);
    }
}

/* Limits of the store are kept until there is one. */
static int read_limit(struct run *run, const struct opts *opts)
{
    const struct opt_spec *spec = &opt_specs[opts->id];
    uint64_t n;

    if (!parse_limit(opts->id, opts->value, &n)) {
        cli_error("--%s=%s: this is no %s", spec->name, opts->value,
                  spec->value);
        cli_hint("for example: %s", spec->example);
        return CLI_EXIT_USAGE;
    }
    switch (opts->id) {
    case OPT_TIMEOUT: run->timeout_ns = n; break;
    case OPT_MAX_MEMORY: run->max_memory_bytes = n; break;
    case OPT_MAX_GC_HEAP: run->max_gc_bytes = n; break;
    case OPT_MAX_STACK:
        wasmrt_config_set_max_stack(run->config, (size_t)n);
        break;
    case OPT_MAX_FDS: wasmrt_wasi_config_max_fds(run->wasi, (uint32_t)n); break;
    case OPT_MAX_THREADS: run->max_threads = (uint32_t)n; break;
    case OPT_FUEL:
        wasmrt_config_set_fuel(run->config, true);
        run->fuel = n;
        break;
    default: run->max_table_elements = n; break;
    }
    return CLI_GO_ON;
}

/* -- Words ----------------------------------------------------------------- */

/* Acts on one option.  Returns CLI_GO_ON or an exit status. */
static int read_option(struct run *run, const struct opts *opts)
{
    switch (opts->id) {
    case OPT_DIR:
    case OPT_MOUNT: return grant_mount(run, opts);
    case OPT_ENV: return grant_env(run, opts->value);
    case OPT_ENV_FILE: return grant_env_file(run, opts->value);
    case OPT_ARGV0: run->argv0 = opts->value; return CLI_GO_ON;
    case OPT_LISTEN:
        wasmrt_wasi_config_listen(run->wasi, opts->value);
        return CLI_GO_ON;
    case OPT_WASI: return grant_wasi(run, opts->value);
    case OPT_PRELOAD: return run_add_preload(run, opts->value);
    case OPT_INVOKE: run->invoke = opts->value; return CLI_GO_ON;
    case OPT_STATS: return choose_stats(run, opts->value);
    case OPT_GC_STRESS: run->gc_stress = true; return CLI_GO_ON;
    case OPT_TRACE: return run_choose_trace(run, opts->value);
    case OPT_TRACE_OUT: return run_choose_trace_file(opts->value);
    case OPT_PROFILE: return run_choose_profile(run, opts->value);
    case OPT_PERF: return run_choose_perf(run, opts->value);
    case OPT_DEBUG: return debug_with(run, opts->value);
    case OPT_JIT_RANGE:
        run->about_native = "--jit-range";
        return cli_common_option(opts, run->config);
    case OPT_TIMEOUT:
    case OPT_MAX_MEMORY:
    case OPT_MAX_STACK:
    case OPT_MAX_TABLE:
    case OPT_MAX_GC_HEAP:
    case OPT_MAX_FDS:
    case OPT_MAX_THREADS:
    case OPT_FUEL: return read_limit(run, opts);
    default: return cli_common_option(opts, run->config);
    }
}

static void set_args(struct run *run, const struct opts *opts, int first)
{
    run->args = opts->argv + first;
    run->arg_count = opts->argc - first;
}

/* Whether the word behind FILE that was just read begins the guest's words. */
static bool is_guests(const struct opts *opts, enum opts_found found)
{
    if (found == OPTS_OPTION)
        return opt_specs[opts->id].verbs & VERB_EARLY;
    if (found == OPTS_BAD)
        return opts->fault == OPTS_OTHER_VERB ||
               (opts->fault == OPTS_UNKNOWN && !opts->near);
    return found == OPTS_WORD;
}

/* Until the first word of the guest. */
static int read_behind_file(struct run *run, struct opts *opts)
{
    int status = CLI_GO_ON;

    while (status == CLI_GO_ON) {
        enum opts_found found = opts_read(opts);

        if (found == OPTS_END || found == OPTS_DASHES) {
            set_args(run, opts, opts->next);
            return CLI_GO_ON;
        }
        if (is_guests(opts, found)) {
            set_args(run, opts, opts->at);
            return CLI_GO_ON;
        }
        status = found == OPTS_BAD ? opts_complain(opts, true)
                                   : read_option(run, opts);
    }
    return status;
}

/* `--` in front of FILE ends the options for good. */
static int read_after_dashes(struct run *run, struct opts *opts)
{
    if (opts->next >= opts->argc)
        return cli_usage("FILE is missing behind --");
    run->path = opts->argv[opts->next++];
    set_args(run, opts, opts->next);
    return CLI_GO_ON;
}

static int read_words(struct run *run, struct opts *opts)
{
    int status = CLI_GO_ON;

    while (status == CLI_GO_ON) {
        switch (opts_read(opts)) {
        case OPTS_OPTION: status = read_option(run, opts); break;
        case OPTS_WORD:
            run->path = opts->word;
            return read_behind_file(run, opts);
        case OPTS_DASHES: return read_after_dashes(run, opts);
        case OPTS_BAD: return opts_complain(opts, false);
        case OPTS_END:
            return cli_usage("FILE is missing: wasmrt run FILE [ARGS...]");
        }
    }
    return status;
}

int run_read_words(struct run *run, struct opts *opts)
{
    int status = read_words(run, opts);

    if (status == CLI_GO_ON && run->has_threads && run->preload_count > 0)
        return cli_usage("--preload does not go with --wasi=threads: threads "
                         "share memories only");
    return status;
}
