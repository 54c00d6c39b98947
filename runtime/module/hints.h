/*
 * Branch hints: which way a branch probably goes (section
 * "metadata.code.branch_hint").
 *
 * As all custom sections it is no part of the module's meaning: a module whose
 * hints are malformed runs without them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_HINTS_H
#define WRT_MODULE_HINTS_H

#include "runtime/module/module.h"

#define WRT_HINTS_SECTION "metadata.code.branch_hint"

/* A hint for the if or br_if at this offset in the body of the function. */
struct wrt_hint {
    uint32_t func_idx;
    uint32_t offset;
    bool is_likely;
};

struct wrt_hints {
    struct wrt_hint *items; /* by function and offset, no two for one place */
    uint32_t count;
    uint32_t section; /* index of the custom section, when count is not 0 */
};

/*
 * Reads the hints of a module into the arena, none when it has no such section.
 * Fails when the section is malformed or not valid: kinds DECODE, VALIDATE,
 * OOM.
 */
WRT_MUST_USE wasmrt_error *wrt_hints_read(const struct wrt_module *module,
                                          struct wrt_arena *arena,
                                          struct wrt_hints *out);

#endif
