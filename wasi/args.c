/*
 * Arguments and environment.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

#include <string.h>

/* Writes the strings to bytes_addr and a pointer to each to list_addr. */
static enum p1_errno put_strings(struct p1_call *c,
                                 const struct p1_strings *strings,
                                 uint32_t list_addr, uint32_t bytes_addr)
{
    uint8_t *list = p1_span(c, list_addr, (uint64_t)strings->count * 4);
    uint8_t *bytes = p1_span(c, bytes_addr, strings->len);
    size_t at = 0;

    if (!list || !bytes)
        return P1_FAULT;
    if (strings->len > 0)
        memcpy(bytes, strings->bytes, strings->len);
    for (uint32_t i = 0; i < strings->count; i++) {
        uint32_t addr = bytes_addr + (uint32_t)at;

        memcpy(list + (size_t)i * 4, &addr, 4);
        at += strlen(strings->bytes + at) + 1;
    }
    return P1_SUCCESS;
}

static enum p1_errno put_sizes(struct p1_call *c,
                               const struct p1_strings *strings)
{
    p1_put_u32(c, p1_u32(c, 0), strings->count);
    p1_put_u32(c, p1_u32(c, 1), strings->len);
    return P1_SUCCESS;
}

enum p1_errno p1_args_get(struct p1_call *c)
{
    return put_strings(c, &c->wasi->args, p1_u32(c, 0), p1_u32(c, 1));
}

enum p1_errno p1_args_sizes_get(struct p1_call *c)
{
    return put_sizes(c, &c->wasi->args);
}

enum p1_errno p1_environ_get(struct p1_call *c)
{
    return put_strings(c, &c->wasi->env, p1_u32(c, 0), p1_u32(c, 1));
}

enum p1_errno p1_environ_sizes_get(struct p1_call *c)
{
    return put_sizes(c, &c->wasi->env);
}
