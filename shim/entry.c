/*
 * The root file system is the image's: its links are resolved as if they were
 * inside, by the kernel.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/entry.h"

#include "shim/memory.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HEAD_BYTES = 16 };

/* Only found, not opened: that could already do something to a device. */
static int open_in(const char *root, const char *path)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC,
                           .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd, error;

    if (dir < 0)
        return -1;
    fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
    error = errno;
    close(dir);
    errno = error;
    return fd;
}

/* The innermost bind mount that holds a path; NULL: none does. */
static const struct spec_mount *find_mount(const struct spec *spec,
                                           const char *path)
{
    const struct spec_mount *best = NULL;
    size_t best_len = 0;

    for (size_t i = 0; i < spec->mount_count; i++) {
        const struct spec_mount *mount = &spec->mounts[i];
        size_t len = strlen(mount->destination);

        if (mount->source && mount->source[0] == '/' && len > 1 &&
            len >= best_len && strncmp(path, mount->destination, len) == 0 &&
            (path[len] == '/' || path[len] == '\0')) {
            best = mount;
            best_len = len;
        }
    }
    return best;
}

/* Finds a path as the container will see it. */
static int open_entry(const struct spec *spec, const char *root,
                      const char *path)
{
    const struct spec_mount *mount = find_mount(spec, path);
    const char *rest;

    if (!mount)
        return open_in(root, path);
    rest = path + strlen(mount->destination);
    return *rest ? open_in(mount->source, rest)
                 : open(mount->source, O_PATH | O_CLOEXEC);
}

bool entry_promises_module(const char *name)
{
    size_t len = strcspn(name, "#");

    return (len > 5 && strncmp(name + len - 5, ".wasm", 5) == 0) ||
           (len > 4 && strncmp(name + len - 4, ".wat", 4) == 0);
}

bool entry_classify(const char *path, const unsigned char *bytes, size_t len,
                    enum entry_kind *out)
{
    size_t at = 0;

    *out = ENTRY_LINUX;
    if ((len >= 4 && memcmp(bytes, "\177ELF", 4) == 0) ||
        (len >= 2 && memcmp(bytes, "#!", 2) == 0))
        return true;
    *out = ENTRY_WASM;
    if (len >= 4 && memcmp(bytes, "\0asm", 4) == 0)
        return true;
    while (at < len && isspace(bytes[at]))
        at++;
    /* A name that promises a module is taken at its word: the module's own
     * reader says what is wrong with it. */
    return (at < len && bytes[at] == '(') ||
           (at + 1 < len && bytes[at] == ';' && bytes[at + 1] == ';') ||
           entry_promises_module(path);
}

static bool classify(int fd, struct entry *entry, struct fault *fault)
{
    unsigned char head[HEAD_BYTES];
    char self[32];
    struct stat st;
    ssize_t n = -1;
    int file;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return fault_set(fault, FAULT_INVALID,
                         "entrypoint %s: not a regular file", entry->path);
    snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    file = open(self, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        n = pread(file, head, sizeof(head), 0);
        close(file);
    }
    if (n < 0)
        return fault_errno(fault, "entrypoint %s", entry->path);
    if (entry_classify(entry->path, head, (size_t)n, &entry->kind)) {
        if (entry->kind == ENTRY_WASM || !entry_promises_module(entry->path))
            return true;
        return fault_set(fault, FAULT_INVALID,
                         "entrypoint %s: expected a WebAssembly module, by its "
                         "name, found %s",
                         entry->path,
                         head[0] == '#' ? "a script" : "an ELF program");
    }
    return fault_set(fault, FAULT_INVALID,
                     "entrypoint %s: expected a WebAssembly module, an ELF "
                     "program or a script, found bytes %02x %02x %02x %02x",
                     entry->path, n > 0 ? head[0] : 0, n > 1 ? head[1] : 0,
                     n > 2 ? head[2] : 0, n > 3 ? head[3] : 0);
}

/* Tries one place; -1 with errno. */
static int try_path(const struct spec *spec, const char *root,
                    struct entry *entry, const char *dir, const char *name)
{
    int len = snprintf(entry->path, sizeof(entry->path), "%s%s%s", dir,
                       name[0] == '/' ? "" : "/", name);
    char *hash;
    int fd;

    if (len >= (int)sizeof(entry->path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = open_entry(spec, root, entry->path);
    hash = strrchr(entry->path, '#');
    if (fd >= 0 || !hash)
        return fd;
    *hash = '\0';
    fd = open_entry(spec, root, entry->path);
    *hash = '#';
    return fd;
}

/* A name without a slash is looked for in PATH, one with a slash but not at its
 * start below cwd. */
static int search(const struct spec *spec, const char *root,
                  struct entry *entry)
{
    const char *name = spec->args.items[0];
    const char *path = spec_env(spec, "PATH");

    if (name[0] == '/')
        return try_path(spec, root, entry, "", name);
    if (strchr(name, '/'))
        return try_path(spec, root, entry, spec->cwd, name);
    if (!path)
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    while (*path) {
        size_t len = strcspn(path, ":");
        char *dir = mem_format("%.*s", (int)len, path);
        int fd = try_path(spec, root, entry, dir, name);

        free(dir);
        if (fd >= 0)
            return fd;
        path += len + (path[len] == ':');
    }
    /* Modules usually lie at the top, which no PATH names. */
    return try_path(spec, root, entry, "", name[0] ? name : "/");
}

bool entry_find(const struct spec *spec, const char *bundle,
                struct entry *entry, struct fault *fault)
{
    char *root = spec_root_dir(spec, bundle);
    int fd;
    bool ok;

    if (spec->args.items[0][0] == '\0') {
        free(root);
        return fault_set(fault, FAULT_INVALID, "the entrypoint is empty");
    }
    fd = search(spec, root, entry);
    free(root);
    if (fd < 0)
        return fault_errno(fault,
                           "entrypoint %s: not found in the image or its "
                           "mounts",
                           spec->args.items[0]);
    ok = classify(fd, entry, fault);
    close(fd);
    return ok;
}
