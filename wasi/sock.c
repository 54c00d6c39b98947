/*
 * Sockets: accepting on preopened listeners, and what is accepted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

static bool is_socket(const struct p1_file *file)
{
    return file->source == P1_SOURCE_HOST &&
           (file->filetype == P1_FILETYPE_SOCKET_STREAM ||
            file->filetype == P1_FILETYPE_SOCKET_DGRAM);
}

/* After AGAIN: whether to try again, and if not why. */
static enum p1_errno wait_ready(struct p1_call *c, int what)
{
    if (c->file->fdflags & P1_FD_NONBLOCK)
        return P1_AGAIN;
    return p1_wait_file(c, c->file, what) ? P1_SUCCESS : P1_INTR;
}

enum p1_errno p1_sock_accept(struct p1_call *c)
{
    struct p1_file *listener = c->file, *file;
    uint32_t flags = p1_u32(c, 1), fd;
    enum p1_errno err;
    int host;

    if (flags & ~(uint32_t)P1_FD_NONBLOCK)
        return P1_INVAL;
    /* A listener of somebody else may be one that blocks. */
    if (listener->is_shared && (err = wait_ready(c, P1_WAIT_READ)))
        return err;
    while ((err = p1_os_accept(listener->host, &host)) == P1_AGAIN) {
        err = wait_ready(c, P1_WAIT_READ);
        if (err)
            return err;
    }
    if (err)
        return err;
    file = p1_file_new(host, P1_FILETYPE_SOCKET_STREAM);
    if (!file)
        return P1_NOMEM;
    file->base = p1_file_base_rights(file) & listener->inheriting;
    file->fdflags = (uint16_t)flags;
    err = p1_fdtable_insert(&c->wasi->fds, file, &fd);
    if (!err)
        p1_put_u32(c, p1_u32(c, 2), fd);
    return err;
}

/* Takes bytes off the front of the pieces that are still to be filled. */
static void advance(struct p1_iovs *iovs, size_t done)
{
    for (int i = 0; i < iovs->count; i++) {
        size_t part = done < iovs->guest[i].len ? done : iovs->guest[i].len;

        iovs->guest[i].addr += (uint32_t)part;
        iovs->guest[i].len -= (uint32_t)part;
        done -= part;
    }
}

static uint64_t left(const struct p1_iovs *iovs)
{
    uint64_t total = 0;

    for (int i = 0; i < iovs->count; i++)
        total += iovs->guest[i].len;
    return total;
}

/* Receives once, waiting for data if need be. */
static enum p1_errno receive(struct p1_call *c, struct p1_iovs *iovs,
                             unsigned flags, size_t *out, uint16_t *roflags)
{
    enum p1_errno err;

    while ((err = p1_os_recv(c->file->host, iovs->host, iovs->count, flags, out,
                             roflags)) == P1_AGAIN) {
        err = wait_ready(c, P1_WAIT_READ);
        if (err)
            return err;
        if (!p1_translate_iovs(c, iovs))
            return P1_FAULT;
    }
    return err;
}

enum p1_errno p1_sock_recv(struct p1_call *c)
{
    struct p1_iovs iovs;
    uint32_t flags = p1_u32(c, 3);
    bool wants_all = (flags & P1_RI_ALL) == P1_RI_WAITALL;
    size_t total = 0, part;
    uint16_t roflags = 0;
    enum p1_errno err;

    if (flags & ~(uint32_t)P1_RI_ALL)
        return P1_INVAL;
    if (!is_socket(c->file))
        return P1_NOTSOCK;
    if (!p1_get_iovs(c, p1_u32(c, 1), p1_u32(c, 2), &iovs))
        return P1_FAULT;
    do {
        err = receive(c, &iovs, flags, &part, &roflags);
        if (err && total == 0)
            return err;
        if (err || part == 0)
            break;
        total += part;
        advance(&iovs, part);
        if (!p1_translate_iovs(c, &iovs))
            return P1_FAULT;
    } while (wants_all && left(&iovs) > 0);
    if (p1_put_u32(c, p1_u32(c, 4), total))
        p1_put(c, p1_u32(c, 5), &roflags, sizeof(roflags));
    return P1_SUCCESS;
}

enum p1_errno p1_sock_send(struct p1_call *c)
{
    struct p1_iovs iovs;
    size_t done;
    enum p1_errno err;

    if (p1_u32(c, 3) != 0) /* no siflags exist */
        return P1_INVAL;
    if (!is_socket(c->file))
        return P1_NOTSOCK;
    if (!p1_get_iovs(c, p1_u32(c, 1), p1_u32(c, 2), &iovs))
        return P1_FAULT;
    while ((err = p1_os_send(c->file->host, iovs.host, iovs.count, &done)) ==
           P1_AGAIN) {
        err = wait_ready(c, P1_WAIT_WRITE);
        if (err)
            return err;
        if (!p1_translate_iovs(c, &iovs))
            return P1_FAULT;
    }
    if (!err)
        p1_put_u32(c, p1_u32(c, 4), done);
    return err;
}

enum p1_errno p1_sock_shutdown(struct p1_call *c)
{
    uint32_t how = p1_u32(c, 1);

    if (how == 0 || (how & ~(uint32_t)P1_SD_ALL))
        return P1_INVAL;
    return p1_os_shutdown(c->file->host, how);
}
