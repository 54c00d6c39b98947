/*
 * Threads for guests.
 *
 * A job has a thread until it has ended or is suspended; whoever has what it
 * waits for brings it back, to any thread that is free.  So a job that computes
 * is in nobody's way while there are threads, and one that waits needs none.
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
    /* Whether it has ended; else it is suspended, and may have been brought
     * back already.  Either way the pool knows it no more. */
    bool (*run)(struct pool_job *job);
};

/* False when too many wait. */
bool pool_add(struct pool *pool, struct pool_job *job);

/* Brings a job back that is suspended. */
void pool_resume(struct pool *pool, struct pool_job *job);

#endif
