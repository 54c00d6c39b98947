/*
 * The resolver against hostile paths, the same table for both ways; and proof
 * that the table catches a resolver with a hole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"
#include "tests/unit/wasi_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPENED P1_SUCCESS

/* What opening a path gives without and with following a link at its end. */
struct hostile_path {
    const char *path;
    enum p1_errno nofollow, follow;
};

static const struct hostile_path paths[] = {
    /* What must work. */
    {"file", OPENED, OPENED},
    {"./file", OPENED, OPENED},
    {"dir/./..//file", OPENED, OPENED},
    {".", OPENED, OPENED},
    {"dir/", OPENED, OPENED},
    {"dir//", OPENED, OPENED},
    {"dir/sub/../../dir/sub/file", OPENED, OPENED},
    {"dirlink/file", OPENED, OPENED},
    {"dirlink/", OPENED, OPENED},
    {"dirlink/sub/../file", OPENED, OPENED},
    {"maze/file", OPENED, OPENED},
    {"slashlink/file", OPENED, OPENED},
    {"dir/..", OPENED, OPENED},
    {"dir/sub/../..", OPENED, OPENED},
    {"link", P1_LOOP, OPENED},
    {"dirlink", P1_LOOP, OPENED},
    {"inout", P1_LOOP, OPENED},
    {"maze", P1_LOOP, OPENED},
    {"slashlink", P1_LOOP, OPENED},
    /* Out through the front door. */
    {"/", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"/etc/passwd", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"//file", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"..", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"../", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"./..", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"../box/file", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"../secret/key", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"dir/../..", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"dir/../../secret/key", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"dir/sub/../../../box/file", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"dirlink/../../secret/key", P1_NOTCAPABLE, P1_NOTCAPABLE},
    /* Out through links. */
    {"abs", P1_LOOP, P1_NOTCAPABLE},
    {"absin", P1_LOOP, P1_NOTCAPABLE},
    {"absdir/etc/passwd", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"absdir/", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"up", P1_LOOP, P1_NOTCAPABLE},
    {"up/", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"up/box/file", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"up/secret/key", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"upfile", P1_LOOP, P1_NOTCAPABLE},
    {"updir/key", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"deepup/key", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"outin", P1_LOOP, P1_NOTCAPABLE},
    {"fds/0", P1_NOTCAPABLE, P1_NOTCAPABLE},
    {"fds/", P1_NOTCAPABLE, P1_NOTCAPABLE},
    /* Links that lead nowhere. */
    {"loop", P1_LOOP, P1_LOOP},
    {"loop/file", P1_LOOP, P1_LOOP},
    {"ping", P1_LOOP, P1_LOOP},
    {"pong/", P1_LOOP, P1_LOOP},
    {"dangling", P1_LOOP, P1_NOENT},
    {"dangling/", P1_NOENT, P1_NOENT},
    {"dangling/file", P1_NOENT, P1_NOENT},
    /* Names that are not there, or not what the path takes them for. */
    {"", P1_NOENT, P1_NOENT},
    {"FILE", P1_NOENT, P1_NOENT},
    {"Dir/file", P1_NOENT, P1_NOENT},
    {"file/", P1_NOTDIR, P1_NOTDIR},
    {"file///", P1_NOTDIR, P1_NOTDIR},
    {"file/.", P1_NOTDIR, P1_NOTDIR},
    {"file/..", P1_NOTDIR, P1_NOTDIR},
    {"file/../file", P1_NOTDIR, P1_NOTDIR},
    {"link/..", P1_NOTDIR, P1_NOTDIR},
    {"missing/../file", P1_NOENT, P1_NOENT},
    {"...", P1_NOENT, P1_NOENT},
    {"..file", P1_NOENT, P1_NOENT},
    {"fifo/x", P1_NOTDIR, P1_NOTDIR},
    /* A socket in the file system cannot be opened; a FIFO does not hang. */
    {"sock", P1_NXIO, P1_NXIO},
    {"fifo", OPENED, OPENED},
};

/* Tries one path; false with a message when it gives something else. */
static bool try_path(enum way way, int box, const char *path, unsigned flags,
                     enum p1_errno want)
{
    int fd = -1;
    enum p1_errno err = way_open(way, box, path, flags, &fd);
    bool ok = err == want;

    if (!err && tree_is_outside(fd)) {
        printf("%s: \"%s\" escapes\n", way_name(way), path);
        ok = false;
    }
    if (!err)
        close(fd);
    if (err != want)
        printf("%s: \"%.60s\" with flags %u gives %s, expected %s\n",
               way_name(way), path, flags, p1_errno_name(err),
               p1_errno_name(want));
    return ok;
}

static int count_failures(enum way way, int box)
{
    int failures = 0;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        failures +=
            !try_path(way, box, paths[i].path, P1_OPEN_READ, paths[i].nofollow);
        failures += !try_path(way, box, paths[i].path,
                              P1_OPEN_READ | P1_OPEN_FOLLOW, paths[i].follow);
    }
    return failures;
}

TEST(wasi_path_hostile_paths_by_the_kernel)
{
    if (!way_exists(WAY_KERNEL))
        SKIP("the kernel has no openat2");
    CHECK_EQ(count_failures(WAY_KERNEL, tree_make()), 0);
}

TEST(wasi_path_hostile_paths_by_the_walk)
{
    CHECK_EQ(count_failures(WAY_WALK, tree_make()), 0);
}

TEST(wasi_path_hostile_paths_catch_a_planted_hole)
{
    int failures = count_failures(WAY_HOLE, tree_make());

    printf("%d of the paths catch it\n", failures);
    CHECK(failures > 10);
}

/* -- Lengths --------------------------------------------------------------- */

static void check_lengths(enum way way, int box)
{
    static char path[3 * P1_PATH_MAX];
    size_t at = 0;

    memset(path, 'x', 256);
    path[256] = '\0';
    CHECK(try_path(way, box, path, P1_OPEN_READ, P1_NAMETOOLONG));
    path[255] = '\0';
    CHECK(try_path(way, box, path, P1_OPEN_READ, P1_NOENT));

    /* As long as a path may be, then longer. */
    at = (size_t)sprintf(path, ".//");
    while (at < P1_PATH_MAX - 5)
        at += (size_t)sprintf(path + at, "./");
    sprintf(path + at, "file");
    CHECK_EQ(strlen(path), P1_PATH_MAX - 1);
    CHECK(try_path(way, box, path, P1_OPEN_READ, OPENED));
    sprintf(path + at, "/file");
    CHECK(try_path(way, box, path, P1_OPEN_READ, P1_NAMETOOLONG));

    /* Deep, and all the way back. */
    at = 0;
    for (int i = 0; i < 100; i++)
        at += (size_t)sprintf(path + at, "d/");
    sprintf(path + at, "f");
    CHECK(try_path(way, box, path, P1_OPEN_READ, OPENED));
    for (int i = 0; i < 100; i++)
        at += (size_t)sprintf(path + at, "../");
    sprintf(path + at, "file");
    CHECK(try_path(way, box, path, P1_OPEN_READ, OPENED));
    sprintf(path + at, "../secret/key");
    CHECK(try_path(way, box, path, P1_OPEN_READ, P1_NOTCAPABLE));
}

TEST(wasi_path_long_and_deep_paths)
{
    int box = tree_make();

    for (enum way way = WAY_KERNEL; way <= WAY_WALK; way++) {
        if (way_exists(way))
            check_lengths(way, box);
    }
}

/* A chain of links: 40 are followed, more are a loop. */
TEST(wasi_path_counts_links)
{
    int box = tree_make();
    char name[32], target[32];

    for (int i = 0; i < 60; i++) {
        snprintf(name, sizeof(name), "chain%d", i);
        snprintf(target, sizeof(target), "chain%d", i - 1);
        CHECK_EQ(symlinkat(i ? target : "file", box, name), 0);
    }
    for (enum way way = WAY_KERNEL; way <= WAY_WALK; way++) {
        unsigned flags = P1_OPEN_READ | P1_OPEN_FOLLOW;

        if (!way_exists(way))
            continue;
        CHECK(try_path(way, box, "chain39", flags, OPENED));
        CHECK(try_path(way, box, "chain40", flags, P1_LOOP));
        CHECK(try_path(way, box, "chain59", flags, P1_LOOP));
    }
}

/* A link whose text grows what remains beyond any path. */
TEST(wasi_path_refuses_paths_that_grow)
{
    static char target[P1_PATH_MAX], path[P1_PATH_MAX];
    int box = tree_make();
    size_t at = 0;

    while (at < 2000)
        at += (size_t)sprintf(target + at, "dir/../");
    CHECK_EQ(symlinkat(target, box, "grow"), 0);
    at = (size_t)sprintf(path, "grow/");
    while (at < 3000)
        at += (size_t)sprintf(path + at, "dir/../");
    sprintf(path + at, "file");
    CHECK(try_path(WAY_WALK, box, path, P1_OPEN_READ, P1_NAMETOOLONG));
}

/* -- Making things --------------------------------------------------------- */

TEST(wasi_path_creates_inside_only)
{
    static const struct hostile_path creations[] = {
        {"new", OPENED, OPENED},
        {"dir/new", OPENED, OPENED},
        {"dangling", P1_LOOP, OPENED}, /* makes "nothing" */
        {"upfile", P1_LOOP, P1_NOTCAPABLE},
        {"updir/new", P1_NOTCAPABLE, P1_NOTCAPABLE},
        {"../new", P1_NOTCAPABLE, P1_NOTCAPABLE},
        {"new2/", P1_ISDIR, P1_ISDIR},
        {"missing/new", P1_NOENT, P1_NOENT},
    };
    int box = tree_make();

    for (enum way way = WAY_KERNEL; way <= WAY_WALK; way++) {
        unsigned flags = P1_OPEN_READ | P1_OPEN_WRITE | P1_OPEN_CREATE;

        if (!way_exists(way))
            continue;
        for (size_t i = 0; i < sizeof(creations) / sizeof(creations[0]); i++) {
            CHECK(try_path(way, box, creations[i].path, flags,
                           creations[i].nofollow));
            CHECK(try_path(way, box, creations[i].path, flags | P1_OPEN_FOLLOW,
                           creations[i].follow));
        }
        CHECK_EQ(access("secret/new", F_OK), -1);
        CHECK_EQ(access("new", F_OK), -1);
        CHECK_EQ(unlink("box/nothing"), 0);
        CHECK_EQ(unlink("box/new"), 0);
        CHECK_EQ(unlink("box/dir/new"), 0);
    }
}

/* Where p1_resolve_place puts the leaf, and what it refuses. */
static void check_place(enum p1_resolver resolver, int box)
{
    static const struct {
        const char *path;
        unsigned find;
        enum p1_errno want;
        const char *leaf;
    } places[] = {
        {"new", P1_FIND_NEW, P1_SUCCESS, "new"},
        {"new/", P1_FIND_NEW, P1_SUCCESS, "new/"},
        {"dir/new//", P1_FIND_NEW, P1_SUCCESS, "new/"},
        {"dirlink/new", P1_FIND_NEW, P1_SUCCESS, "new"},
        {"dir/.", P1_FIND_NEW, P1_SUCCESS, "."},
        {"dir/..", P1_FIND_NEW, P1_SUCCESS, "."},
        {"..", P1_FIND_NEW, P1_NOTCAPABLE, NULL},
        {"dir/../..", P1_FIND_NEW, P1_NOTCAPABLE, NULL},
        {"updir/new", P1_FIND_NEW, P1_NOTCAPABLE, NULL},
        {"upfile", P1_FIND_NEW, P1_SUCCESS, "upfile"},
        {"upfile", 0, P1_SUCCESS, "upfile"},
        {"upfile", P1_FIND_FOLLOW, P1_NOTCAPABLE, NULL},
        {"updir/", 0, P1_NOTCAPABLE, NULL},
        {"link", P1_FIND_FOLLOW, P1_SUCCESS, "file"},
        {"inout", P1_FIND_FOLLOW, P1_SUCCESS, "file"},
        {"dangling", P1_FIND_FOLLOW, P1_SUCCESS, "nothing"},
        {"loop", P1_FIND_FOLLOW, P1_LOOP, NULL},
        {"file/", 0, P1_NOTDIR, NULL},
        {"dirlink/", 0, P1_SUCCESS, "."},
        {"", P1_FIND_NEW, P1_NOENT, NULL},
        {"/new", P1_FIND_NEW, P1_NOTCAPABLE, NULL},
    };
    struct p1_root root = {.resolver = resolver, .dir = box};
    struct p1_place place;

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        enum p1_errno err =
            p1_resolve_place(&root, places[i].path, places[i].find, &place);

        if (err != places[i].want)
            FAIL("\"%s\" gives %s", places[i].path, p1_errno_name(err));
        if (err)
            continue;
        CHECK_STR_EQ(place.leaf, places[i].leaf);
        CHECK(!tree_is_outside(place.dir));
        p1_place_close(&place);
    }
}

TEST(wasi_path_places)
{
    int box = tree_make();

    check_place(P1_RESOLVE_WALK, box);
    if (way_exists(WAY_KERNEL))
        check_place(P1_RESOLVE_KERNEL, box);
}

/* A grant of one file knows it as "." and nothing else. */
TEST(wasi_path_single_file_grants)
{
    struct p1_root root = {
        .resolver = p1_resolver_choose(), .dir = tree_make(), .only = "file"};
    struct p1_place place;
    int fd;

    CHECK_EQ(p1_resolve_open(&root, ".", P1_OPEN_READ, &fd), P1_SUCCESS);
    close(fd);
    CHECK_EQ(p1_resolve_open(&root, "./", P1_OPEN_READ, &fd), P1_NOTDIR);
    CHECK_EQ(p1_resolve_open(&root, "file", P1_OPEN_READ, &fd), P1_NOTDIR);
    CHECK_EQ(p1_resolve_open(&root, "dir", P1_OPEN_READ, &fd), P1_NOTDIR);
    CHECK_EQ(p1_resolve_open(&root, "..", P1_OPEN_READ, &fd), P1_NOTDIR);
    CHECK_EQ(p1_resolve_open(&root, "/", P1_OPEN_READ, &fd), P1_NOTCAPABLE);
    CHECK_EQ(p1_resolve_place(&root, ".", 0, &place), P1_SUCCESS);
    CHECK_STR_EQ(place.leaf, "file");
    CHECK_EQ(p1_resolve_place(&root, ".", P1_FIND_NEW, &place), P1_NOTCAPABLE);

    /* Replaced by a link after the grant: not followed. */
    CHECK_EQ(unlink("box/file"), 0);
    CHECK_EQ(symlink("../secret/key", "box/file"), 0);
    CHECK_EQ(p1_resolve_open(&root, ".", P1_OPEN_READ | P1_OPEN_FOLLOW, &fd),
             P1_LOOP);
}

/* -- Other file systems ---------------------------------------------------- */

/* Links that the kernel makes up lead anywhere; none is followed. */
TEST(wasi_path_proc_is_not_a_way_out)
{
    static const char *const tries[] = {
        "self/root/etc/passwd", "self/cwd/secret/key", "self/cwd/..",
        "self/fd/0/../x",       "self/exe/..",         "self/root/",
    };
    int proc = open("/proc", O_RDONLY | O_DIRECTORY), fd;

    tree_make();
    if (proc < 0)
        SKIP("no /proc");
    for (enum way way = WAY_KERNEL; way <= WAY_WALK; way++) {
        for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
            enum p1_errno err;

            if (!way_exists(way))
                continue;
            err = way_open(way, proc, tries[i], P1_OPEN_READ | P1_OPEN_FOLLOW,
                           &fd);
            if (err != P1_NOTCAPABLE && err != P1_LOOP)
                FAIL("%s: \"%s\" gives %s", way_name(way), tries[i],
                     p1_errno_name(err));
        }
        if (!way_exists(way))
            continue;
        CHECK_EQ(way_open(way, proc, "self/status", P1_OPEN_READ, &fd),
                 P1_SUCCESS);
        CHECK(p1_os_is_proc(fd)); /* what path_open asks next, and refuses */
        close(fd);
    }
}

/* A mount below a grant belongs to it; ".." in it leads back into the grant. */
TEST(wasi_path_mounts)
{
    int box;

    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        SKIP("may not mount");
    /* An open directory belongs to the mounts that it was opened in. */
    CHECK_EQ(chdir("."), 0);
    box = tree_make();
    if (mount("secret", "box/dir/sub", NULL, MS_BIND, NULL) != 0)
        SKIP("may not mount");
    for (enum way way = WAY_KERNEL; way <= WAY_WALK; way++) {
        if (!way_exists(way))
            continue;
        CHECK(try_path(way, box, "dir/sub/key", P1_OPEN_READ, OPENED));
        CHECK(try_path(way, box, "dir/sub/../file", P1_OPEN_READ, OPENED));
        CHECK(try_path(way, box, "dir/sub/../../../secret/key", P1_OPEN_READ,
                       P1_NOTCAPABLE));
        CHECK(try_path(way, box, "dir/sub/../../file", P1_OPEN_READ, OPENED));
    }
}
