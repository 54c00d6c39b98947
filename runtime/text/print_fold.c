/*
 * The printer: the instructions of an expression become trees.
 *
 * Folding is a matter of syntax alone: "(op a b)" stands for "a b op" whatever
 * they are.  It reads well when the operands are what gives op's values, and
 * so a tree is made exactly when the trees just before op give together as
 * many values as it takes.  Otherwise what came before stands for itself, each
 * tree a statement, and op takes from the stack.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/printer.h"

#include "wasmrt/text.h"

/* -- Statements ------------------------------------------------------------ */

static struct wrt_print_frame *top_frame(struct wrt_printer *p)
{
    return &p->frames.items[p->frames.count - 1];
}

static void make_statement(struct wrt_printer *p, uint32_t root)
{
    struct wrt_print_node *nodes = p->nodes.items;

    nodes[nodes[root].start].root = root;
}

/* Nothing can take the values that wait in the open block any more, without
 * what comes between. */
static void end_pending(struct wrt_printer *p)
{
    uint32_t base = top_frame(p)->base;

    for (size_t i = base; i < p->pending.count; i++)
        make_statement(p, p->pending.items[i].root);
    p->pending.count = base;
}

/* A tree is complete and gives `count` values. */
static bool add_tree(struct wrt_printer *p, uint32_t root, uint32_t count)
{
    struct wrt_print_pending tree = {root, count};

    if (count > 0)
        return wrt_vec_push(p->alloc, &p->pending, tree);
    end_pending(p);
    make_statement(p, root);
    return true;
}

/*
 * Takes the trees that give exactly the last `count` values as operands of
 * `node`, and makes its tree begin with the first of them.  False, and nothing
 * has changed, when there are no such trees.
 */
static bool take_operands(struct wrt_printer *p, uint32_t count,
                          struct wrt_print_node *node)
{
    uint32_t base = top_frame(p)->base, sum = 0;
    size_t i = p->pending.count;

    if (p->flags & WASMRT_PRINT_FLAT)
        return false;
    while (sum < count && i > base)
        sum += p->pending.items[--i].count;
    if (sum != count)
        return false;
    for (size_t k = i; k < p->pending.count; k++) {
        const struct wrt_print_node *operand =
            &p->nodes.items[p->pending.items[k].root];

        if (operand->height >= WRT_PRINT_MAX_HEIGHT)
            return false;
        node->height = WRT_MAX(node->height, (uint8_t)(operand->height + 1));
        if (operand->flags & (WRT_NODE_HAS_BLOCK | WRT_NODE_HAS_HINT))
            node->flags |= WRT_NODE_HAS_BLOCK;
    }
    if (i < p->pending.count)
        node->start = p->nodes.items[p->pending.items[i].root].start;
    p->pending.count = i;
    return true;
}

/* -- Instructions ---------------------------------------------------------- */

static bool add_plain(struct wrt_printer *p, const struct wrt_insn *insn,
                      uint32_t idx)
{
    struct wrt_arity arity = wrt_print_arity(p, insn);
    struct wrt_print_node *node = &p->nodes.items[idx];
    uint8_t flags = node->flags;

    if (arity.pops == 0 || take_operands(p, arity.pops, node))
        return add_tree(p, idx, arity.pushes);
    *node =
        (struct wrt_print_node){.offset = node->offset,
                                .text = node->text,
                                .start = idx,
                                .op = node->op,
                                .flags = (uint8_t)(flags | WRT_NODE_IS_PLAIN)};
    return add_tree(p, idx, 0);
}

/* The operands of a block stand before it, except those of "if". */
static bool open_block(struct wrt_printer *p, const struct wrt_insn *insn,
                       uint32_t idx)
{
    struct wrt_block_sig sig = wrt_block_sig(p->m, &insn->imm.block);
    bool is_if = insn->op == WRT_OP_IF;
    uint32_t pops = sig.nparams + (is_if ? 1u : 0);
    struct wrt_print_node *node = &p->nodes.items[idx];
    struct wrt_print_block block = {.is_target = false};
    struct wrt_print_frame frame = {
        .node = idx,
        .nlabel = insn->op == WRT_OP_LOOP ? sig.nparams : sig.nresults,
        .nresults = sig.nresults,
        .start = idx,
        .height = 1,
    };

    if (is_if && take_operands(p, pops, node)) {
        frame.start = node->start;
        frame.height = WRT_MAX(node->height, (uint8_t)1);
    } else if (pops > 0) {
        end_pending(p);
        frame.is_statement = true;
    }
    node->label = (uint32_t)p->blocks.count;
    frame.base = (uint32_t)p->pending.count;
    return wrt_print_open_label(p, node->label, &block.id) &&
           wrt_vec_push(p->alloc, &p->blocks, block) &&
           wrt_vec_push(p->alloc, &p->frames, frame);
}

/* The end of a block; false when memory is exhausted. */
static bool close_block(struct wrt_printer *p, uint32_t idx)
{
    struct wrt_print_frame frame = *top_frame(p);
    struct wrt_print_node *nodes = p->nodes.items;
    const struct wrt_print_block *block =
        &p->blocks.items[nodes[frame.node].label];

    end_pending(p);
    p->frames.count--;
    wrt_print_close_label(p, &block->id);
    nodes[idx].start = frame.start;
    nodes[idx].link = frame.node;
    nodes[idx].height = frame.height;
    nodes[idx].flags = WRT_NODE_HAS_BLOCK;
    nodes[frame.node].link = idx;
    /* What gave a statement its operands has ended, so nothing waits. */
    return add_tree(p, idx, frame.is_statement ? 0 : frame.nresults);
}

/* The flags of the hint for this instruction, if there is one. */
static uint8_t take_hint(struct wrt_printer *p, const struct wrt_insn *insn)
{
    const struct wrt_hint *hint;

    if (!p->body || p->next_hint == p->hints.count)
        return 0;
    hint = &p->hints.items[p->next_hint];
    if (hint->func_idx != p->func_idx || insn->pos != p->body + hint->offset)
        return 0;
    p->next_hint++;
    return hint->is_likely ? WRT_NODE_HAS_HINT | WRT_NODE_IS_LIKELY
                           : WRT_NODE_HAS_HINT;
}

static bool add_node(struct wrt_printer *p, const struct wrt_insn *insn)
{
    struct wrt_print_node node = {
        .offset = (uint32_t)wrt_module_offset(p->m, insn->pos),
        .text = (uint32_t)p->text.count,
        .start = (uint32_t)p->nodes.count,
        .op = (uint16_t)insn->op,
        .flags = take_hint(p, insn),
    };

    return wrt_vec_push(p->alloc, &p->nodes, node);
}

/* Adds an instruction; false when memory is exhausted. */
static bool add_insn(struct wrt_printer *p, const struct wrt_insn *insn)
{
    uint32_t idx = (uint32_t)p->nodes.count;

    if (!add_node(p, insn))
        return false;
    switch (insn->op) {
    case WRT_OP_BLOCK:
    case WRT_OP_LOOP:
    case WRT_OP_IF:
    case WRT_OP_TRY:
    case WRT_OP_TRY_TABLE:
        /* Labels of handlers are those around the block. */
        wrt_print_insn(p, insn);
        return open_block(p, insn, idx);
    case WRT_OP_ELSE:
    case WRT_OP_CATCH:
    case WRT_OP_CATCH_ALL:
        wrt_print_insn(p, insn);
        end_pending(p);
        return true;
    case WRT_OP_END: wrt_print_insn(p, insn); return close_block(p, idx);
    case WRT_OP_DELEGATE:
        if (!close_block(p, idx))
            return false;
        wrt_print_insn(p, insn);
        return true;
    default: wrt_print_insn(p, insn); return add_plain(p, insn, idx);
    }
}

wasmrt_error *wrt_print_fold(struct wrt_printer *p, struct wrt_reader *r,
                             uint32_t nresults)
{
    struct wrt_print_frame body = {
        .node = WRT_NO_NODE, .nlabel = nresults, .nresults = nresults};
    struct wrt_insn insn;

    p->text.count = p->nodes.count = p->pending.count = 0;
    p->frames.count = p->blocks.count = 0;
    if (!wrt_vec_push(p->alloc, &p->frames, body))
        return wrt_error_oom();
    for (;;) {
        wrt_insn_read(p->m, r, &insn);
        if (insn.op == WRT_OP_END && p->frames.count == 1)
            break;
        if (!add_insn(p, &insn))
            return wrt_error_oom();
        if (p->text.failed || p->text.count > WRT_LIMIT_MODULE_BYTES)
            return wrt_print_check(p);
    }
    end_pending(p);
    /* Behind the last one, so that its text has an end. */
    return add_node(p, &insn) ? NULL : wrt_error_oom();
}
