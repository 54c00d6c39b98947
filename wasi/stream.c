/*
 * Standard streams without a descriptor of the host: input that the embedder
 * provides, output that it keeps, passes on or throws away.  Large transfers
 * are short ones: the guest goes on with the rest, unless it is stopped.  An
 * embedder's function that can do nothing now suspends a guest that is a task.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

#include "array/grow.h"

#include "wasmrt/task.h"

#include <stdlib.h>
#include <string.h>

enum { SLICE_BYTES = 1 << 20 }; /* less than a millisecond */

/* Of a piece of a transfer, what fits the slice. */
static size_t within_slice(size_t total, size_t len)
{
    return len < SLICE_BYTES - total ? len : SLICE_BYTES - total;
}

int64_t p1_stream_ready(const struct p1_call *c, const struct p1_stream *stream)
{
    return stream->ready && wasmrt_caller_task(c->caller)
               ? stream->ready(stream->ready_user)
               : 1;
}

/* What a function would give may not be known before it is asked. */
uint64_t p1_stream_left(struct p1_stream *stream)
{
    uint64_t left;
    int64_t ready = stream->ready ? stream->ready(stream->ready_user) : 1;

    if (stream->source)
        return ready > 0 ? (uint64_t)ready : 0;
    p1_lock(&stream->lock);
    left = stream->len - stream->pos;
    p1_unlock(&stream->lock);
    return left;
}

/* The first piece that is not empty: what a function moves at once. */
static const struct p1_buf *first_piece(const struct p1_iovs *iovs)
{
    for (int i = 0; i < iovs->count; i++) {
        if (iovs->host[i].len > 0)
            return &iovs->host[i];
    }
    return NULL;
}

/* The end of a call of the embedder's function.  One that fails because the
 * guest is to end must end it here, or it would try again for ever. */
static enum p1_errno end_call(struct p1_call *c, int64_t moved, size_t len,
                              enum p1_errno failure, size_t *out)
{
    if (moved < 0)
        return p1_wait(c, NULL, 0, 0) ? failure : P1_INTR;
    *out = (uint64_t)moved < len ? (size_t)moved : len;
    return P1_SUCCESS;
}

/* The function can do nothing now.  The guest waits for whoever can, and the
 * function is asked again. */
static enum p1_errno not_now(struct p1_call *c, struct p1_iovs *iovs)
{
    if (!wasmrt_caller_task(c->caller) || (c->file->fdflags & P1_FD_NONBLOCK))
        return P1_AGAIN;
    c->end = wasmrt_task_suspend(c->caller, NULL);
    if (c->end)
        return P1_INTR;
    return p1_translate_iovs(c, iovs) ? P1_SUCCESS : P1_FAULT;
}

static int64_t call_embedder(const struct p1_stream *stream,
                             const struct p1_buf *piece)
{
    return stream->source
               ? stream->source(stream->user, piece->base, piece->len)
               : stream->sink(stream->user, piece->base, piece->len);
}

/* Lets the embedder's function move one piece.  failure is what the guest is
 * told when it cannot. */
static enum p1_errno transfer(struct p1_call *c, const struct p1_stream *stream,
                              struct p1_iovs *iovs, enum p1_errno failure,
                              size_t *out)
{
    enum p1_errno err = P1_SUCCESS;
    const struct p1_buf *piece;

    while (!err && (piece = first_piece(iovs))) {
        int64_t moved = call_embedder(stream, piece);

        if (moved != WASMRT_WASI_NOT_NOW)
            return end_call(c, moved, piece->len, failure, out);
        err = not_now(c, iovs);
    }
    return err;
}

enum p1_errno p1_stream_read(struct p1_call *c, struct p1_stream *stream,
                             struct p1_iovs *iovs, size_t *out)
{
    size_t total = 0;

    if (stream->source)
        return transfer(c, stream, iovs, P1_IO, out);
    p1_lock(&stream->lock);
    for (int i = 0; i < iovs->count && !stream->is_capture; i++) {
        size_t left = stream->len - stream->pos;
        size_t part = within_slice(total, iovs->host[i].len);

        part = part < left ? part : left;
        if (part > 0)
            memcpy(iovs->host[i].base, stream->bytes + stream->pos, part);
        stream->pos += part;
        total += part;
    }
    p1_unlock(&stream->lock);
    *out = total;
    return P1_SUCCESS;
}

/* A failure after some bytes is a short write. */
static enum p1_errno end_write(size_t total, enum p1_errno err, size_t *out)
{
    *out = total;
    return total > 0 ? P1_SUCCESS : err;
}

/* With the lock: keeps the bytes, passes them on, or forgets them. */
static enum p1_errno write_locked(struct p1_stream *stream,
                                  const struct p1_iovs *iovs, size_t *out)
{
    size_t total = 0;

    for (int i = 0; i < iovs->count; i++) {
        size_t len = within_slice(total, iovs->host[i].len);

        if (stream->is_capture) {
            size_t room = stream->max - stream->len;

            /* As on a full disk: what fits is written, then nothing. */
            if (len > 0 && room == 0)
                return end_write(total, P1_NOSPC, out);
            len = len < room ? len : room;
            if (len > 0 && !array_reserve(&stream->bytes, &stream->cap,
                                          stream->len + len, 1))
                return end_write(total, P1_NOMEM, out);
            if (len > 0)
                memcpy(stream->bytes + stream->len, iovs->host[i].base, len);
            stream->len += len;
        } else if (stream->write && len > 0) {
            stream->write(stream->user, iovs->host[i].base, len);
        }
        total += len;
        if (len < iovs->host[i].len)
            break;
    }
    *out = total;
    return P1_SUCCESS;
}

enum p1_errno p1_stream_write(struct p1_call *c, struct p1_stream *stream,
                              struct p1_iovs *iovs, size_t *out)
{
    enum p1_errno err;

    if (stream->sink)
        return transfer(c, stream, iovs, P1_PIPE, out);
    p1_lock(&stream->lock);
    err = write_locked(stream, iovs, out);
    p1_unlock(&stream->lock);
    return err;
}
