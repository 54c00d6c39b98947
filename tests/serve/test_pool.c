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
static void meet(struct pool_job *job)
{
    struct job *self = (struct job *)job;

    uv_barrier_wait(self->barrier);
    atomic_fetch_add(self->done, 1);
}

static void wait_to_go(struct pool_job *job)
{
    struct job *self = (struct job *)job;

    uv_sem_post(self->begun);
    uv_sem_wait(self->go);
    atomic_fetch_add(self->done, 1);
}

static void count(struct pool_job *job)
{
    atomic_fetch_add(((struct job *)job)->done, 1);
}

/* Threads are woken one by another: every one of a burst must be, whether it
 * has to be started or is idle. */
TEST(pool_runs_as_many_jobs_as_it_has_threads)
{
    struct pool *pool = pool_new(THREADS, JOBS);
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
    struct pool *pool = pool_new(1, 2);
    uv_sem_t begun, go;
    atomic_uint done = 0;
    struct job jobs[4];
    unsigned running, waiting;

    CHECK_EQ(uv_sem_init(&begun, 0), 0);
    CHECK_EQ(uv_sem_init(&go, 0), 0);
    for (unsigned i = 0; i < 4; i++) {
        jobs[i] = (struct job){
            .job.run = wait_to_go, .begun = &begun, .go = &go, .done = &done};
        CHECK_EQ(pool_add(pool, &jobs[i].job), i < 3);
        if (i == 0)
            uv_sem_wait(&begun);
    }
    pool_load(pool, &running, &waiting);
    CHECK_EQ(running, 1);
    CHECK_EQ(waiting, 2);
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
    struct pool *pool = pool_new(THREADS, 3 * JOBS);
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
