/*
 * Modules that try to make the decoder slow, deep or hungry.  Each is made at
 * the size where a bad algorithm would take minutes or the stack would end; the
 * harness's time limit is the check.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/module.h"

#include "runtime/module/names.h"
#include "tests/lib/test.h"
#include "tests/unit/modules.h"

#include <stdio.h>
#include <stdlib.h>

/* A growing module. */
struct bytes {
    uint8_t *data;
    size_t len, capacity;
};

static void put(struct bytes *b, const void *data, size_t len)
{
    while (b->len + len > b->capacity) {
        b->capacity = b->capacity ? b->capacity * 2 : 4096;
        b->data = realloc(b->data, b->capacity);
        CHECK(b->data != NULL);
    }
    memcpy(b->data + b->len, data, len);
    b->len += len;
}

static void put_byte(struct bytes *b, unsigned byte)
{
    uint8_t value = (uint8_t)byte;

    put(b, &value, 1);
}

static void put_u32(struct bytes *b, uint32_t value)
{
    do {
        put_byte(b, (value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value);
}

/* Appends a section or a body: its size, then its content, which is freed. */
static void put_sized(struct bytes *b, struct bytes *content)
{
    put_u32(b, (uint32_t)content->len);
    put(b, content->data, content->len);
    free(content->data);
    *content = (struct bytes){0};
}

static void put_section(struct bytes *b, unsigned id, struct bytes *content)
{
    put_byte(b, id);
    put_sized(b, content);
}

/* Header, one type (func), one function with the given code. */
static struct bytes one_func(struct bytes *code)
{
    struct bytes b = {0}, section = {0};

    put(&b, "\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0", 18);
    put_u32(&section, 1);
    put_sized(&section, code);
    put_section(&b, WRT_SECTION_CODE, &section);
    return b;
}

static void check_module(struct bytes *b, wrt_features features,
                         const char *want)
{
    check_refusal("module", refusal_of_bytes(b->data, b->len, features), want);
    free(b->data);
    *b = (struct bytes){0};
}

static struct bytes nested(uint32_t depth)
{
    struct bytes code = {0};

    put_byte(&code, 0); /* no locals */
    for (uint32_t i = 0; i < depth; i++)
        put(&code, i % 2 ? "\x02\x40" : "\x03\x40", 2);
    for (uint32_t i = 0; i <= depth; i++)
        put_byte(&code, 0x0b);
    return one_func(&code);
}

TEST(hostile_nesting)
{
    struct bytes b = nested(WRT_LIMIT_NESTING - 1);

    check_module(&b, WRT_FEATURES_DEFAULT, "");
    b = nested(WRT_LIMIT_NESTING);
    check_module(&b, WRT_FEATURES_DEFAULT,
                 "limit exceeded: nesting depth of blocks is 1000001 "
                 "(limit 1000000)");
}

/* Operands as far as a body goes. */
TEST(hostile_operand_stack)
{
    struct bytes code = {0}, b;
    uint32_t count = 3000000;

    put_byte(&code, 0);
    for (uint32_t i = 0; i < count; i++)
        put(&code, "\x41\x00", 2);
    put(&code, "\x00\x0b", 2);
    b = one_func(&code);
    check_module(&b, WRT_FEATURES_DEFAULT, "");
}

TEST(hostile_body_size)
{
    struct bytes code = {0}, b;

    put_byte(&code, 0);
    while (code.len < WRT_LIMIT_FUNC_BODY_BYTES)
        put_byte(&code, 0x01);
    put_byte(&code, 0x0b);
    b = one_func(&code);
    check_module(&b, WRT_FEATURES_DEFAULT,
                 "limit exceeded: size of a function body in bytes");
}

TEST(hostile_br_table)
{
    static const uint32_t counts[] = {WRT_LIMIT_BR_TABLE_TARGETS,
                                      WRT_LIMIT_BR_TABLE_TARGETS + 1};

    for (unsigned k = 0; k < 2; k++) {
        struct bytes code = {0}, b;

        put(&code, "\0\x41\0\x0e", 4);
        put_u32(&code, counts[k]);
        for (uint32_t i = 0; i <= counts[k]; i++)
            put_byte(&code, 0);
        put_byte(&code, 0x0b);
        b = one_func(&code);
        check_module(&b, WRT_FEATURES_DEFAULT,
                     k ? "limit exceeded: number of targets of a br_table"
                       : "");
    }
}

TEST(hostile_try_table)
{
    static const uint32_t counts[] = {WRT_LIMIT_CATCH_CLAUSES,
                                      WRT_LIMIT_CATCH_CLAUSES + 1};

    for (unsigned k = 0; k < 2; k++) {
        struct bytes code = {0}, b;

        put(&code, "\0\x1f\x40", 3);
        put_u32(&code, counts[k]);
        for (uint32_t i = 0; i < counts[k]; i++)
            put(&code, "\2\0", 2); /* catch_all 0 */
        put(&code, "\x0b\x0b", 2);
        b = one_func(&code);
        check_module(&b, WRT_FEATURES_DEFAULT,
                     k ? "limit exceeded: number of clauses of a try_table"
                       : "");
    }
}

/* Many functions with 50000 locals each: a few bytes that describe much. */
TEST(hostile_locals)
{
    /* Its size; 50000 i64; local.get 49999, drop, end. */
    static const char body[] =
        "\x0b\x01\xd0\x86\x03\x7e\x20\xcf\x86\x03\x1a\x0b";
    struct bytes b = {0}, section = {0};
    uint32_t count = 100000;

    put(&b, "\0asm\1\0\0\0\1\4\1\x60\0\0", 14);
    put_u32(&section, count);
    for (uint32_t i = 0; i < count; i++)
        put_byte(&section, 0);
    put_section(&b, WRT_SECTION_FUNC, &section);
    put_u32(&section, count);
    for (uint32_t i = 0; i < count; i++)
        put(&section, body, sizeof(body) - 1);
    put_section(&b, WRT_SECTION_CODE, &section);
    check_module(&b, WRT_FEATURES_DEFAULT, "");
}

/* A thousand parameters and results, pushed and popped by every instruction. */
TEST(hostile_arity)
{
    struct bytes b = {0}, section = {0}, code = {0};
    uint32_t arity = 1000, calls = 200000;

    put(&b, "\0asm\1\0\0\0", 8);
    put_u32(&section, 2);
    put(&section, "\x60\0\0\x60", 4);
    for (unsigned k = 0; k < 2; k++) {
        put_u32(&section, arity);
        for (uint32_t i = 0; i < arity; i++)
            put_byte(&section, 0x7e);
    }
    put_section(&b, WRT_SECTION_TYPE, &section);
    put(&b, "\x03\x03\x02\x00\x01", 5);
    put_byte(&code, 0);
    for (uint32_t i = 0; i < arity; i++)
        put(&code, "\x42\0", 2);
    for (uint32_t i = 0; i < calls; i++)
        put(&code, "\x10\1", 2);
    put(&code, "\x00\x0b", 2);
    put_u32(&section, 2);
    put_sized(&section, &code);
    put(&section, "\x03\0\0\x0b", 4); /* unreachable */
    put_section(&b, WRT_SECTION_CODE, &section);
    check_module(&b, WRT_FEATURES_DEFAULT, "");
}

/* Exports whose names share a long beginning, all different and then not. */
TEST(hostile_exports)
{
    for (unsigned duplicate = 0; duplicate < 2; duplicate++) {
        struct bytes b = {0}, section = {0};
        uint32_t count = 100000;

        put(&b, "\0asm\1\0\0\0\5\3\1\0\1", 13);
        put_u32(&section, count);
        for (uint32_t i = 0; i < count; i++) {
            char name[40];
            uint32_t n = duplicate && i == count - 1 ? 7 : i;

            snprintf(name, sizeof(name), "a long beginning of a name %06u", n);
            put_u32(&section, (uint32_t)strlen(name));
            put(&section, name, strlen(name));
            put(&section, "\2\0", 2);
        }
        put_section(&b, WRT_SECTION_EXPORT, &section);
        check_module(&b, WRT_FEATURES_DEFAULT,
                     duplicate ? "duplicate export name: \"a long beginning of "
                                 "a name 000007\""
                               : "");
    }
}

/* A recursion group of many equal members, and many equal groups. */
TEST(hostile_types)
{
    struct bytes b = {0}, section = {0};
    uint32_t count = 200000;

    put(&b, "\0asm\1\0\0\0", 8);
    put_u32(&section, 2);
    for (unsigned k = 0; k < 2; k++) {
        put_byte(&section, 0x4e);
        put_u32(&section, count);
        for (uint32_t i = 0; i < count; i++) {
            put(&section, "\x5f\x01\x63", 3);
            put_u32(&section, k * count); /* to the group's first member */
            put_byte(&section, 0);
        }
    }
    put_section(&b, WRT_SECTION_TYPE, &section);
    check_module(&b, WRT_FEATURES_ALL, "");
    put(&b, "\0asm\1\0\0\0", 8);
    put_u32(&section, count);
    for (uint32_t i = 0; i < count; i++)
        put(&section, "\x60\0\0", 3);
    put_section(&b, WRT_SECTION_TYPE, &section);
    check_module(&b, WRT_FEATURES_ALL, "");
}

/* Millions of names for one function, in falling order. */
TEST(hostile_name_section)
{
    struct bytes b = {0}, section = {0}, map = {0};
    struct wrt_types *types;
    struct wrt_module *m;
    uint32_t count = 1000000;

    put(&b, "\0asm\1\0\0\0", 8);
    put(&section, "\4name", 5);
    put_u32(&map, count);
    for (uint32_t i = count; i-- > 0;) {
        put_u32(&map, i);
        put(&map, "\1x", 2);
    }
    put_byte(&section, WRT_NAMES_FUNC);
    put_sized(&section, &map);
    put_section(&b, WRT_SECTION_CUSTOM, &section);
    CHECK(wrt_types_new(&wrt_alloc_libc, &types) == NULL);
    CHECK(wrt_module_decode(&wrt_alloc_libc, types, 0, b.data, b.len, false,
                            &m) == NULL);
    CHECK_STR_EQ(wrt_module_func_name(m, count - 1), "x");
    CHECK(wrt_module_func_name(m, 0) == NULL);
    wrt_module_unref(m);
    wrt_types_delete(types);
    free(b.data);
}
