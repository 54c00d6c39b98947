/*
 * From the node's file system to the container's.
 *
 * Sources on the node are opened before the root changes, as detached copies of
 * mounts, and temporary file systems are made and filled; everything else
 * happens after it, when no path and no symbolic link can mean anything but a
 * place in the container.
 *
 * File systems that show kernel objects (proc, sysfs, cgroup, mqueue, devpts)
 * are left out: a Wasm guest has no use for them, and /proc is never opened for
 * one.
 *
 * Device nodes work in /dev alone, where we make them: those of an image or a
 * volume are dead, also where no control group of devices forbids them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/guest.h"
#include "shim/memory.h"
#include "shim/mountpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A mount on its way: opened on the node's side, attached in the container. */
struct planned {
    const struct spec_mount *mount;
    int tree_fd; /* -1: made inside */
    bool is_file, is_left_out;
};

/* What the options of a mount mean together. */
struct wanted {
    uint64_t set, clear; /* MOUNT_ATTR_* */
    bool bind, recursive;
    unsigned long propagation; /* MS_*, or 0 */
    char data[1024];           /* for the file system */
};

/* -- Options --------------------------------------------------------------- */

enum option_effect { SET, CLEAR, BIND, RBIND, PROPAGATION, NOTHING };

static const struct option {
    const char *name;
    enum option_effect effect;
    unsigned long value;
} options[] = {
    {"ro", SET, MOUNT_ATTR_RDONLY},
    {"rw", CLEAR, MOUNT_ATTR_RDONLY},
    {"rro", SET, MOUNT_ATTR_RDONLY},
    {"nosuid", SET, MOUNT_ATTR_NOSUID},
    {"suid", CLEAR, MOUNT_ATTR_NOSUID},
    {"nodev", SET, MOUNT_ATTR_NODEV},
    {"dev", CLEAR, MOUNT_ATTR_NODEV},
    {"noexec", SET, MOUNT_ATTR_NOEXEC},
    {"exec", CLEAR, MOUNT_ATTR_NOEXEC},
    {"nodiratime", SET, MOUNT_ATTR_NODIRATIME},
    {"nosymfollow", SET, MOUNT_ATTR_NOSYMFOLLOW},
    {"bind", BIND, 0},
    {"rbind", RBIND, 0},
    {"private", PROPAGATION, MS_PRIVATE},
    {"rprivate", PROPAGATION, MS_PRIVATE | MS_REC},
    {"slave", PROPAGATION, MS_SLAVE},
    {"rslave", PROPAGATION, MS_SLAVE | MS_REC},
    {"shared", PROPAGATION, MS_SHARED},
    {"rshared", PROPAGATION, MS_SHARED | MS_REC},
    {"unbindable", PROPAGATION, MS_UNBINDABLE},
    {"runbindable", PROPAGATION, MS_UNBINDABLE | MS_REC},
    {"defaults", NOTHING, 0},
    {"relatime", NOTHING, 0}, /* the kernel's default */
    {"norelatime", NOTHING, 0},
    {"strictatime", NOTHING, 0},
    {"atime", NOTHING, 0},
    {"noatime", NOTHING, 0},
    {"diratime", NOTHING, 0},
    {"sync", NOTHING, 0},
    {"async", NOTHING, 0},
};

static const struct option *find_option(const char *name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    }
    return NULL;
}

static void apply(struct wanted *wanted, const struct option *option)
{
    switch (option->effect) {
    case SET:
        wanted->set |= option->value;
        wanted->clear &= ~option->value;
        break;
    case CLEAR:
        wanted->clear |= option->value;
        wanted->set &= ~option->value;
        break;
    case RBIND: wanted->recursive = true; /* fall through */
    case BIND: wanted->bind = true; break;
    case PROPAGATION: wanted->propagation = option->value; break;
    case NOTHING: break;
    }
}

/* An unknown option is the file system's. */
static bool read_options(const struct spec_mount *mount, struct wanted *wanted,
                         struct fault *fault)
{
    size_t len = 0;

    *wanted = (struct wanted){0};
    for (size_t i = 0; i < mount->options.count; i++) {
        const char *text = mount->options.items[i];
        const struct option *option = find_option(text);

        if (option) {
            apply(wanted, option);
            continue;
        }
        if (len + strlen(text) + 2 > sizeof(wanted->data))
            return fault_set(fault, FAULT_INVALID, "mount %s: options too long",
                             mount->destination);
        len += (size_t)snprintf(wanted->data + len, sizeof(wanted->data) - len,
                                "%s%s", len ? "," : "", text);
    }
    if (mount->type && strcmp(mount->type, "bind") == 0)
        wanted->bind = true;
    return true;
}

/* -- On the node's side ---------------------------------------------------- */

static bool open_source(struct planned *planned, const struct wanted *wanted,
                        struct fault *fault)
{
    const char *source = planned->mount->source;
    unsigned recursive = wanted->recursive ? AT_RECURSIVE : 0;
    struct mount_attr attr = {.attr_set = wanted->set,
                              .attr_clr = wanted->clear};
    struct stat st;

    if (!(wanted->clear & MOUNT_ATTR_NODEV))
        attr.attr_set |= MOUNT_ATTR_NODEV;

    if (!source || !*source)
        return fault_set(fault, FAULT_INVALID, "mount %s: no source",
                         planned->mount->destination);
    planned->tree_fd = open_tree(
        AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
    if (planned->tree_fd < 0 || fstat(planned->tree_fd, &st) != 0)
        return fault_errno(fault, "mount %s: source %s",
                           planned->mount->destination, source);
    planned->is_file = !S_ISDIR(st.st_mode);
    if (mount_setattr(planned->tree_fd, "", AT_EMPTY_PATH | recursive, &attr,
                      sizeof(attr)) != 0)
        return fault_errno(fault, "mount %s: set options",
                           planned->mount->destination);
    return true;
}

/* What every program expects in /dev.  The device cgroup allows making them. */
static bool fill_dev(int dir, struct fault *fault)
{
    static const struct {
        const char *name;
        unsigned major, minor;
    } nodes[] = {{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
                 {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};
    mode_t mask = umask(0);
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof(nodes) / sizeof(*nodes); i++)
        ok = mknodat(dir, nodes[i].name, S_IFCHR | 0666,
                     makedev(nodes[i].major, nodes[i].minor)) == 0 ||
             fault_errno(fault, "make /dev/%s", nodes[i].name);
    umask(mask);
    return ok;
}

/* Each is a word, or a name and a value. */
static bool configure(int fs, char *words)
{
    char *rest = NULL;

    for (char *word = strtok_r(words, ",", &rest); word;
         word = strtok_r(NULL, ",", &rest)) {
        char *value = strchr(word, '=');

        if (value)
            *value++ = '\0';
        if (fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, word,
                     value, 0) != 0)
            return false;
    }
    return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0;
}

static bool make_tmpfs(struct planned *planned, struct wanted *wanted,
                       struct fault *fault)
{
    const char *target = planned->mount->destination;
    int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);

    if (fs >= 0 && configure(fs, wanted->data))
        planned->tree_fd = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)wanted->set);
    if (planned->tree_fd < 0)
        fault_errno(fault, "mount %s (tmpfs)", target);
    if (fs >= 0)
        close(fs);
    return planned->tree_fd >= 0 &&
           (strcmp(target, "/dev") != 0 || fill_dev(planned->tree_fd, fault));
}

static bool plan(struct planned *planned, struct fault *fault)
{
    const char *type = planned->mount->type;
    struct wanted wanted;

    if (mountpoint_is_left_out(planned->mount)) {
        planned->is_left_out = true;
        return true;
    }
    if (!read_options(planned->mount, &wanted, fault))
        return false;
    if (wanted.bind)
        return open_source(planned, &wanted, fault);
    return !type || strcmp(type, "tmpfs") != 0 ||
           make_tmpfs(planned, &wanted, fault);
}

/* The one that keeps a pod's namespaces opens no file, so it gets none. */
bool rootfs_plan(struct guest *guest, struct fault *fault)
{
    const struct spec *spec = &guest->spec;

    if (guest->request->kind == ZYGOTE_PAUSE)
        return true;
    guest->planned =
        mem_alloc((spec->mount_count + 1) * sizeof(struct planned));
    for (size_t i = 0; i < spec->mount_count; i++) {
        guest->planned[i] =
            (struct planned){.mount = &spec->mounts[i], .tree_fd = -1};
        if (!plan(&guest->planned[i], fault))
            return false;
    }
    return true;
}

/* -- The mount namespace --------------------------------------------------- */

/* Makes / an empty file system, which takes no room but its root's. */
static bool empty_root(void)
{
    int fs = fsopen("tmpfs", FSOPEN_CLOEXEC), tree = -1;
    char words[] = "size=4096,nr_inodes=1,mode=0555";
    bool ok = fs >= 0 && configure(fs, words);

    if (ok)
        tree = fsmount(fs, FSMOUNT_CLOEXEC,
                       MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                           MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    ok = tree >= 0 &&
         move_mount(tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) == 0 &&
         fchdir(tree) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 &&
         umount2(".", MNT_DETACH) == 0;
    if (tree >= 0)
        close(tree);
    if (fs >= 0)
        close(fs);
    return ok;
}

/* The caller goes into it and comes back; going back leads to the root of the
 * node's namespace, which may not be the caller's. */
int rootfs_make_empty(void)
{
    int old = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), empty = -1;
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), error;
    bool ok = old >= 0 && root >= 0 && unshare(CLONE_NEWNS) == 0;

    if (ok) {
        empty = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
        ok = empty >= 0 &&
             mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
             empty_root();
        error = errno;
        if (setns(old, CLONE_NEWNS) != 0 || fchdir(root) != 0 ||
            chroot(".") != 0)
            _exit(1); /* another one takes over */
        errno = error;
    }
    error = errno;
    if (!ok && empty >= 0)
        close(empty);
    if (old >= 0)
        close(old);
    if (root >= 0)
        close(root);
    errno = error;
    return ok ? empty : -1;
}

/* A copy of the node's would have to lose its mounts again, for which the
 * kernel waits until no processor looks at one, and the root of all processes
 * would have to be compared. */
bool rootfs_leave(struct guest *guest, struct fault *fault)
{
    bool ok =
        setns(ZYGOTE_EMPTY_NS, CLONE_NEWNS) == 0 && unshare(CLONE_NEWNS) == 0;

    (void)guest;
    close(ZYGOTE_EMPTY_NS);
    return ok || fault_errno(fault, "make a mount namespace");
}

/* -- In the container ------------------------------------------------------ */

/* Makes the place for a mount, and directories above it. */
static bool make_target(const char *path, bool is_file, struct fault *fault)
{
    char part[PATH_MAX];
    size_t len = strlen(path);
    struct stat st;
    int fd;

    if (len >= sizeof(part))
        return fault_set(fault, FAULT_INVALID, "%s: path too long", path);
    if (stat(path, &st) == 0)
        return true;
    for (size_t at = 1; at <= len; at++) {
        if (path[at] != '/' && (path[at] != '\0' || is_file))
            continue;
        memcpy(part, path, at);
        part[at] = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return fault_errno(fault, "make mount point %s", part);
    }
    if (!is_file)
        return true;
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return fault_errno(fault, "make mount point %s", path);
    close(fd);
    return true;
}

static unsigned long mount_flags(uint64_t attributes)
{
    static const struct {
        uint64_t attribute;
        unsigned long flag;
    } pairs[] = {
        {MOUNT_ATTR_RDONLY, MS_RDONLY},         {MOUNT_ATTR_NOSUID, MS_NOSUID},
        {MOUNT_ATTR_NODEV, MS_NODEV},           {MOUNT_ATTR_NOEXEC, MS_NOEXEC},
        {MOUNT_ATTR_NODIRATIME, MS_NODIRATIME},
    };
    unsigned long flags = 0;

    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        if (attributes & pairs[i].attribute)
            flags |= pairs[i].flag;
    }
    return flags;
}

/* A file system of a rare kind: whatever its source means, it means it inside.
 */
static bool mount_new(const struct spec_mount *point,
                      const struct wanted *wanted, struct fault *fault)
{
    const char *type = point->type ? point->type : "none";

    return mount(point->source ? point->source : type, point->destination, type,
                 mount_flags(wanted->set), wanted->data) == 0 ||
           fault_errno(fault, "mount %s (%s)", point->destination, type);
}

static bool attach(const struct planned *planned, struct fault *fault)
{
    const struct spec_mount *point = planned->mount;
    struct wanted wanted;

    if (planned->is_left_out)
        return true;
    if (!read_options(point, &wanted, fault) ||
        !make_target(point->destination, planned->is_file, fault))
        return false;
    if (planned->tree_fd < 0)
        return mount_new(point, &wanted, fault);
    if (move_mount(planned->tree_fd, "", AT_FDCWD, point->destination,
                   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS) != 0)
        return fault_errno(fault, "mount %s", point->destination);
    if (wanted.propagation &&
        mount(NULL, point->destination, NULL, wanted.propagation, NULL) != 0)
        return fault_errno(fault, "mount %s: propagation", point->destination);
    return true;
}

/* Paths that are not there need no cover. */
static bool cover(const struct spec *spec, struct fault *fault)
{
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};

    for (size_t i = 0; i < spec->masked_paths.count; i++) {
        const char *path = spec->masked_paths.items[i];
        struct stat st;

        if (stat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode)
                ? mount("tmpfs", path, "tmpfs", MS_RDONLY, "size=0k") != 0
                : mount("/dev/null", path, NULL, MS_BIND, NULL) != 0)
            return fault_errno(fault, "mask %s", path);
    }
    for (size_t i = 0; i < spec->readonly_paths.count; i++) {
        const char *path = spec->readonly_paths.items[i];

        if (access(path, F_OK) != 0)
            continue;
        if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) != 0 ||
            mount_setattr(AT_FDCWD, path, AT_RECURSIVE, &read_only,
                          sizeof(read_only)) != 0)
            return fault_errno(fault, "make %s read-only", path);
    }
    return true;
}

/* -- The change ------------------------------------------------------------ */

/* The new root is a mount of its own, which follows what happens to its like on
 * the node and never the other way round.  Below it stays the empty one, which
 * is all that there is to find outside. */
static bool change_root(struct guest *guest, struct fault *fault)
{
    struct mount_attr slave = {.propagation = MS_SLAVE};

    if (mount_setattr(guest->root_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &slave,
                      sizeof(slave)) != 0 ||
        move_mount(guest->root_fd, "", AT_FDCWD, "/",
                   MOVE_MOUNT_F_EMPTY_PATH) != 0 ||
        fchdir(guest->root_fd) != 0 || chroot(".") != 0)
        return fault_errno(fault, "change the root to %s",
                           guest->spec.root_path);
    close(guest->root_fd);
    guest->root_fd = -1;
    return true;
}

static bool set_root_options(const struct spec *spec, struct fault *fault)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_NODEV};

    if (spec->root_readonly)
        attr.attr_set |= MOUNT_ATTR_RDONLY;
    return mount_setattr(AT_FDCWD, "/", 0, &attr, sizeof(attr)) == 0 ||
           fault_errno(fault, "set the options of the root file system");
}

bool rootfs_enter(struct guest *guest, struct fault *fault)
{
    const struct spec *spec = &guest->spec;
    struct planned *planned = guest->planned;
    bool ok = change_root(guest, fault);

    if (!planned)
        return ok;
    for (size_t i = 0; ok && i < spec->mount_count; i++)
        ok = attach(&planned[i], fault);
    for (size_t i = 0; i < spec->mount_count; i++) {
        if (planned[i].tree_fd >= 0)
            close(planned[i].tree_fd);
    }
    free(planned);
    guest->planned = NULL;
    return ok && cover(spec, fault) && set_root_options(spec, fault);
}
