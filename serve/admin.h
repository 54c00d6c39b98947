/*
 * Pages of the admin address, and what they are written with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_ADMIN_H
#define SERVE_ADMIN_H

#include "serve/server.h"

/* Text that grows.  A failure is remembered. */
struct page {
    char *bytes; /* owned */
    size_t len, cap;
    bool is_out_of_memory;
};

__attribute__((format(printf, 2, 3))) void page_put(struct page *page,
                                                    const char *format, ...);
void page_fini(struct page *page);

/* Metrics in the text format of Prometheus (metrics.c), and the status page
 * (status.c).  False when memory is exhausted. */
bool metrics_write(struct page *page, const struct server *server);
bool status_write(struct page *page, const struct server *server);

#endif
