/*
 * Values of constant expressions, in an instance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_CONST_EVAL_H
#define WRT_STORE_CONST_EVAL_H

#include "runtime/store/vmctx.h"

/* Evaluates a validated expression: two slots, the second one for v128. */
WRT_MUST_USE wasmrt_error *wrt_const_eval(struct wrt_instance *inst,
                                          const struct wrt_const_expr *expr,
                                          wrt_slot out[2]);

/* The same for an offset: an i32 or i64 as an unsigned number. */
WRT_MUST_USE wasmrt_error *
wrt_const_eval_offset(struct wrt_instance *inst,
                      const struct wrt_const_expr *expr, bool is_64,
                      uint64_t *out);

#endif
