/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/pool.h"

#include <stdlib.h>
#include <uv.h>

enum { STACK_BYTES = 1 << 20 };

/* A thread, and while it is idle its place among those that are. */
struct pool_thread {
    struct pool *pool;
    struct pool_thread *next_idle;
    uv_thread_t thread;
    uv_cond_t wake;
    bool is_woken;
};

struct queue {
    struct pool_job *first, **last;
    unsigned len;
};

struct pool {
    uv_mutex_t lock;
    struct queue added, resumed;
    unsigned max_waiting;
    struct pool_thread *idle;  /* the latest first: its caches are warm */
    unsigned waking;           /* woken or started, and without a job yet */
    unsigned begun, max_begun; /* and not ended */
    unsigned turn;
    unsigned busy; /* threads with a job */
    unsigned nthreads, max_threads;
    bool is_ending;
    struct pool_thread threads[];
};

static void append(struct queue *queue, struct pool_job *job)
{
    job->next = NULL;
    *queue->last = job;
    queue->last = &job->next;
    queue->len++;
}

static struct pool_job *take(struct queue *queue)
{
    struct pool_job *job = queue->first;

    queue->first = job->next;
    if (!queue->first)
        queue->last = &queue->first;
    queue->len--;
    return job;
}

static bool can_begin(const struct pool *pool)
{
    return pool->added.first && pool->begun < pool->max_begun;
}

static bool has_work(const struct pool *pool)
{
    return pool->resumed.first || can_begin(pool);
}

/* With the lock.  Somebody is to look for work, unless somebody is about to
 * already, who will see to the rest: a burst wakes one thread after the other,
 * and only as many as find something to do.  Returns the one to signal when the
 * lock has been given back, so that it need not wait for that. */
static struct pool_thread *choose_thread(struct pool *pool)
{
    struct pool_thread *thread = pool->idle;

    if (!has_work(pool) || pool->waking > 0 || !thread)
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

/* What has begun goes first: that is how room is made.  But not always, or
 * those that are brought back again and again would keep all others from
 * beginning. NULL when there is nothing to do. */
static struct pool_job *take_job(struct pool *pool)
{
    enum { TURNS = 4 };

    if (!has_work(pool))
        return NULL;
    pool->busy++;
    if (pool->resumed.first && !(can_begin(pool) && ++pool->turn % TURNS == 0))
        return take(&pool->resumed);
    pool->begun++;
    return take(&pool->added);
}

/* With the lock, and as one of those who are waking. */
static struct pool_job *next_job(struct pool_thread *thread)
{
    struct pool *pool = thread->pool;

    while (!has_work(pool) && !pool->is_ending) {
        pool->waking--;
        thread->is_woken = false;
        thread->next_idle = pool->idle;
        pool->idle = thread;
        while (!thread->is_woken)
            uv_cond_wait(&thread->wake, &pool->lock);
    }
    pool->waking--;
    return take_job(pool);
}

static void thread_main(void *arg);

/* With the lock, and when no thread is idle: starts one more. */
static void add_thread(struct pool *pool)
{
    uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE,
                                   .stack_size = STACK_BYTES};
    struct pool_thread *thread = &pool->threads[pool->nthreads];

    if (!has_work(pool) || pool->waking > 0 ||
        pool->nthreads == pool->max_threads)
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
    bool has_ended;

    uv_mutex_lock(&pool->lock);
    while ((job = next_job(thread))) {
        struct pool_thread *other = choose_thread(pool);

        add_thread(pool);
        uv_mutex_unlock(&pool->lock);
        wake(other);
        has_ended = job->run(job);
        uv_mutex_lock(&pool->lock);
        pool->begun -= has_ended;
        pool->busy--;
        pool->waking++;
    }
    uv_mutex_unlock(&pool->lock);
}

struct pool *pool_new(unsigned threads, unsigned jobs, unsigned queue)
{
    struct pool *pool =
        calloc(1, sizeof(*pool) + threads * sizeof(pool->threads[0]));

    if (!pool)
        return NULL;
    uv_mutex_init(&pool->lock);
    pool->added.last = &pool->added.first;
    pool->resumed.last = &pool->resumed.first;
    pool->max_threads = threads;
    pool->max_begun = jobs;
    pool->max_waiting = queue;
    return pool;
}

/* With the lock: a thread to signal, or NULL. */
static struct pool_thread *call_thread(struct pool *pool)
{
    struct pool_thread *thread = choose_thread(pool);

    add_thread(pool);
    return thread;
}

bool pool_add(struct pool *pool, struct pool_job *job)
{
    struct pool_thread *thread = NULL;
    bool fits;

    uv_mutex_lock(&pool->lock);
    fits = pool->added.len < pool->max_waiting;
    if (fits) {
        append(&pool->added, job);
        thread = call_thread(pool);
    }
    /* Nobody is there, and nobody can be started: it is the only job. */
    if (fits && pool->nthreads == 0) {
        take(&pool->added);
        fits = false;
    }
    uv_mutex_unlock(&pool->lock);
    wake(thread);
    return fits;
}

void pool_resume(struct pool *pool, struct pool_job *job)
{
    struct pool_thread *thread;

    uv_mutex_lock(&pool->lock);
    append(&pool->resumed, job);
    thread = call_thread(pool);
    uv_mutex_unlock(&pool->lock);
    wake(thread);
}

struct pool_load pool_load(struct pool *pool)
{
    struct pool_load load;
    unsigned active;

    uv_mutex_lock(&pool->lock);
    /* One that was brought back at once counts for two threads for a moment. */
    active = pool->busy + pool->resumed.len;
    load.running = pool->begun;
    load.suspended = pool->begun > active ? pool->begun - active : 0;
    load.waiting = pool->added.len;
    load.threads = pool->nthreads;
    uv_mutex_unlock(&pool->lock);
    return load;
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
