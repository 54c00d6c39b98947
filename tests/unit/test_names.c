/*
 * The name section, well-formed and not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/names.h"

#include "tests/lib/heap.h"
#include "tests/lib/test.h"
#include "tests/unit/modules.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Two functions, the second exported twice, and a custom section `name`. */
static struct wrt_module *with_names(const char *content, struct wrt_types **t,
                                     uint8_t **bytes,
                                     const struct wrt_alloc *alloc)
{
    char hex[1000];
    size_t digits = 0, len;
    struct wrt_module *m;

    for (const char *p = content; *p; p++)
        digits += *p != ' ';
    snprintf(hex, sizeof(hex),
             "0104 01 600000 0303 02 0000 0709 02 0178 0001 0179 0001"
             "0a07 02 02000b 02000b 00%02x 04 6e616d65 %s",
             (unsigned)(digits / 2 + 5), content);
    *bytes = bytes_from_hex(hex, &len);
    CHECK(wrt_types_new(&wrt_alloc_libc, t) == NULL);
    CHECK(wrt_module_decode(alloc, *t, 0, *bytes, len, false, &m) == NULL);
    return m;
}

static void check_names(const char *content, const char *module,
                        const char *func0, const char *func1)
{
    struct wrt_types *types;
    uint8_t *bytes;
    struct wrt_module *m = with_names(content, &types, &bytes, &wrt_alloc_libc);

    CHECK_STR_EQ(wrt_module_name(m), module);
    CHECK_STR_EQ(wrt_module_func_name(m, 0), func0);
    CHECK_STR_EQ(wrt_module_func_name(m, 1), func1);
    CHECK(wrt_module_func_name(m, 2) == NULL);
    wrt_module_unref(m);
    wrt_types_delete(types);
    free(bytes);
}

TEST(names_come_from_the_section_then_from_exports)
{
    check_names("", NULL, NULL, "x");
    check_names("00 03 02 6d6e", "mn", NULL, "x");
    check_names("01 05 01 00 02 6162", NULL, "ab", "x");
    check_names("01 05 01 01 02 6162", NULL, NULL, "ab");
    check_names("00 02 01 6d 01 07 02 00 01 61 01 01 62", "m", "a", "b");
    check_names("01 03 01 00 00", NULL, "", "x");
}

TEST(names_malformed_content_is_left_out)
{
    /* Not UTF-8; not in order; twice; out of range; cut off. */
    check_names("01 05 01 00 02 c061", NULL, NULL, "x");
    check_names("01 07 02 01 01 61 00 01 62", NULL, NULL, "a");
    check_names("01 07 02 00 01 61 00 01 62", NULL, "a", "x");
    check_names("01 07 02 00 01 61 63 01 62", NULL, "a", "x");
    check_names("01 05 01 00 05 6162", NULL, NULL, "x");
    check_names("01 ffffffff0f 01", NULL, NULL, "x");
    check_names("01 05 ffffffff0f", NULL, NULL, "x");
    check_names("00 03 02 6d6e 63 01 00 01 04 01 00 01 61", "mn", "a", "x");
    check_names("80", NULL, NULL, "x");
    /* A NUL ends a name early. */
    check_names("01 06 01 00 03 610062", NULL, "a", "x");
}

TEST(names_of_locals_are_found_by_both_indices)
{
    struct wrt_types *types;
    uint8_t *bytes;
    struct wrt_module *m = with_names("02 0b 02 00 01 03 01 61 01 01 00 01 62"
                                      "07 04 01 05 01 67",
                                      &types, &bytes, &wrt_alloc_libc);

    CHECK_STR_EQ(wrt_names_find(m, WRT_NAMES_LOCAL, 0, 3), "a");
    CHECK_STR_EQ(wrt_names_find(m, WRT_NAMES_LOCAL, 1, 0), "b");
    CHECK(wrt_names_find(m, WRT_NAMES_LOCAL, 0, 0) == NULL);
    CHECK(wrt_names_find(m, WRT_NAMES_LOCAL, 1, 3) == NULL);
    CHECK_STR_EQ(wrt_names_find(m, WRT_NAMES_GLOBAL, 0, 5), "g");
    wrt_module_unref(m);
    wrt_types_delete(types);
    free(bytes);
}

/* Without memory there is no name; afterwards there is. */
TEST(names_survive_every_allocation_failure)
{
    struct test_heap heap;
    long n = 0;

    do {
        struct wrt_types *types;
        uint8_t *bytes;
        struct wrt_module *m;
        const char *name;

        test_heap_init(&heap, -1);
        m = with_names("01 05 01 00 02 6162", &types, &bytes, &heap.alloc);
        heap.fail_at = heap.calls + n++;
        name = wrt_module_func_name(m, 0);
        if (heap.fired)
            CHECK(name == NULL);
        CHECK_STR_EQ(wrt_module_func_name(m, 0), "ab");
        wrt_module_unref(m);
        wrt_types_delete(types);
        CHECK_EQ(heap.live_bytes, 0);
        free(bytes);
    } while (heap.fired);
    CHECK(n > 2);
}

static void *ask(void *arg)
{
    const char *name = wrt_module_func_name(arg, 0);

    return (void *)(uintptr_t)name;
}

TEST(hammer_names_are_parsed_by_several_threads)
{
    for (unsigned round = 0; round < 50; round++) {
        struct wrt_types *types;
        uint8_t *bytes;
        struct wrt_module *m =
            with_names("01 05 01 00 02 6162", &types, &bytes, &wrt_alloc_libc);
        pthread_t threads[4];
        void *name;

        for (unsigned i = 0; i < 4; i++)
            CHECK_EQ(pthread_create(&threads[i], NULL, ask, m), 0);
        for (unsigned i = 0; i < 4; i++) {
            CHECK_EQ(pthread_join(threads[i], &name), 0);
            CHECK_STR_EQ((const char *)name, "ab");
        }
        wrt_module_unref(m);
        wrt_types_delete(types);
        free(bytes);
    }
}
