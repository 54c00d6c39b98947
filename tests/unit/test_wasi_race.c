/*
 * The resolver while another thread swaps directories and links.
 *
 * The attacker exchanges names in an endless loop; the resolver opens paths
 * through them.  Whatever comes out must never lie outside.  An attempt counts
 * as an interleaving when at least one swap happened while it ran; answers that
 * differ between attempts show that both states were seen.
 *
 * RACE_ATTEMPTS=10000000 (with TEST_TIMEOUT=3600) makes the long run; without
 * it each test runs for a fraction of a second.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"
#include "tests/unit/wasi_tree.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Two names that are exchanged, and what the guest tries meanwhile.  A name may
 * be outside of the box: then something is moved out and in. */
struct scene {
    const char *name;
    const char *one, *other;
    const char *path;
    unsigned flags;
};

static const struct scene scenes[] = {
    {"directory and link to outside", "box/one", "box/updir", "one/key",
     P1_OPEN_READ},
    {"file and link to outside", "box/two", "box/upfile", "two",
     P1_OPEN_READ | P1_OPEN_FOLLOW},
    {"file and link, not followed", "box/two", "box/upfile", "two",
     P1_OPEN_READ},
    {"directory moved up under ..", "box/x/y", "box/z", "x/y/../../key",
     P1_OPEN_READ},
    {"directory moved out under ..", "box/x/y", "secret/w", "x/y/../key",
     P1_OPEN_READ},
};
enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

/* Shared with the attacker. */
static const struct scene *current;
static unsigned long swaps;
static bool stop;

struct tally {
    unsigned long attempts, interleaved, escapes;
    unsigned long results[P1_ERRNO_COUNT];
};

static unsigned long swap_count(void)
{
    return __atomic_load_n(&swaps, __ATOMIC_RELAXED);
}

static void *attack(void *arg)
{
    (void)arg;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        if (renameat2(AT_FDCWD, current->one, AT_FDCWD, current->other,
                      RENAME_EXCHANGE) == 0)
            __atomic_fetch_add(&swaps, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void make_scene(void)
{
    static const char *const dirs[] = {"box/one", "box/x", "box/x/y", "box/z",
                                       "secret/w"};
    static const char *const files[] = {"box/one/key", "box/two", "box/x/key",
                                        "box/key"};

    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
        CHECK_EQ(mkdir(dirs[i], 0700), 0);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        close(open(files[i], O_CREAT | O_WRONLY, 0600));
    /* What a ".." too many would reach; no test makes anything by that name
     * anywhere else. */
    close(open("key", O_CREAT | O_WRONLY, 0600));
}

static bool is_secret(int fd)
{
    static struct stat secret, beside;
    struct stat st;

    if (!secret.st_ino)
        CHECK(stat("secret/key", &secret) == 0 && stat("key", &beside) == 0);
    CHECK_EQ(fstat(fd, &st), 0);
    return st.st_ino == secret.st_ino || st.st_ino == beside.st_ino;
}

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void attempt(enum way way, int box, struct tally *t)
{
    unsigned long before = swap_count();
    int fd;
    enum p1_errno err = way_open(way, box, current->path, current->flags, &fd);

    t->attempts++;
    t->results[err]++;
    t->interleaved += swap_count() != before;
    if (err)
        return;
    t->escapes += is_secret(fd);
    close(fd);
}

static void report(enum way way, const struct tally *t)
{
    printf("%s, %s: %lu attempts, %lu interleaved, %lu escapes;", way_name(way),
           current->name, t->attempts, t->interleaved, t->escapes);
    for (int err = 0; err < P1_ERRNO_COUNT; err++) {
        if (t->results[err])
            printf(" %s %lu", p1_errno_name((enum p1_errno)err),
                   t->results[err]);
    }
    printf("\n");
}

/* One scene: the given number of attempts, or a fraction of a second. */
static struct tally run_scene(enum way way, int box, const struct scene *scene)
{
    const char *attempts = getenv("RACE_ATTEMPTS");
    unsigned long limit = attempts ? strtoul(attempts, NULL, 10) / SCENES : 0;
    struct tally tally = {0};
    double end = now() + 0.15;
    pthread_t thread;

    current = scene;
    stop = false;
    CHECK_EQ(pthread_create(&thread, NULL, attack, NULL), 0);
    while (limit ? tally.attempts < limit : now() < end) {
        for (int i = 0; i < 100; i++)
            attempt(way, box, &tally);
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    report(way, &tally);
    return tally;
}

static struct tally run_all(enum way way)
{
    struct tally sum = {0};
    int box = tree_make();

    make_scene();
    for (int i = 0; i < SCENES; i++) {
        struct tally t = run_scene(way, box, &scenes[i]);

        sum.attempts += t.attempts;
        sum.interleaved += t.interleaved;
        sum.escapes += t.escapes;
    }
    printf("%s: %lu attempts, %lu interleaved, %lu escapes\n", way_name(way),
           sum.attempts, sum.interleaved, sum.escapes);
    return sum;
}

TEST(hammer_wasi_path_race_by_the_kernel)
{
    struct tally sum;

    if (!way_exists(WAY_KERNEL))
        SKIP("the kernel has no openat2");
    sum = run_all(WAY_KERNEL);
    CHECK_EQ(sum.escapes, 0);
    CHECK(sum.interleaved > 0);
}

TEST(hammer_wasi_path_race_by_the_walk)
{
    struct tally sum = run_all(WAY_WALK);

    CHECK_EQ(sum.escapes, 0);
    CHECK(sum.interleaved > 0);
}

/* The same race must catch a resolver that follows links. */
TEST(hammer_wasi_path_race_catches_a_planted_hole)
{
    CHECK(run_all(WAY_HOLE).escapes > 0);
}
