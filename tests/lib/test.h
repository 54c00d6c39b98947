/*
 * The test harness.  A test is a function that registers itself:
 *
 *     TEST(leb_rejects_overlong) { CHECK_EQ(f(), 3); }
 *
 * Each test runs in a forked child with a time limit, in a process group and an
 * empty directory of its own, so a crash, a hang or a leak fails one test and
 * the others still run.  The first failed check ends the test.  What a test
 * prints is shown only when it fails.  Options: see test.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_LIB_TEST_H
#define WRT_TESTS_LIB_TEST_H

#include <stdbool.h>
#include <stddef.h>

struct test_case {
    const char *name;
    const char *file;
    void (*run)(void);
    struct test_case *next;
};

/* Called by constructors, before main. */
void test_register(struct test_case *test);

#define TEST(ident)                                                            \
    static void test_body_##ident(void);                                       \
    __attribute__((constructor)) static void test_add_##ident(void)            \
    {                                                                          \
        static struct test_case test = {#ident, __FILE__, test_body_##ident,   \
                                        NULL};                                 \
        test_register(&test);                                                  \
    }                                                                          \
    static void test_body_##ident(void)

/* Where a check stands and what it says, for its failure message. */
struct test_site {
    const char *file;
    int line;
    const char *text;
};

#define TEST_SITE(text) ((struct test_site){__FILE__, __LINE__, text})

#define CHECK(cond) test_check(TEST_SITE(#cond), !!(cond))

/* Any two numbers, booleans or pointers; compared by value, so -1 != 255u.
 * Evaluates a, then b. */
#define CHECK_EQ(a, b)                                                         \
    do {                                                                       \
        struct test_value test_left_ = TEST_VALUE(a);                          \
        test_check_eq(TEST_SITE(#a " == " #b), test_left_, TEST_VALUE(b));     \
    } while (0)

/* Either may be NULL. */
#define CHECK_STR_EQ(a, b) test_check_str(TEST_SITE(#a " == " #b), a, b)

/* True when `part` occurs in `text`. */
#define CHECK_STR_HAS(text, part)                                              \
    test_check_has(TEST_SITE(#text " has " #part), text, part)

#define CHECK_MEM_EQ(a, b, len_bytes)                                          \
    test_check_mem(TEST_SITE(#a " == " #b), a, b, len_bytes)

/* Fails here with a formatted message. */
#define FAIL(...) test_fail(TEST_SITE(NULL), __VA_ARGS__)

/* Ends the test; it is counted as skipped and named with the reason. */
#define SKIP(reason) test_skip(reason)

struct test_value {
    enum { TEST_SIGNED, TEST_UNSIGNED, TEST_FLOAT, TEST_POINTER } kind;
    union {
        long long s;
        unsigned long long u;
        double f;
        const void *p;
    } as;
};

#define TEST_VALUE(x)                                                          \
    _Generic((x),                                                              \
        bool: test_unsigned,                                                   \
        char: test_signed,                                                     \
        signed char: test_signed,                                              \
        short: test_signed,                                                    \
        int: test_signed,                                                      \
        long: test_signed,                                                     \
        long long: test_signed,                                                \
        unsigned char: test_unsigned,                                          \
        unsigned short: test_unsigned,                                         \
        unsigned: test_unsigned,                                               \
        unsigned long: test_unsigned,                                          \
        unsigned long long: test_unsigned,                                     \
        float: test_float,                                                     \
        double: test_float,                                                    \
        default: test_pointer)(x)

struct test_value test_signed(long long x);
struct test_value test_unsigned(unsigned long long x);
struct test_value test_float(double x);
struct test_value test_pointer(const void *x);

void test_check(struct test_site site, bool ok);
void test_check_eq(struct test_site site, struct test_value a,
                   struct test_value b);
void test_check_str(struct test_site site, const char *a, const char *b);
void test_check_has(struct test_site site, const char *text, const char *part);
void test_check_mem(struct test_site site, const void *a, const void *b,
                    size_t len_bytes);
_Noreturn void test_fail(struct test_site site, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void test_skip(const char *reason);

/* The engine chosen with `make test ENGINE=`: "auto", "interp" or "jit". */
const char *test_engine(void);

/* How guest memory is confined, `make test BOUNDS=`: "auto", "guard", "check".
 * Emulated runs default to "check". */
const char *test_bounds(void);

/* Whether an emulator runs the tests: it pays for each page of a reservation,
 * and does not get back what it paid. */
bool test_is_emulated(void);

/* Whether the thread sanitizer keeps signals back: it hands them on when C code
 * calls something, which machine code in a loop never does. */
bool test_delays_signals(void);

/* Whether this is not the release build on its own machine: what takes a second
 * there may take minutes. */
bool test_is_slow(void);

#endif
