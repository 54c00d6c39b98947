/*
 * Strings are shortened in place: an escape is never shorter than what it
 * stands for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/toml.h"

#include "array/grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names that may not come again.  They lie in the text. */
struct names {
    const char **list;
    size_t count;
};

struct reader {
    char *at;
    unsigned line;
    const char *table;
    struct names tables; /* but elements of arrays */
    struct names keys;   /* of the table in which this is */
    const char *why;     /* the first thing that is wrong */
};

static bool fail(struct reader *r, const char *why)
{
    if (!r->why)
        r->why = why;
    return false;
}

/* -- What may be there once ------------------------------------------------ */

static bool add_name(struct reader *r, struct names *names, const char *name,
                     const char *why)
{
    const char **list;

    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->list[i], name) == 0)
            return fail(r, why);
    }
    list = realloc(names->list, (names->count + 1) * sizeof(list[0]));
    if (!list)
        return fail(r, "no memory");
    names->list = list;
    list[names->count++] = name;
    return true;
}

/* The next element of an array has tables of its own below it. */
static void forget_below(struct names *names, const char *table)
{
    size_t len = strlen(table), kept = 0;

    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->list[i];

        if (strncmp(name, table, len) != 0 || name[len] != '.')
            names->list[kept++] = name;
    }
    names->count = kept;
}

/* -- Blanks ---------------------------------------------------------------- */

static void skip_blanks(struct reader *r)
{
    while (*r->at == ' ' || *r->at == '\t')
        r->at++;
}

static void skip_comment(struct reader *r)
{
    skip_blanks(r);
    if (*r->at == '#')
        r->at += strcspn(r->at, "\n");
    if (r->at[0] == '\r' && r->at[1] == '\n')
        r->at++;
}

/* Blanks, comments and ends of lines. */
static void skip_lines(struct reader *r)
{
    for (skip_comment(r); *r->at == '\n'; skip_comment(r)) {
        r->at++;
        r->line++;
    }
}

static bool end_line(struct reader *r)
{
    skip_comment(r);
    if (*r->at != '\n' && *r->at != '\0')
        return fail(r, "something is behind the value");
    return true;
}

/* -- Strings and keys ------------------------------------------------------ */

static bool unescape(struct reader *r, char c, char *out)
{
    static const char from[] = "\"\\btnfr", to[] = "\"\\\b\t\n\f\r";
    const char *place = c ? strchr(from, c) : NULL;

    if (!place)
        return fail(r, "this escape is not understood");
    *out = to[place - from];
    return true;
}

/* Behind its first quote. */
static char *read_string(struct reader *r, char quote)
{
    char *begin = r->at, *to = r->at;

    if (r->at[0] == quote && r->at[1] == quote) {
        fail(r, "strings of several lines are not understood");
        return NULL;
    }
    while (*r->at != quote) {
        unsigned char c = (unsigned char)*r->at++;

        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            fail(r, "a string has no end, or a control character");
            return NULL;
        }
        if (c == '\\' && quote == '"' && !unescape(r, *r->at++, (char *)&c))
            return NULL;
        *to++ = (char)c;
    }
    r->at++;
    *to = '\0';
    return begin;
}

static bool is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Up to `end`, which is used up; dots stay part of the name of a table. */
static char *read_key(struct reader *r, char end, bool has_dots)
{
    char *begin = r->at, *stop;

    if (*r->at == '"' || *r->at == '\'') {
        char quote = *r->at++;

        begin = read_string(r, quote);
        stop = NULL;
    } else {
        while (is_bare(*r->at) || (has_dots && *r->at == '.'))
            r->at++;
        stop = r->at;
        if (stop == begin)
            fail(r, "a key is expected");
    }
    if (r->why)
        return NULL;
    skip_blanks(r);
    if (*r->at != end) {
        fail(r, end == '=' ? "a key and '=' are expected"
                           : "the name of a table has no end");
        return NULL;
    }
    r->at++;
    if (stop)
        *stop = '\0';
    return begin;
}

/* -- Values ---------------------------------------------------------------- */

static bool add_string(struct reader *r, struct toml_item *item, char *string)
{
    if (!array_resize(&item->strings, item->nstrings + 1,
                      sizeof(item->strings[0])))
        return fail(r, "no memory");
    item->strings[item->nstrings++] = string;
    return true;
}

static bool read_strings(struct reader *r, struct toml_item *item)
{
    item->kind = TOML_STRINGS;
    for (skip_lines(r); *r->at != ']'; skip_lines(r)) {
        char quote = *r->at, *string;

        if (quote != '"' && quote != '\'')
            return fail(r, "an array has strings only");
        r->at++;
        string = read_string(r, quote);
        if (!string || !add_string(r, item, string))
            return false;
        skip_lines(r);
        if (*r->at == ',')
            r->at++;
        else if (*r->at != ']')
            return fail(r, "',' or ']' is expected");
    }
    r->at++;
    return true;
}

/* Digits may be grouped by underscores, and none leads as zero. */
static bool read_number(struct reader *r, struct toml_item *item)
{
    bool is_negative = *r->at == '-';
    const char *begin = r->at += *r->at == '-' || *r->at == '+';

    item->kind = TOML_NUMBER;
    for (; (*r->at >= '0' && *r->at <= '9') || *r->at == '_'; r->at++) {
        int digit = *r->at - '0';

        if (*r->at == '_')
            continue;
        if (item->number > (INT64_MAX - digit) / 10)
            return fail(r, "a number is too large");
        item->number = item->number * 10 + digit;
    }
    if (r->at == begin || *begin == '_' || r->at[-1] == '_' ||
        (*begin == '0' && r->at - begin > 1))
        return fail(r, "a value is expected: a string, a whole number, true, "
                       "false or an array of strings");
    if (is_negative)
        item->number = -item->number;
    return true;
}

static bool read_word(struct reader *r, struct toml_item *item)
{
    item->kind = TOML_BOOL;
    item->is_true = strncmp(r->at, "true", 4) == 0;
    if (item->is_true || strncmp(r->at, "false", 5) == 0) {
        r->at += item->is_true ? 4 : 5;
        return true;
    }
    return read_number(r, item);
}

static bool read_value(struct reader *r, struct toml_item *item)
{
    char c;

    skip_blanks(r);
    c = *r->at;
    if (c == '"' || c == '\'') {
        r->at++;
        item->kind = TOML_STRING;
        item->string = read_string(r, c);
        return item->string;
    }
    if (c == '[') {
        r->at++;
        return read_strings(r, item);
    }
    return read_word(r, item);
}

/* -- Lines ----------------------------------------------------------------- */

static bool read_table(struct reader *r, struct toml_item *item)
{
    bool is_element = r->at[1] == '[';

    r->at += is_element ? 2 : 1;
    skip_blanks(r);
    item->kind = is_element ? TOML_ELEMENT : TOML_TABLE;
    r->table = read_key(r, ']', true);
    if (!r->table)
        return false;
    if (is_element && *r->at++ != ']')
        return fail(r, "']]' is expected");
    item->table = r->table;
    r->keys.count = 0;
    if (is_element)
        forget_below(&r->tables, r->table);
    else if (!add_name(r, &r->tables, r->table, "this table is there already"))
        return false;
    return end_line(r);
}

static bool read_pair(struct reader *r, struct toml_item *item)
{
    item->table = r->table;
    item->key = read_key(r, '=', false);
    return item->key &&
           add_name(r, &r->keys, item->key, "this key is there already") &&
           read_value(r, item) && end_line(r);
}

bool toml_read(char *text, toml_fn take, void *user, struct toml_fault *fault)
{
    struct reader r = {.at = text, .line = 1, .table = ""};

    skip_lines(&r);
    while (*r.at && !r.why) {
        struct toml_item item = {0};
        unsigned line = r.line;
        bool is_read =
            *r.at == '[' ? read_table(&r, &item) : read_pair(&r, &item);

        if (!is_read) {
            free(item.strings);
            break;
        }
        r.why = take(user, &item);
        if (r.why)
            r.line = line;
        else
            skip_lines(&r);
    }
    if (r.why) {
        fault->line = r.line;
        snprintf(fault->why, sizeof(fault->why), "%s", r.why);
    }
    free(r.tables.list);
    free(r.keys.list);
    return !r.why;
}
