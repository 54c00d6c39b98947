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

#include <stdbool.h>

struct pool;

/* Threads are started as they are needed; so many jobs have begun at once, and
 * so many wait to begin.  NULL when memory is exhausted. */
struct pool *pool_new(unsigned threads, unsigned jobs, unsigned queue);

/* Waits for the jobs that run.  NULL is allowed. */
void pool_delete(struct pool *pool);

struct pool_load {
    unsigned running;   /* jobs that have begun and not ended */
    unsigned suspended; /* of these, those that wait and have no thread */
    unsigned waiting;   /* jobs that are to begin */
    unsigned threads;
};
struct pool_load pool_load(struct pool *pool);

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
