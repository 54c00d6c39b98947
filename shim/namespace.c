/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/guest.h"
#include "shim/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const int flags[SPEC_NS_COUNT] = {
#define NAMESPACE(id, name, file, flag) flag,
#include "shim/namespaces.def"
#undef NAMESPACE
};

static bool join(const char *path, int flag, struct fault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && setns(fd, flag) == 0;

    if (!ok)
        fault_errno(fault, "join namespace %s", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* A new network namespace has a loopback device that is down. */
static bool bring_up_loopback(struct fault *fault)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo",
                            .ifr_flags = IFF_UP | IFF_RUNNING};
    bool ok = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;

    if (!ok)
        fault_errno(fault, "bring up the loopback device");
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Only what belongs to a namespace of the container's own; the rest would be
 * the node's. */
static bool is_namespaced_sysctl(const struct spec *spec, const char *name)
{
    if (strncmp(name, "net.", 4) == 0)
        return spec->has_namespace[SPEC_NS_NETWORK];
    if (strcmp(name, "kernel.domainname") == 0)
        return spec->has_namespace[SPEC_NS_UTS];
    return (strncmp(name, "kernel.msg", 10) == 0 ||
            strncmp(name, "kernel.sem", 10) == 0 ||
            strncmp(name, "kernel.shm", 10) == 0 ||
            strncmp(name, "fs.mqueue.", 10) == 0) &&
           spec->has_namespace[SPEC_NS_IPC];
}

static bool set_sysctl(const struct spec *spec, const char *name,
                       const char *value, struct fault *fault)
{
    char *path = mem_format("/proc/sys/%s", name);
    bool ok = false;
    int fd;

    for (char *p = path + strlen("/proc/sys/"); *p; p++)
        *p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
    if (!is_namespaced_sysctl(spec, name) || strstr(path, "/../")) {
        fault_set(fault, FAULT_INVALID,
                  "config.json: linux.sysctl %s: not of a namespace of this "
                  "container",
                  name);
    } else {
        fd = open(path, O_WRONLY | O_CLOEXEC);
        ok = fd >= 0 && write(fd, value, strlen(value)) >= 0;
        if (!ok)
            fault_errno(fault, "set sysctl %s", name);
        if (fd >= 0)
            close(fd);
    }
    free(path);
    return ok;
}

static bool set_sysctls(const struct spec *spec, struct fault *fault)
{
    if (!spec->sysctl)
        return true;
    json_object_object_foreach(spec->sysctl, name, value)
    {
        if (!set_sysctl(spec, name, json_object_get_string(value), fault))
            return false;
    }
    return true;
}

/* The mount namespace comes last, by rootfs_enter(): joining the others needs
 * the node's files. */
bool namespace_enter(struct guest *guest, struct fault *fault)
{
    const struct spec *spec = &guest->spec;
    int made = 0;

    if (spec->namespace_path[SPEC_NS_MOUNT])
        return fault_set(fault, FAULT_INVALID,
                         "joining a mount namespace is not supported");
    for (int n = 0; n < SPEC_NS_COUNT; n++) {
        if (n == SPEC_NS_PID || n == SPEC_NS_MOUNT || !spec->has_namespace[n])
            continue;
        if (!spec->namespace_path[n])
            made |= flags[n];
        else if (!join(spec->namespace_path[n], flags[n], fault))
            return false;
    }
    if (unshare(made) != 0)
        return fault_errno(fault, "make namespaces");
    if ((made & CLONE_NEWNET) && !bring_up_loopback(fault))
        return false;
    if ((made & CLONE_NEWUTS) && spec->hostname &&
        sethostname(spec->hostname, strlen(spec->hostname)) != 0)
        return fault_errno(fault, "set host name %s", spec->hostname);
    return set_sysctls(spec, fault);
}
