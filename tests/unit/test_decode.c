/*
 * The binary decoder: what is malformed and how that is called, limits,
 * features, memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/module.h"

#include "tests/lib/heap.h"
#include "tests/lib/test.h"
#include "tests/unit/modules.h"

#include <stdio.h>
#include <stdlib.h>

/* Bytes behind the header, and the beginning of the message; "" is accepted. */
struct row {
    const char *hex, *want;
};

static void check_rows(const struct row *rows, size_t count,
                       wrt_features features)
{
    for (size_t i = 0; i < count; i++)
        check_refusal(rows[i].hex, refusal_of_hex(rows[i].hex, features),
                      rows[i].want);
}

#define CHECK_ROWS(rows, features)                                             \
    check_rows(rows, sizeof(rows) / sizeof((rows)[0]), features)

TEST(decode_checks_the_header)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *want;
    } rows[] = {
        {"", 0, "unexpected end"},
        {"\0as", 3, "unexpected end"},
        {"\0asm", 4, "unexpected end"},
        {"\0asm\1\0\0", 7, "unexpected end"},
        {"\0asm\1\0\0\0", 8, ""},
        {"wasm\1\0\0\0", 8, "magic header not detected"},
        {"\0asm\2\0\0\0", 8, "unknown binary version"},
        {"\0asm\r\0\1\0", 8, "a component, where a core module is expected"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_refusal(rows[i].want,
                      refusal_of_bytes((const uint8_t *)rows[i].bytes,
                                       rows[i].len, WRT_FEATURES_DEFAULT),
                      rows[i].want);
}

TEST(decode_checks_order_and_size_of_sections)
{
    static const struct row rows[] = {
        {"0100", "unexpected end of section or function"},
        {"010100", ""},
        {"010100 030100 0a0100", ""},
        {"010100 010100", "unexpected content after last section"},
        {"030100 010100", "unexpected content after last section"},
        {"050100 0d0100 060100", ""},
        {"060100 0d0100", "unexpected content after last section"},
        {"090100 0c0100 0a0100 0b0100", ""},
        {"0e00", "malformed section id"},
        {"8001", "malformed section id"},
        {"01", "unexpected end"},
        {"0105", "length out of bounds"},
        {"01ffffffff0f", "length out of bounds"},
        {"0102 00 00", "section size mismatch"},
        {"0101 01 60 0000", "section size mismatch"},
    };

    CHECK_ROWS(rows, WRT_FEATURES_ALL);
}

TEST(decode_reads_custom_sections)
{
    static const struct row rows[] = {
        {"0001 00", ""},
        {"0005 0161 010203", ""},
        {"0000", "unexpected end"},
        {"0002 0261", "length out of bounds"},
        {"0002 01ff", "malformed UTF-8 encoding"},
        {"0003 026161", ""},
    };
    struct wrt_types *types;
    struct wrt_module *m;
    size_t len;
    uint8_t *bytes = bytes_from_hex("0003 016178 0101 00 0002 0162", &len);

    CHECK_ROWS(rows, WRT_FEATURES_DEFAULT);
    CHECK(wrt_types_new(&wrt_alloc_libc, &types) == NULL);
    CHECK(wrt_module_decode(&wrt_alloc_libc, types, 0, bytes, len, true, &m) ==
          NULL);
    free(bytes); /* the module has a copy */
    CHECK_EQ(m->ncustoms, 2);
    CHECK_STR_EQ(m->customs[0].name.text, "a");
    CHECK_EQ(m->customs[0].len, 1);
    CHECK_EQ(m->customs[0].bytes[0], 'x');
    CHECK_EQ(m->customs[0].after, 0);
    CHECK_EQ(m->customs[1].after, WRT_SECTION_TYPE);
    wrt_module_unref(m);
    wrt_types_delete(types);
}

TEST(decode_checks_types)
{
    static const struct row rows[] = {
        {"0104 01 600000", ""},
        {"0105 01 60017f00", ""},
        {"0102 01 61", "malformed type form"},
        {"0103 01 e07f", "integer representation too long"},
        {"0105 01 60017a00", "malformed value type"},
        {"0106 01 6000027f7f", ""},
        {"0102 01 60", "unexpected end"},
        {"0106 01 60 e907 0000", "limit exceeded: number of parameters"},
        {"0105 01 60 01 7b 00", ""},
        {"0106 02 600000 5f00", ""},
        {"0104 01 5e 77 02", "malformed mutability"},
        {"0108 02 50 00 5f00 50 0200", "sub type"},
        {"0106 01 50 0100 5f00", "unknown type"},
        {"0104 01 4e 00 00", "section size mismatch"},
        {"0103 01 4e 00", ""},
        {"0109 01 4e02 600000 600000", ""},
    };

    CHECK_ROWS(rows, WRT_FEATURES_ALL);
}

/* A subtype must fit a supertype that is not final. */
TEST(decode_checks_supertypes)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"(type $a (sub (struct))) (type (sub $a (struct (field i32))))", ""},
        {"(type $a (struct)) (type (sub $a (struct)))", "sub type"},
        {"(type $a (sub (struct (field i32)))) (type (sub $a (struct)))",
         "sub type"},
        {"(type $a (sub (struct (field i32))))"
         "(type (sub $a (struct (field i64))))",
         "sub type"},
        {"(type $a (sub (struct (field (mut anyref)))))"
         "(type (sub $a (struct (field (mut eqref)))))",
         "sub type"},
        {"(type $a (sub (struct (field anyref))))"
         "(type (sub $a (struct (field eqref))))",
         ""},
        {"(type $a (sub (func (param eqref) (result anyref))))"
         "(type (sub $a (func (param anyref) (result eqref))))",
         ""},
        {"(type $a (sub (func (param anyref))))"
         "(type (sub $a (func (param eqref))))",
         "sub type"},
        {"(type $a (sub (array i8))) (type (sub $a (array i16)))", "sub type"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_refusal(rows[i].text,
                      refusal_of_text(rows[i].text, WRT_FEATURES_ALL),
                      rows[i].want);
}

TEST(decode_checks_limits_of_tables_and_memories)
{
    static const struct row rows[] = {
        {"0503 01 0001", ""},
        {"0504 01 010001", ""},
        {"0504 01 010100", "size minimum must not be greater than maximum"},
        {"0502 01 10", "malformed limits flags"},
        {"0503 01 0201", "shared memory must have maximum"},
        {"0504 01 030101", ""},
        {"0505 01 00 818004", "memory size must be at most 65536 pages (4GiB)"},
        {"0505 01 00 808004", ""},
        {"0505 01 04 818004", ""},
        {"0504 01 080100", ""},
        {"0504 01 080101", "invalid custom page size"},
        {"0404 01 700001", ""},
        {"0404 01 700801", "malformed limits flags"},
        {"0404 01 7f0001", "malformed reference type"},
        {"0408 01 7000 8080808010", "table size must be at most 2^32-1"},
        {"0408 01 7004 8080808010", ""},
        {"0405 01 64 70 0001", "type mismatch"},
        {"0409 01 4000 6370 0001 d070", "unexpected end"},
        {"040a 01 4000 6370 0001 d0700b", ""},
    };

    CHECK_ROWS(rows, WRT_FEATURES_ALL);
}

TEST(decode_checks_imports_exports_and_start)
{
    static const struct row rows[] = {
        {"0208 01 0161 0162 037f02", "malformed mutability"},
        {"0208 01 0161 0162 037f01", ""},
        {"0207 01 0161 0162 0501", "malformed import kind"},
        {"0207 01 0161 0162 0000", "unknown type 0"},
        {"0207 01 01c0 0162 0000", "malformed UTF-8 encoding"},
        {"0503 01 0001 0705 01 0161 0200", ""},
        {"0503 01 0001 0705 01 0161 0201", "unknown memory 1"},
        {"0705 01 0161 0000", "unknown function 0"},
        {"0705 01 0161 0100", "unknown table 0"},
        {"0705 01 0161 0300", "unknown global 0"},
        {"0705 01 0161 0400", "unknown tag 0"},
        {"0705 01 0161 0600", "malformed export kind"},
        {"0503 01 0001 0709 02 0161 0200 0161 0200", "duplicate export name"},
        {"0801 00", "unknown function 0"},
        {"0104 01 600000 0302 01 00 0801 00 0a04 01 02000b", ""},
        {"0105 01 60017f00 0302 01 00 0801 00 0a04 01 02000b",
         "start function"},
        {"0d03 01 0100", "malformed tag attribute"},
        {"0105 01 6000017f 0d03 01 0000", "non-empty tag result type"},
    };

    CHECK_ROWS(rows, WRT_FEATURES_ALL);
}

TEST(decode_checks_segments)
{
    static const struct row rows[] = {
        {"0404 01 700001 0906 01 00 41000b 00", ""},
        {"0906 01 00 41000b 00", "unknown table 0"},
        {"0404 01 700001 0907 01 00 41000b 0105", "unknown function 5"},
        {"0902 01 08", "malformed segment flags"},
        {"0904 01 01 01 00", "malformed element kind"},
        {"0907 01 05 70 01 d0700b", ""},
        {"0906 01 05 7f 01 d070", "malformed reference type"},
        {"0404 01 6f0001 0906 01 00 41000b 00", "type mismatch"},
        {"0503 01 0001 0b07 01 00 41000b 0161", ""},
        {"0503 01 0001 0b07 01 00 41000b 0261", "unexpected end"},
        {"0503 01 0001 0b07 01 00 42000b 0161", "type mismatch"},
        {"0b07 01 00 41000b 0161", "unknown memory 0"},
        {"0b04 01 01 0161", ""},
        {"0b04 01 03 0161", "malformed segment flags"},
        {"0c01 01 0b04 01 01 0161", ""},
        {"0c01 02 0b04 01 01 0161",
         "data count and data section have inconsistent lengths"},
        {"0c01 01", "data count and data section have inconsistent lengths"},
    };

    CHECK_ROWS(rows, WRT_FEATURES_ALL);
}

TEST(decode_checks_code)
{
#define ONE_FUNC "0104 01 600000 0302 01 00 "
    static const struct row rows[] = {
        {ONE_FUNC "0a04 01 02000b", ""},
        {ONE_FUNC, "function and code section have inconsistent lengths"},
        {ONE_FUNC "0a01 00",
         "function and code section have inconsistent lengths"},
        {"0a04 01 02000b",
         "function and code section have inconsistent lengths"},
        {ONE_FUNC "0a05 01 0300 01 0b", ""},
        {ONE_FUNC "0a05 01 0300 0b 01", "END opcode expected"},
        {ONE_FUNC "0a05 01 0300 0b 0b", "END opcode expected"},
        {ONE_FUNC "0a04 01 0200 01", "unexpected end"},
        {ONE_FUNC "0a04 01 0200 01 0b0100", "section size mismatch"},
        {ONE_FUNC "0a03 01 0105", "unexpected end"},
        {ONE_FUNC "0a05 01 0300 ff 0b", "illegal opcode ff"},
        {ONE_FUNC "0a06 01 0400 fc7f 0b", "illegal opcode fc"},
        {ONE_FUNC "0a04 01 0401 7f", "unexpected end"},
        {ONE_FUNC "0a0a 01 0801 ffffffff0f 7f 0b", "limit exceeded: number of "
                                                   "locals"},
        {ONE_FUNC "0a10 01 0e02 ffffffff0f 7f ffffffff0f 7f 0b",
         "too many locals"},
        {ONE_FUNC "0a08 01 0601 d08603 7f 0b", ""},
        {ONE_FUNC "0a08 01 0601 d18603 7f 0b",
         "limit exceeded: number of locals of a function is 50001 "
         "(limit 50000)"},
        {ONE_FUNC "0a07 01 0500 02 41 0b 0b", "malformed value type"},
        {ONE_FUNC "0a07 01 0500 02 80 0b 0b", "unknown type"},
    };

    CHECK_ROWS(rows, WRT_FEATURES_DEFAULT);
}

TEST(decode_reads_limits_as_wide_as_indices_may_be)
{
    static const struct row wide[] = {
        {"0507 01 00 8080808010", "memory size must be at most 65536 pages"},
        {"0507 01 04 8080808010", ""},
        {"0504 01 08 0000", ""},
        {"0504 01 08 0010", ""},
        {"0504 01 08 0001", "invalid custom page size: 2^1"},
        {"0504 01 08 0041", "invalid custom page size: 2^65"},
        {"0502 01 08", "malformed limits flags"},
        {"0503 01 08 00", "unexpected end"},
    };
    static const struct row narrow[] = {
        {"0507 01 00 8080808010", "integer too large"},
        {"0506 01 00 80808004", "memory size must be at most 65536 pages"},
        {"0408 01 70 00 8080808010", "integer too large"},
    };

    CHECK_ROWS(wide, WRT_FEATURES_DEFAULT);
    CHECK_ROWS(narrow, WRT_FEATURES_DEFAULT & ~WRT_FEATURE_MEMORY64);
}

TEST(decode_names_the_feature_that_is_off)
{
    /* What WebAssembly 2.0 has, except for vectors. */
    enum {
        OLDER = WRT_FEATURE_MVP | WRT_FEATURE_MUTABLE_GLOBALS |
                WRT_FEATURE_SIGN_EXTENSION | WRT_FEATURE_SAT_TRUNC |
                WRT_FEATURE_MULTI_VALUE | WRT_FEATURE_BULK_MEMORY |
                WRT_FEATURE_REFERENCE_TYPES | WRT_FEATURE_EXTENDED_CONST
    };
    static const struct {
        const char *text, *option;
    } rows[] = {
        {"(func (param v128))", "simd"},
        {"(func (local v128))", "simd"},
        {"(func (drop (block (result v128) unreachable)))", "simd"},
        {"(func (return_call 0))", "tail-call"},
        {"(tag)", "exceptions"},
        {"(func throw_ref)", "exceptions"},
        {"(func (param (ref func)))", "function-references"},
        {"(type (struct))", "gc"},
        {"(func (param anyref))", "gc"},
        {"(func (drop (ref.i31 (i32.const 0))))", "gc"},
        {"(memory 1) (memory 1)", "multi-memory"},
        {"(memory i64 1)", "memory64"},
        {"(table i64 1 funcref)", "memory64"},
        {"(memory 1 1 shared)", "threads"},
        {"(func atomic.fence)", "threads"},
        {"(func (i64.const 0) (i64.const 0) i64.mul_wide_s drop drop)",
         "wide-arithmetic"},
    };
    char want[100];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(want, sizeof(want), "feature is not enabled: %s (--enable=%s)",
                 rows[i].option, rows[i].option);
        check_refusal(rows[i].text, refusal_of_text(rows[i].text, OLDER), want);
    }
}

TEST(decode_respects_features_that_were_turned_off)
{
    static const struct {
        const char *text;
        wrt_features off;
        const char *option;
    } rows[] = {
        {"(func (result i32 i32) (i32.const 0) (i32.const 0))",
         WRT_FEATURE_MULTI_VALUE, "multi-value"},
        {"(func (drop (i32.extend8_s (i32.const 0))))",
         WRT_FEATURE_SIGN_EXTENSION, "sign-extension"},
        {"(func (drop (i32.trunc_sat_f32_s (f32.const 0))))",
         WRT_FEATURE_SAT_TRUNC, "saturating-trunc"},
        {"(memory 1) (func (memory.fill (i32.const 0) (i32.const 0)"
         "(i32.const 0)))",
         WRT_FEATURE_BULK_MEMORY, "bulk-memory"},
        {"(memory 1) (data \"x\")", WRT_FEATURE_BULK_MEMORY, "bulk-memory"},
        {"(table 1 externref)", WRT_FEATURE_REFERENCE_TYPES, "reference-types"},
        {"(table 1 funcref) (table 1 funcref)", WRT_FEATURE_REFERENCE_TYPES,
         "reference-types"},
        {"(import \"\" \"\" (table 1 funcref))"
         "(import \"\" \"\" (table 1 funcref))",
         WRT_FEATURE_REFERENCE_TYPES, "reference-types"},
        {"(global (export \"g\") (mut i32) (i32.const 0))",
         WRT_FEATURE_MUTABLE_GLOBALS, "mutable-globals"},
        {"(global i32 (i32.add (i32.const 1) (i32.const 2)))",
         WRT_FEATURE_EXTENDED_CONST, "extended-const"},
    };
    char want[100];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(want, sizeof(want), "feature is not enabled: %s (",
                 rows[i].option);
        check_refusal(
            rows[i].text,
            refusal_of_text(rows[i].text, WRT_FEATURES_DEFAULT & ~rows[i].off),
            want);
        check_refusal(rows[i].text,
                      refusal_of_text(rows[i].text, WRT_FEATURES_DEFAULT), "");
    }
}

/* Has every section and most forms of each. */
static const char representative[] =
    "(module $rep"
    "  (type $s (sub (struct (field (mut i32)) (field (ref null $s)))))"
    "  (rec (type $r1 (struct (field (ref null $r2))))"
    "       (type $r2 (sub $s (struct (field (mut i32)) (field (ref null $s))"
    "                                 (field i8)))))"
    "  (type $f (func (param i32 i64) (result i32)))"
    "  (import \"env\" \"f\" (func $imp (type $f)))"
    "  (import \"env\" \"g\" (global $ig i32))"
    "  (import \"env\" \"m\" (memory 1 2))"
    "  (table $t 10 20 funcref)"
    "  (table $t2 1 externref)"
    "  (tag $e (param i32))"
    "  (global $g (mut i64) (i64.add (i64.const 1) (i64.const 2)))"
    "  (global $g2 i32 (global.get $ig))"
    "  (global $g3 funcref (ref.func $main))"
    "  (export \"main\" (func $main)) (export \"t\" (table $t))"
    "  (export \"memory\" (memory 0)) (export \"g\" (global $g2))"
    "  (start $start)"
    "  (elem (table $t) (i32.const 0) func $main $start $imp)"
    "  (elem declare func $start)"
    "  (elem $p funcref (ref.func $main) (ref.null func))"
    "  (func $start (local i32 i32 f64)"
    "    (loop $l (br_if $l (i32.eqz (local.tee 0 (i32.const 1))))))"
    "  (func $main (type $f) (local $x f32)"
    "    (block $b (block $c"
    "      (br_table $b $c $b (local.get 0))))"
    "    (if (result i32) (i32.load offset=8 (local.get 0))"
    "      (then (call $imp (i32.const 1) (i64.const -1)))"
    "      (else (call_indirect (type $f) (i32.const 1) (i64.const 2)"
    "                           (i32.const 0))))"
    "    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))"
    "    (table.init $t $p (i32.const 0) (i32.const 0) (i32.const 1)))"
    "  (data $d \"passive\")"
    "  (data (i32.const 16) \"active\\00\"))";

static void representative_bytes(struct test_module *t)
{
    module_from_text(t, representative, WRT_FEATURES_ALL);
}

TEST(decode_keeps_what_the_module_says)
{
    struct test_module t;
    const struct wrt_module *m;

    representative_bytes(&t);
    m = t.m;
    CHECK_EQ(m->ntypes, 6);
    CHECK_EQ(m->nfuncs, 3);
    CHECK_EQ(m->nimported_funcs, 1);
    CHECK_EQ(m->nimports, 3);
    CHECK_STR_EQ(m->imports[2].field.text, "m");
    CHECK_EQ(m->imports[2].kind, WRT_EXTERN_MEMORY);
    CHECK_EQ(m->memories[0].min, 1);
    CHECK_EQ(m->memories[0].max, 2);
    CHECK_EQ(m->ntables, 2);
    CHECK_EQ(m->tables[0].type.limits.max, 20);
    CHECK_EQ(m->tables[1].type.elem, WRT_EXTERNREF);
    CHECK_EQ(m->nglobals, 4);
    CHECK(m->globals[1].type.is_mutable);
    CHECK_EQ(m->globals[2].init.form, WRT_CONST_GLOBAL);
    CHECK_EQ(m->globals[3].init.form, WRT_CONST_FUNC);
    CHECK_EQ(m->nelems, 3);
    CHECK_EQ(m->elems[0].count, 3);
    CHECK_EQ(m->elems[0].funcs[2], 0);
    CHECK_EQ(m->elems[1].mode, WRT_SEGMENT_DECLARED);
    CHECK_EQ(m->elems[2].mode, WRT_SEGMENT_PASSIVE);
    CHECK(m->funcs[2].is_declared);
    CHECK(m->has_start);
    CHECK_EQ(m->start_func, 1);
    CHECK_EQ(m->ndatas, 2);
    CHECK_EQ(m->datas[0].mode, WRT_SEGMENT_PASSIVE);
    CHECK_EQ(m->datas[1].len, 7);
    CHECK_EQ(m->ntags, 1);
    CHECK_EQ(wrt_module_find_export(m, "main", 4)->index, 2);
    CHECK_EQ(wrt_module_find_export(m, "memory", 6)->kind, WRT_EXTERN_MEMORY);
    CHECK(wrt_module_find_export(m, "mai", 3) == NULL);
    CHECK(wrt_module_find_export(m, "zzz", 3) == NULL);
    module_delete(&t);
}

/* Every prefix is refused, but for those that end with a section and are
 * modules of their own. */
TEST(decode_refuses_every_truncation)
{
    struct test_module t;
    unsigned accepted = 0;

    representative_bytes(&t);
    for (size_t len = 0; len < t.len; len++)
        accepted += *refusal_of_bytes(t.bytes, len, WRT_FEATURES_ALL) == '\0';
    /* The header alone; header and types; and imports.  Then functions want
     * code.  Custom sections follow after the data. */
    CHECK(accepted <= 5);
    CHECK_STR_EQ(refusal_of_bytes(t.bytes, t.len, WRT_FEATURES_ALL), "");
    module_delete(&t);
}

/* Changing any byte to any of a few values never crashes. */
TEST(decode_survives_every_changed_byte)
{
    static const uint8_t values[] = {0x00, 0x01, 0x0b, 0x40, 0x7f, 0x80, 0xff};
    struct test_module t;
    unsigned refused = 0;

    representative_bytes(&t);
    for (size_t i = 0; i < t.len; i++) {
        uint8_t old = t.bytes[i];

        for (size_t k = 0; k < sizeof(values); k++) {
            t.bytes[i] = values[k];
            refused +=
                *refusal_of_bytes(t.bytes, t.len, WRT_FEATURES_ALL) != '\0';
        }
        t.bytes[i] = old;
    }
    CHECK(refused > t.len);
    module_delete(&t);
}

TEST(decode_survives_every_allocation_failure)
{
    struct test_module t;
    struct test_heap heap;
    long n = 0;

    representative_bytes(&t);
    do {
        struct wrt_types *types = NULL;
        struct wrt_module *m = NULL;
        wasmrt_error *error;

        test_heap_init(&heap, n++);
        error = wrt_types_new(&heap.alloc, &types);
        if (!error)
            error = wrt_module_decode(&heap.alloc, types, WRT_FEATURES_ALL,
                                      t.bytes, t.len, true, &m);
        if (error)
            CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_OUT_OF_MEMORY);
        else if (wrt_module_func_name(m, 2)) /* parses the names */
            CHECK_STR_EQ(wrt_module_func_name(m, 2), "main");
        wrt_module_unref(m);
        wrt_types_delete(types);
        CHECK_EQ(heap.live_bytes, 0);
    } while (heap.fired);
    CHECK(n > 10);
    module_delete(&t);
}

/* A few bytes that announce many items take no memory for them. */
TEST(decode_allocates_no_more_than_the_bytes_justify)
{
    static const struct row rows[] = {
        {"0106 80897a 600000", "limit exceeded: number of types"},
        {"0106 808930 600000", "unexpected end"},
        {"0203 80897a", "limit exceeded: number of imports"},
        {"0303 808930", "unexpected end"},
        {"0403 a08d06", "limit exceeded: number of tables"},
        {"0503 80e707", "limit exceeded: number of memories"},
        {"0603 808930", "unexpected end"},
        {"0703 808930", "unexpected end"},
        {"0904 80ade204", "unexpected end"},
        {"0905 01 01 00 ffffff03", "section size mismatch"},
        {"0b03 808930", "limit exceeded: number of data segments"},
        {"0c04 808930 00", "limit exceeded: number of data segments"},
        {ONE_FUNC "0a06 01 ffffff7f 00", "limit exceeded: size of a function"},
        {ONE_FUNC "0a08 01 0600 0e ffffff7f 0b", "type mismatch"},
        {ONE_FUNC "0a08 01 06 ffffffff0f 0b", "unexpected end"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct test_heap heap;
        struct wrt_types *types;
        struct wrt_module *m;
        size_t len;
        uint8_t *bytes = bytes_from_hex(rows[i].hex, &len);
        wasmrt_error *error;

        test_heap_init(&heap, -1);
        CHECK(wrt_types_new(&heap.alloc, &types) == NULL);
        error = wrt_module_decode(&heap.alloc, types, WRT_FEATURES_DEFAULT,
                                  bytes, len, false, &m);
        CHECK(error != NULL);
        CHECK(heap.peak_bytes < 100000);
        wasmrt_error_delete(error);
        wrt_types_delete(types);
        CHECK_EQ(heap.live_bytes, 0);
        free(bytes);
    }
}

TEST(decode_says_where)
{
    struct wrt_types *types;
    struct wrt_module *m;
    uint64_t offset = 0;
    uint32_t func = 0;
    const char *name = NULL;
    size_t len;
    /* (func) (func (export "bad") i32.const 0), and a name section. */
    uint8_t *bytes = bytes_from_hex("0104 01 600000 0303 02 0000"
                                    "0707 01 03626164 0001"
                                    "0a09 02 02000b 0400 4100 0b",
                                    &len);
    wasmrt_error *error;

    CHECK(wrt_types_new(&wrt_alloc_libc, &types) == NULL);
    error = wrt_module_decode(&wrt_alloc_libc, types, 0, bytes, len, false, &m);
    CHECK(error != NULL);
    CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_VALIDATE);
    CHECK(wasmrt_error_offset(error, &offset));
    CHECK_EQ(offset, len - 1);
    CHECK(wasmrt_error_func(error, &func, &name));
    CHECK_EQ(func, 1);
    CHECK_STR_EQ(name, "bad");
    CHECK_STR_EQ(wasmrt_error_message(error),
                 "type mismatch: block requires [] but stack has [i32]");
    wasmrt_error_delete(error);
    wrt_types_delete(types);
    free(bytes);
}
