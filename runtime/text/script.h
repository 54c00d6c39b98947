/*
 * Test scripts: what script.c and script_value.c share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TEXT_SCRIPT_H
#define WRT_TEXT_SCRIPT_H

#include "runtime/text/parser.h"
#include "wasmrt/text.h"

/*
 * A constant, or with `is_pattern` what a result may look like, in parentheses
 * at the cursor.  What it points to lives in the arena.
 */
void wrt_script_value(struct wrt_parser *p, struct wrt_arena *arena,
                      bool is_pattern, wasmrt_script_value *out);

/* As many of them as follow. */
const wasmrt_script_value *wrt_script_values(struct wrt_parser *p,
                                             struct wrt_arena *arena,
                                             bool is_pattern, size_t *count);

#endif
