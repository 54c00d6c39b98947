/*
 * What tests/wasi/guest.c needs of the test harness, for fuzz targets: a check
 * that fails stops the fuzzer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/lib/test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *test_engine(void)
{
    return "auto";
}

const char *test_bounds(void)
{
    return "auto";
}

void test_check(struct test_site site, bool ok)
{
    if (!ok)
        test_fail(site, "%s", site.text);
}

void test_fail(struct test_site site, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%s:%d: ", site.file, site.line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n");
    abort();
}
