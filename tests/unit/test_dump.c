/*
 * The listing: parts, names, one function, memory exhaustion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/dump.h"

#include "tests/lib/heap.h"
#include "tests/lib/test.h"
#include "tests/unit/modules.h"

#include <stdlib.h>

static char output[20000];
static size_t output_len;

static void collect(void *user, const char *text, size_t len)
{
    (void)user;
    CHECK(output_len + len < sizeof(output));
    memcpy(output + output_len, text, len);
    output_len += len;
    output[output_len] = '\0';
}

static wasmrt_error *dump(struct wrt_module *m, unsigned parts,
                          const char *func)
{
    const struct wrt_dump_options options = {
        .parts = parts, .func = func, .write = collect};

    output_len = 0;
    output[0] = '\0';
    return wrt_module_dump(m, &options);
}

static const char text[] =
    "(module"
    "  (type $s (sub (struct (field i32) (field (mut i8)))))"
    "  (type $a (array (mut (ref null $s))))"
    "  (import \"env\" \"log\\n\" (func $log (param i32)))"
    "  (memory 1 2) (table 3 funcref)"
    "  (global (mut f32) (f32.const 0.5))"
    "  (export \"main\" (func 1)) (start 2)"
    "  (func (param i32) (result i32) (local i64 i64 f64)"
    "    (block (result i32)"
    "      (loop (br_if 0 (i32.load offset=4 align=1 (local.get 0))))"
    "      (if (result i32) (i32.const -7) (then (i32.const 1))"
    "        (else (br_table 0 1 0 (i32.const 2) (i32.const 0))))"
    "      (call_indirect (param i32) (i32.const 1) (i32.const 0))"
    "      (drop (f64.const 0x1.8p1)) (drop (f32.const nan:0x200000))"
    "      (drop (f64.const -inf)) (drop (ref.null func))))"
    "  (func (call 0 (i32.const 1)))"
    "  (elem (i32.const 1) func 1 0)"
    "  (data (i32.const 1024) \"hello \\01 world, longer than a line\"))";

TEST(dump_lists_sections_and_externs)
{
    struct test_module t;

    module_from_text(&t, text, WRT_FEATURES_ALL);
    CHECK(dump(t.m, WRT_DUMP_HEADERS | WRT_DUMP_EXTERNS, NULL) == NULL);
    CHECK_STR_HAS(output, "sections:\n  type       at 0x00000a, ");
    CHECK_STR_HAS(output, "type 0 <s>: (sub (struct (field i32)"
                          " (field (mut i8))))\n");
    CHECK_STR_HAS(output, "type 1 <a>: (array (mut (ref null 0)))\n");
    CHECK_STR_HAS(output, "\"env\" \"log\\0a\" = func 0 <log>: ");
    CHECK_STR_HAS(output, "memory 0: 1 2 pages of 65536\n");
    CHECK_STR_HAS(output, "table 0: 3 funcref\n");
    CHECK_STR_HAS(output, "global 0: (mut f32) = (f32.const 0x1p-1");
    CHECK_STR_HAS(output, "\"main\" = func 1 <main>: ");
    CHECK_STR_HAS(output, "start: func 2");
    CHECK(strstr(output, "i32.load") == NULL);
    module_delete(&t);
}

TEST(dump_disassembles)
{
    struct test_module t;

    module_from_text(&t, text, WRT_FEATURES_ALL);
    CHECK(dump(t.m, WRT_DUMP_CODE, NULL) == NULL);
    CHECK_STR_HAS(output, "func 1 <main> (param i32) (result i32) at 0x");
    CHECK_STR_HAS(output, "local 1..2: i64\n    local 3: f64\n");
    CHECK_STR_HAS(output, "    block (result i32)\n");
    CHECK_STR_HAS(output, "        i32.load offset=4 align=1\n");
    CHECK_STR_HAS(output, "        br_if 0\n");
    CHECK_STR_HAS(output, " i32.const -7\n");
    CHECK_STR_HAS(output, "br_table 0 1 0\n");
    CHECK_STR_HAS(output, " call_indirect (type ");
    CHECK_STR_HAS(output, " f64.const 0x1.8p+1 (; 3 ;)\n");
    CHECK_STR_HAS(output, " f32.const nan:0x200000\n");
    CHECK_STR_HAS(output, " f64.const -inf\n");
    CHECK_STR_HAS(output, " ref.null func\n");
    CHECK_STR_HAS(output, "    call 0 <log>\n");
    module_delete(&t);
}

TEST(dump_lists_segments_and_custom_sections)
{
    struct test_module t;
    struct wrt_types *types;
    struct wrt_module *m;
    size_t len;
    uint8_t *bytes = bytes_from_hex("0006 0261 22 010203", &len);

    module_from_text(&t, text, WRT_FEATURES_ALL);
    CHECK(dump(t.m, WRT_DUMP_DATA, NULL) == NULL);
    CHECK_STR_HAS(output, "elem 0: table 0 at (i32.const 1), 2 of (ref func)\n"
                          "    [0] func 1 <main>\n    [1] func 0 <log>\n");
    CHECK_STR_HAS(output, "data 0: memory 0 at (i32.const 1024), 33 bytes\n"
                          "    0x000400  68 65 6c 6c 6f 20 01 20 ");
    CHECK_STR_HAS(output, " hello . world, l\n");
    module_delete(&t);
    CHECK(wrt_types_new(&wrt_alloc_libc, &types) == NULL);
    CHECK(wrt_module_decode(&wrt_alloc_libc, types, 0, bytes, len, false, &m) ==
          NULL);
    CHECK(dump(m, WRT_DUMP_CUSTOM, NULL) == NULL);
    CHECK_STR_EQ(output, "custom sections:\n"
                         "  \"a\\22\" after the start, 3 bytes\n"
                         "    0x00000d  01 02 03                           "
                         "              ...\n");
    wrt_module_unref(m);
    wrt_types_delete(types);
    free(bytes);
}

TEST(dump_finds_one_function)
{
    static const struct {
        const char *func;
        const char *first_line; /* NULL: there is none */
    } rows[] = {
        {"main", "func 1 <main> (param i32) (result i32)"},
        {"1", "func 1 <main> (param i32) (result i32)"},
        {"0", "func 0 <log> (param i32): imported"},
        {"2", "func 2 at"},
        {"3", NULL},
        {"memory", NULL},
        {"", NULL},
        {"99999999999", NULL},
    };
    struct test_module t;

    module_from_text(&t, text, WRT_FEATURES_ALL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        wasmrt_error *error = dump(t.m, WRT_DUMP_CODE, rows[i].func);

        CHECK_EQ(error == NULL, rows[i].first_line != NULL);
        if (error)
            CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_MISUSE);
        else
            CHECK_EQ(strstr(output, rows[i].first_line), output);
        wasmrt_error_delete(error);
    }
    module_delete(&t);
}

static wasmrt_error *after_func(struct wrt_module *m, uint32_t func_idx,
                                wrt_write_fn *write, void *user)
{
    (void)m;
    write(user, func_idx == 1 ? "[one]" : "[other]", 5);
    return func_idx == 2 ? wrt_error_oom() : NULL;
}

TEST(dump_calls_the_engine_after_each_function)
{
    const struct wrt_dump_options options = {
        .parts = WRT_DUMP_CODE, .write = collect, .after_func = {after_func}};
    struct test_module t;

    module_from_text(&t, text, WRT_FEATURES_ALL);
    output_len = 0;
    CHECK_EQ(wasmrt_error_code(wrt_module_dump(t.m, &options)),
             WASMRT_ERR_OUT_OF_MEMORY);
    CHECK_STR_HAS(output, "[one]func 2");
    module_delete(&t);
}

/* Names are left out when memory is exhausted; the listing itself is not. */
TEST(dump_survives_every_allocation_failure)
{
    struct test_module t;
    struct test_heap heap;
    long n = 0;

    module_from_text(&t, text, WRT_FEATURES_ALL);
    do {
        struct wrt_module *m;
        wasmrt_error *error;

        test_heap_init(&heap, -1);
        CHECK(wrt_module_decode(&heap.alloc, t.types, WRT_FEATURES_ALL, t.bytes,
                                t.len, false, &m) == NULL);
        heap.fail_at = heap.calls + n++;
        error = dump(m, 31, NULL);
        if (error)
            CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_OUT_OF_MEMORY);
        else
            CHECK_STR_HAS(output, "br_table 0 1 0");
        wasmrt_error_delete(error);
        wrt_module_unref(m);
        CHECK_EQ(heap.live_bytes, 0);
    } while (heap.fired);
    CHECK(n > 2);
    module_delete(&t);
}
