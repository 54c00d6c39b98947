/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/pool.h"

#include <stdlib.h>

enum { STACK_BYTES = 1 << 20 };

struct pool {
    uv_mutex_t lock;
    uv_cond_t work;
    struct pool_job *first, **last;
    unsigned waiting, max_waiting;
    unsigned idle, running, nthreads, max_threads;
    bool is_ending;
    uv_thread_t threads[];
};

static struct pool_job *next_job(struct pool *pool)
{
    struct pool_job *job;

    while (!pool->first && !pool->is_ending) {
        pool->idle++;
        uv_cond_wait(&pool->work, &pool->lock);
        pool->idle--;
    }
    job = pool->first;
    if (job) {
        pool->first = job->next;
        if (!pool->first)
            pool->last = &pool->first;
        pool->waiting--;
        pool->running++;
    }
    return job;
}

static void thread_main(void *arg)
{
    struct pool *pool = arg;
    struct pool_job *job;

    uv_mutex_lock(&pool->lock);
    while ((job = next_job(pool))) {
        uv_mutex_unlock(&pool->lock);
        job->run(job);
        uv_mutex_lock(&pool->lock);
        pool->running--;
    }
    uv_mutex_unlock(&pool->lock);
}

struct pool *pool_new(unsigned threads, unsigned queue)
{
    struct pool *pool =
        calloc(1, sizeof(*pool) + threads * sizeof(pool->threads[0]));

    if (!pool)
        return NULL;
    uv_mutex_init(&pool->lock);
    uv_cond_init(&pool->work);
    pool->last = &pool->first;
    pool->max_threads = threads;
    pool->max_waiting = queue;
    return pool;
}

/* With the lock. */
static void add_thread(struct pool *pool)
{
    uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE,
                                   .stack_size = STACK_BYTES};

    if (uv_thread_create_ex(&pool->threads[pool->nthreads], &options,
                            thread_main, pool) == 0)
        pool->nthreads++;
}

bool pool_add(struct pool *pool, struct pool_job *job)
{
    bool fits;

    uv_mutex_lock(&pool->lock);
    if (pool->idle <= pool->waiting && pool->nthreads < pool->max_threads)
        add_thread(pool);
    fits = pool->nthreads > 0 && pool->waiting < pool->max_waiting;
    if (fits) {
        job->next = NULL;
        *pool->last = job;
        pool->last = &job->next;
        pool->waiting++;
        uv_cond_signal(&pool->work);
    }
    uv_mutex_unlock(&pool->lock);
    return fits;
}

void pool_load(struct pool *pool, unsigned *running, unsigned *waiting)
{
    uv_mutex_lock(&pool->lock);
    *running = pool->running;
    *waiting = pool->waiting;
    uv_mutex_unlock(&pool->lock);
}

void pool_delete(struct pool *pool)
{
    if (!pool)
        return;
    uv_mutex_lock(&pool->lock);
    pool->is_ending = true;
    uv_cond_broadcast(&pool->work);
    uv_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->nthreads; i++)
        uv_thread_join(&pool->threads[i]);
    uv_cond_destroy(&pool->work);
    uv_mutex_destroy(&pool->lock);
    free(pool);
}
