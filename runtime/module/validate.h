/*
 * Validation of function bodies, with the analysis that both engines use.
 *
 * One linear pass does the specification's algorithm (appendix, "Validation
 * Algorithm") and, beside it, counts what an engine wants to know before it
 * emits the first instruction.  The result is scratch: engines run the pass
 * again right before they emit, which is cheaper than keeping it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_VALIDATE_H
#define WRT_MODULE_VALIDATE_H

#include "runtime/base/arena.h"
#include "runtime/module/module.h"

/* One loop of a function, in the order of their `loop` instructions. */
struct wrt_loop {
    uint32_t parent;     /* index of the enclosing loop, or WRT_NO_LOOP */
    uint32_t depth;      /* 1 for an outermost loop */
    uint32_t start, end; /* offsets in the body: the loop opcode, its end */
    bool has_call;       /* itself or in an inner block, loops included */
    bool has_grow;       /* memory.grow or table.grow */
};

#define WRT_NO_LOOP UINT32_MAX

/* Uses of a local, weighted by 8^(loop depth), of which no body has so many
 * that the sum would overflow. */
typedef uint64_t wrt_weight;

struct wrt_finfo {
    const struct wrt_type *type;
    uint32_t nlocals;          /* parameters included */
    const wrt_valtype *locals; /* expanded, parameters first */
    uint32_t code_start;       /* offset in the body of the first opcode */
    uint32_t max_height;       /* operand stack, in values */
    uint32_t max_slots;        /* operand stack, in 8-byte slots */
    uint32_t max_nesting;      /* of control frames */
    uint32_t ninsns;           /* instructions decoded, for sizing buffers */
    bool has_call, has_try, has_grow;
    bool has_v128;   /* a local or an operand is one */
    uint32_t ntries; /* `try` of the older form of exceptions */

    uint32_t nloops;
    const struct wrt_loop *loops;
    const wrt_weight *weights; /* per local: get, set and tee */
    wrt_weight call_weight;    /* of all calls */
    /* Per local: first access, in straight-line code at the function's top, is
     * a write; so its zero initialisation is not seen. */
    const bool *written_first;
};

/*
 * Validates the body of a defined function.  info may be NULL; otherwise it is
 * filled from scratch (arena; valid until the arena is reset).  stop: see
 * wrt_error_if_stopped().
 */
WRT_MUST_USE wasmrt_error *wrt_validate_func(const struct wrt_module *module,
                                             uint32_t func_idx,
                                             struct wrt_arena *scratch,
                                             const uint32_t *stop,
                                             struct wrt_finfo *info);

#endif
