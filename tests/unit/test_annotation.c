/*
 * Annotations of the text format: the sections they become, their errors, and
 * what the sections' readers make of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/hints.h"
#include "runtime/module/names.h"
#include "runtime/text/text.h"

#include "tests/lib/heap.h"
#include "tests/lib/test.h"
#include "tests/unit/modules.h"

#include <stdio.h>
#include <stdlib.h>

/* -- Names ----------------------------------------------------------------- */

static const char *name_of(struct test_module *t, enum wrt_names_kind kind,
                           uint32_t outer, uint32_t idx)
{
    const struct wrt_name *name = wrt_names_own(t->m, kind, outer, idx);

    return name ? name->text : "(none)";
}

TEST(annotation_identifiers_become_names)
{
    struct test_module t;

    module_from_text(
        &t,
        "(module $M (type $T (func)) (type $S (struct (field $a "
        "i32) (field i32) (field $b i32)))"
        "(import \"\" \"\" (func $f (param i32) (param $p i32)))"
        "(func) (func $g (param $x i32) (local i32) (local $y "
        "i64) (block (loop $l)) (if $i (block $c (result i32) "
        "i32.const 1) (then)))"
        "(table $t 1 funcref) (memory $m 1) (global $v i32 "
        "(i32.const 1)) (tag $e) (elem $s func $g) (data $d \"\"))",
        WRT_FEATURES_ALL);
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_MODULE, 0, 0), "M");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_TYPE, 0, 0), "T");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_TYPE, 0, 1), "S");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_FIELD, 1, 0), "a");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_FIELD, 1, 1), "(none)");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_FIELD, 1, 2), "b");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_FUNC, 0, 0), "f");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_FUNC, 0, 1), "(none)");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_FUNC, 0, 2), "g");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_LOCAL, 0, 1), "p");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_LOCAL, 2, 0), "x");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_LOCAL, 2, 2), "y");
    /* Blocks count in the order of their code: the condition comes first. */
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_LABEL, 2, 1), "l");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_LABEL, 2, 2), "c");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_LABEL, 2, 3), "i");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_TABLE, 0, 0), "t");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_MEMORY, 0, 0), "m");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_GLOBAL, 0, 0), "v");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_TAG, 0, 0), "e");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_ELEM, 0, 0), "s");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_DATA, 0, 0), "d");
    CHECK(!wrt_names_are_lossy(t.m));
    module_delete(&t);
}

TEST(annotation_names_win_over_identifiers)
{
    struct test_module t;

    module_from_text(
        &t,
        "(module $M (@name \"N\") (type (@name \"T\") (func))"
        "(type (struct (field (@name \"a\") i32)))"
        "(import \"\" \"\" (func $f (@name \"F\") (param (@name \"p\") i32)))"
        "(func $g (@name \"\") (param $x (@name \"X\") i32) (local (@name "
        "\"y\") i32) block $l (@name \"L\") br $l end (if (@name \"I\") "
        "(local.get $x) (then))))",
        WRT_FEATURES_ALL);
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_MODULE, 0, 0), "N");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_TYPE, 0, 0), "T");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_FIELD, 1, 0), "a");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_FUNC, 0, 0), "F");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_LOCAL, 0, 0), "p");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_FUNC, 0, 1), "");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_LOCAL, 1, 0), "X");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_LOCAL, 1, 1), "y");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_LABEL, 1, 0), "L");
    CHECK_STR_EQ(name_of(&t, WRT_NAMES_LABEL, 1, 1), "I");
    module_delete(&t);
}

/* -- Bytes ----------------------------------------------------------------- */

/* What stands behind the header, in hexadecimal. */
static void check_bytes(const char *text, bool with_names, const char *want)
{
    uint8_t *bytes = NULL;
    size_t len = 0, n = 0;
    char got[1024] = "";
    wasmrt_error *error = wrt_text_to_binary(
        &wrt_alloc_libc, text, strlen(text), with_names, &bytes, &len);

    if (error)
        FAIL("%s: %s", text, wasmrt_error_message(error));
    for (size_t i = 8; i < len && n < sizeof(got) - 3; i++)
        n += (size_t)snprintf(got + n, sizeof(got) - n, "%02x", bytes[i]);
    if (strcmp(got, want) != 0)
        FAIL("%s: %s, not %s", text, got, want);
    wrt_free(&wrt_alloc_libc, bytes, len);
}

TEST(annotation_names_make_a_section)
{
    check_bytes("(module $m (memory $a 1))", true,
                "0503010001"
                "000f046e616d65"
                "0002016d"
                "0604010001"
                "61");
    check_bytes("(module $m (memory $a 1))", false, "0503010001");
    check_bytes("(module (memory 1))", true, "0503010001");
    /* One that the text spells out stands alone. */
    check_bytes("(module $m (@custom \"name\" \"\\7f\\00\"))", true,
                "0007046e616d657f00");
}

TEST(annotation_custom_sections_stand_where_they_say)
{
    check_bytes("(module $m (@custom \"a\" \"x\" \"y\") (@custom \"b\" (before "
                "first)) (@custom \"c\" (after memory)) (@custom \"d\" (before "
                "memory)) (memory 1) (@custom \"e\" (after last)) (@\"custom\" "
                "\"f\" (after memory)))",
                true,
                "00020162" /* b */
                "00020164" /* d */
                "0503010001"
                "00020163" /* c */
                "00020166" /* f */
                "0009046e616d65"
                "0002016d"
                "000401617879" /* a */
                "00020165");   /* e */
}

TEST(annotation_branch_hints_stand_before_the_code)
{
    check_bytes("(func (@metadata.code.branch_hint \"\\01\") (if (i32.const 1) "
                "(then (block i32.const 1 (@metadata.code.branch_hint "
                "\"\\00\") br_if 0))))",
                false,
                "010401600000030201000023196d657461646174612e636f64652e6272616e"
                "63685f68696e74010002"
                "030101"
                "090100"
                "0a1001"
                "0e00410104400240"
                "41010d000b0b0b");
}

/* -- Errors ---------------------------------------------------------------- */

TEST(annotation_errors_have_a_code_and_a_place)
{
    static const struct {
        const char *text;
        const char *message;
        uint64_t offset;
    } cases[] = {
        {"(@custom)", "@custom annotation: missing section name", 8},
        {"(@custom 4)", "@custom annotation: missing section name", 9},
        {"(@custom \"\\ff\")", "@custom annotation: malformed UTF-8", 9},
        {"(@custom \"a\" b)", "@custom annotation: unexpected token", 13},
        {"(@custom \"a\" (after func x))", "@custom annotation: unexpected",
         25},
        {"(@custom \"a\" (func))", "@custom annotation: malformed placement",
         14},
        {"(@custom \"a\" (after))",
         "@custom annotation: malformed section kind", 19},
        {"(@custom \"a\" (after first))",
         "@custom annotation: malformed section kind", 20},
        {"(func (@custom \"a\"))", "misplaced @custom annotation", 6},
        {"(module (@name \"a\") (@name \"b\"))",
         "@name annotation: multiple module names", 20},
        {"(func (nop (@name \"a\")))", "misplaced @name annotation", 11},
        {"(func (@name))", "malformed annotation", 12},
        {"(func (@name \"a\" \"b\"))", "malformed annotation", 13},
        {"(func (@name \"\\ff\"))", "malformed UTF-8 encoding", 13},
        {"(@metadata.code.branch_hint \"\\00\") (func)",
         "@metadata.code.branch_hint annotation: not in a function", 0},
        {"(func (@metadata.code.branch_hint \"\\00\") "
         "(@metadata.code.branch_hint \"\\00\") nop)",
         "@metadata.code.branch_hint annotation: duplicate annotation", 41},
        {"(func (@metadata.code.branch_hint x) nop)", "malformed annotation",
         34},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t *bytes = NULL;
        size_t len = 0;
        uint64_t offset = 0;
        wasmrt_error *error =
            wrt_text_to_binary(&wrt_alloc_libc, cases[i].text,
                               strlen(cases[i].text), true, &bytes, &len);

        if (!error)
            FAIL("%s: accepted", cases[i].text);
        CHECK_STR_HAS(wasmrt_error_message(error), cases[i].message);
        CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_TEXT);
        CHECK(wasmrt_error_offset(error, &offset));
        if (offset != cases[i].offset)
            FAIL("%s: at %llu", cases[i].text, (unsigned long long)offset);
        wasmrt_error_delete(error);
    }
}

/* Annotations of others may say anything that is balanced. */
TEST(annotation_unknown_ones_are_skipped)
{
    check_bytes("(@a (module) $ \"\\00\" (@b) (;x;) ;;)\n 0x) (func (@c) "
                "(@\"d e\" [1;,{}]) (@custom_ x))",
                true,
                "01040160000003020100"
                "0a040102000b");
}

/* -- Branch hints ---------------------------------------------------------- */

/* The message with which the hints of a module are refused, or "". */
static const char *hints_refusal(const char *section)
{
    static char message[200];
    char hex[400];
    size_t len;
    uint8_t *bytes;
    struct wrt_types *types;
    struct wrt_module *m;
    struct wrt_arena arena;
    struct wrt_hints hints;
    wasmrt_error *error;

    snprintf(hex, sizeof(hex),
             "01 04 01 600000 02 05 01 00 00 00 00 03 03 02 0000 %s"
             "0a 0c 02 07 00 4100 0440 0b 0b 02 00 0b",
             section);
    bytes = bytes_from_hex(hex, &len);
    CHECK(wrt_types_new(&wrt_alloc_libc, &types) == NULL);
    CHECK(wrt_module_decode(&wrt_alloc_libc, types, WRT_FEATURES_ALL, bytes,
                            len, false, &m) == NULL);
    wrt_arena_init(&arena, &wrt_alloc_libc);
    error = wrt_hints_read(m, &arena, &hints);
    snprintf(message, sizeof(message), "%s",
             error ? wasmrt_error_message(error) : "");
    wasmrt_error_delete(error);
    wrt_arena_fini(&arena);
    wrt_module_unref(m);
    wrt_types_delete(types);
    free(bytes);
    return message;
}

TEST(annotation_hints_are_checked)
{
#define NAME "19 6d657461646174612e636f64652e6272616e63685f68696e74 "
    static const struct {
        const char *section, *want;
    } cases[] = {
        {"00 20 " NAME "01 01 01 03 01 01", ""},
        {"", ""},
        {"00 1b " NAME "00", ""},
        {"00 20 " NAME "01 01 01 01 01 01", "invalid target"},
        {"00 20 " NAME "01 01 01 02 01 01", "invalid target"},
        {"00 20 " NAME "01 01 01 50 01 01", "invalid target"},
        {"00 20 " NAME "01 02 01 03 01 01", "invalid target"},
        {"00 20 " NAME "01 00 01 03 01 01", "no function of the module"},
        {"00 20 " NAME "01 03 01 03 01 01", "no function of the module"},
        {"00 20 " NAME "01 01 01 03 01 02", "a hint is one byte"},
        {"00 20 " NAME "01 01 01 03 02 01", "a hint is one byte"},
        {"00 20 " NAME "01 01 02 03 01 01", "a hint is one byte"},
        {"00 23 " NAME "01 01 02 03 01 01 03 01 01", "hints out of order"},
        {"00 25 " NAME "02 01 01 03 01 01 01 01 03 01 01",
         "functions out of order"},
        {"00 21 " NAME "01 01 01 03 01 01 00", "size mismatch"},
        {"00 1b " NAME "01", "no function of the module"},
        {"00 1b " NAME "00 00 1b " NAME "00", "a second section"},
    };
#undef NAME

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *got = hints_refusal(cases[i].section);

        if (*cases[i].want ? !strstr(got, cases[i].want) : *got != '\0')
            FAIL("%s: %s, not %s", cases[i].section, got, cases[i].want);
    }
}

TEST(annotation_hints_behind_the_code_are_refused)
{
    struct test_module t;
    struct wrt_arena arena;
    struct wrt_hints hints;
    wasmrt_error *error;

    module_from_text(&t,
                     "(func) (@custom \"metadata.code.branch_hint\" \"\\00\")",
                     WRT_FEATURES_ALL);
    wrt_arena_init(&arena, &wrt_alloc_libc);
    error = wrt_hints_read(t.m, &arena, &hints);
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_BAD_CUSTOM);
    CHECK_STR_HAS(wasmrt_error_message(error), "behind the code section");
    wasmrt_error_delete(error);
    wrt_arena_fini(&arena);
    module_delete(&t);
}

/* -- Memory ---------------------------------------------------------------- */

TEST(annotation_survives_every_failed_allocation)
{
    static const char text[] =
        "(module $M (@custom \"a\" \"b\") (type $S (struct (field $f i32)))"
        "(func $f (@name \"F\") (param $x i32) (block $l)"
        "(@metadata.code.branch_hint \"\\01\") (if (local.get $x) (then)))"
        "(func) (@custom \"c\" (before type)))";
    struct test_heap heap;
    long n = 0;

    do {
        uint8_t *bytes = NULL;
        size_t len = 0;
        wasmrt_error *error;

        test_heap_init(&heap, n++);
        error = wrt_text_to_binary(&heap.alloc, text, sizeof(text) - 1, true,
                                   &bytes, &len);
        CHECK(!!error == heap.fired);
        if (error)
            CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_OUT_OF_MEMORY);
        wasmrt_error_delete(error);
        wrt_free(&heap.alloc, bytes, len);
        CHECK_EQ(heap.live_bytes, 0);
    } while (heap.fired);
    CHECK(n > 30);
}
