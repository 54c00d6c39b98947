/*
 * The threads for guests: all jobs are done, as many at once as there may be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/pool.h"

#include "tests/lib/test.h"

#include <stdatomic.h>
#include <uv.h>

enum { THREADS = 8, JOBS = 2000 };

struct job {
    struct pool_job job; /* first: see the functions below */
    uv_barrier_t *barrier;
    uv_sem_t *begun, *go;
    atomic_uint *done;
};

/* Ends when as many jobs run as the barrier has room for. */
static bool meet(struct pool_job *job)
{
    struct job *self = (struct job *)job;

    uv_barrier_wait(self->barrier);
    atomic_fetch_add(self->done, 1);
    return true;
}

static bool wait_to_go(struct pool_job *job)
{
    struct job *self = (struct job *)job;

    uv_sem_post(self->begun);
    uv_sem_wait(self->go);
    atomic_fetch_add(self->done, 1);
    return true;
}

static bool count(struct pool_job *job)
{
    atomic_fetch_add(((struct job *)job)->done, 1);
    return true;
}

/* Threads are woken one by another: every one of a burst must be, whether it
 * has to be started or is idle. */
TEST(pool_runs_as_many_jobs_as_it_has_threads)
{
    struct pool *pool = pool_new(THREADS, JOBS, JOBS);
    uv_barrier_t barrier;
    atomic_uint done = 0;
    struct job jobs[THREADS];

    CHECK(pool != NULL);
    CHECK_EQ(uv_barrier_init(&barrier, THREADS), 0);
    for (unsigned round = 1; round <= 20; round++) {
        for (unsigned i = 0; i < THREADS; i++) {
            jobs[i] = (struct job){
                .job.run = meet, .barrier = &barrier, .done = &done};
            CHECK(pool_add(pool, &jobs[i].job));
        }
        while (atomic_load(&done) < round * THREADS)
            uv_sleep(1);
    }
    pool_delete(pool);
    uv_barrier_destroy(&barrier);
}

TEST(pool_refuses_what_is_too_much)
{
    struct pool *pool = pool_new(1, 2, 2);
    uv_sem_t begun, go;
    atomic_uint done = 0;
    struct job jobs[4];
    struct pool_load load;

    CHECK_EQ(uv_sem_init(&begun, 0), 0);
    CHECK_EQ(uv_sem_init(&go, 0), 0);
    for (unsigned i = 0; i < 4; i++) {
        jobs[i] = (struct job){
            .job.run = wait_to_go, .begun = &begun, .go = &go, .done = &done};
        CHECK_EQ(pool_add(pool, &jobs[i].job), i < 3);
        if (i == 0)
            uv_sem_wait(&begun);
    }
    load = pool_load(pool);
    CHECK_EQ(load.running, 1);
    CHECK_EQ(load.suspended, 0);
    CHECK_EQ(load.waiting, 2);
    for (unsigned i = 0; i < 3; i++)
        uv_sem_post(&go);
    /* What waits is done first. */
    pool_delete(pool);
    CHECK_EQ(done, 3);
    uv_sem_destroy(&begun);
    uv_sem_destroy(&go);
}

struct adder {
    struct pool *pool;
    atomic_uint *done;
    struct job jobs[JOBS];
};

static void add_all(void *arg)
{
    struct adder *self = arg;

    for (unsigned i = 0; i < JOBS; i++) {
        self->jobs[i] = (struct job){.job.run = count, .done = self->done};
        CHECK(pool_add(self->pool, &self->jobs[i].job));
    }
}

TEST(pool_loses_no_job)
{
    static struct adder adders[3];
    struct pool *pool = pool_new(THREADS, 3 * JOBS, 3 * JOBS);
    uv_thread_t threads[3];
    atomic_uint done = 0;

    CHECK(pool != NULL);
    for (unsigned i = 0; i < 3; i++) {
        adders[i].pool = pool;
        adders[i].done = &done;
        CHECK_EQ(uv_thread_create(&threads[i], add_all, &adders[i]), 0);
    }
    for (unsigned i = 0; i < 3; i++)
        uv_thread_join(&threads[i]);
    /* Without a new one to wake anybody. */
    while (atomic_load(&done) < 3 * JOBS)
        uv_sleep(1);
    pool_delete(pool);
}

/* -- Jobs that are suspended ----------------------------------------------- */

struct sleeper {
    struct pool_job job; /* first: see the functions below */
    struct pool *pool;
    unsigned steps;
    atomic_uint *suspended, *done;
};

/* Suspends twice, then ends. */
static bool sleep_twice(struct pool_job *job)
{
    struct sleeper *self = (struct sleeper *)job;
    atomic_uint *suspended = self->suspended;

    if (self->steps++ == 2) {
        atomic_fetch_add(self->done, 1);
        return true;
    }
    atomic_fetch_add(suspended, 1);
    return false;
}

/* Is brought back before it is suspended, and so may run twice at a time. */
static bool hurry(struct pool_job *job)
{
    struct sleeper *self = (struct sleeper *)job;

    if (self->steps++ == 100) {
        atomic_fetch_add(self->done, 1);
        return true;
    }
    pool_resume(self->pool, job);
    return false;
}

TEST(pool_holds_no_thread_for_what_is_suspended)
{
    enum { GUESTS = 100, MORE = 20 };
    static struct sleeper jobs[GUESTS + MORE];
    struct pool *pool = pool_new(2, GUESTS, GUESTS + MORE);
    atomic_uint suspended = 0, done = 0;
    struct pool_load load;

    for (unsigned i = 0; i < GUESTS + MORE; i++) {
        jobs[i] = (struct sleeper){
            .job.run = sleep_twice, .suspended = &suspended, .done = &done};
        CHECK(pool_add(pool, &jobs[i].job));
    }
    while (atomic_load(&suspended) < GUESTS ||
           pool_load(pool).suspended < GUESTS)
        uv_sleep(1);
    load = pool_load(pool);
    CHECK_EQ(load.running, GUESTS);
    CHECK_EQ(load.waiting, MORE);
    CHECK(load.threads <= 2);
    for (unsigned i = 0; i < GUESTS; i++)
        pool_resume(pool, &jobs[i].job);
    while (atomic_load(&suspended) < 2 * GUESTS)
        uv_sleep(1);
    for (unsigned i = 0; i < GUESTS; i++)
        pool_resume(pool, &jobs[i].job);
    /* Those that end make room for the rest. */
    while (atomic_load(&suspended) < 2 * GUESTS + MORE ||
           atomic_load(&done) < GUESTS)
        uv_sleep(1);
    CHECK_EQ(done, GUESTS);
    for (int step = 2; step > 0; step--) {
        for (unsigned i = GUESTS; i < GUESTS + MORE; i++)
            pool_resume(pool, &jobs[i].job);
        while (step == 2 && atomic_load(&suspended) < 2 * (GUESTS + MORE))
            uv_sleep(1);
    }
    pool_delete(pool);
    CHECK_EQ(done, GUESTS + MORE);
}

TEST(pool_goes_on_with_what_was_brought_back_at_once)
{
    static struct sleeper jobs[JOBS];
    struct pool *pool = pool_new(THREADS, JOBS, JOBS);
    atomic_uint done = 0;

    for (unsigned i = 0; i < JOBS; i++) {
        jobs[i] =
            (struct sleeper){.job.run = hurry, .pool = pool, .done = &done};
        CHECK(pool_add(pool, &jobs[i].job));
    }
    while (atomic_load(&done) < JOBS)
        uv_sleep(1);
    CHECK_EQ(pool_load(pool).suspended, 0);
    pool_delete(pool);
}

/* Is always back at once, until somebody else was there. */
static bool insist(struct pool_job *job)
{
    struct sleeper *self = (struct sleeper *)job;

    if (atomic_load(self->done) > 0)
        return true;
    pool_resume(self->pool, job);
    return false;
}

TEST(pool_lets_others_begin_beside_those_that_insist)
{
    static struct sleeper insisting[2];
    struct pool *pool = pool_new(1, 3, 1);
    atomic_uint done = 0;
    struct job other = {.job.run = count, .done = &done};

    for (int i = 0; i < 2; i++) {
        insisting[i] =
            (struct sleeper){.job.run = insist, .pool = pool, .done = &done};
        while (!pool_add(pool, &insisting[i].job))
            uv_sleep(1);
    }
    while (!pool_add(pool, &other.job))
        uv_sleep(1);
    while (atomic_load(&done) == 0 || pool_load(pool).running > 0)
        uv_sleep(1);
    pool_delete(pool);
}
