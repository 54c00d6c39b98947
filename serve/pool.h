/*
 * Threads for guests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_POOL_H
#define SERVE_POOL_H

#include "serve/guest.h"

#include <uv.h>

/* Something to do; part of what it is about. */
struct pool_job {
    struct pool_job *next;
    void (*run)(struct pool_job *job);
};

/* False when too many wait. */
bool pool_add(struct pool *pool, struct pool_job *job);

#endif
