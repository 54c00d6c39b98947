/*
 * One process has one log.  Lines are made whole before they are written, so
 * those of several threads do not mix.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/log.h"

#include "serve/date.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 12 * 1024, SHOWN_MAX = 2048 };

static struct {
    FILE *file; /* NULL: nobody wants it */
    bool is_json;
} access_log;

/* -- Writing into a line --------------------------------------------------- */

/* Cut off without a word when it is full. */
struct line {
    char *at;
    size_t len, size;
};

static void put_char(struct line *line, char c)
{
    if (line->len + 1 < line->size)
        line->at[line->len++] = c;
}

__attribute__((format(printf, 2, 3))) static void put(struct line *line,
                                                      const char *format, ...)
{
    va_list args;
    size_t room = line->size - line->len;
    int len;

    va_start(args, format);
    len = vsnprintf(line->at + line->len, room, format, args);
    va_end(args);
    if (len > 0)
        line->len += (size_t)len < room ? (size_t)len : room - 1;
}

/* What a client or a guest has written, so that it stays on its line and in its
 * quotes.  JSON escapes differ from those of text. */
static void put_quoted(struct line *line, struct span text, bool is_json)
{
    size_t len = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (c == '"' || c == '\\')
            put(line, "\\%c", c);
        else if (c >= 0x20 && c < 0x7f)
            put_char(line, (char)c);
        else
            put(line, is_json ? "\\u%04x" : "\\x%02x", c);
    }
}

static struct span span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

/* -- Entries --------------------------------------------------------------- */

static const char *const ends[] = {
    [GUEST_RUNS] = "runs",           [GUEST_RETURNED] = "returned",
    [GUEST_TRAPPED] = "trapped",     [GUEST_FAILED] = "failed",
    [GUEST_TIMED_OUT] = "timed-out", [GUEST_TOO_LONG] = "too-long",
    [GUEST_OUT_OF_FUEL] = "no-fuel", [GUEST_LEFT] = "left",
};

static void put_report(struct line *line, const struct guest_report *report)
{
    put(line, " guest=%s exit=%d start_us=%.1f run_us=%.1f memory=%llu",
        ends[report->end], report->status, (double)report->start_ns / 1e3,
        (double)report->run_ns / 1e3, (unsigned long long)report->memory_bytes);
    if (report->fuel)
        put(line, " fuel=%llu", (unsigned long long)report->fuel);
    if (report->text[0]) {
        put(line, " error=\"");
        put_quoted(line, span_of(report->text), false);
        put_char(line, '"');
    }
}

static size_t end_line(struct line *line)
{
    line->at[line->len++] = '\n';
    line->at[line->len] = '\0';
    return line->len;
}

/* The common log format, and then by name what it has no place for. */
size_t log_write_text(const struct log_entry *entry, char *out, size_t size)
{
    struct line line = {out, 0, size - 1};
    char date[DATE_BYTES];

    date_write_iso(entry->time_s, date);
    put(&line, "%s - - [%s] \"", entry->remote, date);
    put_quoted(&line, entry->method, false);
    put_char(&line, ' ');
    put_quoted(&line, entry->target, false);
    put(&line, " HTTP/1.%u\" %d %llu id=%s route=\"", entry->minor,
        entry->status, (unsigned long long)entry->sent_bytes, entry->id);
    put_quoted(&line, span_of(entry->route), false);
    put(&line, "\" in=%llu ms=%.3f", (unsigned long long)entry->received_bytes,
        (double)entry->duration_ns / 1e6);
    if (entry->guest)
        put_report(&line, entry->guest);
    return end_line(&line);
}

static void put_member(struct line *line, const char *name, struct span value)
{
    put(line, ",\"%s\":\"", name);
    put_quoted(line, value, true);
    put_char(line, '"');
}

static void put_json_report(struct line *line,
                            const struct guest_report *report)
{
    put(line,
        ",\"guest\":\"%s\",\"exit\":%d,\"start_us\":%.1f,\"run_us\":%.1f,"
        "\"memory_bytes\":%llu,\"fuel\":%llu",
        ends[report->end], report->status, (double)report->start_ns / 1e3,
        (double)report->run_ns / 1e3, (unsigned long long)report->memory_bytes,
        (unsigned long long)report->fuel);
    if (report->text[0])
        put_member(line, "error", span_of(report->text));
}

size_t log_write_json(const struct log_entry *entry, char *out, size_t size)
{
    /* Room for the end, so that a line that is cut off is the only damage. */
    struct line line = {out, 0, size - 2};
    char date[DATE_BYTES];

    date_write_iso(entry->time_s, date);
    put(&line, "{\"time\":\"%s\",\"id\":\"%s\",\"remote\":\"%s\"", date,
        entry->id, entry->remote);
    put_member(&line, "method", entry->method);
    put_member(&line, "target", entry->target);
    put_member(&line, "route", span_of(entry->route));
    put(&line,
        ",\"status\":%d,\"sent_bytes\":%llu,\"received_bytes\":%llu,"
        "\"ms\":%.3f",
        entry->status, (unsigned long long)entry->sent_bytes,
        (unsigned long long)entry->received_bytes,
        (double)entry->duration_ns / 1e6);
    if (entry->guest)
        put_json_report(&line, entry->guest);
    line.at[line.len++] = '}';
    return end_line(&line);
}

/* -- The log --------------------------------------------------------------- */

bool log_open_access(const char *path, bool is_json)
{
    access_log.is_json = is_json;
    access_log.file = stdout;
    if (path && strcmp(path, "none") == 0)
        access_log.file = NULL;
    else if (path)
        access_log.file = fopen(path, "a");
    if (access_log.file)
        setvbuf(access_log.file, NULL, _IOFBF, 64 * 1024);
    return access_log.file || (path && strcmp(path, "none") == 0);
}

void log_flush(void)
{
    if (access_log.file)
        fflush(access_log.file);
}

void log_close(void)
{
    log_flush();
    if (access_log.file && access_log.file != stdout)
        fclose(access_log.file);
    access_log.file = NULL;
}

void log_request(const struct log_entry *entry)
{
    char line[LINE_MAX_BYTES];
    size_t len;

    if (!access_log.file)
        return;
    len = access_log.is_json ? log_write_json(entry, line, sizeof(line))
                             : log_write_text(entry, line, sizeof(line));
    fwrite(line, 1, len, access_log.file);
}

void log_guest(const char *id, const char *text, size_t len)
{
    char bytes[LINE_MAX_BYTES];
    struct line line = {bytes, 0, sizeof(bytes) - 1};

    put(&line, "[%s] ", id);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        /* Terminals obey control characters; other bytes are text. */
        if (c >= 0x20 || c == '\t')
            put_char(&line, (char)c);
        else
            put(&line, "\\x%02x", c);
    }
    fwrite(bytes, 1, end_line(&line), stderr);
}

void log_say(const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    fprintf(stderr, "wasmrt: %s\n", text);
}
