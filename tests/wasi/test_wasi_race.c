/*
 * Calls with paths while others exchange what the paths lead through.
 *
 * Each scene is a call and two names that are exchanged, one of which leads out
 * of the sandbox.  Two kinds of attack:
 *
 *  - hammer: a thread exchanges the names in an endless loop.  A call counts as
 *    interleaved when an exchange was completed while it ran.
 *  - step: the names are exchanged exactly before chosen system calls of the
 *    resolver, for every choice there is.
 *
 * Nothing outside may be reached by what a call returns, nor changed.  The same
 * attacks must get through resolvers with planted holes.
 *
 * RACE_ATTEMPTS=N makes a hammer of N calls (`make race`); without it each runs
 * for a fraction of a second.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"
#include "tests/wasi/guest.h"
#include "tests/wasi/resolver.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ALL P1_RIGHTS_ALL

/* Where the guest keeps what a call wants. */
enum { SECOND_PATH = 1536, RESULT = 512, BUFFER = 4096, BUFFER_LEN = 64 };

/* -- The place ------------------------------------------------------------- */

/*
 * The sandbox is box; secret lies beside it.  Calls remove and make things, and
 * repair() puts them back.  box/one has the same names as secret, so that a
 * call which went astray finds what it looks for.
 */
static struct place {
    int box, one, secret; /* open directories, wherever they are moved */
    struct stat key;      /* outside */
    ino_t outside[8];     /* of things outside */
    int outside_count;
} place;

static void make_file(int dir, const char *name, const char *text)
{
    int fd = openat(dir, name, O_CREAT | O_WRONLY | O_TRUNC, 0600);

    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

/* Files, directories and a link under the same names inside and outside. */
static void furnish(int dir, const char *text)
{
    make_file(dir, "key", text);
    make_file(dir, "prey", text);
    CHECK_EQ(mkdirat(dir, "empty", 0700), 0);
    CHECK_EQ(symlinkat(text, dir, "link"), 0);
}

static void note_outside(int dir, const char *name)
{
    struct stat st;

    CHECK_EQ(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW), 0);
    place.outside[place.outside_count++] = st.st_ino;
}

static int open_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    CHECK(fd >= 0);
    return fd;
}

static void make_place(void)
{
    static const char *const dirs[] = {"box",   "secret",  "box/one",
                                       "box/x", "box/x/y", "box/z"};
    static const struct {
        const char *target, *name;
    } links[] = {
        {"../secret", "box/updir"},
        {"../secret/key", "box/upfile"},
        {"made", "box/three"},
        {"../secret/made", "box/upmade"},
        {"../../secret/key", "box/four"},
        {"../secret/prey", "box/upprey"},
    };

    place = (struct place){0};
    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
        CHECK_EQ(mkdir(dirs[i], 0700), 0);
    CHECK_EQ(mkdir("secret/w", 0700), 0);
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        CHECK_EQ(symlink(links[i].target, links[i].name), 0);
    place.box = open_dir("box");
    place.one = open_dir("box/one");
    place.secret = open_dir("secret");
    furnish(place.one, "inside");
    furnish(place.secret, "SECRET");
    make_file(place.box, "two", "inside");
    make_file(place.box, "key", "inside");
    make_file(place.box, "prey", "inside");
    make_file(place.box, "x/key", "inside");
    make_file(place.box, "x/y/key", "inside");
    /* What a ".." too many would reach. */
    make_file(AT_FDCWD, "key", "beside");
    note_outside(AT_FDCWD, "key");
    note_outside(AT_FDCWD, "secret");
    note_outside(place.secret, "key");
    note_outside(place.secret, "prey");
    note_outside(place.secret, "empty");
    note_outside(place.secret, "link");
    CHECK_EQ(fstatat(place.secret, "key", &place.key, 0), 0);
}

static bool is_outside(ino_t ino)
{
    for (int i = 0; i < place.outside_count; i++) {
        if (place.outside[i] == ino)
            return true;
    }
    return false;
}

/* Whether a name in the sandbox is now something from outside; removes it. */
static bool brought_in(const char *name)
{
    struct stat st;
    bool is_so = fstatat(place.box, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                 is_outside(st.st_ino);

    unlinkat(place.box, name, 0);
    return is_so;
}

static bool exists(int dir, const char *name)
{
    return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Whether the outside is not what it was.  Puts it back when it is not. */
static bool outside_changed(void)
{
    static const char *const made[] = {"new", "made"};
    struct stat st;
    bool changed = false;

    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        if (unlinkat(place.secret, made[i], 0) == 0 ||
            unlinkat(place.secret, made[i], AT_REMOVEDIR) == 0)
            changed = true;
    }
    if (!exists(place.secret, "empty")) {
        CHECK_EQ(mkdirat(place.secret, "empty", 0700), 0);
        changed = true;
    }
    if (!exists(place.secret, "prey")) {
        make_file(place.secret, "prey", "SECRET");
        changed = true;
    }
    if (fstatat(place.secret, "key", &st, AT_SYMLINK_NOFOLLOW) != 0 ||
        st.st_size != place.key.st_size ||
        st.st_mtim.tv_sec != place.key.st_mtim.tv_sec) {
        make_file(place.secret, "key", "SECRET");
        CHECK_EQ(fstatat(place.secret, "key", &place.key, 0), 0);
        changed = true;
    }
    return changed;
}

/* Puts back inside what calls make and take. */
static void repair(void)
{
    static const char *const made[] = {"new", "made"};

    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        unlinkat(place.one, made[i], AT_REMOVEDIR);
        unlinkat(place.one, made[i], 0);
        unlinkat(place.box, made[i], 0);
    }
    mkdirat(place.one, "empty", 0700);
    if (!exists(place.one, "prey"))
        make_file(place.one, "prey", "inside");
    if (!exists(place.box, "prey"))
        make_file(place.box, "prey", "inside");
}

/* -- The calls ------------------------------------------------------------- */

/* What one call did. */
struct outcome {
    int err;
    bool escaped;
};

struct scene {
    const char *what;
    struct outcome (*act)(struct guest *g, const struct scene *s);
    const char *path, *other_path;
    int arg;                 /* lookup flags, or what the call takes */
    const char *one, *other; /* exchanged; from outside of the box, maybe */
};

/* The i-node in the filestat at RESULT. */
static ino_t result_ino(struct guest *g)
{
    return (ino_t)guest_u64(g, RESULT + offsetof(struct p1_filestat, ino));
}

static struct outcome open_with(struct guest *g, const struct scene *s,
                                int lookup, int oflags, int64_t rights)
{
    struct outcome o = {CALL(g, "path_open", 3, lookup, P(g, s->path), oflags,
                             rights, ALL, 0, RESULT),
                        false};
    uint32_t fd;

    if (o.err)
        return o;
    fd = guest_u32(g, RESULT);
    CHECK_EQ(CALL(g, "fd_filestat_get", fd, RESULT), P1_SUCCESS);
    o.escaped = is_outside(result_ino(g));
    CHECK_EQ(CALL(g, "fd_close", fd), P1_SUCCESS);
    return o;
}

static struct outcome act_open(struct guest *g, const struct scene *s)
{
    return open_with(g, s, s->arg, 0,
                     P1_RIGHT_FD_READ | P1_RIGHT_FD_FILESTAT_GET);
}

static struct outcome act_open_dir(struct guest *g, const struct scene *s)
{
    return open_with(g, s, s->arg, P1_O_DIRECTORY,
                     P1_RIGHT_FD_READDIR | P1_RIGHT_FD_FILESTAT_GET);
}

/* With oflags in the scene's argument. */
static struct outcome act_create(struct guest *g, const struct scene *s)
{
    return open_with(g, s, P1_LOOKUP_SYMLINK_FOLLOW, s->arg,
                     P1_RIGHT_FD_WRITE | P1_RIGHT_FD_FILESTAT_GET);
}

static struct outcome act_stat(struct guest *g, const struct scene *s)
{
    struct outcome o = {
        CALL(g, "path_filestat_get", 3, s->arg, P(g, s->path), RESULT), false};

    o.escaped = !o.err && is_outside(result_ino(g));
    return o;
}

/* Seen by outside_changed(). */
static struct outcome act_set_times(struct guest *g, const struct scene *s)
{
    const int64_t then = INT64_C(1000000000) * 1000000000;

    return (struct outcome){CALL(g, "path_filestat_set_times", 3, s->arg,
                                 P(g, s->path), then, then,
                                 P1_FST_ATIM | P1_FST_MTIM),
                            false};
}

static struct outcome act_mkdir(struct guest *g, const struct scene *s)
{
    return (struct outcome){CALL(g, "path_create_directory", 3, P(g, s->path)),
                            false};
}

static struct outcome act_rmdir(struct guest *g, const struct scene *s)
{
    return (struct outcome){CALL(g, "path_remove_directory", 3, P(g, s->path)),
                            false};
}

static struct outcome act_unlink(struct guest *g, const struct scene *s)
{
    return (struct outcome){CALL(g, "path_unlink_file", 3, P(g, s->path)),
                            false};
}

static struct outcome act_symlink(struct guest *g, const struct scene *s)
{
    uint32_t len = guest_put_text(g, SECOND_PATH, s->path);

    return (struct outcome){
        CALL(g, "path_symlink", P(g, "target"), 3, SECOND_PATH, len), false};
}

static struct outcome act_readlink(struct guest *g, const struct scene *s)
{
    struct outcome o = {
        CALL(g, "path_readlink", 3, P(g, s->path), BUFFER, BUFFER_LEN, RESULT),
        false};
    char text[BUFFER_LEN];

    if (o.err)
        return o;
    guest_get(g, BUFFER, text, sizeof(text));
    o.escaped = memcmp(text, "SECRET", 6) == 0;
    return o;
}

static struct outcome act_rename(struct guest *g, const struct scene *s)
{
    uint32_t len = guest_put_text(g, SECOND_PATH, s->other_path);
    struct outcome o = {
        CALL(g, "path_rename", 3, P(g, s->path), 3, SECOND_PATH, len), false};

    o.escaped = brought_in("moved");
    return o;
}

static struct outcome act_link(struct guest *g, const struct scene *s)
{
    uint32_t len = guest_put_text(g, SECOND_PATH, s->other_path);
    struct outcome o = {
        CALL(g, "path_link", 3, s->arg, P(g, s->path), 3, SECOND_PATH, len),
        false};

    o.escaped = brought_in("moved");
    return o;
}

#define DIR_AND_LINK  "box/one", "box/updir"
#define FILE_AND_LINK "box/two", "box/upfile"
enum { FOLLOW = P1_LOOKUP_SYMLINK_FOLLOW };

static const struct scene scenes[] = {
    {"open through a directory", act_open, "one/key", NULL, 0, DIR_AND_LINK},
    {"open a link", act_open, "two", NULL, FOLLOW, FILE_AND_LINK},
    {"open, not following", act_open, "two", NULL, 0, FILE_AND_LINK},
    {"open under .. moved up", act_open, "x/y/../../key", NULL, 0, "box/x/y",
     "box/z"},
    {"open under .. moved out", act_open, "x/y/../key", NULL, 0, "box/x/y",
     "secret/w"},
    {"open a directory", act_open_dir, "one", NULL, FOLLOW, DIR_AND_LINK},
    {"open a directory by slash", act_open_dir, "one/", NULL, 0, DIR_AND_LINK},
    {"create in a directory", act_create, "one/new", NULL, P1_O_CREAT,
     DIR_AND_LINK},
    {"create exclusively", act_create, "one/new", NULL, P1_O_CREAT | P1_O_EXCL,
     DIR_AND_LINK},
    {"create through a link", act_create, "three", NULL, P1_O_CREAT,
     "box/three", "box/upmade"},
    {"truncate", act_create, "two", NULL, P1_O_TRUNC, FILE_AND_LINK},
    {"stat through a directory", act_stat, "one/key", NULL, 0, DIR_AND_LINK},
    {"stat a link", act_stat, "two", NULL, FOLLOW, FILE_AND_LINK},
    {"stat, not following", act_stat, "two", NULL, 0, FILE_AND_LINK},
    {"set times", act_set_times, "one/key", NULL, 0, DIR_AND_LINK},
    {"set times of a link", act_set_times, "two", NULL, FOLLOW, FILE_AND_LINK},
    {"make a directory", act_mkdir, "one/new", NULL, 0, DIR_AND_LINK},
    {"remove a directory", act_rmdir, "one/empty", NULL, 0, DIR_AND_LINK},
    {"remove a file", act_unlink, "one/prey", NULL, 0, DIR_AND_LINK},
    {"make a link", act_symlink, "one/new", NULL, 0, DIR_AND_LINK},
    {"read a link", act_readlink, "one/link", NULL, 0, DIR_AND_LINK},
    {"rename out of a directory", act_rename, "one/prey", "moved", 0,
     DIR_AND_LINK},
    {"rename into a directory", act_rename, "prey", "one/new", 0, DIR_AND_LINK},
    {"link out of a directory", act_link, "one/key", "moved", 0, DIR_AND_LINK},
    {"link what a link names", act_link, "two", "moved", FOLLOW, FILE_AND_LINK},
    {"link into a directory", act_link, "key", "one/new", 0, DIR_AND_LINK},
};
enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

/* -- Tallies --------------------------------------------------------------- */

struct tally {
    unsigned long attempts, interleaved, escapes;
    unsigned long results[P1_ERRNO_COUNT];
};

/* A change outside lasts, so it is enough to look for one now and then; putting
 * back what a call made or took is needed when it did. */
static void attempt(struct guest *g, const struct scene *s, bool look,
                    struct tally *t)
{
    struct outcome o = s->act(g, s);

    CHECK(o.err >= 0 && o.err < P1_ERRNO_COUNT);
    if (look && outside_changed())
        o.escaped = true;
    if (!o.err && s->act != act_open && s->act != act_stat)
        repair();
    t->attempts++;
    t->results[o.err]++;
    t->escapes += o.escaped;
}

static void add(struct tally *sum, const struct tally *t)
{
    sum->attempts += t->attempts;
    sum->interleaved += t->interleaved;
    sum->escapes += t->escapes;
}

static void report(const char *what, const struct tally *t)
{
    printf("%s, %s: %lu attempts, %lu interleaved, %lu escapes;",
           resolver_test.is_walk ? "walk" : "kernel", what, t->attempts,
           t->interleaved, t->escapes);
    for (int err = 0; err < P1_ERRNO_COUNT; err++) {
        if (t->results[err])
            printf(" %s %lu", p1_errno_name((enum p1_errno)err),
                   t->results[err]);
    }
    printf("\n");
    fflush(stdout);
}

static void start(struct guest *g, bool is_walk, enum hole hole)
{
    if (!is_walk && !resolver_kernel_exists())
        SKIP("the kernel has no openat2");
    make_place();
    resolver_test = (struct resolver_test){.is_walk = is_walk, .hole = hole};
    guest_open(g, guest_config());
}

/* -- Hammer ---------------------------------------------------------------- */

/* Shared with the attacker. */
static const struct scene *current;
static unsigned long swaps;
static bool stop;

static unsigned long swap_count(void)
{
    return __atomic_load_n(&swaps, __ATOMIC_RELAXED);
}

static bool swap(const struct scene *s)
{
    return renameat2(AT_FDCWD, s->one, AT_FDCWD, s->other, RENAME_EXCHANGE) ==
           0;
}

static void *attack(void *arg)
{
    (void)arg;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        if (swap(current))
            __atomic_fetch_add(&swaps, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* One scene: the given number of attempts, or for some seconds. */
static struct tally hammer_scene(struct guest *g, const struct scene *s,
                                 unsigned long limit, double seconds)
{
    struct tally t = {0};
    double end = now() + seconds;
    pthread_t thread;

    current = s;
    stop = false;
    CHECK_EQ(pthread_create(&thread, NULL, attack, NULL), 0);
    while (limit ? t.attempts < limit : now() < end) {
        for (int i = 0; i < 16; i++) {
            unsigned long before = swap_count();

            attempt(g, s, i == 15, &t);
            t.interleaved += swap_count() != before;
        }
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    return t;
}

static void hammer(bool is_walk)
{
    const char *attempts = getenv("RACE_ATTEMPTS");
    unsigned long limit =
        attempts ? strtoul(attempts, NULL, 10) / SCENES + 1 : 0;
    struct tally sum = {0};
    struct guest g;

    start(&g, is_walk, HOLE_NONE);
    for (int i = 0; i < SCENES; i++) {
        struct tally t = hammer_scene(&g, &scenes[i], limit, 0.02);

        report(scenes[i].what, &t);
        add(&sum, &t);
    }
    report("all", &sum);
    CHECK_EQ(sum.escapes, 0);
    CHECK(sum.interleaved > 0);
    guest_close(&g);
}

TEST(hammer_wasi_race_by_the_kernel)
{
    hammer(false);
}

TEST(hammer_wasi_race_by_the_walk)
{
    hammer(true);
}

/* One round of all scenes after another until something gets through.  Where a
 * hole opens for an instant only, a busy machine may need some. */
static void hammer_must_catch(bool is_walk, enum hole hole)
{
    struct tally sum = {0};
    struct guest g;
    int rounds = 0;

    start(&g, is_walk, hole);
    while (sum.escapes == 0) {
        for (int i = 0; i < SCENES; i++) {
            struct tally t = hammer_scene(&g, &scenes[i], 0, 0.01);

            add(&sum, &t);
        }
        rounds++;
    }
    printf("%d rounds\n", rounds);
    report("with a hole", &sum);
    guest_close(&g);
}

TEST(hammer_wasi_race_catches_holes_of_the_walk)
{
    hammer_must_catch(true, HOLE_FOLLOWS);
}

TEST(hammer_wasi_race_catches_holes_of_the_kernel)
{
    hammer_must_catch(false, HOLE_FOLLOWS);
}

TEST(hammer_wasi_race_catches_a_look_before_the_walk)
{
    hammer_must_catch(true, HOLE_LOOKS_FIRST);
}

TEST(hammer_wasi_race_catches_a_look_before_the_kernel)
{
    hammer_must_catch(false, HOLE_LOOKS_FIRST);
}

/* -- Step ------------------------------------------------------------------ */

enum { MAX_STEPS = 16 };

/* Before which of the system calls of one attempt the names are exchanged. */
static struct {
    const struct scene *scene;
    bool chosen[MAX_STEPS];
    int calls, swaps, most_calls;
} step;

static void step_before(void)
{
    CHECK(step.calls < MAX_STEPS);
    step.swaps += step.chosen[step.calls++] && swap(step.scene);
}

/* The next choice: the last call without an exchange gets one, and what comes
 * after it begins anew.  How many calls there are depends on the choices. */
static bool step_next(void)
{
    int i = step.calls - 1;

    while (i >= 0 && step.chosen[i])
        i--;
    if (i < 0)
        return false;
    step.chosen[i] = true;
    memset(step.chosen + i + 1, 0, sizeof(step.chosen) - (size_t)i - 1);
    return true;
}

/* Every choice, with the names as they are and exchanged.  At the end they are
 * where they were. */
static void step_scene(struct guest *g, const struct scene *s, struct tally *t)
{
    step.scene = s;
    for (int exchanged = 0; exchanged < 2; exchanged++) {
        memset(step.chosen, 0, sizeof(step.chosen));
        do {
            step.calls = step.swaps = 0;
            resolver_test.before = step_before;
            attempt(g, s, true, t);
            resolver_test.before = NULL;
            t->interleaved += step.swaps > 0;
            if (step.calls > step.most_calls)
                step.most_calls = step.calls;
            if (step.swaps % 2)
                CHECK(swap(s));
        } while (step_next());
        CHECK(swap(s));
    }
}

static struct tally step_all(struct guest *g)
{
    struct tally sum = {0};

    step.most_calls = 0;
    for (int i = 0; i < SCENES; i++) {
        struct tally t = {0};

        step_scene(g, &scenes[i], &t);
        report(scenes[i].what, &t);
        add(&sum, &t);
    }
    printf("up to %d system calls with names\n", step.most_calls);
    report("all", &sum);
    return sum;
}

static void step_safely(bool is_walk)
{
    struct tally sum;
    struct guest g;

    start(&g, is_walk, HOLE_NONE);
    sum = step_all(&g);
    CHECK_EQ(sum.escapes, 0);
    CHECK(sum.interleaved > 0);
    guest_close(&g);
}

TEST(wasi_race_step_by_step_by_the_kernel)
{
    step_safely(false);
}

TEST(wasi_race_step_by_step_by_the_walk)
{
    step_safely(true);
}

TEST(wasi_race_step_by_step_catches_holes)
{
    static const enum hole holes[] = {HOLE_FOLLOWS, HOLE_LOOKS_FIRST,
                                      HOLE_STAT_FOLLOWS};
    struct guest g;

    for (int is_walk = !resolver_kernel_exists(); is_walk < 2; is_walk++) {
        start(&g, is_walk, HOLE_NONE);
        for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
            resolver_test.hole = holes[i];
            CHECK(step_all(&g).escapes > 0);
        }
        guest_close(&g);
        CHECK_EQ(system("rm -rf box secret key"), 0);
    }
}
