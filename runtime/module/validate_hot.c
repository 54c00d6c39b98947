/*
 * The validator's hot loop: the instructions that make up most code, in their
 * most frequent encodings.
 *
 * What mispredicted branches cost here is more than the work itself, since the
 * next instruction is anyone's guess.  So all these instructions are one: each
 * has a rule with what it pops, pushes and skips, and the same straight line of
 * code applies any of them.  A switch takes the frequent rest: blocks, calls.
 * Whatever does not fit either ends the loop without a trace and is taken up by
 * wrt_validate_code(), which knows how to do everything and how to complain.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/leb.h"
#include "runtime/module/opcode_sig.h"
#include "runtime/module/validator.h"

/* Who handles an instruction that has no rule, or that its rule lets pass. */
enum way {
    WAY_OUT, /* not this file */
    WAY_BLOCK,
    WAY_LOOP,
    WAY_IF,
    WAY_END,
    WAY_BR,
    WAY_BR_IF, /* to a far label */
    WAY_RETURN,
    WAY_UNREACHABLE,
    WAY_CALL,
    WAY_SELECT,
    WAY_GLOBAL_GET,
    WAY_GLOBAL_SET,
};

/* What an instruction's last immediate is, where it has more than one byte. */
enum leb {
    LEB_NONE,
    LEB_U32,
    LEB_S32,
    LEB_S64,
};

struct rule {
    uint32_t want[2];    /* the topmost operand and the one below */
    uint32_t mask[2];    /* all ones where there is one */
    uint32_t result;     /* enum wrt_kind */
    uint32_t local_mask; /* all ones: the local's type is wanted and pushed */
    uint8_t gate;        /* enum wrt_gate */
    uint8_t len;         /* bytes, when its LEB128 has one */
    uint8_t leb_bit;     /* 0x80: its last byte is a LEB128 */
    uint8_t leb;         /* enum leb */
    int8_t pops;         /* operands, negated */
    uint8_t nresults;
    uint8_t way; /* enum way */
    bool is_write;
};

/* -- Rules by first byte --------------------------------------------------- */

#define IS_MEMARG(imm) WRT_IMM_IS_MEMARG(WRT_IMM_##imm)

#define IS_LOCAL(name)                                                         \
    (WRT_OP_##name == WRT_OP_LOCAL_GET || WRT_OP_##name == WRT_OP_LOCAL_SET || \
     WRT_OP_##name == WRT_OP_LOCAL_TEE)
#define IS_DROP(name)  (WRT_OP_##name == WRT_OP_DROP)
#define IS_BR_IF(name) (WRT_OP_##name == WRT_OP_BR_IF)
#define IS_WRITE(name) (IS_LOCAL(name) && WRT_OP_##name != WRT_OP_LOCAL_GET)
#define NPARAMS(name, sig)                                                     \
    (IS_DROP(name) || IS_BR_IF(name) || IS_WRITE(name) ? 1                     \
                                                       : WRT_SIG_NPARAMS(sig))
/* drop takes whatever is there. */
#define HAS_WANT(name, sig) (NPARAMS(name, sig) > 0 && !IS_DROP(name))
#define WANT(name, sig)     (IS_BR_IF(name) ? WRT_KIND_I32 : WRT_SIG_UPPER(sig))
#define LEN(imm)                                                               \
    (WRT_IMM_##imm == WRT_IMM_F64    ? 9                                       \
     : WRT_IMM_##imm == WRT_IMM_F32  ? 5                                       \
     : IS_MEMARG(imm)                ? 3                                       \
     : WRT_IMM_##imm == WRT_IMM_NONE ? 1                                       \
                                     : 2)
#define HAS_LEB(imm)                                                           \
    (IS_MEMARG(imm) || WRT_IMM_##imm == WRT_IMM_I32 ||                         \
     WRT_IMM_##imm == WRT_IMM_I64)
#define LEB(imm)                                                               \
    (IS_MEMARG(imm)                 ? LEB_U32                                  \
     : WRT_IMM_##imm == WRT_IMM_I32 ? LEB_S32                                  \
     : WRT_IMM_##imm == WRT_IMM_I64 ? LEB_S64                                  \
                                    : LEB_NONE)
#define IS_PLAIN(imm)                                                          \
    (WRT_IMM_##imm == WRT_IMM_NONE || HAS_LEB(imm) ||                          \
     WRT_IMM_##imm == WRT_IMM_F32 || WRT_IMM_##imm == WRT_IMM_F64)
/* log2 of the natural alignment. */
#define MEMARG_LOG2(imm) ((int)WRT_IMM_##imm - (int)WRT_IMM_MEMARG0)
#define IS_FEATURE(feat, which)                                                \
    (WRT_FEATURE_IDX_##feat == WRT_FEATURE_IDX_##which)
#define GATE(name, imm, sig, feat)                                             \
    ((int)(IS_LOCAL(name)                     ? WRT_GATE_LOCAL                 \
           : IS_BR_IF(name)                   ? WRT_GATE_LABEL                 \
           : IS_DROP(name)                    ? WRT_GATE_OPEN                  \
           : !WRT_SIG_COLON(sig)              ? WRT_GATE_CLOSED                \
           : !IS_PLAIN(imm)                   ? WRT_GATE_CLOSED                \
           : IS_FEATURE(feat, SIGN_EXTENSION) ? WRT_GATE_SIGN_EXTENSION        \
           : IS_FEATURE(feat, MVP)            ? WRT_GATE_OPEN                  \
                                              : WRT_GATE_CLOSED))
#define ANY_GATE(name, imm, sig, feat)                                         \
    (IS_MEMARG(imm) ? (int)WRT_GATE_MEMORY + MEMARG_LOG2(imm)                  \
                    : GATE(name, imm, sig, feat))

#define IS(name, other) (WRT_OP_##name == WRT_OP_##other)
#define WAY(name)                                                              \
    (IS(name, BLOCK)         ? WAY_BLOCK                                       \
     : IS(name, LOOP)        ? WAY_LOOP                                        \
     : IS(name, IF)          ? WAY_IF                                          \
     : IS(name, END)         ? WAY_END                                         \
     : IS(name, BR)          ? WAY_BR                                          \
     : IS(name, BR_IF)       ? WAY_BR_IF                                       \
     : IS(name, RETURN)      ? WAY_RETURN                                      \
     : IS(name, UNREACHABLE) ? WAY_UNREACHABLE                                 \
     : IS(name, CALL)        ? WAY_CALL                                        \
     : IS(name, SELECT)      ? WAY_SELECT                                      \
     : IS(name, GLOBAL_GET)  ? WAY_GLOBAL_GET                                  \
     : IS(name, GLOBAL_SET)  ? WAY_GLOBAL_SET                                  \
                             : WAY_OUT)

/* Prefixed instructions have their rules, all closed, behind the bytes. */
enum { BYTES = 256 };
#define PLACE(code, name) ((code) < BYTES ? (code) : BYTES + WRT_OP_##name)

static const struct rule rules[BYTES + WRT_OP_COUNT] = {
#define OP(code, name, text, imm, sig, feat, effects)                          \
    [PLACE(code, name)] = {                                                    \
        .want = {WRT_SIG_LOWER(sig), WANT(name, sig)},                         \
        .mask = {WRT_SIG_NPARAMS(sig) > 1 ? UINT32_MAX : 0,                    \
                 HAS_WANT(name, sig) ? UINT32_MAX : 0},                        \
        .result = WRT_SIG_RESULT(sig),                                         \
        .local_mask = IS_LOCAL(name) ? UINT32_MAX : 0,                         \
        .len = LEN(imm),                                                       \
        .leb_bit = HAS_LEB(imm) ? 0x80 : 0,                                    \
        .leb = LEB(imm),                                                       \
        .pops = -NPARAMS(name, sig),                                           \
        .nresults =                                                            \
            (uint8_t)(IS_LOCAL(name) ? WRT_OP_##name != WRT_OP_LOCAL_SET       \
                                     : WRT_SIG_NRESULTS(sig)),                 \
        .gate = (uint8_t)((code) < BYTES ? ANY_GATE(name, imm, sig, feat)      \
                                         : WRT_GATE_CLOSED),                   \
        .way = (code) < BYTES ? WAY(name) : WAY_OUT,                           \
        .is_write = IS_WRITE(name),                                            \
    },
#include "runtime/module/opcode.def"
#undef OP
};

/* -- The frequent rest ----------------------------------------------------- */

/* How far an instruction is read at most: two bytes, and eight that may be a
 * LEB128. */
enum { HOT_BYTES = 10, ANY_BYTE = 256, ONE_BYTE_LEB = 128 };

void wrt_validate_hot_init(struct wrt_validator *v)
{
    uint32_t nplain = v->is_init ? 0 : v->nexpanded;

    v->gates[WRT_GATE_OPEN] = ANY_BYTE;
    v->gates[WRT_GATE_SIGN_EXTENSION] =
        v->features & WRT_FEATURE_SIGN_EXTENSION ? ANY_BYTE : 0;
    v->gates[WRT_GATE_LOCAL] = WRT_MIN(nplain, (uint32_t)ONE_BYTE_LEB);
    for (uint32_t i = 0; v->has_plain_memory && i < 5; i++)
        v->gates[WRT_GATE_MEMORY + i] = i + 1;
}

/* What changes with every instruction, and what it is compared with: in
 * registers, since a write to the stack might be one to the validator for all
 * that a compiler knows. */
struct cursor {
    const uint8_t *pos;
    wrt_valtype *top;
    wrt_valtype *floor, *roof; /* of the block; the highest so far */
    const wrt_valtype *locals;
};

WRT_INLINE struct cursor load_cursor(const struct wrt_validator *v)
{
    return (struct cursor){v->r.pos, v->stack + v->height, v->stack + v->base,
                           v->stack + v->peak, v->locals};
}

WRT_INLINE void save_cursor(struct wrt_validator *v, const struct cursor *c)
{
    v->r.pos = c->pos;
    v->height = (uint32_t)(c->top - v->stack);
}

/* Whether a LEB128 of that length is one of its kind.  Up to four bytes, and up
 * to eight for 64 bits, any is; the fifth has four bits of 32, and the others
 * repeat the sign or are zero. */
WRT_INLINE bool is_leb(enum leb kind, uint64_t word, unsigned len)
{
    unsigned fifth = word >> 32 & 0xff;

    if (WRT_LIKELY(len < 5))
        return len != 0;
    if (kind == LEB_S64)
        return true;
    if (kind == LEB_S32)
        fifth = (fifth + 8) & 0x7f;
    return len == 5 && fifth < 16;
}

/* Reads an index of 32 bits. */
WRT_INLINE bool read_index(const uint8_t **pos, uint32_t *value)
{
    uint64_t word = wrt_load_u64(*pos);
    unsigned len = wrt_leb_len(word);

    if (WRT_UNLIKELY(!is_leb(LEB_U32, word, len)))
        return false;
    *pos += len;
    *value = (uint32_t)wrt_leb_bits(word, len);
    return true;
}

/* Raises the peak for a height, if the array has room for it. */
WRT_INLINE bool reach(struct wrt_validator *v, struct cursor *c,
                      wrt_valtype *top)
{
    if (WRT_LIKELY(top <= c->roof))
        return true;
    if (top > v->stack + v->capacity)
        return false;
    c->roof = top;
    v->peak = (uint32_t)(top - v->stack);
    return true;
}

/* Whether a block type's byte is that of a block without values, or with one
 * number as its result, which *kind receives. */
WRT_INLINE bool is_plain_block(uint8_t byte, uint32_t *kind)
{
    enum { EMPTY = 0x40, I32 = 0x7f, F64 = 0x7c };

    *kind = (uint32_t)WRT_KIND_I32 + (I32 - byte);
    return byte == EMPTY || (byte >= F64 && byte <= I32);
}

/* block, loop and, behind its condition, if. */
WRT_INLINE bool open_block(struct wrt_validator *v, struct cursor *c,
                           enum wrt_op op, uint32_t npops)
{
    struct wrt_frame *frame = &v->frames[v->nframes];
    uint32_t kind;
    bool has_result = c->pos[1] != 0x40;

    if (!is_plain_block(c->pos[1], &kind) || v->nframes == v->frames_capacity)
        return false;
    c->floor = c->top -= npops;
    v->base = (uint32_t)(c->floor - v->stack);
    *frame = (struct wrt_frame){
        .height = v->base,
        .loop = frame[-1].loop,
        .ninits = v->ninits,
        .op = (uint16_t)op,
        .value = kind,
        .nresults = has_result,
        .is_hot = v->is_init == NULL,
    };
    wrt_count_plain_labels(v, frame);
    v->nframes++;
    v->max_frames = WRT_MAX(v->max_frames, v->nframes);
    c->pos += 2;
    return true;
}

WRT_INLINE bool open_loop(struct wrt_validator *v, struct cursor *c,
                          bool analyse)
{
    const uint8_t *pos = c->pos;

    if ((analyse && v->nloops == v->loops_capacity) ||
        !open_block(v, c, WRT_OP_LOOP, 0))
        return false;
    if (analyse)
        wrt_enter_loop(v, wrt_validator_frame(v), pos);
    return true;
}

WRT_INLINE bool open_if(struct wrt_validator *v, struct cursor *c)
{
    return c->top > c->floor && c->top[-1] == WRT_KIND_I32 &&
           open_block(v, c, WRT_OP_IF, 1);
}

/* The end of a block with at most one result.  The function's own end, and what
 * needs more analysis, is left alone. */
WRT_INLINE bool close_block(struct wrt_validator *v, struct cursor *c,
                            bool analyse)
{
    struct wrt_frame *frame = wrt_validator_frame(v);
    uint32_t nresults = frame->nresults;
    size_t have = (size_t)(c->top - c->floor);

    if (!frame->is_hot ||
        (have != nresults && !(frame->is_unreachable && have == 0)))
        return false;
    if (nresults != 0) {
        if (frame->op == WRT_OP_IF || !reach(v, c, c->floor + 1) ||
            (have != 0 && *c->floor != frame->value))
            return false;
        *c->floor = frame->value;
    }
    if (analyse && frame->op == WRT_OP_LOOP)
        wrt_leave_loop(v, frame, c->pos);
    c->top = c->floor + nresults;
    v->nframes--;
    v->base = frame[-1].height;
    c->floor = v->stack + v->base;
    wrt_set_plain_labels(v, &frame[-1]);
    c->pos++;
    return true;
}

/* Behind an instruction that control does not pass. */
WRT_INLINE bool leave(struct wrt_validator *v, struct cursor *c,
                      const uint8_t *next)
{
    c->top = c->floor;
    wrt_validator_frame(v)->is_unreachable = true;
    c->pos = next;
    return true;
}

/* To a label that passes nothing. */
WRT_INLINE bool br(struct wrt_validator *v, struct cursor *c)
{
    const uint8_t *next = c->pos + 1;
    uint32_t idx;

    return read_index(&next, &idx) && idx < v->nplain && leave(v, c, next);
}

WRT_INLINE bool far_br_if(const struct wrt_validator *v, struct cursor *c)
{
    const uint8_t *next = c->pos + 1;
    uint32_t idx;

    if (!read_index(&next, &idx) || idx >= v->nplain || c->top == c->floor ||
        c->top[-1] != WRT_KIND_I32)
        return false;
    c->top--;
    c->pos = next;
    return true;
}

/* With at most one result. */
WRT_INLINE bool leave_func(struct wrt_validator *v, struct cursor *c)
{
    struct wrt_label results = wrt_frame_results(&v->frames[0]);

    if (results.count > 1 || (size_t)(c->top - c->floor) < results.count ||
        (results.count == 1 && c->top[-1] != results.types[0]))
        return false;
    return leave(v, c, c->pos + 1);
}

WRT_INLINE bool call(struct wrt_validator *v, struct cursor *c)
{
    const uint8_t *next = c->pos + 1;
    const struct wrt_type *type;
    wrt_valtype *low;
    uint32_t idx;

    if (!read_index(&next, &idx) || idx >= v->module->nfuncs)
        return false;
    type = wrt_module_func_type(v->module, idx);
    if ((size_t)(c->top - c->floor) < type->nparams || type->nresults > 1)
        return false;
    low = c->top - type->nparams;
    for (uint32_t i = 0; i < type->nparams; i++) {
        if (low[i] != type->values[i])
            return false;
    }
    if (!reach(v, c, low + type->nresults))
        return false;
    if (type->nresults != 0) {
        *low = type->values[type->nparams];
        v->has_v128 |= *low == WRT_KIND_V128;
    }
    wrt_note_call(v);
    c->pos = next;
    c->top = low + type->nresults;
    return true;
}

/* Of numbers: two of the same kind and a condition. */
WRT_INLINE bool select_number(struct cursor *c)
{
    const wrt_valtype *top = c->top;

    if (top < c->floor + 3 || top[-1] != WRT_KIND_I32 || top[-2] != top[-3] ||
        top[-2] > WRT_KIND_F64)
        return false;
    c->top -= 2;
    c->pos++;
    return true;
}

WRT_INLINE bool global_get(struct wrt_validator *v, struct cursor *c)
{
    const uint8_t *next = c->pos + 1;
    uint32_t idx;

    if (!read_index(&next, &idx) || idx >= v->module->nglobals ||
        !reach(v, c, c->top + 1))
        return false;
    *c->top = v->module->globals[idx].type.type;
    v->has_v128 |= *c->top++ == WRT_KIND_V128;
    c->pos = next;
    return true;
}

WRT_INLINE bool global_set(const struct wrt_validator *v, struct cursor *c)
{
    const uint8_t *next = c->pos + 1;
    uint32_t idx;

    if (!read_index(&next, &idx) || idx >= v->module->nglobals ||
        !v->module->globals[idx].type.is_mutable || c->top == c->floor ||
        c->top[-1] != v->module->globals[idx].type.type)
        return false;
    c->top--;
    c->pos = next;
    return true;
}

/* -- The plain instructions ------------------------------------------------ */

/* Analysis of an access to a local; of any other instruction, to one below the
 * first, which is nobody's.  Nothing here asks what it is. */
WRT_INLINE void count_use(struct wrt_validator *v, const struct rule *rule,
                          uint32_t idx)
{
    int32_t at = (int32_t)(idx | ~rule->local_mask);

    if (WRT_UNLIKELY(v->nframes == 1))
        v->written_first[at] |= (v->weights[at] == 0) & rule->is_write;
    v->weights[at] += v->weight;
}

/* Where an instruction ends whose last immediate has several bytes; NULL when
 * that is for others. */
WRT_INLINE const uint8_t *skip_leb(const struct rule *rule, const uint8_t *last)
{
    uint64_t word = wrt_load_u64(last);
    unsigned len = wrt_leb_len(word);

    return is_leb((enum leb)rule->leb, word, len) ? last + len : NULL;
}

/* One plain instruction; false when it is none, or does not match. */
WRT_INLINE bool step(struct wrt_validator *v, const struct rule *rule,
                     struct cursor *c, bool analyse)
{
    const uint8_t *next = c->pos + rule->len;
    uint32_t idx = c->pos[1], local;
    uint32_t differ;
    wrt_valtype *low = c->top + rule->pops, *top = low + rule->nresults;

    if (idx >= v->gates[rule->gate])
        return false;
    local = c->locals[idx] & rule->local_mask;
    differ = ((c->top[-1] ^ (rule->want[1] | local)) & rule->mask[1]) |
             ((c->top[-2] ^ rule->want[0]) & rule->mask[0]);
    if (WRT_UNLIKELY((differ != 0) | (low < c->floor)))
        return false;
    if (WRT_UNLIKELY(next[-1] & rule->leb_bit)) {
        next = skip_leb(rule, next - 1);
        if (WRT_UNLIKELY(!next))
            return false;
    }
    if (WRT_UNLIKELY(!reach(v, c, top)))
        return false;
    *low = rule->result | local;
    c->pos = next;
    c->top = top;
    if (analyse) {
        count_use(v, rule, idx);
    }
    return true;
}

/* One instruction that is not plain; false when it has to be taken up
 * elsewhere. */
WRT_INLINE bool other_step(struct wrt_validator *v, const struct rule *rule,
                           struct cursor *c, bool analyse)
{
    switch ((enum way)rule->way) {
    case WAY_BLOCK: return open_block(v, c, WRT_OP_BLOCK, 0);
    case WAY_LOOP: return open_loop(v, c, analyse);
    case WAY_IF: return open_if(v, c);
    case WAY_END: return close_block(v, c, analyse);
    case WAY_BR: return br(v, c);
    case WAY_BR_IF: return far_br_if(v, c);
    case WAY_RETURN: return leave_func(v, c);
    case WAY_UNREACHABLE: return leave(v, c, c->pos + 1);
    case WAY_CALL: return call(v, c);
    case WAY_SELECT: return select_number(c);
    case WAY_GLOBAL_GET: return global_get(v, c);
    case WAY_GLOBAL_SET: return global_set(v, c);
    case WAY_OUT: break;
    }
    return false;
}

WRT_INLINE void run(struct wrt_validator *v, bool analyse)
{
    const uint8_t *last = v->look_at - HOT_BYTES;
    struct cursor c = load_cursor(v);
    uint32_t ninsns = 0;

    while (c.pos <= last) {
        const struct rule *rule = &rules[c.pos[0]];

        if (!step(v, rule, &c, analyse) && !other_step(v, rule, &c, analyse))
            break;
        ninsns++;
    }
    save_cursor(v, &c);
    v->ninsns += ninsns;
}

void wrt_validate_hot(struct wrt_validator *v)
{
    if (v->look_at - v->r.pos < HOT_BYTES ||
        v->features & WRT_FEATURES_NO_HOT_LOOP)
        return;
    if (v->weights)
        run(v, true);
    else
        run(v, false);
}
