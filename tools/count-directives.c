/*
 * usage: count-directives FILE...
 *
 * Counts the directives of test scripts (.wast): modules, registrations, actions
 * that stand alone, and assertions, also those inside threads.  Prints
 * "NAME: N" for each file.
 *
 * An s-expression scanner of its own, which shares nothing with the runner whose
 * counts it checks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A place in a text that ends with a NUL byte; `end` tells it from others. */
struct scan {
    const char *pos, *end;
};

static void die(const char *path, const char *what)
{
    fprintf(stderr, "count-directives: %s: %s\n", path, what);
    exit(1);
}

static int looking_at(const struct scan *s, const char *two)
{
    return s->end - s->pos >= 2 && memcmp(s->pos, two, 2) == 0;
}

/* Moves behind a string whose quote is here. */
static void skip_string(struct scan *s)
{
    for (s->pos++; s->pos < s->end && *s->pos != '"'; s->pos++)
        s->pos += *s->pos == '\\';
    s->pos++;
}

static void skip_line(struct scan *s)
{
    while (s->pos < s->end && *s->pos != '\n' && *s->pos != '\r')
        s->pos++;
}

/* Moves behind a block comment, which may hold others. */
static void skip_comment(struct scan *s)
{
    int depth = 0;

    do {
        if (looking_at(s, "(;"))
            depth++;
        else if (looking_at(s, ";)"))
            depth--;
        else {
            s->pos++;
            continue;
        }
        s->pos += 2;
    } while (depth > 0 && s->pos < s->end);
}

/* Moves behind whatever is no parenthesis; the parenthesis, or 0 at the end. */
static int next_parenthesis(struct scan *s)
{
    while (s->pos < s->end) {
        if (looking_at(s, ";;"))
            skip_line(s);
        else if (looking_at(s, "(;"))
            skip_comment(s);
        else if (*s->pos == '"')
            skip_string(s);
        else if (*s->pos == '(' || *s->pos == ')')
            return *s->pos++;
        else
            s->pos++;
    }
    return 0;
}

/* Moves behind the group whose parenthesis has been read. */
static void skip_group(struct scan *s)
{
    int depth = 1, c;

    while (depth > 0 && (c = next_parenthesis(s)) != 0)
        depth += c == '(' ? 1 : -1;
}

/* Moves behind blanks, comments and annotations. */
static void skip_blanks(struct scan *s)
{
    while (s->pos < s->end) {
        if (looking_at(s, ";;")) {
            skip_line(s);
        } else if (looking_at(s, "(;")) {
            skip_comment(s);
        } else if (looking_at(s, "(@")) {
            s->pos += 2;
            skip_group(s);
        } else if (strchr(" \t\r\n", *s->pos) && *s->pos) {
            s->pos++;
        } else {
            return;
        }
    }
}

/* Whether the word right here is this one. */
static int at_word(const struct scan *s, const char *word)
{
    size_t len = strlen(word);

    return (size_t)(s->end - s->pos) > len && memcmp(s->pos, word, len) == 0 &&
           strchr(" \t\r\n()\";", s->pos[len]) != NULL;
}

static int is_one_of(const struct scan *s, const char *const *words)
{
    while (*words && !at_word(s, *words))
        words++;
    return *words != NULL;
}

/* A module without its parentheses is the only one of its file. */
static const char *const fields[] = {
    "type",   "rec", "import", "func",  "table", "memory", "global",
    "tag",    "export", "start", "elem", "data", NULL,
};

static const char *const directives[] = {
    "module", "register", "invoke", "get", NULL,
};

/* The directives up to the parenthesis that closes the group around them. */
static unsigned long count(struct scan *s)
{
    unsigned long n = 0;

    while (next_parenthesis(s) == '(') {
        if (*s->pos == '@') {
            skip_group(s);
            continue;
        }
        skip_blanks(s);
        if (is_one_of(s, fields))
            return 1;
        if (at_word(s, "thread")) {
            n += count(s);
            continue;
        }
        n += is_one_of(s, directives) || strncmp(s->pos, "assert_", 7) == 0;
        skip_group(s);
    }
    return n;
}

/* The whole file with a NUL behind it. */
static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t room = 0, n;

    *len = 0;
    if (!file)
        die(path, "cannot be read");
    do {
        if (room - *len < 65536) {
            room += room + 131072;
            text = realloc(text, room);
            if (!text)
                die(path, "out of memory");
        }
        n = fread(text + *len, 1, room - *len - 1, file);
        *len += n;
    } while (n > 0);
    if (ferror(file))
        die(path, "cannot be read");
    fclose(file);
    text[*len] = '\0';
    return text;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *slash = strrchr(argv[i], '/');
        size_t len;
        char *text = read_file(argv[i], &len);
        struct scan s = {text, text + len};

        printf("%s: %lu\n", slash ? slash + 1 : argv[i], count(&s));
        free(text);
    }
    return 0;
}
