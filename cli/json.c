/*
 * A writer of JSON: one item per line, two spaces per level.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/json.h"

#include "cli/demangle.h"

#include <inttypes.h>
#include <string.h>

enum { NAME_BYTES = 512 };

/* -- Text ------------------------------------------------------------------ */

/* What the first byte says, with the least second byte; the standard's table of
 * well-formed sequences. */
size_t cli_utf8_len(const char *text, size_t left)
{
    const unsigned char *p = (const unsigned char *)text;
    unsigned char low = 0x80, high = 0xbf;
    size_t len = 1;

    if (left == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf)
        len = 2;
    else if (p[0] >= 0xe0 && p[0] <= 0xef)
        len = 3;
    else if (p[0] >= 0xf0 && p[0] <= 0xf4)
        len = 4;
    if (len == 1 || len > left)
        return 0;
    low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : low;
    high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : high;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    return len;
}

void cli_json_quote(FILE *out, const char *text, size_t len)
{
    putc('"', out);
    for (size_t i = 0, n; i < len; i += n ? n : 1) {
        unsigned char c = (unsigned char)text[i];

        n = cli_utf8_len(text + i, len - i);
        if (n == 0)
            fputs("\\ufffd", out);
        else if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f || c == '<')
            fprintf(out, "\\u%04x", c);
        else if (c == 0xc2 && (unsigned char)text[i + 1] < 0xa0)
            fprintf(out, "\\u%04x", (unsigned char)text[i + 1]);
        else
            fwrite(text + i, 1, n, out);
    }
    putc('"', out);
}

/* -- Items ----------------------------------------------------------------- */

static void begin_line(struct cli_json *json)
{
    if (json->depth > 0)
        fprintf(json->out, "\n%*s", (int)(2 * json->depth), "");
}

static void begin_item(struct cli_json *json, const char *key)
{
    if (json->has_items)
        putc(',', json->out);
    begin_line(json);
    if (key)
        fprintf(json->out, "\"%s\": ", key);
    json->has_items = true;
}

void cli_json_open(struct cli_json *json, const char *key, char bracket)
{
    begin_item(json, key);
    putc(bracket, json->out);
    json->depth++;
    json->has_items = false;
}

void cli_json_close(struct cli_json *json, char bracket)
{
    json->depth--;
    if (json->has_items && json->depth > 0)
        begin_line(json);
    else if (json->has_items)
        putc('\n', json->out);
    putc(bracket, json->out);
    json->has_items = true;
    if (json->depth == 0)
        putc('\n', json->out);
}

void cli_json_text_n(struct cli_json *json, const char *key, const char *text,
                     size_t len)
{
    begin_item(json, key);
    if (text)
        cli_json_quote(json->out, text, len);
    else
        fputs("null", json->out);
}

void cli_json_text(struct cli_json *json, const char *key, const char *text)
{
    cli_json_text_n(json, key, text, text ? strlen(text) : 0);
}

void cli_json_name(struct cli_json *json, const char *key, const char *name)
{
    char plain[NAME_BYTES];

    if (name && cli_demangle(name, plain, sizeof(plain)))
        name = plain;
    cli_json_text(json, key, name);
}

void cli_json_number(struct cli_json *json, const char *key, uint64_t n)
{
    begin_item(json, key);
    fprintf(json->out, "%" PRIu64, n);
}

void cli_json_bool(struct cli_json *json, const char *key, bool value)
{
    begin_item(json, key);
    fputs(value ? "true" : "false", json->out);
}

void cli_json_ms(struct cli_json *json, const char *key, uint64_t ns)
{
    begin_item(json, key);
    fprintf(json->out, "%.6f", (double)ns / 1e6);
}
