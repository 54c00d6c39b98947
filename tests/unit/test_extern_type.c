/*
 * Types of imports, exports and live objects, as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/extern_type.h"

#include "tests/lib/test.h"

TEST(extern_type_text_of_unusual_types)
{
    static const struct {
        struct wrt_extern_type type;
        const char *text;
    } cases[] = {
        {{WASMRT_EXTERN_MEMORY, .of.memory = {.min = 1,
                                              .max = 2,
                                              .has_max = true,
                                              .is_shared = true,
                                              .page_log2 = 16}},
         "memory 1..2 shared"},
        {{WASMRT_EXTERN_MEMORY,
          .of.memory = {.min = 5, .is_64 = true, .page_log2 = 0}},
         "memory i64 5 pagesize 1"},
        {{WASMRT_EXTERN_TABLE, .of.table = {.limits = {.min = 7, .is_64 = true},
                                            .elem = WRT_EXTERNREF}},
         "table i64 7 externref"},
        {{WASMRT_EXTERN_GLOBAL,
          .of.global = {.type = WRT_KIND_V128, .is_mutable = true}},
         "global mut v128"},
    };
    char text[64];

    for (size_t i = 0; i < WRT_COUNTOF(cases); i++) {
        wrt_extern_type_text(&cases[i].type, text, sizeof(text));
        CHECK_STR_EQ(text, cases[i].text);
    }
}
