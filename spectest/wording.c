/*
 * Which texts of the suite an error satisfies.
 *
 * An error is judged by its code, never by its message: the code must be one of
 * those that the table gives for the text.  Where the texts of several codes
 * begin what is expected, the longest one says which is meant.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spectest/wording.h"

#include <string.h>

static const struct {
    wasmrt_code code;
    const char *text;
} wordings[] = {
#define WASMRT_ERROR_ROW(code, kind, text) {WASMRT_ERR_##code, text},
#include "wasmrt/errors.def"
#undef WASMRT_ERROR_ROW
#define WORDING(code, text) {WASMRT_ERR_##code, text},
#include "spectest/wording.def"
#undef WORDING
};

bool spectest_wording_fits(wasmrt_code code, const char *expected)
{
    size_t longest = 0;
    bool fits = false;

    for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
        size_t len = strlen(wordings[i].text);

        if (len < longest || strncmp(expected, wordings[i].text, len) != 0)
            continue;
        fits = wordings[i].code == code || (len == longest && fits);
        longest = len;
    }
    return fits;
}
