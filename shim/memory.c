/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/memory.h"

#include "shim/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
