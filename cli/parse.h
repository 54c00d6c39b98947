/*
 * Values of options.  Pure functions; strings are taken apart in place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_PARSE_H
#define WRT_CLI_PARSE_H

#include <stdbool.h>
#include <stdint.h>

/* "1.5s", "20ms", "2m", "1h", "500us", "7ns"; without a unit, seconds.  False
 * when malformed, zero or too large. */
bool cli_parse_duration(const char *text, uint64_t *ns_out);

/* "65536", "64K", "64KiB", "1.5G", "2T"; powers of 1024.  False when malformed
 * or too large. */
bool cli_parse_size(const char *text, uint64_t *bytes_out);

/* A decimal number up to max. */
bool cli_parse_count(const char *text, uint64_t max, uint64_t *out);

/* FIRST:END, two such numbers of which the first is not the larger one. */
bool cli_parse_range(const char *text, uint64_t max, uint64_t *first,
                     uint64_t *end);

/* A directory to grant.  The strings lie in the text that was parsed. */
struct cli_mount {
    char *host;
    char *guest;
    bool is_read_only;
};

/* HOST[::GUEST][:ro] of --dir.  Returns NULL, or what is wrong. */
const char *cli_parse_dir(char *text, struct cli_mount *out);

/* host=DIR[,guest=DIR][,ro] of --mount.  Returns NULL, or what is wrong. */
const char *cli_parse_mount(char *text, struct cli_mount *out);

/*
 * Takes the next line NAME=VALUE or NAME off the text of a variable file and
 * moves *text behind it.  Skips empty lines and comments.  *value_out is NULL
 * for a name alone.  False at the end.
 */
bool cli_parse_env_line(char **text, char **name_out, char **value_out);

#endif
