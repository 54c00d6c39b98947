/*
 * Instruction sequences, folded and plain (spec 6.5).
 *
 * A folded instruction is written after its operands, so its code waits in
 * p->pending until its parenthesis closes.  What is open at any time stands on
 * p->frames: there is no recursion, and nesting may be as deep as memory
 * allows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/parser.h"

enum frame_kind {
    FRAME_BLOCK,        /* block, loop: until "end" */
    FRAME_IF,           /* if: until "else" or "end" */
    FRAME_ELSE,         /* until "end" */
    FRAME_FOLDED,       /* (op operands...): pending code follows */
    FRAME_FOLDED_BLOCK, /* (block ...), (loop ...) */
    FRAME_COND,         /* (if operands...: pending code follows */
    FRAME_AFTER_THEN,   /* (if ... (then ...): may go on with (else */
    FRAME_AFTER_ELSE,
    FRAME_ARM,        /* (then ...), (else ...), (do ...), (catch ...) */
    FRAME_TRY,        /* the older try: until "delegate" or "end" */
    FRAME_CATCH,      /* the same, behind a "catch" */
    FRAME_CATCH_ALL,  /* the same, behind "catch_all" */
    FRAME_FOLDED_TRY, /* (try ...: before (do */
    FRAME_AFTER_DO,   /* (try (do ...): handlers may follow */
    FRAME_AFTER_CATCH,
    FRAME_AFTER_CATCH_ALL,
    FRAME_DELEGATED, /* (try (do ...) (delegate l) */
};

/* Whether "catch", "catch_all" or "delegate" may follow in the older try. */
static bool is_next_handler(enum wrt_op op, unsigned kind)
{
    const bool is_first = kind == FRAME_TRY || kind == FRAME_AFTER_DO;

    switch (op) {
    case WRT_OP_DELEGATE: return is_first;
    case WRT_OP_CATCH:
    case WRT_OP_CATCH_ALL:
        return is_first || kind == FRAME_CATCH || kind == FRAME_AFTER_CATCH;
    default: return false;
    }
}

void wrt_text_push_label(struct wrt_parser *p, uint32_t symbol)
{
    struct wrt_text_label label = {symbol, WRT_NO_INDEX};

    if (symbol != WRT_NO_INDEX) {
        struct wrt_symbol *s = wrt_text_symbol(p, symbol);

        label.shadowed = s->index[WRT_SPACE_LABEL];
        s->index[WRT_SPACE_LABEL] = (uint32_t)p->labels.count;
    }
    if (!wrt_vec_push(p->alloc, &p->labels, label))
        wrt_text_oom(p);
}

void wrt_text_pop_label(struct wrt_parser *p)
{
    struct wrt_text_label label;

    if (p->error)
        return;
    label = p->labels.items[--p->labels.count];
    if (label.symbol != WRT_NO_INDEX)
        wrt_text_symbol(p, label.symbol)->index[WRT_SPACE_LABEL] =
            label.shadowed;
}

/* An optional label: its symbol and the annotation of its name. */
struct label {
    uint32_t symbol, name;
};

static struct label label_id(struct wrt_parser *p)
{
    const struct wrt_token *id = wrt_text_id(p);

    return (struct label){id ? id->link : WRT_NO_INDEX,
                          wrt_text_take_note(p, WRT_ANNOTATION_NAME)};
}

static void push_frame(struct wrt_parser *p, enum frame_kind kind,
                       uint32_t symbol)
{
    struct wrt_text_frame frame = {(uint8_t)kind, symbol, WRT_NO_INDEX,
                                   WRT_NO_INDEX,  0,      p->pending.count};

    if (!wrt_vec_push(p->alloc, &p->frames, frame))
        wrt_text_oom(p);
}

/* Code that is delayed: where it begins in p->pending, its keyword, and the
 * annotation that needs its final place. */
struct delayed {
    size_t pending;
    uint32_t token, hint;
};

/* At a parenthesis with an instruction. */
static struct delayed begin_delayed(struct wrt_parser *p)
{
    return (struct delayed){p->pending.count, p->pos + 1,
                            wrt_text_take_hint(p)};
}

static void push_delayed(struct wrt_parser *p, enum frame_kind kind,
                         struct label label, const struct delayed *delayed)
{
    push_frame(p, kind, label.symbol);
    if (p->error)
        return;
    p->frames.items[p->frames.count - 1].name = label.name;
    p->frames.items[p->frames.count - 1].hint = delayed->hint;
    p->frames.items[p->frames.count - 1].token = delayed->token;
    p->frames.items[p->frames.count - 1].pending = delayed->pending;
}

/* Moves the code that waits in a frame to where it belongs. */
static void flush_pending(struct wrt_parser *p,
                          const struct wrt_text_frame *frame,
                          struct wrt_buf *code)
{
    size_t from = frame->pending;

    wrt_text_put_hint(p, frame->hint, code->count);
    wrt_text_pass(p, code, frame->token);
    if (!p->pending.failed) {
        wrt_buf_bytes(code, p->pending.items + from, p->pending.count - from);
        p->pending.count = from;
    }
}

/* The instruction at a keyword: "catch" is a word and an instruction. */
static enum wrt_op op_of(unsigned word)
{
    if (word == WRT_WORD_CATCH)
        return WRT_OP_CATCH;
    if (word == WRT_WORD_CATCH_ALL)
        return WRT_OP_CATCH_ALL;
    return wrt_word_op(word);
}

static bool is_block_op(enum wrt_op op)
{
    return wrt_op_infos[op].imm == WRT_IMM_BLOCK ||
           wrt_op_infos[op].imm == WRT_IMM_TRY_TABLE;
}

/* -- Folded ---------------------------------------------------------------- */

/* "(then" or "(else" where top is the frame of their "(if". */
static void open_arm(struct wrt_parser *p, struct wrt_text_frame *top,
                     bool is_then, struct wrt_buf *code)
{
    if (!is_then)
        wrt_text_pass(p, code, p->pos + 1);
    wrt_text_advance(p, 2);
    if (is_then) {
        flush_pending(p, top, code);
        wrt_text_bind_label(p, top->symbol, top->name);
        wrt_text_push_label(p, top->symbol);
        top->kind = FRAME_AFTER_THEN;
    } else {
        wrt_buf_opcode(code, wrt_op_infos[WRT_OP_ELSE].code);
        top->kind = FRAME_AFTER_ELSE;
    }
    push_frame(p, FRAME_ARM, WRT_NO_INDEX);
}

/* "(if": its code waits for the condition, its label for "(then". */
static void open_if(struct wrt_parser *p)
{
    struct delayed delayed = begin_delayed(p);
    struct label label;

    wrt_text_advance(p, 2);
    label = label_id(p);
    wrt_buf_opcode(&p->pending, wrt_op_infos[WRT_OP_IF].code);
    wrt_text_blocktype(p, &p->pending);
    push_delayed(p, FRAME_COND, label, &delayed);
}

/* A block but for the instructions in it.  Its label is bound behind its
 * handlers, whose labels are those outside of it. */
static void start_block(struct wrt_parser *p, enum wrt_op op,
                        enum frame_kind kind, struct wrt_buf *code)
{
    struct label label = label_id(p);

    wrt_buf_opcode(code, wrt_op_infos[op].code);
    wrt_text_blocktype(p, code);
    if (wrt_op_infos[op].imm == WRT_IMM_TRY_TABLE)
        wrt_text_catches(p, code);
    wrt_text_bind_label(p, label.symbol, label.name);
    wrt_text_push_label(p, label.symbol);
    push_frame(p, kind, label.symbol);
}

static void open_block(struct wrt_parser *p, enum wrt_op op,
                       struct wrt_buf *code)
{
    wrt_text_put_hint(p, wrt_text_take_hint(p), code->count);
    wrt_text_pass(p, code, p->pos + 1);
    wrt_text_advance(p, 2);
    start_block(p, op, op == WRT_OP_TRY ? FRAME_FOLDED_TRY : FRAME_FOLDED_BLOCK,
                code);
}

static void open_plain(struct wrt_parser *p, enum wrt_op op)
{
    static const struct label none = {WRT_NO_INDEX, WRT_NO_INDEX};
    struct delayed delayed = begin_delayed(p);

    wrt_text_advance(p, 2);
    wrt_text_plain(p, op, &p->pending);
    push_delayed(p, FRAME_FOLDED, none, &delayed);
}

/* "(do", "(catch x", "(catch_all" or "(delegate l" in a folded try whose frame
 * is top; false when it is none of them. */
static bool open_try_part(struct wrt_parser *p, struct wrt_text_frame *top,
                          struct wrt_buf *code)
{
    unsigned word = wrt_text_group(p);
    enum wrt_op op = op_of(word);

    if (top->kind == FRAME_FOLDED_TRY ? word != WRT_WORD_DO
                                      : !is_next_handler(op, top->kind))
        return false;
    wrt_text_pass(p, code, p->pos + 1);
    wrt_text_advance(p, 2);
    if (op == WRT_OP_DELEGATE) {
        top->kind = FRAME_DELEGATED;
        /* Its label is one outside the block. */
        wrt_text_pop_label(p);
        wrt_text_plain(p, op, code);
        wrt_text_close(p);
        return true;
    }
    top->kind = op == WRT_OP_CATCH       ? FRAME_AFTER_CATCH
                : op == WRT_OP_CATCH_ALL ? FRAME_AFTER_CATCH_ALL
                                         : FRAME_AFTER_DO;
    if (op != WRT_OP_NONE)
        wrt_text_plain(p, op, code);
    push_frame(p, FRAME_ARM, WRT_NO_INDEX);
    return true;
}

/* Whether the frame is a folded try, which has parts only. */
static bool is_folded_try(unsigned kind)
{
    return kind == FRAME_FOLDED_TRY || kind == FRAME_AFTER_DO ||
           kind == FRAME_AFTER_CATCH || kind == FRAME_AFTER_CATCH_ALL ||
           kind == FRAME_DELEGATED;
}

/* Whether an instruction may stand in this frame as a group of its own. */
static bool takes_groups(unsigned kind)
{
    return kind != FRAME_AFTER_THEN && kind != FRAME_AFTER_ELSE &&
           !is_folded_try(kind);
}

/* Instructions that only continue or end a block. */
static bool is_part_op(enum wrt_op op)
{
    return op == WRT_OP_NONE || op == WRT_OP_ELSE || op == WRT_OP_END ||
           op == WRT_OP_CATCH || op == WRT_OP_CATCH_ALL ||
           op == WRT_OP_DELEGATE;
}

/* What a parenthesis at the cursor opens; top may be NULL. */
static void open_group(struct wrt_parser *p, struct wrt_text_frame *top,
                       struct wrt_buf *code)
{
    unsigned word = wrt_text_group(p);
    enum wrt_op op = wrt_word_op(word);
    unsigned kind = top ? top->kind : FRAME_ARM;

    if (word == WRT_WORD_THEN && kind == FRAME_COND) {
        open_arm(p, top, true, code);
    } else if (op == WRT_OP_ELSE && kind == FRAME_AFTER_THEN) {
        open_arm(p, top, false, code);
    } else if (is_folded_try(kind) && open_try_part(p, top, code)) {
        return;
    } else if (is_part_op(op) || !takes_groups(kind)) {
        wrt_text_advance(p, 1);
        wrt_text_unexpected(p, "an instruction");
    } else if (op == WRT_OP_IF) {
        open_if(p);
    } else if (is_block_op(op)) {
        open_block(p, op, code);
    } else {
        open_plain(p, op);
    }
}

/* What the parenthesis at the cursor closes. */
static void close_group(struct wrt_parser *p, struct wrt_text_frame *top,
                        struct wrt_buf *code)
{
    switch (top->kind) {
    case FRAME_FOLDED: flush_pending(p, top, code); break;
    case FRAME_DELEGATED: break;
    case FRAME_FOLDED_BLOCK:
    case FRAME_AFTER_DO:
    case FRAME_AFTER_CATCH:
    case FRAME_AFTER_CATCH_ALL:
    case FRAME_AFTER_THEN:
    case FRAME_AFTER_ELSE:
        wrt_text_pass(p, code, p->pos);
        wrt_buf_opcode(code, wrt_op_infos[WRT_OP_END].code);
        wrt_text_pop_label(p);
        break;
    case FRAME_ARM: break;
    default:
        wrt_text_unexpected(p, top->kind == FRAME_COND         ? "(then"
                               : top->kind == FRAME_FOLDED_TRY ? "(do"
                                                               : "end");
        return;
    }
    p->frames.count--;
    wrt_text_advance(p, 1);
}

/* -- Plain ----------------------------------------------------------------- */

/* The label behind "else" or "end", which must repeat the block's. */
static void check_label(struct wrt_parser *p, const struct wrt_text_frame *top)
{
    const struct wrt_token *id = wrt_text_id(p);

    if (id && id->link != top->symbol)
        wrt_text_fail(p, WASMRT_ERR_TEXT_MISMATCHING_LABEL, id, NULL);
}

static void begin_block(struct wrt_parser *p, enum wrt_op op,
                        struct wrt_buf *code)
{
    start_block(p, op,
                op == WRT_OP_IF    ? FRAME_IF
                : op == WRT_OP_TRY ? FRAME_TRY
                                   : FRAME_BLOCK,
                code);
}

static void end_block(struct wrt_parser *p, const struct wrt_text_frame *top,
                      struct wrt_buf *code)
{
    check_label(p, top);
    wrt_buf_opcode(code, wrt_op_infos[WRT_OP_END].code);
    wrt_text_pop_label(p);
    p->frames.count--;
}

/* "else", "catch", "catch_all", "delegate", "end": whether the block that is
 * open takes it. */
static bool fits_block(enum wrt_op op, const struct wrt_text_frame *top)
{
    if (!top)
        return false;
    switch (op) {
    case WRT_OP_ELSE: return top->kind == FRAME_IF;
    case WRT_OP_END:
        return top->kind == FRAME_BLOCK || top->kind == FRAME_IF ||
               top->kind == FRAME_ELSE || top->kind == FRAME_TRY ||
               top->kind == FRAME_CATCH || top->kind == FRAME_CATCH_ALL;
    default: return is_next_handler(op, top->kind);
    }
}

/* A part of the block that is open; the cursor is behind its keyword. */
static void block_part(struct wrt_parser *p, enum wrt_op op,
                       struct wrt_text_frame *top, struct wrt_buf *code)
{
    if (op == WRT_OP_END) {
        end_block(p, top, code);
    } else if (op == WRT_OP_ELSE) {
        check_label(p, top);
        wrt_buf_opcode(code, wrt_op_infos[op].code);
        top->kind = FRAME_ELSE;
    } else if (op == WRT_OP_DELEGATE) {
        wrt_text_pop_label(p);
        wrt_text_plain(p, op, code);
        if (!p->error)
            p->frames.count--;
    } else {
        wrt_text_plain(p, op, code);
        top->kind = op == WRT_OP_CATCH ? FRAME_CATCH : FRAME_CATCH_ALL;
    }
}

/* Whether the frame holds a sequence, not operands. */
static bool is_sequence(const struct wrt_text_frame *top)
{
    return !top || (top->kind != FRAME_FOLDED && top->kind != FRAME_COND &&
                    takes_groups(top->kind));
}

/* A keyword outside parentheses; top may be NULL. */
static void keyword(struct wrt_parser *p, struct wrt_text_frame *top,
                    struct wrt_buf *code)
{
    enum wrt_op op = op_of(wrt_text_word(p));

    if (op == WRT_OP_NONE || !is_sequence(top) ||
        (is_part_op(op) && !fits_block(op, top))) {
        wrt_text_unexpected(p, "an instruction");
        return;
    }
    wrt_text_put_hint(p, wrt_text_take_hint(p), code->count);
    wrt_text_pass(p, code, p->pos);
    wrt_text_advance(p, 1);
    if (top && is_part_op(op))
        block_part(p, op, top, code);
    else if (is_block_op(op))
        begin_block(p, op, code);
    else
        wrt_text_plain(p, op, code);
}

/* -- Sequences ------------------------------------------------------------- */

void wrt_text_instrs(struct wrt_parser *p, struct wrt_buf *code, bool single)
{
    size_t base = p->frames.count;

    do {
        struct wrt_text_frame *top = p->frames.count > base
                                         ? &p->frames.items[p->frames.count - 1]
                                         : NULL;
        enum wrt_token_kind kind = wrt_text_kind(p);

        if (kind == WRT_TOKEN_LPAR)
            open_group(p, top, code);
        else if (kind == WRT_TOKEN_RPAR && top)
            close_group(p, top, code);
        else if (kind == WRT_TOKEN_RPAR && !single)
            return;
        else if (kind == WRT_TOKEN_WORD && !(single && !top))
            keyword(p, top, code);
        else
            wrt_text_unexpected(p, "an instruction");
        if (p->pending.failed || code->failed)
            wrt_text_oom(p);
    } while (!p->error && !(single && p->frames.count == base));
}

void wrt_text_expr(struct wrt_parser *p, struct wrt_buf *out, bool single)
{
    wrt_text_instrs(p, out, single);
    wrt_text_pass(p, out, p->pos);
    wrt_buf_opcode(out, wrt_op_infos[WRT_OP_END].code);
}
