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
#include "runtime/module/opcode_sig.h"
#include "runtime/module/validator.h"

/* Who handles an instruction.  One switch over this is the only jump that a
 * processor has to guess. */
enum way {
    WAY_OUT, /* not this file */
    WAY_STEP,
    WAY_BLOCK,
    WAY_LOOP,
    WAY_IF,
    WAY_END,
    WAY_BR,
    WAY_UNREACHABLE,
    WAY_CALL,
    WAY_SELECT,
    WAY_GLOBAL_GET,
    WAY_GLOBAL_SET,
};

struct rule {
    uint32_t want[2];    /* the topmost operand and the one below */
    uint32_t mask[2];    /* all ones where there is one */
    uint32_t result;     /* enum wrt_kind */
    uint32_t local_mask; /* all ones: the local's type is wanted and pushed */
    uint8_t len;         /* bytes, when its LEB128 has one */
    uint8_t leb_bit;     /* 0x80: its last byte is a LEB128 */
    uint8_t nparams, nresults;
    uint8_t gate; /* enum wrt_gate */
    uint8_t way;  /* enum way */
    bool is_write;
    bool is_memory;
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
        .want = {WANT(name, sig), WRT_SIG_LOWER(sig)},                         \
        .mask = {HAS_WANT(name, sig) ? UINT32_MAX : 0,                         \
                 WRT_SIG_NPARAMS(sig) > 1 ? UINT32_MAX : 0},                   \
        .result = WRT_SIG_RESULT(sig),                                         \
        .local_mask = IS_LOCAL(name) ? UINT32_MAX : 0,                         \
        .len = LEN(imm),                                                       \
        .leb_bit = HAS_LEB(imm) ? 0x80 : 0,                                    \
        .nparams = (uint8_t)NPARAMS(name, sig),                                \
        .nresults =                                                            \
            (uint8_t)(IS_LOCAL(name) ? WRT_OP_##name != WRT_OP_LOCAL_SET       \
                                     : WRT_SIG_NRESULTS(sig)),                 \
        .gate = (uint8_t)((code) < BYTES ? ANY_GATE(name, imm, sig, feat)      \
                                         : WRT_GATE_CLOSED),                   \
        .way = (code) >= BYTES ? WAY_OUT                                       \
               : ANY_GATE(name, imm, sig, feat) != WRT_GATE_CLOSED             \
                   ? WAY_STEP                                                  \
                   : WAY(name),                                                \
        .is_write = IS_WRITE(name),                                            \
        .is_memory = IS_MEMARG(imm),                                           \
    },
#include "runtime/module/opcode.def"
#undef OP
};

/* -- The frequent rest ----------------------------------------------------- */

/* No instruction here is longer than f64.const. */
enum { HOT_BYTES = 9, ANY_BYTE = 256, ONE_BYTE_LEB = 128 };

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

/* Reads a LEB128 of up to four bytes, which is always well-formed. */
WRT_INLINE bool read_leb(const uint8_t **pos, uint32_t *value)
{
    uint32_t word = wrt_load_u32(*pos), ends = ~word & 0x80808080u;
    unsigned len;

    if (WRT_UNLIKELY(ends == 0))
        return false;
    len = (unsigned)__builtin_ctz(ends) / 8 + 1;
    word &= UINT32_MAX >> (32 - 8 * len);
    *value = (word & 0x7f) | (word >> 1 & 0x3f80) | (word >> 2 & 0x1fc000) |
             (word >> 3 & 0xfe00000);
    *pos += len;
    return true;
}

/* Raises the peak for a height, if the array has room for it. */
WRT_INLINE bool reach(struct wrt_validator *v, uint32_t height)
{
    if (WRT_LIKELY(height <= v->peak))
        return true;
    if (height > v->capacity)
        return false;
    v->peak = height;
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
WRT_INLINE bool open_block(struct wrt_validator *v, enum wrt_op op,
                           uint32_t npops)
{
    struct wrt_frame *frame = &v->frames[v->nframes];
    uint32_t kind, height = v->height - npops;
    bool has_result = v->r.pos[1] != 0x40;

    if (!is_plain_block(v->r.pos[1], &kind) || v->nframes == v->frames_capacity)
        return false;
    *frame = (struct wrt_frame){
        .height = height,
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
    v->base = v->height = height;
    v->r.pos += 2;
    return true;
}

WRT_INLINE bool open_if(struct wrt_validator *v)
{
    return v->height > v->base && v->stack[v->height - 1] == WRT_KIND_I32 &&
           open_block(v, WRT_OP_IF, 1);
}

/* The end of a block with at most one result.  The function's own end, and what
 * needs more analysis, is left alone. */
WRT_INLINE bool close_block(struct wrt_validator *v)
{
    struct wrt_frame *frame = wrt_validator_frame(v);
    uint32_t nresults = frame->nresults, have = v->height - v->base;

    if (!frame->is_hot ||
        (have != nresults && !(frame->is_unreachable && have == 0)))
        return false;
    if (nresults != 0) {
        if (frame->op == WRT_OP_IF || !reach(v, v->base + 1) ||
            (have != 0 && v->stack[v->base] != frame->value))
            return false;
        v->stack[v->base] = frame->value;
    }
    v->height = v->base + nresults;
    v->nframes--;
    v->base = frame[-1].height;
    v->gates[WRT_GATE_LABEL] = frame[-1].nplain;
    v->r.pos++;
    return true;
}

/* br to a label that passes nothing, and unreachable. */
WRT_INLINE bool leave(struct wrt_validator *v, uint32_t len)
{
    v->height = v->base;
    wrt_validator_frame(v)->is_unreachable = true;
    v->r.pos += len;
    return true;
}

WRT_INLINE bool call(struct wrt_validator *v)
{
    const uint8_t *next = v->r.pos + 1;
    const struct wrt_type *type;
    uint32_t idx, low, height;

    if (!read_leb(&next, &idx) || idx >= v->module->nfuncs)
        return false;
    type = wrt_module_func_type(v->module, idx);
    if (v->height - v->base < type->nparams || type->nresults > 1)
        return false;
    low = v->height - type->nparams;
    height = low + type->nresults;
    for (uint32_t i = 0; i < type->nparams; i++) {
        if (v->stack[low + i] != type->values[i])
            return false;
    }
    if (!reach(v, height))
        return false;
    if (type->nresults != 0) {
        v->stack[low] = type->values[type->nparams];
        v->has_v128 |= v->stack[low] == WRT_KIND_V128;
    }
    wrt_note_call(v);
    v->r.pos = next;
    v->height = height;
    return true;
}

/* Of numbers: two of the same kind and a condition. */
WRT_INLINE bool select_number(struct wrt_validator *v)
{
    const wrt_valtype *top = v->stack + v->height;

    if (v->height < v->base + 3 || top[-1] != WRT_KIND_I32 ||
        top[-2] != top[-3] || top[-2] > WRT_KIND_F64)
        return false;
    v->height -= 2;
    v->r.pos++;
    return true;
}

WRT_INLINE bool global_get(struct wrt_validator *v)
{
    uint32_t idx = v->r.pos[1];

    if (idx >= ONE_BYTE_LEB || idx >= v->module->nglobals ||
        !reach(v, v->height + 1))
        return false;
    v->stack[v->height] = v->module->globals[idx].type.type;
    v->has_v128 |= v->stack[v->height++] == WRT_KIND_V128;
    v->r.pos += 2;
    return true;
}

WRT_INLINE bool global_set(struct wrt_validator *v)
{
    uint32_t idx = v->r.pos[1];

    if (idx >= ONE_BYTE_LEB || idx >= v->module->nglobals ||
        !v->module->globals[idx].type.is_mutable || v->height == v->base ||
        v->stack[v->height - 1] != v->module->globals[idx].type.type)
        return false;
    v->height--;
    v->r.pos += 2;
    return true;
}

/* -- The plain instructions ------------------------------------------------ */

/* Analysis of an access to a local. */
WRT_INLINE void count_use(struct wrt_validator *v, const struct rule *rule,
                          uint32_t idx)
{
    wrt_weight old = v->weights[idx], sum = old + v->weight;

    if (old == 0)
        v->written_first[idx] = rule->is_write && v->nframes == 1;
    v->weights[idx] = sum < old ? UINT32_MAX : sum;
}

/* What changes with every instruction, and what it is compared with: in
 * registers, since a write to the stack might be one to the validator for all
 * that a compiler knows. */
struct cursor {
    const uint8_t *pos;
    wrt_valtype *top;
    const wrt_valtype *floor, *roof; /* of the block; the highest so far */
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

/* One plain instruction; false when it is none, or does not match. */
WRT_INLINE bool step(struct wrt_validator *v, const struct rule *rule,
                     struct cursor *c, bool analyse)
{
    const uint8_t *next = c->pos + rule->len;
    uint32_t idx = c->pos[1], skipped;
    uint32_t local = c->locals[idx] & rule->local_mask;
    uint32_t differ = ((c->top[-1] ^ (rule->want[0] | local)) & rule->mask[0]) |
                      ((c->top[-2] ^ rule->want[1]) & rule->mask[1]);
    wrt_valtype *low = c->top - rule->nparams, *top = low + rule->nresults;

    if (WRT_UNLIKELY((differ != 0) | (idx >= v->gates[rule->gate]) |
                     (low < c->floor)))
        return false;
    if (WRT_UNLIKELY(next[-1] & rule->leb_bit)) {
        next--;
        if (!read_leb(&next, &skipped))
            return false;
    }
    if (WRT_UNLIKELY(top > c->roof)) {
        if (!reach(v, (uint32_t)(top - v->stack)))
            return false;
        c->roof = top;
    }
    *low = rule->result | local;
    c->pos = next;
    c->top = top;
    if (analyse) {
        if (rule->local_mask)
            count_use(v, rule, idx);
        v->uses_memory |= rule->is_memory;
    }
    return true;
}

/* One instruction; false when it has to be taken up elsewhere. */
WRT_INLINE bool any_step(struct wrt_validator *v, struct cursor *c,
                         bool analyse)
{
    const struct rule *rule = &rules[c->pos[0]];
    bool done;

    /* clang-format off */
#define REST(way, call)                                                        \
    case way:                                                                  \
        save_cursor(v, c);                                                     \
        done = (call);                                                         \
        *c = load_cursor(v);                                                   \
        return done;
    switch ((enum way)rule->way) {
    case WAY_STEP: return step(v, rule, c, analyse);
    REST(WAY_BLOCK, open_block(v, WRT_OP_BLOCK, 0))
    REST(WAY_LOOP, !analyse && open_block(v, WRT_OP_LOOP, 0))
    REST(WAY_IF, open_if(v))
    REST(WAY_END, close_block(v))
    REST(WAY_BR, v->r.pos[1] < v->gates[WRT_GATE_LABEL] && leave(v, 2))
    REST(WAY_UNREACHABLE, leave(v, 1))
    REST(WAY_CALL, call(v))
    REST(WAY_SELECT, select_number(v))
    REST(WAY_GLOBAL_GET, global_get(v))
    REST(WAY_GLOBAL_SET, global_set(v))
    case WAY_OUT: break;
    }
#undef REST
    /* clang-format on */
    return false;
}

WRT_INLINE void run(struct wrt_validator *v, bool analyse)
{
    const uint8_t *last = v->look_at - HOT_BYTES;
    struct cursor c = load_cursor(v);
    uint32_t ninsns = 0;

    while (c.pos <= last && any_step(v, &c, analyse))
        ninsns++;
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
