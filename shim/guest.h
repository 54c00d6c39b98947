/*
 * The process of a container that this shim runs itself: a Wasm guest, or the
 * one that keeps a pod's namespaces.
 *
 * It builds its own cage, from privileged to unprivileged: control group,
 * namespaces, file system, limits, user, capabilities, system call filter. Only
 * then it reads the module.  It tells the shim how that went, waits for Start,
 * and runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_GUEST_H
#define SHIM_GUEST_H

#include "shim/fault.h"
#include "shim/line.h"
#include "shim/spec.h"
#include "shim/zygote.h"

/* What a step of the preparation works on. */
struct guest {
    const struct zygote_request *request;
    struct spec spec;
    struct line_place *place; /* NULL once it is not needed any more */
    int sync_fd;
    int root_fd;             /* LINE_FD_ROOT; -1: it has not come, or is used */
    bool serves;             /* the HTTP server runs the module (serving.h) */
    struct planned *planned; /* rootfs.c; one for each mount of the spec */
    struct filter *filter;   /* filter.c */
    struct wasm *wasm;       /* NULL where it does not run one itself */
};

/* Tells the shim about something that is wrong but no obstacle. */
void guest_warn(const struct guest *guest, const struct fault *fault);

/* In the forked process; fds as in enum zygote_fd. */
_Noreturn void guest_main(const struct zygote_request *request,
                          const int fds[ZYGOTE_FD_COUNT]);

/* -- The steps, each in a file of its own ---------------------------------- */

/* namespace.c: joins and makes all but the pid namespace; host name, sysctls,
 * loopback. */
bool namespace_enter(struct guest *guest, struct fault *fault);

/* rootfs.c: mounts that are attached nowhere yet; then an empty mount
 * namespace, so all that needs the node's files is done before; then / becomes
 * the container's, with these mounts. */
bool rootfs_plan(struct guest *guest, struct fault *fault);
bool rootfs_leave(struct guest *guest, struct fault *fault);
bool rootfs_enter(struct guest *guest, struct fault *fault);

/* For the zygote: a mount namespace of which each container's process gets a
 * copy, with nothing in it but an empty directory that nobody can write.  Its
 * descriptor, or -1 with errno. */
int rootfs_make_empty(void);

/* user.c: capabilities that no program may have again; limits; user, groups,
 * capabilities. */
bool user_bound(struct guest *guest, struct fault *fault);
bool user_limit(struct guest *guest, struct fault *fault);
bool user_become(struct guest *guest, struct fault *fault);

/* filter.c: makes the filters; then, the system calls that are left. */
bool filter_prepare(struct guest *guest, struct fault *fault);
bool filter_install(struct guest *guest, struct fault *fault);

/* The profile of config.json as libseccomp's filter, not installed, with what
 * the HTTP server needs or without; the caller releases it.  *result: 0 or a
 * negative error number. */
void *filter_build(struct json_object *profile, bool serves, int *result);

#endif
