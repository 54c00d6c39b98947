/*
 * Text to binary: the bytes, the errors and their places, depth, and memory
 * exhaustion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/text.h"

#include "tests/lib/heap.h"
#include "tests/lib/test.h"
#include "wasmrt/module.h"
#include "wasmrt/text.h"

#include <stdio.h>
#include <stdlib.h>

static wasmrt_error *translate(const char *text, uint8_t **out, size_t *len)
{
    return wrt_text_to_binary(&wrt_alloc_libc, text, strlen(text), false, out,
                              len);
}

/* Bytes behind the header, in hexadecimal. */
static void check_bytes(const char *text, const char *hex)
{
    uint8_t *bytes = NULL;
    size_t len = 0, n = 0;
    char got[1024] = "";
    wasmrt_error *error = translate(text, &bytes, &len);

    if (error)
        FAIL("%s: %s", text, wasmrt_error_message(error));
    CHECK_MEM_EQ(bytes, "\0asm\1\0\0\0", 8);
    for (size_t i = 8; i < len && n < sizeof(got) - 3; i++)
        n += (size_t)snprintf(got + n, sizeof(got) - n, "%02x", bytes[i]);
    if (strcmp(got, hex) != 0)
        FAIL("%s: %s, not %s", text, got, hex);
    wrt_free(&wrt_alloc_libc, bytes, len);
}

TEST(text_gives_the_bytes_of_the_binary_format)
{
    check_bytes("", "");
    check_bytes("(module)", "");
    check_bytes("(module $m (func))", "01040160000003020100"
                                      "0a040102000b");
    check_bytes("(func)", "01040160000003020100"
                          "0a040102000b");
    check_bytes("(type (func (param i32 i64) (result f32)))",
                "01070160027f7e017d");
    check_bytes("(memory 1 2)", "0504010101"
                                "02");
    check_bytes("(table 3 funcref)", "040401700003");
    check_bytes("(import \"a\" \"b\" (global (mut i32)))", "020801016101620"
                                                           "37f01");
    check_bytes("(global i32 (i32.const -1))", "0606017f00417f0b");
    check_bytes("(memory (data \"ab\" \"\\00\"))", "050401010101"
                                                   "0b090100"
                                                   "41000b03616200");
}

/* Same bytes for two ways to write a module. */
static void check_same(const char *a, const char *b)
{
    uint8_t *bytes_a = NULL, *bytes_b = NULL;
    size_t len_a = 0, len_b = 0;
    wasmrt_error *error = translate(a, &bytes_a, &len_a);

    if (error)
        FAIL("%s: %s", a, wasmrt_error_message(error));
    error = translate(b, &bytes_b, &len_b);
    if (error)
        FAIL("%s: %s", b, wasmrt_error_message(error));
    if (len_a != len_b || memcmp(bytes_a, bytes_b, len_a) != 0)
        FAIL("%s differs from %s", a, b);
    wrt_free(&wrt_alloc_libc, bytes_a, len_a);
    wrt_free(&wrt_alloc_libc, bytes_b, len_b);
}

TEST(text_abbreviations_mean_what_they_stand_for)
{
    check_same("(func (export \"f\") (param i32 i32))",
               "(type (func (param i32) (param i32))) (func $f (type 0))"
               "(export \"f\" (func $f))");
    check_same("(func $f (import \"m\" \"n\") (param i32))",
               "(import \"m\" \"n\" (func $f (param i32)))");
    check_same("(table funcref (elem $f)) (func $f)",
               "(table 1 1 funcref) (func $f)"
               "(elem (table 0) (offset (i32.const 0)) func $f)");
    check_same("(func (i32.add (i32.const 1) (i32.const 2)) drop)",
               "(func i32.const 1 i32.const 2 i32.add drop)");
    check_same("(func (if (i32.const 1) (then (nop)) (else (br 0))))",
               "(func i32.const 1 if nop else br 0 end)");
    check_same("(func (block $a (loop $b (br $a) (br $b))))",
               "(func block loop br 1 br 0 end end)");
    check_same("(func (block $a (block $a (br $a)) (br $a)))",
               "(func block block br 0 end br 0 end)");
    check_same("(func (param $x i32) (local $y i64 ) (local.set $y"
               "(i64.extend_i32_u (local.get $x))))",
               "(func (param i32) (local i64) local.get 0 i64.extend_i32_u"
               " local.set 1)");
    check_same("(func (local i32 i32) (local i64) (local i64 i32))",
               "(func (local i32) (local i32 i64 i64) (local i32))");
    check_same("(func $\"a b\") (start $\"a b\")", "(func $x) (start $x)");
    check_same("(func $\"\\61\") (start $a)", "(func) (start 0)");
    check_same("(;a(;b;);) (module (@x (y \"z\")) ;; end\n (func))", "(func)");
    check_same(
        "(memory 1) (data (i32.const 0) \"\\u{20ac}\\t\\\"\")",
        "(memory 1) (data (offset i32.const 0) \"\\e2\\82\\ac\\09\\22\")");
    check_same("(func (drop (f32.const 0x1.8)))",
               "(func (drop (f32.const 1.5)))");
}

TEST(text_errors_have_a_code_and_a_place)
{
    static const struct {
        const char *text, *message;
        uint64_t offset;
    } cases[] = {
        {"(module", "unexpected token: end", 7},
        {"(module))", "unexpected token", 8},
        {"(module) (module)", "unexpected token", 9},
        {"(func", "unexpected token: end", 5},
        {"(funk)", "unknown operator: funk", 1},
        {"(func i32.foo)", "unknown operator: i32.foo", 6},
        {"(func (i32.const))", "unexpected token: ), expected an integer", 16},
        {"(func (i32.const 0x100000000))", "constant out of range", 17},
        {"(func (br $x))", "unknown label: $x", 10},
        {"(func (call $x))", "unknown function: $x", 12},
        {"(func (local.get $x))", "unknown local: $x", 17},
        {"(func $f) (func $f)", "duplicate func: $f", 16},
        {"(func (param $x i32) (local $x i32))", "duplicate local", 28},
        {"(func block $a end $b)", "mismatching label", 19},
        {"(func (type 0) (param i32)) (type (func))", "inline function type",
         6},
        {"(func (type $t))", "unknown type: $t", 12},
        {"(func) (import \"\" \"\" (func))", "import after function", 7},
        {"(start 0) (start 0) (func)", "multiple start sections", 17},
        {"(func $)", "empty identifier", 6},
        {"(@)", "empty annotation id", 0},
        {"(@x", "unclosed annotation", 0},
        {"(; (; ;)", "unclosed comment", 0},
        {"(data \"abc", "unclosed string", 6},
        {"(data \"\\q\")", "illegal escape", 7},
        {"(data \"\\u{d800}\")", "illegal escape", 7},
        {"(data \"\x01\")", "illegal character", 7},
        {"\x01", "illegal character", 0},
        {"\xc3\xa4", "illegal character", 0},
        {"\xff", "malformed UTF-8 encoding", 0},
        {"(export \"\\ff\" (func 0))", "malformed UTF-8 encoding", 8},
        {"(memory 1) (func (drop (i32.load align=3 (i32.const 0))))",
         "alignment must be a power of two", 33},
        {"(memory 1 (pagesize 3))", "invalid custom page size", 20},
        {"(func (call 0x1_0000_0000))", "i32 constant out of range", 12},
        {"(func (i32.add nop))", "unexpected token", 15},
        {"(func (then))", "unexpected token", 7},
        {"(func end)", "unexpected token", 6},
        {"(func (if (then) (else) (else)))", "unexpected token", 25},
        {"(func (if (i32.const 0)))", "unexpected token: ), expected (then",
         23},
        {"(func \"a\"b)", "unknown operator", 6},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t *bytes = NULL;
        size_t len = 0;
        uint64_t offset = 0;
        wasmrt_error *error = translate(cases[i].text, &bytes, &len);

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

/* What is marked by < is where the error of the module is, in each way of
 * writing an instruction; without the mark the text is translated. */
TEST(text_errors_of_modules_have_a_place_in_the_text)
{
    static const char *const texts[] = {
        "(module (func <i32.add))",
        "(module (func) (func nop <drop) (func drop))",
        "(module (func (result i32) (i64.const 1)<))",
        "(module (func (drop (<i32.add (i32.const 1) (i64.const 1)))))",
        "(module (func (<if (then))))",
        "(module (func (if (i32.const 1) (then (<drop)) (else (nop)))))",
        "(module (func (result i32) (if (result i32) (i32.const 1)"
        " (then (i32.const 1)) (else (i64.const 1))<)))",
        "(module (func (result i32) i32.const 1 if (result i32) i32.const 1"
        " else i64.const 1 <end))",
        "(module (func (result i32) i32.const 1 if (result i32) i64.const 1"
        " <else i32.const 1 end))",
        "(module (func (<block (type 7))))",
        "(module (func <loop (param i32) drop end))",
        "(module (func (block (loop (<br 5)))))",
        "(module (tag) (func try nop catch 0 <drop end))",
        "(module (tag) (func (try (do) (<catch 9))))",
        "(module (tag) (func (try (do (<drop)) (catch_all))))",
        "(module (func (param i64) (drop (<i32.eqz (local.get 0)))))",
        "(module (func (export \"a\")) <(export \"a\" (func 0)))",
        "(module <(memory 70000) (memory 1))",
        "(module (memory 1) <(global i32 (i64.const 1)) (func))",
        "(module (func) <(start 3) (func))",
        "(module (table 1 funcref) <(elem (i32.const 0) func 9))",
        "(module (memory 1) (data \"\") <(data (i64.const 0) \"\"))",
        "(module <(import \"a\" \"b\" (func (type 3))) (func))",
        "<(func (export \"a\") (export \"a\"))",
    };
    wasmrt_engine *engine;
    wasmrt_module *module;
    char text[200];

    CHECK(wasmrt_engine_new(NULL, &engine) == NULL);
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        const char *mark = strchr(texts[i], '<');
        size_t at = (size_t)(mark - texts[i]);
        uint64_t place = 0;
        wasmrt_error *error;

        snprintf(text, sizeof(text), "%.*s%s", (int)at, texts[i], mark + 1);
        error = wasmrt_module_new(engine, text, strlen(text), &module);
        CHECK(error != NULL);
        if (!wasmrt_text_place(error, text, strlen(text), &place) ||
            place != at)
            FAIL("%s: at %d, not %d: %s", texts[i], (int)place, (int)at,
                 wasmrt_error_message(error));
        wasmrt_error_delete(error);
    }
    wasmrt_engine_delete(engine);
}

TEST(text_errors_are_shown_in_their_line)
{
    static const char text[] = "(module\n\t(func \xc3\xa4 $x))";
    uint8_t *bytes = NULL;
    size_t len = 0, line, column;
    char buf[200];
    wasmrt_error *error = translate("(module\n\t(func i32.foo))", &bytes, &len);

    CHECK(error);
    wasmrt_text_explain(error, "a.wat", "(module\n\t(func i32.foo))", 24, buf,
                        sizeof(buf));
    CHECK_STR_EQ(buf, "a.wat:2:8: unknown operator: i32.foo\n"
                      "\t(func i32.foo))\n\t      ^\n");
    CHECK_EQ(wasmrt_text_explain(error, NULL, "", 0, buf, 5), 34);
    CHECK_STR_EQ(buf, "1:1:");
    wasmrt_error_delete(error);
    wasmrt_text_locate(text, sizeof(text) - 1, 18, &line, &column);
    CHECK_EQ(line, 2);
    CHECK_EQ(column, 10);
}

/* A text of n times `open`, then `middle`, then n times `close`. */
static char *nested(const char *begin, const char *open, const char *middle,
                    const char *close, const char *end, size_t n)
{
    size_t a = strlen(open), b = strlen(close), c = strlen(middle);
    size_t size = strlen(begin) + n * (a + b) + c + strlen(end) + 1;
    char *text = malloc(size), *at = text;

    at += sprintf(at, "%s", begin);
    for (size_t i = 0; i < n; i++, at += a)
        memcpy(at, open, a);
    memcpy(at, middle, c);
    at += c;
    for (size_t i = 0; i < n; i++, at += b)
        memcpy(at, close, b);
    sprintf(at, "%s", end);
    return text;
}

TEST(text_nests_a_million_deep)
{
    static const struct {
        const char *begin, *open, *middle, *close, *end;
    } cases[] = {
        {"(func (drop ", "(i32.eqz ", "(i32.const 0)", ")", "))"},
        {"(func ", "(block $l ", "(br $l)", ")", ")"},
        {"(func ", "block $l ", "br $l ", "end $l ", ")"},
        {"(func ", "(if (i32.const 0) (then ", "nop", "))", ")"},
        {"", "(;", "", ";)", "(func)"},
        {"(@x ", "(a ", "", ")", ") (func)"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text =
            nested(cases[i].begin, cases[i].open, cases[i].middle,
                   cases[i].close, cases[i].end, i == 3 ? 300000 : 1000000);
        uint8_t *bytes = NULL;
        size_t len = 0;
        wasmrt_error *error = translate(text, &bytes, &len);

        if (error)
            FAIL("case %zu: %s", i, wasmrt_error_message(error));
        wrt_free(&wrt_alloc_libc, bytes, len);
        free(text);
    }
}

TEST(text_survives_every_failed_allocation)
{
    static const char text[] =
        "(module (type $t (struct (field $a i32) (field i8)))"
        "(import \"m\" \"f\" (func $\"f\\61\" (param i32)))"
        "(rec (type $u (sub (func))) (type (sub final $u (func))))"
        "(memory (data \"x\")) (table funcref (elem $g))"
        "(func $g (param $p i32) (result i32) (local i32 i64)"
        " (block $l (result i32) (br_table $l 0 (i32.const 1)"
        " (if (result i32) (local.get $p) (then i32.const 1)"
        " (else (i32.const 2))))) (memory.init 0 (i32.const 1)))"
        "(elem declare func $g) (@custom \"c\"))";
    struct test_heap heap;
    long n = 0;

    do {
        uint8_t *bytes = NULL;
        size_t len = 0;
        wasmrt_error *error;

        test_heap_init(&heap, n++);
        error = wrt_text_to_binary(&heap.alloc, text, sizeof(text) - 1, true,
                                   &bytes, &len);
        if (heap.fired)
            CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_OUT_OF_MEMORY);
        else
            CHECK(!error);
        wasmrt_error_delete(error);
        wrt_free(&heap.alloc, bytes, len);
        CHECK_EQ(heap.live_bytes, 0);
    } while (heap.fired);
    CHECK(n > 30);
}
