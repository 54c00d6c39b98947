/*
 * Source lines: a program of version 4 as clang makes it; and what is cut short
 * or changed, which must neither crash nor go on for ever.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/lines.h"

#include "tests/lib/test.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t program[] = {
    0x75, 0x00, 0x00, 0x00, 0x04, 0x00, 0x1c, 0x00, 0x00, 0x00, 0x01,
    0x01, 0x01, 0xfb, 0x0e, 0x0d, 0x00, 0x01, 0x01, 0x01, 0x01, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x01, 0x00, 0x64, 0x77, 0x2e, 0x63,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x02, 0x02, 0x00, 0x00,
    0x00, 0x18, 0x05, 0x12, 0x0a, 0xbb, 0x05, 0x1b, 0x06, 0xac, 0x05,
    0x0c, 0x06, 0x37, 0x05, 0x11, 0x06, 0x58, 0x05, 0x0f, 0x58, 0x05,
    0x20, 0x06, 0x43, 0x05, 0x05, 0x06, 0x20, 0x02, 0x01, 0x00, 0x01,
    0x01, 0x00, 0x05, 0x02, 0x2c, 0x00, 0x00, 0x00, 0x03, 0x0d, 0x01,
    0x05, 0x09, 0x0a, 0x59, 0x06, 0x03, 0x71, 0x66, 0x05, 0x13, 0x03,
    0x0f, 0x2e, 0x05, 0x09, 0x20, 0x06, 0x2f, 0x06, 0x03, 0x70, 0x20,
    0x05, 0x01, 0x06, 0x03, 0x11, 0x20, 0x02, 0x01, 0x00, 0x01, 0x01};

static bool find(const uint8_t *bytes, size_t len, uint64_t address,
                 struct lines_place *out)
{
    struct lines_sections sections = {
        .line = {bytes, len}, .line_str = {bytes, len}, .str = {bytes, len}};

    return lines_find(&sections, address, out);
}

TEST(lines_are_found)
{
    static const struct {
        uint64_t address, line, column;
    } cases[] = {{0x02, 7, 0},   {0x0d, 7, 0},  {0x0e, 8, 18},
                 {0x25, 3, 17},  {0x26, 3, 15}, {0x28, 3, 15},
                 {0x29, 10, 32}, {0x2c, 14, 0}, {0x31, 15, 9}};
    struct lines_place place;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        CHECK(find(program, sizeof(program), cases[i].address, &place));
        CHECK_EQ(place.line, cases[i].line);
        CHECK_EQ(place.column, cases[i].column);
        CHECK_STR_EQ(place.file, "dw.c");
    }
    /* Between the sequences, in front of them and behind. */
    CHECK(!find(program, sizeof(program), 0x2b, &place));
    CHECK(!find(program, sizeof(program), 0x01, &place));
    CHECK(!find(program, sizeof(program), 0x3f, &place));
    CHECK(!find(NULL, 0, 0x02, &place));
}

/* In a buffer of its own size, for the address sanitizer. */
static void try_all(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len + !len);
    struct lines_place place;

    memcpy(copy, bytes, len);
    for (uint64_t address = 0; address < 0x48; address += 6)
        find(copy, len, address, &place);
    free(copy);
}

TEST(lines_that_are_cut_or_changed)
{
    uint8_t bytes[sizeof(program)];

    for (size_t len = 0; len <= sizeof(program); len++)
        try_all(program, len);
    for (size_t i = 0; i < sizeof(program); i++) {
        for (unsigned value = 0; value < 256; value += 5) {
            memcpy(bytes, program, sizeof(program));
            bytes[i] = (uint8_t)value;
            try_all(bytes, sizeof(bytes));
        }
    }
}
