/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/rootmount.h"

#include "shim/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_MOUNTS = 64 };

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

static int set_option(int fs, const char *option)
{
    char *key = mem_string(option), *value = strchr(key, '=');
    int result;

    if (value)
        *value++ = '\0';
    result = value ? fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0)
                   : fsconfig(fs, FSCONFIG_SET_FLAG, key, NULL, 0);
    free(key);
    return result;
}

/* A new file system.  Options go one by one: the list of an image with many
 * layers is longer than the page that mount() takes. */
static bool mount_new(const Pb__MountPoint *mount, const char *target,
                      struct fault *fault)
{
    int fs = fsopen(mount->type, FSOPEN_CLOEXEC), fd = -1;
    unsigned long flags = 0;
    bool ok = fs >= 0 && fsconfig(fs, FSCONFIG_SET_STRING, "source",
                                  mount->source, 0) == 0;

    for (size_t i = 0; ok && i < mount->n_options; i++)
        ok = read_flag(mount->options[i], &flags) ||
             set_option(fs, mount->options[i]) == 0;
    if (ok && (flags & MS_RDONLY))
        ok = fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) == 0;
    ok = ok && fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0;
    if (ok)
        fd = fsmount(fs, FSMOUNT_CLOEXEC,
                     flags & MS_RDONLY ? MOUNT_ATTR_RDONLY : 0);
    ok = ok && fd >= 0 &&
         move_mount(fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) == 0;
    if (!ok)
        fault_errno(fault, "mount root file system (%s)", mount->type);
    if (fs >= 0)
        close(fs);
    if (fd >= 0)
        close(fd);
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

bool rootmount_do(const char *bundle, Pb__MountPoint **mounts, size_t count,
                  struct fault *fault)
{
    char *target = mem_format("%s/rootfs", bundle);
    bool ok = count <= MAX_MOUNTS;
    struct fault ignored;

    if (!ok)
        fault_set(fault, FAULT_INVALID, "too many mounts of the root");
    else if (count > 0 && mkdir(target, 0711) != 0 && errno != EEXIST)
        ok = fault_errno(fault, "make %s", target);
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
