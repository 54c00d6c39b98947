/*
 * Host error numbers become WASI's by the table in errno.def.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/abi.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *name;
    int host;
} rows[P1_ERRNO_COUNT] = {
#define P1_ERRNO_ROW(name, host) [P1_##name] = {#name, host},
#include "wasi/errno.def"
#undef P1_ERRNO_ROW
};

enum p1_errno p1_errno_from_host(int host_errno)
{
    for (int i = 1; i < P1_ERRNO_COUNT; i++) {
        if (rows[i].host == host_errno && host_errno != 0)
            return (enum p1_errno)i;
    }
    return P1_IO;
}

const char *p1_errno_name(enum p1_errno err)
{
    return (unsigned)err < P1_ERRNO_COUNT ? rows[err].name : "?";
}

const char *p1_errno_text(enum p1_errno err)
{
    return (unsigned)err < P1_ERRNO_COUNT && rows[err].host
               ? strerror(rows[err].host)
               : p1_errno_name(err);
}
