/*
 * --invoke: one call of an export, with values from the command line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/run.h"

#include "cli/literal.h"
#include "cli/report.h"

#include <stdlib.h>

enum { HINTED_EXPORTS = 20, TYPE_BYTES = 512 };

static void put_export(const wasmrt_module *module, size_t n,
                       const wasmrt_extern_info *info)
{
    char type[TYPE_BYTES];

    wasmrt_module_extern_type(module, false, n, type, sizeof(type));
    fputs("    --invoke=", stderr);
    cli_put_clean(stderr, info->name, info->name_len);
    fprintf(stderr, "  %s\n", type);
}

void run_hint_exports(const wasmrt_module *module)
{
    wasmrt_extern_info info;
    size_t count = 0;

    for (size_t i = 0; wasmrt_module_export(module, i, &info); i++) {
        if (info.kind != WASMRT_EXTERN_FUNC)
            continue;
        if (count++ == 0)
            cli_hint("it exports:");
        if (count <= HINTED_EXPORTS)
            put_export(module, i, &info);
    }
    if (count > HINTED_EXPORTS)
        fprintf(stderr, "    and %zu more\n", count - HINTED_EXPORTS);
    if (count == 0)
        cli_hint("it exports no function at all");
}

static int complain_count(const struct run *run, size_t wanted)
{
    cli_error("%s takes %zu argument%s, not %d", run->invoke, wanted,
              wanted == 1 ? "" : "s", run->arg_count);
    run_hint_exports(run->module);
    return CLI_EXIT_USAGE;
}

/* The words must be as many as the parameters: nothing is filled in. */
static int parse_args(const struct run *run, const wasmrt_func *func,
                      wasmrt_val *args)
{
    size_t count = wasmrt_func_param_count(run->store, func);

    if (count != (size_t)run->arg_count)
        return complain_count(run, count);
    for (size_t i = 0; i < count; i++) {
        wasmrt_kind kind = wasmrt_func_param_kind(run->store, func, i);

        if (!cli_parse_value(run->args[i], kind, &args[i]))
            return cli_usage("argument %zu of %s: %s is no %s", i + 1,
                             run->invoke, run->args[i], cli_kind_name(kind));
    }
    return CLI_EXIT_OK;
}

/* Results are printed after the call, so the guest's own output comes first. */
static int call(struct run *run, wasmrt_func *func, const wasmrt_val *args,
                wasmrt_val *results)
{
    size_t count = wasmrt_func_result_count(run->store, func);
    wasmrt_error *error = wasmrt_func_call(
        run->store, func, args, (size_t)run->arg_count, results, count);
    int status;

    error = wasmrt_wasi_end_threads(run->store, error);
    status = error ? cli_report(&run->file, error) : CLI_EXIT_OK;
    for (size_t i = 0; !error && i < count; i++) {
        cli_put_value(stdout, &results[i]);
        putchar('\n');
    }
    wasmrt_error_delete(error);
    return status;
}

int run_invoke(struct run *run)
{
    wasmrt_func *func = wasmrt_instance_func(run->instance, run->invoke);
    size_t arg_count = wasmrt_func_param_count(run->store, func);
    size_t result_count = wasmrt_func_result_count(run->store, func);
    wasmrt_val *args = calloc(arg_count + 1, sizeof(*args));
    wasmrt_val *results = calloc(result_count + 1, sizeof(*results));
    int status = CLI_EXIT_REFUSED;

    if (args && results) {
        status = parse_args(run, func, args);
        if (status == CLI_EXIT_OK)
            status = call(run, func, args, results);
    } else {
        cli_error("out of memory");
    }
    free(args);
    free(results);
    return status;
}
