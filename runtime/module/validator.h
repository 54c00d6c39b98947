/*
 * The state of validating one function body or constant expression, and the
 * operations on its two stacks (spec appendix, "Validation Algorithm").
 *
 * Private to validate*.c and const_expr.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_VALIDATOR_H
#define WRT_MODULE_VALIDATOR_H

#include "runtime/module/insn.h"
#include "runtime/module/validate.h"

/* The weight of a use is 8^depth of its loop, up to this depth. */
enum { WRT_MAX_WEIGHT_DEPTH = 9 };

/* A control frame. */
struct wrt_frame {
    const wrt_valtype *params;  /* nparams, of the block's start */
    const wrt_valtype *results; /* nresults; NULL: the one in `value` */
    uint32_t nparams, nresults;
    wrt_valtype value;
    uint32_t height; /* of the operand stack below the block's operands */
    uint32_t loop;   /* innermost loop that the frame lies in, or is */
    uint32_t ninits; /* of validator.inits at its start */
    uint32_t nplain; /* so many labels from this one outwards pass no values */
    uint16_t op;     /* BLOCK, LOOP, IF, ELSE, TRY ... */
    bool is_unreachable;
    bool is_hot; /* opened by the hot loop, which may close it */
};

/* Which bound the byte behind an opcode must be below, for the hot loop to take
 * the instruction: index of wrt_validator.gates. */
enum wrt_gate {
    WRT_GATE_CLOSED, /* not an instruction of that loop */
    WRT_GATE_OPEN,
    WRT_GATE_SIGN_EXTENSION, /* its feature is on */
    WRT_GATE_LOCAL,          /* the local is one of the first, with a default */
    WRT_GATE_LABEL,          /* branches to the label pass no values */
    WRT_GATE_MEMORY,         /* and these + log2 of the natural alignment */
    WRT_GATE_COUNT = WRT_GATE_MEMORY + 5,
};

/* Locals of one declaration: those below `end` that no earlier run has. */
struct wrt_local_run {
    uint32_t end;
    wrt_valtype type;
};

struct wrt_validator {
    const struct wrt_module *module;
    const struct wrt_types *types;
    wrt_features features;
    struct wrt_arena *arena;
    struct wrt_reader r;
    struct wrt_insn insn;  /* the current one */
    bool is_const;         /* a constant expression */
    bool has_plain_memory; /* memory 0 exists and has 32-bit addresses */
    uint32_t gates[WRT_GATE_COUNT];

    /* Operands.  Two unused slots lie below stack[0], so that looking at two
     * operands never leaves the array. */
    wrt_valtype *stack;
    uint32_t height;
    uint32_t base; /* height at which the innermost frame begins */
    uint32_t peak; /* greatest height so far, at most capacity */
    uint32_t capacity;
    bool has_v128; /* an operand was wider than a slot */

    struct wrt_frame *frames;
    uint32_t nframes, max_frames, frames_capacity;
    uint32_t nplain; /* of the innermost frame */

    /* Locals.  The first nexpanded have their type in an array. */
    uint32_t nlocals, nexpanded;
    const wrt_valtype *locals;
    const struct wrt_local_run *runs;
    uint32_t nruns;

    /* Locals without a default value: which are initialised, and in which order
     * that happened.  NULL when the function has none. */
    bool *is_init;
    uint32_t *inits;
    uint32_t ninits;

    /* Analysis; weights is NULL when nobody asked for it. */
    wrt_weight *weights;
    bool *written_first;
    wrt_weight weight; /* of a use here */
    wrt_weight call_weight;
    struct wrt_loop *loops;
    uint32_t nloops, loops_capacity;
    const uint8_t *body;
    uint32_t ninsns;
    const uint32_t *stop;   /* see wrt_error_if_stopped() */
    const uint8_t *look_at; /* where in the bytes it is asked next */
    bool has_call, has_try, has_grow;
    uint32_t ntries;
};

/* -- Errors ---------------------------------------------------------------- */

/* The module offset of the current instruction. */
WRT_INLINE uint64_t wrt_validator_offset(const struct wrt_validator *v)
{
    return wrt_module_offset(v->module, v->insn.pos);
}

/* "instruction requires [want] but stack has [found]". */
WRT_COLD WRT_NONNULL_RESULT wasmrt_error *
wrt_validator_mismatch(const struct wrt_validator *v, wrt_valtype want,
                       wrt_valtype found);

/* An index that is out of range: "unknown local 3". */
WRT_COLD WRT_NONNULL_RESULT wasmrt_error *
wrt_validator_unknown(const struct wrt_validator *v, wasmrt_code code,
                      uint32_t idx);

/* -- Operands -------------------------------------------------------------- */

WRT_INLINE struct wrt_frame *wrt_validator_frame(struct wrt_validator *v)
{
    return &v->frames[v->nframes - 1];
}

/* Called when an operand would exceed the peak. */
WRT_MUST_USE wasmrt_error *wrt_validator_raise_peak(struct wrt_validator *v,
                                                    uint32_t height);

WRT_MUST_USE WRT_INLINE wasmrt_error *wrt_push(struct wrt_validator *v,
                                               wrt_valtype t)
{
    if (WRT_UNLIKELY(v->height == v->peak))
        WRT_TRY(wrt_validator_raise_peak(v, v->height + 1));
    v->has_v128 |= t == WRT_KIND_V128;
    v->stack[v->height++] = t;
    return NULL;
}

/* Pops an operand that is not simply of the wanted type: a subtype, an unknown
 * one, or none in unreachable code. */
WRT_MUST_USE wasmrt_error *wrt_pop_slow(struct wrt_validator *v,
                                        wrt_valtype want);

WRT_MUST_USE WRT_INLINE wasmrt_error *wrt_pop(struct wrt_validator *v,
                                              wrt_valtype want)
{
    if (WRT_LIKELY(v->height > v->base && v->stack[v->height - 1] == want)) {
        v->height--;
        return NULL;
    }
    return wrt_pop_slow(v, want);
}

/* Pops any operand; *found is WRT_KIND_BOT when it is not known. */
WRT_MUST_USE wasmrt_error *wrt_pop_any(struct wrt_validator *v,
                                       wrt_valtype *found);

/* Pops any reference; *found may be WRT_KIND_BOT. */
WRT_MUST_USE wasmrt_error *wrt_pop_ref(struct wrt_validator *v,
                                       wrt_valtype *found);

/* The last of `types` is on top of the stack. */
WRT_MUST_USE wasmrt_error *
wrt_pop_all(struct wrt_validator *v, const wrt_valtype *types, uint32_t count);
WRT_MUST_USE wasmrt_error *
wrt_push_all(struct wrt_validator *v, const wrt_valtype *types, uint32_t count);

/* -- Control --------------------------------------------------------------- */

/* The rest of the block cannot be reached: its operands are unknown. */
WRT_INLINE void wrt_set_unreachable(struct wrt_validator *v)
{
    v->height = v->base;
    wrt_validator_frame(v)->is_unreachable = true;
}

/* Labels whose number takes one byte. */
enum { WRT_MAX_PLAIN_LABELS = 128 };

/* The frame is the innermost from now on. */
WRT_INLINE void wrt_set_plain_labels(struct wrt_validator *v,
                                     const struct wrt_frame *frame)
{
    v->nplain = frame->nplain;
    v->gates[WRT_GATE_LABEL] =
        WRT_MIN(frame->nplain, (uint32_t)WRT_MAX_PLAIN_LABELS);
}

/* A frame was pushed: what its label and those around it pass. */
WRT_INLINE void wrt_count_plain_labels(struct wrt_validator *v,
                                       struct wrt_frame *frame)
{
    uint32_t arity =
        frame->op == WRT_OP_LOOP ? frame->nparams : frame->nresults;

    frame->nplain = arity != 0 ? 0 : v->nplain + 1;
    wrt_set_plain_labels(v, frame);
}

/* The weight of a use at a depth of loops. */
WRT_INLINE wrt_weight wrt_weight_at(uint32_t depth)
{
    return (wrt_weight)1 << 3 * WRT_MIN(depth, (uint32_t)WRT_MAX_WEIGHT_DEPTH);
}

/* Records the loop that begins at `pos`, for which there is room, and makes it
 * the innermost one. */
WRT_INLINE void wrt_enter_loop(struct wrt_validator *v, struct wrt_frame *frame,
                               const uint8_t *pos)
{
    struct wrt_loop *loop = &v->loops[v->nloops];

    *loop = (struct wrt_loop){
        .parent = frame->loop,
        .depth =
            frame->loop == WRT_NO_LOOP ? 1 : v->loops[frame->loop].depth + 1,
        .start = (uint32_t)(pos - v->body),
    };
    v->weight = wrt_weight_at(loop->depth);
    frame->loop = v->nloops++;
}

/* The loop's end is at `pos`. */
WRT_INLINE void wrt_leave_loop(struct wrt_validator *v,
                               const struct wrt_frame *frame,
                               const uint8_t *pos)
{
    struct wrt_loop *loop = &v->loops[frame->loop];

    loop->end = (uint32_t)(pos - v->body);
    v->weight = wrt_weight_at(loop->depth - 1);
    if (loop->parent != WRT_NO_LOOP) {
        v->loops[loop->parent].has_call |= loop->has_call;
        v->loops[loop->parent].has_grow |= loop->has_grow;
    }
}

struct wrt_label {
    const wrt_valtype *types;
    uint32_t count;
};

WRT_INLINE struct wrt_label wrt_frame_results(const struct wrt_frame *frame)
{
    return (struct wrt_label){frame->results ? frame->results : &frame->value,
                              frame->nresults};
}

/* The types that a branch to the label at `depth` passes. */
WRT_MUST_USE wasmrt_error *wrt_find_label(const struct wrt_validator *v,
                                          uint32_t depth,
                                          struct wrt_label *label);

/* Enters a block whose parameters have been popped, and pushes them again. */
WRT_MUST_USE wasmrt_error *wrt_push_frame(struct wrt_validator *v,
                                          enum wrt_op op,
                                          const struct wrt_block_type *block);

/* Checks a block type and pops its parameters. */
WRT_MUST_USE wasmrt_error *
wrt_pop_block_params(struct wrt_validator *v,
                     const struct wrt_block_type *block);

/* Ends one part of a block and begins the next: else, catch. */
WRT_MUST_USE wasmrt_error *wrt_next_part(struct wrt_validator *v,
                                         enum wrt_op op);

/* Leaves a block: its results are checked and pushed outside. */
WRT_MUST_USE wasmrt_error *wrt_pop_frame(struct wrt_validator *v);

/* Whether every operand from here down is unknown: nothing is left to pop. */
WRT_INLINE bool wrt_is_bottomless(const struct wrt_validator *v)
{
    return v->height == v->base && v->frames[v->nframes - 1].is_unreachable;
}

/* A block type's gates: features, type index. */
WRT_MUST_USE wasmrt_error *wrt_check_block(const struct wrt_validator *v,
                                           const struct wrt_block_type *block);

/* The analysis of a call. */
WRT_INLINE void wrt_note_call(struct wrt_validator *v)
{
    uint32_t loop = wrt_validator_frame(v)->loop;

    v->has_call = true;
    v->call_weight += v->weight;
    if (loop != WRT_NO_LOOP)
        v->loops[loop].has_call = true;
}

/* A call's effect on the stack and on the analysis. */
WRT_MUST_USE wasmrt_error *wrt_apply_call(struct wrt_validator *v,
                                          const struct wrt_type *type);

/* Leaves the function with the results that a callee leaves (tail calls). */
WRT_MUST_USE wasmrt_error *wrt_check_tail_call(struct wrt_validator *v,
                                               const struct wrt_type *type);

/* -- Parts ----------------------------------------------------------------- */

/* A function type by type index. */
WRT_MUST_USE wasmrt_error *wrt_find_func_type(const struct wrt_validator *v,
                                              uint32_t type_idx,
                                              const struct wrt_type **out);

/* Error of a feature that a type needs, if one is off. */
WRT_MUST_USE wasmrt_error *wrt_check_valtype(const struct wrt_validator *v,
                                             wrt_valtype t);

/* Validates the instructions of a function; validate_code.c. */
WRT_MUST_USE wasmrt_error *wrt_validate_code(struct wrt_validator *v,
                                             const uint8_t *end);

/* Validates as many instructions as are of the plainest kind; stops in front of
 * the first that is not.  validate_hot.c. */
void wrt_validate_hot(struct wrt_validator *v);

/* Sets the gates, once the locals are known. */
void wrt_validate_hot_init(struct wrt_validator *v);

/* The type of a local beyond the expanded ones: by bisection of the runs. */
wrt_valtype wrt_find_local(const struct wrt_validator *v, uint32_t idx);

/* Validates the instruction in v->insn; validate_code.c. */
WRT_MUST_USE wasmrt_error *wrt_validate_insn(struct wrt_validator *v);

/* Instructions off the hot path; validate_insn.c. */
WRT_MUST_USE wasmrt_error *wrt_validate_rare(struct wrt_validator *v);

/* Tail calls, references, exceptions; validate_ref.c. */
WRT_MUST_USE wasmrt_error *wrt_validate_ref(struct wrt_validator *v);

/* Structs and arrays; validate_gc.c. */
WRT_MUST_USE wasmrt_error *wrt_validate_gc(struct wrt_validator *v);

/* Pops the callee's index of a call_indirect and gives the callee's type. */
WRT_MUST_USE wasmrt_error *wrt_check_indirect(struct wrt_validator *v,
                                              const struct wrt_type **type);

/* Data segments follow the code, so only their announced count is known. */
WRT_MUST_USE wasmrt_error *wrt_check_data_index(const struct wrt_validator *v,
                                                uint32_t idx);

/* Prepares for an expression that leaves one value. */
WRT_MUST_USE wasmrt_error *wrt_validator_init(struct wrt_validator *v,
                                              const struct wrt_module *module,
                                              struct wrt_arena *arena);

/* The failure of v->r as an error. */
WRT_MUST_USE wasmrt_error *wrt_validator_read_error(struct wrt_validator *v);

#endif
