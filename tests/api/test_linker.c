/*
 * Linkers, stores and what they refuse.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/api/host.h"

#include "wasmrt/native.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static wasmrt_error *answer(void *env, wasmrt_caller *caller,
                            const wasmrt_val *args, wasmrt_val *results)
{
    (void)caller;
    (void)args;
    results[0] = wasmrt_i32(*(int32_t *)env);
    return NULL;
}

static wasmrt_error *answer_raw(void *env, wasmrt_caller *caller,
                                wasmrt_slot *slots)
{
    (void)caller;
    slots[0].i32 = *(int32_t *)env + slots[0].i32;
    return NULL;
}

static int32_t forty_two = 42;

TEST(linker_names_are_defined_once)
{
    wasmrt_extern_info import = {
        .module = "h", .module_len = 1, .name = "f", .name_len = 1};

    host_open();
    CHECK(!wasmrt_linker_has(linker, &import));
    host_define("f", "() -> i32", answer, &forty_two);
    CHECK(wasmrt_linker_has(linker, &import));
    check_error(
        wasmrt_linker_define(linker, "h", "f", "() -> i32", answer, &forty_two),
        WASMRT_ERR_ALREADY_DEFINED, "\"h\" \"f\"");
    check_error(
        wasmrt_linker_define(linker, "h", "g", "() -> i33", answer, &forty_two),
        WASMRT_ERR_MISUSE, "signature");
    check_code(
        wasmrt_linker_define(linker, NULL, "g", "() -> ()", answer, NULL),
        WASMRT_ERR_MISUSE);
    check_code(wasmrt_linker_define(linker, "h", "g", "() -> ()", NULL, NULL),
               WASMRT_ERR_MISUSE);
    host_close();
}

TEST(linker_unknown_import_is_named_with_its_type)
{
    host_open();
    check_error(host_instance_error("(module (import \"no\" \"f\" (func (param"
                                    " i32) (result i64))))"),
                WASMRT_ERR_UNKNOWN_IMPORT,
                "unknown import: \"no\" \"f\": (i32) -> i64 (nothing defines "
                "that module)");
    host_define("f", "() -> i32", answer, &forty_two);
    check_error(host_instance_error("(module (import \"h\" \"g\" (memory 1)))"),
                WASMRT_ERR_UNKNOWN_IMPORT,
                "unknown import: \"h\" \"g\": memory 1");
    check_error(host_instance_error("(module (import \"h\" \"f\" (func)))"),
                WASMRT_ERR_IMPORT_TYPE,
                "\"h\" \"f\": expected () -> (), found () -> i32");
    host_close();
}

TEST(linker_serves_several_stores)
{
    static const char text[] =
        "(module (import \"h\" \"f\" (func $f (result i32)))"
        "  (import \"h\" \"r\" (func $r (param i32) (result i32)))"
        "  (export \"f\" (func $f))"
        "  (func (export \"run\") (result i32) (call $r (call $f))))";
    wasmrt_instance *a, *b;

    host_open();
    host_define("f", "() -> i32", answer, &forty_two);
    check_ok(wasmrt_linker_define_raw(linker, "h", "r", "(i32) -> i32",
                                      answer_raw, &forty_two));
    a = host_instance(text);
    b = host_instance(text);
    /* One function per store, however many instances import it. */
    CHECK_EQ(wasmrt_instance_func(a, "f"), wasmrt_instance_func(b, "f"));
    CHECK_EQ(call_i32(a, "run", 0), 84);
    wasmrt_store_delete(store);
    check_ok(wasmrt_store_new(engine, &store));
    /* The names are not needed any more. */
    a = host_instance(text);
    wasmrt_linker_delete(linker);
    linker = NULL;
    CHECK_EQ(call_i32(a, "run", 0), 84);
    host_close();
}

TEST(linker_defined_later_is_seen_by_a_known_store)
{
    wasmrt_instance *inst;

    host_open();
    host_define("f", "() -> i32", answer, &forty_two);
    host_instance("(module (import \"h\" \"f\" (func (result i32))))");
    host_define("g", "() -> i32", answer, &forty_two);
    inst = host_instance("(module (import \"h\" \"g\" (func (result i32)))"
                         "  (export \"g\" (func 0)))");
    CHECK_EQ(call_i32(inst, "g", 0), 42);
    host_close();
}

TEST(linker_instance_replaces_names)
{
    wasmrt_instance *one, *two, *user;
    static const char text[] =
        "(module (import \"m\" \"f\" (func (result i32)))"
        "  (export \"f\" (func 0)))";

    host_open();
    one = host_instance(
        "(module (func (export \"f\") (result i32) (i32.const 1)))");
    two = host_instance(
        "(module (func (export \"f\") (result i32) (i32.const 2)))");
    check_ok(wasmrt_linker_define_instance(linker, "m", one));
    CHECK_EQ(call_i32(host_instance(text), "f", 0), 1);
    check_ok(wasmrt_linker_define_instance(linker, "m", two));
    user = host_instance(text);
    CHECK_EQ(call_i32(user, "f", 0), 2);
    CHECK_EQ(wasmrt_instance_func(user, "f"), wasmrt_instance_func(two, "f"));
    host_close();
}

TEST(linker_keeps_stores_and_engines_apart)
{
    wasmrt_store *other;
    wasmrt_engine *other_engine;
    wasmrt_module *module, *foreign;
    wasmrt_instance *inst;
    wasmrt_extern_val value = {.kind = WASMRT_EXTERN_MEMORY};

    host_open();
    check_ok(wasmrt_store_new(engine, &other));
    check_ok(wasmrt_memory_new(store, 1, 2, &value.of.memory));
    check_code(wasmrt_linker_define_extern(linker, other, "h", "m", &value),
               WASMRT_ERR_MISUSE);
    module = host_module("(module)");
    check_ok(wasmrt_linker_instantiate(linker, other, module, &inst));
    check_ok(wasmrt_linker_define_extern(linker, store, "h", "m", &value));
    check_error(wasmrt_linker_instantiate(linker, other, module, &inst),
                WASMRT_ERR_MISUSE, "another store");
    check_ok(wasmrt_engine_new(NULL, &other_engine));
    check_ok(wasmrt_module_new(other_engine, "(module)", 8, &foreign));
    check_error(wasmrt_linker_instantiate(linker, store, foreign, &inst),
                WASMRT_ERR_MISUSE, "engines");
    wasmrt_module_delete(foreign);
    wasmrt_module_delete(module);
    wasmrt_engine_delete(other_engine);
    wasmrt_store_delete(other);
    host_close();
}

TEST(linker_names_may_hold_anything)
{
    wasmrt_instance *inst;
    wasmrt_extern_val value;

    host_open();
    inst = host_instance("(module (func (export \"a\\00b\"))"
                         "  (func (export \"\") (result i32) i32.const 1))");
    CHECK(wasmrt_instance_export_n(inst, "a\0b", 3, &value));
    CHECK_EQ(value.kind, WASMRT_EXTERN_FUNC);
    CHECK(!wasmrt_instance_export(inst, "a", &value));
    CHECK_EQ(call_i32(inst, "", 0), 1);
    CHECK(wasmrt_instance_func(inst, "nope") == NULL);
    host_close();
}

/* -- Stores ---------------------------------------------------------------- */

static int deletions[3];

static void note_delete(void *data)
{
    ++*(int *)data;
}

TEST(store_attached_data_is_replaced_and_deleted)
{
    static const char key_a, key_b;

    host_open();
    CHECK(wasmrt_store_attached(store, &key_a) == NULL);
    check_ok(wasmrt_store_attach(store, &key_a, &deletions[0], note_delete));
    check_ok(wasmrt_store_attach(store, &key_b, &deletions[1], note_delete));
    CHECK_EQ(wasmrt_store_attached(store, &key_a), (void *)&deletions[0]);
    check_ok(wasmrt_store_attach(store, &key_a, &deletions[2], note_delete));
    CHECK_EQ(deletions[0], 1);
    CHECK_EQ(wasmrt_store_attached(store, &key_a), (void *)&deletions[2]);
    host_close();
    CHECK_EQ(deletions[1], 1);
    CHECK_EQ(deletions[2], 1);
}

TEST(store_globals_are_checked)
{
    wasmrt_global *global;
    wasmrt_val seven = wasmrt_i64(7), wrong = wasmrt_i32(7), got;
    wasmrt_val nothing = {.kind = (wasmrt_kind)99};

    host_open();
    check_ok(wasmrt_global_new(store, &seven, true, &global));
    seven.of.i64 = 8;
    check_ok(wasmrt_global_set(global, &seven));
    got = wasmrt_global_get(global);
    CHECK_EQ(got.kind, WASMRT_I64);
    CHECK_EQ(got.of.i64, 8);
    check_error(wasmrt_global_set(global, &wrong), WASMRT_ERR_MISUSE, "type");
    check_ok(wasmrt_global_new(store, &seven, false, &global));
    check_error(wasmrt_global_set(global, &seven), WASMRT_ERR_MISUSE,
                "immutable");
    check_code(wasmrt_global_new(store, &nothing, true, &global),
               WASMRT_ERR_MISUSE);
    host_close();
}

TEST(store_memory_access_is_checked)
{
    wasmrt_memory *memory;
    uint64_t old;
    char buf[4] = "abc";

    host_open();
    check_ok(wasmrt_memory_new(store, 1, 2, &memory));
    CHECK(wasmrt_memory_write(memory, 65532, buf, 4));
    CHECK(!wasmrt_memory_write(memory, 65533, buf, 4));
    memset(buf, 0, sizeof(buf));
    CHECK(wasmrt_memory_read(memory, 65532, buf, 4));
    CHECK_STR_EQ(buf, "abc");
    CHECK(!wasmrt_memory_read(memory, UINT64_MAX, buf, 4));
    CHECK(wasmrt_memory_ptr(memory, 65535, 1) != NULL);
    CHECK(wasmrt_memory_ptr(memory, 65535, 2) == NULL);
    check_ok(wasmrt_memory_grow(memory, 1, &old));
    CHECK_EQ(old, 1);
    check_code(wasmrt_memory_grow(memory, 1, &old), WASMRT_ERR_MEMORY_LIMIT);
    CHECK_EQ(wasmrt_memory_size(memory), 131072);
    check_error(wasmrt_bad_pointer(0xfff0, 32), WASMRT_ERR_BAD_GUEST_POINTER,
                "32 bytes at 0xfff0");
    host_close();
}

/* What a signal does is up to the host, before as well as behind. */
static void check_no_handlers(void)
{
    for (int i = 1; i < SIGRTMAX; i++) {
        struct sigaction action;

        if (sigaction(i, NULL, &action) == 0)
            CHECK(action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN);
    }
}

static bool has_sanitizer(void)
{
    const char *variant = getenv("VARIANT");

    return variant && (!strcmp(variant, "asan") || !strcmp(variant, "ubsan") ||
                       !strcmp(variant, "tsan") || !strcmp(variant, "cov"));
}

TEST(config_without_signals_installs_no_handler)
{
    wasmrt_config *config = host_config();
    wasmrt_instance *inst;

    if (has_sanitizer())
        SKIP("sanitizers have handlers of their own");
    check_no_handlers();
    wasmrt_config_set_signals(config, false);
    wasmrt_config_set_bounds(config, WASMRT_BOUNDS_AUTO);
    host_open_with(config);
    inst = host_instance("(module (memory 1) (func $f (export \"f\")"
                         "  (call $f)) (func (export \"g\") (drop (i32.load"
                         "  (i32.const 65536)))))");
    check_code(call(inst, "f"), WASMRT_ERR_STACK_OVERFLOW);
    check_code(call(inst, "g"), WASMRT_ERR_MEMORY_OOB);
    check_no_handlers();
    host_close();
    check_no_handlers();
}

TEST(config_without_signals_checks_bounds)
{
    wasmrt_config *config = host_config();

    wasmrt_config_set_signals(config, false);
    wasmrt_config_set_bounds(config, WASMRT_BOUNDS_AUTO);
    host_open_with(config);
    CHECK_STR_EQ(wasmrt_engine_bounds(engine), "check");
    check_code(call(host_instance("(module (memory 1) (func (export \"f\")"
                                  "  (drop (i32.load (i32.const -1)))))"),
                    "f"),
               WASMRT_ERR_MEMORY_OOB);
    host_close();
}

TEST(linker_takes_every_kind_of_object)
{
    wasmrt_instance *a, *b;
    wasmrt_extern_val value;
    static const char *const names[] = {"f", "t", "m", "g"};

    host_open();
    a = host_instance("(module (func (export \"f\") (result i32) i32.const 5)"
                      "  (table (export \"t\") 3 funcref)"
                      "  (memory (export \"m\") 1)"
                      "  (global (export \"g\") i32 (i32.const 6)))");
    for (int i = 0; i < 4; i++) {
        CHECK(wasmrt_instance_export(a, names[i], &value));
        check_ok(
            wasmrt_linker_define_extern(linker, store, "x", names[i], &value));
    }
    b = host_instance(
        "(module (import \"x\" \"f\" (func $f (result i32)))"
        "  (import \"x\" \"t\" (table 3 funcref)) (import \"x\" \"m\" (memory 1))"
        "  (import \"x\" \"g\" (global i32))"
        "  (export \"t\" (table 0))"
        "  (func (export \"run\") (result i32)"
        "    (i32.add (call $f) (i32.add (global.get 0) (table.size 0)))))");
    CHECK_EQ(call_i32(b, "run", 0), 14);
    CHECK(wasmrt_instance_export(b, "t", &value));
    CHECK_EQ(wasmrt_table_size(value.of.table), 3);
    host_close();
}

TEST(linker_takes_objects_that_the_host_made)
{
    wasmrt_extern_val table = {.kind = WASMRT_EXTERN_TABLE};
    wasmrt_extern_val memory = {.kind = WASMRT_EXTERN_MEMORY};
    wasmrt_extern_val global = {.kind = WASMRT_EXTERN_GLOBAL};
    const wasmrt_val seven = wasmrt_i32(7);
    wasmrt_instance *a;

    host_open();
    check_ok(wasmrt_table_new(store, WASMRT_FUNCREF, 3, 5, &table.of.table));
    check_ok(wasmrt_memory_new(store, 1, 2, &memory.of.memory));
    check_ok(wasmrt_global_new(store, &seven, true, &global.of.global));
    check_ok(wasmrt_linker_define_extern(linker, store, "x", "t", &table));
    check_ok(wasmrt_linker_define_extern(linker, store, "x", "m", &memory));
    check_ok(wasmrt_linker_define_extern(linker, store, "x", "g", &global));
    a = host_instance(
        "(module (import \"x\" \"t\" (table 3 5 funcref))"
        "  (import \"x\" \"m\" (memory 1 2))"
        "  (import \"x\" \"g\" (global (mut i32)))"
        "  (func (export \"run\") (result i32)"
        "    (i32.add (memory.size)"
        "             (i32.add (global.get 0) (table.size 0)))))");
    CHECK_EQ(call_i32(a, "run", 0), 11);
    host_close();
}

/* -- Names with a length --------------------------------------------------- */

static int32_t native_answer(void)
{
    return 5;
}

TEST(linker_names_may_contain_nul)
{
    static const char text[] =
        "(module (import \"h\\00a\" \"f\\00a\" (func $f (result i32)))"
        " (import \"h\\00a\" \"r\\00\" (func $r (param i32) (result i32)))"
        " (import \"h\\00b\" \"\\00\" (func $x (result i32)))"
        " (import \"\\00\" \"g\\00\" (func $g (result i32)))"
        " (func (export \"sum\\00\\00\") (result i32)"
        "  (i32.add (i32.add (call $f) (call $r (i32.const 1)))"
        "   (i32.add (call $x) (call $g)))))";
    static int32_t one = 1000;
    wasmrt_extern_val value = {.kind = WASMRT_EXTERN_FUNC};
    wasmrt_instance *inst;
    wasmrt_func *func;
    wasmrt_val result;

    host_open();
    check_ok(wasmrt_linker_define_n(linker, "h\0a", 3, "f\0a", 3, "() -> i32",
                                    answer, &forty_two));
    check_error(wasmrt_linker_define_n(linker, "h\0a", 3, "f\0a", 3,
                                       "() -> i32", answer, &forty_two),
                WASMRT_ERR_ALREADY_DEFINED, "");
    check_ok(wasmrt_linker_define_raw_n(
        linker, "h\0a", 3, "r\0", 2, "(i32) -> i32", answer_raw, &forty_two));
    /* Only what is defined with its whole name is found. */
    check_ok(wasmrt_linker_define(linker, "h", "", "() -> i32", answer, &one));
    check_code(host_instance_error(text), WASMRT_ERR_UNKNOWN_IMPORT);
    check_ok(wasmrt_func_new(store, "() -> i32", answer, &one, NULL,
                             &value.of.func));
    check_ok(wasmrt_linker_define_extern_n(linker, store, "h\0b", 3, "\0", 1,
                                           &value));
    inst = host_instance("(module (func (export \"g\\00\") (result i32)"
                         " (i32.const 100000)))");
    check_ok(wasmrt_linker_define_instance_n(linker, "", 1, inst));
    inst = host_instance(text);
    CHECK(wasmrt_instance_func(inst, "sum") == NULL);
    CHECK(wasmrt_instance_func_n(inst, "sum\0", 4) == NULL);
    func = wasmrt_instance_func_n(inst, "sum\0\0", 5);
    CHECK(func != NULL);
    check_ok(wasmrt_func_call(store, func, NULL, 0, &result, 1));
    CHECK_EQ(result.of.i32, 42 + 43 + 1000 + 100000);
    check_code(wasmrt_linker_define_n(linker, NULL, 0, "g", 1, "() -> ()",
                                      answer, NULL),
               WASMRT_ERR_MISUSE);
    if (wasmrt_native_available()) {
        check_ok(wasmrt_linker_define_native_n(
            linker, "\0n", 2, "\0m", 2, (void *)native_answer, "() -> i32"));
        inst = host_instance("(module (import \"\\00n\" \"\\00m\" (func $f"
                             " (result i32))) (func (export \"f\")"
                             " (result i32) (call $f)))");
        CHECK_EQ(call_i32(inst, "f", 0), 5);
    }
    host_close();
}
