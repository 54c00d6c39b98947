/*
 * Programs from beginning to end, and output that is passed on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/lib/test.h"

#include "wasmrt.h"

#include <string.h>

/* Writes twice, to stdout and to stderr, and exits with 5. */
static const char writer[] =
    "(module (import \"wasi_snapshot_preview1\" \"fd_write\""
    "    (func $write (param i32 i32 i32 i32) (result i32)))"
    "  (import \"wasi_snapshot_preview1\" \"proc_exit\""
    "    (func $exit (param i32)))"
    "  (memory (export \"memory\") 1)"
    "  (data (i32.const 0) \"\\20\\00\\00\\00\\03\\00\\00\\00"
    "\\23\\00\\00\\00\\04\\00\\00\\00\")"
    "  (data (i32.const 32) \"onetwo\\0a\")"
    "  (func (export \"_start\")"
    "    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 2)"
    "      (i32.const 64)))"
    "    (drop (call $write (i32.const 2) (i32.const 8) (i32.const 1)"
    "      (i32.const 64)))"
    "    (call $exit (i32.const 5))))";

struct text {
    char bytes[64];
    size_t len;
    int calls;
};

static void append(void *user, const void *bytes, size_t len)
{
    struct text *text = user;

    CHECK(text->len + len < sizeof(text->bytes));
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
    text->calls++;
}

TEST(wasi_run_passes_output_on)
{
    struct text out = {.len = 0}, err = {.len = 0};
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();
    wasmrt_engine *engine;
    wasmrt_module *module;
    wasmrt_error *error;

    CHECK(wasmrt_engine_new(NULL, &engine) == NULL);
    CHECK(wasmrt_module_new(engine, writer, strlen(writer), &module) == NULL);
    wasmrt_wasi_config_writer(config, WASMRT_WASI_STDOUT, append, &out);
    wasmrt_wasi_config_writer(config, WASMRT_WASI_STDERR, append, &err);
    for (int i = 1; i < 3; i++) {
        error = wasmrt_run_wasi(engine, module, config);
        CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_EXIT);
        CHECK_EQ(wasmrt_error_exit_status(error), 5);
        wasmrt_error_delete(error);
        CHECK_EQ(out.calls, 2 * i);
    }
    CHECK_STR_EQ(out.bytes, "onetwo\nonetwo\n");
    CHECK_STR_EQ(err.bytes, "two\ntwo\n");
    wasmrt_module_delete(module);

    CHECK(wasmrt_module_new(engine, "(module)", 8, &module) == NULL);
    error = wasmrt_run_wasi(engine, module, config);
    CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_LINK);
    wasmrt_error_delete(error);
    wasmrt_module_delete(module);
    wasmrt_wasi_config_delete(config);
    wasmrt_engine_delete(engine);
}
