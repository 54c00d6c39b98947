/*
 * Descriptors: state, rights, flags, preopens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

#include <string.h>

enum p1_errno p1_file_arg(struct p1_call *c, int n, uint64_t rights,
                          struct p1_file **out)
{
    struct p1_file *file = p1_fdtable_get(&c->wasi->fds, p1_u32(c, n));
    enum p1_errno err;

    if (!file)
        return P1_BADF;
    c->held[c->nheld++] = file;
    err = p1_file_check(file, rights);
    if (!err)
        *out = file;
    return err;
}

enum p1_errno p1_fd_close(struct p1_call *c)
{
    return p1_fdtable_close(&c->wasi->fds, p1_u32(c, 0));
}

enum p1_errno p1_fd_renumber(struct p1_call *c)
{
    return p1_fdtable_renumber(&c->wasi->fds, p1_u32(c, 0), p1_u32(c, 1));
}

/* Rights as the dialect knows them: accepting came after wasi_unstable. */
static uint64_t visible_rights(const struct p1_call *c, uint64_t rights)
{
    if (c->dialect == P1_UNSTABLE)
        rights &= ~(uint64_t)P1_RIGHT_SOCK_ACCEPT;
    return rights;
}

enum p1_errno p1_fd_fdstat_get(struct p1_call *c)
{
    const struct p1_file *file = c->file;
    struct p1_fdstat stat = {
        .filetype = (uint8_t)file->filetype,
        .flags = file->fdflags,
        .rights_base = visible_rights(c, file->base),
        .rights_inheriting = visible_rights(c, file->inheriting),
    };

    p1_put(c, p1_u32(c, 1), &stat, sizeof(stat));
    return P1_SUCCESS;
}

static enum p1_errno set_flags(struct p1_file *file, uint32_t flags)
{
    const uint16_t sync = P1_FD_DSYNC | P1_FD_RSYNC | P1_FD_SYNC;
    uint32_t change = flags ^ file->fdflags;
    enum p1_errno err = P1_SUCCESS;

    /* Linux cannot change these on an open file. */
    if (change & sync)
        return P1_NOTSUP;
    if (change & P1_FD_APPEND) {
        /* Not ours alone: the change would show in other processes. */
        if (file->is_shared || file->source != P1_SOURCE_HOST)
            return P1_NOTSUP;
        err = p1_os_set_append(file->host, flags & P1_FD_APPEND);
    }
    /* Waiting is up to us, so P1_FD_NONBLOCK needs nothing from the host. */
    if (!err)
        file->fdflags = (uint16_t)flags;
    return err;
}

enum p1_errno p1_fd_fdstat_set_flags(struct p1_call *c)
{
    uint32_t flags = p1_u32(c, 1);
    enum p1_errno err;

    if (flags & ~(uint32_t)P1_FD_ALL)
        return P1_INVAL;
    p1_lock(&c->wasi->fds.lock);
    err = set_flags(c->file, flags);
    p1_unlock(&c->wasi->fds.lock);
    return err;
}

/* Only ever fewer, also when two threads do it at once. */
static enum p1_errno set_rights(struct p1_file *file, uint64_t base,
                                uint64_t inheriting)
{
    if ((base & ~file->base) || (inheriting & ~file->inheriting))
        return P1_NOTCAPABLE;
    file->base = base;
    file->inheriting = inheriting;
    return P1_SUCCESS;
}

enum p1_errno p1_fd_fdstat_set_rights(struct p1_call *c)
{
    enum p1_errno err;

    p1_lock(&c->wasi->fds.lock);
    err = set_rights(c->file, p1_u64(c, 1), p1_u64(c, 2));
    p1_unlock(&c->wasi->fds.lock);
    return err;
}

enum p1_errno p1_fd_prestat_get(struct p1_call *c)
{
    struct p1_prestat stat = {0};

    /* C libraries look for preopens up to the first number that gives BADF. */
    if (!c->file->preopen_name)
        return P1_BADF;
    stat.name_len = (uint32_t)strlen(c->file->preopen_name);
    p1_put(c, p1_u32(c, 1), &stat, sizeof(stat));
    return P1_SUCCESS;
}

enum p1_errno p1_fd_prestat_dir_name(struct p1_call *c)
{
    const char *name = c->file->preopen_name;

    if (!name)
        return P1_BADF;
    if (p1_u32(c, 2) < strlen(name))
        return P1_NAMETOOLONG;
    p1_put(c, p1_u32(c, 1), name, strlen(name));
    return P1_SUCCESS;
}

/* -- Metadata -------------------------------------------------------------- */

bool p1_put_filestat(struct p1_call *c, uint32_t addr,
                     const struct p1_filestat *st)
{
    struct p1_filestat_unstable old = {
        .dev = st->dev,
        .ino = st->ino,
        .filetype = st->filetype,
        .nlink = st->nlink > UINT32_MAX ? UINT32_MAX : (uint32_t)st->nlink,
        .size = st->size,
        .atim = st->atim,
        .mtim = st->mtim,
        .ctim = st->ctim,
    };

    if (c->dialect == P1_UNSTABLE)
        return p1_put(c, addr, &old, sizeof(old));
    return p1_put(c, addr, st, sizeof(*st));
}

enum p1_errno p1_fd_filestat_get(struct p1_call *c)
{
    const struct p1_file *file = c->file;
    struct p1_filestat st = {0};
    enum p1_errno err = P1_SUCCESS;

    if (file->only)
        err = p1_os_stat_at(file->host, file->only, &st);
    else if (file->source == P1_SOURCE_HOST)
        err = p1_os_stat(file->host, &st);
    else
        st.filetype = (uint8_t)file->filetype;
    if (!err)
        p1_put_filestat(c, p1_u32(c, 1), &st);
    return err;
}

enum p1_errno p1_fd_filestat_set_size(struct p1_call *c)
{
    return p1_os_set_size(c->file->host, p1_u64(c, 1));
}

enum p1_errno p1_fd_filestat_set_times(struct p1_call *c)
{
    struct p1_time times[2];
    enum p1_errno err =
        p1_times_arg(c, p1_u64(c, 1), p1_u64(c, 2), p1_u32(c, 3), times);

    return err ? err : p1_os_set_times(c->file->host, times);
}

/* Now is the guest's idea of it, which the embedder may have replaced. */
static enum p1_errno set_now(struct p1_call *c, struct p1_time *time)
{
    if (!c->wasi->now_ns) {
        time->now = true;
        return P1_SUCCESS;
    }
    return p1_clock_now(c, P1_CLOCK_REALTIME, &time->ns);
}

enum p1_errno p1_times_arg(struct p1_call *c, uint64_t atim, uint64_t mtim,
                           uint32_t flags, struct p1_time out[2])
{
    enum p1_errno err = P1_SUCCESS;

    if ((flags & ~(uint32_t)P1_FST_ALL) ||
        (flags & (P1_FST_ATIM | P1_FST_ATIM_NOW)) ==
            (P1_FST_ATIM | P1_FST_ATIM_NOW) ||
        (flags & (P1_FST_MTIM | P1_FST_MTIM_NOW)) ==
            (P1_FST_MTIM | P1_FST_MTIM_NOW))
        return P1_INVAL;
    out[0] = (struct p1_time){
        .ns = atim, .omit = !(flags & (P1_FST_ATIM | P1_FST_ATIM_NOW))};
    out[1] = (struct p1_time){
        .ns = mtim, .omit = !(flags & (P1_FST_MTIM | P1_FST_MTIM_NOW))};
    if (flags & P1_FST_ATIM_NOW)
        err = set_now(c, &out[0]);
    if (!err && (flags & P1_FST_MTIM_NOW))
        err = set_now(c, &out[1]);
    return err;
}
