/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/rootmount.h"

#include "shim/memory.h"
#include "shim/mountpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_MOUNTS = 64, MAX_OPTIONS_BYTES = 4096 };

/* An option that is a flag of mount(); false for one of the file system's. */
static bool read_flag(const char *option, unsigned long *flags)
{
    static const struct {
        const char *name;
        unsigned long set, clear;
    } table[] = {
        {"ro", MS_RDONLY, 0},           {"rw", 0, MS_RDONLY},
        {"nosuid", MS_NOSUID, 0},       {"nodev", MS_NODEV, 0},
        {"noexec", MS_NOEXEC, 0},       {"bind", MS_BIND, 0},
        {"rbind", MS_BIND | MS_REC, 0}, {"noatime", MS_NOATIME, 0},
        {"relatime", MS_RELATIME, 0},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        if (strcmp(table[i].name, option) == 0) {
            *flags = (*flags | table[i].set) & ~table[i].clear;
            return true;
        }
    }
    return false;
}

/* The options that are the file system's, separated by commas; fresh memory. */
static char *join_options(const Pb__MountPoint *point, unsigned long *flags)
{
    char *text = mem_string(""), *longer;

    for (size_t i = 0; i < point->n_options; i++) {
        if (read_flag(point->options[i], flags))
            continue;
        longer =
            mem_format("%s%s%s", text, *text ? "," : "", point->options[i]);
        free(text);
        text = longer;
    }
    return text;
}

/* Makes the lower directories of an overlay relative to the one that they all
 * lie in, in place, and says which that is; NULL when there is none.  It ends
 * in a slash.  Fresh memory. */
static char *shorten(char *options)
{
    char *list = strstr(options, "lowerdir="), *out, *at;
    size_t common;
    char *dir;

    if (!list || list[9] != '/')
        return NULL;
    list += 9;
    common = strcspn(list, ":,");
    for (at = list; *at && *at != ','; at += *at == ':') {
        size_t len = strcspn(at, ":,"), same = 0;

        while (same < common && same < len && at[same] == list[same])
            same++;
        common = same;
        at += len;
    }
    while (common > 0 && list[common - 1] != '/')
        common--;
    if (common < 2)
        return NULL;
    dir = mem_format("%.*s", (int)common, list);
    for (out = at = list; *at && *at != ',';) {
        size_t len = strcspn(at + common, ":,") + (size_t)1;

        memmove(out, at + common, len);
        out += len - 1;
        at += common + len - 1;
        if (*at == ':')
            *out++ = *at++;
    }
    memmove(out, at, strlen(at) + 1);
    return dir;
}

/* The kernel takes one page of options.  The list of an image with many layers
 * is longer, unless its names are relative to the working directory. */
static bool mount_from(const char *dir, const Pb__MountPoint *point,
                       const char *target, unsigned long flags,
                       const char *options)
{
    int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), error;
    bool ok = here >= 0 && chdir(dir) == 0 &&
              mount(point->source, target, point->type, flags, options) == 0;

    error = errno;
    if (here >= 0 && (fchdir(here) != 0 || close(here) != 0))
        ok = false;
    errno = error;
    return ok;
}

static bool mount_new(const Pb__MountPoint *point, const char *target,
                      struct fault *fault)
{
    unsigned long flags = 0;
    char *options = join_options(point, &flags), *dir = NULL;
    bool ok;

    if (strlen(options) >= MAX_OPTIONS_BYTES)
        dir = shorten(options);
    if (strlen(options) >= MAX_OPTIONS_BYTES) {
        errno = E2BIG;
        ok = false;
    } else {
        ok = mount_from(dir ? dir : "/", point, target, flags, options);
    }
    if (!ok)
        fault_errno(fault, "mount root file system (%s)", point->type);
    free(dir);
    free(options);
    return ok;
}

static bool mount_bind(const Pb__MountPoint *point, const char *target,
                       struct fault *fault)
{
    unsigned long flags = MS_BIND;

    for (size_t i = 0; i < point->n_options; i++)
        read_flag(point->options[i], &flags);
    if (mount(point->source, target, NULL, flags & (MS_BIND | MS_REC), NULL) !=
            0 ||
        ((flags & MS_RDONLY) &&
         mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) !=
             0))
        return fault_errno(fault, "mount root file system: bind %s",
                           point->source);
    return true;
}

bool rootmount_do(const struct spec *spec, const char *bundle,
                  Pb__MountPoint **mounts, size_t count, struct fault *fault)
{
    char *target = mem_format("%s/rootfs", bundle);
    bool ok = count <= MAX_MOUNTS;
    struct fault ignored;

    if (!ok)
        fault_set(fault, FAULT_INVALID, "too many mounts of the root");
    else if (count > 0 && mkdir(target, 0711) != 0 && errno != EEXIST)
        ok = fault_errno(fault, "make %s", target);
    if (ok)
        mountpoint_make(spec, mounts, count);
    for (size_t i = 0; ok && i < count; i++) {
        char *place = *mounts[i]->target
                          ? mem_format("%s/%s", target, mounts[i]->target)
                          : mem_string(target);

        if (strstr(place, "/../"))
            ok = fault_set(fault, FAULT_INVALID, "mount %s", place);
        else if (strcmp(mounts[i]->type, "bind") == 0)
            ok = mount_bind(mounts[i], place, fault);
        else
            ok = mount_new(mounts[i], place, fault);
        free(place);
    }
    if (!ok)
        rootmount_undo(bundle, &ignored);
    free(target);
    return ok;
}

bool rootmount_undo(const char *bundle, struct fault *fault)
{
    char *target = mem_format("%s/rootfs", bundle);
    int error = 0;

    while (
        umount2(target, UMOUNT_NOFOLLOW) == 0 ||
        (errno == EBUSY && umount2(target, UMOUNT_NOFOLLOW | MNT_DETACH) == 0))
        ;
    if (errno != EINVAL && errno != ENOENT)
        error = errno;
    errno = error;
    if (error)
        fault_errno(fault, "unmount %s", target);
    free(target);
    return error == 0;
}
