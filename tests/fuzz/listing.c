/*
 * Listings of modules that can be compared: the lines of wrt_module_dump()
 * without offsets, sizes, and how locals are grouped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/fuzz/listing.h"

#include "runtime/module/dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    char *bytes;
    size_t len, room;
};

static void append(void *user, const char *bytes, size_t len)
{
    struct text *text = user;

    if (text->room - text->len <= len) {
        text->room = text->room * 2 + len + 4096;
        text->bytes = realloc(text->bytes, text->room);
        if (!text->bytes)
            abort();
    }
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
    text->bytes[text->len] = '\0';
}

/* Takes out of a line what depends on where it stands; returns the end. */
static char *clean_line(char *line, char *end, char *to)
{
    char *from = line + strspn(line, " "), *at;
    size_t len;

    if (strncmp(from, "local ", 6) == 0)
        return to;
    /* "  0x000123    i32.add" */
    if (strncmp(from, "0x", 2) == 0)
        from += strcspn(from, " ");
    /* "func 1 (param i32) at 0x000123, 7 bytes" */
    at = strncmp(from, "func ", 5) == 0 ? strstr(from, " at 0x") : NULL;
    len = (size_t)((at && at < end ? at : end) - from);
    memmove(to, from, len);
    to[len] = '\n';
    return to + len + 1;
}

static void clean(struct text *text)
{
    char *line = text->bytes, *to = text->bytes;

    for (;;) {
        char *end = strchr(line, '\n');

        if (!end)
            break;
        *end = '\0';
        to = clean_line(line, end, to);
        line = end + 1;
    }
    *to = '\0';
}

char *listing(const uint8_t *bytes, size_t len)
{
    static struct wrt_types *types;
    struct text text = {NULL, 0, 0};
    const struct wrt_dump_options options = {
        .parts = WRT_DUMP_EXTERNS | WRT_DUMP_CODE | WRT_DUMP_DATA,
        .write = append,
        .user = &text};
    struct wrt_module *m = NULL;
    wasmrt_error *error;

    if (!types && wrt_types_new(&wrt_alloc_libc, &types))
        abort();
    error = wrt_module_decode(&wrt_alloc_libc, types, WRT_FEATURES_ALL, bytes,
                              len, false, &m);
    if (!error) {
        error = wrt_module_dump(m, &options);
        append(&text, "", 0);
        clean(&text);
        wrt_module_unref(m);
    }
    if (error) {
        free(text.bytes);
        text.bytes = NULL;
    }
    wasmrt_error_delete(error);
    return text.bytes;
}
