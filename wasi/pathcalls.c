/*
 * Calls that take paths.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

#include <stdlib.h>
#include <string.h>

struct p1_root p1_root_of(struct p1_call *c, const struct p1_file *dir)
{
    return (struct p1_root){c->wasi->resolver, dir->host, dir->only,
                            p1_slices_of(c)};
}

/* Keeps a path that leads outside, for whoever explains a failure; returns err.
 * Without memory there is less to explain. */
static enum p1_errno note_outside(struct p1_call *c, const struct p1_file *dir,
                                  const char *path, enum p1_errno err)
{
    const char *name = dir->preopen_name ? dir->preopen_name : "";
    size_t bytes = strlen(name) + strlen(path) + 2;
    char *text, *old;

    if (err != P1_NOTCAPABLE || dir->only)
        return err;
    text = malloc(bytes);
    if (!text)
        return err;
    strcpy(text, name);
    if (*name && *path != '/')
        strcat(text, "/");
    strcat(text, path);
    p1_lock(&c->wasi->refused_lock);
    old = c->wasi->refused;
    c->wasi->refused = text;
    p1_unlock(&c->wasi->refused_lock);
    free(old);
    return err;
}

/* The place of the path in args[n] and [n + 1]. */
static enum p1_errno place_arg(struct p1_call *c, const struct p1_file *dir,
                               int n, unsigned find, struct p1_place *out)
{
    char path[P1_PATH_MAX];
    struct p1_root root = p1_root_of(c, dir);
    enum p1_errno err = p1_get_path(c, p1_u32(c, n), p1_u32(c, n + 1), path);

    if (err)
        return err;
    return note_outside(c, dir, path, p1_resolve_place(&root, path, find, out));
}

/* How lookupflags want a link at the end treated. */
static enum p1_errno lookup_arg(const struct p1_call *c, int n, unsigned *find)
{
    uint32_t flags = p1_u32(c, n);

    *find = flags & P1_LOOKUP_SYMLINK_FOLLOW ? P1_FIND_FOLLOW : 0;
    return flags & ~(uint32_t)P1_LOOKUP_SYMLINK_FOLLOW ? P1_INVAL : P1_SUCCESS;
}

/* -- Opening --------------------------------------------------------------- */

/* What path_open asks for. */
struct request {
    uint32_t oflags, fdflags;
    uint64_t base, inheriting;
    bool follow;
};

/* Checks what is asked for against what the directory may give. */
static enum p1_errno check_request(const struct p1_file *dir,
                                   const struct request *r)
{
    const uint64_t data = P1_RIGHT_FD_READ | P1_RIGHT_FD_WRITE;
    enum p1_errno err = P1_SUCCESS;

    if ((r->oflags & ~(uint32_t)P1_O_ALL) ||
        (r->fdflags & ~(uint32_t)P1_FD_ALL) ||
        (r->oflags & (P1_O_CREAT | P1_O_DIRECTORY)) ==
            (P1_O_CREAT | P1_O_DIRECTORY))
        return P1_INVAL;
    if (r->oflags & P1_O_CREAT)
        err = p1_file_check(dir, P1_RIGHT_PATH_CREATE_FILE);
    if (!err && (r->oflags & P1_O_TRUNC))
        err = p1_file_check(dir, P1_RIGHT_PATH_FILESTAT_SET_SIZE);
    if (err)
        return err;
    if (r->base & ~dir->grant & data)
        return P1_ROFS;
    /* Guests ask for every right that may be of use; what matters is whether
     * they mean to read or write. */
    return r->base & ~dir->inheriting & data ? P1_NOTCAPABLE : P1_SUCCESS;
}

/* A single file is there already: C libraries ask to create whatever they open
 * for writing, and may. */
static enum p1_errno fit_single_file(struct request *r)
{
    if ((r->oflags & P1_O_CREAT) && (r->oflags & P1_O_EXCL))
        return P1_EXIST;
    r->oflags &= ~(uint32_t)P1_O_CREAT;
    return P1_SUCCESS;
}

static unsigned open_flags(const struct request *r)
{
    static const struct {
        uint32_t from;
        unsigned to;
    } oflags[] = {{P1_O_CREAT, P1_OPEN_CREATE},
                  {P1_O_DIRECTORY, P1_OPEN_DIRECTORY},
                  {P1_O_EXCL, P1_OPEN_EXCLUSIVE},
                  {P1_O_TRUNC, P1_OPEN_TRUNCATE}},
      fdflags[] = {{P1_FD_APPEND, P1_OPEN_APPEND},
                   {P1_FD_DSYNC, P1_OPEN_DSYNC},
                   {P1_FD_RSYNC | P1_FD_SYNC, P1_OPEN_SYNC}};
    unsigned flags = r->follow ? P1_OPEN_FOLLOW : 0;

    flags |= r->base & P1_RIGHT_FD_WRITE ? P1_OPEN_WRITE : P1_OPEN_READ;
    flags |= r->base & P1_RIGHT_FD_READ ? P1_OPEN_READ : 0;
    for (size_t i = 0; i < sizeof(oflags) / sizeof(oflags[0]); i++)
        flags |= r->oflags & oflags[i].from ? oflags[i].to : 0;
    for (size_t i = 0; i < sizeof(fdflags) / sizeof(fdflags[0]); i++)
        flags |= r->fdflags & fdflags[i].from ? fdflags[i].to : 0;
    return flags;
}

/* Opens on the host.  A directory that cannot be listed can still be a place
 * for paths. */
static enum p1_errno open_host(struct p1_call *c, const char *path,
                               const struct request *r, int *out)
{
    struct p1_root root = p1_root_of(c, c->file);
    unsigned flags = open_flags(r);
    enum p1_errno err = p1_resolve_open(&root, path, flags, out);

    if (err == P1_ACCES && (r->oflags & P1_O_DIRECTORY))
        err = p1_resolve_open(
            &root, path,
            P1_OPEN_PATH | P1_OPEN_DIRECTORY | (flags & P1_OPEN_FOLLOW), out);
    if (!err && p1_os_is_proc(*out)) {
        /* /proc/self/mem is this process: whoever grants "/" does not mean it.
         */
        p1_os_close(*out);
        err = P1_NOTCAPABLE;
    }
    return err;
}

/* Makes an open file of a host descriptor, with the rights it may have. */
static enum p1_errno make_file(const struct p1_file *dir,
                               const struct request *r, int host_taken,
                               struct p1_file **out)
{
    struct p1_filestat st;
    struct p1_file *file;
    enum p1_errno err = p1_os_stat(host_taken, &st);

    if (err) {
        p1_os_close(host_taken);
        return err;
    }
    file = p1_file_new(host_taken, (enum p1_filetype)st.filetype);
    if (!file)
        return P1_NOMEM;
    file->grant = dir->grant;
    file->fdflags = (uint16_t)r->fdflags;
    file->base =
        r->base & dir->inheriting & dir->grant & p1_file_base_rights(file);
    file->inheriting =
        r->inheriting & dir->inheriting & p1_file_inheriting_rights(file);
    /* Setting a size is writing. */
    if (!(file->base & P1_RIGHT_FD_WRITE))
        file->base &=
            ~(uint64_t)(P1_RIGHT_FD_ALLOCATE | P1_RIGHT_FD_FILESTAT_SET_SIZE);
    *out = file;
    return P1_SUCCESS;
}

enum p1_errno p1_path_open(struct p1_call *c)
{
    char path[P1_PATH_MAX];
    struct request r = {.oflags = p1_u32(c, 4),
                        .base = p1_u64(c, 5) & P1_RIGHTS_ALL,
                        .inheriting = p1_u64(c, 6) & P1_RIGHTS_ALL,
                        .fdflags = p1_u32(c, 7)};
    struct p1_file *file;
    unsigned find;
    uint32_t fd;
    int host;
    enum p1_errno err = lookup_arg(c, 1, &find);

    r.follow = find & P1_FIND_FOLLOW;
    if (!err && c->file->only)
        err = fit_single_file(&r);
    if (!err)
        err = check_request(c->file, &r);
    if (!err)
        err = p1_get_path(c, p1_u32(c, 2), p1_u32(c, 3), path);
    if (!err)
        err = note_outside(c, c->file, path, open_host(c, path, &r, &host));
    if (!err)
        err = make_file(c->file, &r, host, &file);
    if (!err)
        err = p1_fdtable_insert(&c->wasi->fds, file, &fd);
    if (!err)
        p1_put_u32(c, p1_u32(c, 8), fd);
    return err;
}

/* -- Metadata -------------------------------------------------------------- */

enum p1_errno p1_path_filestat_get(struct p1_call *c)
{
    struct p1_place place;
    struct p1_filestat st;
    unsigned find;
    enum p1_errno err = lookup_arg(c, 1, &find);

    /* Most paths do not end in a link: look first, follow if need be. */
    for (unsigned how = 0; !err; how = find) {
        err = place_arg(c, c->file, 2, how, &place);
        if (err)
            break;
        err = p1_os_stat_at(place.dir, place.leaf, &st);
        p1_place_close(&place);
        if (how == find || err || st.filetype != P1_FILETYPE_SYMBOLIC_LINK)
            break;
    }
    if (!err)
        p1_put_filestat(c, p1_u32(c, 4), &st);
    return err;
}

enum p1_errno p1_path_filestat_set_times(struct p1_call *c)
{
    struct p1_place place;
    struct p1_time times[2];
    unsigned find;
    enum p1_errno err = lookup_arg(c, 1, &find);

    if (!err)
        err = p1_times_arg(c, p1_u64(c, 4), p1_u64(c, 5), p1_u32(c, 6), times);
    if (!err)
        err = place_arg(c, c->file, 2, find, &place);
    if (err)
        return err;
    err = p1_os_set_times_at(place.dir, place.leaf, times);
    p1_place_close(&place);
    return err;
}

enum p1_errno p1_path_readlink(struct p1_call *c)
{
    char target[P1_PATH_MAX];
    struct p1_place place;
    uint32_t size = p1_u32(c, 4);
    size_t len;
    enum p1_errno err = place_arg(c, c->file, 1, 0, &place);

    if (err)
        return err;
    err =
        p1_os_readlink_at(place.dir, place.leaf, target, sizeof(target), &len);
    p1_place_close(&place);
    if (err)
        return err;
    len = len < size ? len : size;
    if (p1_put(c, p1_u32(c, 3), target, len))
        p1_put_u32(c, p1_u32(c, 5), len);
    return P1_SUCCESS;
}

/* -- Making and removing --------------------------------------------------- */

/* Does something to the name in args[1] and [2]. */
static enum p1_errno with_name(struct p1_call *c,
                               enum p1_errno (*act)(int dir, const char *leaf))
{
    struct p1_place place;
    enum p1_errno err = place_arg(c, c->file, 1, P1_FIND_NEW, &place);

    if (err)
        return err;
    err = act(place.dir, place.leaf);
    p1_place_close(&place);
    return err;
}

enum p1_errno p1_path_create_directory(struct p1_call *c)
{
    return with_name(c, p1_os_mkdir_at);
}

enum p1_errno p1_path_remove_directory(struct p1_call *c)
{
    return with_name(c, p1_os_rmdir_at);
}

enum p1_errno p1_path_unlink_file(struct p1_call *c)
{
    return with_name(c, p1_os_unlink_at);
}

/* A link whose name has a slash behind it: whatever exists there is either a
 * directory in the way or no directory. */
static enum p1_errno symlink_error(const struct p1_place *place,
                                   enum p1_errno err)
{
    char leaf[P1_PATH_MAX];
    size_t len = strlen(place->leaf);
    struct p1_filestat st;

    if (err != P1_EXIST || place->leaf[len - 1] != '/')
        return err;
    memcpy(leaf, place->leaf, len);
    leaf[len - 1] = '\0';
    if (!p1_os_stat_at(place->dir, leaf, &st) &&
        st.filetype != P1_FILETYPE_DIRECTORY)
        return P1_NOTDIR;
    return err;
}

enum p1_errno p1_path_symlink(struct p1_call *c)
{
    char target[P1_PATH_MAX];
    struct p1_place place;
    struct p1_file *dir;
    enum p1_errno err = p1_file_arg(c, 2, P1_RIGHT_PATH_SYMLINK, &dir);

    if (!err)
        err = p1_get_path(c, p1_u32(c, 0), p1_u32(c, 1), target);
    /* Nothing in the sandbox could follow it, others outside might. */
    if (!err && target[0] == '/')
        err = P1_NOTCAPABLE;
    if (!err)
        err = place_arg(c, dir, 3, P1_FIND_NEW, &place);
    if (err)
        return err;
    err = p1_os_symlink_at(target, place.dir, place.leaf);
    err = symlink_error(&place, err);
    p1_place_close(&place);
    return err;
}

/* Both places of a call on two paths, in args[old] and args[new]. */
static enum p1_errno
with_two(struct p1_call *c, int old, unsigned old_find, int new,
         uint64_t new_rights,
         enum p1_errno (*act)(int old_dir, const char *old_leaf, int new_dir,
                              const char *new_leaf))
{
    struct p1_place from, to;
    struct p1_file *new_dir;
    enum p1_errno err = p1_file_arg(c, new, new_rights, &new_dir);

    if (err)
        return err;
    err = place_arg(c, c->file, old, old_find, &from);
    if (err)
        return err;
    err = place_arg(c, new_dir, new + 1, P1_FIND_NEW, &to);
    if (!err) {
        err = act(from.dir, from.leaf, to.dir, to.leaf);
        p1_place_close(&to);
    }
    p1_place_close(&from);
    return err;
}

enum p1_errno p1_path_link(struct p1_call *c)
{
    unsigned find;
    enum p1_errno err = lookup_arg(c, 1, &find);

    if (err)
        return err;
    return with_two(c, 2, find, 4, P1_RIGHT_PATH_LINK_TARGET, p1_os_link_at);
}

enum p1_errno p1_path_rename(struct p1_call *c)
{
    return with_two(c, 1, P1_FIND_NEW, 3, P1_RIGHT_PATH_RENAME_TARGET,
                    p1_os_rename_at);
}
