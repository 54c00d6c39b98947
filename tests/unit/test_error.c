/*
 * The error object: messages, places, frames, and running out of memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/error.h"

#include "tests/lib/test.h"

#include <stdio.h>

TEST(error_message_is_the_text_and_the_detail)
{
    wasmrt_error *error = wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, 0x2a,
                                        "expected %s, found %s", "i32", "f64");
    uint64_t offset;

    CHECK_STR_EQ(wasmrt_error_message(error),
                 "type mismatch: expected i32, found f64");
    CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_VALIDATE);
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_TYPE_MISMATCH);
    CHECK(wasmrt_error_offset(error, &offset));
    CHECK_EQ(offset, 0x2a);
    wasmrt_error_delete(error);

    error = wrt_error_new(WASMRT_ERR_BAD_UTF8, WRT_NO_OFFSET, NULL);
    CHECK_STR_EQ(wasmrt_error_message(error), "malformed UTF-8 encoding");
    CHECK(!wasmrt_error_offset(error, &offset));
    wasmrt_error_delete(error);
}

TEST(error_first_place_stays)
{
    wasmrt_error *error =
        wrt_error_new(WASMRT_ERR_UNREACHABLE, WRT_NO_OFFSET, NULL);
    const char *name = "?";
    uint64_t offset;
    uint32_t idx;

    CHECK(!wasmrt_error_func(error, &idx, NULL));
    wrt_error_set_offset(error, 7);
    wrt_error_set_offset(error, 8);
    CHECK(wasmrt_error_offset(error, &offset));
    CHECK_EQ(offset, 7);
    wrt_error_set_func(error, 3, "inner");
    wrt_error_set_func(error, 4, "outer");
    CHECK(wasmrt_error_func(error, &idx, &name));
    CHECK_EQ(idx, 3);
    CHECK_STR_EQ(name, "inner");
    wasmrt_error_delete(error);
}

TEST(error_keeps_the_innermost_frames_and_counts_the_rest)
{
    wasmrt_error *error =
        wrt_error_new(WASMRT_ERR_STACK_OVERFLOW, WRT_NO_OFFSET, NULL);

    for (uint32_t i = 0; i < 1000; i++) {
        char name[16];

        snprintf(name, sizeof(name), "f%u", i);
        wrt_error_add_frame(error,
                            &(wasmrt_frame){.func_name = name, .func_idx = i});
    }
    CHECK_EQ(wasmrt_error_frame_count(error), 256);
    CHECK_EQ(wasmrt_error_stack_depth(error), 1000);
    CHECK_EQ(wasmrt_error_frame(error, 0)->func_idx, 0);
    CHECK_STR_EQ(wasmrt_error_frame(error, 255)->func_name, "f255");
    CHECK(wasmrt_error_frame(error, 255)->module_name == NULL);
    CHECK(wasmrt_error_frame(error, 256) == NULL);
    wasmrt_error_delete(error);
}

TEST(error_of_exhausted_memory_is_one_constant)
{
    wasmrt_error *error = wrt_error_oom();

    CHECK_EQ(error, wrt_error_new(WASMRT_ERR_OUT_OF_MEMORY, 5, "ignored"));
    wrt_error_set_offset(error, 1);
    wrt_error_set_func(error, 1, "f");
    wrt_error_add_frame(error, &(wasmrt_frame){.func_idx = 1});
    CHECK_EQ(wasmrt_error_frame_count(error), 0);
    CHECK_EQ(wasmrt_error_stack_depth(error), 0);
    CHECK_STR_EQ(wasmrt_error_message(error), "out of memory");
    CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_OOM);
    wasmrt_error_delete(error);
    wasmrt_error_delete(wrt_error_oom()); /* a no-op, so twice is fine */
    wasmrt_error_delete(NULL);
}

TEST(error_made_by_a_host_function)
{
    wasmrt_error *error = wasmrt_error_new(WASMRT_ERR_HOST_TRAP, "no luck");

    CHECK_STR_EQ(wasmrt_error_message(error), "host function failed: no luck");
    CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_TRAP);
    wasmrt_error_delete(error);
    error = wasmrt_error_new((wasmrt_code)9999, NULL); /* no such code */
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_HOST_TRAP);
    wasmrt_error_delete(error);
    error = wasmrt_error_new_exit(-3);
    CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_EXIT);
    CHECK_EQ(wasmrt_error_exit_status(error), -3);
    wasmrt_error_delete(error);
}

TEST(error_codes_all_have_a_text)
{
    for (int i = 0; i < WASMRT_ERR_COUNT_; i++) {
        const char *text = wasmrt_code_text((wasmrt_code)i);

        CHECK(text && *text);
        CHECK(strcmp(text, "unknown error") != 0);
    }
    CHECK_STR_EQ(wasmrt_code_text(WASMRT_ERR_COUNT_), "unknown error");
    CHECK_STR_EQ(wasmrt_code_text((wasmrt_code)-1), "unknown error");
}

/* -- Cargo ----------------------------------------------------------------- */

struct crate {
    struct wrt_error_cargo cargo;
    int nreleased;
};

static void release_crate(struct wrt_error_cargo *cargo)
{
    ((struct crate *)cargo)->nreleased++;
}

TEST(error_releases_what_it_carries)
{
    struct crate crate = {.cargo = {release_crate}};
    wasmrt_error *error =
        wrt_error_new(WASMRT_ERR_UNCAUGHT_EXCEPTION, WRT_NO_OFFSET, NULL);

    CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_EXCEPTION);
    CHECK(wrt_error_cargo(error) == NULL);
    wrt_error_load(error, &crate.cargo);
    CHECK(wrt_error_cargo(error) == &crate.cargo);
    CHECK_EQ(crate.nreleased, 0);
    wasmrt_error_delete(error);
    CHECK_EQ(crate.nreleased, 1);
    /* The static error carries nothing. */
    wrt_error_load(wrt_error_oom(), &crate.cargo);
    CHECK_EQ(crate.nreleased, 2);
    CHECK(wrt_error_cargo(wrt_error_oom()) == NULL);
}
