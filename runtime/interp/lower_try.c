/*
 * Lowering of exceptions: blocks that catch, and what throws.
 *
 * A block that catches emits no code.  It says from where to where it is asked
 * (regions), and for each clause, where control goes and which slots receive
 * the payload and the reference to the exception.  What lies on the stack below
 * a block is in its slots since the block was entered, and locals always are,
 * so a handler finds all that it may look at.
 *
 * A handler of try_table is the label of a block around it.  In the older form
 * handlers are parts of the block, and rethrow names one: so each nesting of
 * such blocks has a slot below the operands for the reference.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/lower_emit.h"

/* -- Tables ---------------------------------------------------------------- */

/* Room for one more item; false when memory is exhausted. */
static bool reserve(struct lower *l, void **items, size_t count,
                    size_t *capacity, size_t elem)
{
    size_t more = *capacity ? *capacity * 2 : 8;
    void *grown;

    if (count < *capacity)
        return true;
    grown = wrt_arena_array(l->scratch, more, elem);
    if (!grown)
        return false;
    if (count)
        memcpy(grown, *items, count * elem);
    *items = grown;
    *capacity = more;
    return true;
}

/* A block inside of the current one that catches.  When memory is exhausted it
 * is the current one, and the arena's failure ends the walk. */
static uint32_t add_try(struct lower *l)
{
    struct wrt_ir_list *list = l->list;
    void *items = list->tries;

    if (!reserve(l, &items, list->ntries, &list->tries_capacity,
                 sizeof(*list->tries)))
        return l->current_try;
    list->tries = items;
    list->tries[list->ntries] = (struct wrt_ir_try){
        .parent = l->current_try,
        .first = WRT_NO_CLAUSE,
        .last = WRT_NO_CLAUSE,
    };
    return (uint32_t)list->ntries++;
}

/* Clauses are asked in the order in which they are added. */
static void add_clause(struct lower *l, uint32_t try_idx,
                       const struct wrt_ir_clause *clause)
{
    struct wrt_ir_list *list = l->list;
    void *items = list->clauses;
    struct wrt_ir_try *try;

    if (!reserve(l, &items, list->nclauses, &list->clauses_capacity,
                 sizeof(*list->clauses)) ||
        l->scratch->failed)
        return;
    list->clauses = items;
    list->clauses[list->nclauses] = *clause;
    try = &list->tries[try_idx];
    if (try->last == WRT_NO_CLAUSE)
        try->first = (uint32_t)list->nclauses;
    else
        list->clauses[try->last].next = (uint32_t)list->nclauses;
    try->last = (uint32_t)list->nclauses++;
}

void wrt_lower_enter_try(struct lower *l, uint32_t try_idx)
{
    if (l->current_try == try_idx)
        return;
    l->current_try = try_idx;
    wrt_lower_emit(l, WRT_SHAPE_REGION, WRT_IOP_NONE)->imm = try_idx;
}

static const struct wrt_type *tag_type(const struct lower *l, uint32_t tag)
{
    return wrt_types_get(l->module->types, l->module->tags[tag].type_id);
}

/* -- try_table ------------------------------------------------------------- */

/* One clause; its label is that of a block around the try_table. */
static void add_table_clause(struct lower *l, uint32_t try_idx,
                             const struct wrt_catch *catch)
{
    const bool has_tag = catch->kind <= WRT_CATCH_REF;
    const bool has_ref =
        catch->kind == WRT_CATCH_REF || catch->kind == WRT_CATCH_ALL_REF;
    struct frame *frame = frame_at(l, catch->label);
    uint32_t slot = frame->top;
    uint32_t behind =
        slot + (has_tag ? tag_type(l, catch->tag)->param_slots : 0);

    frame->has_branch = true;
    add_clause(l, try_idx,
               &(struct wrt_ir_clause){
                   .tag = has_tag ? catch->tag : WRT_ANY_TAG,
                   .label = frame->label,
                   .payload = slot,
                   .exn = has_ref ? behind : WRT_NO_EXN,
                   .next = WRT_NO_CLAUSE,
               });
}

/* Opens a block as far as the stack is concerned. */
static void open_block(struct lower *l, const struct wrt_insn *insn)
{
    struct wrt_block_sig sig = wrt_block_sig(l->module, &insn->imm.block);

    wrt_lower_materialize_top(l, sig.nparams, 0);
    wrt_lower_flush_locals(l, 0);
    wrt_lower_open_frame(l, insn, &sig);
}

void wrt_lower_try_table(struct lower *l, const struct wrt_insn *insn)
{
    struct wrt_reader r = wrt_lower_reader(l);
    struct wrt_catch catch;
    uint32_t try_idx;

    if (!l->reachable) {
        l->skipped++;
        return;
    }
    try_idx = add_try(l);
    r.pos = insn->imm.try_table.catches;
    for (uint32_t i = 0; i < insn->imm.try_table.ncatches; i++) {
        wrt_catch_read(&r, &catch);
        add_table_clause(l, try_idx, &catch);
    }
    open_block(l, insn);
    frame_at(l, 0)->inner_try = try_idx;
    wrt_lower_enter_try(l, try_idx);
}

/* -- The older form -------------------------------------------------------- */

wasmrt_error *wrt_lower_count_tries(struct lower *l)
{
    struct wrt_reader r = wrt_lower_reader(l);
    struct wrt_insn insn;
    uint32_t nframes = 1, ntries = 0;
    bool *is_try;

    if (!l->info->has_try)
        return NULL;
    is_try = wrt_arena_array(l->scratch, (size_t)l->info->max_nesting + 1,
                             sizeof(*is_try));
    if (!is_try)
        return wrt_error_oom();
    while (nframes > 0) {
        WRT_TRY(wrt_error_if_stopped(l->stop));
        wrt_insn_read(l->module, &r, &insn);
        switch (insn.op) {
        case WRT_OP_BLOCK:
        case WRT_OP_LOOP:
        case WRT_OP_IF:
        case WRT_OP_TRY_TABLE:
        case WRT_OP_TRY:
            is_try[nframes] = insn.op == WRT_OP_TRY;
            ntries += is_try[nframes++];
            l->deepest_try = WRT_MAX(l->deepest_try, ntries);
            break;
        case WRT_OP_END:
        case WRT_OP_DELEGATE: ntries -= is_try[--nframes]; break;
        default: break;
        }
    }
    return NULL;
}

void wrt_lower_try(struct lower *l, const struct wrt_insn *insn)
{
    struct frame *frame;

    if (!l->reachable) {
        l->skipped++;
        return;
    }
    open_block(l, insn);
    frame = frame_at(l, 0);
    frame->own_try = frame->inner_try = add_try(l);
    frame->exn_slot = l->first_exn + l->nested_tries++;
    wrt_lower_enter_try(l, frame->inner_try);
}

void wrt_lower_catch(struct lower *l, const struct wrt_insn *insn)
{
    const bool has_tag = insn->op == WRT_OP_CATCH;
    const struct wrt_type *type;
    struct frame *frame = frame_at(l, 0);
    struct wrt_ir_clause clause = {.next = WRT_NO_CLAUSE};

    if (l->skipped)
        return;
    wrt_lower_end_part(l, frame);
    wrt_lower_enter_try(l, frame->outer_try);
    clause.tag = has_tag ? insn->imm.index : WRT_ANY_TAG;
    clause.label = wrt_lower_new_label(l);
    clause.payload = frame->top;
    clause.exn = frame->exn_slot;
    add_clause(l, frame->own_try, &clause);
    wrt_lower_place_label(l, clause.label);
    type = has_tag ? tag_type(l, clause.tag) : NULL;
    wrt_lower_reset_stack(l, frame, has_tag ? wrt_type_params(type) : NULL,
                          has_tag ? type->nparams : 0);
    frame->kind = FRAME_CATCH;
    frame->inner_try = frame->outer_try;
    l->reachable = true;
}

/* What is thrown in the block goes to whoever catches in the target. */
void wrt_lower_delegate(struct lower *l, uint32_t depth)
{
    if (!l->skipped && !l->scratch->failed)
        l->list->tries[frame_at(l, 0)->own_try].parent =
            frame_at(l, depth + 1)->inner_try;
    wrt_lower_end(l);
}

/* -- Throwing -------------------------------------------------------------- */

void wrt_lower_throw(struct lower *l, uint32_t tag)
{
    const struct wrt_type *type = tag_type(l, tag);
    struct wrt_ir *ir;

    wrt_lower_materialize_top(l, type->nparams, 0);
    for (uint32_t i = 0; i < type->nparams; i++)
        wrt_lower_pop(l);
    ir = wrt_lower_emit(l, WRT_SHAPE_THROW, WRT_IOP_THROW);
    ir->imm = tag;
    ir->a = l->top;
    l->reachable = false;
}

void wrt_lower_throw_ref(struct lower *l)
{
    struct value *v = wrt_lower_pop(l);
    struct wrt_ir operands = {0};

    operands.ka = (uint8_t)wrt_lower_int_operand(l, v, &operands.a);
    lower_set_operands(wrt_lower_emit(l, WRT_SHAPE_CHECK, WRT_IOP_THROW_REF),
                       &operands);
    l->reachable = false;
}

void wrt_lower_rethrow(struct lower *l, uint32_t depth)
{
    struct wrt_ir *ir = wrt_lower_emit(l, WRT_SHAPE_CHECK, WRT_IOP_THROW_REF);

    ir->a = frame_at(l, depth)->exn_slot;
    l->reachable = false;
}
