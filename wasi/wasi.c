/*
 * WASI preview1: linking, dispatch, and starting programs.
 *
 * Each function of the table is a host function over raw slots whose
 * environment is its row; one dispatcher finds the state of the store, checks
 * the rights on the first descriptor and calls the handler.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/state.h"

#include <string.h>

static const struct p1_func preview1[] = {
#define P1_FUNC(name, signature, rights, trace)                                \
    {#name, signature, p1_##name, (int64_t)(rights), trace, P1_PREVIEW1},
#define P1_FUNC_NEWER P1_FUNC
#include "wasi/preview1.def"
#undef P1_FUNC
#undef P1_FUNC_NEWER
};

static const struct p1_func unstable[] = {
#define P1_FUNC(name, signature, rights, trace)                                \
    {#name, signature, p1_##name, (int64_t)(rights), trace, P1_UNSTABLE},
#define P1_FUNC_NEWER(name, signature, rights, trace)
#include "wasi/preview1.def"
#undef P1_FUNC
#undef P1_FUNC_NEWER
};

/* -- Calls ----------------------------------------------------------------- */

static enum p1_errno run(struct p1_call *c, const struct p1_func *func)
{
    if (func->rights != P1_NO_FD) {
        enum p1_errno err = p1_file_arg(c, 0, (uint64_t)func->rights, &c->file);
        if (err)
            return err;
    }
    return func->handler(c);
}

static wasmrt_error *dispatch(void *env, wasmrt_caller *caller,
                              wasmrt_slot *slots)
{
    const struct p1_func *func = env;
    struct p1_call c = {.caller = caller,
                        .wasi = p1_state_of(wasmrt_caller_store(caller)),
                        .args = slots,
                        .dialect = func->dialect};
    enum p1_errno err;

    if (!c.wasi)
        return wasmrt_error_new(WASMRT_ERR_MISUSE,
                                "the store was given no WASI state");
    err = run(&c, func);
    if (c.wasi->trace)
        p1_trace(&c, func, err);
    while (c.nheld > 0)
        p1_file_unref(c.held[--c.nheld]);
    if (c.end)
        return c.end;
    slots[0].i32 = (int32_t)err;
    return NULL;
}

/* -- Linking --------------------------------------------------------------- */

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* By the name of their module. */
static const struct dialect {
    const char *module;
    const struct p1_func *funcs;
    size_t count;
} dialects[] = {
    {"wasi_snapshot_preview1", preview1, COUNT(preview1)},
    {"wasi_unstable", unstable, COUNT(unstable)},
};

static wasmrt_error *link_func(wasmrt_linker *linker, const char *module,
                               const struct p1_func *func)
{
    /* The row is constant; the linker's environment is not, by its type. */
    return wasmrt_linker_define_raw(linker, module, func->name, func->signature,
                                    dispatch, (void *)(uintptr_t)func);
}

wasmrt_error *wasmrt_wasi_link(wasmrt_linker *linker)
{
    wasmrt_error *error = NULL;

    for (const struct dialect *d = dialects; d < dialects + COUNT(dialects);
         d++) {
        for (size_t i = 0; i < d->count && !error; i++)
            error = link_func(linker, d->module, &d->funcs[i]);
    }
    return error;
}

static bool is_text(const char *text, size_t len, const char *want)
{
    return len == strlen(want) && memcmp(text, want, len) == 0;
}

/* The row that an import names, and its dialect; or NULL. */
static const struct p1_func *find_func(const wasmrt_extern_info *import,
                                       const struct dialect **dialect_out)
{
    for (const struct dialect *d = dialects; d < dialects + COUNT(dialects);
         d++) {
        if (!is_text(import->module, import->module_len, d->module))
            continue;
        *dialect_out = d;
        for (size_t i = 0; i < d->count; i++) {
            if (is_text(import->name, import->name_len, d->funcs[i].name))
                return &d->funcs[i];
        }
    }
    return NULL;
}

wasmrt_error *wasmrt_wasi_link_imports(wasmrt_linker *linker,
                                       const wasmrt_module *module)
{
    const struct dialect *dialect;
    wasmrt_extern_info import;
    wasmrt_error *error = NULL;

    if (!linker || !module)
        return wasmrt_error_new(WASMRT_ERR_MISUSE,
                                "wasi_link_imports: an argument is NULL");
    for (size_t i = 0; !error && wasmrt_module_import(module, i, &import);
         i++) {
        const struct p1_func *func = find_func(&import, &dialect);

        if (func && !wasmrt_linker_has(linker, &import))
            error = link_func(linker, dialect->module, func);
    }
    return error;
}

/* Answers for what this host does not offer. */
static wasmrt_error *no_sys(void *env, wasmrt_caller *caller,
                            wasmrt_slot *slots)
{
    (void)env;
    (void)caller;
    slots[0].i32 = P1_NOSYS;
    return NULL;
}

/* True for a socket function of another dialect that gives an error number. */
static bool is_foreign_socket(const wasmrt_module *module, size_t n,
                              const wasmrt_extern_info *import, char *signature,
                              size_t size)
{
    static const char result[] = " -> i32", prefix[] = "sock_";
    const struct dialect *dialect;
    size_t len;

    if (import->kind != WASMRT_EXTERN_FUNC ||
        !is_text(import->module, import->module_len,
                 "wasi_snapshot_preview1") ||
        import->name_len < sizeof(prefix) ||
        memcmp(import->name, prefix, sizeof(prefix) - 1) != 0 ||
        memchr(import->name, '\0', import->name_len))
        return false;
    if (find_func(import, &dialect))
        return false;
    len = wasmrt_module_extern_type(module, true, n, signature, size);
    return len < size && len >= sizeof(result) &&
           strcmp(signature + len - (sizeof(result) - 1), result) == 0;
}

wasmrt_error *wasmrt_wasi_link_stubs(wasmrt_linker *linker,
                                     const wasmrt_module *module)
{
    wasmrt_extern_info import;
    char name[128], signature[256];
    wasmrt_error *error;

    if (!linker || !module)
        return wasmrt_error_new(WASMRT_ERR_MISUSE,
                                "wasi_link_stubs: an argument is NULL");
    for (size_t i = 0; wasmrt_module_import(module, i, &import); i++) {
        if (import.name_len >= sizeof(name) ||
            !is_foreign_socket(module, i, &import, signature,
                               sizeof(signature)))
            continue;
        memcpy(name, import.name, import.name_len);
        name[import.name_len] = '\0';
        error = wasmrt_linker_define_raw(linker, "wasi_snapshot_preview1", name,
                                         signature, no_sys, NULL);
        /* The module may import a name twice. */
        if (error && wasmrt_error_code(error) != WASMRT_ERR_ALREADY_DEFINED)
            return error;
        wasmrt_error_delete(error);
    }
    return NULL;
}

/* -- Programs -------------------------------------------------------------- */

wasmrt_error *wasmrt_wasi_start(wasmrt_store *store, wasmrt_instance *instance)
{
    wasmrt_func *start = wasmrt_instance_func(instance, "_start");
    wasmrt_func *initialize = wasmrt_instance_func(instance, "_initialize");
    wasmrt_func *func = start ? start : initialize;
    wasmrt_error *error;

    if (!store || !instance)
        return wasmrt_error_new(WASMRT_ERR_MISUSE,
                                "wasi_start: an argument is NULL");
    if (start && initialize)
        return wasmrt_error_new(
            WASMRT_ERR_EXPORT_KIND,
            "a module is either a command (_start) or a reactor "
            "(_initialize), this one exports both");
    if (!func)
        return wasmrt_error_new(
            WASMRT_ERR_NO_SUCH_EXPORT,
            "neither _start (a command) nor _initialize (a reactor)");
    if (!wasmrt_func_has_type(store, func, "() -> ()"))
        return wasmrt_error_new(WASMRT_ERR_EXPORT_KIND,
                                start ? "_start must have type () -> ()"
                                      : "_initialize must have type () -> ()");
    error = wasmrt_func_call(store, func, NULL, 0, NULL, 0);
    if (start)
        error = wasmrt_wasi_end_threads(store, error);
    if (error && wasmrt_error_kind(error) == WASMRT_KIND_EXIT &&
        wasmrt_error_exit_status(error) == 0) {
        wasmrt_error_delete(error);
        error = NULL;
    }
    return error;
}
