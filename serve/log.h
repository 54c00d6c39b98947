/*
 * Logs: a line per request, and what goes wrong.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_LOG_H
#define SERVE_LOG_H

#include "serve/guest.h"
#include "serve/http.h"

/* What there is to say about a request. */
struct log_entry {
    int64_t time_s; /* when it came */
    const char *id;
    const char *remote;
    struct span method, target;
    unsigned minor;
    const char *route; /* "" when none */
    int status;        /* 499: the client left before there was one */
    uint64_t sent_bytes, received_bytes;
    uint64_t duration_ns;
    const struct guest_report *guest; /* NULL: none ran */
};

/* Opens the access log; false when it cannot be written. */
bool log_open_access(const char *path, bool is_json);
void log_flush(void);
void log_close(void);

void log_request(const struct log_entry *entry);

/* A line that a guest wrote to standard error, or about a guest. */
void log_guest(const char *id, const char *text, size_t len);

/* About the server itself. */
__attribute__((format(printf, 1, 2))) void log_say(const char *format, ...);

/* Writes the line of an entry with its newline, cut to size; returns its
 * length. */
size_t log_write_text(const struct log_entry *entry, char *out, size_t size);
size_t log_write_json(const struct log_entry *entry, char *out, size_t size);

#endif
