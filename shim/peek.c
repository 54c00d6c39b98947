/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/peek.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { MAX_DEPTH = 16 }; /* less than the real reader takes */

struct scan {
    const char *at, *end;
    int depth;
    uint32_t arrays; /* bit n: what is open at depth n is an array */
};

/* A string between its quotes. */
struct word {
    const char *text;
    size_t len;
    bool has_escapes;
};

static bool equals(const struct word *word, const char *text)
{
    return !word->has_escapes && strlen(text) == word->len &&
           memcmp(word->text, text, word->len) == 0;
}

/* -- Values ---------------------------------------------------------------- */

static void skip_space(struct scan *s)
{
    while (s->at < s->end && strchr(" \t\r\n", *s->at) && *s->at)
        s->at++;
}

static bool take(struct scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool take_escape(struct scan *s)
{
    static const char hex[] = "0123456789abcdefABCDEF";

    if (s->at == s->end || !*s->at || !strchr("\"\\/bfnrtu", *s->at))
        return false;
    if (*s->at++ != 'u')
        return true;
    for (int i = 0; i < 4; i++) {
        if (s->at == s->end || !*s->at || !strchr(hex, *s->at))
            return false;
        s->at++;
    }
    return true;
}

static bool take_string(struct scan *s, struct word *word)
{
    if (!take(s, '"'))
        return false;
    *word = (struct word){.text = s->at};
    while (s->at < s->end) {
        unsigned char c = (unsigned char)*s->at++;

        if (c == '"') {
            word->len = (size_t)(s->at - 1 - word->text);
            return true;
        }
        if (c == '\\') {
            word->has_escapes = true;
            if (!take_escape(s))
                return false;
        } else if (c < 0x20 || c > 0x7e) {
            return false;
        }
    }
    return false;
}

static bool take_digits(struct scan *s)
{
    const char *from = s->at;

    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return s->at > from;
}

static bool take_number(struct scan *s)
{
    take(s, '-');
    if (!take(s, '0') && !take_digits(s))
        return false;
    if (take(s, '.') && !take_digits(s))
        return false;
    if (!take(s, 'e') && !take(s, 'E'))
        return true;
    if (!take(s, '+'))
        take(s, '-');
    return take_digits(s);
}

static bool take_scalar(struct scan *s)
{
    static const char *const names[] = {"true", "false", "null"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        size_t len = strlen(names[i]);

        if ((size_t)(s->end - s->at) >= len &&
            memcmp(s->at, names[i], len) == 0) {
            s->at += len;
            return true;
        }
    }
    return take_number(s);
}

/* -- Structure ------------------------------------------------------------- */

static bool is_in_array(const struct scan *s)
{
    return s->arrays >> s->depth & 1;
}

static bool enter(struct scan *s, bool is_array)
{
    if (++s->depth == MAX_DEPTH)
        return false;
    s->arrays &= ~((uint32_t)1 << s->depth);
    s->arrays |= (uint32_t)is_array << s->depth;
    return true;
}

/* What a look has found on its way. */
struct look {
    const char *outer, *inner;
    bool has_outer, is_in_outer;
    bool is_wanted; /* the value that comes is */
    struct word found;
};

/* Reads a member's name, and whether its value is of interest; false where that
 * is unclear. */
static bool take_name(struct scan *s, struct look *look)
{
    bool is_level = s->depth == 1 || (s->depth == 2 && look->is_in_outer);
    struct word name;

    skip_space(s);
    if (!take_string(s, &name) || (is_level && name.has_escapes))
        return false;
    skip_space(s);
    if (!take(s, ':'))
        return false;
    skip_space(s);
    if (s->depth == 1)
        look->is_in_outer = false;
    if (s->depth == 1 && equals(&name, look->outer)) {
        if (look->has_outer || s->at == s->end || *s->at != '{')
            return false;
        look->has_outer = look->is_in_outer = true;
    }
    look->is_wanted =
        s->depth == 2 && look->is_in_outer && equals(&name, look->inner);
    return !look->is_wanted || !look->found.text;
}

/* Reads a value, or the bracket that opens one. */
static bool take_value(struct scan *s, struct look *look, bool *opened)
{
    struct word text;

    *opened = false;
    skip_space(s);
    if (s->at < s->end && *s->at == '"') {
        if (!take_string(s, &text))
            return false;
        if (look->is_wanted)
            look->found = text;
        return !look->is_wanted || !text.has_escapes;
    }
    if (look->is_wanted)
        return false;
    *opened = true;
    if (take(s, '{'))
        return enter(s, false);
    if (take(s, '['))
        return enter(s, true);
    *opened = false;
    return take_scalar(s);
}

/* Closes what ends here; false at a comma, or where it is wrong. */
static bool take_end(struct scan *s)
{
    skip_space(s);
    if (s->depth == 0 || !take(s, is_in_array(s) ? ']' : '}'))
        return false;
    s->depth--;
    return true;
}

static bool look_through(struct scan *s, struct look *look)
{
    bool opened;

    skip_space(s);
    if (s->at == s->end || *s->at != '{')
        return false;
    do {
        if (s->depth > 0 && !is_in_array(s) && !take_name(s, look))
            return false;
        if (!take_value(s, look, &opened))
            return false;
        look->is_wanted = false;
        if (opened && !take_end(s))
            continue; /* its first item is next */
        while (take_end(s))
            ;
        if (s->depth > 0 && !take(s, ','))
            return false;
    } while (s->depth > 0);
    return s->at == s->end;
}

enum peek peek_text(const char *json, size_t len, const char *outer,
                    const char *inner, char *out, size_t size)
{
    struct scan s = {json, json + len, 0, 0};
    struct look look = {.outer = outer, .inner = inner};

    if (!look_through(&s, &look) || look.found.len >= size)
        return PEEK_UNSURE;
    if (!look.found.text)
        return PEEK_ABSENT;
    memcpy(out, look.found.text, look.found.len);
    out[look.found.len] = '\0';
    return PEEK_FOUND;
}
