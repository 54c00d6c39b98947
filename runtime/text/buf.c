/*
 * Growing byte buffers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/buf.h"

void wrt_buf_fini(struct wrt_buf *buf)
{
    wrt_vec_fini(buf->alloc, buf);
}

bool wrt_buf_reserve(struct wrt_buf *buf, size_t n)
{
    if (!buf->failed && !wrt_vec_reserve(buf->alloc, buf, n))
        buf->failed = true;
    return !buf->failed;
}

void wrt_buf_bytes(struct wrt_buf *buf, const void *bytes, size_t len)
{
    if (len == 0 || !wrt_buf_reserve(buf, len))
        return;
    memcpy(buf->items + buf->count, bytes, len);
    buf->count += len;
}

void wrt_buf_uleb(struct wrt_buf *buf, uint64_t value)
{
    while (value >= 0x80) {
        wrt_buf_u8(buf, (value & 0x7f) | 0x80);
        value >>= 7;
    }
    wrt_buf_u8(buf, (unsigned)value);
}

void wrt_buf_sleb(struct wrt_buf *buf, int64_t value)
{
    while (value < -64 || value > 63) {
        wrt_buf_u8(buf, ((unsigned)value & 0x7f) | 0x80);
        value >>= 7;
    }
    wrt_buf_u8(buf, (unsigned)value & 0x7f);
}

void wrt_buf_fixed(struct wrt_buf *buf, uint64_t value, unsigned nbytes)
{
    for (unsigned i = 0; i < nbytes; i++)
        wrt_buf_u8(buf, (unsigned)(value >> (8 * i)) & 0xff);
}

void wrt_buf_sized(struct wrt_buf *buf, const void *bytes, size_t len)
{
    wrt_buf_uleb(buf, len);
    wrt_buf_bytes(buf, bytes, len);
}

void wrt_buf_opcode(struct wrt_buf *buf, uint32_t code)
{
    if (code < 0x100) {
        wrt_buf_u8(buf, code);
        return;
    }
    wrt_buf_u8(buf, code >> 12);
    wrt_buf_uleb(buf, code & 0xfff);
}

wasmrt_error *wrt_buf_take(struct wrt_buf *buf, uint8_t **out, size_t *out_len)
{
    uint8_t *bytes = buf->alloc->resize(buf->alloc->user, buf->items,
                                        buf->capacity, buf->count);

    if (!bytes) {
        wrt_buf_fini(buf);
        return wrt_error_oom();
    }
    *out = bytes;
    *out_len = buf->count;
    return NULL;
}
