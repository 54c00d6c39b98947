/*
 * Places for mounts: what is made among the changes of a container before its
 * root is mounted, and what is not touched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/mountpoint.h"

#include "tests/lib/test.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char here[PATH_MAX / 2];
static char mounts[8192];

/* Layers, the changes, and something to mount: a directory and a file. */
static void begin(void)
{
    static const char *const names[] = {"upper", "low1", "low2", "node"};
    FILE *file;

    CHECK(getcwd(here, sizeof(here)) != NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        CHECK_EQ(mkdir(names[i], 0755), 0);
    file = fopen("node/file", "w");
    CHECK(file != NULL);
    fclose(file);
    mounts[0] = '\0';
}

static void add(const char *destination, const char *type, const char *source)
{
    size_t len = strlen(mounts);

    snprintf(mounts + len, sizeof(mounts) - len,
             "%s{\"destination\":\"%s\",\"type\":\"%s\",\"source\":\"%s/%s\"}",
             len ? "," : "", destination, type, here, source);
}

/* lower: names of layers below this folder, as the rest of the option */
static void make(const char *type, const char *lower)
{
    static char json[sizeof(mounts) + 256];
    char low[PATH_MAX * 2], up[PATH_MAX], *options[] = {low, up};
    Pb__MountPoint point = PB__MOUNT_POINT__INIT, *points[] = {&point};
    struct spec spec;
    struct fault fault;

    snprintf(json, sizeof(json),
             "{\"root\":{\"path\":\"r\"},\"process\":{\"args\":[\"a\"],"
             "\"cwd\":\"/\"},\"mounts\":[%s]}",
             mounts);
    CHECK(spec_parse(&spec, json, strlen(json), &fault));
    if (lower)
        snprintf(low, sizeof(low), "lowerdir=%s/%s", here, lower);
    else
        snprintf(low, sizeof(low), "lowerdir=%s/low1:%s/low2", here, here);
    snprintf(up, sizeof(up), "upperdir=%s/upper", here);
    point.type = (char *)type;
    point.options = options;
    point.n_options = 2;
    mountpoint_make(&spec, points, 1);
    spec_fini(&spec);
}

static bool is(const char *path, mode_t type)
{
    struct stat st;

    return lstat(path, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

static bool is_nothing(const char *path)
{
    return access(path, F_OK) != 0;
}

TEST(mountpoint_makes_what_no_layer_has)
{
    begin();
    CHECK_EQ(mkdir("low2/srv", 0755), 0);
    add("/proc", "proc", "proc");
    add("/dev", "tmpfs", "tmpfs");
    add("/dev/shm", "bind", "node");
    add("/etc/hosts", "bind", "node/file");
    add("/etc/deep/er", "bind", "node");
    add("/etc/deep/file", "bind", "node/file");
    add("/file", "bind", "node/file");
    add("/srv/data", "bind", "node");
    make("overlay", NULL);
    CHECK(is("upper/dev", S_IFDIR));
    CHECK(is("upper/etc/hosts", S_IFREG));
    CHECK(is("upper/etc/deep/er", S_IFDIR));
    CHECK(is("upper/etc/deep/file", S_IFREG));
    CHECK(is("upper/file", S_IFREG));
    CHECK(is_nothing("upper/dev/shm")); /* it belongs into the other mount */
    CHECK(is_nothing("upper/srv"));     /* a layer has it */
    CHECK(is_nothing("upper/proc"));
}

TEST(mountpoint_leaves_what_it_does_not_understand)
{
    begin();
    add("/a", "bind", "node");
    make("bind", NULL);
    make("overlay", "low1::data");
    make("overlay", "low1\\\\:x");
    make("overlay", "no/such/../layer/\\\\,");
    CHECK(is_nothing("upper/a"));
    mounts[0] = '\0';
    add("/b", "ext4", "node");
    add("/c", "bind", "no-such-source");
    add("/d", "bind", "node");
    add("/e/../f", "bind", "node");
    add("/g", "bind", "node");
    make("overlay", NULL);
    CHECK(is_nothing("upper/b"));
    CHECK(is_nothing("upper/c"));
    CHECK(is("upper/d", S_IFDIR));
    CHECK(is_nothing("upper/e"));
    CHECK(is_nothing("upper/f"));
    CHECK(is_nothing("upper/g")); /* which the odd one could cover */
}

/* As a container can leave it that ran before. */
TEST(mountpoint_follows_nothing_among_the_changes)
{
    begin();
    CHECK_EQ(symlink("../node", "upper/link"), 0);
    CHECK_EQ(symlink("../node", "upper/old-link"), 0);
    CHECK_EQ(mkdir("upper/old", 0755), 0);
    CHECK_EQ(symlink("../../node", "upper/old/link"), 0);
    add("/link/made", "bind", "node");
    add("/link/file", "bind", "node/file");
    add("/old-link", "bind", "node");
    add("/old/made", "bind", "node");
    add("/old/link/made", "bind", "node");
    make("overlay", NULL);
    CHECK(is_nothing("node/made"));
    CHECK(is_nothing("upper/old/made"));
    CHECK(is("upper/old-link", S_IFLNK));
    CHECK(is("upper/link", S_IFLNK));
}
