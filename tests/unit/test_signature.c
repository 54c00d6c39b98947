/*
 * Signatures of functions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/signature.h"

#include "tests/lib/test.h"

#include <stdlib.h>
#include <string.h>

TEST(signature_is_parsed)
{
    static const struct {
        const char *text;
        uint32_t nparams, nresults;
        wrt_valtype first, last;
    } cases[] = {
        {"() -> i32", 0, 1, WRT_KIND_I32, WRT_KIND_I32},
        {"(i32) -> ()", 1, 0, WRT_KIND_I32, WRT_KIND_I32},
        {"(i32 i64) -> f64", 2, 1, WRT_KIND_I32, WRT_KIND_F64},
        {"(f32)->(v128 f32)", 1, 2, WRT_KIND_F32, WRT_KIND_F32},
        {" ( funcref\t) -> ( externref ) ", 1, 1, WRT_FUNCREF, WRT_EXTERNREF},
        {"(anyref) -> exnref", 1, 1, WRT_REF(WRT_HEAP_ANY, true),
         WRT_REF(WRT_HEAP_EXN, true)},
    };

    for (size_t i = 0; i < WRT_COUNTOF(cases); i++) {
        struct wrt_signature s;

        CHECK(wrt_signature_parse(cases[i].text, &s) == NULL);
        CHECK_EQ(s.nparams, cases[i].nparams);
        CHECK_EQ(s.nresults, cases[i].nresults);
        CHECK_EQ(s.values[0], cases[i].first);
        CHECK_EQ(s.values[s.nparams + s.nresults - 1], cases[i].last);
    }
}

TEST(signature_errors_say_what_and_where)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "expected \"(\" at column 1"},
        {"i32 -> i32", "expected \"(\" at column 1"},
        {"(i32", "expected a value type or \")\" at column 5"},
        {"(i33) -> ()", "expected a value type or \")\" at column 2"},
        {"(i32i64) -> ()", "expected a value type"},
        {"(i32)", "expected \"->\" at column 6"},
        {"(i32) -> ", "expected a value type or \"(\" at column 10"},
        {"() -> i32 i32", "expected the end at column 11"},
        {"() -> (i32", "expected a value type or \")\""},
    };

    for (size_t i = 0; i < WRT_COUNTOF(cases); i++) {
        struct wrt_signature s;
        wasmrt_error *error = wrt_signature_parse(cases[i].text, &s);

        CHECK(error != NULL);
        CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_MISUSE);
        CHECK_STR_HAS(wasmrt_error_message(error), cases[i].says);
        wasmrt_error_delete(error);
    }
}

/* "(i32 i32 ...) -> ()" */
static char *many_params(size_t count)
{
    char *text = malloc(count * 4 + 16), *at = text;

    *at++ = '(';
    for (size_t i = 0; i < count; i++, at += 4)
        memcpy(at, "i32 ", 4);
    memcpy(at, ") -> ()", 8);
    return text;
}

TEST(signature_has_as_many_types_as_a_function)
{
    char *text = many_params(WRT_LIMIT_FUNC_PARAMS);
    struct wrt_signature s;
    wasmrt_error *error;

    CHECK(wrt_signature_parse(text, &s) == NULL);
    CHECK_EQ(s.nparams, WRT_LIMIT_FUNC_PARAMS);
    free(text);
    text = many_params(WRT_LIMIT_FUNC_PARAMS + 1);
    error = wrt_signature_parse(text, &s);
    CHECK(error != NULL);
    CHECK_STR_HAS(wasmrt_error_message(error), "fewer types");
    wasmrt_error_delete(error);
    free(text);
}

TEST(signature_and_type_agree)
{
    struct wrt_types *types;
    const struct wrt_type *a, *b;
    struct wrt_signature s;

    CHECK(wrt_types_new(&wrt_alloc_libc, &types) == NULL);
    CHECK(wrt_signature_type(types, "(i32 v128) -> f64", &a) == NULL);
    CHECK(wrt_signature_type(types, "(i32 v128)->(f64)", &b) == NULL);
    CHECK_EQ(a, b);
    CHECK_EQ(a->param_slots, 3);
    CHECK_EQ(a->result_slots, 1);
    CHECK(wrt_signature_parse("(i32 v128) -> f64", &s) == NULL);
    CHECK(wrt_signature_matches(&s, a));
    CHECK(wrt_signature_parse("(i32 v128) -> f32", &s) == NULL);
    CHECK(!wrt_signature_matches(&s, a));
    CHECK(wrt_signature_parse("(i32) -> (v128 f64)", &s) == NULL);
    CHECK(!wrt_signature_matches(&s, a));
    wrt_types_release_group(types, a->id);
    wrt_types_release_group(types, b->id);
    wrt_types_delete(types);
}
