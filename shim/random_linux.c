/*
 * New mappings go below the lowest one, so a hole of random size moves all that
 * follow; a hole in front of the heap's end moves the heap.  Neither costs
 * memory.
 *
 * The canary of x86-64 lies in the thread's block, at a place that is part of
 * the ABI.  On other systems it is in read-only memory of the C library.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/random.h"

#include <stdint.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096 };

/* 28 bits of pages below the mappings, 13 behind the heap. */
static const uint64_t map_pages = (uint64_t)1 << 28;
static const uint64_t heap_pages = (uint64_t)1 << 13;

static void set_canary(uint64_t value)
{
#if defined(__x86_64__)
    value &= ~(uint64_t)0xff; /* a string never copies it */
    __asm__ volatile("movq %0, %%fs:0x28" : : "r"(value));
#else
    (void)value;
#endif
}

__attribute__((no_stack_protector)) void random_apart(void)
{
    uint64_t bits[3];

    if (getrandom(bits, sizeof(bits), 0) != sizeof(bits))
        _exit(1);
    if (mmap(NULL, (size_t)(bits[0] % map_pages + 1) * PAGE_BYTES, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED)
        _exit(1);
    if (sbrk((intptr_t)(bits[1] % heap_pages + 1) * PAGE_BYTES) == (void *)-1)
        _exit(1);
    set_canary(bits[2]);
}
