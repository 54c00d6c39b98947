/*
 * Functions of the C library that are declared for wasm32-wasi, but are not
 * there to be linked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

FILE *tmpfile(void)
{
    errno = ENOSYS;
    return NULL;
}

char *tmpnam(char *buf)
{
    (void)buf;
    return NULL;
}

int system(const char *command)
{
    return command ? -1 : 0;
}
