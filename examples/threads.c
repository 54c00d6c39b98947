/*
 * One module, four threads of the host: the module is compiled once and shared,
 * each thread has a store of its own.  They count primes, a quarter each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>
#include <stdio.h>
#include <wasmrt.h>

enum { THREADS = 4, LAST = 100000 };

/* What one thread is to do, and how it went. */
struct part {
    wasmrt_engine *engine; /* shared by all: so are module and linker */
    wasmrt_module *module;
    wasmrt_linker *linker;
    int32_t from, to;
    int32_t primes;
    wasmrt_error *error;
};

static wasmrt_error *count(struct part *part, wasmrt_store *store)
{
    wasmrt_instance *instance;
    wasmrt_error *error;
    wasmrt_func *func;

    error =
        wasmrt_linker_instantiate(part->linker, store, part->module, &instance);
    if (error)
        return error;
    func = wasmrt_instance_func(instance, "primes");
    return wasmrt_call(store, func, "(i32 i32) -> i32", part->from, part->to,
                       &part->primes);
}

static void *run(void *arg)
{
    struct part *part = arg;
    wasmrt_store *store;

    part->error = wasmrt_store_new(part->engine, &store);
    if (part->error)
        return NULL;
    part->error = count(part, store);
    wasmrt_store_delete(store);
    return NULL;
}

/* Lets all of them work; how many primes there are, or the first error. */
static wasmrt_error *run_all(wasmrt_engine *engine, wasmrt_module *module,
                             wasmrt_linker *linker, int32_t *total)
{
    struct part parts[THREADS];
    pthread_t threads[THREADS];
    wasmrt_error *error = NULL;
    int started = 0;

    while (started < THREADS) {
        parts[started] = (struct part){
            .engine = engine,
            .module = module,
            .linker = linker,
            .from = LAST / THREADS * started,
            .to = LAST / THREADS * (started + 1),
        };
        if (pthread_create(&threads[started], NULL, run, &parts[started]))
            break;
        started++;
    }
    *total = 0;
    for (int i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
        *total += parts[i].primes;
        if (!error)
            error = parts[i].error;
        else
            wasmrt_error_delete(parts[i].error);
    }
    if (!error && started < THREADS)
        error = wasmrt_error_new(WASMRT_ERR_HOST_TRAP, "cannot start a thread");
    return error;
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "examples/threads.wat";
    wasmrt_engine *engine = NULL;
    wasmrt_module *module = NULL;
    wasmrt_linker *linker = NULL;
    wasmrt_error *error;
    int32_t total;

    if (!(error = wasmrt_engine_new(NULL, &engine)) &&
        !(error = wasmrt_module_from_file(engine, path, &module)) &&
        !(error = wasmrt_linker_new(engine, &linker)))
        error = run_all(engine, module, linker, &total);
    if (error)
        fprintf(stderr, "threads: %s\n", wasmrt_error_message(error));
    else
        printf("%d primes below %d\n", (int)total, LAST);
    wasmrt_linker_delete(linker);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_error_delete(error);
    return error != NULL;
}
