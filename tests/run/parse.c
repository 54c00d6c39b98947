/*
 * Parser of data tests; cases.c describes the format.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/run/parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct key keys[] = {
    {"file", PREPARE},    {"hex", PREPARE},   {"copy", PREPARE},
    {"program", PREPARE}, {"needs", PREPARE}, {"cmd", START},
    {"expect", START},    {"stdin", EXTEND},  {"stdout", EXTEND},
    {"stdout~", EXTEND},  {"stderr", EXTEND}, {"stderr~", EXTEND},
    {"exit", EXTEND},
};

void die(const char *what)
{
    fprintf(stderr, "cases: %s: %s\n", what, strerror(errno));
    exit(2);
}

void bad_case(const struct test_file *t, const char *format, ...)
{
    va_list args;

    printf("%s: ", t->path);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    exit(1);
}

char *read_whole(const char *path)
{
    FILE *f = fopen(path, "r");
    size_t len = 0, cap = 4096, got;
    char *text = malloc(cap + 1);

    if (!f || !text)
        die(path);
    while ((got = fread(text + len, 1, cap - len, f)) > 0) {
        len += got;
        if (len == cap && !(text = realloc(text, (cap *= 2) + 1)))
            die(path);
    }
    fclose(f);
    text[len] = '\0';
    return text;
}

/* The key that a line starts with, or NULL.  Moves *line behind the colon. */
static const struct key *find_key(char **line)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        size_t len = strlen(keys[i].name);

        if (strncmp(*line, keys[i].name, len) == 0 && (*line)[len] == ':') {
            *line += len + 1;
            *line += strspn(*line, " \t");
            return &keys[i];
        }
    }
    return NULL;
}

static void append_line(char **body, const char *line)
{
    size_t old = *body ? strlen(*body) : 0;

    *body = realloc(*body, old + strlen(line) + 2);
    if (!*body)
        die("memory");
    sprintf(*body + old, "%s\n", line);
}

/* Removes empty lines at the end, then lets protected lines be what they are.
 */
static void trim_body(char *body)
{
    size_t len = body ? strlen(body) : 0;

    while (len >= 2 && body[len - 1] == '\n' && body[len - 2] == '\n')
        body[--len] = '\0';
    if (len == 1 && body[0] == '\n')
        body[0] = '\0';
    for (char *line = body; line && *line;) {
        char *next = strchr(line, '\n') + 1;

        if (*line == '\\') {
            memmove(line, line + 1, strlen(line));
            next--;
        }
        line = next;
    }
}

/* Whether lines are now the contents of a file, where # means nothing. */
static bool is_in_file(const struct test_file *t)
{
    return t->count > 0 && t->sections[t->count - 1].key->role == PREPARE;
}

void parse_case(struct test_file *t, char *text)
{
    char *line;

    while ((line = strsep(&text, "\n")) != NULL) {
        const struct key *key;

        if (*line == '#' && !is_in_file(t))
            continue;
        if (t->count == 0 && !*line)
            continue;
        key = find_key(&line);
        if (!key && t->count == 0)
            bad_case(t, "not a key: %s", line);
        if (!key) {
            append_line(&t->sections[t->count - 1].body, line);
            continue;
        }
        if (t->count == MAX_SECTIONS)
            bad_case(t, "too many sections");
        t->sections[t->count++] = (struct section){.key = key, .arg = line};
    }
    for (int i = 0; i < t->count; i++)
        trim_body(t->sections[i].body);
}

bool is_section(const struct section *s, const char *name)
{
    return strcmp(s->key->name, name) == 0;
}

const char *section_text(const struct section *s)
{
    char *line = NULL;

    if (!*s->arg)
        return s->body ? s->body : "";
    append_line(&line, s->arg);
    return line;
}
