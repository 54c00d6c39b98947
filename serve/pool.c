/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/pool.h"

#include <stdlib.h>

enum { STACK_BYTES = 1 << 20 };

/* A thread, and while it is idle its place among those that are. */
struct pool_thread {
    struct pool *pool;
    struct pool_thread *next_idle;
    uv_thread_t thread;
    uv_cond_t wake;
    bool is_woken;
};

struct pool {
    uv_mutex_t lock;
    struct pool_job *first, **last;
    unsigned waiting, max_waiting;
    struct pool_thread *idle; /* the latest first: its caches are warm */
    unsigned waking;          /* woken or started, and without a job yet */
    unsigned running, nthreads, max_threads;
    bool is_ending;
    struct pool_thread threads[];
};

/* With the lock.  Somebody is to look for work, unless somebody is about to
 * already, who will see to the rest: a burst wakes one thread after the other,
 * and only as many as find something to do.  Returns the one to signal when the
 * lock has been given back, so that it need not wait for that. */
static struct pool_thread *choose_thread(struct pool *pool)
{
    struct pool_thread *thread = pool->idle;

    if (!pool->first || pool->waking > 0 || !thread)
        return NULL;
    pool->idle = thread->next_idle;
    thread->is_woken = true;
    pool->waking++;
    return thread;
}

static void wake(struct pool_thread *thread)
{
    if (thread)
        uv_cond_signal(&thread->wake);
}

/* With the lock, and as one of those who are waking. */
static struct pool_job *next_job(struct pool_thread *thread)
{
    struct pool *pool = thread->pool;
    struct pool_job *job;

    while (!pool->first && !pool->is_ending) {
        pool->waking--;
        thread->is_woken = false;
        thread->next_idle = pool->idle;
        pool->idle = thread;
        while (!thread->is_woken)
            uv_cond_wait(&thread->wake, &pool->lock);
    }
    pool->waking--;
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

static void thread_main(void *arg);

/* With the lock, and when no thread is idle: starts one more. */
static void add_thread(struct pool *pool)
{
    uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE,
                                   .stack_size = STACK_BYTES};
    struct pool_thread *thread = &pool->threads[pool->nthreads];

    if (!pool->first || pool->waking > 0 || pool->nthreads == pool->max_threads)
        return;
    thread->pool = pool;
    uv_cond_init(&thread->wake);
    if (uv_thread_create_ex(&thread->thread, &options, thread_main, thread)) {
        uv_cond_destroy(&thread->wake);
        return;
    }
    pool->nthreads++;
    pool->waking++;
}

static void thread_main(void *arg)
{
    struct pool_thread *thread = arg;
    struct pool *pool = thread->pool;
    struct pool_job *job;

    uv_mutex_lock(&pool->lock);
    while ((job = next_job(thread))) {
        struct pool_thread *other = choose_thread(pool);

        add_thread(pool);
        uv_mutex_unlock(&pool->lock);
        wake(other);
        job->run(job);
        uv_mutex_lock(&pool->lock);
        pool->running--;
        pool->waking++;
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
    pool->last = &pool->first;
    pool->max_threads = threads;
    pool->max_waiting = queue;
    return pool;
}

/* With the lock.  A thread to signal in *thread_out, or NULL; false when nobody
 * can take the job. */
static bool append(struct pool *pool, struct pool_job *job,
                   struct pool_thread **thread_out)
{
    job->next = NULL;
    *pool->last = job;
    pool->last = &job->next;
    pool->waiting++;
    *thread_out = choose_thread(pool);
    add_thread(pool);
    if (pool->nthreads > 0)
        return true;
    pool->first = NULL;
    pool->last = &pool->first;
    pool->waiting = 0;
    return false;
}

bool pool_add(struct pool *pool, struct pool_job *job)
{
    struct pool_thread *thread = NULL;
    bool fits;

    uv_mutex_lock(&pool->lock);
    fits = pool->waiting < pool->max_waiting && append(pool, job, &thread);
    uv_mutex_unlock(&pool->lock);
    wake(thread);
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
    for (struct pool_thread *t = pool->idle; t; t = t->next_idle) {
        t->is_woken = true;
        pool->waking++;
        uv_cond_signal(&t->wake);
    }
    pool->idle = NULL;
    uv_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->nthreads; i++) {
        uv_thread_join(&pool->threads[i].thread);
        uv_cond_destroy(&pool->threads[i].wake);
    }
    uv_mutex_destroy(&pool->lock);
    free(pool);
}
