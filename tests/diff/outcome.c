/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void make_room(struct outcome *out, size_t n)
{
    size_t wanted = out->len + n + 1;

    if (wanted <= out->capacity)
        return;
    out->capacity = wanted * 2;
    out->text = realloc(out->text, out->capacity);
    if (!out->text)
        abort();
}

void outcome_print(struct outcome *out, const char *format, ...)
{
    va_list args;
    int n;

    make_room(out, 200);
    va_start(args, format);
    n = vsnprintf(out->text + out->len, out->capacity - out->len, format, args);
    va_end(args);
    if (n > 0 && (size_t)n >= out->capacity - out->len) {
        make_room(out, (size_t)n);
        va_start(args, format);
        vsnprintf(out->text + out->len, out->capacity - out->len, format, args);
        va_end(args);
    }
    out->len += n > 0 ? (size_t)n : 0;
}

void outcome_bytes(struct outcome *out, const char *bytes, size_t len)
{
    make_room(out, len);
    memcpy(out->text + out->len, bytes, len);
    out->len += len;
    out->text[out->len] = '\0';
}

void outcome_reset(struct outcome *out)
{
    make_room(out, 0);
    out->len = 0;
    out->text[0] = '\0';
    out->fuel = UINT64_MAX;
}

/* The next line that counts; len 0 at the end. */
static struct outcome_line next_line(const char **at, bool strict)
{
    for (;;) {
        const char *text = *at, *end = strchr(text, '\n');

        if (!end)
            return (struct outcome_line){text, 0};
        *at = end + 1;
        if (strict || strncmp(text, "! ", 2) != 0)
            return (struct outcome_line){text, (int)(end - text)};
    }
}

bool outcome_differs(const struct outcome *a, const struct outcome *b,
                     bool strict, struct outcome_line *in_a,
                     struct outcome_line *in_b)
{
    const char *at_a = a->text, *at_b = b->text;

    if (strict && a->len == b->len && memcmp(a->text, b->text, a->len) == 0)
        return false;
    do {
        *in_a = next_line(&at_a, strict);
        *in_b = next_line(&at_b, strict);
        if (in_a->len != in_b->len ||
            memcmp(in_a->text, in_b->text, (size_t)in_a->len) != 0)
            return true;
    } while (in_a->len);
    return false;
}
