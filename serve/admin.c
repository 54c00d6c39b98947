/*
 * Pages of the admin address: health, metrics and the status page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/admin.h"

#include "serve/conn.h"
#include "serve/exchange.h"

#include <string.h>

static void send_text(struct exchange *exchange, int status, const char *type,
                      const char *text)
{
    exchange_text(exchange, status, type, text, strlen(text));
}

static void send_page(struct exchange *exchange, const char *type,
                      bool (*write)(struct page *page,
                                    const struct server *server))
{
    struct page page = {0};

    if (write(&page, exchange->worker->server))
        exchange_text(exchange, 200, type, page.bytes, page.len);
    else
        exchange_fail(exchange, 503, "no memory");
    page_fini(&page);
}

static void send_readiness(struct exchange *exchange)
{
    bool is_draining = atomic_load(&exchange->worker->server->is_draining);

    send_text(exchange, is_draining ? 503 : 200, "text/plain",
              is_draining ? "draining\n" : "ready\n");
}

void admin_begin(struct exchange *exchange)
{
    const char *path = exchange->path;

    if (!span_is(exchange->http.method, "GET") &&
        !span_is(exchange->http.method, "HEAD"))
        exchange_fail(exchange, 405, "pages are only read");
    else if (strcmp(path, "/healthz") == 0)
        send_text(exchange, 200, "text/plain", "ok\n");
    else if (strcmp(path, "/readyz") == 0)
        send_readiness(exchange);
    else if (strcmp(path, "/metrics") == 0)
        send_page(exchange, "text/plain; version=0.0.4; charset=utf-8",
                  metrics_write);
    else if (strcmp(path, "/") == 0)
        send_page(exchange, "text/html; charset=utf-8", status_write);
    else
        exchange_fail(exchange, 404,
                      "there are /, /metrics, /healthz and /readyz");
}
