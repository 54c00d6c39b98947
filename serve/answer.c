/*
 * How an answer is written: its head, and the framing of its body.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/conn.h"
#include "serve/date.h"
#include "serve/exchange.h"
#include "serve/os.h"

#include <stdio.h>
#include <string.h>

static void put_text(struct exchange *exchange, const char *text)
{
    conn_put(exchange->conn, text, strlen(text));
}

static void put_field(struct exchange *exchange, const struct http_field *field)
{
    conn_put(exchange->conn, field->name.at, field->name.len);
    put_text(exchange, ": ");
    conn_put(exchange->conn, field->value.at, field->value.len);
    put_text(exchange, "\r\n");
}

void answer_frame(struct exchange *exchange, int status, bool has_length,
                  uint64_t length)
{
    exchange->has_no_body = span_is(exchange->http.method, "HEAD") ||
                            status == 204 || status == 304;
    exchange->has_length = has_length && status != 204;
    exchange->left = length;
    exchange->is_chunked = !has_length && exchange->http.minor == 1;
    if (!has_length && !exchange->is_chunked && !exchange->has_no_body)
        exchange->conn->keeps_alive = false;
}

static void put_framing(struct exchange *exchange)
{
    char line[64];

    if (exchange->has_length) {
        snprintf(line, sizeof(line), "Content-Length: %llu\r\n",
                 (unsigned long long)exchange->left);
        put_text(exchange, line);
    } else if (exchange->is_chunked && !exchange->has_no_body) {
        put_text(exchange, "Transfer-Encoding: chunked\r\n");
    }
    if (!exchange->conn->keeps_alive)
        put_text(exchange, "Connection: close\r\n");
    else if (exchange->http.minor == 0)
        put_text(exchange, "Connection: keep-alive\r\n");
}

void answer_head(struct exchange *exchange, int status, struct span reason,
                 const struct http_field *fields, size_t nfields)
{
    char date[DATE_BYTES], line[160];

    exchange->status = status;
    /* What is left of a body would be taken for the next request. */
    if (!exchange->has_body && !exchange->has_continue)
        exchange->conn->keeps_alive = false;
    if (exchange->worker->is_draining)
        exchange->conn->keeps_alive = false;
    snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
    put_text(exchange, line);
    if (reason.len > 0)
        conn_put(exchange->conn, reason.at, reason.len);
    else
        put_text(exchange, http_reason(status));
    date_write(os_now_s(), date);
    snprintf(line, sizeof(line), "\r\nDate: %s\r\nX-Request-Id: %s\r\n", date,
             exchange->id);
    put_text(exchange, line);
    for (size_t i = 0; i < nfields; i++)
        put_field(exchange, &fields[i]);
    put_framing(exchange);
    put_text(exchange, "\r\n");
}

void answer_body(struct exchange *exchange, const char *bytes, size_t len)
{
    char line[24];

    if (exchange->has_length && len > exchange->left)
        len = (size_t)exchange->left;
    if (exchange->has_length)
        exchange->left -= len;
    if (exchange->has_no_body || len == 0)
        return;
    exchange->sent_bytes += len;
    if (exchange->is_chunked) {
        snprintf(line, sizeof(line), "%zx\r\n", len);
        put_text(exchange, line);
    }
    conn_put(exchange->conn, bytes, len);
    if (exchange->is_chunked)
        put_text(exchange, "\r\n");
}

/* An answer that is shorter than it said must not look complete. */
void answer_end(struct exchange *exchange)
{
    exchange->is_done = true;
    if (exchange->has_no_body)
        return;
    if (exchange->has_length && exchange->left > 0)
        exchange->is_broken = true;
    if (exchange->is_chunked && !exchange->is_broken)
        put_text(exchange, "0\r\n\r\n");
}
