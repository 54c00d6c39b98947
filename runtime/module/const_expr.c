/*
 * Constant expressions: the validator runs over them with a list of permitted
 * instructions; what consists of a single instruction is kept as a value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/const_expr.h"

#include "runtime/base/leb.h"
#include "runtime/module/validator.h"

/* -- Reading --------------------------------------------------------------- */

/* Instructions that are constant, globals aside (spec 3.4.12). */
static bool is_const_op(enum wrt_op op)
{
    switch (op) {
    case WRT_OP_I32_CONST:
    case WRT_OP_I64_CONST:
    case WRT_OP_F32_CONST:
    case WRT_OP_F64_CONST:
    case WRT_OP_V128_CONST:
    case WRT_OP_REF_NULL:
    case WRT_OP_REF_FUNC:
    case WRT_OP_GLOBAL_GET:
    case WRT_OP_END: return true;
    default: return false;
    }
}

/* Arithmetic of the extended-const proposal. */
static bool is_extended_op(enum wrt_op op)
{
    switch (op) {
    case WRT_OP_I32_ADD:
    case WRT_OP_I32_SUB:
    case WRT_OP_I32_MUL:
    case WRT_OP_I64_ADD:
    case WRT_OP_I64_SUB:
    case WRT_OP_I64_MUL: return true;
    default: return false;
    }
}

/* Allocations of the GC proposal; its own gate is the validator's. */
static bool is_new_op(enum wrt_op op)
{
    switch (op) {
    case WRT_OP_STRUCT_NEW:
    case WRT_OP_STRUCT_NEW_DEFAULT:
    case WRT_OP_ARRAY_NEW:
    case WRT_OP_ARRAY_NEW_DEFAULT:
    case WRT_OP_ARRAY_NEW_FIXED: return true;
    default: return false;
    }
}

/* The same and conversions. */
static bool is_gc_op(enum wrt_op op)
{
    switch (op) {
    case WRT_OP_REF_I31:
    case WRT_OP_ANY_CONVERT_EXTERN:
    case WRT_OP_EXTERN_CONVERT_ANY: return true;
    default: return is_new_op(op);
    }
}

static wasmrt_error *check_op(const struct wrt_validator *v)
{
    enum wrt_op op = v->insn.op;

    if (is_const_op(op) || is_gc_op(op))
        return NULL;
    if (!is_extended_op(op))
        return wrt_error_new(WASMRT_ERR_CONST_EXPR_REQUIRED,
                             wrt_validator_offset(v), "%s",
                             wrt_op_infos[op].text);
    if (!(v->features & WRT_FEATURE_EXTENDED_CONST))
        return wrt_feature_error(WRT_FEATURE_IDX_EXTENDED_CONST,
                                 wrt_validator_offset(v));
    return NULL;
}

/* Keeps an expression of one instruction as what it gives. */
static void simplify(const struct wrt_insn *insn, struct wrt_const_expr *out)
{
    switch (insn->op) {
    case WRT_OP_I32_CONST:
        out->form = WRT_CONST_VALUE;
        out->value.bits = (uint32_t)insn->imm.bits;
        break;
    case WRT_OP_I64_CONST:
    case WRT_OP_F32_CONST:
    case WRT_OP_F64_CONST:
        out->form = WRT_CONST_VALUE;
        out->value.bits = insn->imm.bits;
        break;
    case WRT_OP_V128_CONST:
        out->form = WRT_CONST_VALUE;
        memcpy(out->value.v128, insn->imm.bytes, sizeof(out->value.v128));
        break;
    case WRT_OP_REF_NULL: out->form = WRT_CONST_VALUE; break;
    case WRT_OP_REF_FUNC:
        out->form = WRT_CONST_FUNC;
        out->index = insn->imm.index;
        break;
    case WRT_OP_GLOBAL_GET:
        out->form = WRT_CONST_GLOBAL;
        out->index = insn->imm.index;
        break;
    default: /* stays code */ break;
    }
}

/* Validates up to the `end`; *first is the first instruction, *allocates tells
 * whether any makes an object. */
static wasmrt_error *validate(struct wrt_validator *v, struct wrt_insn *first,
                              bool *allocates)
{
    while (v->nframes != 0) {
        wrt_insn_read(v->module, &v->r, &v->insn);
        if (v->r.failed)
            return wrt_validator_read_error(v);
        WRT_TRY(check_op(v));
        WRT_TRY(wrt_validate_insn(v));
        *allocates |= is_new_op(v->insn.op);
        if (v->ninsns++ == 0)
            *first = v->insn;
        if (v->peak > WRT_LIMIT_CONST_EXPR_STACK)
            return wrt_limit_error(WRT_LIMIT_IDX_CONST_EXPR_STACK, v->peak,
                                   wrt_validator_offset(v));
    }
    return NULL;
}

/* An i32.const of up to four bytes and the `end`: a module may have a hundred
 * thousand of these, the offsets of its data segments. */
WRT_INLINE bool read_i32(const struct wrt_module *module, struct wrt_reader *r,
                         wrt_valtype type, struct wrt_const_expr *out)
{
    enum { AT_MOST = 4 };
    const uint8_t *start = r->pos;
    uint64_t word;
    unsigned len;

    if (type != WRT_KIND_I32 || module->features & WRT_FEATURES_NO_HOT_LOOP ||
        wrt_reader_left(r) < 1 + sizeof(word))
        return false;
    word = wrt_load_u64(start + 1);
    len = wrt_leb_len(word);
    if (wrt_op_by_byte[start[0]] != WRT_OP_I32_CONST || len - 1 >= AT_MOST ||
        wrt_op_by_byte[start[1 + len]] != WRT_OP_END)
        return false;
    r->pos += len + 2;
    *out = (struct wrt_const_expr){.form = WRT_CONST_VALUE,
                                   .value.bits =
                                       (uint32_t)wrt_leb_signed(word, len),
                                   .code = start,
                                   .code_len = len + 1};
    return true;
}

/* A number of the wanted type and the `end`: nearly every expression, and the
 * offset of each data segment.  Whatever else it is, or might be, is left
 * alone.
 */
static bool read_number(const struct wrt_module *module, struct wrt_reader *r,
                        wrt_valtype type, struct wrt_insn *insn)
{
    struct wrt_reader ahead = *r;
    enum wrt_op end;

    if (type < WRT_KIND_I32 || type > WRT_KIND_F64 ||
        module->features & WRT_FEATURES_NO_HOT_LOOP)
        return false;
    wrt_insn_read(module, &ahead, insn);
    end = (enum wrt_op)wrt_op_by_byte[wrt_read_u8(&ahead)];
    if (ahead.failed || wrt_op_infos[insn->op].imm < WRT_IMM_I32 ||
        wrt_op_infos[insn->op].imm > WRT_IMM_F64 ||
        wrt_op_infos[insn->op].result != type || end != WRT_OP_END)
        return false;
    *r = ahead;
    return true;
}

/* An expression by the validator, and its first instruction if it is the only
 * one. */
static wasmrt_error *read_any(struct wrt_module *module, struct wrt_reader *r,
                              wrt_valtype type, struct wrt_arena *scratch,
                              struct wrt_insn *only, bool *allocates)
{
    const struct wrt_block_type block = {.form = WRT_BLOCK_VALUE,
                                         .value = type};
    struct wrt_validator v = {.is_const = true, .body = r->pos};

    wrt_arena_reset(scratch);
    WRT_TRY(wrt_validator_init(&v, module, scratch));
    v.r = *r;
    v.insn.pos = r->pos;
    WRT_TRY(wrt_push_frame(&v, WRT_OP_BLOCK, &block));
    WRT_TRY(validate(&v, only, allocates));
    *r = v.r;
    if (v.ninsns != 2)
        only->op = WRT_OP_NONE;
    return NULL;
}

wasmrt_error *wrt_const_expr_read(struct wrt_module *module,
                                  struct wrt_reader *r, wrt_valtype type,
                                  struct wrt_arena *scratch,
                                  struct wrt_const_expr *out)
{
    const uint8_t *start = r->pos;
    struct wrt_insn only = {0};
    bool allocates = false;

    if (WRT_LIKELY(read_i32(module, r, type, out)))
        return NULL;
    if (r->failed)
        return wrt_reader_error(r);
    if (!read_number(module, r, type, &only))
        WRT_TRY(read_any(module, r, type, scratch, &only, &allocates));
    *out = (struct wrt_const_expr){
        .form = WRT_CONST_CODE,
        .code = start,
        .code_len = (uint32_t)(r->pos - start - 1), /* without the `end` */
        .allocates = allocates,
    };
    simplify(&only, out);
    return NULL;
}

/* -- Evaluating ------------------------------------------------------------ */

/* Applies an instruction to the stack; returns its new height. */
static uint32_t eval_insn(const struct wrt_insn *insn,
                          const struct wrt_const_env *env,
                          union wrt_const_value *stack, uint32_t height)
{
    union wrt_const_value *top = stack + height;
    uint64_t a, b;

    switch (insn->op) {
    case WRT_OP_I32_CONST:
        top->bits = (uint32_t)insn->imm.bits;
        return height + 1;
    case WRT_OP_I64_CONST:
    case WRT_OP_F32_CONST:
    case WRT_OP_F64_CONST: top->bits = insn->imm.bits; return height + 1;
    case WRT_OP_V128_CONST:
        memcpy(top->v128, insn->imm.bytes, sizeof(top->v128));
        return height + 1;
    case WRT_OP_REF_NULL: top->bits = 0; return height + 1;
    case WRT_OP_REF_FUNC:
        env->ref_func(env->user, insn->imm.index, top);
        return height + 1;
    case WRT_OP_GLOBAL_GET:
        env->global_get(env->user, insn->imm.index, top);
        return height + 1;
    default: break;
    }
    a = top[-2].bits;
    b = top[-1].bits;
    switch (insn->op) {
    case WRT_OP_I32_ADD: a = (uint32_t)(a + b); break;
    case WRT_OP_I32_SUB: a = (uint32_t)(a - b); break;
    case WRT_OP_I32_MUL: a = (uint32_t)(a * b); break;
    case WRT_OP_I64_ADD: a += b; break;
    case WRT_OP_I64_SUB: a -= b; break;
    case WRT_OP_I64_MUL: a *= b; break;
    default: WRT_ASSERT(false, "check_op() admits no other instruction");
    }
    top[-2].bits = a;
    return height - 1;
}

/* It is valid, so the stack suffices and one value is left. */
static wasmrt_error *eval_code(const struct wrt_module *module,
                               const struct wrt_const_expr *expr,
                               const struct wrt_const_env *env,
                               union wrt_const_value *out)
{
    union wrt_const_value stack[WRT_LIMIT_CONST_EXPR_STACK];
    struct wrt_reader r;
    struct wrt_insn insn;
    uint32_t height = 0;

    wrt_reader_init(&r, expr->code, expr->code_len);
    while (r.pos != r.end) {
        WRT_TRY(wrt_error_if_stopped(env->stop));
        wrt_insn_read(module, &r, &insn);
        if (is_gc_op(insn.op))
            WRT_TRY(env->object(env->user, &insn, stack, &height));
        else
            height = eval_insn(&insn, env, stack, height);
    }
    *out = stack[0];
    return NULL;
}

wasmrt_error *wrt_const_expr_eval(const struct wrt_module *module,
                                  const struct wrt_const_expr *expr,
                                  const struct wrt_const_env *env,
                                  union wrt_const_value *out)
{
    memset(out, 0, sizeof(*out));
    switch (expr->form) {
    case WRT_CONST_VALUE: memcpy(out, &expr->value, sizeof(*out)); return NULL;
    case WRT_CONST_GLOBAL:
        env->global_get(env->user, expr->index, out);
        return NULL;
    case WRT_CONST_FUNC:
        env->ref_func(env->user, expr->index, out);
        return NULL;
    default: return eval_code(module, expr, env, out);
    }
}
