/*
 * Byte cursor over a module: reads advance it, the first error sticks.
 *
 * After a failure every read returns zero and the cursor stands still at the
 * place of the failure, so straight-line decoding code checks once, at its end.
 * Offsets are from the start of the whole module.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_READER_H
#define WRT_BASE_READER_H

#include "runtime/base/error.h"

/* Borrowed bytes; plain value, may be copied to look ahead. */
struct wrt_reader {
    const uint8_t *pos;
    const uint8_t *end;
    const uint8_t *base; /* byte 0 of the module */
    wasmrt_code failed;  /* WASMRT_ERR_NONE while all is well */
};

WRT_INLINE void wrt_reader_init(struct wrt_reader *r, const uint8_t *bytes,
                                size_t len)
{
    *r = (struct wrt_reader){.pos = bytes, .end = bytes + len, .base = bytes};
}

/* The module offset of the next byte, or of the failure. */
WRT_INLINE uint64_t wrt_reader_offset(const struct wrt_reader *r)
{
    return (uint64_t)(r->pos - r->base);
}

WRT_INLINE size_t wrt_reader_left(const struct wrt_reader *r)
{
    return (size_t)(r->end - r->pos);
}

/* Records the first failure.  From then on nothing is left to read. */
WRT_INLINE void wrt_reader_fail(struct wrt_reader *r, wasmrt_code code)
{
    if (r->failed == WASMRT_ERR_NONE) {
        r->failed = code;
        r->end = r->pos;
    }
}

/* The sticky failure as an error object, or NULL. */
WRT_MUST_USE wasmrt_error *wrt_reader_error(const struct wrt_reader *r);

WRT_INLINE uint8_t wrt_read_u8(struct wrt_reader *r)
{
    if (WRT_UNLIKELY(r->pos == r->end)) {
        wrt_reader_fail(r, WASMRT_ERR_UNEXPECTED_END);
        return 0;
    }
    return *r->pos++;
}

/* Out of line: LEB128 of more than one byte.  bits is 32, 33 or 64. */
uint64_t wrt_read_uleb_slow(struct wrt_reader *r, unsigned bits);
int64_t wrt_read_sleb_slow(struct wrt_reader *r, unsigned bits);

WRT_INLINE uint32_t wrt_read_u32(struct wrt_reader *r)
{
    if (WRT_LIKELY(r->pos != r->end && *r->pos < 0x80))
        return *r->pos++;
    return (uint32_t)wrt_read_uleb_slow(r, 32);
}

WRT_INLINE uint64_t wrt_read_u64(struct wrt_reader *r)
{
    if (WRT_LIKELY(r->pos != r->end && *r->pos < 0x80))
        return *r->pos++;
    return wrt_read_uleb_slow(r, 64);
}

/* Sign-extends the low 7 bits of a one-byte LEB128. */
WRT_INLINE int32_t wrt_sleb_byte(uint8_t byte)
{
    return (int32_t)((uint32_t)byte << 25) >> 25;
}

WRT_INLINE int32_t wrt_read_s32(struct wrt_reader *r)
{
    if (WRT_LIKELY(r->pos != r->end && *r->pos < 0x80))
        return wrt_sleb_byte(*r->pos++);
    return (int32_t)wrt_read_sleb_slow(r, 32);
}

/* Block types and heap types (spec 5.3.2, 5.4.1). */
WRT_INLINE int64_t wrt_read_s33(struct wrt_reader *r)
{
    if (WRT_LIKELY(r->pos != r->end && *r->pos < 0x80))
        return wrt_sleb_byte(*r->pos++);
    return wrt_read_sleb_slow(r, 33);
}

WRT_INLINE int64_t wrt_read_s64(struct wrt_reader *r)
{
    if (WRT_LIKELY(r->pos != r->end && *r->pos < 0x80))
        return wrt_sleb_byte(*r->pos++);
    return wrt_read_sleb_slow(r, 64);
}

/* Borrows the next len bytes; NULL and a failure when there are fewer. */
WRT_INLINE const uint8_t *wrt_read_bytes(struct wrt_reader *r, size_t len)
{
    const uint8_t *bytes = r->pos;

    if (WRT_UNLIKELY(wrt_reader_left(r) < len)) {
        wrt_reader_fail(r, WASMRT_ERR_UNEXPECTED_END);
        return NULL;
    }
    r->pos += len;
    return bytes;
}

/* Little-endian 32 and 64 bits, for float constants. */
WRT_INLINE uint32_t wrt_read_fixed32(struct wrt_reader *r)
{
    const uint8_t *p = wrt_read_bytes(r, 4);

    return p ? wrt_load_u32(p) : 0;
}

WRT_INLINE uint64_t wrt_read_fixed64(struct wrt_reader *r)
{
    const uint8_t *p = wrt_read_bytes(r, 8);

    return p ? wrt_load_u64(p) : 0;
}

#endif
