/*
 * A mutator for modules.  Plain mutations mostly break a length somewhere, and
 * the decoder refuses at once; this one changes bytes inside a section or a
 * function body and puts the lengths around them right again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/fuzz/mutate.h"

#include <stdbool.h>
#include <string.h>

enum {
    HEADER_BYTES = 8,
    MAX_PARTS = 512,
    MAX_BYTES = 1 << 16,
    CODE_SECTION = 10
};

/* libFuzzer's own mutations: returns the new size, at most max_size. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Consecutive parts of the input, each a payload with its length in front. */
struct parts {
    struct part {
        const uint8_t *prefix; /* what stands before the length: a section id */
        size_t prefix_len;
        const uint8_t *payload;
        size_t len;
    } items[MAX_PARTS];
    size_t count;
    const uint8_t *end; /* of the last part that is whole */
};

/* False when the number is longer than five bytes or than the input. */
static bool read_leb(const uint8_t **p, const uint8_t *end, size_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte;

        if (*p == end)
            return false;
        byte = *(*p)++;
        *value |= (size_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static void split(struct parts *parts, const uint8_t *p, const uint8_t *end,
                  size_t prefix_len)
{
    parts->count = 0;
    parts->end = p;
    while (parts->count < MAX_PARTS && (size_t)(end - p) > prefix_len) {
        struct part part = {.prefix = p, .prefix_len = prefix_len};

        p += prefix_len;
        if (!read_leb(&p, end, &part.len) || part.len > (size_t)(end - p))
            return;
        part.payload = p;
        p += part.len;
        parts->items[parts->count++] = part;
        parts->end = p;
    }
}

/* Output that stops taking bytes when it is full. */
struct sink {
    uint8_t *bytes;
    size_t len, max;
};

static void put(struct sink *sink, const void *bytes, size_t len)
{
    if (sink->len > sink->max || len > sink->max - sink->len) {
        sink->len = sink->max + 1; /* remembers that something was lost */
        return;
    }
    memcpy(sink->bytes + sink->len, bytes, len);
    sink->len += len;
}

static void put_part(struct sink *sink, const struct part *part)
{
    uint8_t leb[5];
    size_t n = 0, value = part->len;

    do {
        leb[n++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value);
    put(sink, part->prefix, part->prefix_len);
    put(sink, leb, n);
    put(sink, part->payload, part->len);
}

/* Mutates a copy of the part; `room` holds it afterwards. */
static void mutate_part(struct part *part, uint8_t *room)
{
    size_t len = part->len < MAX_BYTES / 2 ? part->len : MAX_BYTES / 2;

    memcpy(room, part->payload, len);
    part->len = LLVMFuzzerMutate(room, len, len + 64);
    part->payload = room;
}

/* Mutates one function body of a code section. */
static void mutate_body(struct part *section, unsigned seed, uint8_t *room)
{
    static struct parts bodies;
    static uint8_t body[MAX_BYTES];
    const uint8_t *p = section->payload, *end = p + section->len;
    struct sink sink = {.bytes = room, .max = MAX_BYTES};
    size_t count;

    if (!read_leb(&p, end, &count))
        return;
    split(&bodies, p, end, 0);
    if (bodies.count == 0)
        return;
    mutate_part(&bodies.items[seed % bodies.count], body);
    put(&sink, section->payload, (size_t)(p - section->payload));
    for (size_t i = 0; i < bodies.count; i++)
        put_part(&sink, &bodies.items[i]);
    put(&sink, bodies.end, (size_t)(end - bodies.end));
    if (sink.len <= sink.max) {
        section->payload = room;
        section->len = sink.len;
    }
}

size_t mutate_module(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    static uint8_t room[MAX_BYTES], copy[MAX_BYTES];
    static struct parts sections;
    struct sink sink = {.bytes = data, .max = max_size};
    struct part *chosen;

    if (seed % 8 == 0 || size < HEADER_BYTES || size > sizeof(copy))
        return LLVMFuzzerMutate(data, size, max_size);
    memcpy(copy, data, size);
    split(&sections, copy + HEADER_BYTES, copy + size, 1);
    if (sections.count == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    chosen = &sections.items[seed / 8 % sections.count];
    for (size_t i = 0; seed % 8 > 3 && i < sections.count; i++) {
        if (sections.items[i].prefix[0] == CODE_SECTION)
            chosen = &sections.items[i];
    }
    if (chosen->prefix[0] == CODE_SECTION)
        mutate_body(chosen, seed / 64, room);
    else
        mutate_part(chosen, room);
    put(&sink, copy, HEADER_BYTES);
    for (size_t i = 0; i < sections.count; i++)
        put_part(&sink, &sections.items[i]);
    put(&sink, sections.end, (size_t)(copy + size - sections.end));
    if (sink.len <= sink.max)
        return sink.len;
    memcpy(data, copy, size);
    return size;
}
