/*
 * What is in the directory of changes may be a container's own doing, from when
 * it ran before: a link there could lead anywhere on the node.  So nothing in
 * it is followed, and only what is new at its top is gone into.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/mountpoint.h"

#include "shim/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The directories of an overlay, borrowed, and what is new at its top. */
struct overlay {
    const char *lower, *upper;
    int upper_fd;
    const char **made;
    size_t made_count;
};

bool mountpoint_is_left_out(const struct spec_mount *mount)
{
    static const char *const types[] = {"proc",    "sysfs",  "cgroup",
                                        "cgroup2", "mqueue", "devpts"};

    for (size_t i = 0; mount->type && i < sizeof(types) / sizeof(*types); i++) {
        if (strcmp(types[i], mount->type) == 0)
            return true;
    }
    return false;
}

/* -- What a mount needs ---------------------------------------------------- */

static bool has_bind(const struct spec_mount *mount)
{
    for (size_t i = 0; i < mount->options.count; i++) {
        if (strcmp(mount->options.items[i], "bind") == 0 ||
            strcmp(mount->options.items[i], "rbind") == 0)
            return true;
    }
    return false;
}

/* Whether it is of a kind that is known here, and needs a file. */
static bool is_known(const struct spec_mount *mount, bool *is_file)
{
    struct stat st;

    *is_file = false;
    if (!mount->type)
        return false;
    if (strcmp(mount->type, "tmpfs") == 0)
        return !has_bind(mount);
    if (strcmp(mount->type, "bind") != 0 || !mount->source ||
        stat(mount->source, &st) != 0)
        return false;
    *is_file = !S_ISDIR(st.st_mode);
    return true;
}

/* "/name", "/name/name" and so on, without names that lead elsewhere. */
static bool is_plain(const char *path)
{
    size_t len;

    for (; *path == '/'; path += len) {
        len = strcspn(++path, "/");
        if (len == 0 || (len <= 2 && strspn(path, ".") >= len))
            return false;
    }
    return *path == '\0';
}

static size_t top_len(const char *path)
{
    return strcspn(path + 1, "/") + 1;
}

/* Whether an earlier mount is where this one goes. */
static bool is_covered(const struct spec *spec, size_t n)
{
    const char *path = spec->mounts[n].destination;

    for (size_t i = 0; i < n; i++) {
        const char *above = spec->mounts[i].destination;
        size_t len = strlen(above);

        if (strncmp(path, above, len) == 0 &&
            (path[len] == '/' || path[len] == '\0'))
            return true;
    }
    return false;
}

/* -- The overlay ----------------------------------------------------------- */

static const char *value_of(const Pb__MountPoint *point, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < point->n_options; i++) {
        if (strncmp(point->options[i], name, len) == 0)
            return point->options[i] + len;
    }
    return NULL;
}

/* Names in which the kernel sees more than a list of directories are none of
 * ours. */
static bool find_overlay(struct overlay *overlay, Pb__MountPoint **mounts,
                         size_t count)
{
    if (count != 1 || strcmp(mounts[0]->type, "overlay") != 0 ||
        *mounts[0]->target)
        return false;
    overlay->lower = value_of(mounts[0], "lowerdir=");
    overlay->upper = value_of(mounts[0], "upperdir=");
    return overlay->lower && overlay->upper && overlay->upper[0] == '/' &&
           overlay->lower[0] == '/' && !strstr(overlay->lower, "::") &&
           !strpbrk(overlay->lower, "\\,") && !strpbrk(overlay->upper, "\\,");
}

/* Whether no layer has anything of a name, which starts with a slash. */
static bool is_in_no_layer(const struct overlay *overlay, const char *name,
                           size_t len)
{
    bool is_absent = true;
    struct stat st;

    for (const char *at = overlay->lower; *at && is_absent; at += *at == ':') {
        size_t dir_len = strcspn(at, ":");
        char *path = mem_format("%.*s%.*s", (int)dir_len, at, (int)len, name);

        is_absent = lstat(path, &st) != 0 && errno == ENOENT;
        free(path);
        at += dir_len;
    }
    return is_absent;
}

static bool is_made(const struct overlay *overlay, const char *path)
{
    size_t len = top_len(path);

    for (size_t i = 0; i < overlay->made_count; i++) {
        if (top_len(overlay->made[i]) == len &&
            strncmp(overlay->made[i], path, len) == 0)
            return true;
    }
    return false;
}

/* -- Making ---------------------------------------------------------------- */

static bool make_one(int dir, const char *name, bool is_file)
{
    int fd;

    if (!is_file)
        return mkdirat(dir, name, 0755) == 0;
    fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Makes what is missing of a path, name by name.  The first must be missing
 * unless its like was made before.  Whether that is ours. */
static bool make_path(const struct overlay *overlay, const char *path,
                      bool is_file)
{
    int dir = overlay->upper_fd, next;
    bool is_ours = is_made(overlay, path), ok = true;

    while (ok && dir >= 0 && *path) {
        size_t len = strcspn(++path, "/");
        char *name = mem_format("%.*s", (int)len, path);

        path += len;
        ok = make_one(dir, name, is_file && !*path) ||
             (is_ours && errno == EEXIST);
        is_ours = is_ours || ok;
        next = ok && *path
                   ? openat(dir, name,
                            O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                   : -1;
        if (dir != overlay->upper_fd)
            close(dir);
        dir = next;
        free(name);
    }
    return is_ours;
}

/* An odd path could cover any that comes later. */
static void make_all(struct overlay *overlay, const struct spec *spec)
{
    bool is_file;

    for (size_t i = 0; i < spec->mount_count; i++) {
        const struct spec_mount *mount = &spec->mounts[i];
        const char *path = mount->destination;
        bool is_old = is_made(overlay, path);

        if (!is_plain(path))
            return;
        if (mountpoint_is_left_out(mount) || is_covered(spec, i) ||
            !is_known(mount, &is_file))
            continue;
        if ((is_old || is_in_no_layer(overlay, path, top_len(path))) &&
            make_path(overlay, path, is_file) && !is_old)
            overlay->made[overlay->made_count++] = path;
    }
}

void mountpoint_make(const struct spec *spec, Pb__MountPoint **mounts,
                     size_t count)
{
    struct overlay overlay = {0};

    if (!find_overlay(&overlay, mounts, count))
        return;
    overlay.upper_fd =
        open(overlay.upper, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (overlay.upper_fd < 0)
        return;
    overlay.made = mem_alloc((spec->mount_count + 1) * sizeof(*overlay.made));
    make_all(&overlay, spec);
    free(overlay.made);
    close(overlay.upper_fd);
}
