/*
 * A data test as text: sections of a key, the rest of its line, and a body.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_RUN_PARSE_H
#define WRT_TESTS_RUN_PARSE_H

#include <stdbool.h>

enum { MAX_SECTIONS = 256 };

/* When a section is acted on. */
enum role { PREPARE, START, EXTEND };

struct key {
    const char *name;
    enum role role;
};

/* `arg` is the rest of the key's line, `body` the lines below it. */
struct section {
    const struct key *key;
    char *arg;
    char *body;
};

struct test_file {
    const char *path;
    struct section sections[MAX_SECTIONS];
    int count;
};

/* Ends the process with the reason of errno: the harness itself is in trouble.
 */
_Noreturn void die(const char *what);

/* Ends the case: it is not well-formed. */
_Noreturn void bad_case(const struct test_file *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The text of a file, or the end of the process. */
char *read_whole(const char *path);

/* Fills in the sections; t->path is set.  Takes the text apart in place. */
void parse_case(struct test_file *t, char *text);

/* True for a section of that kind. */
bool is_section(const struct section *s, const char *name);

/* The text of a section: its argument as one line, or else its body. */
const char *section_text(const struct section *s);

#endif
