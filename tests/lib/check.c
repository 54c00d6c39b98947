/*
 * The checks of test.h: compare, and on a difference print both sides with file
 * and line, then end the test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/lib/test.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_SKIPPED = 77, VALUE_BYTES = 64 };

struct test_value test_signed(long long x)
{
    return (struct test_value){.kind = TEST_SIGNED, .as.s = x};
}

struct test_value test_unsigned(unsigned long long x)
{
    return (struct test_value){.kind = TEST_UNSIGNED, .as.u = x};
}

struct test_value test_float(double x)
{
    return (struct test_value){.kind = TEST_FLOAT, .as.f = x};
}

struct test_value test_pointer(const void *x)
{
    return (struct test_value){.kind = TEST_POINTER, .as.p = x};
}

/*
 * quick_exit runs no exit handlers: a leak checker would bury the message
 * under objects that the rest of the test would have released.
 */
static _Noreturn void stop(int status)
{
    fflush(NULL);
    quick_exit(status);
}

static void print_site(struct test_site site)
{
    printf("%s:%d: ", site.file, site.line);
    if (site.text)
        printf("CHECK failed: %s", site.text);
}

void test_fail(struct test_site site, const char *format, ...)
{
    va_list args;

    print_site(site);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    stop(1);
}

void test_skip(const char *reason)
{
    /* The parent prints the last line of a skipped test's output. */
    printf("%s\n", reason);
    stop(EXIT_SKIPPED);
}

void test_check(struct test_site site, bool ok)
{
    if (!ok)
        test_fail(site, "%s", "");
}

/* True for a negative integer, which equals no unsigned one. */
static bool is_negative(struct test_value v)
{
    return v.kind == TEST_SIGNED && v.as.s < 0;
}

static double as_double(struct test_value v)
{
    switch (v.kind) {
    case TEST_SIGNED: return (double)v.as.s;
    case TEST_UNSIGNED: return (double)v.as.u;
    case TEST_FLOAT: return v.as.f;
    case TEST_POINTER: break;
    }
    return (double)(uintptr_t)v.as.p;
}

static unsigned long long as_bits(struct test_value v)
{
    return v.kind == TEST_POINTER ? (uintptr_t)v.as.p : v.as.u;
}

static bool values_equal(struct test_value a, struct test_value b)
{
    if (a.kind == TEST_FLOAT || b.kind == TEST_FLOAT)
        return as_double(a) == as_double(b);
    return as_bits(a) == as_bits(b) && is_negative(a) == is_negative(b);
}

static const char *show(struct test_value v, char *buf)
{
    switch (v.kind) {
    case TEST_SIGNED: snprintf(buf, VALUE_BYTES, "%lld", v.as.s); break;
    case TEST_UNSIGNED:
        snprintf(buf, VALUE_BYTES, "%llu (0x%llx)", v.as.u, v.as.u);
        break;
    case TEST_FLOAT: snprintf(buf, VALUE_BYTES, "%.17g", v.as.f); break;
    case TEST_POINTER: snprintf(buf, VALUE_BYTES, "%p", v.as.p); break;
    }
    return buf;
}

void test_check_eq(struct test_site site, struct test_value a,
                   struct test_value b)
{
    char left[VALUE_BYTES], right[VALUE_BYTES];

    if (!values_equal(a, b))
        test_fail(site, "\n    left:  %s\n    right: %s", show(a, left),
                  show(b, right));
}

static const char *or_null(const char *text)
{
    return text ? text : "(null)";
}

void test_check_str(struct test_site site, const char *a, const char *b)
{
    bool equal = a && b ? strcmp(a, b) == 0 : a == b;

    if (!equal)
        test_fail(site, "\n    left:  \"%s\"\n    right: \"%s\"", or_null(a),
                  or_null(b));
}

void test_check_has(struct test_site site, const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        test_fail(site, "\n    text: \"%s\"\n    part: \"%s\"", or_null(text),
                  part);
}

void test_check_mem(struct test_site site, const void *a, const void *b,
                    size_t len_bytes)
{
    const unsigned char *left = a, *right = b;

    for (size_t i = 0; i < len_bytes; i++) {
        if (left[i] != right[i])
            test_fail(site, "\n    byte %zu of %zu: left 0x%02x, right 0x%02x",
                      i, len_bytes, left[i], right[i]);
    }
}

static const char *choice(const char *variable)
{
    const char *value = getenv(variable);

    return value && *value ? value : "auto";
}

const char *test_engine(void)
{
    return choice("ENGINE");
}

const char *test_bounds(void)
{
    return choice("BOUNDS");
}

bool test_is_emulated(void)
{
    const char *runner = getenv("RUNNER");

    return runner && *runner;
}

bool test_delays_signals(void)
{
    const char *variant = getenv("VARIANT");

    return variant && strcmp(variant, "tsan") == 0;
}

bool test_is_slow(void)
{
    const char *variant = getenv("VARIANT");

    return test_is_emulated() || (variant && strcmp(variant, "release") != 0);
}
