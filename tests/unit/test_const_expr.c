/*
 * Constant expressions: which are constant, what they become, what they give.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/const_expr.h"

#include "tests/lib/test.h"
#include "tests/unit/modules.h"

#include <stdio.h>

TEST(const_expr_admits_constant_instructions)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"(global i32 (i32.const 1))", ""},
        {"(global i32 (i64.const 1))",
         "type mismatch: instruction requires [i32] but stack has [i64]"},
        {"(global i32)", "type mismatch"},
        {"(global i32 (i32.const 1) (i32.const 2))",
         "type mismatch: block requires [] but stack has [i32]"},
        {"(global i32 (i32.ctz (i32.const 1)))",
         "constant expression required: i32.ctz"},
        {"(global i32 (nop) (i32.const 1))", "constant expression required"},
        {"(global i32 (i32.add (i32.const 1) (i32.const 2)))", ""},
        {"(global i64 (i64.mul (i64.const 1) (i64.sub (i64.const 1)"
         "(i64.const 2))))",
         ""},
        {"(global i32 (i32.add (i32.const 1)))", "type mismatch"},
        {"(global i32 (global.get 0))", "unknown global 0"},
        {"(global i32 (global.get 1)) (global i32 (i32.const 0))",
         "unknown global 1"},
        {"(import \"\" \"\" (global i32)) (global i32 (global.get 0))", ""},
        {"(import \"\" \"\" (global (mut i32))) (global i32 (global.get 0))",
         "constant expression required: global 0 is mutable"},
        {"(global i32 (i32.const 0)) (global i32 (global.get 0))", ""},
        {"(global funcref (ref.null func))", ""},
        {"(global funcref (ref.null extern))", "type mismatch"},
        {"(func $f) (global funcref (ref.func $f))", ""},
        {"(global funcref (ref.func 3))", "unknown function 3"},
        {"(memory 1) (data (i32.const 0) \"\")", ""},
        {"(memory 1) (data (i64.const 0) \"\")", "type mismatch"},
        {"(table 1 funcref) (elem (offset (i32.const 0)) funcref"
         "(item ref.null func))",
         ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_refusal(rows[i].text,
                      refusal_of_text(rows[i].text, WRT_FEATURES_DEFAULT),
                      rows[i].want);
    /* With the GC proposal globals of the module count, too. */
    CHECK_STR_EQ(refusal_of_text("(global i32 (i32.const 0))"
                                 "(global i32 (global.get 0))",
                                 WRT_FEATURES_ALL),
                 "");
}

/* The instance of the tests: global i is i + 100, function i is 0xf00 + i. */
static void global_get(void *user, uint32_t idx, union wrt_const_value *out)
{
    ++*(unsigned *)user;
    out->bits = idx + 100;
}

static void ref_func(void *user, uint32_t idx, union wrt_const_value *out)
{
    ++*(unsigned *)user;
    out->bits = 0xf00 + idx;
}

TEST(const_expr_values)
{
    static const struct {
        const char *type, *text;
        int form;
        uint64_t bits;
    } rows[] = {
        {"i32", "(i32.const -1)", WRT_CONST_VALUE, 0xffffffff},
        {"i64", "(i64.const -1)", WRT_CONST_VALUE, UINT64_MAX},
        {"f32", "(f32.const 1)", WRT_CONST_VALUE, 0x3f800000},
        {"f64", "(f64.const -0)", WRT_CONST_VALUE, (uint64_t)1 << 63},
        {"funcref", "(ref.null func)", WRT_CONST_VALUE, 0},
        {"i32", "(global.get 1)", WRT_CONST_GLOBAL, 101},
        {"funcref", "(ref.func 0)", WRT_CONST_FUNC, 0xf00},
        {"i32", "(i32.add (i32.const -1) (i32.const 2))", WRT_CONST_CODE, 1},
        {"i32", "(i32.sub (i32.const 1) (i32.const 2))", WRT_CONST_CODE,
         0xffffffff},
        {"i32", "(i32.mul (i32.const 0x10000) (i32.const 0x10001))",
         WRT_CONST_CODE, 0x10000},
        {"i64", "(i64.sub (i64.const 1) (i64.const 2))", WRT_CONST_CODE,
         UINT64_MAX},
        {"i64", "(i64.mul (i64.const 3) (i64.add (i64.const 4) (i64.const 5)))",
         WRT_CONST_CODE, 27},
        {"i32", "(i32.add (global.get 0) (global.get 1))", WRT_CONST_CODE, 201},
    };
    unsigned calls = 0;
    const struct wrt_const_env env = {
        .user = &calls, .global_get = global_get, .ref_func = ref_func};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct test_module t;
        union wrt_const_value value;
        char text[300];

        snprintf(text, sizeof(text),
                 "(import \"\" \"a\" (global i32))"
                 "(import \"\" \"b\" (global i32)) (func)"
                 "(global %s %s)",
                 rows[i].type, rows[i].text);
        module_from_text(&t, text, WRT_FEATURES_DEFAULT);
        CHECK_EQ((int)t.m->globals[2].init.form, rows[i].form);
        CHECK(wrt_const_expr_eval(t.m, &t.m->globals[2].init, &env, &value) ==
              NULL);
        if (value.bits != rows[i].bits)
            FAIL("%s gives 0x%llx", rows[i].text,
                 (unsigned long long)value.bits);
        module_delete(&t);
    }
    CHECK_EQ(calls, 4);
}

TEST(const_expr_stack_is_limited)
{
    static char text[60000];
    size_t n = (size_t)snprintf(text, sizeof(text), "(global i32 ");

    for (unsigned i = 0; i < 1000; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "i32.const 1 ");
    for (unsigned i = 0; i < 999; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "i32.add ");
    snprintf(text + n, sizeof(text) - n, ")");
    CHECK_STR_EQ(refusal_of_text(text, WRT_FEATURES_DEFAULT), "");
    memmove(text + 24, text + 12, strlen(text + 12) + 1);
    memcpy(text + 12, "i32.const 1 ", 12);
    CHECK_STR_HAS(refusal_of_text(text, WRT_FEATURES_DEFAULT),
                  "limit exceeded: operand stack of a constant expression");
}
