/*
 * LEB128 beyond one byte, with the specification's two ways to be wrong: too
 * long (a continuation bit on the last permitted byte) and too large (bits of
 * the last byte that do not fit, or do not repeat the sign).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/reader.h"

#include "runtime/base/leb.h"

wasmrt_error *wrt_reader_error(const struct wrt_reader *r)
{
    if (r->failed == WASMRT_ERR_NONE)
        return NULL;
    return wrt_error_new(r->failed, wrt_reader_offset(r), NULL);
}

/* Whether a number of two bytes comes, the most frequent of these.  It fits,
 * whatever it is. */
WRT_INLINE bool is_two_bytes(const struct wrt_reader *r)
{
    return r->end - r->pos >= 2 && r->pos[0] >= 0x80 && r->pos[1] < 0x80;
}

/* Its 14 bits. */
WRT_INLINE uint32_t take_two_bytes(struct wrt_reader *r)
{
    const uint8_t *at = r->pos;

    r->pos += 2;
    return (at[0] & 0x7fu) | (uint32_t)at[1] << 7;
}

/*
 * Gathers the 7-bit groups of a LEB128 that may hold `bits` bits.  Sets *last
 * to the final byte and *shift to its position.  False after a failure.
 */
static bool gather(struct wrt_reader *r, unsigned bits, uint64_t *value,
                   uint8_t *last, unsigned *shift)
{
    const uint8_t *start = r->pos;

    *value = 0;
    for (*shift = 0; *shift < bits; *shift += 7) {
        if (r->pos == r->end) {
            wrt_reader_fail(r, WASMRT_ERR_UNEXPECTED_END);
            return false;
        }
        *last = *r->pos++;
        *value |= (uint64_t)(*last & 0x7f) << *shift;
        if (*last < 0x80)
            return true;
    }
    r->pos = start;
    wrt_reader_fail(r, WASMRT_ERR_LEB_TOO_LONG);
    return false;
}

uint64_t wrt_read_uleb_slow(struct wrt_reader *r, unsigned bits)
{
    const uint8_t *start = r->pos;
    uint64_t value;
    uint8_t last;
    unsigned shift;

    if (is_two_bytes(r))
        return take_two_bytes(r);
    if (!gather(r, bits, &value, &last, &shift))
        return 0;
    if (bits - shift < 7 && last >> (bits - shift) != 0) {
        r->pos = start;
        wrt_reader_fail(r, WASMRT_ERR_LEB_TOO_LARGE);
        return 0;
    }
    return value;
}

/* Byte by byte: near the end, at the limit of what fits, or wrong. */
static WRT_NOINLINE int64_t read_sleb(struct wrt_reader *r, unsigned bits)
{
    const uint8_t *start = r->pos;
    uint64_t value;
    uint8_t last;
    unsigned shift, unused;

    if (!gather(r, bits, &value, &last, &shift))
        return 0;
    if (bits - shift < 7) {
        /* The bits from the sign bit up must all be equal. */
        unused = (unsigned)(wrt_sleb_byte(last) >> (bits - shift - 1));
        if (unused != 0 && unused != ~0u) {
            r->pos = start;
            wrt_reader_fail(r, WASMRT_ERR_LEB_TOO_LARGE);
            return 0;
        }
    }
    if (shift + 7 < 64 && (last & 0x40))
        value |= ~(uint64_t)0 << (shift + 7);
    return (int64_t)value;
}

/* Whether so many bytes are a signed number of that many bits whatever is in
 * them; 0 bytes are none. */
WRT_INLINE bool is_any_number(unsigned len, unsigned bits)
{
    return len - 1 < (bits == 64 ? 8u : 4u);
}

int64_t wrt_read_sleb_slow(struct wrt_reader *r, unsigned bits)
{
    uint64_t word;
    unsigned len;

    if (WRT_LIKELY(wrt_reader_left(r) >= sizeof(word))) {
        word = wrt_load_u64(r->pos);
        len = wrt_leb_len(word);
        if (WRT_LIKELY(is_any_number(len, bits))) {
            r->pos += len;
            return wrt_leb_signed(word, len);
        }
    }
    return read_sleb(r, bits);
}
