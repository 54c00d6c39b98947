/*
 * The printer: trees become lines.
 *
 * What fits on a line is written on one.  Otherwise each operand has a line of
 * its own, indented, and so have the statements of a block.  What is left to
 * print stands on p->tasks, the next on top: there is no recursion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/printer.h"

#include "runtime/module/type_read.h"
#include "wasmrt/text.h"

enum task_kind {
    TASK_LINE,       /* a tree, on a new line */
    TASK_INLINE,     /* a tree without blocks, on this one */
    TASK_END_INLINE, /* its parenthesis */
    TASK_END_LINES,  /* that of a tree whose operands have lines */
    TASK_BEGIN,      /* the body of the block that begins with this node */
    TASK_BODY,       /* what of a body is left from this node on */
};

static bool push(struct wrt_printer *p, enum task_kind kind, uint32_t node)
{
    struct wrt_print_task task = {(uint8_t)kind, node};

    return wrt_vec_push(p->alloc, &p->tasks, task);
}

/* The text of a node, which may be empty. */
static void put_node(struct wrt_printer *p, uint32_t idx)
{
    const struct wrt_print_node *node = &p->nodes.items[idx];

    wrt_buf_bytes(&p->out, p->text.items + node->text,
                  node[1].text - node->text);
}

/* Whether the nodes from first to last have place on the current line. */
static bool fits(const struct wrt_printer *p, uint32_t first, uint32_t last)
{
    const struct wrt_print_node *nodes = p->nodes.items;
    size_t width = nodes[last + 1].text - nodes[first].text;

    /* Two parentheses and a blank each. */
    width += (size_t)(last - first + 1) * 3;
    return wrt_print_column(p) + width <= WRT_PRINT_COLUMNS;
}

/* The trees from node `start` on that end just before node `end`, as tasks;
 * the first one ends up on top. */
static bool push_operands(struct wrt_printer *p, enum task_kind kind,
                          uint32_t start, uint32_t end)
{
    while (end > start) {
        if (!push(p, kind, end - 1))
            return false;
        end = p->nodes.items[end - 1].start;
    }
    return true;
}

/* Whether any tree among these operands needs more than a line. */
static bool need_lines(const struct wrt_printer *p, uint32_t start,
                       uint32_t end)
{
    while (end > start) {
        if (p->nodes.items[end - 1].flags &
            (WRT_NODE_HAS_BLOCK | WRT_NODE_HAS_HINT))
            return true;
        end = p->nodes.items[end - 1].start;
    }
    return false;
}

/* -- Blocks ---------------------------------------------------------------- */

/* " $l", or a comment with the number by which branches name the block. */
static void put_block_label(struct wrt_printer *p, uint32_t label)
{
    const struct wrt_print_block *block = &p->blocks.items[label];

    wrt_print_binding(p, &block->id);
    if (block->is_target) {
        wrt_put_text(&p->out, " (;@");
        wrt_put_uint(&p->out, label);
        wrt_put_text(&p->out, ";)");
    }
}

static void put_block_head(struct wrt_printer *p, uint32_t first)
{
    const struct wrt_print_node *node = &p->nodes.items[first];

    wrt_put_text(&p->out, wrt_op_infos[node->op].text);
    put_block_label(p, node->label);
    put_node(p, first);
}

/* Whether a statement would be the first one behind this node of a block. */
static bool is_head(unsigned op)
{
    switch (op) {
    case WRT_OP_BLOCK:
    case WRT_OP_LOOP:
    case WRT_OP_IF:
    case WRT_OP_ELSE:
    case WRT_OP_TRY:
    case WRT_OP_TRY_TABLE:
    case WRT_OP_CATCH:
    case WRT_OP_CATCH_ALL: return true;
    default: return false;
    }
}

/* Whether no statement of a part begins here, but its end. */
static bool is_part_end(unsigned op)
{
    return op == WRT_OP_END || op == WRT_OP_DELEGATE || op == WRT_OP_ELSE ||
           op == WRT_OP_CATCH || op == WRT_OP_CATCH_ALL;
}

/* "(keyword" of a part of a block; text of a node when keyword is NULL. */
static void open_part(struct wrt_printer *p, const char *keyword, uint32_t node)
{
    wrt_print_newline(p);
    wrt_buf_u8(&p->out, '(');
    if (keyword)
        wrt_put_text(&p->out, keyword);
    else
        put_node(p, node);
    p->indent++;
}

/* The parenthesis of a block or a part of it that ends before this node. */
static void close_part(struct wrt_printer *p, bool is_empty)
{
    p->indent--;
    if (!is_empty && !p->is_short)
        wrt_print_newline(p);
    p->is_short = false;
    wrt_buf_u8(&p->out, ')');
}

static bool open_block(struct wrt_printer *p, uint32_t end)
{
    uint32_t first = p->nodes.items[end].link,
             start = p->nodes.items[end].start;
    bool is_inline;

    wrt_buf_u8(&p->out, '(');
    put_block_head(p, first);
    p->indent++;
    if (!push(p, TASK_BEGIN, first))
        return false;
    is_inline = first == start ||
                (!need_lines(p, start, first) && fits(p, start, first - 1));
    return push_operands(p, is_inline ? TASK_INLINE : TASK_LINE, start, first);
}

/* The statements of a part whose keyword has been printed: a short one that is
 * alone stays on the line. */
static bool go_on_in_part(struct wrt_printer *p, uint32_t idx)
{
    const struct wrt_print_node *nodes = p->nodes.items;
    uint32_t root = nodes[idx].root;

    if (is_part_end(nodes[idx].op) || !is_part_end(nodes[root + 1].op) ||
        nodes[root].flags || !fits(p, idx, root))
        return push(p, TASK_BODY, idx);
    p->is_short = true;
    return push(p, TASK_BODY, root + 1) && push(p, TASK_INLINE, root);
}

/* The parts that hold statements are groups of their own in some blocks. */
static bool begin_body(struct wrt_printer *p, uint32_t first)
{
    unsigned op = p->nodes.items[first].op;

    if (op != WRT_OP_IF && op != WRT_OP_TRY)
        return push(p, TASK_BODY, first + 1);
    open_part(p, op == WRT_OP_IF ? "then" : "do", first);
    return go_on_in_part(p, first + 1);
}

/* The end of a block, at node idx. */
static void end_body(struct wrt_printer *p, uint32_t idx)
{
    const struct wrt_print_node *nodes = p->nodes.items;
    bool is_empty = is_head(nodes[idx - 1].op);
    unsigned block = nodes[nodes[idx].link].op;

    if (block == WRT_OP_IF || block == WRT_OP_TRY) {
        close_part(p, is_empty);
        is_empty = false;
    }
    if (nodes[idx].op == WRT_OP_DELEGATE) {
        open_part(p, NULL, idx);
        close_part(p, true);
    }
    close_part(p, is_empty);
}

static bool print_body(struct wrt_printer *p, uint32_t idx)
{
    const struct wrt_print_node *nodes = p->nodes.items;

    switch (nodes[idx].op) {
    case WRT_OP_END:
    case WRT_OP_DELEGATE: end_body(p, idx); return true;
    case WRT_OP_ELSE:
    case WRT_OP_CATCH:
    case WRT_OP_CATCH_ALL:
        close_part(p, is_head(nodes[idx - 1].op));
        open_part(p, NULL, idx);
        return go_on_in_part(p, idx + 1);
    default:
        return push(p, TASK_BODY, nodes[idx].root + 1) &&
               push(p, TASK_LINE, nodes[idx].root);
    }
}

/* -- Trees ----------------------------------------------------------------- */

static bool print_inline(struct wrt_printer *p, uint32_t root)
{
    wrt_buf_u8(&p->out, '(');
    put_node(p, root);
    return push(p, TASK_END_INLINE, root) &&
           push_operands(p, TASK_INLINE, p->nodes.items[root].start, root);
}

/* What stands in front of an instruction: its hint, on a line, and offset. */
static void put_front(struct wrt_printer *p, uint32_t idx)
{
    unsigned flags = p->nodes.items[idx].flags;

    if (flags & WRT_NODE_HAS_HINT) {
        wrt_put_text(&p->out, flags & WRT_NODE_IS_LIKELY
                                  ? "(@" WRT_HINTS_SECTION " \"\\01\")"
                                  : "(@" WRT_HINTS_SECTION " \"\\00\")");
        wrt_print_newline(p);
    }
    if (!(p->flags & WASMRT_PRINT_OFFSETS))
        return;
    wrt_put_text(&p->out, "(;");
    wrt_put_hex(&p->out, p->nodes.items[idx].offset, 6);
    wrt_put_text(&p->out, ";) ");
}

static bool print_line(struct wrt_printer *p, uint32_t root)
{
    const struct wrt_print_node *node = &p->nodes.items[root];

    wrt_print_newline(p);
    if (node->flags & WRT_NODE_HAS_BLOCK &&
        (node->op == WRT_OP_END || node->op == WRT_OP_DELEGATE)) {
        put_front(p, node->link);
        return open_block(p, root);
    }
    put_front(p, root);
    if (node->flags & WRT_NODE_IS_PLAIN) {
        put_node(p, root);
        return true;
    }
    if (!(node->flags & WRT_NODE_HAS_BLOCK) && fits(p, node->start, root))
        return print_inline(p, root);
    wrt_buf_u8(&p->out, '(');
    put_node(p, root);
    p->indent++;
    return push(p, TASK_END_LINES, root) &&
           push_operands(p, TASK_LINE, node->start, root);
}

static bool run_task(struct wrt_printer *p, struct wrt_print_task task)
{
    switch (task.kind) {
    case TASK_LINE: return print_line(p, task.node);
    case TASK_INLINE:
        wrt_buf_u8(&p->out, ' ');
        return print_inline(p, task.node);
    case TASK_END_INLINE: wrt_buf_u8(&p->out, ')'); return true;
    case TASK_END_LINES:
        p->indent--;
        wrt_buf_u8(&p->out, ')');
        return true;
    case TASK_BEGIN: return begin_body(p, task.node);
    default: return print_body(p, task.node);
    }
}

/* Prints one tree and all that is in it; false when memory is exhausted. */
static bool print_tree(struct wrt_printer *p, enum task_kind kind,
                       uint32_t root)
{
    p->tasks.count = 0;
    if (!push(p, kind, root))
        return false;
    while (p->tasks.count > 0) {
        if (!run_task(p, p->tasks.items[--p->tasks.count]))
            return false;
    }
    return true;
}

static bool print_statements(struct wrt_printer *p)
{
    uint32_t end = (uint32_t)p->nodes.count - 1;

    for (uint32_t idx = 0; idx < end; idx = p->nodes.items[idx].root + 1) {
        if (!print_tree(p, TASK_LINE, p->nodes.items[idx].root))
            return false;
    }
    return true;
}

/* -- Without folding ------------------------------------------------------- */

/* One instruction per line, in their order. */
static void print_flat(struct wrt_printer *p)
{
    uint32_t end = (uint32_t)p->nodes.count - 1;

    for (uint32_t idx = 0; idx < end; idx++) {
        unsigned op = p->nodes.items[idx].op;
        bool is_block = is_head(op) && p->nodes.items[idx].link != 0;

        if ((is_head(op) && !is_block) || op == WRT_OP_END ||
            op == WRT_OP_DELEGATE)
            p->indent--;
        wrt_print_newline(p);
        put_front(p, idx);
        if (is_block)
            put_block_head(p, idx);
        else
            put_node(p, idx);
        if (is_head(op))
            p->indent++;
    }
}

/* -- Expressions and functions --------------------------------------------- */

/* Whether the expression is a single tree, as an abbreviated one must be. */
static bool is_single(const struct wrt_printer *p)
{
    const struct wrt_print_node *nodes = p->nodes.items;

    return p->nodes.count > 1 && nodes[0].root + 2 == p->nodes.count &&
           !(nodes[0].flags & WRT_NODE_IS_PLAIN);
}

/* An expression that is several statements. */
static bool print_list(struct wrt_printer *p, const char *wrapper)
{
    wrt_print_gap(p);
    if (wrapper) {
        wrt_buf_u8(&p->out, '(');
        wrt_put_text(&p->out, wrapper);
    }
    p->indent++;
    if (!print_statements(p))
        return false;
    p->indent--;
    if (wrapper)
        wrt_buf_u8(&p->out, ')');
    return true;
}

wasmrt_error *wrt_print_expr(struct wrt_printer *p, struct wrt_reader *r,
                             const char *wrapper)
{
    uint32_t root;
    bool ok;

    WRT_TRY(wrt_print_fold(p, r, 1));
    root = (uint32_t)p->nodes.count - 2;
    if (!is_single(p)) {
        ok = print_list(p, wrapper);
    } else if (fits(p, 0, root)) {
        ok = print_tree(p, TASK_INLINE, root);
    } else {
        p->indent++;
        ok = print_tree(p, TASK_LINE, root);
        p->indent--;
    }
    return ok ? wrt_print_check(p) : wrt_error_oom();
}

/* One local, as "(local $x t)", or as one more type of a group that is open. */
static void print_local(struct wrt_printer *p, const struct wrt_print_id *id,
                        struct wrt_reader type, bool *is_open)
{
    bool is_alone = id && (id->id.len || id->is_other);

    if (*is_open && is_alone)
        wrt_buf_u8(&p->out, ')');
    wrt_print_gap(p);
    if (!*is_open || is_alone)
        wrt_put_text(&p->out, "(local");
    if (is_alone)
        wrt_print_binding(p, id);
    if (!*is_open || is_alone)
        wrt_buf_u8(&p->out, ' ');
    wrt_put_valtype(p, &p->out, &type);
    if (is_alone)
        wrt_buf_u8(&p->out, ')');
    *is_open = !is_alone;
}

static wasmrt_error *print_locals(struct wrt_printer *p, struct wrt_reader *r,
                                  uint32_t idx)
{
    bool is_open = false;

    for (uint32_t n = wrt_read_u32(r); n > 0; n--) {
        uint32_t count = wrt_read_u32(r);
        struct wrt_reader type = *r;

        wrt_read_valtype(p->m, 0, r);
        for (; count > 0; count--, idx++)
            print_local(p, wrt_print_find_id(&p->locals, idx), type, &is_open);
        WRT_TRY(wrt_print_check(p));
    }
    if (is_open)
        wrt_buf_u8(&p->out, ')');
    return NULL;
}

wasmrt_error *wrt_print_body(struct wrt_printer *p, struct wrt_reader *r)
{
    const struct wrt_type *type = wrt_module_func_type(p->m, p->func_idx);
    bool ok = true;

    if (p->locals.count > type->nparams)
        wrt_print_newline(p);
    WRT_TRY(print_locals(p, r, type->nparams));
    WRT_TRY(wrt_print_fold(p, r, type->nresults));
    if (p->flags & WASMRT_PRINT_FLAT)
        print_flat(p);
    else
        ok = print_statements(p);
    return ok ? wrt_print_check(p) : wrt_error_oom();
}
