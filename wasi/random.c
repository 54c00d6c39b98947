/*
 * Random bytes, the system's or the embedder's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

enum { SLICE_BYTES = 64 * 1024 }; /* far less than a millisecond */

enum p1_errno p1_random_get(struct p1_call *c)
{
    const struct p1_state *wasi = c->wasi;
    uint32_t addr = p1_u32(c, 0), left = p1_u32(c, 1);
    enum p1_errno err = P1_SUCCESS;

    if (!p1_span(c, addr, left))
        return P1_FAULT;
    while (left > 0 && !err) {
        uint32_t len = left < SLICE_BYTES ? left : SLICE_BYTES;
        uint8_t *buf = p1_span(c, addr, len);

        if (!buf)
            return P1_FAULT;
        if (wasi->fill_random)
            wasi->fill_random(wasi->random_user, buf, len);
        else
            err = p1_os_random(buf, len);
        addr += len;
        left -= len;
        if (left > 0 && !p1_wait(c, NULL, 0, 0))
            return P1_INTR;
    }
    return err;
}
