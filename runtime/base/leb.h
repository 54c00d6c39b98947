/*
 * LEB128 numbers of up to eight bytes, at once and without a branch, from eight
 * bytes that can be read.  For code that is hot: reader.h has every other form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_LEB_H
#define WRT_BASE_LEB_H

#include "runtime/base/base.h"

/* The length of a number by its first bytes; 0: more than eight. */
WRT_INLINE unsigned wrt_leb_len(uint64_t word)
{
    uint64_t ends = ~word & UINT64_C(0x8080808080808080);

    return ends == 0 ? 0 : (unsigned)__builtin_ctzll(ends) / 8 + 1;
}

/* The bits of a number of that length, not extended by its sign.  A length of 0
 * gives nothing of use. */
WRT_INLINE uint64_t wrt_leb_bits(uint64_t word, unsigned len)
{
    word &= UINT64_MAX >> ((64 - 8 * len) & 63);
    word = (word & UINT64_C(0x007f007f007f007f)) |
           (word & UINT64_C(0x7f007f007f007f00)) >> 1;
    word = (word & UINT64_C(0x00003fff00003fff)) |
           (word & UINT64_C(0x3fff00003fff0000)) >> 2;
    return (word & UINT64_C(0x000000000fffffff)) |
           (word & UINT64_C(0x0fffffff00000000)) >> 4;
}

/* The same, with the sign. */
WRT_INLINE int64_t wrt_leb_signed(uint64_t word, unsigned len)
{
    unsigned unused = (64 - 7 * len) & 63;

    return (int64_t)(wrt_leb_bits(word, len) << unused) >> unused;
}

#endif
