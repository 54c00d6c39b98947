/*
 * The byte reader: LEB128 at its limits, sticky failure, borrowed bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/reader.h"

#include "tests/lib/test.h"

enum read_as { U32, U64, S32, S33, S64 };

static int64_t read_as(struct wrt_reader *r, enum read_as type)
{
    switch (type) {
    case U32: return (int64_t)wrt_read_u32(r);
    case U64: return (int64_t)wrt_read_u64(r);
    case S32: return wrt_read_s32(r);
    case S33: return wrt_read_s33(r);
    case S64: break;
    }
    return wrt_read_s64(r);
}

/* What the specification says about one encoding; bytes end at the length. */
static const struct {
    enum read_as type;
    const char *bytes;
    size_t len;
    int64_t value;
    wasmrt_code code;
} rows[] = {
    {U32, "\x00", 1, 0, WASMRT_ERR_NONE},
    {U32, "\x7f", 1, 127, WASMRT_ERR_NONE},
    {U32, "\x80\x01", 2, 128, WASMRT_ERR_NONE},
    {U32, "\xff\xff\xff\xff\x0f", 5, 0xffffffff, WASMRT_ERR_NONE},
    {U32, "\x80\x80\x80\x80\x00", 5, 0, WASMRT_ERR_NONE},
    {U32, "\xff\xff\xff\xff\x1f", 5, 0, WASMRT_ERR_LEB_TOO_LARGE},
    {U32, "\x80\x80\x80\x80\x80\x00", 6, 0, WASMRT_ERR_LEB_TOO_LONG},
    {U32, "\x80\x80", 2, 0, WASMRT_ERR_UNEXPECTED_END},
    {U32, "", 0, 0, WASMRT_ERR_UNEXPECTED_END},
    {U64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, -1, WASMRT_ERR_NONE},
    {U64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, 0,
     WASMRT_ERR_LEB_TOO_LARGE},
    {U64, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11, 0,
     WASMRT_ERR_LEB_TOO_LONG},
    {S32, "\x40", 1, -64, WASMRT_ERR_NONE},
    {S32, "\x3f", 1, 63, WASMRT_ERR_NONE},
    {S32, "\xc0\x00", 2, 64, WASMRT_ERR_NONE},
    {S32, "\xff\x00", 2, 127, WASMRT_ERR_NONE},
    {S32, "\xff\x7f", 2, -1, WASMRT_ERR_NONE},
    {S32, "\x80\x80\x80\x80\x78", 5, INT32_MIN, WASMRT_ERR_NONE},
    {S32, "\xff\xff\xff\xff\x07", 5, INT32_MAX, WASMRT_ERR_NONE},
    {S32, "\xff\xff\xff\xff\x0f", 5, 0, WASMRT_ERR_LEB_TOO_LARGE},
    {S32, "\x80\x80\x80\x80\x70", 5, 0, WASMRT_ERR_LEB_TOO_LARGE},
    {S32, "\x80\x80\x80\x80\x80\x7f", 6, 0, WASMRT_ERR_LEB_TOO_LONG},
    {S33, "\xff\xff\xff\xff\x0f", 5, 0xffffffff, WASMRT_ERR_NONE},
    {S33, "\x80\x80\x80\x80\x70", 5, -4294967296, WASMRT_ERR_NONE},
    {S33, "\xff\xff\xff\xff\x1f", 5, 0, WASMRT_ERR_LEB_TOO_LARGE},
    {S64, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f", 10, INT64_MIN,
     WASMRT_ERR_NONE},
    {S64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", 10, INT64_MAX,
     WASMRT_ERR_NONE},
    {S64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, 0,
     WASMRT_ERR_LEB_TOO_LARGE},
    {S64, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7e", 10, 0,
     WASMRT_ERR_LEB_TOO_LARGE},
};

TEST(reader_leb128_follows_the_specification)
{
    for (size_t i = 0; i < WRT_COUNTOF(rows); i++) {
        struct wrt_reader r;

        wrt_reader_init(&r, (const uint8_t *)rows[i].bytes, rows[i].len);
        if (read_as(&r, rows[i].type) != rows[i].value ||
            r.failed != rows[i].code)
            FAIL("row %zu: code %d", i, (int)r.failed);
        if (rows[i].code == WASMRT_ERR_NONE)
            CHECK_EQ(wrt_reader_left(&r), 0);
    }
}

TEST(reader_first_failure_sticks_and_keeps_its_place)
{
    static const uint8_t bytes[] = {1, 0x80, 0x80, 0x80, 0x80, 0x80, 7, 8};
    struct wrt_reader r;
    wasmrt_error *error;
    uint64_t offset;

    wrt_reader_init(&r, bytes, sizeof(bytes));
    CHECK(wrt_reader_error(&r) == NULL);
    CHECK_EQ(wrt_read_u8(&r), 1);
    CHECK_EQ(wrt_read_u32(&r), 0);
    CHECK_EQ(wrt_read_u8(&r), 0); /* nothing is left */
    CHECK(wrt_read_bytes(&r, 1) == NULL);
    wrt_reader_fail(&r, WASMRT_ERR_BAD_UTF8);
    error = wrt_reader_error(&r);
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_LEB_TOO_LONG);
    CHECK(wasmrt_error_offset(error, &offset));
    CHECK_EQ(offset, 1);
    wasmrt_error_delete(error);
}

TEST(reader_borrows_bytes_within_bounds)
{
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
    struct wrt_reader r;

    wrt_reader_init(&r, bytes, sizeof(bytes));
    CHECK_EQ(wrt_read_fixed32(&r), 0x04030201);
    CHECK_EQ(wrt_read_fixed64(&r), 0x0c0b0a0908070605);
    CHECK_EQ(wrt_reader_offset(&r), 12);
    CHECK(wrt_read_bytes(&r, SIZE_MAX) == NULL);
    CHECK_EQ(r.failed, WASMRT_ERR_UNEXPECTED_END);
    CHECK_EQ(wrt_read_fixed32(&r), 0);
    CHECK_EQ(wrt_read_fixed64(&r), 0);
}
