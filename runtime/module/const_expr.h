/*
 * Constant expressions: initial values of globals and tables, offsets and items
 * of segments (spec 3.4.12).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_CONST_EXPR_H
#define WRT_MODULE_CONST_EXPR_H

#include "runtime/module/insn.h"

/*
 * Reads an expression up to its `end` and validates that it leaves one value of
 * `type`.  Globals are those that the module has so far.  Functions that it
 * names are marked as declared.  scratch is reset.
 */
WRT_MUST_USE wasmrt_error *wrt_const_expr_read(struct wrt_module *module,
                                               struct wrt_reader *r,
                                               wrt_valtype type,
                                               struct wrt_arena *scratch,
                                               struct wrt_const_expr *out);

/* A value as the instance stores it; references are the store's own bits, with
 * all bits zero for null. */
union wrt_const_value {
    uint64_t bits;
    uint8_t v128[16];
};

/* What an expression may look at: the instance that is being made. */
struct wrt_const_env {
    void *user;
    void (*global_get)(void *user, uint32_t global_idx,
                       union wrt_const_value *out);
    void (*ref_func)(void *user, uint32_t func_idx, union wrt_const_value *out);
    const uint32_t *stop; /* see wrt_error_if_stopped() */
    /* An instruction on objects: takes its operands from the stack, leaves its
     * result there and changes the height.  The whole stack below the height
     * may hold objects. */
    wasmrt_error *(*object)(void *user, const struct wrt_insn *insn,
                            union wrt_const_value *stack, uint32_t *height);
};

/* Evaluates an expression of a decoded module.  Fails only with an error of an
 * instruction that may trap or allocate. */
WRT_MUST_USE wasmrt_error *wrt_const_expr_eval(
    const struct wrt_module *module, const struct wrt_const_expr *expr,
    const struct wrt_const_env *env, union wrt_const_value *out);

#endif
