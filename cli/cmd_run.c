/*
 * wasmrt run: from a file name to the guest's exit status.
 *
 * Nothing is released at the end: the process ends right behind, and the system
 * takes memory back faster than we could.  All of it stays reachable from
 * `run`, so leak checkers agree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/run.h"

#include "cli/imports.h"
#include "cli/os.h"
#include "cli/report.h"
#include "wasmrt/debug.h"

#include <stdlib.h>
#include <string.h>

static struct run run = {.max_memory_bytes = UINT64_MAX,
                         .max_gc_bytes = UINT64_MAX,
                         .max_table_elements = UINT64_MAX,
                         .max_threads = 1024,
                         .fuel = UINT64_MAX};

/* In signal context. */
static void interrupt_guest(void)
{
    wasmrt_store_interrupt(run.store);
}

/* -- Measuring ------------------------------------------------------------- */

/* Accounts the time since the last call to a phase. */
static void end_phase(enum run_phase phase)
{
    static uint64_t last_ns;
    uint64_t now;

    if (!run.stats)
        return;
    now = cli_now_ns();
    if (last_ns)
        run.phase_ns[phase] = now - last_ns;
    last_ns = now;
}

/* -- Preparing ------------------------------------------------------------- */

/* Reports and releases an error about a file; NULL is success. */
static int finish_about(const struct cli_file *file, wasmrt_error *error)
{
    int status = error ? cli_report(file, error) : CLI_EXIT_OK;

    wasmrt_error_delete(error);
    return status;
}

static int read_file(void)
{
    int status = cli_file_read(&run.file, run.path);

    if (status != CLI_EXIT_OK && opts_near_verb(run.path) != VERB_COUNT)
        cli_hint("did you mean wasmrt %s?",
                 verb_specs[opts_near_verb(run.path)].name);
    end_phase(PHASE_READ);
    return status;
}

static int finish(wasmrt_error *error)
{
    return finish_about(&run.file, error);
}

static int load(wasmrt_engine *engine)
{
    int status = finish(wasmrt_module_new_borrowed(engine, run.file.bytes,
                                                   run.file.len, &run.module));

    if (run.module && run.preload_count == 0)
        cli_report_lines(run.module);

    end_phase(PHASE_LOAD);
    return status;
}

/* Position of an exported function, or -1. */
static int find_export(const char *name)
{
    wasmrt_extern_info info;

    for (size_t i = 0; wasmrt_module_export(run.module, i, &info); i++) {
        if (info.kind == WASMRT_EXTERN_FUNC && info.name_len == strlen(name) &&
            memcmp(info.name, name, info.name_len) == 0)
            return (int)i;
    }
    return -1;
}

static bool exports_functions(void)
{
    wasmrt_extern_info info;

    for (size_t i = 0; wasmrt_module_export(run.module, i, &info); i++) {
        if (info.kind == WASMRT_EXTERN_FUNC)
            return true;
    }
    return false;
}

/* Checked before anything runs.  A module that exports no function at all is
 * fine: it has done its work when its start function returns. */
static int check_entry(void)
{
    if (run.invoke) {
        if (find_export(run.invoke) >= 0)
            return CLI_EXIT_OK;
        cli_error("%s exports no function %s", run.file.name, run.invoke);
    } else {
        if (find_export("_start") >= 0 || !exports_functions())
            return CLI_EXIT_OK;
        cli_error("%s is no command: it exports no function _start",
                  run.file.name);
    }
    run_hint_exports(run.module);
    return run.invoke ? CLI_EXIT_USAGE : CLI_EXIT_REFUSED;
}

/* The program's name as the guest sees it: no path of the host unasked. */
static const char *guest_name(void)
{
    const char *slash = strrchr(run.path, '/');

    if (run.argv0)
        return run.argv0;
    return slash && slash[1] ? slash + 1 : run.path;
}

static void grant_streams_and_args(void)
{
    wasmrt_wasi_config_inherit(run.wasi, WASMRT_WASI_STDIN);
    wasmrt_wasi_config_inherit(run.wasi, WASMRT_WASI_STDOUT);
    wasmrt_wasi_config_inherit(run.wasi, WASMRT_WASI_STDERR);
    wasmrt_wasi_config_sigpipe(run.wasi, true);
    wasmrt_wasi_config_arg(run.wasi, guest_name());
    for (int i = 0; !run.invoke && i < run.arg_count; i++)
        wasmrt_wasi_config_arg(run.wasi, run.args[i]);
}

/* Sockets that systemd, or whoever else follows its protocol, opened for this
 * very process: descriptors from 3 on. */
static void grant_inherited_listeners(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");

    if (!pid || !count || strtoul(pid, NULL, 10) != cli_process_id())
        return;
    for (int i = 0; i < atoi(count); i++)
        wasmrt_wasi_config_listen_fd(run.wasi, 3 + i);
}

/* Limits hold before anything of the guest runs: a start function counts. */
static wasmrt_error *make_store(wasmrt_engine *engine)
{
    wasmrt_error *error = wasmrt_store_new(engine, &run.store);

    if (error)
        return error;
    if (run.max_memory_bytes != UINT64_MAX)
        wasmrt_store_set_memory_limit(run.store, run.max_memory_bytes);
    if (run.max_table_elements != UINT64_MAX)
        wasmrt_store_set_table_limit(run.store, run.max_table_elements);
    wasmrt_store_set_gc_limit(run.store, run.max_gc_bytes);
    wasmrt_store_set_gc_stress(run.store, run.gc_stress);
    if (run.fuel != UINT64_MAX)
        error = wasmrt_store_set_fuel(run.store, run.fuel);
    if (error)
        return error;
    if (run.timeout_ns)
        wasmrt_store_set_deadline(run.store, cli_now_ns() + run.timeout_ns);
    grant_streams_and_args();
    grant_inherited_listeners();
    if (run.has_threads)
        wasmrt_wasi_config_threads(run.wasi, run.max_threads);
    return wasmrt_store_set_wasi(run.store, run.wasi);
}

/* Only what a module asks for: most of start-up would be names of WASI. */
static wasmrt_error *link_wasi(wasmrt_linker *linker)
{
    wasmrt_error *error = wasmrt_wasi_link(linker);

    if (!error)
        error = wasmrt_wasi_link_stubs(linker, run.module);
    return error;
}

/* Defines what the module may import. */
static int link_module(wasmrt_engine *engine, wasmrt_linker **out)
{
    wasmrt_error *error = wasmrt_linker_new(engine, out);
    int status;

    if (!error && (run.preload_count > 0 || cli_imports_wasi(run.module)))
        error = link_wasi(*out);
    status = finish(error);
    if (status == CLI_EXIT_OK)
        status = run_link_preloads(&run, engine, *out);
    if (status == CLI_EXIT_OK && run.has_threads)
        status = finish(wasmrt_wasi_link_threads(*out, run.store, run.module));
    return status;
}

/* Missing imports are reported all at once; the library stops at the first. */
static int instantiate(wasmrt_engine *engine)
{
    static wasmrt_linker *linker; /* reachable to the end, as `run` is */
    int status = link_module(engine, &linker);
    wasmrt_error *error;

    if (status != CLI_EXIT_OK)
        return status;
    error =
        wasmrt_linker_instantiate(linker, run.store, run.module, &run.instance);
    /* A start function may have started some. */
    if (error)
        error = wasmrt_wasi_end_threads(run.store, error);
    if (error && wasmrt_error_code(error) == WASMRT_ERR_UNKNOWN_IMPORT) {
        cli_error("%s: cannot link: imports are missing", run.file.name);
        cli_list_missing(run.module, linker);
        wasmrt_error_delete(error);
        return CLI_EXIT_REFUSED;
    }
    return finish(error);
}

/* -- Running --------------------------------------------------------------- */

/* A reactor is initialised before one of its exports is called; a command that
 * is asked for an export is not run. */
static int call(void)
{
    bool is_command = find_export("_start") >= 0;
    bool is_reactor = !is_command && find_export("_initialize") >= 0;
    int status = CLI_EXIT_OK;

    if (run.invoke ? is_reactor : is_command)
        status = finish(wasmrt_wasi_start(run.store, run.instance));
    if (run.invoke && status == CLI_EXIT_OK)
        status = run_invoke(&run);
    return status;
}

/* A guest that could not grow may have failed in its own words. */
static void explain_failure(int status)
{
    if (status != CLI_EXIT_OK && wasmrt_store_refused_growth(run.store))
        cli_hint("it was refused more memory or table elements: "
                 "--max-memory=SIZE and --max-table=COUNT set the limits");
    if (status != CLI_EXIT_OK && wasmrt_wasi_refused_threads(run.store))
        cli_hint("it was refused more threads: --max-threads=COUNT sets the "
                 "limit");
    if (status != CLI_EXIT_OK)
        run_explain_paths(&run);
}

/* The file has been read; each step needs the one before. */
static int run_module(wasmrt_engine *engine)
{
    int status = load(engine);

    if (status == CLI_EXIT_OK)
        status = check_entry();
    if (status != CLI_EXIT_OK)
        return status;
    status = finish_about(NULL, make_store(engine));
    if (status != CLI_EXIT_OK)
        return status;
    cli_on_interrupt(interrupt_guest);
    status = instantiate(engine);
    end_phase(PHASE_LINK);
    if (status == CLI_EXIT_OK) {
        status = call();
        explain_failure(status);
    }
    end_phase(PHASE_RUN);
    return status;
}

/* An option that has no effect would mislead. */
static int check_native(const wasmrt_engine *engine)
{
    const char *name = wasmrt_engine_strategy(engine);

    if (!run.about_native || strcmp(name, "jit") == 0)
        return CLI_EXIT_OK;
    cli_error("%s is about machine code, and engine \"%s\" makes none",
              run.about_native, name);
    cli_hint("--engine=jit does, where this build has it");
    return CLI_EXIT_USAGE;
}

int cmd_run(struct opts *opts)
{
    static wasmrt_engine *engine; /* reachable to the end, as `run` is */
    int status;

    run.config = cli_new_config();
    run.wasi = wasmrt_wasi_config_new();
    if (!run.wasi) {
        cli_error("out of memory");
        return CLI_EXIT_REFUSED;
    }
    status = run_read_words(&run, opts);
    if (status != CLI_GO_ON)
        return status;
    end_phase(PHASE_READ);
    status = read_file();
    if (status == CLI_EXIT_OK)
        status = cli_make_engine(run.config, &engine);
    if (status == CLI_EXIT_OK)
        status = check_native(engine);
    if (status == CLI_EXIT_OK)
        status = run_start_perf(&run);
    if (status == CLI_EXIT_OK)
        status = run_start_profile(&run);
    if (status == CLI_EXIT_OK)
        status = run_module(engine);
    status = run_end_trace(run_end_profile(&run, status));
    run_print_stats(&run);
    return status;
}
