/*
 * Every instruction of opcode.def goes through text reader, decoder, validator,
 * listing and printer: a module with it is made from text, listed, printed and
 * read back.  Code behind `unreachable` takes any operands, so one line per
 * kind of immediates is enough, and a new row is tested without a new test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/opcode.h"

#include "runtime/module/dump.h"
#include "runtime/text/text.h"
#include "tests/lib/test.h"
#include "tests/unit/modules.h"

#include <stdio.h>
#include <stdlib.h>

/* What the immediates below speak of. */
static const char environment[] =
    "(type $f (func)) (type $s (struct (field (mut i32)) (field (mut i8))))"
    "(type $a (array (mut i32))) (type $p (array (mut i8)))"
    "(type $r (array (mut funcref)))"
    "(table 1 funcref) (memory 1 1 shared) (tag $e)"
    "(global (mut i32) (i32.const 0)) (elem $i func 0) (data $d \"\")";

/* Immediates by their kind; NULL: none. */
static const char *const immediates[] = {
    [WRT_IMM_LABEL] = "0",
    [WRT_IMM_BR_TABLE] = "0 0",
    [WRT_IMM_FUNC] = "0",
    [WRT_IMM_CALL_INDIRECT] = "(type $f)",
    [WRT_IMM_TYPE] = "$a",
    [WRT_IMM_SELECT_T] = "(result i32)",
    [WRT_IMM_LOCAL] = "1",
    [WRT_IMM_GLOBAL] = "0",
    [WRT_IMM_TABLE] = "0",
    [WRT_IMM_TABLE_INIT] = "$i",
    [WRT_IMM_TABLE_COPY] = "0 0",
    [WRT_IMM_ELEM] = "$i",
    [WRT_IMM_MEMORY] = "0",
    [WRT_IMM_MEMORY_INIT] = "$d",
    [WRT_IMM_MEMORY_COPY] = "0 0",
    [WRT_IMM_DATA] = "$d",
    [WRT_IMM_MEMARG0] = "offset=4",
    [WRT_IMM_MEMARG1] = "offset=4 align=1",
    [WRT_IMM_MEMARG2] = "offset=0xffff_ffff",
    [WRT_IMM_MEMARG3] = "align=2",
    [WRT_IMM_MEMARG4] = "offset=8",
    [WRT_IMM_I32] = "-7",
    [WRT_IMM_I64] = "0x7fff_ffff_ffff_ffff",
    [WRT_IMM_F32] = "nan:0x200000",
    [WRT_IMM_F64] = "-0x1.8p-1074",
    [WRT_IMM_HEAP_TYPE] = "any",
    [WRT_IMM_REF_TYPE] = "(ref i31)",
    [WRT_IMM_TYPE_FIELD] = "$s 0",
    [WRT_IMM_TYPE_COUNT] = "$a 2",
    [WRT_IMM_TYPE_DATA] = "$a $d",
    [WRT_IMM_TYPE_ELEM] = "$r $i",
    [WRT_IMM_TYPE_TYPE] = "$a $a",
    [WRT_IMM_TAG] = "$e",
    [WRT_IMM_V128] = "i32x4 1 -2 3 0x80000000",
    [WRT_IMM_SHUFFLE] = "0 1 2 3 4 5 6 7 31 30 29 28 27 26 25 24",
    [WRT_IMM_LANE2] = "1",
    [WRT_IMM_LANE4] = "3",
    [WRT_IMM_LANE8] = "7",
    [WRT_IMM_LANE16] = "15",
    [WRT_IMM_MEMARG0_LANE] = "offset=4 15",
    [WRT_IMM_MEMARG1_LANE] = "align=1 7",
    [WRT_IMM_MEMARG2_LANE] = "0 offset=4 3",
    [WRT_IMM_MEMARG3_LANE] = "1",
    [WRT_IMM_ATOMIC0] = "offset=4",
    [WRT_IMM_ATOMIC1] = "",
    [WRT_IMM_ATOMIC2] = "offset=8",
    [WRT_IMM_ATOMIC3] = "",
};

/* Instructions that stand in blocks, or want another type. */
static const struct {
    enum wrt_op op;
    const char *code;
} special[] = {
    {WRT_OP_BLOCK, "block (result i32) unreachable end"},
    {WRT_OP_LOOP, "loop (param i32) drop end"},
    {WRT_OP_IF, "if (result i32) i32.const 1 else i32.const 2 end"},
    {WRT_OP_ELSE, "if else end"},
    {WRT_OP_TRY, "try catch $e catch_all end"},
    {WRT_OP_CATCH, "try catch $e end"},
    {WRT_OP_CATCH_ALL, "try catch_all end"},
    {WRT_OP_DELEGATE, "try delegate 0"},
    {WRT_OP_RETHROW, "try catch_all rethrow 0 end"},
    {WRT_OP_TRY_TABLE, "try_table (catch $e 0) (catch_all 0) end"},
    {WRT_OP_END, "block end"},
    {WRT_OP_CALL_REF, "call_ref $f"},
    {WRT_OP_RETURN_CALL_REF, "return_call_ref $f"},
    {WRT_OP_BR_ON_NON_NULL,
     "block (result (ref any)) unreachable br_on_non_null 0 unreachable end"},
    {WRT_OP_BR_ON_CAST, "block (result (ref i31)) unreachable br_on_cast 0 "
                        "anyref (ref i31) unreachable end"},
    {WRT_OP_BR_ON_CAST_FAIL,
     "block (result anyref) unreachable br_on_cast_fail 0 anyref (ref i31) "
     "unreachable end"},
    {WRT_OP_STRUCT_NEW, "struct.new $s"},
    {WRT_OP_STRUCT_NEW_DEFAULT, "struct.new_default $s"},
    {WRT_OP_STRUCT_GET_S, "struct.get_s $s 1"},
    {WRT_OP_STRUCT_GET_U, "struct.get_u $s 1"},
    {WRT_OP_ARRAY_GET_S, "array.get_s $p"},
    {WRT_OP_ARRAY_GET_U, "array.get_u $p"},
    {WRT_OP_REF_TEST_NULL, "ref.test (ref null $s)"},
    {WRT_OP_REF_CAST_NULL, "ref.cast (ref null func)"},
};

/* The module whose second function holds the instruction. */
static void write_module(enum wrt_op op, char *buf, size_t size)
{
    const struct wrt_op_info *info = &wrt_op_infos[op];
    const char *imm =
        info->imm < WRT_COUNTOF(immediates) ? immediates[info->imm] : NULL;
    char plain[200];
    const char *code = plain;

    snprintf(plain, sizeof(plain), "%s %s", info->text, imm ? imm : "");
    for (size_t i = 0; i < WRT_COUNTOF(special); i++) {
        if (special[i].op == op)
            code = special[i].code;
    }
    snprintf(buf, size,
             "(module %s (func) (func (param i64) (local i32) unreachable %s "
             "unreachable))",
             environment, code);
}

static char listing[8192];
static size_t listing_len;

static void collect(void *user, const char *text, size_t len)
{
    (void)user;
    CHECK(listing_len + len < sizeof(listing));
    memcpy(listing + listing_len, text, len);
    listing_len += len;
    listing[listing_len] = '\0';
}

/* The listing has the keyword at the begin of an instruction. */
static void check_listing(struct wrt_module *m, const char *keyword)
{
    const struct wrt_dump_options options = {
        .parts = WRT_DUMP_CODE, .func = "1", .write = collect};
    size_t len = strlen(keyword);
    const char *at = listing;

    listing_len = 0;
    CHECK(wrt_module_dump(m, &options) == NULL);
    while ((at = strstr(at, keyword)) != NULL) {
        if (at[-1] == ' ' && (at[len] == ' ' || at[len] == '\n'))
            return;
        at++;
    }
    FAIL("%s: not in %s", keyword, listing);
}

/* Printed and read back the module is the same. */
static void check_print(const struct test_module *t, unsigned flags)
{
    char *text = NULL;
    uint8_t *bytes = NULL;
    size_t text_len, len;

    CHECK(wrt_text_print(&wrt_alloc_libc, t->m, flags, &text, &text_len) ==
          NULL);
    CHECK(wrt_text_to_binary(&wrt_alloc_libc, text, text_len, true, &bytes,
                             &len) == NULL);
    if (len != t->len || memcmp(bytes, t->bytes, len) != 0)
        FAIL("reads back as something else: %s", text);
    free(text);
    free(bytes);
}

TEST(opcodes_go_through_text_listing_and_printer)
{
    for (unsigned op = WRT_OP_NONE + 1; op < WRT_OP_COUNT; op++) {
        struct test_module t;
        char text[1000];

        write_module((enum wrt_op)op, text, sizeof(text));
        module_from_text(&t, text, WRT_FEATURES_ALL);
        check_listing(t.m, wrt_op_infos[op].text);
        check_print(&t, 0);
        check_print(&t, 1); /* flat */
        module_delete(&t);
    }
}
