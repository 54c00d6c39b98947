/*
 * One line is one write of less than PIPE_BUF bytes, so lines never mix.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 2048, TEXT_BYTES = 1024 };

static int log_fd = -1;
static bool log_is_verbose;

/* Opened for reading as well: so it opens without a reader, writing to it is
 * never an error, and it survives restarts of containerd. */
void log_open(bool debug)
{
    log_is_verbose = debug;
    log_fd = open("log", O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* Doubles what is special between the quotes of logfmt. */
static void quote(char *out, size_t size, const char *text)
{
    size_t n = 0;

    for (; *text && n + 3 < size; text++) {
        if (*text == '"' || *text == '\\')
            out[n++] = '\\';
        out[n++] = (unsigned char)*text < 0x20 ? ' ' : *text;
    }
    out[n] = '\0';
}

static void write_line(const char *level, const char *format, va_list args)
{
    char text[TEXT_BYTES], quoted[TEXT_BYTES + TEXT_BYTES / 2];
    char line[LINE_BYTES], stamp[32];
    time_t now = time(NULL);
    struct tm tm;
    int len;

    if (log_fd < 0)
        return;
    vsnprintf(text, sizeof(text), format, args);
    quote(quoted, sizeof(quoted), text);
    gmtime_r(&now, &tm);
    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
    len = snprintf(line, sizeof(line),
                   "time=\"%s\" level=%s msg=\"%s\" runtime=wasmrt\n", stamp,
                   level, quoted);
    if (len > 0 && write(log_fd, line, (size_t)len) < 0)
        return; /* full: containerd is away */
}

void log_info(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line("info", format, args);
    va_end(args);
}

void log_warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line("warning", format, args);
    va_end(args);
}

void log_debug(const char *format, ...)
{
    va_list args;

    if (!log_is_verbose)
        return;
    va_start(args, format);
    write_line("debug", format, args);
    va_end(args);
}
