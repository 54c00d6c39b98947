/*
 * Both schemes spell a path as _ZN (length identifier)* E; Rust ends it with an
 * identifier h and 16 hex digits, and writes special characters as $xx$.  That
 * much is worth a page of code; all else is left as it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/demangle.h"

#include <string.h>

struct sink {
    char *out;
    size_t size, len;
    bool is_full;
};

static void put(struct sink *sink, const char *text, size_t len)
{
    if (len >= sink->size - sink->len) {
        sink->is_full = true;
        return;
    }
    memcpy(sink->out + sink->len, text, len);
    sink->len += len;
    sink->out[sink->len] = '\0';
}

/* Reads "12" of "12identifier"; false for zero, and for what is no length. */
static bool read_len(const char **p, size_t *out)
{
    size_t n = 0;

    if (**p < '1' || **p > '9')
        return false;
    for (; **p >= '0' && **p <= '9' && n < 10000; ++*p)
        n = n * 10 + (size_t)(**p - '0');
    *out = n;
    return memchr(*p, 0, n) == NULL;
}

static bool is_rust_hash(const char *text, size_t len)
{
    return len == 17 && text[0] == 'h' &&
           strspn(text + 1, "0123456789abcdef") >= 16;
}

/* Undoes one $xx$ or "..".  Returns its length, or 0 when there is none. */
static size_t put_escape(struct sink *sink, const char *text, size_t len)
{
    static const struct {
        const char *code, *text;
    } escapes[] = {
        {"$LT$", "<"},  {"$GT$", ">"},  {"$LP$", "("},  {"$RP$", ")"},
        {"$RF$", "&"},  {"$BP$", "*"},  {"$C$", ","},   {"..", "::"},
        {"$u20$", " "}, {"$u7b$", "{"}, {"$u7d$", "}"}, {"$u5b$", "["},
        {"$u5d$", "]"}, {"$u27$", "'"}, {"$u3b$", ";"}, {"$u2b$", "+"},
    };

    for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
        size_t n = strlen(escapes[i].code);

        if (n <= len && memcmp(text, escapes[i].code, n) == 0) {
            put(sink, escapes[i].text, strlen(escapes[i].text));
            return n;
        }
    }
    return 0;
}

/* One identifier with Rust's escapes undone; a C++ identifier has none. */
static void put_rust(struct sink *sink, const char *text, size_t len)
{
    size_t used;

    /* An identifier that begins with an escape has a protecting underscore. */
    if (len > 1 && text[0] == '_' && text[1] == '$') {
        text++;
        len--;
    }
    for (; len > 0; text += used, len -= used) {
        used = *text == '$' || *text == '.' ? put_escape(sink, text, len) : 0;
        if (used == 0) {
            put(sink, text, 1);
            used = 1;
        }
    }
}

bool cli_demangle(const char *name, char *out, size_t size)
{
    struct sink sink = {out, size, 0, false};
    const char *p = name;
    size_t len, parts = 0;

    if (strncmp(p, "_ZN", 3) != 0)
        return false;
    for (p += 3; read_len(&p, &len); p += len) {
        if (is_rust_hash(p, len) && p[len] == 'E')
            continue;
        if (parts++ > 0)
            put(&sink, "::", 2);
        put_rust(&sink, p, len);
    }
    return *p == 'E' && parts > 0 && !sink.is_full;
}
