/*
 * Pieces of the text format, written into buffers: numbers, strings,
 * identifiers.  Whatever is written here reads back as the same bits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TEXT_PUT_H
#define WRT_TEXT_PUT_H

#include "runtime/text/buf.h"

void wrt_put_text(struct wrt_buf *out, const char *text);
void wrt_put_uint(struct wrt_buf *out, uint64_t value);
void wrt_put_int(struct wrt_buf *out, int64_t value);

/* "0x" and exactly ndigits digits, or as many as needed for 0. */
void wrt_put_hex(struct wrt_buf *out, uint64_t value, unsigned ndigits);

/* The float of 32 or 64 bits with these bits: in decimal with as few digits as
 * tell it from its neighbours, NaNs with their payload. */
void wrt_put_float(struct wrt_buf *out, uint64_t bits, unsigned width);

/* A string literal of bytes that are data: ASCII as it is, the rest as \hh. */
void wrt_put_data(struct wrt_buf *out, const uint8_t *bytes, size_t len);

/* A string literal of UTF-8 for people; what is invisible or changes the
 * direction of writing is escaped. */
void wrt_put_name(struct wrt_buf *out, const char *text, size_t len);

/* An identifier with its dollar, quoted where the characters require it; len is
 * not 0. */
void wrt_put_id(struct wrt_buf *out, const char *text, size_t len);

#endif
