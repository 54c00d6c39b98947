/*
 * Modules: from bytes, text and files; what they declare; what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/host.h"

#include "wasmrt/debug.h"
#include "wasmrt/version.h"

#include <stdio.h>
#include <string.h>

static const unsigned char empty_module[] = {0, 'a', 's', 'm', 1, 0, 0, 0};

static void check_kind(wasmrt_error *error, wasmrt_error_kind_e kind)
{
    CHECK(error != NULL);
    CHECK_EQ(wasmrt_error_kind(error), kind);
    wasmrt_error_delete(error);
}

static wasmrt_error *refuse(const void *bytes, size_t len)
{
    wasmrt_module *module = NULL;
    wasmrt_error *error = wasmrt_module_new(engine, bytes, len, &module);

    CHECK(error != NULL);
    CHECK(module == NULL);
    return error;
}

TEST(module_from_bytes)
{
    wasmrt_module *module;

    host_open();
    check_ok(wasmrt_module_new(engine, empty_module, 8, &module));
    CHECK_EQ(wasmrt_module_import_count(module), 0);
    CHECK_EQ(wasmrt_module_export_count(module), 0);
    wasmrt_module_delete(module);
    check_ok(wasmrt_module_validate(engine, empty_module, 8));
    wasmrt_module_delete(NULL);
    host_close();
}

TEST(module_says_what_other_formats_are)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *says;
    } cases[] = {
        {"\x1f\x8b\x08\x00", 4, "gzip"},
        {"\x7f"
         "ELF\x02\x01\x01",
         7, "ELF"},
        {"<!DOCTYPE html>", 15, "HTML"},
        {"<html>", 6, "HTML"},
        {"PK\x03\x04", 4, "zip"},
        {"#!/bin/sh\n", 10, "script"},
        {"BC\xc0\xde", 4, "bitcode"},
        {"hello", 5, "magic header not detected"},
    };

    host_open();
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        check_error(refuse(cases[i].bytes, cases[i].len), WASMRT_ERR_NOT_WASM,
                    cases[i].says);
    check_code(refuse("\0asm\x0d\0\1\0", 8), WASMRT_ERR_IS_COMPONENT);
    check_kind(refuse("", 0), WASMRT_KIND_DECODE);
    check_kind(refuse(NULL, 0), WASMRT_KIND_DECODE);
    check_code(refuse(NULL, 1), WASMRT_ERR_MISUSE);
    host_close();
}

TEST(module_from_text)
{
    wasmrt_module *module;
    wasmrt_error *error;
    uint64_t offset;

    host_open();
    module = host_module(" ;; a comment\n (module (func (export \"f\")))");
    CHECK_EQ(wasmrt_module_export_count(module), 1);
    wasmrt_module_delete(module);
    error = refuse("(module (func i32.nonsense))", 28);
    CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_TEXT);
    CHECK(wasmrt_error_offset(error, &offset));
    CHECK_EQ(offset, 14);
    wasmrt_error_delete(error);
    check_kind(refuse("(module (func (result i32)))", 28),
               WASMRT_KIND_VALIDATE);
    host_close();
}

static void write_file(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");

    CHECK(file != NULL);
    CHECK_EQ(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

TEST(module_from_a_file)
{
    wasmrt_module *module = NULL;

    host_open();
    write_file("a.wasm", empty_module, 8);
    check_ok(wasmrt_module_from_file(engine, "a.wasm", &module));
    wasmrt_module_delete(module);
    write_file("empty", "", 0);
    check_kind(wasmrt_module_from_file(engine, "empty", &module),
               WASMRT_KIND_DECODE);
    check_error(wasmrt_module_from_file(engine, "missing.wasm", &module),
                WASMRT_ERR_IO, "missing.wasm: no such file");
    check_error(wasmrt_module_from_file(engine, ".", &module), WASMRT_ERR_IO,
                "is a directory");
    host_close();
}

/* What the first byte of memory is, which a data segment sets. */
static int first_byte(wasmrt_module *module)
{
    wasmrt_instance *inst;
    wasmrt_extern_val memory;

    check_ok(wasmrt_linker_instantiate(linker, store, module, &inst));
    CHECK(wasmrt_instance_export(inst, "m", &memory));
    return *(unsigned char *)wasmrt_memory_ptr(memory.of.memory, 0, 1);
}

/* What changes later shows in the bytes that were borrowed; data is not
 * validated. */
TEST(module_reads_bytes_that_it_borrowed)
{
    unsigned char bytes[] = {0,  'a', 's', 'm', 1,   0, 0,  0, /* magic */
                             5,  3,   1,   0,   1,             /* memory */
                             7,  5,   1,   1,   'm', 2, 0,     /* export */
                             11, 7,   1,   0,   65,  0, 11, 1, 'A'};
    wasmrt_module *copied, *borrowed;

    host_open();
    check_ok(wasmrt_module_new(engine, bytes, sizeof(bytes), &copied));
    check_ok(
        wasmrt_module_new_borrowed(engine, bytes, sizeof(bytes), &borrowed));
    bytes[sizeof(bytes) - 1] = 'B';
    CHECK_EQ(first_byte(copied), 'A');
    CHECK_EQ(first_byte(borrowed), 'B');
    wasmrt_module_delete(copied);
    wasmrt_module_delete(borrowed);
    host_close();
}

/* It is gone before the module is. */
TEST(module_keeps_what_borrowed_text_became)
{
    char text[] =
        "(module (memory (export \"m\") 1) (data (i32.const 0) \"A\"))";
    wasmrt_module *module;

    host_open();
    check_ok(wasmrt_module_new_borrowed(engine, text, strlen(text), &module));
    memset(text, 0, sizeof(text));
    CHECK_EQ(first_byte(module), 'A');
    wasmrt_module_delete(module);
    write_file("a.wat", "(module (func (result i32)))", 28);
    check_kind(wasmrt_module_from_file(engine, "a.wat", &module),
               WASMRT_KIND_VALIDATE);
    write_file("a.wasm", "\0asm\1\0\0\0\1", 9);
    check_kind(wasmrt_module_from_file(engine, "a.wasm", &module),
               WASMRT_KIND_DECODE);
    host_close();
}

TEST(module_describes_imports_and_exports)
{
    static const char *const types[] = {"(i32 i64) -> f64", "memory 1..2",
                                        "table 3 funcref", "global mut i32",
                                        "() -> (i32 i32)"};
    wasmrt_module *module;
    wasmrt_extern_info info;
    char text[64];

    host_open();
    module = host_module(
        "(module (import \"a\" \"f\" (func (param i32 i64) (result f64)))"
        "  (import \"a\" \"m\" (memory 1 2))"
        "  (import \"a\" \"t\" (table 3 funcref))"
        "  (import \"b\" \"g\" (global (mut i32)))"
        "  (func (export \"out\") (result i32 i32) unreachable))");
    CHECK_EQ(wasmrt_module_import_count(module), 4);
    for (size_t i = 0; i < 5; i++) {
        size_t len =
            wasmrt_module_extern_type(module, i < 4, i % 4, text, sizeof(text));

        CHECK_STR_EQ(text, types[i]);
        CHECK_EQ(len, strlen(types[i]));
    }
    CHECK(wasmrt_module_import(module, 3, &info));
    CHECK_STR_EQ(info.module, "b");
    CHECK_STR_EQ(info.name, "g");
    CHECK_EQ(info.kind, WASMRT_EXTERN_GLOBAL);
    CHECK(!wasmrt_module_import(module, 4, &info));
    CHECK(wasmrt_module_export(module, 0, &info));
    CHECK_STR_EQ(info.name, "out");
    CHECK_EQ(info.name_len, 3);
    CHECK(info.module == NULL);
    CHECK(!wasmrt_module_export(module, 1, &info));
    /* Cut to size, as snprintf does. */
    CHECK_EQ(wasmrt_module_extern_type(module, true, 0, text, 5), 16);
    CHECK_STR_EQ(text, "(i32");
    CHECK_EQ(wasmrt_module_extern_type(module, true, 9, text, 5), 0);
    CHECK_EQ(wasmrt_module_extern_type(module, true, 0, NULL, 0), 16);
    wasmrt_module_delete(module);
    host_close();
}

TEST(module_counts_what_it_takes)
{
    wasmrt_module *module;
    wasmrt_module_stats stats;

    host_open();
    module = host_module("(module (func) (func (param i32)))");
    wasmrt_module_get_stats(module, &stats);
    CHECK_EQ(stats.funcs, 2);
    CHECK(stats.module_bytes > 8);
    CHECK(stats.arena_bytes > 0);
    wasmrt_module_delete(module);
    host_close();
}

TEST(config_features_are_listed_and_switched)
{
    wasmrt_config *config = host_config();
    bool is_on, found = false;
    const char *text;

    for (size_t i = 0; wasmrt_feature_name(i, &text, &is_on); i++) {
        CHECK(*text);
        if (strcmp(wasmrt_feature_name(i, NULL, NULL), "bulk-memory") == 0)
            found = is_on;
    }
    CHECK(found);
    CHECK(wasmrt_config_set_feature(config, "bulk-memory", false));
    CHECK(!wasmrt_config_set_feature(config, "no-such-thing", true));
    host_open_with(config);
    check_error(refuse("(module (memory 1) (func (memory.fill (i32.const 0)"
                       " (i32.const 0) (i32.const 0))))",
                       82),
                WASMRT_ERR_FEATURE_OFF, "bulk-memory");
    host_close();
}

TEST(config_mistakes_are_refused)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *made = NULL;

    check_code(wasmrt_engine_new(config, NULL), WASMRT_ERR_MISUSE);
    wasmrt_config_set_max_stack(config, SIZE_MAX);
    check_code(wasmrt_engine_new(config, &made), WASMRT_ERR_MISUSE);
    wasmrt_config_set_max_stack(config, 0);
    wasmrt_config_set_strategy(config, (wasmrt_strategy)77);
    check_code(wasmrt_engine_new(config, &made), WASMRT_ERR_MISUSE);
    wasmrt_config_set_strategy(config, WASMRT_STRATEGY_INTERP);
    check_ok(wasmrt_engine_new(config, &made));
    CHECK_STR_EQ(wasmrt_engine_strategy(made), "interp");
    wasmrt_config_delete(config);
    wasmrt_engine_delete(made);
    wasmrt_engine_delete(NULL);
    wasmrt_config_delete(NULL);
    CHECK_STR_EQ(wasmrt_version(), WASMRT_VERSION);
}
