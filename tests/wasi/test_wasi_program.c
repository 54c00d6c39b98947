/*
 * Programs: how they start, what they link with, how they are traced.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"
#include "tests/wasi/guest.h"

#include <stdio.h>
#include <string.h>

/* Instantiates a module with WASI and starts it. */
static wasmrt_error *start(const char *text)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();
    wasmrt_engine *engine;
    wasmrt_store *store;
    wasmrt_linker *linker;
    wasmrt_module *module;
    wasmrt_instance *instance;
    wasmrt_error *error = wasmrt_engine_new(NULL, &engine);

    CHECK(!error);
    error = wasmrt_module_new(engine, text, strlen(text), &module);
    if (error)
        FAIL("%s", wasmrt_error_message(error));
    CHECK(!wasmrt_store_new(engine, &store));
    CHECK(!wasmrt_linker_new(engine, &linker));
    CHECK(!wasmrt_wasi_link(linker));
    CHECK(!wasmrt_wasi_link_stubs(linker, module));
    CHECK(!wasmrt_store_set_wasi(store, config));
    error = wasmrt_linker_instantiate(linker, store, module, &instance);
    if (!error)
        error = wasmrt_wasi_start(store, instance);
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
    wasmrt_wasi_config_delete(config);
    return error;
}

static void check_start(const char *text, wasmrt_code want)
{
    wasmrt_error *error = start(text);

    CHECK_EQ(error ? wasmrt_error_code(error) : WASMRT_ERR_NONE, want);
    wasmrt_error_delete(error);
}

#define IMPORT_EXIT                                                            \
    "(import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))"

TEST(wasi_start_of_commands_and_reactors)
{
    check_start("(module (func (export \"_start\")))", WASMRT_ERR_NONE);
    check_start("(module (func (export \"_initialize\")))", WASMRT_ERR_NONE);
    check_start("(module (func (export \"_start\") unreachable))",
                WASMRT_ERR_UNREACHABLE);
    check_start("(module)", WASMRT_ERR_NO_SUCH_EXPORT);
    check_start("(module (func (export \"_start\"))"
                "(func (export \"_initialize\")))",
                WASMRT_ERR_EXPORT_KIND);
    check_start("(module (func (export \"_start\") (param i32)))",
                WASMRT_ERR_EXPORT_KIND);
    check_start("(module (func (export \"_initialize\") (result i32)"
                " i32.const 0))",
                WASMRT_ERR_EXPORT_KIND);
    check_start("(module (memory (export \"_start\") 1))",
                WASMRT_ERR_NO_SUCH_EXPORT);
}

TEST(wasi_start_gives_the_exit_status)
{
    wasmrt_error *error =
        start("(module " IMPORT_EXIT "(func (export \"_start\")"
              " i32.const 3 call $exit))");

    CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_EXIT);
    CHECK_EQ(wasmrt_error_exit_status(error), 3);
    wasmrt_error_delete(error);
    check_start("(module " IMPORT_EXIT
                "(func (export \"_start\") i32.const 0 call $exit))",
                WASMRT_ERR_NONE);
}

/* Without a memory only what takes pointers fails. */
TEST(wasi_programs_without_memory)
{
    check_start("(module (import \"wasi_snapshot_preview1\" \"sched_yield\""
                " (func $f (result i32)))"
                "(func (export \"_start\") call $f drop))",
                WASMRT_ERR_NONE);
    check_start("(module (import \"wasi_snapshot_preview1\" \"random_get\""
                " (func $f (param i32 i32) (result i32)))"
                "(func (export \"_start\")"
                " i32.const 0 i32.const 1 call $f drop))",
                WASMRT_ERR_BAD_GUEST_POINTER);
}

/* Sockets of other dialects answer NOSYS (52); nothing else is made up. */
TEST(wasi_sockets_of_other_dialects_answer_nosys)
{
    check_start("(module"
                "(import \"wasi_snapshot_preview1\" \"sock_open\""
                " (func $open (param i32 i32 i32) (result i32)))"
                "(import \"wasi_snapshot_preview1\" \"sock_open\""
                " (func $again (param i32 i32 i32) (result i32)))"
                "(import \"wasi_snapshot_preview1\" \"sock_getaddrinfo\""
                " (func (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))"
                "(func (export \"_start\")"
                " i32.const 0 i32.const 0 i32.const 0 call $open"
                " i32.const 52 i32.ne if unreachable end))",
                WASMRT_ERR_NONE);
    check_start("(module (import \"wasi_snapshot_preview1\" \"sock_quit\""
                " (func))(func (export \"_start\")))",
                WASMRT_ERR_UNKNOWN_IMPORT);
    check_start("(module (import \"wasi_snapshot_preview1\" \"fd_fly\""
                " (func (result i32)))(func (export \"_start\")))",
                WASMRT_ERR_UNKNOWN_IMPORT);
    check_start("(module (import \"env\" \"sock_open\""
                " (func (result i32)))(func (export \"_start\")))",
                WASMRT_ERR_UNKNOWN_IMPORT);
    /* preview1's own, with the parameters of another dialect. */
    check_start("(module (import \"wasi_snapshot_preview1\" \"sock_accept\""
                " (func (param i32 i32) (result i32)))"
                "(func (export \"_start\")))",
                WASMRT_ERR_IMPORT_TYPE);
}

TEST(wasi_calls_without_state_are_misuse)
{
    wasmrt_engine *engine;
    wasmrt_store *store;
    wasmrt_linker *linker;
    wasmrt_module *module;
    wasmrt_instance *instance;
    wasmrt_error *error;
    const char text[] =
        "(module (import \"wasi_snapshot_preview1\" \"sched_yield\""
        " (func $f (result i32))) (func (export \"_start\") call $f drop))";
    size_t len;

    CHECK(!wasmrt_engine_new(NULL, &engine));
    CHECK(!wasmrt_module_new(engine, text, strlen(text), &module));
    CHECK(!wasmrt_store_new(engine, &store));
    CHECK(!wasmrt_linker_new(engine, &linker));
    CHECK(!wasmrt_wasi_link(linker));
    CHECK(!wasmrt_linker_instantiate(linker, store, module, &instance));
    error = wasmrt_wasi_start(store, instance);
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_MISUSE);
    CHECK(wasmrt_wasi_captured(store, WASMRT_WASI_STDOUT, &len) == NULL);
    wasmrt_error_delete(error);
    /* Linked twice: the names are taken. */
    error = wasmrt_wasi_link(linker);
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_ALREADY_DEFINED);
    wasmrt_error_delete(error);
    wasmrt_linker_delete(linker);
    wasmrt_store_delete(store);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
}

static bool has(const wasmrt_linker *linker, const char *module,
                const char *name)
{
    const wasmrt_extern_info info = {.kind = WASMRT_EXTERN_FUNC,
                                     .module = module,
                                     .module_len = strlen(module),
                                     .name = name,
                                     .name_len = strlen(name)};

    return wasmrt_linker_has(linker, &info);
}

TEST(wasi_links_what_a_module_imports)
{
    wasmrt_engine *engine;
    wasmrt_linker *linker;
    wasmrt_module *module;
    const char text[] =
        "(module (import \"wasi_snapshot_preview1\" \"sched_yield\""
        " (func (result i32)))"
        "(import \"wasi_snapshot_preview1\" \"sched_yield\""
        " (func (result i32)))"
        "(import \"wasi_unstable\" \"proc_exit\" (func (param i32)))"
        "(import \"wasi_snapshot_preview1\" \"sched_yields\" (func))"
        "(import \"env\" \"fd_read\" (func)))";

    CHECK(!wasmrt_engine_new(NULL, &engine));
    CHECK(!wasmrt_module_new(engine, text, strlen(text), &module));
    CHECK(!wasmrt_linker_new(engine, &linker));
    for (int i = 0; i < 2; i++) { /* names that are taken stay */
        CHECK(!wasmrt_wasi_link_imports(linker, module));
        CHECK(has(linker, "wasi_snapshot_preview1", "sched_yield"));
        CHECK(has(linker, "wasi_unstable", "proc_exit"));
        CHECK(!has(linker, "wasi_snapshot_preview1", "proc_exit"));
        CHECK(!has(linker, "wasi_snapshot_preview1", "sched_yields"));
        CHECK(!has(linker, "wasi_unstable", "sched_yield"));
        CHECK(!has(linker, "env", "fd_read"));
    }
    wasmrt_linker_delete(linker);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
}

/* -- The trace ------------------------------------------------------------- */

static char traced[8192];

static void keep_line(void *user, const char *line)
{
    CHECK(user == traced);
    snprintf(traced + strlen(traced), sizeof(traced) - strlen(traced), "%s\n",
             line);
}

/* The line of one call. */
static const char *line_of(struct guest *g, const char *name,
                           const int64_t *args)
{
    traced[0] = '\0';
    guest_call(g, name, args);
    if (traced[0])
        traced[strlen(traced) - 1] = '\0';
    return traced;
}
#define LINE(g, name, ...) line_of(g, name, (const int64_t[]){__VA_ARGS__})

TEST(wasi_trace_shows_calls_decoded)
{
    wasmrt_wasi_config *config = guest_config();
    struct guest g;
    const int64_t all = P1_RIGHTS_ALL;

    wasmrt_wasi_config_trace(config, keep_line, traced);
    wasmrt_wasi_config_arg(config, "prog");
    guest_open(&g, config);
    CHECK_STR_EQ(LINE(&g, "args_sizes_get", 100, 104),
                 "args_sizes_get() = 1, 5");
    CHECK_STR_EQ(LINE(&g, "fd_prestat_get", 3, 100),
                 "fd_prestat_get(3) = {dir, name of 1}");
    CHECK_STR_EQ(LINE(&g, "fd_prestat_dir_name", 3, 100, 1),
                 "fd_prestat_dir_name(3, 1) = \"/\"");
    CHECK_STR_EQ(
        LINE(&g, "path_open", 3, 1, P(&g, "a \"b\"\n\x01"), 9, all, 0, 5, 600),
        "path_open(3, follow, \"a \\\"b\\\"\\n\\01\", creat|trunc, "
        "0x3fffffff, 0x0, append|nonblock) = 4");
    guest_put(&g, 2048, &(struct p1_iovec){9000, 5}, 8);
    guest_put(&g, 2056, &(struct p1_iovec){9005, 2}, 8);
    guest_put(&g, 9000, "hello\0\0", 7);
    CHECK_STR_EQ(LINE(&g, "fd_write", 4, 2048, 2, 600),
                 "fd_write(4, \"hello\", 7 in 2) = 7");
    CHECK_STR_EQ(LINE(&g, "fd_seek", 4, -2, 2, 600), "fd_seek(4, -2, end) = 5");
    CHECK_STR_EQ(LINE(&g, "fd_read", 4, 2048, 1, 600),
                 "fd_read(4, 5 in 1) = 2");
    CHECK_STR_HAS(LINE(&g, "fd_filestat_get", 4, 600), "= {file, size 7, ino ");
    CHECK_STR_HAS(LINE(&g, "fd_fdstat_get", 4, 600),
                  "= {file, append|nonblock, 0x");
    CHECK_STR_EQ(LINE(&g, "fd_close", 77), "fd_close(77) = -BADF");
    CHECK_STR_EQ(LINE(&g, "fd_close", 4), "fd_close(4) = 0");
    CHECK_STR_EQ(LINE(&g, "path_unlink_file", 3, P(&g, "nothing")),
                 "path_unlink_file(3, \"nothing\") = -NOENT");
    CHECK_STR_EQ(LINE(&g, "clock_time_get", 7, 1, 600),
                 "clock_time_get(7, 1) = -INVAL");
    CHECK_STR_EQ(line_of(&g, "sched_yield", NULL), "sched_yield() = 0");
    CHECK_STR_EQ(LINE(&g, "fd_write", 1, 0xffffffff, 1, 600),
                 "fd_write(1, ?) = ! guest pointer out of bounds: 8 bytes at "
                 "0xffffffff");
    CHECK_STR_EQ(LINE(&g, "proc_exit", 3), "proc_exit(3) = ! exit: status 3");
    guest_close(&g);
}

/* No number makes the tracer stumble. */
TEST(wasi_trace_survives_any_arguments)
{
    static const char *const names[] = {
#define P1_FUNC(name, signature, rights, trace) #name,
#define P1_FUNC_NEWER                           P1_FUNC
#include "wasi/preview1.def"
#undef P1_FUNC
#undef P1_FUNC_NEWER
    };
    static const int64_t values[] = {0, 3, -1, 0x7fffffff, 65530};
    wasmrt_wasi_config *config = guest_config();
    struct guest g;

    wasmrt_wasi_config_trace(config, keep_line, traced);
    guest_open(&g, config);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
            int64_t args[9];

            for (int n = 0; n < 9; n++)
                args[n] = values[v];
            CHECK_STR_HAS(line_of(&g, names[i], args), names[i]);
        }
    }
    guest_close(&g);
}
