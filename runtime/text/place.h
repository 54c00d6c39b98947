/*
 * Where in the text a byte of the module comes from.
 *
 * Errors of decoding and validation are about bytes.  Translating keeps no map
 * of places, which nearly nobody needs: whoever wants one translates again, and
 * the parser looks out for the byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TEXT_PLACE_H
#define WRT_TEXT_PLACE_H

#include "runtime/base/base.h"

/*
 * A byte of the module whose place in the text is sought while the text is
 * translated once more: the last token whose code begins there or before.  A
 * field of the module, where the byte is in no function's code.
 */
struct wrt_text_sought {
    unsigned section;
    uint32_t entry;     /* CODE: the number of its function there, */
    size_t body_offset; /* and the byte in that one's body */
    size_t offset;      /* others: in the section, behind the number of items */
    bool is_found;
    size_t at; /* in the text */
};

/* Finds the byte at an offset in a module that was translated. */
bool wrt_text_seek(const uint8_t *bytes, size_t len, uint64_t offset,
                   struct wrt_text_sought *out);

#endif
