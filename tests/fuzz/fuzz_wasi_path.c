/*
 * Paths: arbitrary sequences of the calls that take them, in a tree of hostile
 * links.  Two guests do the same in equal directories, one with each resolver:
 * both must get the same answers, nothing that they reach may lie outside, and
 * nothing outside may change.
 *
 * An input is a list of calls: a byte for the call, one for its flags and the
 * descriptor, one or two paths.  A path is a byte for its length and a byte for
 * each piece, which is a name of the tree, with or without a slash, or a
 * character.  Most inputs are paths that lead somewhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/fuzz/hostile.h"
#include "tests/fuzz/reach.h"
#include "tests/wasi/guest.h"
#include "tests/wasi/resolver.h"

#include <string.h>

enum {
    FIRST_PATH = 1024, /* in guest memory */
    SECOND_PATH = 8192,
    RESULT = 512,
    BUFFER = 16384,
    BUFFER_LEN = 4096,
    PREOPEN = 3,
    MAX_OPEN = 8,
};

/* -- Input ----------------------------------------------------------------- */

struct input {
    const uint8_t *at, *end;
};

static uint8_t next(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static const char *const pieces[] = {
    "file",  "dir",      "sub",     "empty",  "link", "dirlink", "up",
    "updir", "upfile",   "upnew",   "upkey",  "far",  "deepup",  "abs",
    "root",  "fds",      "loop",    "maze",   "back", "over",    "dangling",
    "new",   "..",       ".",       "secret", "key",  "nothing", "prey",
    "/etc",  "../../..", "dir/sub", "made",
};
enum { PIECES = sizeof(pieces) / sizeof(pieces[0]) };
_Static_assert(PIECES == 32, "two bits of a byte are left");

struct path {
    char text[P1_PATH_MAX + 256];
    uint32_t len;
};

static void add(struct path *path, const char *text, size_t len)
{
    if (path->len + len > sizeof(path->text))
        return;
    memcpy(path->text + path->len, text, len);
    path->len += (uint32_t)len;
}

/* 0-31 a piece, 32-63 with a slash, 64-95 repeated, else a character. */
static void read_path(struct input *in, struct path *path)
{
    path->len = 0;
    for (int n = next(in) % 16; n > 0; n--) {
        uint8_t code = next(in);
        const char *piece = pieces[code % PIECES];
        char character = (char)(code & 0x7f);

        if (code >= 96) {
            add(path, &character, 1);
            continue;
        }
        for (int times = code < 64 ? 1 : 64; times > 0; times--) {
            add(path, piece, strlen(piece));
            if (code >= 32)
                add(path, "/", 1);
        }
    }
}

/* -- Guests ---------------------------------------------------------------- */

static struct guest guests[BOXES];

/* Descriptors that the guests have, the same in both. */
static uint32_t open_fds[MAX_OPEN];
static int open_count;

static bool is_changed; /* the boxes are not what hostile_reset() made */

static void start(void)
{
    hostile_make();
    hostile_reset();
    for (int i = 0; i < BOXES; i++) {
        wasmrt_wasi_config *config = wasmrt_wasi_config_new();

        wasmrt_wasi_config_preopen(config, hostile_box(i), "/",
                                   WASMRT_WASI_READ_WRITE);
        resolver_test.is_walk = i == 0;
        guest_open(&guests[i], config);
    }
}

static void give(const struct path *path, uint32_t addr)
{
    for (int i = 0; i < BOXES; i++)
        guest_put(&guests[i], addr, path->text, path->len);
}

/*
 * Makes a call in both.  The answers differ only where a path is too long: what
 * the walk has still to do counts as one path, for the kernel it does not; and
 * the walk goes 256 directories deep.
 */
static int call(const char *name, const int64_t *args)
{
    int first = guest_call(&guests[0], name, args);
    int second = guest_call(&guests[1], name, args);

    if (first == P1_NAMETOOLONG && second != first) {
        reach("too long for the walk");
        return -1;
    }
    if (first != second)
        hostile_fail("%s gives %s and %s", name,
                     p1_errno_name((enum p1_errno)first),
                     p1_errno_name((enum p1_errno)second));
    reach(p1_errno_name((enum p1_errno)first));
    if (first == P1_SUCCESS) {
        reach(name);
        is_changed |= strncmp(name, "path_", 5) == 0 &&
                      strcmp(name, "path_filestat_get") != 0 &&
                      strcmp(name, "path_readlink") != 0;
    }
    return first;
}
#define BOTH(name, ...) call(name, (const int64_t[]){__VA_ARGS__})

/* The filestat that both were given is of something inside. */
static void check_filestat(void)
{
    for (int i = 0; i < BOXES; i++) {
        struct p1_filestat st;

        guest_get(&guests[i], RESULT, &st, sizeof(st));
        if (hostile_is_outside(st.dev, st.ino))
            hostile_fail("reached outside");
    }
}

/* Bytes that both were given are not those of anything outside. */
static void check_buffer(uint32_t len)
{
    static char bytes[BUFFER_LEN];

    len = len < BUFFER_LEN ? len : BUFFER_LEN;
    for (int i = 0; i < BOXES; i++) {
        guest_get(&guests[i], BUFFER, bytes, len);
        if (memmem(bytes, len, "SECRET", 6))
            hostile_fail("read from outside");
    }
}

/* -- Calls ----------------------------------------------------------------- */

/* What a call gets from the input. */
struct args {
    int64_t fd, other_fd;
    uint8_t flags;
    struct path path, other;
};

/* The first path of a call, and the second. */
#define PATH(a)  FIRST_PATH, (a)->path.len
#define OTHER(a) SECOND_PATH, (a)->other.len

static void use_file(int64_t fd)
{
    static const struct p1_iovec iov = {BUFFER, 64};

    if (BOTH("fd_filestat_get", fd, RESULT) == P1_SUCCESS)
        check_filestat();
    for (int i = 0; i < BOXES; i++)
        guest_put(&guests[i], RESULT, &iov, sizeof(iov));
    if (BOTH("fd_read", fd, RESULT, 1, RESULT + 16) == P1_SUCCESS)
        check_buffer(guest_u32(&guests[0], RESULT + 16));
    BOTH("fd_write", fd, RESULT, 1, RESULT + 16);
    if (BOTH("fd_readdir", fd, BUFFER, BUFFER_LEN, 0, RESULT) == P1_SUCCESS)
        reach("listed");
}

static void act_open(const struct args *a)
{
    uint32_t fd;

    if (BOTH("path_open", a->fd, a->flags & 1, PATH(a), a->flags >> 1 & 15,
             a->flags & 0x20 ? P1_RIGHTS_ALL
                             : P1_RIGHTS_ALL & ~(int64_t)P1_RIGHT_FD_WRITE,
             P1_RIGHTS_ALL, a->flags & 0x40 ? P1_FD_APPEND : 0,
             RESULT) != P1_SUCCESS)
        return;
    fd = guest_u32(&guests[0], RESULT);
    if (guest_u32(&guests[1], RESULT) != fd)
        hostile_fail("different descriptors");
    use_file(fd);
    if (open_count < MAX_OPEN)
        open_fds[open_count++] = fd;
    else
        BOTH("fd_close", fd);
}

static void act_stat(const struct args *a)
{
    if (BOTH("path_filestat_get", a->fd, a->flags & 1, PATH(a), RESULT) ==
        P1_SUCCESS)
        check_filestat();
}

static void act_set_times(const struct args *a)
{
    BOTH("path_filestat_set_times", a->fd, a->flags & 1, PATH(a), 1, 2,
         P1_FST_ATIM | P1_FST_MTIM);
}

static void act_mkdir(const struct args *a)
{
    BOTH("path_create_directory", a->fd, PATH(a));
}

static void act_rmdir(const struct args *a)
{
    BOTH("path_remove_directory", a->fd, PATH(a));
}

static void act_unlink(const struct args *a)
{
    BOTH("path_unlink_file", a->fd, PATH(a));
}

static void act_readlink(const struct args *a)
{
    if (BOTH("path_readlink", a->fd, PATH(a), BUFFER, BUFFER_LEN, RESULT) ==
        P1_SUCCESS)
        check_buffer(guest_u32(&guests[0], RESULT));
}

static void act_symlink(const struct args *a)
{
    BOTH("path_symlink", OTHER(a), a->fd, PATH(a));
}

static void act_link(const struct args *a)
{
    BOTH("path_link", a->fd, a->flags & 1, PATH(a), a->other_fd, OTHER(a));
}

static void act_rename(const struct args *a)
{
    BOTH("path_rename", a->fd, PATH(a), a->other_fd, OTHER(a));
}

static void (*const acts[])(const struct args *) = {
    act_open,   act_stat,     act_set_times, act_mkdir, act_rmdir,
    act_unlink, act_readlink, act_symlink,   act_link,  act_rename,
};
enum { ACTS = sizeof(acts) / sizeof(acts[0]) };

static int64_t choose_fd(unsigned choice)
{
    choice %= (unsigned)open_count + 1;
    return choice ? open_fds[choice - 1] : PREOPEN;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct args args;
    struct input in = {data, data + size};

    if (!guests[0].store)
        start();
    if (is_changed)
        hostile_reset();
    is_changed = false;
    while (in.at < in.end) {
        uint8_t what = next(&in);

        args.flags = next(&in);
        args.fd = choose_fd(what >> 4);
        args.other_fd = choose_fd(args.flags >> 4);
        read_path(&in, &args.path);
        give(&args.path, FIRST_PATH);
        if (what % 16 % ACTS >= 7) {
            read_path(&in, &args.other);
            give(&args.other, SECOND_PATH);
        }
        acts[what % 16 % ACTS](&args);
    }
    while (open_count > 0)
        BOTH("fd_close", open_fds[--open_count]);
    hostile_check();
    return 0;
}
