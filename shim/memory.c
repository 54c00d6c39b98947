/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/memory.h"

#include "shim/log.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

MEM_LAST char mem_scratch[MEM_SCRATCH_BYTES];

static void *or_die(void *ptr)
{
    if (!ptr) {
        log_warn("out of memory");
        _exit(1);
    }
    return ptr;
}

void *mem_alloc(size_t size)
{
    return or_die(calloc(1, size));
}

char *mem_string(const char *text)
{
    return or_die(strdup(text ? text : ""));
}

enum { PAGE_BYTES = 4096, STACK_BYTES = 256 * 1024 };

/* One page is left for the frames of this and of what it calls.  Where the
 * stack has not been yet there is nothing, which is no harm. */
__attribute__((noinline)) static void drop_stack(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t end = here / PAGE_BYTES * PAGE_BYTES - PAGE_BYTES;

    madvise((void *)(end - STACK_BYTES), STACK_BYTES, MADV_DONTNEED);
}

/* A setting of the GNU C library; another knows neither it nor what it
 * prevents. */
static const char tunables[] = "GLIBC_TUNABLES";
static const char no_cache[] = "glibc.malloc.tcache_count=0";

void mem_tune_next(void)
{
    setenv(tunables, no_cache, 0);
}

void mem_tune_done(void)
{
    const char *value = getenv(tunables);

    if (value && strcmp(value, no_cache) == 0)
        unsetenv(tunables);
}

void mem_trim(void)
{
    malloc_trim(0);
    drop_stack();
}

char *mem_format(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = mem_alloc((size_t)(len < 0 ? 0 : len) + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)(len < 0 ? 0 : len) + 1, format, args);
    va_end(args);
    return text;
}
