/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Names in messages may come from an image. */
static void clean(char *text)
{
    for (; *text; text++) {
        if (((unsigned char)*text < 0x20 && *text != '\n') || *text == 0x7f)
            *text = '?';
    }
}

bool fault_set(struct fault *fault, enum fault_code code, const char *format,
               ...)
{
    va_list args;

    fault->code = (int)code;
    va_start(args, format);
    vsnprintf(fault->text, sizeof(fault->text), format, args);
    va_end(args);
    clean(fault->text);
    return false;
}

bool fault_errno(struct fault *fault, const char *format, ...)
{
    int error = errno;
    size_t len;
    va_list args;

    fault->code = FAULT_UNKNOWN;
    va_start(args, format);
    vsnprintf(fault->text, sizeof(fault->text), format, args);
    va_end(args);
    len = strlen(fault->text);
    snprintf(fault->text + len, sizeof(fault->text) - len, ": %s",
             strerror(error));
    clean(fault->text);
    return false;
}
