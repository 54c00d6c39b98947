/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Numbers with units are read without floating point, so that large sizes are
 * exact and nothing depends on a locale.
 */
#include "cli/parse.h"

#include <stddef.h>
#include <string.h>

/* -- Numbers --------------------------------------------------------------- */

struct unit {
    const char *name;
    uint64_t factor;
};

/* sum + digit * factor, or false when it does not fit. */
static bool add_scaled(uint64_t *sum, uint64_t digits, uint64_t factor)
{
    if (factor && digits > (UINT64_MAX - *sum) / factor)
        return false;
    *sum += digits * factor;
    return true;
}

/* Reads decimal digits; at least one. */
static bool read_digits(const char **text, uint64_t *out)
{
    const char *p = *text;
    uint64_t n = 0;

    for (; *p >= '0' && *p <= '9'; p++) {
        unsigned digit = (unsigned)(*p - '0');

        if (n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    if (p == *text)
        return false;
    *text = p;
    *out = n;
    return true;
}

static const struct unit *find_unit(const struct unit *units, const char *name)
{
    for (; units->name; units++) {
        if (strcmp(units->name, name) == 0)
            return units;
    }
    return NULL;
}

/* 0.DIGITS of a unit, cut off below one.  Works from the last digit, so that
 * nothing is lost before the end. */
static uint64_t fraction_of(const char *digits, const char *end,
                            uint64_t factor)
{
    uint64_t sum = 0;

    while (end > digits)
        sum = (sum + (uint64_t)(*--end - '0') * factor) / 10;
    return sum;
}

/* DIGITS[.DIGITS][UNIT]. */
static bool parse_scaled(const char *text, const struct unit *units,
                         uint64_t *out)
{
    const struct unit *unit;
    const char *fraction = NULL, *end;
    uint64_t whole, ignored;

    if (!read_digits(&text, &whole))
        return false;
    if (*text == '.') {
        fraction = ++text;
        if (!read_digits(&text, &ignored))
            return false;
    }
    end = text;
    unit = find_unit(units, end);
    *out = unit && fraction ? fraction_of(fraction, end, unit->factor) : 0;
    return unit && add_scaled(out, whole, unit->factor);
}

bool cli_parse_duration(const char *text, uint64_t *ns_out)
{
    static const uint64_t second = 1000000000;
    const struct unit units[] = {
        {"", second},
        {"ns", 1},
        {"us", 1000},
        {"ms", second / 1000},
        {"s", second},
        {"m", second * 60},
        {"h", second * 60 * 60},
        {NULL, 0},
    };

    return parse_scaled(text, units, ns_out) && *ns_out > 0;
}

bool cli_parse_size(const char *text, uint64_t *bytes_out)
{
    static const struct unit units[] = {
        {"", 1},
        {"K", UINT64_C(1) << 10},
        {"KiB", UINT64_C(1) << 10},
        {"M", UINT64_C(1) << 20},
        {"MiB", UINT64_C(1) << 20},
        {"G", UINT64_C(1) << 30},
        {"GiB", UINT64_C(1) << 30},
        {"T", UINT64_C(1) << 40},
        {"TiB", UINT64_C(1) << 40},
        {NULL, 0},
    };

    return parse_scaled(text, units, bytes_out);
}

bool cli_parse_count(const char *text, uint64_t max, uint64_t *out)
{
    return read_digits(&text, out) && *text == '\0' && *out <= max;
}

bool cli_parse_range(const char *text, uint64_t max, uint64_t *first,
                     uint64_t *end)
{
    return read_digits(&text, first) && *text == ':' &&
           cli_parse_count(text + 1, max, end) && *first <= *end;
}

/* -- Directories ----------------------------------------------------------- */

static char *find_last_double_colon(char *text)
{
    for (size_t i = strlen(text); i >= 2; i--) {
        if (text[i - 2] == ':' && text[i - 1] == ':')
            return text + i - 2;
    }
    return NULL;
}

const char *cli_parse_dir(char *text, struct cli_mount *out)
{
    size_t len = strlen(text);
    char *split;

    *out = (struct cli_mount){.host = text, .guest = text};
    if (len >= 3 && strcmp(text + len - 3, ":ro") == 0) {
        text[len - 3] = '\0';
        out->is_read_only = true;
    }
    split = find_last_double_colon(text);
    if (split) {
        *split = '\0';
        out->guest = split + 2;
    }
    if (!*out->host)
        return "the host directory is empty";
    return *out->guest ? NULL : "the guest directory is empty";
}

/*
 * Takes one field off a list with commas, and removes the quotes around its
 * value or around a part of it, in place: the result is never longer.  Returns
 * what follows the comma, or NULL at the end.  *is_open_out: a quote is
 * missing.
 */
static char *take_field(char *text, bool *is_open_out)
{
    char *to = text;
    bool is_quoted = false;

    for (; *text && (is_quoted || *text != ','); text++) {
        if (*text != '"')
            *to++ = *text;
        else if (is_quoted && text[1] == '"')
            *to++ = *text++;
        else
            is_quoted = !is_quoted;
    }
    *is_open_out = is_quoted;
    if (*text == '\0')
        text = NULL;
    *to = '\0';
    return text ? text + 1 : NULL;
}

static char *value_of(char *field, const char *key)
{
    size_t len = strlen(key);

    return strncmp(field, key, len) == 0 && field[len] == '=' ? field + len + 1
                                                              : NULL;
}

/* One field of --mount; returns what is wrong with it. */
static const char *set_field(char *field, struct cli_mount *out)
{
    char *value;

    if (strcmp(field, "ro") == 0) {
        out->is_read_only = true;
        return NULL;
    }
    if ((value = value_of(field, "host")) != NULL) {
        if (out->host)
            return "host= is given twice";
        out->host = value;
        return *value ? NULL : "host= is empty";
    }
    if ((value = value_of(field, "guest")) != NULL) {
        if (out->guest)
            return "guest= is given twice";
        out->guest = value;
        return *value ? NULL : "guest= is empty";
    }
    return "a field is none of host=, guest=, ro";
}

const char *cli_parse_mount(char *text, struct cli_mount *out)
{
    *out = (struct cli_mount){.host = NULL};
    while (text) {
        bool is_open;
        char *rest = take_field(text, &is_open);
        const char *why =
            is_open ? "a quote is not closed" : set_field(text, out);

        if (why)
            return why;
        text = rest;
    }
    if (!out->host)
        return "host= is missing";
    if (!out->guest)
        out->guest = out->host;
    return NULL;
}

/* -- Variables ------------------------------------------------------------- */

/* Ends the line in place and returns the start of the next one. */
static char *take_line(char *text)
{
    size_t len = strcspn(text, "\n");
    char *next = text[len] ? text + len + 1 : text + len;

    text[len] = '\0';
    if (len > 0 && text[len - 1] == '\r')
        text[len - 1] = '\0';
    return next;
}

bool cli_parse_env_line(char **text, char **name_out, char **value_out)
{
    while (**text) {
        char *line = *text, *equals;

        *text = take_line(line);
        if (*line == '\0' || *line == '#')
            continue;
        equals = strchr(line, '=');
        if (equals)
            *equals++ = '\0';
        *name_out = line;
        *value_out = equals;
        return true;
    }
    return false;
}
