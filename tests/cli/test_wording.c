/*
 * Which errors satisfy which assertions of scripts: by code, not by text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spectest/wording.h"

#include "tests/lib/test.h"

#include <stdio.h>

TEST(wording_is_the_text_of_the_code)
{
    CHECK(spectest_wording_fits(WASMRT_ERR_TYPE_MISMATCH, "type mismatch"));
    CHECK(spectest_wording_fits(WASMRT_ERR_UNKNOWN_LOCAL, "unknown local 3"));
    CHECK(!spectest_wording_fits(WASMRT_ERR_UNKNOWN_LOCAL, "unknown label"));
    CHECK(!spectest_wording_fits(WASMRT_ERR_TYPE_MISMATCH, "type"));
    CHECK(!spectest_wording_fits(WASMRT_ERR_TYPE_MISMATCH, ""));
}

TEST(wording_has_rows_beyond_it)
{
    CHECK(spectest_wording_fits(WASMRT_ERR_UNEXPECTED_END, "unexpected end"));
    CHECK(spectest_wording_fits(WASMRT_ERR_TEXT_ALIGNMENT, "alignment"));
}

/* What begins like two texts means the longer one. */
TEST(wording_of_another_code_does_not_fit_because_it_is_shorter)
{
    const char *natural = wasmrt_code_text(WASMRT_ERR_ALIGNMENT);

    CHECK(spectest_wording_fits(WASMRT_ERR_ALIGNMENT, natural));
    CHECK(!spectest_wording_fits(WASMRT_ERR_TEXT_ALIGNMENT, natural));
}

TEST(wording_fits_each_code_itself)
{
    static const wasmrt_code codes[] = {
#define WASMRT_ERROR_ROW(code, kind, text) WASMRT_ERR_##code,
#include "wasmrt/errors.def"
#undef WASMRT_ERROR_ROW
    };

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        CHECK(spectest_wording_fits(codes[i], wasmrt_code_text(codes[i])));
}
