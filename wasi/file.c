/*
 * Data: reading, writing, seeking, sizes.
 *
 * Transfers go straight between the host and guest memory.  A file that may
 * keep a caller waiting is first asked without waiting; if that says AGAIN, the
 * call waits in the wait function and asks anew, with its pointers translated
 * again.  Files on disks never say so; there a long transfer is cut in slices,
 * and an interrupt ends it in between.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

/* Copying this much from the page cache takes half a millisecond. */
enum { SLICE_BYTES = 1024 * 1024 };

struct transfer {
    struct p1_file *file;
    bool is_write;
    bool has_offset;
    uint64_t offset;
};

static uint64_t total_of(const struct p1_buf *bufs, int count)
{
    uint64_t total = 0;

    for (int i = 0; i < count; i++)
        total += bufs[i].len;
    return total;
}

static bool is_socket(const struct p1_file *file)
{
    return file->filetype == P1_FILETYPE_SOCKET_STREAM ||
           file->filetype == P1_FILETYPE_SOCKET_DGRAM;
}

/* -- Files that never wait ------------------------------------------------- */

static enum p1_errno disk_once(const struct transfer *t,
                               const struct p1_buf *bufs, int count,
                               size_t *out)
{
    int fd = t->file->host;

    if (t->has_offset && t->is_write)
        return p1_os_pwrite(fd, bufs, count, t->offset, out);
    if (t->has_offset)
        return p1_os_pread(fd, bufs, count, t->offset, out);
    if (t->is_write)
        return p1_os_write(fd, bufs, count, false, false, out);
    return p1_os_read(fd, bufs, count, false, out);
}

/* Takes up to SLICE_BYTES from the front of iovs->guest into *out. */
static bool take_slice(struct p1_call *c, struct p1_iovs *iovs,
                       struct p1_buf *out, int *count)
{
    size_t left = SLICE_BYTES;
    int n = 0;

    if (!p1_translate_iovs(c, iovs))
        return false;
    for (; n < iovs->count && left > 0; n++) {
        out[n] = iovs->host[n];
        if (out[n].len > left)
            out[n].len = left;
        left -= out[n].len;
    }
    *count = n;
    return true;
}

/* Drops what has been transferred from the front. */
static void advance(struct p1_iovs *iovs, size_t done)
{
    int from = 0, to = 0;

    while (from < iovs->count && done >= iovs->guest[from].len)
        done -= iovs->guest[from++].len;
    for (; from < iovs->count; from++, to++) {
        iovs->guest[to] = iovs->guest[from];
        iovs->guest[to].addr += (uint32_t)done;
        iovs->guest[to].len -= (uint32_t)done;
        done = 0;
    }
    iovs->count = to;
}

/* In slices, until the host has moved less than it was asked to. */
static enum p1_errno disk_transfer(struct p1_call *c, struct transfer *t,
                                   struct p1_iovs *iovs, size_t *out)
{
    struct p1_buf slice[P1_MAX_IOVS];
    size_t part, want;
    int count;
    enum p1_errno err;

    *out = 0;
    do {
        if (!take_slice(c, iovs, slice, &count))
            return P1_FAULT;
        want = total_of(slice, count);
        err = disk_once(t, slice, count, &part);
        if (err)
            return *out > 0 ? P1_SUCCESS : err;
        *out += part;
        t->offset += part;
        advance(iovs, part);
        if (iovs->count > 0 && !p1_wait(c, NULL, 0, 0))
            return P1_INTR;
    } while (part == want && iovs->count > 0);
    return P1_SUCCESS;
}

/* -- Files that may wait --------------------------------------------------- */

/* Whether the descriptor is ready, for hosts that cannot try without waiting.
 */
static enum p1_errno ask_ready(struct p1_call *c, struct p1_file *file,
                               bool is_write)
{
    wasmrt_waitfd fd = {file->host,
                        is_write ? WASMRT_WAIT_WRITE : WASMRT_WAIT_READ, 0};

    if (!(file->fdflags & P1_FD_NONBLOCK))
        return p1_wait_file(c, file, is_write ? P1_WAIT_WRITE : P1_WAIT_READ)
                   ? P1_SUCCESS
                   : P1_INTR;
    if (!p1_wait(c, &fd, 1, 0))
        return P1_INTR;
    return fd.ready ? P1_SUCCESS : P1_AGAIN;
}

/* One try; nowait: AGAIN in place of blocking, or NOTSUP where the host has no
 * such way. */
static enum p1_errno stream_once(const struct transfer *t, bool nowait,
                                 const struct p1_iovs *iovs, size_t *out)
{
    const struct p1_file *file = t->file;
    uint16_t roflags;

    if (is_socket(file) && t->is_write)
        return p1_os_send(file->host, iovs->host, iovs->count, out);
    if (is_socket(file))
        return p1_os_recv(file->host, iovs->host, iovs->count, 0, out,
                          &roflags);
    if (t->is_write)
        return p1_os_write(file->host, iovs->host, iovs->count, nowait,
                           file->filetype == P1_FILETYPE_UNKNOWN &&
                               !file->raises_sigpipe,
                           out);
    return p1_os_read(file->host, iovs->host, iovs->count, nowait, out);
}

/* Tries without waiting where the host can, else asks first.  Memory may move
 * during a wait, so pointers are translated again behind each. */
static enum p1_errno stream_transfer(struct p1_call *c,
                                     const struct transfer *t,
                                     struct p1_iovs *iovs, size_t *out)
{
    struct p1_file *file = t->file;
    enum p1_errno err;

    *out = 0;
    if (total_of(iovs->host, iovs->count) == 0)
        return P1_SUCCESS;
    for (;;) {
        if (file->no_nowait) {
            err = ask_ready(c, file, t->is_write);
            if (err)
                return err;
            if (!p1_translate_iovs(c, iovs))
                return P1_FAULT;
        }
        err = stream_once(t, !file->no_nowait, iovs, out);
        if (err == P1_NOTSUP && !file->no_nowait) {
            file->no_nowait = true;
            continue;
        }
        if (err != P1_AGAIN || (file->fdflags & P1_FD_NONBLOCK))
            return err;
        if (!file->no_nowait &&
            !p1_wait_file(c, file, t->is_write ? P1_WAIT_WRITE : P1_WAIT_READ))
            return P1_INTR;
        if (!p1_translate_iovs(c, iovs))
            return P1_FAULT;
    }
}

uint64_t p1_file_left(const struct p1_file *file)
{
    struct p1_filestat st;
    uint64_t at;

    if (file->source == P1_SOURCE_STREAM)
        return p1_stream_left(file->stream);
    if (file->filetype != P1_FILETYPE_REGULAR_FILE ||
        p1_os_stat(file->host, &st) ||
        p1_os_seek(file->host, 0, P1_WHENCE_CUR, &at))
        return 0;
    return at < st.size ? st.size - at : 0;
}

/* -- Calls ----------------------------------------------------------------- */

/* One transfer of iovs in args[1] and [2]; the count goes to args[result]. */
static enum p1_errno transfer(struct p1_call *c, struct transfer *t, int result)
{
    struct p1_iovs iovs;
    size_t done = 0;
    enum p1_errno err;

    t->file = c->file;
    if (!p1_get_iovs(c, p1_u32(c, 1), p1_u32(c, 2), &iovs))
        return P1_FAULT;
    if (t->file->source == P1_SOURCE_STREAM)
        err = t->is_write ? p1_stream_write(c, t->file->stream, &iovs, &done)
                          : p1_stream_read(c, t->file->stream, &iovs, &done);
    else if (t->has_offset || t->file->filetype == P1_FILETYPE_REGULAR_FILE ||
             t->file->filetype == P1_FILETYPE_BLOCK_DEVICE)
        err = disk_transfer(c, t, &iovs, &done);
    else
        err = stream_transfer(c, t, &iovs, &done);
    if (!err && !c->end)
        p1_put_u32(c, p1_u32(c, result), done);
    return err;
}

enum p1_errno p1_fd_read(struct p1_call *c)
{
    struct transfer t = {0};

    return transfer(c, &t, 3);
}

enum p1_errno p1_fd_write(struct p1_call *c)
{
    struct transfer t = {.is_write = true};

    return transfer(c, &t, 3);
}

enum p1_errno p1_fd_pread(struct p1_call *c)
{
    struct transfer t = {.has_offset = true, .offset = p1_u64(c, 3)};

    return t.offset > INT64_MAX ? P1_INVAL : transfer(c, &t, 4);
}

enum p1_errno p1_fd_pwrite(struct p1_call *c)
{
    struct transfer t = {
        .is_write = true, .has_offset = true, .offset = p1_u64(c, 3)};

    return t.offset > INT64_MAX ? P1_INVAL : transfer(c, &t, 4);
}

/* Asking where one is takes the right to tell, moving the right to seek. */
static enum p1_errno seek(struct p1_call *c, int64_t offset,
                          enum p1_whence whence, uint32_t result_addr)
{
    bool tells = offset == 0 && whence == P1_WHENCE_CUR;
    uint64_t at;
    enum p1_errno err = p1_file_check(c->file, P1_RIGHT_FD_SEEK);

    if (err && tells)
        err = p1_file_check(c->file, P1_RIGHT_FD_TELL);
    if (!err)
        err = p1_os_seek(c->file->host, offset, whence, &at);
    if (!err)
        p1_put_u64(c, result_addr, at);
    return err;
}

enum p1_errno p1_fd_seek(struct p1_call *c)
{
    static const enum p1_whence unstable[] = {P1_WHENCE_CUR, P1_WHENCE_END,
                                              P1_WHENCE_SET};
    uint32_t whence = p1_u32(c, 2);

    if (whence > P1_WHENCE_END)
        return P1_INVAL;
    if (c->dialect == P1_UNSTABLE)
        whence = unstable[whence];
    return seek(c, c->args[1].i64, (enum p1_whence)whence, p1_u32(c, 3));
}

enum p1_errno p1_fd_tell(struct p1_call *c)
{
    return seek(c, 0, P1_WHENCE_CUR, p1_u32(c, 1));
}

enum p1_errno p1_fd_advise(struct p1_call *c)
{
    uint32_t advice = p1_u32(c, 3);

    if (advice > P1_ADVICE_NOREUSE)
        return P1_INVAL;
    return p1_os_advise(c->file->host, p1_u64(c, 1), p1_u64(c, 2),
                        (enum p1_advice)advice);
}

/* Space for a range, in slices of about half a millisecond: on a disk a call
 * for gigabytes takes less, in memory much more. */
static enum p1_errno allocate_slices(struct p1_call *c, uint64_t at,
                                     uint64_t end)
{
    enum { FEW_NS = 250000, MANY_NS = 1000000, LEAST = 1 << 16 };
    uint64_t slice = 1 << 20, before, after, len;
    enum p1_errno err = p1_os_clock_now(P1_CLOCK_MONOTONIC, &before);

    for (; !err && at < end; at += len, before = after) {
        len = end - at < slice ? end - at : slice;
        err = p1_os_allocate(c->file->host, at, len);
        if (!err)
            err = p1_os_clock_now(P1_CLOCK_MONOTONIC, &after);
        if (err || !p1_wait(c, NULL, 0, 0))
            return err ? err : P1_INTR;
        if (after - before < FEW_NS && slice < UINT64_MAX / 2)
            slice *= 2;
        else if (after - before > MANY_NS && slice > LEAST)
            slice /= 2;
    }
    return err;
}

/* The last byte goes first: what is too large altogether fails at once. */
enum p1_errno p1_fd_allocate(struct p1_call *c)
{
    uint64_t offset = p1_u64(c, 1), len = p1_u64(c, 2), end = offset + len;
    struct p1_filestat st;
    enum p1_errno err;

    if (offset > INT64_MAX || len == 0 || len > INT64_MAX)
        return P1_INVAL;
    if (end > INT64_MAX)
        return P1_FBIG;
    err = p1_os_allocate(c->file->host, end - 1, 1);
    if (!err)
        err = allocate_slices(c, offset, end);
    if (!err)
        err = p1_os_stat(c->file->host, &st);
    return err || st.size >= end ? err : p1_os_set_size(c->file->host, end);
}

static enum p1_errno sync_file(const struct p1_file *file, bool data_only)
{
    if (file->source != P1_SOURCE_HOST)
        return P1_SUCCESS;
    return p1_os_sync(file->host, data_only);
}

enum p1_errno p1_fd_sync(struct p1_call *c)
{
    return sync_file(c->file, false);
}

enum p1_errno p1_fd_datasync(struct p1_call *c)
{
    return sync_file(c->file, true);
}
