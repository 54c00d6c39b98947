/*
 * Validation of instructions and the analysis beside it: one pass over the
 * bytes, no recursion.
 *
 * Most instructions have a fixed signature of at most two operands and one
 * result.  opcode.def gives it as a string; the rules below hold it as types
 * that are compared with the two topmost stack slots without a branch.  What
 * does not match that way, or has no signature, takes a slower path that knows
 * unreachable code and subtyping.  The plainest instructions have a loop of
 * their own, in validate_hot.c.
 *
 * Operations on the stacks are in validator.h and validator.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/insn_read.h"
#include "runtime/module/opcode_sig.h"
#include "runtime/module/validator.h"

/* -- Rules ----------------------------------------------------------------- */

/* Effect of an instruction that the fast path handles. */
struct rule {
    uint32_t want[2]; /* the topmost operand and the one below */
    uint32_t mask[2]; /* all ones where there is one */
    uint8_t is_fast;  /* else by the switch in wrt_validate_insn() */
    uint8_t nparams;  /* at most 2 */
    uint8_t nresults; /* at most 1 */
    uint8_t result;   /* enum wrt_kind */
    uint8_t memarg;   /* 1 + log2 of natural alignment; 0: no memory access */
    uint8_t feature;
};

#define IS_PLAIN(imm)                                                          \
    ((imm) == WRT_IMM_NONE || (imm) == WRT_IMM_V128 ||                         \
     ((imm) >= WRT_IMM_I32 && (imm) <= WRT_IMM_F64))

static const struct rule rules[WRT_OP_COUNT] = {
#define OP(code, name, text, imm, sig, feat, effects)                          \
    [WRT_OP_##name] = {                                                        \
        .want = {WRT_SIG_UPPER(sig), WRT_SIG_LOWER(sig)},                      \
        .mask = {WRT_SIG_NPARAMS(sig) > 0 ? UINT32_MAX : 0,                    \
                 WRT_SIG_NPARAMS(sig) > 1 ? UINT32_MAX : 0},                   \
        .is_fast =                                                             \
            WRT_SIG_COLON(sig) != 0 && WRT_SIG_NRESULTS(sig) < 2 &&            \
            (IS_PLAIN(WRT_IMM_##imm) || WRT_IMM_IS_MEMARG(WRT_IMM_##imm)),     \
        .nparams = WRT_SIG_NPARAMS(sig),                                       \
        .nresults = WRT_SIG_NRESULTS(sig),                                     \
        .result = WRT_SIG_RESULT(sig),                                         \
        .memarg = (uint8_t)(WRT_IMM_IS_MEMARG(WRT_IMM_##imm)                   \
                                ? WRT_IMM_##imm - WRT_IMM_MEMARG0 + 1          \
                                : 0),                                          \
        .feature = WRT_FEATURE_IDX_##feat,                                     \
    },
#include "runtime/module/opcode.def"
#undef OP
};

/* -- Locals ---------------------------------------------------------------- */

WRT_INLINE wrt_valtype local_type(const struct wrt_validator *v, uint32_t idx)
{
    return WRT_LIKELY(idx < v->nexpanded) ? v->locals[idx]
                                          : wrt_find_local(v, idx);
}

/* Analysis of one access. */
WRT_INLINE void count_use(struct wrt_validator *v, uint32_t idx, bool is_write)
{
    if (v->weights[idx] == 0)
        v->written_first[idx] = is_write && v->nframes == 1;
    v->weights[idx] += v->weight;
}

static void mark_initialised(struct wrt_validator *v, uint32_t idx)
{
    if (v->is_init[idx])
        return;
    v->is_init[idx] = true;
    v->inits[v->ninits++] = idx;
}

/* What a block initialised is not known after it. */
static void forget_inits(struct wrt_validator *v, uint32_t ninits)
{
    while (v->ninits > ninits)
        v->is_init[v->inits[--v->ninits]] = false;
}

WRT_INLINE wasmrt_error *check_local(struct wrt_validator *v, uint32_t idx,
                                     bool is_write)
{
    if (WRT_UNLIKELY(idx >= v->nlocals))
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_LOCAL, idx);
    if (v->weights)
        count_use(v, idx, is_write);
    if (WRT_UNLIKELY(v->is_init != NULL)) {
        if (is_write)
            mark_initialised(v, idx);
        else if (!v->is_init[idx])
            return wrt_error_new(WASMRT_ERR_UNINITIALIZED_LOCAL,
                                 wrt_validator_offset(v), " %u", (unsigned)idx);
    }
    return NULL;
}

WRT_INLINE wasmrt_error *validate_local_get(struct wrt_validator *v)
{
    uint32_t idx = v->insn.imm.index;

    WRT_TRY(check_local(v, idx, false));
    return wrt_push(v, local_type(v, idx));
}

WRT_INLINE wasmrt_error *validate_local_set(struct wrt_validator *v)
{
    uint32_t idx = v->insn.imm.index;

    WRT_TRY(check_local(v, idx, true));
    return wrt_pop(v, local_type(v, idx));
}

WRT_INLINE wasmrt_error *validate_local_tee(struct wrt_validator *v)
{
    WRT_TRY(validate_local_set(v));
    return wrt_push(v, local_type(v, v->insn.imm.index));
}

/* -- Control --------------------------------------------------------------- */

wasmrt_error *wrt_pop_block_params(struct wrt_validator *v,
                                   const struct wrt_block_type *block)
{
    struct wrt_block_sig sig;

    WRT_TRY(wrt_check_block(v, block));
    if (block->form != WRT_BLOCK_TYPE)
        return NULL;
    sig = wrt_block_sig(v->module, block);
    return wrt_pop_all(v, sig.params, sig.nparams);
}

static wasmrt_error *validate_block(struct wrt_validator *v)
{
    const struct wrt_block_type *block = &v->insn.imm.block;

    if (v->insn.op == WRT_OP_IF)
        WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    WRT_TRY(wrt_pop_block_params(v, block));
    return wrt_push_frame(v, v->insn.op, block);
}

/* The innermost block has its results on the stack and nothing else. */
static wasmrt_error *check_block_end(struct wrt_validator *v)
{
    struct wrt_label results = wrt_frame_results(wrt_validator_frame(v));
    char text[64];

    WRT_TRY(wrt_pop_all(v, results.types, results.count));
    if (WRT_LIKELY(v->height == v->base))
        return NULL;
    return wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, wrt_validator_offset(v),
                         "block requires [] but stack has [%s]",
                         wrt_module_valtype_text(v->module,
                                                 v->stack[v->height - 1], text,
                                                 sizeof(text)));
}

wasmrt_error *wrt_next_part(struct wrt_validator *v, enum wrt_op op)
{
    struct wrt_frame *frame = wrt_validator_frame(v);

    WRT_TRY(check_block_end(v));
    frame->op = (uint16_t)op;
    frame->is_unreachable = false;
    forget_inits(v, frame->ninits);
    return NULL;
}

static wasmrt_error *validate_else(struct wrt_validator *v)
{
    struct wrt_frame *frame = wrt_validator_frame(v);

    if (frame->op != WRT_OP_IF)
        return wrt_error_new(WASMRT_ERR_END_EXPECTED, wrt_validator_offset(v),
                             "else without if");
    WRT_TRY(wrt_next_part(v, WRT_OP_ELSE));
    return wrt_push_all(v, frame->params, frame->nparams);
}

/* An if without else passes its parameters on as results. */
static wasmrt_error *check_missing_else(struct wrt_validator *v,
                                        const struct wrt_frame *frame)
{
    struct wrt_label results = wrt_frame_results(frame);
    uint32_t i = 0;

    if (frame->nparams == results.count) {
        while (
            i < results.count &&
            wrt_valtype_matches(v->types, frame->params[i], results.types[i]))
            i++;
        if (i == results.count)
            return NULL;
    }
    return wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, wrt_validator_offset(v),
                         "if without else does not leave its results");
}

wasmrt_error *wrt_pop_frame(struct wrt_validator *v)
{
    struct wrt_frame *frame = wrt_validator_frame(v);
    struct wrt_label results;

    WRT_TRY(check_block_end(v));
    if (frame->op == WRT_OP_IF)
        WRT_TRY(check_missing_else(v, frame));
    if (frame->op == WRT_OP_LOOP && v->weights)
        wrt_leave_loop(v, frame, v->insn.pos);
    forget_inits(v, frame->ninits);
    results = wrt_frame_results(frame);
    v->nframes--;
    if (v->nframes == 0)
        return NULL;
    v->base = frame[-1].height;
    wrt_set_plain_labels(v, &frame[-1]);
    return wrt_push_all(v, results.types, results.count);
}

static wasmrt_error *validate_br(struct wrt_validator *v)
{
    struct wrt_label label;

    WRT_TRY(wrt_find_label(v, v->insn.imm.index, &label));
    WRT_TRY(wrt_pop_all(v, label.types, label.count));
    wrt_set_unreachable(v);
    return NULL;
}

static wasmrt_error *validate_br_if(struct wrt_validator *v)
{
    struct wrt_label label;

    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    WRT_TRY(wrt_find_label(v, v->insn.imm.index, &label));
    if (label.count == 0)
        return NULL;
    WRT_TRY(wrt_pop_all(v, label.types, label.count));
    return wrt_push_all(v, label.types, label.count);
}

static wasmrt_error *validate_return(struct wrt_validator *v)
{
    struct wrt_label results = wrt_frame_results(&v->frames[0]);

    WRT_TRY(wrt_pop_all(v, results.types, results.count));
    wrt_set_unreachable(v);
    return NULL;
}

static wasmrt_error *validate_call(struct wrt_validator *v)
{
    uint32_t idx = v->insn.imm.index;

    if (WRT_UNLIKELY(idx >= v->module->nfuncs))
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_FUNC, idx);
    return wrt_apply_call(v, wrt_module_func_type(v->module, idx));
}

static wasmrt_error *validate_select(struct wrt_validator *v)
{
    wrt_valtype a, b;

    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    WRT_TRY(wrt_pop_any(v, &a));
    WRT_TRY(wrt_pop_any(v, &b));
    if (a == WRT_KIND_BOT)
        a = b;
    if (wrt_valtype_is_ref(a) || wrt_valtype_is_ref(b))
        return wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, wrt_validator_offset(v),
                             "select without type needs numbers or vectors");
    if (b != WRT_KIND_BOT && a != b)
        return wrt_validator_mismatch(v, a, b);
    return wrt_push(v, a);
}

/* -- Globals --------------------------------------------------------------- */

static wasmrt_error *validate_global_get(struct wrt_validator *v)
{
    const struct wrt_module *m = v->module;
    uint32_t idx = v->insn.imm.index;

    if (idx >= m->nglobals)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_GLOBAL, idx);
    if (v->is_const) {
        /* First only imported globals could be read; now all that are already
         * there.  The rule came with GC, and hurts nobody without it. */
        if (idx >= m->nimported_globals &&
            !(v->features & (WRT_FEATURE_GC | WRT_FEATURE_EXTENDED_CONST)))
            return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_GLOBAL, idx);
        if (m->globals[idx].type.is_mutable)
            return wrt_error_new(WASMRT_ERR_CONST_EXPR_REQUIRED,
                                 wrt_validator_offset(v),
                                 "global %u is mutable", (unsigned)idx);
    }
    return wrt_push(v, m->globals[idx].type.type);
}

static wasmrt_error *validate_global_set(struct wrt_validator *v)
{
    uint32_t idx = v->insn.imm.index;

    if (idx >= v->module->nglobals)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_GLOBAL, idx);
    if (!v->module->globals[idx].type.is_mutable)
        return wrt_error_new(WASMRT_ERR_IMMUTABLE_GLOBAL,
                             wrt_validator_offset(v), " %u", (unsigned)idx);
    return wrt_pop(v, v->module->globals[idx].type.type);
}

/* -- Instructions ---------------------------------------------------------- */

/* Whether a memory argument needs no more checks: memory 0 with 32-bit
 * addresses, a small alignment. */
WRT_INLINE bool is_plain_memarg(const struct wrt_validator *v,
                                const struct rule *rule)
{
    const struct wrt_memarg *arg = &v->insn.imm.memarg;

    return arg->align_log2 < rule->memarg && arg->memory_idx == 0 &&
           arg->offset <= UINT32_MAX && v->has_plain_memory;
}

/* Whether the operands of an instruction are on a stack of this height.  Both
 * slots are compared without a branch; the one that does not count may lie
 * below the block or the stack. */
WRT_INLINE bool has_operands(const struct wrt_validator *v,
                             const struct rule *rule, uint32_t height)
{
    const wrt_valtype *top = v->stack + height;
    uint32_t differ = ((top[-1] ^ rule->want[0]) & rule->mask[0]) |
                      ((top[-2] ^ rule->want[1]) & rule->mask[1]);

    return differ == 0 && height >= v->base + rule->nparams;
}

/* Tries the fast path; false when the instruction has to take the slow one. */
WRT_INLINE bool apply_rule(struct wrt_validator *v, const struct rule *rule)
{
    uint32_t height = v->height - rule->nparams;

    if (rule->memarg != 0 && WRT_UNLIKELY(!is_plain_memarg(v, rule)))
        return false;
    if (WRT_UNLIKELY(!has_operands(v, rule, v->height)))
        return false;
    v->stack[height] = rule->result; /* overwritten when there is none */
    height += rule->nresults;
    if (WRT_UNLIKELY(height > v->peak)) {
        if (height > v->capacity)
            return false;
        v->peak = height;
    }
    v->height = height;
    return true;
}

static wasmrt_error *validate_plain(struct wrt_validator *v)
{
    switch (v->insn.op) {
    case WRT_OP_LOCAL_GET: return validate_local_get(v);
    case WRT_OP_LOCAL_SET: return validate_local_set(v);
    case WRT_OP_LOCAL_TEE: return validate_local_tee(v);
    case WRT_OP_GLOBAL_GET: return validate_global_get(v);
    case WRT_OP_GLOBAL_SET: return validate_global_set(v);
    case WRT_OP_BLOCK:
    case WRT_OP_LOOP:
    case WRT_OP_IF: return validate_block(v);
    case WRT_OP_ELSE: return validate_else(v);
    case WRT_OP_END: return wrt_pop_frame(v);
    case WRT_OP_BR: return validate_br(v);
    case WRT_OP_BR_IF: return validate_br_if(v);
    case WRT_OP_CALL: return validate_call(v);
    case WRT_OP_RETURN: return validate_return(v);
    case WRT_OP_UNREACHABLE: wrt_set_unreachable(v); return NULL;
    case WRT_OP_DROP: return wrt_pop_any(v, &(wrt_valtype){0});
    case WRT_OP_SELECT: return validate_select(v);
    default: return wrt_validate_rare(v);
    }
}

static wasmrt_error *check_feature(struct wrt_validator *v, uint8_t feature)
{
    if (!(v->features >> feature & 1))
        return wrt_feature_error((enum wrt_feature_idx)feature,
                                 wrt_validator_offset(v));
    v->has_v128 |= feature == WRT_FEATURE_IDX_SIMD ||
                   feature == WRT_FEATURE_IDX_RELAXED_SIMD;
    return NULL;
}

WRT_INLINE wasmrt_error *validate_insn(struct wrt_validator *v)
{
    const struct rule *rule = &rules[v->insn.op];

    if (WRT_UNLIKELY(rule->feature != WRT_FEATURE_IDX_MVP))
        WRT_TRY(check_feature(v, rule->feature));
    if (rule->is_fast && apply_rule(v, rule))
        return NULL;
    return validate_plain(v);
}

wasmrt_error *wrt_validate_insn(struct wrt_validator *v)
{
    return validate_insn(v);
}

/* -- The loop -------------------------------------------------------------- */

/* Far less than a millisecond, whatever the instructions are. */
enum { SLICE_BYTES = 16 * 1024 };

/* Begins a slice, unless there is to be none. */
static wasmrt_error *begin_slice(struct wrt_validator *v)
{
    v->look_at =
        v->r.end - v->r.pos > SLICE_BYTES ? v->r.pos + SLICE_BYTES : v->r.end;
    return wrt_error_if_stopped(v->stop);
}

/* Validates up to the function's last `end`, which has to be where the body
 * ends. */
wasmrt_error *wrt_validate_code(struct wrt_validator *v, const uint8_t *end)
{
    WRT_TRY(begin_slice(v));
    while (v->nframes != 0) {
        wrt_validate_hot(v);
        if (WRT_UNLIKELY(v->r.pos >= v->look_at))
            WRT_TRY(begin_slice(v));
        wrt_insn_read_inline(v->module, &v->r, &v->insn);
        v->ninsns++;
        if (WRT_UNLIKELY(v->r.failed != WASMRT_ERR_NONE)) {
            if (v->insn.op != WRT_OP_NONE)
                WRT_TRY(check_feature(v, rules[v->insn.op].feature));
            return wrt_validator_read_error(v);
        }
        WRT_TRY(validate_insn(v));
    }
    if (v->r.pos == end)
        return NULL;
    return wrt_error_new(
        v->r.pos < end ? WASMRT_ERR_END_EXPECTED : WASMRT_ERR_SECTION_SIZE,
        wrt_reader_offset(&v->r), "the function ends before or after its size");
}
