/*
 * Clocks.
 *
 * An embedder that replaces the clocks decides about all of them: the clocks of
 * processor time, which it does not provide, do not exist then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

enum p1_errno p1_clock_now(const struct p1_call *c, uint32_t id,
                           uint64_t *ns_out)
{
    const struct p1_state *wasi = c->wasi;

    if (id >= P1_CLOCK_COUNT)
        return P1_INVAL;
    if (!wasi->now_ns)
        return p1_os_clock_now((enum p1_clockid)id, ns_out);
    if (id > P1_CLOCK_MONOTONIC)
        return P1_NOTSUP;
    *ns_out = wasi->now_ns(wasi->now_user, id);
    return P1_SUCCESS;
}

enum p1_errno p1_clock_time_get(struct p1_call *c)
{
    uint64_t ns;
    enum p1_errno err = p1_clock_now(c, p1_u32(c, 0), &ns);

    if (!err)
        p1_put_u64(c, p1_u32(c, 2), ns);
    return err;
}

enum p1_errno p1_clock_res_get(struct p1_call *c)
{
    uint32_t id = p1_u32(c, 0);
    uint64_t ns = 1;
    enum p1_errno err = P1_SUCCESS;

    if (id >= P1_CLOCK_COUNT)
        return P1_INVAL;
    if (!c->wasi->now_ns)
        err = p1_os_clock_res((enum p1_clockid)id, &ns);
    else if (id > P1_CLOCK_MONOTONIC)
        err = P1_NOTSUP;
    if (!err)
        p1_put_u64(c, p1_u32(c, 1), ns);
    return err;
}
