/*
 * Growing byte buffers: what the encoder writes sections into.
 *
 * A failed allocation is sticky: later writes are no-ops, and the owner checks
 * once at the end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TEXT_BUF_H
#define WRT_TEXT_BUF_H

#include "runtime/base/error.h"
#include "runtime/base/vec.h"

struct wrt_buf {
    const struct wrt_alloc *alloc; /* borrowed */
    uint8_t *items;
    size_t count, capacity;
    bool failed; /* sticky */
};

WRT_INLINE void wrt_buf_init(struct wrt_buf *buf, const struct wrt_alloc *alloc)
{
    *buf = (struct wrt_buf){.alloc = alloc};
}

/* Releases the bytes; the buffer is empty and usable again. */
void wrt_buf_fini(struct wrt_buf *buf);

/* Makes room for n bytes; false when memory is exhausted now or was before. */
bool wrt_buf_reserve(struct wrt_buf *buf, size_t n);

void wrt_buf_bytes(struct wrt_buf *buf, const void *bytes, size_t len);

WRT_INLINE void wrt_buf_u8(struct wrt_buf *buf, unsigned byte)
{
    if (buf->count < buf->capacity || wrt_buf_reserve(buf, 1))
        buf->items[buf->count++] = (uint8_t)byte;
}

/* LEB128, shortest form. */
void wrt_buf_uleb(struct wrt_buf *buf, uint64_t value);
void wrt_buf_sleb(struct wrt_buf *buf, int64_t value);

/* Little-endian, nbytes 1..8. */
void wrt_buf_fixed(struct wrt_buf *buf, uint64_t value, unsigned nbytes);

/* A length and then that many bytes: names, and sections. */
void wrt_buf_sized(struct wrt_buf *buf, const void *bytes, size_t len);

/* Appends an instruction's code as opcode.def has it: a byte, or a prefix and
 * a number. */
void wrt_buf_opcode(struct wrt_buf *buf, uint32_t code);

/* Gives the bytes away, in a block of exactly their size; there is at least
 * one.  The buffer is not to be used any more, also after an error. */
WRT_MUST_USE wasmrt_error *wrt_buf_take(struct wrt_buf *buf, uint8_t **out,
                                        size_t *out_len);

#endif
