/*
 * --preload: modules beside the program, which it may import from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "array/grow.h"
#include "cli/imports.h"
#include "cli/report.h"
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>

int run_add_preload(struct run *run, char *text)
{
    char *equals = strchr(text, '=');

    if (!equals || equals == text || !equals[1]) {
        cli_error("--preload=%s: this is no NAME=FILE", text);
        cli_hint("for example: %s", opt_specs[OPT_PRELOAD].example);
        return CLI_EXIT_USAGE;
    }
    if (!array_resize(&run->preloads, run->preload_count + 1,
                      sizeof(*run->preloads))) {
        cli_error("out of memory");
        return CLI_EXIT_REFUSED;
    }
    *equals = '\0';
    run->preloads[run->preload_count++] =
        (struct run_preload){.name = text, .path = equals + 1};
    return CLI_GO_ON;
}

/* The instance is the store's; the module is kept by it. */
static wasmrt_error *instantiate(struct run *run, wasmrt_linker *linker,
                                 wasmrt_module *module,
                                 const struct run_preload *preload)
{
    wasmrt_instance *instance;
    wasmrt_error *error =
        wasmrt_linker_instantiate(linker, run->store, module, &instance);

    /* As a program's functions are only called when it is initialised. */
    if (!error && wasmrt_instance_func(instance, "_initialize"))
        error = wasmrt_wasi_start(run->store, instance);
    if (!error)
        error = wasmrt_linker_define_instance(linker, preload->name, instance);
    return error;
}

static int link_preload(struct run *run, wasmrt_engine *engine,
                        wasmrt_linker *linker, struct run_preload *preload)
{
    wasmrt_module *module = NULL;
    int status = cli_load(engine, preload->path, &preload->file, &module);
    wasmrt_error *error;

    if (status != CLI_EXIT_OK)
        return status;
    error = instantiate(run, linker, module, preload);
    if (error && wasmrt_error_code(error) == WASMRT_ERR_UNKNOWN_IMPORT) {
        cli_error("%s: cannot link: imports are missing", preload->file.name);
        cli_list_missing(module, linker);
        status = CLI_EXIT_REFUSED;
    } else if (error) {
        status = cli_report(&preload->file, error);
    }
    wasmrt_error_delete(error);
    wasmrt_module_delete(module);
    return status;
}

int run_link_preloads(struct run *run, wasmrt_engine *engine,
                      wasmrt_linker *linker)
{
    int status = CLI_EXIT_OK;

    for (size_t i = 0; i < run->preload_count && status == CLI_EXIT_OK; i++)
        status = link_preload(run, engine, linker, &run->preloads[i]);
    return status;
}
