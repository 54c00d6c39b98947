/*
 * Lowering of control flow: blocks and branches.  Calls and returns are in
 * lower_call.c.
 *
 * Unreachable code is skipped, so the operand stack is always that of real
 * values.  Where control merges, values are in the slots of their heights;
 * validation guarantees that the heights agree, so nothing is ever shuffled.
 * A branch whose values sit higher than its target wants them copies them down
 * first, in ascending order: a target slot is never above its source.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/lower_emit.h"

/* A loop's contents count eight times; deeper than this they are all hot. */
enum { MAX_WEIGHT = 8 * 8 * 8 * 8 * 8 * 8 };

static const uint16_t inverse_of[WRT_IOP_COUNT] = {
#define ICMP(name, t, expr, inverse) [WRT_IOP_##name] = WRT_IOP_##inverse,
#include "runtime/store/iop_rows.h"
};

/* -- Labels and frames ----------------------------------------------------- */

uint32_t wrt_lower_new_label(struct lower *l)
{
    return l->list->nlabels++;
}

void wrt_lower_place_label(struct lower *l, uint32_t label)
{
    struct wrt_ir *ir = wrt_lower_emit(l, WRT_SHAPE_LABEL, WRT_IOP_NONE);

    ir->label = label;
    wrt_lower_forget(l);
}

static void emit_br(struct lower *l, uint32_t label)
{
    wrt_lower_emit(l, WRT_SHAPE_BR, WRT_IOP_BR)->label = label;
}

static struct frame *top_frame(struct lower *l)
{
    return &l->frames[l->nframes - 1];
}

static bool is_body(const struct lower *l, const struct frame *frame)
{
    return frame == l->frames;
}

/* How many values a branch to the frame takes along. */
static uint32_t arity(const struct frame *frame)
{
    return frame->kind == FRAME_LOOP ? frame->sig.nparams : frame->sig.nresults;
}

void wrt_lower_reset_stack(struct lower *l, const struct frame *frame,
                           const wrt_valtype *types, uint32_t count)
{
    while (l->nvalues > frame->nvalues)
        wrt_lower_pop(l);
    l->nvalues = frame->nvalues;
    l->top = frame->top;
    for (uint32_t i = 0; i < count; i++)
        wrt_lower_push(l, types[i]);
}

/* The function's own frame; its results are the function's. */
bool wrt_lower_open_body(struct lower *l)
{
    struct frame *frame;
    const struct wrt_type *type = l->info->type;

    l->frames = wrt_arena_raw(l->scratch, (size_t)l->info->max_nesting + 1,
                              sizeof(*l->frames));
    if (!l->frames)
        return false;
    frame = &l->frames[l->nframes++];
    *frame = (struct frame){
        .kind = FRAME_BLOCK,
        .sig = {.nresults = type->nresults, .results = wrt_type_results(type)},
        .top = l->top,
        .label = wrt_lower_new_label(l),
        .stub_label = NO_LABEL,
        .weight = l->weight,
        .outer_try = WRT_NO_TRY,
        .inner_try = WRT_NO_TRY,
    };
    l->reachable = true;
    return true;
}

/* -- Conditions ------------------------------------------------------------ */

/* The compare that computed v, when it is the last instruction and nobody else
 * can see its result. */
static struct wrt_ir *last_compare(struct lower *l, const struct value *v)
{
    struct wrt_ir *ir = wrt_lower_producer(l, &l->acc, v);

    return ir && (ir->shape == WRT_SHAPE_ICMP || ir->shape == WRT_SHAPE_FCMP)
               ? ir
               : NULL;
}

static void invert(struct wrt_ir *compare)
{
    if (compare->shape == WRT_SHAPE_FCMP)
        compare->negate = !compare->negate;
    else
        compare->iop = inverse_of[compare->iop];
}

/* i32.eqz and i64.eqz: a compare turns around, others compare with 0. */
void wrt_lower_eqz(struct lower *l, const struct lower_row *row)
{
    struct value *v = wrt_lower_pop(l);
    struct wrt_ir *ir = last_compare(l, v);
    struct wrt_ir operands = {.kb = WRT_CLASS_K};

    if (ir && row->iop == WRT_IOP_I32_EQ) {
        invert(ir);
        wrt_lower_push(l, WRT_KIND_I32);
        return;
    }
    operands.ka = (uint8_t)wrt_lower_int_operand(l, v, &operands.a);
    ir = wrt_lower_emit(l, WRT_SHAPE_ICMP, row->iop);
    lower_set_operands(ir, &operands);
    wrt_lower_int_result(l, ir, wrt_lower_push(l, WRT_KIND_I32)->slot);
}

/* A branch to label when the popped condition is (not) zero. */
static void branch_if(struct lower *l, struct value *v, bool nonzero,
                      uint32_t label)
{
    struct wrt_ir *ir = last_compare(l, v);
    struct wrt_ir operands = {.kb = WRT_CLASS_K};

    if (v->kind == VALUE_CONST) {
        if (((uint32_t)v->bits != 0) == nonzero)
            emit_br(l, label);
        return;
    }
    if (ir) {
        if (!nonzero)
            invert(ir);
        ir->shape =
            ir->shape == WRT_SHAPE_FCMP ? WRT_SHAPE_FCMP_BR : WRT_SHAPE_ICMP_BR;
        ir->label = label;
        ir->writes_int = false;
        /* The accumulator keeps what it had before the compare. */
        l->acc.slot = NO_SLOT;
        return;
    }
    operands.ka = (uint8_t)wrt_lower_int_operand(l, v, &operands.a);
    ir = wrt_lower_emit(l, WRT_SHAPE_ICMP_BR,
                        nonzero ? WRT_IOP_I32_NE : WRT_IOP_I32_EQ);
    lower_set_operands(ir, &operands);
    ir->label = label;
}

/* -- Blocks ---------------------------------------------------------------- */

void wrt_lower_open_frame(struct lower *l, const struct wrt_insn *insn,
                          const struct wrt_block_sig *sig)
{
    struct frame *frame = &l->frames[l->nframes++];
    uint32_t param_slots = 0;

    WRT_ASSERT(l->nframes <= l->info->max_nesting + 1,
               "validation counted the nesting");
    for (uint32_t i = 0; i < sig->nparams; i++)
        param_slots += wrt_valtype_slots(sig->params[i]);
    *frame = (struct frame){
        .kind = insn->op == WRT_OP_LOOP  ? FRAME_LOOP
                : insn->op == WRT_OP_IF  ? FRAME_IF
                : insn->op == WRT_OP_TRY ? FRAME_TRY
                                         : FRAME_BLOCK,
        .sig = *sig,
        .single = insn->imm.block.value,
        .nvalues = l->nvalues - sig->nparams,
        .top = l->top - param_slots,
        .label = wrt_lower_new_label(l),
        .else_label = NO_LABEL,
        .stub_label = NO_LABEL,
        .weight = l->weight,
        .outer_try = l->current_try,
        .inner_try = l->current_try,
    };
    if (insn->imm.block.form == WRT_BLOCK_VALUE)
        frame->sig.results = &frame->single;
    l->flushed = frame->nvalues;
}

void wrt_lower_block(struct lower *l, const struct wrt_insn *insn)
{
    struct wrt_block_sig sig;
    uint32_t except = insn->op == WRT_OP_IF ? 1 : 0;

    if (!l->reachable) {
        l->skipped++;
        return;
    }
    sig = wrt_block_sig(l->module, &insn->imm.block);
    wrt_lower_materialize_top(l, sig.nparams, except);
    wrt_lower_flush_locals(l, except);
    if (insn->op == WRT_OP_IF) {
        struct value *condition = wrt_lower_pop(l);

        wrt_lower_open_frame(l, insn, &sig);
        top_frame(l)->else_label = wrt_lower_new_label(l);
        branch_if(l, condition, false, top_frame(l)->else_label);
        wrt_lower_pin_stores(l);
        return;
    }
    wrt_lower_open_frame(l, insn, &sig);
    if (insn->op == WRT_OP_LOOP) {
        wrt_lower_place_label(l, top_frame(l)->label);
        l->weight = WRT_MIN(l->weight * 8, (uint32_t)MAX_WEIGHT);
    }
}

void wrt_lower_end_part(struct lower *l, struct frame *frame)
{
    if (!l->reachable)
        return;
    wrt_lower_materialize_top(l, frame->sig.nresults, 0);
    emit_br(l, frame->label);
    frame->has_branch = true;
}

void wrt_lower_else(struct lower *l)
{
    struct frame *frame = top_frame(l);

    if (l->skipped)
        return;
    wrt_lower_end_part(l, frame);
    frame->kind = FRAME_ELSE;
    wrt_lower_place_label(l, frame->else_label);
    wrt_lower_reset_stack(l, frame, frame->sig.params, frame->sig.nparams);
    l->reachable = true;
}

/* The end of the function: one return for falling out, one for branches. */
static bool end_body(struct lower *l, struct frame *frame)
{
    if (l->reachable)
        wrt_lower_return(l);
    if (frame->has_branch) {
        wrt_lower_place_label(l, frame->label);
        wrt_lower_reset_stack(l, frame, frame->sig.results,
                              frame->sig.nresults);
        l->reachable = true;
        wrt_lower_return(l);
    }
    return false;
}

bool wrt_lower_end(struct lower *l)
{
    struct frame *frame = top_frame(l);

    if (l->skipped) {
        l->skipped--;
        return true;
    }
    if (is_body(l, frame))
        return end_body(l, frame);
    if (l->reachable)
        wrt_lower_materialize_top(l, frame->sig.nresults, 0);
    wrt_lower_enter_try(l, frame->outer_try);
    if (frame->kind == FRAME_TRY || frame->kind == FRAME_CATCH)
        l->nested_tries--;
    if (frame->kind == FRAME_IF) {
        /* No else: the parameters are the results. */
        wrt_lower_place_label(l, frame->else_label);
        l->reachable = true;
    }
    if (frame->has_branch && frame->kind != FRAME_LOOP) {
        wrt_lower_place_label(l, frame->label);
        l->reachable = true;
    }
    wrt_lower_reset_stack(l, frame, frame->sig.results, frame->sig.nresults);
    l->weight = frame->weight;
    l->nframes--;
    l->flushed = top_frame(l)->nvalues;
    return true;
}

/* -- Branches -------------------------------------------------------------- */

/* Whether the topmost values are where a branch to the frame wants them. */
static bool in_place(const struct lower *l, const struct frame *frame)
{
    uint32_t n = arity(frame);
    uint32_t slot = frame->top;

    for (uint32_t i = l->nvalues - n; i < l->nvalues; i++) {
        const struct value *v = &l->values[i];

        if (v->kind != VALUE_TEMP || v->slot != slot)
            return false;
        slot += wrt_valtype_slots(v->type);
    }
    return true;
}

/* Copies them there; the stack itself stays as it is. */
static void move_values(struct lower *l, const struct frame *frame)
{
    uint32_t n = arity(frame);
    uint32_t slot = frame->top;

    for (uint32_t i = l->nvalues - n; i < l->nvalues; i++) {
        wrt_lower_move_to(l, &l->values[i], slot);
        slot += wrt_valtype_slots(l->values[i].type);
    }
}

void wrt_lower_br(struct lower *l, uint32_t depth)
{
    struct frame *frame = frame_at(l, depth);

    if (is_body(l, frame)) {
        wrt_lower_return(l);
        return;
    }
    move_values(l, frame);
    emit_br(l, frame->label);
    frame->has_branch = true;
    l->reachable = false;
}

/* A branch to the frame that takes its values along, between another branch,
 * over it, and where that leads. */
static void carry_over(struct lower *l, const struct frame *frame,
                       uint32_t skip)
{
    wrt_lower_pin_stores(l);
    move_values(l, frame);
    emit_br(l, frame->label);
    wrt_lower_place_label(l, skip);
}

void wrt_lower_br_if(struct lower *l, uint32_t depth)
{
    struct frame *frame = frame_at(l, depth);
    struct value *condition = wrt_lower_pop(l);
    uint32_t skip;

    frame->has_branch = true;
    if (in_place(l, frame)) {
        branch_if(l, condition, true, frame->label);
    } else {
        skip = wrt_lower_new_label(l);
        branch_if(l, condition, false, skip);
        carry_over(l, frame, skip);
    }
    if (arity(frame) > 0)
        wrt_lower_pin_stores(l);
}

/* Where a br_table's entry goes: the target, or a stub that moves values. */
static uint32_t table_label(struct lower *l, struct frame *frame)
{
    frame->has_branch = true;
    if (in_place(l, frame))
        return frame->label;
    if (frame->stub_label == NO_LABEL)
        frame->stub_label = wrt_lower_new_label(l);
    return frame->stub_label;
}

/* The stub of one target, once. */
static void place_stub(struct lower *l, struct frame *frame)
{
    if (frame->stub_label == NO_LABEL)
        return;
    wrt_lower_place_label(l, frame->stub_label);
    frame->stub_label = NO_LABEL;
    move_values(l, frame);
    emit_br(l, frame->label);
}

void wrt_lower_br_table(struct lower *l, const struct wrt_insn *insn)
{
    struct value *index = wrt_lower_pop(l);
    uint32_t count = insn->imm.count;
    struct wrt_reader r;
    struct wrt_ir operands = {0}, *ir;

    operands.ka = (uint8_t)wrt_lower_int_operand(l, index, &operands.a);
    ir = wrt_lower_emit(l, WRT_SHAPE_BR_TABLE, WRT_IOP_BR_TABLE);
    lower_set_operands(ir, &operands);
    ir->b = count;
    wrt_reader_init(&r, insn->imm.targets, (size_t)count * 5 + 5);
    for (uint32_t i = 0; i <= count; i++) {
        struct frame *frame = frame_at(l, wrt_read_u32(&r));
        uint32_t label = table_label(l, frame);

        wrt_lower_emit(l, WRT_SHAPE_TARGET, WRT_IOP_NONE)->label = label;
    }
    wrt_reader_init(&r, insn->imm.targets, (size_t)count * 5 + 5);
    for (uint32_t i = 0; i <= count; i++)
        place_stub(l, frame_at(l, wrt_read_u32(&r)));
    l->reachable = false;
}

/* -- Null and casts -------------------------------------------------------- */

/* The reference on top of the stack, in a slot. */
static struct value *top_reference(struct lower *l)
{
    struct value *v = &l->values[l->nvalues - 1];

    if (v->kind == VALUE_CONST)
        wrt_lower_materialize_top(l, 1, 0);
    return v;
}

/* Emits an instruction that looks at a reference, which stays on the stack: so
 * its store is not dropped, wherever the operand is taken from. */
static struct wrt_ir *emit_look(struct lower *l, const struct value *v,
                                enum wrt_shape shape, uint32_t iop)
{
    struct wrt_ir *ir = wrt_lower_emit(l, shape, iop);

    ir->a = v->slot;
    if (FAST && l->acc.slot == v->slot)
        ir->ka = WRT_CLASS_A;
    else
        wrt_lower_count_use(l, v);
    return ir;
}

/* What a branch asks of a reference. */
struct question {
    uint16_t shape, iop;
    bool negate;  /* the branch is taken when the answer is no */
    uint64_t imm; /* casts */
};

static void branch_on(struct lower *l, const struct value *v,
                      const struct question *q, bool answer, uint32_t label)
{
    const bool negate = q->negate == answer;
    struct wrt_ir *ir = emit_look(l, v, (enum wrt_shape)q->shape, q->iop);

    if (q->shape == WRT_SHAPE_ICMP_BR) {
        ir->kb = WRT_CLASS_K;
        if (negate)
            ir->iop = inverse_of[ir->iop];
    }
    ir->negate = negate;
    ir->imm = q->imm;
    ir->label = label;
}

/* A branch to the frame, with the topmost values, by what v is. */
static void pass_on(struct lower *l, const struct value *v,
                    const struct question *q, struct frame *frame)
{
    frame->has_branch = true;
    if (in_place(l, frame)) {
        branch_on(l, v, q, true, frame->label);
    } else {
        uint32_t skip = wrt_lower_new_label(l);

        branch_on(l, v, q, false, skip);
        carry_over(l, frame, skip);
    }
    if (arity(frame) > 0)
        wrt_lower_pin_stores(l);
}

/* The reference is not among the values that the branch takes along. */
void wrt_lower_br_on_null(struct lower *l, uint32_t depth)
{
    const struct question is_null = {WRT_SHAPE_ICMP_BR, WRT_IOP_I64_EQ, false,
                                     0};
    struct value v = *top_reference(l);

    wrt_lower_pop(l);
    pass_on(l, &v, &is_null, frame_at(l, depth));
    if (v.kind == VALUE_LOCAL)
        wrt_lower_local_get(l, v.local - 1);
    else
        wrt_lower_push(l, v.type);
}

void wrt_lower_br_on_non_null(struct lower *l, uint32_t depth)
{
    const struct question is_not_null = {WRT_SHAPE_ICMP_BR, WRT_IOP_I64_NE,
                                         false, 0};

    pass_on(l, top_reference(l), &is_not_null, frame_at(l, depth));
    wrt_lower_pop(l);
}

/* The reference goes along, and stays. */
void wrt_lower_br_on_cast(struct lower *l, const struct wrt_insn *insn)
{
    struct question fits = {.shape = WRT_SHAPE_CAST_BR,
                            .negate = insn->op == WRT_OP_BR_ON_CAST_FAIL};

    fits.iop = (uint16_t)(wrt_lower_test(l, insn->imm.cast.to, &fits.imm) +
                          WRT_IUN_COUNT + WRT_CAST_COUNT);
    pass_on(l, top_reference(l), &fits, frame_at(l, insn->imm.cast.label));
}

struct wrt_ir *wrt_lower_look(struct lower *l, enum wrt_shape shape,
                              uint32_t iop)
{
    return emit_look(l, top_reference(l), shape, iop);
}

void wrt_lower_ref_as_non_null(struct lower *l)
{
    wrt_lower_look(l, WRT_SHAPE_CHECK, WRT_IOP_REF_AS_NON_NULL);
}

void wrt_lower_unreachable(struct lower *l)
{
    wrt_lower_emit(l, WRT_SHAPE_PLAIN, WRT_IOP_UNREACHABLE);
    l->reachable = false;
}
