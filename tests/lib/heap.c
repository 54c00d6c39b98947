/*
 * Each block carries its size in front and a pattern behind it, so a caller
 * that lies about the old size or writes past the end is caught at the next
 * call that touches the block.  Growing always moves, to expose stale pointers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/lib/heap.h"

#include "tests/lib/test.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { FRESH = 0xCD, FREED = 0xDD, GUARD = 0xFB, GUARD_BYTES = 16 };

struct block {
    alignas(max_align_t) size_t size_bytes;
    alignas(max_align_t) unsigned char payload[];
};

static struct block *block_of(void *ptr)
{
    return (struct block *)(void *)((unsigned char *)ptr -
                                    offsetof(struct block, payload));
}

static void check_block(const struct block *block, size_t old_size)
{
    unsigned char guard[GUARD_BYTES];

    memset(guard, GUARD, sizeof(guard));
    CHECK_EQ(block->size_bytes, old_size);
    CHECK_MEM_EQ(block->payload + old_size, guard, sizeof(guard));
}

static void release(struct test_heap *heap, void *ptr, size_t size)
{
    struct block *block = block_of(ptr);

    heap->live_bytes -= size;
    heap->live_blocks--;
    memset(block->payload, FREED, size);
    block->size_bytes = (size_t)-1; /* a second release is noticed */
    free(block);
}

static void *obtain(struct test_heap *heap, size_t size)
{
    struct block *block = malloc(sizeof(*block) + size + GUARD_BYTES);

    if (!block)
        return NULL;
    block->size_bytes = size;
    memset(block->payload, FRESH, size);
    memset(block->payload + size, GUARD, GUARD_BYTES);
    heap->live_bytes += size;
    heap->live_blocks++;
    if (heap->peak_bytes < heap->live_bytes)
        heap->peak_bytes = heap->live_bytes;
    return block->payload;
}

/* Decides whether this call is the one that fails. */
static bool should_fail(struct test_heap *heap)
{
    long call = heap->calls++;
    bool fail =
        heap->fail_at >= 0 &&
        (call == heap->fail_at || (heap->fail_after && call > heap->fail_at));

    heap->fired |= fail;
    return fail;
}

static void *heap_resize(void *user, void *ptr, size_t old_size,
                         size_t new_size)
{
    struct test_heap *heap = user;
    void *fresh;

    if (ptr)
        check_block(block_of(ptr), old_size);
    else
        CHECK_EQ(old_size, 0);
    if (new_size == 0) {
        if (ptr)
            release(heap, ptr, old_size);
        return NULL;
    }
    if (should_fail(heap))
        return NULL;
    fresh = obtain(heap, new_size);
    if (fresh && ptr) {
        memcpy(fresh, ptr, old_size < new_size ? old_size : new_size);
        release(heap, ptr, old_size);
    }
    return fresh;
}

void test_heap_init(struct test_heap *heap, long fail_at)
{
    *heap = (struct test_heap){.fail_at = fail_at};
    heap->alloc = (struct wrt_alloc){.resize = heap_resize, .user = heap};
}
