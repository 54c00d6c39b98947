/*
 * The scene of the resolver's tests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/unit/wasi_tree.h"

#include "tests/lib/test.h"
#include "tests/unit/wasi_hole.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

bool way_exists(enum way way)
{
    return way != WAY_KERNEL || p1_os_can_open_beneath();
}

const char *way_name(enum way way)
{
    static const char *const names[] = {"kernel", "walk", "hole"};

    return names[way];
}

enum p1_errno way_open(enum way way, int dir, const char *path, unsigned flags,
                       int *out)
{
    struct p1_root root = {
        .resolver = way == WAY_KERNEL ? P1_RESOLVE_KERNEL : P1_RESOLVE_WALK,
        .dir = dir,
    };

    return way == WAY_HOLE ? hole_resolve_open(&root, path, flags, out)
                           : p1_resolve_open(&root, path, flags, out);
}

static void make_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void make_socket(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strncpy(addr.sun_path, path, sizeof(addr.sun_path) - 1);
    CHECK_EQ(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    close(fd);
}

/* Directories in directories, d/d/d/..., each with a file f. */
static void make_deep(const char *start, int depth)
{
    int here = open(start, O_RDONLY | O_DIRECTORY), next;

    for (int i = 0; i < depth; i++) {
        CHECK_EQ(mkdirat(here, "d", 0700), 0);
        next = openat(here, "d", O_RDONLY | O_DIRECTORY);
        close(here);
        here = next;
        close(openat(here, "f", O_CREAT | O_WRONLY, 0600));
    }
    close(here);
}

int tree_make(void)
{
    static const char *const dirs[] = {"box", "box/dir", "box/dir/sub",
                                       "secret"};
    static const struct {
        const char *target, *name;
    } links[] = {
        {"file", "link"},
        {"dir", "dirlink"},
        {"/etc/passwd", "abs"},
        {"/", "absdir"},
        {"..", "up"},
        {"../secret/key", "upfile"},
        {"../secret", "updir"},
        {"dir/../../secret", "deepup"},
        {"loop", "loop"},
        {"pong", "ping"},
        {"ping", "pong"},
        {"nothing", "dangling"},
        {"dir/../file", "inout"},
        {"../box/file", "outin"},
        {"dir/sub/../../dirlink/sub", "maze"},
        {"dir/", "slashlink"},
        {"/proc/self/fd", "fds"},
    };
    char path[64], cwd[2048], target[2100];

    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
        CHECK_EQ(mkdir(dirs[i], 0700), 0);
    make_file("box/file", "in the box");
    make_file("box/dir/file", "in dir");
    make_file("box/dir/sub/file", "in sub");
    make_file("secret/key", "SECRET");
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        snprintf(path, sizeof(path), "box/%s", links[i].name);
        CHECK_EQ(symlink(links[i].target, path), 0);
    }
    /* Absolute, and still inside: refused like every absolute link. */
    CHECK(getcwd(cwd, sizeof(cwd)) != NULL);
    snprintf(target, sizeof(target), "%s/box/file", cwd);
    CHECK_EQ(symlink(target, "box/absin"), 0);
    CHECK_EQ(mkfifo("box/fifo", 0600), 0);
    make_socket("box/sock");
    make_deep("box", 100);
    return open("box", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool tree_is_outside(int fd)
{
    char link[64], path[4096], box[4096];
    ssize_t len;

    /* Only ever asked after the fact, by the test. */
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof(path) - 1);
    CHECK(len > 0 && realpath("box", box));
    path[len] = '\0';
    return strncmp(path, box, strlen(box)) != 0 ||
           (path[strlen(box)] != '\0' && path[strlen(box)] != '/');
}
