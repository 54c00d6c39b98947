/*
 * JSON for machines that read what we print.
 *
 * Text from modules may be anything: what is no UTF-8 becomes U+FFFD.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_JSON_H
#define WRT_CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What is being written.  Owner: the caller; starts as {.out = FILE}. */
struct cli_json {
    FILE *out;
    unsigned depth;
    bool has_items; /* at this depth */
};

/* Begins an object ('{') or a list ('['); key is NULL in a list. */
void cli_json_open(struct cli_json *json, const char *key, char bracket);
/* Ends it ('}' or ']'). */
void cli_json_close(struct cli_json *json, char bracket);

/* A value; key is NULL in a list.  text NULL is null. */
void cli_json_text(struct cli_json *json, const char *key, const char *text);
void cli_json_text_n(struct cli_json *json, const char *key, const char *text,
                     size_t len);
/* A name, demangled; NULL is null. */
void cli_json_name(struct cli_json *json, const char *key, const char *name);
void cli_json_number(struct cli_json *json, const char *key, uint64_t n);
void cli_json_bool(struct cli_json *json, const char *key, bool value);
/* With six digits behind the point. */
void cli_json_ms(struct cli_json *json, const char *key, uint64_t ns);

/* Only the text, in quotes; also right in a script of an HTML page and on a
 * terminal: < and control characters are written as escapes. */
void cli_json_quote(FILE *out, const char *text, size_t len);

/* Length of the UTF-8 character at text, or 0 when there is none. */
size_t cli_utf8_len(const char *text, size_t left);

#endif
