/*
 * A reader for configuration files: the part of TOML 1.0 that they need.
 *
 * Tables, arrays of tables, bare and quoted keys, comments; values are strings
 * (basic and literal, on one line), whole numbers, true and false, and arrays
 * of strings. Everything else is refused, with the number of its line; what is
 * accepted means what it means in TOML.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_TOML_H
#define WRT_CLI_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum toml_kind {
    TOML_TABLE,   /* a table begins */
    TOML_ELEMENT, /* one more table of an array begins */
    TOML_STRING,
    TOML_NUMBER,
    TOML_BOOL,
    TOML_STRINGS
};

/* What was read. Strings lie in the text that was read; the list of them is for
 * the receiver to free. */
struct toml_item {
    enum toml_kind kind;
    const char *table; /* the one in which it is; "" at the top */
    const char *key;
    char *string;
    int64_t number;
    bool is_true;
    char **strings;
    size_t nstrings;
};

struct toml_fault {
    unsigned line;
    char why[160];
};

/* Takes an item; returns NULL, or what is wrong with it. */
typedef const char *(*toml_fn)(void *user, const struct toml_item *item);

/* Reads a text, in place. False: `fault` says what is wrong. */
bool toml_read(char *text, toml_fn take, void *user, struct toml_fault *fault);

#endif
