/*
 * The reader of test scripts: each command, the values, and what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasmrt/text.h"

#include "tests/lib/test.h"

#include <string.h>

static wasmrt_script *open_script(const char *text)
{
    wasmrt_script *script = NULL;
    wasmrt_error *error = wasmrt_script_new(text, strlen(text), &script);

    if (error)
        FAIL("%s: %s", text, wasmrt_error_message(error));
    return script;
}

static const wasmrt_script_command *next(wasmrt_script *script)
{
    const wasmrt_script_command *c = NULL;
    wasmrt_error *error = wasmrt_script_next(script, &c);

    if (error)
        FAIL("%s", wasmrt_error_message(error));
    return c;
}

TEST(script_gives_each_kind_of_command_with_its_line)
{
    static const struct {
        const char *text;
        wasmrt_script_kind kind;
    } cases[] = {
        {"(module $m)", WASMRT_SCRIPT_MODULE},
        {"(module definition $m (func))", WASMRT_SCRIPT_DEFINITION},
        {"(module instance $i $m)", WASMRT_SCRIPT_INSTANCE},
        {"(register \"a\" $i)", WASMRT_SCRIPT_REGISTER},
        {"(invoke $i \"f\")", WASMRT_SCRIPT_ACTION},
        {"(get \"g\")", WASMRT_SCRIPT_ACTION},
        {"(assert_return (invoke \"f\"))", WASMRT_SCRIPT_ASSERT_RETURN},
        {"(assert_trap (invoke \"f\") \"x\")", WASMRT_SCRIPT_ASSERT_TRAP},
        {"(assert_trap (module) \"x\")", WASMRT_SCRIPT_ASSERT_UNINSTANTIABLE},
        {"(assert_exhaustion (invoke \"f\") \"x\")",
         WASMRT_SCRIPT_ASSERT_EXHAUSTION},
        {"(assert_exception (invoke \"f\"))", WASMRT_SCRIPT_ASSERT_EXCEPTION},
        {"(assert_malformed (module quote \"x\") \"x\")",
         WASMRT_SCRIPT_ASSERT_MALFORMED},
        {"(assert_invalid (module) \"x\")", WASMRT_SCRIPT_ASSERT_INVALID},
        {"(assert_unlinkable (module) \"x\")", WASMRT_SCRIPT_ASSERT_UNLINKABLE},
        {"(assert_malformed_custom (module) \"x\")",
         WASMRT_SCRIPT_ASSERT_MALFORMED_CUSTOM},
        {"(assert_invalid_custom (module) \"x\")",
         WASMRT_SCRIPT_ASSERT_INVALID_CUSTOM},
        {"(thread $t (shared (module $m)) (invoke \"f\"))",
         WASMRT_SCRIPT_THREAD},
        {"(wait $t)", WASMRT_SCRIPT_WAIT},
    };
    enum { CASES = sizeof(cases) / sizeof(cases[0]) };
    char text[4096] = ";; first line\n";
    wasmrt_script *script;

    for (size_t i = 0; i < CASES; i++) {
        strcat(text, cases[i].text);
        strcat(text, "\n");
    }
    script = open_script(text);
    for (size_t i = 0; i < CASES; i++) {
        const wasmrt_script_command *c = next(script);

        CHECK_EQ(c->kind, cases[i].kind);
        CHECK_EQ(c->line, i + 2);
    }
    CHECK(!next(script));
    CHECK(!next(script));
    wasmrt_script_delete(script);
}

TEST(script_modules_come_as_bytes_or_with_their_error)
{
    wasmrt_script *script =
        open_script("(module $\"a b\" (func)) (module binary \"\\00as\" \"m\")"
                    "(module quote \"(fu\" \"nc)\") (module (func))");
    const wasmrt_script_command *c = next(script);

    CHECK_STR_EQ(c->name, "a b");
    CHECK(c->bytes && !c->error);
    CHECK_MEM_EQ(c->bytes, "\0asm", 4);
    c = next(script);
    CHECK_EQ(c->len, 4);
    CHECK_MEM_EQ(c->bytes, "\0asm", 4);
    /* The parts of a quoted module are apart. */
    c = next(script);
    CHECK(!c->bytes);
    CHECK_EQ(wasmrt_error_code(c->error), WASMRT_ERR_TEXT_UNKNOWN_OPERATOR);
    c = next(script);
    CHECK(c->bytes && !c->error);
    wasmrt_script_delete(script);
}

TEST(script_values_and_patterns)
{
    wasmrt_script *script = open_script(
        "(assert_return (invoke $i \"f\" (i32.const -1) (i64.const 0x10)"
        " (f32.const -0) (v128.const i16x8 1 2 3 4 5 6 7 0xffff)"
        " (ref.null extern) (ref.extern 3))"
        " (f64.const nan:canonical) (either (i32.const 1) (i32.const 2))"
        " (v128.const f32x4 1 nan:arithmetic 0 nan:canonical)"
        " (ref.func) (ref.null) (ref.i31))");
    const wasmrt_script_command *c = next(script);

    CHECK_STR_EQ(c->module, "i");
    CHECK_STR_EQ(c->field, "f");
    CHECK_EQ(c->nargs, 6);
    CHECK_EQ(c->args[0].bits, 0xffffffff);
    CHECK_EQ(c->args[1].bits, 16);
    CHECK_EQ(c->args[2].bits, 0x80000000);
    CHECK_MEM_EQ(c->args[3].v128, "\1\0\2\0\3\0\4\0\5\0\6\0\7\0\xff\xff", 16);
    CHECK_EQ(c->args[4].type, WASMRT_SCRIPT_REF_NULL);
    CHECK_STR_EQ(c->args[4].heap, "extern");
    CHECK_EQ(c->args[5].type, WASMRT_SCRIPT_REF_EXTERN);
    CHECK_EQ(c->args[5].bits, 3);
    CHECK_EQ(c->nresults, 6);
    CHECK_EQ(c->results[0].nan[0], WASMRT_SCRIPT_CANONICAL_NAN);
    CHECK_EQ(c->results[1].nalternatives, 2);
    CHECK_EQ(c->results[1].alternatives[1].bits, 2);
    CHECK_EQ(c->results[2].nan[0], WASMRT_SCRIPT_EXACT);
    CHECK_EQ(c->results[2].nan[1], WASMRT_SCRIPT_ARITHMETIC_NAN);
    CHECK_EQ(c->results[2].nan[3], WASMRT_SCRIPT_CANONICAL_NAN);
    CHECK_STR_EQ(c->results[3].heap, "func");
    CHECK(!c->results[4].heap);
    CHECK_STR_EQ(c->results[5].heap, "i31");
    wasmrt_script_delete(script);
}

TEST(script_thread_bodies_are_scripts)
{
    wasmrt_script *script = open_script(
        "(thread $t (shared (module $m)) (invoke \"f\") (wait $u))(wait $t)");
    const wasmrt_script_command *c = next(script);
    wasmrt_script *body = NULL;

    CHECK_STR_EQ(c->shared, "m");
    CHECK(!wasmrt_script_new(c->body, c->body_len, &body));
    CHECK_STR_EQ(next(body)->field, "f");
    CHECK_STR_EQ(next(body)->name, "u");
    CHECK(!next(body));
    wasmrt_script_delete(body);
    CHECK_STR_EQ(next(script)->name, "t");
    wasmrt_script_delete(script);
}

TEST(script_without_parentheses_is_one_module)
{
    wasmrt_script *script = open_script("(func) (memory 0)");
    const wasmrt_script_command *c = next(script);

    CHECK_EQ(c->kind, WASMRT_SCRIPT_MODULE);
    CHECK(c->bytes && !c->error);
    CHECK(!next(script));
    wasmrt_script_delete(script);
}

TEST(script_refuses_what_is_no_command)
{
    static const char *const texts[] = {
        "module",
        "(modul)",
        "(foo)",
        "(invoke)",
        "(invoke \"f\" (i32.const))",
        "(invoke \"f\" (f32.const nan:canonical))",
        "(invoke \"f\" (either (i32.const 1)))",
        "(invoke \"f\" (i32.add))",
        "(assert_return (module))",
        "(assert_trap (invoke \"f\"))",
        "(assert_return (invoke \"f\") (i32.const 1)",
        "(assert_return (invoke \"f\") (either (i32.const 1) 2))",
        "(register)",
        "(register \"a\" 1)",
        "(thread $t",
        "(module instance 1)",
        "(module))",
        "(module) x",
        "(wait \"t\")",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        wasmrt_script *script = open_script(texts[i]);
        const wasmrt_script_command *c = NULL;
        wasmrt_error *error = NULL;

        do
            error = wasmrt_script_next(script, &c);
        while (!error && c && !c->error);
        if (!error && !(c && c->error))
            FAIL("%s: accepted", texts[i]);
        wasmrt_error_delete(error);
        /* Once it has failed, it is over. */
        if (error)
            CHECK(!next(script));
        wasmrt_script_delete(script);
    }
}
