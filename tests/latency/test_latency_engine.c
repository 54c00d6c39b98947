/*
 * Stopping guests that compute, and what the engine does on their behalf.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/latency/latency.h"

#include <stdio.h>
#include <stdlib.h>

/* -- Instructions ---------------------------------------------------------- */

TEST(latency_of_a_loop)
{
    latency_of_text("(module (func (export \"f\") (loop br 0)))");
}

TEST(latency_of_calls)
{
    latency_of_text("(module (func $g (param i32) (result i32)"
                    "  (if (result i32) (i32.eqz (local.get 0))"
                    "    (then (i32.const 1))"
                    "    (else (i32.add"
                    "      (call $g (i32.sub (local.get 0) (i32.const 1)))"
                    "      (call $g (i32.sub (local.get 0) (i32.const 1)))))))"
                    " (func (export \"f\") (drop (call $g (i32.const 60)))))");
}

/* A stop finds many frames to report. */
TEST(latency_of_a_deep_stack)
{
    latency_of_text("(module (func $g (param i32)"
                    "  (if (local.get 0)"
                    "    (then (call $g (i32.sub (local.get 0)"
                    "      (i32.const 1)))) (else (loop br 0))))"
                    " (func (export \"f\") (call $g (i32.const 20000))))");
}

TEST(latency_of_memory_fill)
{
    latency_of_text("(module (memory 8192)"
                    " (func (export \"f\") (loop (memory.fill (i32.const 0)"
                    "  (i32.const 1) (i32.const 536870912)) br 0)))");
}

TEST(latency_of_memory_copy)
{
    latency_of_text(
        "(module (memory 8192)"
        " (func (export \"f\") (loop"
        "  (memory.copy (i32.const 4096) (i32.const 0) (i32.const 536866816))"
        "  (memory.copy (i32.const 0) (i32.const 99) (i32.const 536866816))"
        "  br 0)))");
}

TEST(latency_of_memory_init)
{
    struct bytes b = {0}, body = {0};
    static uint8_t data[64 << 20];
    static const uint8_t before[] = {
        1,    4,    1,    0x60, 0,    0,                /* type */
        3,    2,    1,    0,                            /* function */
        5,    4,    1,    0,    0x80, 8,                /* memory 1024 */
        7,    5,    1,    1,    'f',  0,    0,          /* export */
        12,   1,    1,                                  /* data count */
        10,   22,   1,    20,   0,    0x03, 0x40,       /* loop */
        0x41, 0,    0x41, 0,                            /* dst, src */
        0x41, 0x80, 0x80, 0x80, 0x20,                   /* 64 MiB */
        0xfc, 8,    0,    0,    0x0c, 0,    0x0b, 0x0b, /* init, br, end */
    };

    bytes_preamble(&b);
    bytes_put(&b, before, sizeof(before));
    bytes_byte(&body, 1);
    bytes_byte(&body, 1);
    bytes_u32(&body, sizeof(data));
    bytes_put(&body, data, sizeof(data));
    bytes_section(&b, 11, &body);
    latency_of_guest(b.at, b.len, NULL);
    free(b.at);
}

/* Growing to the largest size, by one page at a time and then at once. */
TEST(latency_of_memory_grow)
{
    latency_of_text("(module (memory 0 16384)"
                    " (func (export \"f\")"
                    "  (loop (br_if 0 (i32.ge_s (memory.grow (i32.const 1))"
                    "    (i32.const 0))))"
                    "  (loop (i32.store (i32.shl (memory.grow (i32.const 0))"
                    "    (i32.const 0)) (i32.const 1)) br 0)))");
}

TEST(latency_of_large_memory_growth)
{
    latency_of_text(
        "(module (memory 1) (global $at (mut i32) (i32.const 0))"
        " (func (export \"f\")"
        /* Touched first, so that it has pages that may have to be moved. */
        "  (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))"
        "  (loop $l (drop (memory.grow (i32.const 2048)))"
        "    (memory.fill (global.get $at) (i32.const 1)"
        "      (i32.const 65536))"
        "    (br_if $l (i32.lt_u (memory.size) (i32.const 30000))))"
        "  (loop br 0)))");
}

TEST(latency_of_table_fill)
{
    latency_of_text("(module (table $t 10000000 funcref)"
                    " (func (export \"f\") (loop (table.fill $t (i32.const 0)"
                    "  (ref.null func) (i32.const 10000000)) br 0)))");
}

TEST(latency_of_table_copy)
{
    latency_of_text("(module (table $t 10000000 funcref)"
                    " (func (export \"f\") (loop (table.copy $t $t"
                    "  (i32.const 1) (i32.const 0) (i32.const 9999999))"
                    "  br 0)))");
}

TEST(latency_of_table_grow)
{
    latency_of_text("(module (table $t 0 funcref)"
                    " (func (export \"f\")"
                    "  (drop (table.grow $t (ref.null func)"
                    "    (i32.const 10000000)))"
                    "  (loop br 0)))");
}

/* -- Shared memories ------------------------------------------------------- */

TEST(latency_of_atomic_wait)
{
    latency_of_text("(module (memory 1 1 shared) (func (export \"f\")"
                    "  (drop (memory.atomic.wait32 (i32.const 0)"
                    "    (i32.const 0) (i64.const -1)))))");
}

TEST(latency_of_short_atomic_waits)
{
    latency_of_text("(module (memory 1 1 shared) (func (export \"f\")"
                    "  (loop (drop (memory.atomic.wait64 (i32.const 0)"
                    "    (i64.const 0) (i64.const 1000000))) br 0)))");
}

TEST(latency_of_shared_memory_fill)
{
    latency_of_text("(module (memory 1024 1024 shared) (func (export \"f\")"
                    "  (loop (memory.fill (i32.const 0) (i32.const 1)"
                    "    (i32.const 67108864)) br 0)))");
}

/* -- Huge functions -------------------------------------------------------- */

/* A module whose function of 7.6 MB returns when it is called for the first
 * time and loops when for the second, at its end. */
static void huge_function(struct bytes *b)
{
    static const uint8_t before[] = {
        1, 4, 1, 0x60, 0,   0,             /* type */
        3, 2, 1, 0,                        /* function */
        6, 6, 1, 0x7f, 1,   0x41, 0, 0x0b, /* global */
        7, 5, 1, 1,    'f', 0,    0        /* export */
    };
    /* Sets the global and returns when it was 0, else leaves the block. */
    static const uint8_t begin[] = {0x02, 0x40, 0x23, 0, 0x0d, 0,
                                    0x41, 1,    0x24, 0, 0x0f};
    static const uint8_t step[] = {0x23, 0, 0x41, 1, 0x6a, 0x24, 0};
    static const uint8_t end[] = {0x0b, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b};
    struct bytes body = {0}, section = {0};

    bytes_preamble(b);
    bytes_put(b, before, sizeof(before));
    bytes_byte(&body, 0);
    bytes_put(&body, begin, sizeof(begin));
    bytes_put(&body, "\x0b\x02\x40\x23\0\x45\x0d\0", 8);
    for (int i = 0; i < 1093000; i++)
        bytes_put(&body, step, sizeof(step));
    bytes_put(&body, end, sizeof(end));
    bytes_byte(&section, 1);
    bytes_sized(&section, &body);
    bytes_section(b, 10, &section);
}

/* The stop comes while the function is made ready for its first call. */
TEST(latency_of_lowering_a_huge_function)
{
    struct bytes b = {0};

    huge_function(&b);
    latency_of_calls(b.at, b.len, 300, LATENCY_COLD);
    free(b.at);
}

/* The stop comes when it runs, and its place has to be found. */
TEST(latency_of_running_a_huge_function)
{
    struct bytes b = {0};

    huge_function(&b);
    latency_of_calls(b.at, b.len, 30, LATENCY_WARM);
    free(b.at);
}

/* Deep nesting makes different work of the same size. */
TEST(latency_of_lowering_nested_blocks)
{
    static const uint8_t before[] = {
        1, 4, 1, 0x60, 0,   0,   /* type */
        3, 2, 1, 0,              /* function */
        7, 5, 1, 1,    'f', 0, 0 /* export */
    };
    struct bytes b = {0}, body = {0}, section = {0};

    bytes_preamble(&b);
    bytes_put(&b, before, sizeof(before));
    bytes_byte(&body, 0);
    for (int i = 0; i < 999000; i++)
        bytes_put(&body, "\x02\x40\x41\x00\x0d\x00", 6);
    for (int i = 0; i < 999000; i++)
        bytes_byte(&body, 0x0b);
    bytes_put(&body, "\x03\x40\x0c\x00\x0b\x0b", 6);
    bytes_byte(&section, 1);
    bytes_sized(&section, &body);
    bytes_section(&b, 10, &section);
    latency_of_calls(b.at, b.len, 300, LATENCY_COLD);
    free(b.at);
}

/* A module with many functions, which have names.  The first call runs all of
 * them, the second loops. */
static void many_functions(struct bytes *b, uint32_t count)
{
    struct bytes section = {0}, body = {0}, names = {0};
    char name[64];

    bytes_preamble(b);
    bytes_put(b, "\1\4\1\x60\0\0", 6); /* type */
    bytes_u32(&section, count + 1);
    for (uint32_t i = 0; i <= count; i++)
        bytes_byte(&section, 0);
    bytes_section(b, 3, &section);
    bytes_put(b, "\6\6\1\x7f\1\x41\0\x0b", 8); /* global */
    bytes_put(b, "\7\5\1\1f\0\0", 7);          /* export */
    bytes_u32(&section, count + 1);
    bytes_put(&body, "\0\x23\0\x04\x40\x03\x40\x0c\0\x0b\x0b", 11);
    bytes_put(&body, "\x41\1\x24\0", 4);
    for (uint32_t i = 1; i <= count; i++) {
        bytes_byte(&body, 0x10);
        bytes_u32(&body, i);
    }
    bytes_byte(&body, 0x0b);
    bytes_sized(&section, &body);
    for (uint32_t i = 0; i < count; i++)
        bytes_put(&section, "\2\0\x0b", 3);
    bytes_section(b, 10, &section);
    bytes_u32(&names, count + 1);
    for (uint32_t i = 0; i <= count; i++) {
        int len = snprintf(name, sizeof(name), "_ZN7package6module8function%uE",
                           (unsigned)i);

        bytes_u32(&names, i);
        bytes_u32(&names, (uint32_t)len);
        bytes_put(&names, name, (size_t)len);
    }
    bytes_put(&section, "\4name", 5);
    bytes_section(&section, 1, &names);
    bytes_section(b, 0, &section);
}

TEST(latency_of_many_functions)
{
    struct bytes b = {0};

    many_functions(&b, test_is_slow() ? 20000 : 200000);
    latency_of_calls(b.at, b.len, 30, LATENCY_FRESH);
    free(b.at);
}

/* -- Instantiation --------------------------------------------------------- */

TEST(latency_of_instantiating_a_large_table)
{
    static const char text[] = "(module (table 10000000 funcref))";
    static const char filled[] = "(module (func $f) (elem declare func $f)"
                                 " (table 10000000 funcref (ref.func $f)))";

    latency_of_instantiation(text, sizeof(text) - 1);
    latency_of_instantiation(filled, sizeof(filled) - 1);
}

/* Many segments, each of them small. */
TEST(latency_of_instantiating_many_segments)
{
    struct bytes b = {0}, body = {0};

    bytes_preamble(&b);
    bytes_put(&b, "\5\3\1\0\1", 5); /* memory 1 */
    bytes_u32(&body, 100000);
    for (int i = 0; i < 100000; i++) {
        bytes_put(&body, "\0\x41\0", 3);
        /* An offset that takes some computing. */
        for (int j = 0; j < 100; j++)
            bytes_put(&body, "\x41\0\x6a", 3);
        bytes_put(&body, "\x0b\1x", 3);
    }
    bytes_section(&b, 11, &body);
    latency_of_instantiation(b.at, b.len);
    free(b.at);
}

TEST(latency_of_instantiating_a_large_element_segment)
{
    struct bytes b = {0}, body = {0};
    static const uint8_t before[] = {
        1, 4, 1, 0x60, 0, 0,               /* type */
        3, 2, 1, 0,                        /* function */
        4, 6, 1, 0x70, 0, 0xc0, 0x84, 0x3d /* table 1,000,000 */
    };
    static const uint8_t code[] = {10, 4, 1, 2, 0, 0x0b};

    bytes_preamble(&b);
    bytes_put(&b, before, sizeof(before));
    /* Expressions, active in table 0. */
    bytes_put(&body, "\1\4\x41\0\x0b", 5);
    bytes_u32(&body, 1000000);
    for (int i = 0; i < 1000000; i++)
        bytes_put(&body, "\xd2\0\x0b", 3);
    bytes_section(&b, 9, &body);
    bytes_put(&b, code, sizeof(code));
    latency_of_instantiation(b.at, b.len);
    free(b.at);
}

TEST(latency_of_instantiating_a_large_data_segment)
{
    struct bytes b = {0}, body = {0};
    static uint8_t data[64 << 20];

    bytes_preamble(&b);
    bytes_put(&b, "\5\4\1\0\x80\x08", 6); /* memory 1024 */
    bytes_put(&body, "\1\0\x41\0\x0b", 5);
    bytes_u32(&body, sizeof(data));
    bytes_put(&body, data, sizeof(data));
    bytes_section(&b, 11, &body);
    latency_of_instantiation(b.at, b.len);
    free(b.at);
}

TEST(latency_of_instantiating_many_globals)
{
    struct bytes b = {0}, body = {0};

    bytes_preamble(&b);
    bytes_u32(&body, 1000000);
    for (int i = 0; i < 1000000; i++)
        bytes_put(&body, "\x7f\0\x41\1\x41\2\x6a\x0b", 8);
    bytes_section(&b, 6, &body);
    latency_of_instantiation(b.at, b.len);
    free(b.at);
}
