/*
 * The module is made from the table that the runtime itself uses: for each row
 * an import and an exported function that passes its parameters on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/wasi/guest.h"

#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct row {
    const char *name, *signature;
    bool is_newer;
} rows[] = {
#define P1_FUNC(name, signature, rights, trace)       {#name, signature, false},
#define P1_FUNC_NEWER(name, signature, rights, trace) {#name, signature, true},
#include "wasi/preview1.def"
#undef P1_FUNC
#undef P1_FUNC_NEWER
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const struct row *find_row(const char *name)
{
    for (int i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    FAIL("no function %s", name);
}

/* "(i32 i64) -> i32" in the text format. */
static void write_type(FILE *f, const char *signature)
{
    const char *end = strchr(signature, ')');

    fprintf(f, " (param %.*s)", (int)(end - signature - 1), signature + 1);
    if (strcmp(end, ") -> i32") == 0)
        fprintf(f, " (result i32)");
}

/* Number of parameters of a signature. */
static int count_params(const char *signature)
{
    int n = 0;

    for (const char *at = signature; *at != ')'; at++)
        n += *at == 'i';
    return n;
}

static char *write_module(bool is_unstable)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    fprintf(f, "(module\n");
    for (int i = 0; i < ROWS; i++) {
        if (is_unstable && rows[i].is_newer)
            continue;
        fprintf(f, "(import \"%s\" \"%s\" (func $%s",
                is_unstable ? "wasi_unstable" : "wasi_snapshot_preview1",
                rows[i].name, rows[i].name);
        write_type(f, rows[i].signature);
        fprintf(f, "))\n");
    }
    fprintf(f, "(memory (export \"memory\") 1)\n");
    for (int i = 0; i < ROWS; i++) {
        if (is_unstable && rows[i].is_newer)
            continue;
        fprintf(f, "(func (export \"%s\")", rows[i].name);
        write_type(f, rows[i].signature);
        for (int n = 0; n < count_params(rows[i].signature); n++)
            fprintf(f, " local.get %d", n);
        fprintf(f, " call $%s)\n", rows[i].name);
    }
    fprintf(f, ")\n");
    fclose(f);
    return text;
}

/* Ends the test when there is an error. */
static void must(wasmrt_error *error)
{
    if (error)
        FAIL("%s", wasmrt_error_message(error));
}

static void open_guest(struct guest *g, wasmrt_wasi_config *config_taken,
                       bool is_unstable)
{
    char *text = write_module(is_unstable);
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_module *module;
    wasmrt_linker *linker;
    wasmrt_extern_val memory;

    *g = (struct guest){0};
    if (strcmp(test_engine(), "interp") == 0)
        wasmrt_config_set_strategy(config, WASMRT_STRATEGY_INTERP);
    if (strcmp(test_engine(), "jit") == 0)
        wasmrt_config_set_strategy(config, WASMRT_STRATEGY_JIT);
    if (strcmp(test_bounds(), "check") == 0)
        wasmrt_config_set_bounds(config, WASMRT_BOUNDS_CHECK);
    must(wasmrt_engine_new(config, &g->engine));
    wasmrt_config_delete(config);
    must(wasmrt_module_new(g->engine, text, strlen(text), &module));
    must(wasmrt_store_new(g->engine, &g->store));
    must(wasmrt_linker_new(g->engine, &linker));
    must(wasmrt_wasi_link(linker));
    must(wasmrt_store_set_wasi(g->store, config_taken));
    must(wasmrt_linker_instantiate(linker, g->store, module, &g->instance));
    CHECK(wasmrt_instance_export(g->instance, "memory", &memory));
    g->memory = memory.of.memory;
    wasmrt_linker_delete(linker);
    wasmrt_module_delete(module);
    wasmrt_wasi_config_delete(config_taken);
    free(text);
}

void guest_open(struct guest *g, wasmrt_wasi_config *config_taken)
{
    open_guest(g, config_taken, false);
}

void guest_open_unstable(struct guest *g, wasmrt_wasi_config *config_taken)
{
    open_guest(g, config_taken, true);
}

void guest_close(struct guest *g)
{
    wasmrt_error_delete(g->error);
    wasmrt_store_delete(g->store);
    wasmrt_engine_delete(g->engine);
}

int guest_call(struct guest *g, const char *name, const int64_t *args)
{
    const struct row *row = find_row(name);
    wasmrt_func *func = wasmrt_instance_func(g->instance, name);
    int count = count_params(row->signature);
    wasmrt_val in[16], out[1];
    const char *at = row->signature;

    CHECK(func != NULL);
    for (int i = 0; i < count; i++) {
        at = strchr(at, 'i');
        in[i] = strncmp(at, "i64", 3) == 0 ? wasmrt_i64(args[i])
                                           : wasmrt_i32((int32_t)args[i]);
        at++;
    }
    wasmrt_error_delete(g->error);
    g->error = wasmrt_func_call(g->store, func, in, (size_t)count, out,
                                wasmrt_func_result_count(g->store, func));
    return g->error ? GUEST_TRAP : out[0].of.i32;
}

wasmrt_code guest_trap_code(struct guest *g)
{
    wasmrt_code code = g->error ? wasmrt_error_code(g->error) : WASMRT_ERR_NONE;

    wasmrt_error_delete(g->error);
    g->error = NULL;
    return code;
}

void guest_put(struct guest *g, uint32_t addr, const void *bytes, size_t len)
{
    CHECK(wasmrt_memory_write(g->memory, addr, bytes, len));
}

void guest_get(struct guest *g, uint32_t addr, void *bytes, size_t len)
{
    CHECK(wasmrt_memory_read(g->memory, addr, bytes, len));
}

uint32_t guest_u32(struct guest *g, uint32_t addr)
{
    uint32_t value;

    guest_get(g, addr, &value, sizeof(value));
    return value;
}

uint64_t guest_u64(struct guest *g, uint32_t addr)
{
    uint64_t value;

    guest_get(g, addr, &value, sizeof(value));
    return value;
}

uint32_t guest_put_text(struct guest *g, uint32_t addr, const char *text)
{
    guest_put(g, addr, text, strlen(text));
    return (uint32_t)strlen(text);
}

uint32_t guest_path(struct guest *g, const char *path)
{
    return guest_put_text(g, 1024, path);
}

int guest_open_path(struct guest *g, uint32_t dir, const char *path,
                    uint32_t oflags, uint64_t rights, uint32_t fdflags)
{
    int err = CALL(g, "path_open", dir, P1_LOOKUP_SYMLINK_FOLLOW, P(g, path),
                   oflags, (int64_t)rights, P1_RIGHTS_ALL, fdflags, 512);

    return err ? -err : (int)guest_u32(g, 512);
}

wasmrt_wasi_config *guest_config(void)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();

    mkdir("box", 0700);
    wasmrt_wasi_config_preopen(config, "box", "/", WASMRT_WASI_READ_WRITE);
    return config;
}
