/*
 * State of lowering one function, shared by lower.c (values), lower_mem.c
 * (loads and stores), lower_vec.c (vectors), lower_ctrl.c (control flow),
 * lower_call.c (calls) and lower_func.c (the walk).  Scratch: lives for one
 * function.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_LOWER_STATE_H
#define WRT_INTERP_LOWER_STATE_H

#include "runtime/base/access.h"
#include "runtime/interp/lower.h"
#include "runtime/module/insn.h"

#define NO_SLOT  UINT32_MAX
#define NO_LABEL UINT32_MAX
#define NO_IR    SIZE_MAX

/* Registers as operands: not in the loop build. */
enum { FAST = WRT_INTERP_TAIL };

/* Where a constant is: nowhere, not even in a register. */
#define CONST_SLOT (NO_SLOT - 1)

/* What stands on the operand stack. */
struct value {
    enum { VALUE_TEMP, VALUE_LOCAL, VALUE_CONST } kind;
    wrt_valtype type;
    uint32_t slot;  /* where it is: home, or the local's slot */
    uint32_t home;  /* the slot of its height */
    uint32_t local; /* its index plus one; or 0 */
    uint64_t bits;  /* CONST */
};

/* Of a local. */
struct use {
    uint32_t pending; /* so often on the stack */
    uint64_t weight;  /* of instructions that a register would serve */
};

/* A register that caches a slot. */
struct cached {
    uint32_t slot;  /* or NO_SLOT */
    uint32_t slots; /* how many, from there */
    size_t ir;      /* the instruction that computed it */
    bool elidable;  /* that instruction's store has no reader yet, and the slot
                       is a temporary */
};

/* One block, loop, if, try, or the function's body. */
struct frame {
    enum {
        FRAME_BLOCK,
        FRAME_LOOP,
        FRAME_IF,
        FRAME_ELSE,
        FRAME_TRY,  /* of the older kind */
        FRAME_CATCH /* a later part of such a try */
    } kind;
    struct wrt_block_sig sig;
    wrt_valtype single; /* storage for a one-value block type */
    uint32_t nvalues;   /* of the stack below the block's parameters */
    uint32_t top;       /* the slot of the next value on that stack */
    uint32_t label;     /* where branches go */
    uint32_t else_label;
    uint32_t stub_label; /* of the br_table being lowered, or NO_LABEL */
    bool has_branch;     /* somebody branches to the label */
    uint32_t weight;     /* outside of the block */
    uint32_t outer_try;  /* who catches around the block; or WRT_NO_TRY */
    uint32_t inner_try;  /* who catches in it: in this part of it */
    uint32_t own_try;    /* TRY, CATCH: the one that its clauses belong to */
    uint32_t exn_slot;   /* TRY, CATCH: of the reference that rethrow takes */
};

struct lower {
    const struct wrt_module *module;
    const struct wrt_func *func;
    const struct wrt_finfo *info;
    struct wrt_arena *scratch;
    struct wrt_ir_list *list;
    bool sums; /* sums as addresses: FAST, and memory 0 has guard pages */

    struct value *values;
    uint32_t nvalues;
    uint32_t top;         /* the slot of the next value */
    uint32_t flushed;     /* values below need no flush */
    struct use *uses;     /* by `local` of values; nobody asks about 0 */
    struct value *locals; /* what local.get pushes, apart from its home */
    /* Vector constants of loops, which have slots of their own: locals from
     * info->nlocals on, that nobody writes. */
    const uint8_t **consts;
    uint32_t nconsts;
    struct cached acc, facc;

    struct frame *frames;
    uint32_t nframes;
    bool reachable;
    uint32_t skipped; /* blocks opened in unreachable code */

    uint32_t current_try;  /* who catches here; or WRT_NO_TRY */
    uint32_t nested_tries; /* blocks of kind TRY and CATCH that are open */
    uint32_t deepest_try;  /* how many of them are ever open at once */
    uint32_t first_exn;    /* their slots for references, by nesting */

    const uint8_t *at; /* the instruction */
    uint32_t weight;

    bool has_samples;
    unsigned trace_kinds; /* of wasmrt_trace_kinds */
    bool has_told_begin;  /* of the function */
    bool has_fuel;
    size_t fuel_ir;         /* the FUEL of the current basic block, or NO_IR */
    const uint32_t *stop;   /* see wrt_error_if_stopped() */
    const uint8_t *look_at; /* where in the body it is asked next */
};

/* How a WebAssembly instruction is lowered: rows of iop.def by opcode. */
struct lower_row {
    uint8_t shape; /* enum wrt_shape; NONE: by hand */
    uint16_t iop;
};

extern const struct lower_row wrt_lower_rows[WRT_OP_COUNT];

/* The block that a branch of this depth goes to. */
WRT_INLINE struct frame *frame_at(struct lower *l, uint32_t depth)
{
    return &l->frames[l->nframes - 1 - depth];
}

/* Whether values of the type are computed in the float accumulator. */
WRT_INLINE bool is_float(wrt_valtype type)
{
    return type == WRT_KIND_F32 || type == WRT_KIND_F64 ||
           type == WRT_KIND_V128;
}

/* Whether a constant fits the 16-bit field, sign-extended. */
WRT_INLINE bool fits_k(uint64_t bits)
{
    return (int64_t)bits >= INT16_MIN && (int64_t)bits <= INT16_MAX;
}

WRT_INLINE void lower_set_operands(struct wrt_ir *ir, const struct wrt_ir *from)
{
    ir->ka = from->ka;
    ir->kb = from->kb;
    ir->a = from->a;
    ir->b = from->b;
    ir->imm = from->imm;
}

/* A reader of the function's instructions. */
WRT_INLINE struct wrt_reader wrt_lower_reader(const struct lower *l)
{
    struct wrt_reader r;

    wrt_reader_init(&r, l->func->body, l->func->body_len);
    r.pos += l->info->code_start;
    return r;
}

/* -- The operand stack ----------------------------------------------------- */

WRT_INLINE struct value *wrt_lower_push(struct lower *l, wrt_valtype type)
{
    struct value *v = &l->values[l->nvalues++];

    WRT_ASSERT(l->nvalues <= l->info->max_height,
               "validation computed the greatest height");
    *v = (struct value){
        .kind = VALUE_TEMP, .type = type, .slot = l->top, .home = l->top};
    l->top += wrt_valtype_slots(type);
    return v;
}

/* The value stays where it is until the next one is pushed. */
WRT_INLINE struct value *wrt_lower_pop(struct lower *l)
{
    struct value *v = &l->values[--l->nvalues];

    l->uses[v->local].pending--;
    l->top = v->home;
    return v;
}

WRT_INLINE void wrt_lower_local_get(struct lower *l, uint32_t local)
{
    struct value *v = &l->values[l->nvalues++];

    *v = l->locals[local];
    v->home = l->top;
    l->top += wrt_valtype_slots(v->type);
    l->uses[local + 1].pending++;
}

WRT_INLINE void wrt_lower_const(struct lower *l, wrt_valtype type,
                                uint64_t bits)
{
    struct value *v = wrt_lower_push(l, type);

    v->kind = VALUE_CONST;
    v->slot = CONST_SLOT;
    v->bits = bits;
}

/* It is in its own slot from now on. */
WRT_INLINE void wrt_lower_settled(struct value *v)
{
    v->kind = VALUE_TEMP;
    v->slot = v->home;
    v->local = 0;
}

/* -- lower.c: values ------------------------------------------------------- */

void wrt_lower_grow(struct lower *l);
void wrt_lower_forget(struct lower *l);
void wrt_lower_pin_stores(struct lower *l);
void wrt_lower_move_to(struct lower *l, const struct value *v, uint32_t to);
void wrt_lower_materialize_top(struct lower *l, uint32_t count,
                               uint32_t except);
void wrt_lower_flush_locals(struct lower *l, uint32_t except);
void wrt_lower_local_set(struct lower *l, uint32_t local, struct value *v);
void wrt_lower_ibin(struct lower *l, const struct lower_row *row,
                    wrt_valtype type, bool commutes);
void wrt_lower_iun(struct lower *l, const struct lower_row *row,
                   wrt_valtype type);
void wrt_lower_fbin(struct lower *l, const struct lower_row *row,
                    wrt_valtype type);
void wrt_lower_fun(struct lower *l, const struct lower_row *row,
                   wrt_valtype type);

/* Brings a constant to its slot, where it cannot be part of an instruction. */
void wrt_lower_settle_const(struct lower *l, struct value *v);
/* Drops the last instruction; what the accumulator holds is unknown then. */
void wrt_lower_drop_last(struct lower *l);

/* -- lower_hot.c: the frequent instructions -------------------------------- */

/* Lowers up to the first instruction that is not a frequent one. */
void wrt_lower_hot(struct lower *l, struct wrt_reader *r);

/* -- lower_func.c: variables, selects -------------------------------------- */

void wrt_lower_global_get(struct lower *l, uint32_t index);
void wrt_lower_global_set(struct lower *l, uint32_t index);
void wrt_lower_select(struct lower *l);
void wrt_lower_retype(struct lower *l, wrt_valtype type);

/* -- lower_mem.c: loads, stores and indices -------------------------------- */

void wrt_lower_load(struct lower *l, const struct lower_row *row,
                    const struct wrt_memarg *memarg, wrt_valtype type);
void wrt_lower_store(struct lower *l, const struct lower_row *row,
                     const struct wrt_memarg *memarg);

/* An atomic instruction: operands as its signature says; type is the result's,
 * if it has one. */
void wrt_lower_atomic(struct lower *l, const struct wrt_insn *insn,
                      uint32_t iop, wrt_valtype type);

/* The 64-bit index of a table on the stack becomes one of 32 bits that is in
 * bounds when it was. */
void wrt_lower_clamp_index(struct lower *l);

/* -- lower_vec.c: vectors -------------------------------------------------- */

/* Rows of the shapes that only vectors have. */
void wrt_lower_vec_row(struct lower *l, const struct lower_row *row,
                       const struct wrt_insn *insn, wrt_valtype type);
void wrt_lower_vec_const(struct lower *l, const uint8_t bytes[16]);
/* v128.loadN_lane, v128.storeN_lane. */
void wrt_lower_load_lane(struct lower *l, const struct wrt_insn *insn);
void wrt_lower_store_lane(struct lower *l, const struct wrt_insn *insn);
/* Finds the constants that are to have slots; then sets them, at the body's
 * beginning.  False when memory is exhausted. */
wasmrt_error *wrt_lower_find_consts(struct lower *l);
void wrt_lower_set_consts(struct lower *l);

/* -- lower_ctrl.c: control flow -------------------------------------------- */

bool wrt_lower_open_body(struct lower *l);
void wrt_lower_block(struct lower *l, const struct wrt_insn *insn);
void wrt_lower_else(struct lower *l);
/* False when the function's body has ended. */
bool wrt_lower_end(struct lower *l);
void wrt_lower_br(struct lower *l, uint32_t depth);
void wrt_lower_br_if(struct lower *l, uint32_t depth);
void wrt_lower_br_table(struct lower *l, const struct wrt_insn *insn);
void wrt_lower_br_on_null(struct lower *l, uint32_t depth);
void wrt_lower_br_on_non_null(struct lower *l, uint32_t depth);
void wrt_lower_unreachable(struct lower *l);
void wrt_lower_eqz(struct lower *l, const struct lower_row *row);
void wrt_lower_ref_as_non_null(struct lower *l);

/* Emits an instruction that looks at the reference on top of the stack and
 * leaves it there. */
struct wrt_ir *wrt_lower_look(struct lower *l, enum wrt_shape shape,
                              uint32_t iop);
void wrt_lower_br_on_cast(struct lower *l, const struct wrt_insn *insn);

/* -- lower_trace.c: what is told of ---------------------------------------- */

/* Before each instruction, and before a return. */
void wrt_lower_trace_insn(struct lower *l, const struct wrt_insn *insn);
void wrt_lower_trace_return(struct lower *l);

/* -- lower_ref.c: structs, arrays, i31, casts ------------------------------ */

/* False for an instruction that is none of these. */
bool wrt_lower_ref(struct lower *l, const struct wrt_insn *insn);

/* The operation that tests for a type, and what it is told.  The forms that
 * trap and that branch follow it in the enumeration. */
uint32_t wrt_lower_test(const struct lower *l, wrt_valtype type, uint64_t *imm);

/* Parts of blocks, for lower_try.c. */
uint32_t wrt_lower_new_label(struct lower *l);
void wrt_lower_place_label(struct lower *l, uint32_t label);
void wrt_lower_open_frame(struct lower *l, const struct wrt_insn *insn,
                          const struct wrt_block_sig *sig);
/* Ends a part of a block: its results, if control gets there, go on behind the
 * block's end. */
void wrt_lower_end_part(struct lower *l, struct frame *frame);
/* The stack as it is below the frame, then count values in their slots. */
void wrt_lower_reset_stack(struct lower *l, const struct frame *frame,
                           const wrt_valtype *types, uint32_t count);

/* -- lower_try.c: exceptions ----------------------------------------------- */

/* How deep blocks of the older try are nested, for assigning their slots. */
WRT_MUST_USE wasmrt_error *wrt_lower_count_tries(struct lower *l);
/* From here on the try catches. */
void wrt_lower_enter_try(struct lower *l, uint32_t try_idx);
void wrt_lower_try_table(struct lower *l, const struct wrt_insn *insn);
void wrt_lower_try(struct lower *l, const struct wrt_insn *insn);
void wrt_lower_catch(struct lower *l, const struct wrt_insn *insn);
void wrt_lower_delegate(struct lower *l, uint32_t depth);
void wrt_lower_throw(struct lower *l, uint32_t tag);
void wrt_lower_throw_ref(struct lower *l);
void wrt_lower_rethrow(struct lower *l, uint32_t depth);

/* -- lower_call.c: calls and returns --------------------------------------- */

void wrt_lower_return(struct lower *l);
void wrt_lower_call(struct lower *l, const struct wrt_insn *insn);
void wrt_lower_call_indirect(struct lower *l, const struct wrt_insn *insn);

#endif
