/*
 * Configuration files: what is read, and what is refused on which line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/toml.h"
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes what is read as one line. */
static const char *take(void *user, const struct toml_item *item)
{
    char *out = user;
    size_t len = strlen(out);

    out += len;
    len = 1024 - len;
    switch (item->kind) {
    case TOML_TABLE: snprintf(out, len, "[%s]", item->table); break;
    case TOML_ELEMENT: snprintf(out, len, "[[%s]]", item->table); break;
    case TOML_STRING:
        snprintf(out, len, "%s.%s='%s';", item->table, item->key, item->string);
        break;
    case TOML_NUMBER:
        snprintf(out, len, "%s.%s=%lld;", item->table, item->key,
                 (long long)item->number);
        break;
    case TOML_BOOL:
        snprintf(out, len, "%s.%s=%s;", item->table, item->key,
                 item->is_true ? "true" : "false");
        break;
    case TOML_STRINGS:
        snprintf(out, len, "%s.%s=(", item->table, item->key);
        for (size_t i = 0; i < item->nstrings; i++)
            strcat(strcat(out, item->strings[i]), ",");
        strcat(out, ");");
        break;
    }
    free(item->strings);
    return item->key && strcmp(item->key, "bad") == 0 ? "this is bad" : NULL;
}

static const char *read_text(const char *text)
{
    static char out[1024], copy[1024];
    struct toml_fault fault;

    out[0] = '\0';
    snprintf(copy, sizeof(copy), "%s", text);
    if (!toml_read(copy, take, out, &fault))
        snprintf(out, sizeof(out), "%u: %s", fault.line, fault.why);
    return out;
}

TEST(toml_reads_what_configurations_need)
{
    CHECK_STR_EQ(read_text(""), "");
    CHECK_STR_EQ(read_text("# only\n\n  # comments"), "");
    CHECK_STR_EQ(
        read_text("a = 1 # one\nb=\"x\\ty\\\"\\\\\"\r\n'c d' = 'e\\f'"),
        ".a=1;.b='x\ty\"\\';.c d='e\\f';");
    CHECK_STR_EQ(read_text("[t]\na = true\n[[u.v]]\nb = false\n[[u.v]]\n"),
                 "[t]t.a=true;[[u.v]]u.v.b=false;[[u.v]]");
    CHECK_STR_EQ(read_text("[[u]]\na=1\n[u.v]\na=1\n[[u]]\na=2\n[u.v]\na=2\n"),
                 "[[u]]u.a=1;[u.v]u.v.a=1;[[u]]u.a=2;[u.v]u.v.a=2;");
    CHECK_STR_EQ(read_text("a = [ \"x\", # first\n 'y' ,\n]\nb = []"),
                 ".a=(x,y,);.b=();");
    CHECK_STR_EQ(read_text("a = -1_000\nb = +0\nc = \"\""),
                 ".a=-1000;.b=0;.c='';");
}

TEST(toml_refuses_the_rest_with_its_line)
{
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"a = 1\nb\n", "2: a key and '=' are expected"},
        {"a = 1\nb = 1\na = 2", "3: this key is there already"},
        {"[t]\na = 1\n\"a\" = 2", "3: this key is there already"},
        {"[t]\n[u]\n[t]", "3: this table is there already"},
        {"[[u]]\n[u.v]\n[u.v]", "3: this table is there already"},
        {"a = \"x\n\"", "1: a string has no end"},
        {"a = \"\\u0041\"", "1: this escape is not understood"},
        {"a = \"\"\"x\"\"\"", "1: strings of several lines"},
        {"a = 1 2", "1: something is behind the value"},
        {"a = 01", "1: a value is expected"},
        {"a = 1__", "1: a value is expected"},
        {"a = 9223372036854775808", "1: a number is too large"},
        {"a = 1.5", "1: something is behind the value"},
        {"a = truely", "1: something is behind the value"},
        {"a = [1]", "1: an array has strings only"},
        {"a = ['x' 'y']", "1: ',' or ']' is expected"},
        {"\n[t\n", "2: the name of a table has no end"},
        {"[[t]\n", "1: ']]' is expected"},
        {"= 1", "1: a key is expected"},
        {"a = {b = 1}", "1: a value is expected"},
        {"x = 1\n\nbad = 2\n", "3: this is bad"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        CHECK_STR_HAS(read_text(cases[i].text), cases[i].fault);
}
