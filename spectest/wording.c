/*
 * Which texts of the suite an error satisfies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spectest/wording.h"

#include <string.h>

static const struct {
    wasmrt_code code;
    const char *text;
} wordings[] = {
#define WORDING(code, text) {WASMRT_ERR_##code, text},
#include "spectest/wording.def"
#undef WORDING
};

static bool begins_with(const char *text, const char *part)
{
    return strncmp(text, part, strlen(part)) == 0;
}

bool spectest_wording_fits(wasmrt_code code, const char *expected)
{
    if (begins_with(expected, wasmrt_code_text(code)))
        return true;
    for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
        if (wordings[i].code == code && begins_with(expected, wordings[i].text))
            return true;
    }
    return false;
}
