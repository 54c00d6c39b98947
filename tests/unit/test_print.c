/*
 * Binary to text: layout, names, exact numbers; that the text reads back as the
 * same module; depth, and memory exhaustion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/printer.h"
#include "runtime/text/text.h"

#include "runtime/text/number.h"
#include "tests/lib/heap.h"
#include "tests/lib/test.h"
#include "tests/unit/modules.h"
#include "wasmrt/text.h"

#include <stdio.h>
#include <stdlib.h>

/* -- Layout ---------------------------------------------------------------- */

/* Prints the module that the text gives; release with free(). */
static char *print(const char *text, unsigned flags)
{
    struct test_module t;
    char *out = NULL;
    size_t len;
    wasmrt_error *error;

    module_from_text(&t, text, WRT_FEATURES_ALL);
    error = wrt_text_print(&wrt_alloc_libc, t.m, flags, &out, &len);
    if (error)
        FAIL("%s: %s", text, wasmrt_error_message(error));
    CHECK_EQ(strlen(out), len);
    module_delete(&t);
    return out;
}

/* `body` as the body of a function is printed as `want`, a line each. */
static void check_body(const char *body, unsigned flags, const char *want)
{
    char text[2000], *out, *begin, *end;

    snprintf(text, sizeof(text),
             "(module (type $s (struct (field i32 i64)))"
             " (func $f (param i32 i32) (result i32) (unreachable))"
             " (func $g (result i32 i32) (unreachable)) (tag $e (param i32))"
             " (memory 1) (func (param i32 f64) (local i32) %s))",
             body);
    out = print(text, flags);
    begin = strstr(out, "(local i32)\n");
    CHECK(begin);
    begin += strlen("(local i32)\n");
    end = strstr(begin, "  )\n)\n");
    CHECK(end);
    *end = '\0';
    CHECK_STR_EQ(begin, want);
    free(out);
}

TEST(print_folds_what_gives_the_operands)
{
    check_body("i32.const 1 i32.const 2 call $f drop", 0,
               "    (drop (call $f (i32.const 1) (i32.const 2)))\n");
    check_body("call $g call $f drop", 0, "    (drop (call $f (call $g)))\n");
    check_body("(block (result i32) i32.const 1) i32.const 2 i32.add drop", 0,
               "    (drop\n"
               "      (i32.add\n"
               "        (block (result i32)\n"
               "          (i32.const 1)\n"
               "        )\n"
               "        (i32.const 2)))\n");
    check_body("local.get 0 if (result i32) i32.const 1 else i32.const 2 end "
               "local.set 2",
               0,
               "    (local.set 2\n"
               "      (if (result i32) (local.get 0)\n"
               "        (then (i32.const 1))\n"
               "        (else (i32.const 2))\n"
               "      ))\n");
    check_body("loop br 0 end block br 0 end", 0,
               "    (loop (;@0;)\n"
               "      (br 0 (;@0;))\n"
               "    )\n"
               "    (block (;@1;)\n"
               "      (br 0 (;@1;))\n"
               "    )\n");
}

TEST(print_takes_from_the_stack_what_came_earlier)
{
    check_body("i32.const 1 nop i32.const 2 i32.add drop", 0,
               "    (i32.const 1)\n"
               "    (nop)\n"
               "    (i32.const 2)\n"
               "    i32.add\n"
               "    drop\n");
    check_body("call $g drop drop", 0,
               "    (call $g)\n"
               "    drop\n"
               "    drop\n");
    check_body("i32.const 1 block (param i32) drop end", 0,
               "    (i32.const 1)\n"
               "    (block (type 3) (param i32)\n"
               "      drop\n"
               "    )\n");
    check_body("unreachable i32.add drop", 0,
               "    (unreachable)\n"
               "    i32.add\n"
               "    drop\n");
    check_body("i32.const 0 nop if nop else end", 0,
               "    (i32.const 0)\n"
               "    (nop)\n"
               "    (if\n"
               "      (then (nop))\n"
               "      (else)\n"
               "    )\n");
}

TEST(print_puts_operands_of_long_lines_below_each_other)
{
    check_body("(i32.store offset=16 (i32.add (local.get 0) (i32.mul "
               "(local.get 0) (i32.const 123456789))) (call $f (i32.const 1) "
               "(local.get 0)))",
               0,
               "    (i32.store offset=16\n"
               "      (i32.add (local.get 0) (i32.mul (local.get 0) "
               "(i32.const 123456789)))\n"
               "      (call $f (i32.const 1) (local.get 0)))\n");
}

TEST(print_exception_handlers)
{
    check_body("(try (do (throw $e (i32.const 1))) (catch $e (drop)) "
               "(catch_all (rethrow 0)))",
               0,
               "    (try (;@0;)\n"
               "      (do (throw $e (i32.const 1)))\n"
               "      (catch $e\n"
               "        drop\n"
               "      )\n"
               "      (catch_all (rethrow 0 (;@0;)))\n"
               "    )\n");
    check_body("(block (try (do) (delegate 0)))", 0,
               "    (block (;@0;)\n"
               "      (try\n"
               "        (do)\n"
               "        (delegate 0 (;@0;))\n"
               "      )\n"
               "    )\n");
    check_body("(block (result i32) (try_table (result i32) (catch $e 0) "
               "(catch_all 1) (i32.const 1))) drop",
               0,
               "    (drop\n"
               "      (block (;@0;) (result i32)\n"
               "        (try_table (result i32) (catch $e 0 (;@0;)) "
               "(catch_all 1)\n"
               "          (i32.const 1)\n"
               "        )\n"
               "      ))\n");
}

TEST(print_flat_is_the_code_in_its_order)
{
    check_body("(if (i32.eqz (local.get 0)) (then (nop)) (else (block $l "
               "(br $l))))",
               WASMRT_PRINT_FLAT,
               "    local.get 0\n"
               "    i32.eqz\n"
               "    if\n"
               "      nop\n"
               "    else\n"
               "      block $l\n"
               "        br $l\n"
               "      end\n"
               "    end\n");
    check_body("try nop delegate 0", WASMRT_PRINT_FLAT,
               "    try\n"
               "      nop\n"
               "    delegate 0\n");
    check_body("nop", WASMRT_PRINT_OFFSETS, "    (;0x000044;) (nop)\n");
}

TEST(print_fields_of_every_kind)
{
    static const char text[] =
        "(module\n"
        "  (type (;0;) (func (param i32) (result i32 i64)))\n"
        "  (rec\n"
        "    (type (;1;) (sub (struct (field i8) (field (mut (ref null 2))))))\n"
        "    (type (;2;) (sub final 1 (struct (field i8) (field (mut (ref null "
        "2)))\n"
        "        (field anyref))))\n"
        "  )\n"
        "  (type (;3;) (array (mut i16)))\n"
        "  (type (;4;) (func (param i32)))\n"
        "  (type (;5;) (func))\n"
        "  (import \"a\\\"b\" \"\\u{202e}\xc3\xa4\" (func (;0;) (type 4) "
        "(param i32)))\n"
        "  (import \"\" \"m\" (memory (;0;) i64 1 2 shared))\n"
        "  (import \"\" \"t\" (table (;0;) i64 1 externref))\n"
        "  (import \"\" \"g\" (global (;0;) (mut v128)))\n"
        "  (import \"\" \"e\" (tag (;0;) (type 4) (param i32)))\n"
        "  (table (;1;) 1 2 (ref 4) (ref.func 0))\n"
        "  (memory (;1;) 0 (pagesize 1))\n"
        "  (tag (;1;) (type 4) (param i32))\n"
        "  (global (;1;) i32 (i32.add (i32.const 1) (i32.const 2)))\n"
        "  (export \"x\" (table 1))\n"
        "  (start 1)\n"
        "  (elem (;0;) (table 1) (i32.const 1) (ref 4) (ref.func 0))\n"
        "  (elem (;1;) func 0 1)\n"
        "  (elem (;2;) declare funcref (ref.func 1) (ref.null func))\n"
        "  (func (;1;) (type 5)\n"
        "    (local i32 i32 f32)\n"
        "  )\n"
        "  (data (;0;) (memory 1) (i32.const 0) \"\\00a\\\"\\\\\\c3\\a4\\n\")\n"
        "  (data (;1;) \"\")\n"
        ")\n";
    char *out = print(text, 0);

    CHECK_STR_EQ(out, text);
    free(out);
}

/* A module of bytes in hexadecimal, printed. */
static char *print_hex(const char *hex, unsigned flags)
{
    size_t len;
    uint8_t *bytes = bytes_from_hex(hex, &len);
    char *out = NULL;
    wasmrt_error *error = wasmrt_wasm2wat(bytes, len, flags, &out, &len);

    if (error)
        FAIL("%s: %s", hex, wasmrt_error_message(error));
    free(bytes);
    return out;
}

TEST(print_wraps_what_cannot_be_folded_in_a_constant)
{
    /* 0 + 1 + 1 ... deeper than trees are made. */
    char hex[1000] = "0503 01 0001 0b 7e 01 00 4100", *out;
    size_t n = strlen(hex);

    for (int i = 0; i < 40; i++)
        n += (size_t)snprintf(hex + n, sizeof(hex) - n, "4101 6a");
    snprintf(hex + n, sizeof(hex) - n, "0b 00");
    out = print_hex(hex, 0);
    CHECK_STR_HAS(out, "(data (;0;) (offset\n");
    CHECK_STR_HAS(out, "    (i32.const 1)\n    i32.add\n");
    CHECK_STR_HAS(out, "    i32.add) \"\")\n");
    free(out);
}

/* -- Names ----------------------------------------------------------------- */

/* Two functions f, one without name and one with an empty one; a parameter
 * "a b"; nested blocks x. */
static const char named_hex[] =
    "01 05 01 60017f00"
    "03 05 04 00000000"
    "0a 17 04 02000b 02000b 02000b 0c00 0240 0240 0c00 0c01 0b 0b 0b"
    "00 2f 04 6e616d65" /* "name" */
    "00 02 0174"        /* module t */
    "01 09 03 000166 010166 0300"
    "02 08 01 03 01 00 03612062"
    "03 09 01 03 02 00 0178 01 0178"
    "04 04 01 00 0154"
    "00 03 0178 ff"; /* a custom section */

TEST(print_names_everything_and_says_what_no_identifier_can)
{
    char *out = print_hex(named_hex, 0);

    CHECK_STR_EQ(out,
                 "(module $t\n"
                 "  (type $T (;0;) (func (param i32)))\n"
                 "  (func $f (;0;) (type $T) (param i32))\n"
                 "  (func $f.1 (@name \"f\") (;1;) (type $T) (param i32))\n"
                 "  (func (;2;) (type $T) (param i32))\n"
                 "  (func (@name \"\") (;3;) (type $T) (param $\"a b\" i32)\n"
                 "    (block $x\n"
                 "      (block $x.1 (@name \"x\")\n"
                 "        (br $x.1)\n"
                 "        (br $x)\n"
                 "      )\n"
                 "    )\n"
                 "  )\n"
                 "  (@custom \"x\" \"\\ff\")\n"
                 ")\n");
    free(out);
    out = print_hex(named_hex, WASMRT_PRINT_NO_NAMES);
    CHECK_STR_HAS(out, "(module\n  (type (;0;)");
    CHECK_STR_HAS(out, "  (func (;1;) (type 0) (param i32))\n");
    CHECK_STR_HAS(out, "        (br 1 (;@0;))\n");
    CHECK(!strstr(out, "name"));
    free(out);
    out = print_hex(named_hex, WASMRT_PRINT_GENERATE_NAMES);
    CHECK_STR_HAS(out, "  (func $func2 (;2;) (type $T) (param $x0 i32))\n");
    CHECK_STR_HAS(out, "  (func $func3 (@name \"\") (;3;)");
    free(out);
}

TEST(print_generates_names_from_imports_and_exports)
{
    char *out =
        print("(module (import \"env\" \"f\" (func)) (import \"\" \"m\" "
              "(memory 1)) (func) (func) (func) (export \"a\" (func 1)) "
              "(export \"b\" (func 1)) (export \"env.f\" (func 3)))",
              WASMRT_PRINT_GENERATE_NAMES);

    CHECK_STR_HAS(out, "(import \"env\" \"f\" (func $env.f (;0;)");
    CHECK_STR_HAS(out, "(import \"\" \"m\" (memory $m (;0;) 1))");
    CHECK_STR_HAS(out, "(func $a (;1;)");
    CHECK_STR_HAS(out, "(func $func2 (;2;)");
    CHECK_STR_HAS(out, "(func $env.f.3 (;3;)");
    free(out);
}

/* What identifiers and annotations cannot repeat is printed as it is. */
TEST(print_keeps_odd_name_sections)
{
    static const struct {
        const char *hex, *want;
    } cases[] = {
        /* before another section */
        {"00 09 046e616d65 00020174 01 04 01600000",
         "  (@custom \"name\" (before first) \"\\00\\02\\01t\")\n"},
        /* twice */
        {"00 09 046e616d65 00020174 00 09 046e616d65 00020175",
         "  (@custom \"name\" \"\\00\\02\\01t\")\n"
         "  (@custom \"name\" \"\\00\\02\\01u\")\n"},
        /* a subsection that nobody knows, a name for nothing, bad UTF-8 */
        {"00 07 046e616d65 7f00", "  (@custom \"name\" \"\\7f\\00\")\n"},
        {"00 0c 046e616d65 01 05 01 05 0161 00",
         "  (@custom \"name\" \"\\01\\05\\01\\05\\01a\\00\")\n"},
        {"00 09 046e616d65 000201ff",
         "  (@custom \"name\" \"\\00\\02\\01\\ff\")\n"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *out = print_hex(cases[i].hex, 0);

        CHECK_STR_HAS(out, cases[i].want);
        free(out);
        out = print_hex(cases[i].hex, WASMRT_PRINT_NO_NAMES);
        CHECK(!strstr(out, "custom"));
        free(out);
    }
}

TEST(print_places_custom_sections)
{
    char *out = print_hex("00 02 0161 01 04 01600000 00 02 0162 05 03 010001 "
                          "00 02 0163 00 09 046e616d65 00020174 00 02 0164",
                          0);

    CHECK_STR_EQ(out, "(module $t\n"
                      "  (@custom \"a\" (before first) \"\")\n"
                      "  (type (;0;) (func))\n"
                      "  (@custom \"b\" (after type) \"\")\n"
                      "  (memory (;0;) 1)\n"
                      "  (@custom \"c\" (after memory) \"\")\n"
                      "  (@custom \"d\" \"\")\n"
                      ")\n");
    free(out);
}

/* -- Pieces ---------------------------------------------------------------- */

static const char *float_text(uint64_t bits, unsigned width)
{
    static char text[80];
    struct wrt_buf buf;

    wrt_buf_init(&buf, &wrt_alloc_libc);
    wrt_put_float(&buf, bits, width);
    snprintf(text, sizeof(text), "%.*s", (int)buf.count, (char *)buf.items);
    wrt_buf_fini(&buf);
    return text;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

TEST(put_floats_in_the_shortest_form)
{
    CHECK_STR_EQ(float_text(0, 32), "0");
    CHECK_STR_EQ(float_text(0x80000000, 32), "-0");
    CHECK_STR_EQ(float_text(0x3dcccccd, 32), "0.1");
    CHECK_STR_EQ(float_text(0x7f7fffff, 32), "3.4028235e38");
    CHECK_STR_EQ(float_text(1, 32), "1.4013e-45");
    CHECK_STR_EQ(float_text(0x7f800000, 32), "inf");
    CHECK_STR_EQ(float_text(0x7fc00000, 32), "nan");
    CHECK_STR_EQ(float_text(0xff800001, 32), "-nan:0x1");
    CHECK_STR_EQ(float_text(bits_of(3.25), 64), "3.25");
    CHECK_STR_EQ(float_text(bits_of(-1234567), 64), "-1234567");
    CHECK_STR_EQ(float_text(bits_of(1e20), 64), "100000000000000000000");
    CHECK_STR_EQ(float_text(bits_of(1e21), 64), "1e21");
    CHECK_STR_EQ(float_text(bits_of(0.000015), 64), "0.000015");
    CHECK_STR_EQ(float_text(bits_of(1.5e-6), 64), "1.5e-6");
    CHECK_STR_EQ(float_text(bits_of(3.141592653589793), 64),
                 "3.141592653589793");
    CHECK_STR_EQ(float_text(0x7ff8000000000000, 64), "nan");
    CHECK_STR_EQ(float_text(0x7ff4000000000000, 64), "nan:0x4000000000000");
}

TEST(put_floats_read_back_as_the_same_bits)
{
    uint64_t state = 1;

    for (int i = 0; i < 100000; i++) {
        unsigned width = i & 1 ? 32 : 64;
        uint64_t bits, again = 0;
        const char *text;

        state = state * 6364136223846793005u + 1442695040888963407u;
        bits = state >> (64 - width);
        /* Every tenth one is near a power of two. */
        if (i % 10 == 0)
            bits &= ~(((uint64_t)1 << (width == 32 ? 20 : 48)) - 1);
        text = float_text(bits, width);
        CHECK(wrt_number_float(text, strlen(text), width, &again));
        if (again != bits)
            FAIL("%llx: %s", (unsigned long long)bits, text);
    }
}

/* -- Whole modules --------------------------------------------------------- */

/* Prints and reads back; the text of that must be the same. */
static void check_fixpoint(const uint8_t *bytes, size_t len, unsigned flags)
{
    char *text = NULL, *again = NULL;
    uint8_t *read = NULL;
    size_t text_len, read_len, again_len;
    wasmrt_error *error = wasmrt_wasm2wat(bytes, len, flags, &text, &text_len);

    if (!error)
        error = wasmrt_wat2wasm(text, text_len, 0, &read, &read_len);
    if (!error)
        error = wasmrt_wasm2wat(read, read_len, flags, &again, &again_len);
    if (error)
        FAIL("%s", wasmrt_error_message(error));
    CHECK_EQ(text_len, again_len);
    CHECK(strcmp(text, again) == 0);
    wasmrt_bytes_delete(text);
    wasmrt_bytes_delete(again);
    wasmrt_bytes_delete(read);
}

/* A module with one function of `n` times these bytes and then those. */
static uint8_t *repeated_body(const char *open, const char *close, size_t n,
                              size_t *len)
{
    static const char head[] = "\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\x0a";
    size_t size = 1 + n * (strlen(open) + strlen(close)) + 1;
    uint8_t *bytes = malloc(sizeof(head) - 1 + 12 + size), *at = bytes;
    size_t section = 1 + 5 + size;

    memcpy(at, head, sizeof(head) - 1);
    at += sizeof(head) - 1;
    for (int i = 0; i < 5; i++, section >>= 7)
        *at++ = (uint8_t)((section & 0x7f) | (i < 4 ? 0x80 : 0));
    *at++ = 1;
    for (size_t i = 0, rest = size; i < 5; i++, rest >>= 7)
        *at++ = (uint8_t)((rest & 0x7f) | (i < 4 ? 0x80 : 0));
    *at++ = 0;
    for (size_t i = 0; i < n; i++, at += strlen(open))
        memcpy(at, open, strlen(open));
    for (size_t i = 0; i < n; i++, at += strlen(close))
        memcpy(at, close, strlen(close));
    *at++ = 0x0b;
    *len = (size_t)(at - bytes);
    return bytes;
}

TEST(print_nests_as_deep_as_a_module_may)
{
    size_t len;
    uint8_t *bytes = repeated_body("\x02\x40", "\x0b", 300000, &len);

    check_fixpoint(bytes, len, 0);
    check_fixpoint(bytes, len, WASMRT_PRINT_FLAT);
    free(bytes);
    /* One long chain of operands: i32.const 1, eqz ..., drop. */
    bytes = repeated_body("\x41\x01", "\x45\x45\x1a", 100000, &len);
    check_fixpoint(bytes, len, 0);
    free(bytes);
}

TEST(print_refuses_what_would_be_too_long)
{
    struct wrt_printer p = {.alloc = &wrt_alloc_libc};
    wasmrt_error *error;

    CHECK(wrt_print_check(&p) == NULL);
    p.out.count = (size_t)WRT_LIMIT_MODULE_BYTES + 1;
    error = wrt_print_check(&p);
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_LIMIT);
    wasmrt_error_delete(error);
}

TEST(print_refuses_what_is_no_valid_module)
{
    char *out = NULL;
    size_t len;
    wasmrt_error *error =
        wasmrt_wasm2wat((const uint8_t *)"(module)", 8, 0, &out, &len);

    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_NOT_WASM);
    CHECK(!out);
    wasmrt_error_delete(error);
}

TEST(print_survives_every_failed_allocation)
{
    static const char text[] =
        "(module (type $t (struct (field i32)))"
        "(import \"m\" \"f\" (func (param i32)))"
        "(func (param i32) (result i32) (local i32 i64)"
        " (block (result i32) (br_table 0 0 (i32.const 1)"
        " (if (result i32) (local.get 0) (then i32.const 1)"
        " (else (i32.const 2))))) i32.const 1 nop drop)"
        "(table 1 funcref) (elem (i32.const 0) func 0) (@custom \"c\"))";
    static const unsigned flags[] = {0, WASMRT_PRINT_GENERATE_NAMES,
                                     WASMRT_PRINT_FLAT};
    struct test_heap heap;

    for (size_t i = 0; i < 3; i++) {
        long n = 0;

        do {
            struct test_module t;
            char *out = NULL;
            size_t len = 0;
            wasmrt_error *error;

            module_from_text(&t, text, WRT_FEATURES_ALL);
            test_heap_init(&heap, n++);
            error = wrt_text_print(&heap.alloc, t.m, flags[i], &out, &len);
            if (heap.fired)
                CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_OUT_OF_MEMORY);
            else
                CHECK(!error);
            wasmrt_error_delete(error);
            wrt_free(&heap.alloc, out, out ? len + 1 : 0);
            CHECK_EQ(heap.live_bytes, 0);
            module_delete(&t);
        } while (heap.fired);
        CHECK(n > 20);
    }
}

/* -- Branch hints ---------------------------------------------------------- */

TEST(print_puts_hints_in_front_of_branches)
{
    check_body("(block $l (@metadata.code.branch_hint \"\\01\") (br_if $l "
               "(local.get 0)) (@metadata.code.branch_hint \"\\00\") (if "
               "(local.get 0) (then)))",
               0,
               "    (block $l\n"
               "      (@metadata.code.branch_hint \"\\01\")\n"
               "      (br_if $l (local.get 0))\n"
               "      (@metadata.code.branch_hint \"\\00\")\n"
               "      (if (local.get 0)\n"
               "        (then)\n"
               "      )\n"
               "    )\n");
    check_body("(drop (block (result i32) (i32.eqz "
               "(@metadata.code.branch_hint \"\\01\") (br_if 0 (i32.const 1) "
               "(i32.const 2)))))",
               WASMRT_PRINT_FLAT,
               "    block (;@0;) (result i32)\n"
               "      i32.const 1\n"
               "      i32.const 2\n"
               "      (@metadata.code.branch_hint \"\\01\")\n"
               "      br_if 0 (;@0;)\n"
               "      i32.eqz\n"
               "    end\n"
               "    drop\n");
    check_body("(block (result i32) (i32.eqz (@metadata.code.branch_hint "
               "\"\\01\") (br_if 0 (i32.const 1) (i32.const 2)))) (drop)",
               0,
               "    (drop\n"
               "      (block (;@0;) (result i32)\n"
               "        (i32.eqz\n"
               "          (@metadata.code.branch_hint \"\\01\")\n"
               "          (br_if 0 (;@0;) (i32.const 1) (i32.const 2)))\n"
               "      ))\n");
}

/* A function of an if at offset 3, with a section of hints before the code. */
static char *print_hints(const char *section, unsigned flags)
{
    char hex[300];

    snprintf(hex, sizeof(hex),
             "01 04 01 600000 03 02 01 00 %s"
             "0a 09 01 07 00 4100 0440 0b 0b",
             section);
    return print_hex(hex, flags);
}

TEST(print_keeps_odd_branch_hints)
{
    static const char name[] = "19 6d657461646174612e636f64652e6272616e63685f68"
                               "696e74";
    static const char *const bytes[] = {
        "06 01 00 01 03 01 01",    /* as it should be */
        "07 8100 00 01 03 01 01",  /* with a long LEB128 */
        "06 01 00 01 02 01 01",    /* not at a branch */
        "06 01 00 01 03 01 02",    /* neither likely nor unlikely */
        "07 02 00 01 03 01 01 00", /* cut off */
    };

    for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
        char section[200], *out;
        size_t len = 1 + 0x19 + strtoul(bytes[i], NULL, 16);

        snprintf(section, sizeof(section), "00 %02zx %s %s", len, name,
                 bytes[i] + 2);
        out = print_hints(section, 0);
        CHECK(!!strstr(out, "(@custom \"metadata") == (i > 1));
        CHECK(!!strstr(out, "(@metadata") == (i <= 1));
        free(out);
    }
}
