/*
 * Guest memory, checked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

#include <string.h>

/* Ends the guest, unless something has already. */
static bool bad_pointer(struct p1_call *c, uint64_t addr, uint64_t len)
{
    if (!c->end)
        c->end = wasmrt_bad_pointer(addr, len);
    return false;
}

uint8_t *p1_span(struct p1_call *c, uint32_t addr, uint64_t len)
{
    static uint8_t nothing;
    wasmrt_memory *memory;
    uint8_t *ptr = NULL;

    if (len == 0)
        return &nothing;
    memory = wasmrt_caller_memory(c->caller);
    if (memory)
        ptr = wasmrt_memory_ptr(memory, addr, len);
    if (!ptr)
        bad_pointer(c, addr, len);
    return ptr;
}

bool p1_get(struct p1_call *c, uint32_t addr, void *buf, size_t len)
{
    const uint8_t *ptr = p1_span(c, addr, len);

    if (!ptr)
        return false;
    if (len > 0)
        memcpy(buf, ptr, len);
    return true;
}

bool p1_put(struct p1_call *c, uint32_t addr, const void *buf, size_t len)
{
    uint8_t *ptr = p1_span(c, addr, len);

    if (!ptr)
        return false;
    if (len > 0)
        memcpy(ptr, buf, len);
    return true;
}

bool p1_put_u32(struct p1_call *c, uint32_t addr, uint64_t value)
{
    uint32_t word = (uint32_t)value;

    return p1_put(c, addr, &word, sizeof(word));
}

bool p1_put_u64(struct p1_call *c, uint32_t addr, uint64_t value)
{
    return p1_put(c, addr, &value, sizeof(value));
}

enum p1_errno p1_get_path(struct p1_call *c, uint32_t addr, uint32_t len,
                          char out[P1_PATH_MAX])
{
    const uint8_t *ptr = p1_span(c, addr, len);

    if (!ptr)
        return P1_FAULT;
    if (len >= P1_PATH_MAX)
        return P1_NAMETOOLONG;
    memcpy(out, ptr, len);
    out[len] = '\0';
    return strlen(out) == len ? P1_SUCCESS : P1_INVAL;
}

bool p1_get_iovs(struct p1_call *c, uint32_t addr, uint32_t count,
                 struct p1_iovs *out)
{
    if (count > P1_MAX_IOVS)
        count = P1_MAX_IOVS;
    out->count = (int)count;
    return p1_get(c, addr, out->guest, count * sizeof(out->guest[0])) &&
           p1_translate_iovs(c, out);
}

bool p1_translate_iovs(struct p1_call *c, struct p1_iovs *iovs)
{
    for (int i = 0; i < iovs->count; i++) {
        iovs->host[i].len = iovs->guest[i].len;
        iovs->host[i].base =
            p1_span(c, iovs->guest[i].addr, iovs->guest[i].len);
        if (!iovs->host[i].base)
            return false;
    }
    return true;
}
