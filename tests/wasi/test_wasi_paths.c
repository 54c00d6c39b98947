/*
 * Functions that take paths, and directories.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"
#include "tests/wasi/guest.h"
#include "tests/wasi/resolver.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ALL P1_RIGHTS_ALL

/* Calls on one path, and on two: the second lies at 1536. */
static int one_path(struct guest *g, const char *name, const char *path)
{
    return CALL(g, name, 3, P(g, path));
}

static int rename_path(struct guest *g, const char *from, const char *to)
{
    uint32_t len = guest_put_text(g, 1536, to);

    return CALL(g, "path_rename", 3, P(g, from), 3, 1536, len);
}

static int link_path(struct guest *g, int flags, const char *from,
                     const char *to)
{
    uint32_t len = guest_put_text(g, 1536, to);

    return CALL(g, "path_link", 3, flags, P(g, from), 3, 1536, len);
}

static int symlink_path(struct guest *g, const char *target, const char *name)
{
    uint32_t len = guest_put_text(g, 1536, name);

    return CALL(g, "path_symlink", P(g, target), 3, 1536, len);
}

static void make(struct guest *g, const char *file)
{
    int fd = guest_open_path(g, 3, file, P1_O_CREAT, ALL, 0);

    CHECK(fd > 0);
    CHECK_EQ(CALL(g, "fd_close", fd), P1_SUCCESS);
}

/* While anything on the machine is renamed, the kernel may not be sure of paths
 * and says so; the guest does not hear of it. */
TEST(wasi_paths_open_while_the_kernel_is_not_sure)
{
    struct guest g;

    if (!resolver_kernel_exists())
        SKIP("the kernel has no openat2");
    guest_open(&g, guest_config());
    resolver_test.is_busy = true;
    CHECK_EQ(one_path(&g, "path_create_directory", "dir"), P1_SUCCESS);
    make(&g, "dir/../file");
    CHECK_EQ(rename_path(&g, "dir/../file", "dir/file"), P1_SUCCESS);
    CHECK_EQ(one_path(&g, "path_unlink_file", "dir/file"), P1_SUCCESS);
    CHECK_EQ(guest_open_path(&g, 3, "../up", 0, ALL, 0), -P1_NOTCAPABLE);
    resolver_test.is_busy = false;
    guest_close(&g);
}

TEST(wasi_paths_make_and_remove_directories)
{
    struct guest g;

    guest_open(&g, guest_config());
    make(&g, "file");
    CHECK_EQ(one_path(&g, "path_create_directory", "d"), P1_SUCCESS);
    CHECK_EQ(one_path(&g, "path_create_directory", "d"), P1_EXIST);
    CHECK_EQ(one_path(&g, "path_create_directory", "d/e/"), P1_SUCCESS);
    CHECK_EQ(one_path(&g, "path_create_directory", "x/y"), P1_NOENT);
    CHECK_EQ(one_path(&g, "path_create_directory", "file/y"), P1_NOTDIR);
    CHECK_EQ(one_path(&g, "path_create_directory", "../y"), P1_NOTCAPABLE);
    CHECK_EQ(one_path(&g, "path_create_directory", "."), P1_EXIST);
    CHECK_EQ(one_path(&g, "path_remove_directory", "d"), P1_NOTEMPTY);
    CHECK_EQ(one_path(&g, "path_remove_directory", "file"), P1_NOTDIR);
    CHECK_EQ(one_path(&g, "path_remove_directory", "file/"), P1_NOTDIR);
    CHECK_EQ(one_path(&g, "path_remove_directory", "d/."), P1_INVAL);
    CHECK_EQ(one_path(&g, "path_remove_directory", "d/e/"), P1_SUCCESS);
    CHECK_EQ(one_path(&g, "path_remove_directory", "d"), P1_SUCCESS);
    CHECK_EQ(one_path(&g, "path_remove_directory", "d"), P1_NOENT);
    CHECK_EQ(one_path(&g, "path_unlink_file", "file/"), P1_NOTDIR);
    CHECK_EQ(one_path(&g, "path_unlink_file", "file"), P1_SUCCESS);
    CHECK_EQ(one_path(&g, "path_create_directory", "d"), P1_SUCCESS);
    CHECK_EQ(one_path(&g, "path_unlink_file", "d"), P1_ISDIR);
    CHECK_EQ(one_path(&g, "path_unlink_file", "d/"), P1_ISDIR);
    guest_close(&g);
}

TEST(wasi_paths_rename)
{
    struct guest g;

    guest_open(&g, guest_config());
    make(&g, "a");
    CHECK_EQ(one_path(&g, "path_create_directory", "d"), P1_SUCCESS);
    CHECK_EQ(one_path(&g, "path_create_directory", "e"), P1_SUCCESS);
    make(&g, "d/x");
    CHECK_EQ(rename_path(&g, "a", "b"), P1_SUCCESS);
    CHECK_EQ(rename_path(&g, "a", "b"), P1_NOENT);
    CHECK_EQ(rename_path(&g, "b", "d"), P1_ISDIR);
    CHECK_EQ(rename_path(&g, "d", "b"), P1_NOTDIR);
    CHECK_EQ(rename_path(&g, "e", "d"), P1_NOTEMPTY);
    CHECK_EQ(rename_path(&g, "d", "e"), P1_SUCCESS); /* over an empty one */
    CHECK_EQ(rename_path(&g, "e/", "f/"), P1_SUCCESS);
    CHECK_EQ(rename_path(&g, "b/", "c"), P1_NOTDIR);
    CHECK_EQ(rename_path(&g, "f", "f/sub"), P1_INVAL);
    CHECK_EQ(rename_path(&g, "b", "../b"), P1_NOTCAPABLE);
    CHECK_EQ(rename_path(&g, "../b", "b"), P1_NOTCAPABLE);
    CHECK_EQ(rename_path(&g, "b", "f/x"), P1_SUCCESS); /* over a file */
    CHECK_EQ(rename_path(&g, "f/x", "f/x"), P1_SUCCESS);
    guest_close(&g);
}

TEST(wasi_paths_link)
{
    struct guest g;
    struct p1_filestat st;

    guest_open(&g, guest_config());
    make(&g, "f");
    CHECK_EQ(one_path(&g, "path_create_directory", "d"), P1_SUCCESS);
    CHECK_EQ(symlink_path(&g, "f", "s"), P1_SUCCESS);
    CHECK_EQ(symlink_path(&g, "../outside", "out"), P1_SUCCESS);
    close(open("outside", O_CREAT | O_WRONLY, 0600));
    CHECK_EQ(link_path(&g, 0, "f", "l"), P1_SUCCESS);
    CHECK_EQ(link_path(&g, 0, "f", "l"), P1_EXIST);
    CHECK_EQ(link_path(&g, 0, "f", "d"), P1_EXIST);
    CHECK_EQ(link_path(&g, 0, "f", "n/"), P1_NOENT);
    CHECK_EQ(link_path(&g, 0, "d", "n"), P1_PERM);
    CHECK_EQ(link_path(&g, 0, "nothing", "n"), P1_NOENT);
    CHECK_EQ(link_path(&g, 0, "s", "s2"), P1_SUCCESS); /* the link itself */
    CHECK_EQ(link_path(&g, P1_LOOKUP_SYMLINK_FOLLOW, "s", "f2"), P1_SUCCESS);
    CHECK_EQ(link_path(&g, P1_LOOKUP_SYMLINK_FOLLOW, "out", "n"),
             P1_NOTCAPABLE);
    CHECK_EQ(link_path(&g, 0, "f", "../n"), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "path_filestat_get", 3, 0, P(&g, "s2"), 100), P1_SUCCESS);
    guest_get(&g, 100, &st, sizeof(st));
    CHECK_EQ(st.filetype, P1_FILETYPE_SYMBOLIC_LINK);
    CHECK_EQ(CALL(&g, "path_filestat_get", 3, 0, P(&g, "f2"), 100), P1_SUCCESS);
    guest_get(&g, 100, &st, sizeof(st));
    CHECK_EQ(st.filetype, P1_FILETYPE_REGULAR_FILE);
    CHECK_EQ(st.nlink, 3);
    guest_close(&g);
}

TEST(wasi_paths_symlink_and_readlink)
{
    struct guest g;
    struct p1_filestat st;
    char text[16] = "";

    guest_open(&g, guest_config());
    make(&g, "file");
    CHECK_EQ(one_path(&g, "path_create_directory", "d"), P1_SUCCESS);
    CHECK_EQ(symlink_path(&g, "file", "s"), P1_SUCCESS);
    CHECK_EQ(symlink_path(&g, "file", "s"), P1_EXIST);
    CHECK_EQ(symlink_path(&g, "/etc/passwd", "abs"), P1_NOTCAPABLE);
    CHECK_EQ(symlink_path(&g, "../x", "up"), P1_SUCCESS); /* only a text */
    CHECK_EQ(symlink_path(&g, "nothing", "dangling"), P1_SUCCESS);
    CHECK_EQ(symlink_path(&g, "", "empty"), P1_NOENT);
    CHECK_EQ(symlink_path(&g, "x", "new/"), P1_NOENT);
    CHECK_EQ(symlink_path(&g, "x", "d/"), P1_EXIST);
    CHECK_EQ(symlink_path(&g, "x", "file/"), P1_NOTDIR);
    CHECK_EQ(symlink_path(&g, "x", "../n"), P1_NOTCAPABLE);

    CHECK_EQ(CALL(&g, "path_readlink", 3, P(&g, "s"), 100, 16, 600),
             P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 600), 4);
    CHECK_EQ(CALL(&g, "path_readlink", 3, P(&g, "up"), 100, 3, 600),
             P1_SUCCESS); /* cut */
    CHECK_EQ(guest_u32(&g, 600), 3);
    guest_get(&g, 100, text, 4);
    CHECK_MEM_EQ(text, "../e", 4);
    CHECK_EQ(CALL(&g, "path_readlink", 3, P(&g, "file"), 100, 16, 600),
             P1_INVAL);
    CHECK_EQ(CALL(&g, "path_readlink", 3, P(&g, "none"), 100, 16, 600),
             P1_NOENT);

    CHECK_EQ(CALL(&g, "path_filestat_get", 3, 1, P(&g, "s"), 100), P1_SUCCESS);
    guest_get(&g, 100, &st, sizeof(st));
    CHECK_EQ(st.filetype, P1_FILETYPE_REGULAR_FILE);
    CHECK_EQ(CALL(&g, "path_filestat_get", 3, 1, P(&g, "dangling"), 100),
             P1_NOENT);
    CHECK_EQ(CALL(&g, "path_filestat_get", 3, 0, P(&g, "dangling"), 100),
             P1_SUCCESS);
    CHECK_EQ(CALL(&g, "path_filestat_get", 3, 1, P(&g, "up"), 100),
             P1_NOTCAPABLE);
    /* The times of a link are its own, unless it is followed. */
    CHECK_EQ(CALL(&g, "path_filestat_set_times", 3, 0, P(&g, "s"), 1, 2,
                  P1_FST_ATIM | P1_FST_MTIM),
             P1_SUCCESS);
    CHECK_EQ(CALL(&g, "path_filestat_set_times", 3, 1, P(&g, "s"), 3, 4,
                  P1_FST_ATIM | P1_FST_MTIM),
             P1_SUCCESS);
    CHECK_EQ(CALL(&g, "path_filestat_get", 3, 0, P(&g, "s"), 100), P1_SUCCESS);
    guest_get(&g, 100, &st, sizeof(st));
    CHECK_EQ(st.mtim, 2);
    CHECK_EQ(CALL(&g, "path_filestat_get", 3, 0, P(&g, "file"), 100),
             P1_SUCCESS);
    guest_get(&g, 100, &st, sizeof(st));
    CHECK_EQ(st.mtim, 4);
    guest_close(&g);
}

TEST(wasi_paths_open)
{
    struct guest g;

    guest_open(&g, guest_config());
    make(&g, "file");
    CHECK_EQ(one_path(&g, "path_create_directory", "d"), P1_SUCCESS);
    CHECK_EQ(symlink_path(&g, "file", "s"), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "path_open", 3, 0, P(&g, "s"), 0, 2, 0, 0, 100), P1_LOOP);
    CHECK_EQ(CALL(&g, "path_open", 3, 1, P(&g, "s"), 0, 2, 0, 0, 100),
             P1_SUCCESS);
    CHECK_EQ(guest_open_path(&g, 3, "file", P1_O_DIRECTORY, 2, 0), -P1_NOTDIR);
    CHECK_EQ(guest_open_path(&g, 3, "d", 0, ALL, 0), -P1_ISDIR);
    CHECK_EQ(guest_open_path(&g, 3, "d", 0, P1_RIGHT_FD_READ, 0), 5);
    CHECK_EQ(guest_open_path(&g, 3, "d", P1_O_CREAT, 2, 0), -P1_ISDIR);
    CHECK_EQ(guest_open_path(&g, 3, "", 0, 2, 0), -P1_NOENT);
    CHECK_EQ(guest_open_path(&g, 99, "file", 0, 2, 0), -P1_BADF);
    CHECK_EQ(guest_open_path(&g, 0, "file", 0, 2, 0), -P1_NOTDIR);
    guest_close(&g);
}

/* A FIFO does not hold the guest up: reading waits, opening does not. */
TEST(wasi_paths_open_special_files)
{
    struct guest g;
    const struct p1_iovec iov = {9000, 8};

    guest_open(&g, guest_config());
    CHECK_EQ(mkfifo("box/fifo", 0600), 0);
    CHECK_EQ(guest_open_path(&g, 3, "fifo", 0, P1_RIGHT_FD_WRITE, 0), -P1_NXIO);
    CHECK_EQ(guest_open_path(&g, 3, "fifo", 0, ALL, P1_FD_NONBLOCK), 4);
    guest_put(&g, 2048, &iov, sizeof(iov));
    CHECK_EQ(CALL(&g, "fd_read", 4, 2048, 1, 600), P1_AGAIN);
    CHECK_EQ(CALL(&g, "fd_write", 4, 2048, 1, 600), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_read", 4, 2048, 1, 600), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 600), 8);
    guest_close(&g);
}

/* -- fd_readdir ------------------------------------------------------------ */

enum { LISTED = 20000, FOUND_MAX = 200 };

struct found {
    char names[FOUND_MAX][64];
    uint64_t cookies[FOUND_MAX];
    int count;
};

/* Reads on from a cookie through a buffer of len bytes, as C libraries do: an
 * entry that is cut is asked for again. */
static void list(struct guest *g, uint32_t fd, uint64_t cookie, uint32_t len,
                 struct found *out)
{
    uint32_t used;

    out->count = 0;
    do {
        uint32_t at = 0;

        CHECK_EQ(CALL(g, "fd_readdir", fd, LISTED, len, (int64_t)cookie, 600),
                 P1_SUCCESS);
        used = guest_u32(g, 600);
        CHECK(used <= len);
        while (used - at >= sizeof(struct p1_dirent)) {
            struct p1_dirent entry;

            guest_get(g, LISTED + at, &entry, sizeof(entry));
            at += (uint32_t)sizeof(entry);
            CHECK(entry.name_len < 64);
            if (used - at < entry.name_len)
                break;
            CHECK(out->count < FOUND_MAX);
            guest_get(g, LISTED + at, out->names[out->count], entry.name_len);
            out->names[out->count][entry.name_len] = '\0';
            out->cookies[out->count++] = entry.next;
            cookie = entry.next;
            at += entry.name_len;
        }
    } while (used == len);
}

static int find(const struct found *found, const char *name)
{
    for (int i = 0; i < found->count; i++) {
        if (strcmp(found->names[i], name) == 0)
            return i;
    }
    return -1;
}

static void make_many(struct guest *g)
{
    char name[32];

    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "file-number-%d", i);
        make(g, name);
    }
}

TEST(wasi_readdir_finds_all_through_any_buffer)
{
    static const uint32_t sizes[] = {80, 100, 256, 1000, 20000};
    static struct found found;
    struct guest g;

    guest_open(&g, guest_config());
    make_many(&g);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        list(&g, 3, 0, sizes[i], &found);
        CHECK_EQ(found.count, 102);
        CHECK(find(&found, ".") >= 0 && find(&found, "..") >= 0);
        CHECK(find(&found, "file-number-0") >= 0);
        CHECK(find(&found, "file-number-99") >= 0);
    }
    /* Less than a header: full, which says that there is more. */
    CHECK_EQ(CALL(&g, "fd_readdir", 3, LISTED, 10, 0, 600), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 600), 10);
    guest_close(&g);
}

TEST(wasi_readdir_cookies_survive_changes)
{
    static struct found all, rest;
    struct guest g;

    guest_open(&g, guest_config());
    make_many(&g);
    list(&g, 3, 0, 1000, &all);
    /* Names go and come, also the one whose cookie is held. */
    CHECK_EQ(one_path(&g, "path_unlink_file", all.names[50]), P1_SUCCESS);
    make(&g, "new");
    list(&g, 3, all.cookies[50], 1000, &rest);
    CHECK_EQ(rest.count, 51);
    CHECK_STR_EQ(rest.names[0], all.names[51]);
    list(&g, 3, 0, 1000, &rest); /* from the start: the state of now */
    CHECK_EQ(rest.count, 102);
    CHECK(find(&rest, "new") >= 0);
    CHECK_EQ(find(&rest, all.names[50]), -1);
    list(&g, 3, all.cookies[60], 1000, &rest);
    CHECK_STR_EQ(rest.names[0], all.names[61]);
    guest_close(&g);
}

/* -- The old dialect ------------------------------------------------------- */

TEST(wasi_unstable_has_its_own_layouts)
{
    struct p1_filestat_unstable st;
    struct p1_subscription_unstable subs[2] = {
        {.userdata = 7, .tag = P1_EVENT_CLOCK},
        {.userdata = 8, .tag = P1_EVENT_FD_READ, .of.fd = 99}};
    struct p1_event events[2];
    struct guest g;
    uint32_t len;

    guest_open_unstable(&g, guest_config());
    CHECK_EQ(guest_open_path(&g, 3, "f", P1_O_CREAT, ALL, 0), 4);
    guest_put(&g, 2048, &(struct p1_iovec){9000, 10}, 8);
    CHECK_EQ(CALL(&g, "fd_write", 4, 2048, 1, 600), P1_SUCCESS);
    /* 0: from here, 1: from the end, 2: from the start. */
    CHECK_EQ(CALL(&g, "fd_seek", 4, -3, 0, 600), P1_SUCCESS);
    CHECK_EQ(guest_u64(&g, 600), 7);
    CHECK_EQ(CALL(&g, "fd_seek", 4, -1, 1, 600), P1_SUCCESS);
    CHECK_EQ(guest_u64(&g, 600), 9);
    CHECK_EQ(CALL(&g, "fd_seek", 4, 1, 2, 600), P1_SUCCESS);
    CHECK_EQ(guest_u64(&g, 600), 1);
    CHECK_EQ(CALL(&g, "fd_seek", 4, 1, 3, 600), P1_INVAL);

    guest_put(&g, 156, "\x5a\x5a\x5a\x5a", 4);
    CHECK_EQ(CALL(&g, "fd_filestat_get", 4, 100), P1_SUCCESS);
    guest_get(&g, 100, &st, sizeof(st));
    CHECK_EQ(st.size, 10);
    CHECK_EQ(st.nlink, 1);
    CHECK_EQ(guest_u32(&g, 156), 0x5a5a5a5a); /* 56 bytes and no more */
    len = guest_path(&g, "f");
    CHECK_EQ(CALL(&g, "path_filestat_get", 3, 0, 1024, len, 100), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 156), 0x5a5a5a5a);

    subs[0].of.timer.clock.id = P1_CLOCK_MONOTONIC;
    subs[0].of.timer.clock.timeout_ns = 0;
    guest_put(&g, 4096, subs, sizeof(subs));
    CHECK_EQ(CALL(&g, "poll_oneoff", 4096, 5000, 2, 600), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 600), 2);
    guest_get(&g, 5000, events, sizeof(events));
    CHECK_EQ(events[0].userdata, 7);
    CHECK_EQ(events[0].error, P1_SUCCESS);
    CHECK_EQ(events[1].error, P1_BADF);
    CHECK(wasmrt_instance_func(g.instance, "sock_accept") == NULL);
    guest_close(&g);
}
