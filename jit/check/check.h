/*
 * The isolation checker: reads machine code back before it may run, with tables
 * of its own, and proves that it stays inside (docs/ARCHITECTURE.md).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_CHECK_CHECK_H
#define JIT_CHECK_CHECK_H

#include "jit/code.h"

/* What code to check. */
struct jit_check {
    const struct wrt_native *native;
    const uint8_t *code;
    uint32_t len;
    uint64_t at; /* of the code, in the range */
    enum jit_piece piece;
    uint32_t number;             /* of the function, or of the adapter's type */
    const struct jit_func *func; /* its tables, or NULL: it is in no index */
};

/* Counts what it has checked in the engine.  An error names the instruction and
 * the rule that it breaks. */
WRT_MUST_USE wasmrt_error *jit_check_code(const struct jit_check *check);

#endif
