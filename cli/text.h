/*
 * Text that grows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_TEXT_H
#define WRT_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* All zero is empty.  Owner: whoever frees the bytes. */
struct cli_text {
    char *bytes; /* NULL until the first append; then a NUL is behind them */
    size_t len, cap;
};

/* False when memory is exhausted; then the text is what it was. */
static inline bool cli_text_append(struct cli_text *text, const char *bytes,
                                   size_t len)
{
    if (text->cap - text->len <= len) {
        size_t cap = 2 * (text->len + len) + 256;
        char *more = len < SIZE_MAX / 4 && text->len < SIZE_MAX / 8
                         ? realloc(text->bytes, cap)
                         : NULL;

        if (!more)
            return false;
        text->bytes = more;
        text->cap = cap;
    }
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
    text->bytes[text->len] = '\0';
    return true;
}

#endif
