/*
 * Text that grows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_TEXT_H
#define WRT_CLI_TEXT_H

#include "array/grow.h"

/* All zero is empty.  Owner: whoever frees the bytes. */
struct cli_text {
    char *bytes; /* NULL until the first append; then a NUL is behind them */
    size_t len, cap;
};

/* False when memory is exhausted; then the text is what it was. */
static inline bool cli_text_append(struct cli_text *text, const char *bytes,
                                   size_t len)
{
    if (len >= SIZE_MAX - text->len ||
        !array_reserve(&text->bytes, &text->cap, text->len + len + 1, 1))
        return false;
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
    text->bytes[text->len] = '\0';
    return true;
}

#endif
