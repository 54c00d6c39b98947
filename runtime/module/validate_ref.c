/*
 * Validation of tail calls, typed references, casts and exceptions.
 *
 * Structs and arrays are in validate_gc.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/insn_read.h"
#include "runtime/module/validator.h"

/* A reference type with another nullability. */
static wrt_valtype with_null(wrt_valtype t, bool is_nullable)
{
    t &= ~(wrt_valtype)WRT_REF_NULLABLE;
    return is_nullable ? t | WRT_REF_NULLABLE : t;
}

/* What is known of a popped reference; nothing in unreachable code. */
static wrt_valtype known_ref(wrt_valtype found)
{
    return found == WRT_KIND_BOT ? WRT_REF(WRT_HEAP_BOT, false) : found;
}

/* -- Calls ----------------------------------------------------------------- */

/* Pops the reference that call_ref calls and gives the callee's type. */
static wasmrt_error *check_call_ref(struct wrt_validator *v,
                                    const struct wrt_type **type)
{
    WRT_TRY(wrt_find_func_type(v, v->insn.imm.index, type));
    return wrt_pop(v, WRT_REF_TO((*type)->id, true));
}

static wasmrt_error *validate_call_ref(struct wrt_validator *v)
{
    const struct wrt_type *type;

    WRT_TRY(check_call_ref(v, &type));
    return wrt_apply_call(v, type);
}

static wasmrt_error *validate_return_call(struct wrt_validator *v)
{
    const struct wrt_type *type;
    uint32_t idx = v->insn.imm.index;

    if (v->insn.op == WRT_OP_RETURN_CALL_REF) {
        WRT_TRY(check_call_ref(v, &type));
    } else if (v->insn.op == WRT_OP_RETURN_CALL_INDIRECT) {
        WRT_TRY(wrt_check_indirect(v, &type));
    } else {
        if (idx >= v->module->nfuncs)
            return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_FUNC, idx);
        type = wrt_module_func_type(v->module, idx);
    }
    return wrt_check_tail_call(v, type);
}

/* -- Null ------------------------------------------------------------------ */

static wasmrt_error *validate_ref_as_non_null(struct wrt_validator *v)
{
    wrt_valtype found;

    WRT_TRY(wrt_pop_ref(v, &found));
    return wrt_push(v, with_null(known_ref(found), false));
}

/* A branch passes the label's types; when it is not taken they stay. */
static wasmrt_error *pass_label(struct wrt_validator *v,
                                const struct wrt_label *label, uint32_t count)
{
    WRT_TRY(wrt_pop_all(v, label->types, count));
    return wrt_push_all(v, label->types, count);
}

static wasmrt_error *validate_br_on_null(struct wrt_validator *v)
{
    struct wrt_label label;
    wrt_valtype found;

    WRT_TRY(wrt_find_label(v, v->insn.imm.index, &label));
    WRT_TRY(wrt_pop_ref(v, &found));
    WRT_TRY(pass_label(v, &label, label.count));
    return wrt_push(v, with_null(known_ref(found), false));
}

/* The last type of a label that also receives the tested reference. */
static wasmrt_error *last_of_label(const struct wrt_validator *v,
                                   const struct wrt_label *label,
                                   wrt_valtype *last)
{
    *last = label->count ? label->types[label->count - 1] : WRT_KIND_BOT;
    if (wrt_valtype_is_ref(*last))
        return NULL;
    return wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, wrt_validator_offset(v),
                         "the label takes no reference");
}

static wasmrt_error *validate_br_on_non_null(struct wrt_validator *v)
{
    struct wrt_label label;
    wrt_valtype last;

    WRT_TRY(wrt_find_label(v, v->insn.imm.index, &label));
    WRT_TRY(last_of_label(v, &label, &last));
    WRT_TRY(wrt_pop(v, with_null(last, true)));
    return pass_label(v, &label, label.count - 1);
}

static wasmrt_error *validate_ref_eq(struct wrt_validator *v)
{
    WRT_TRY(wrt_pop(v, WRT_REF(WRT_HEAP_EQ, true)));
    WRT_TRY(wrt_pop(v, WRT_REF(WRT_HEAP_EQ, true)));
    return wrt_push(v, WRT_KIND_I32);
}

/* -- Casts ----------------------------------------------------------------- */

/* The top of the hierarchy that a reference type belongs to. */
static wrt_valtype top_of(const struct wrt_validator *v, wrt_valtype t)
{
    static const enum wrt_heap tops[] = {WRT_HEAP_FUNC, WRT_HEAP_EXTERN,
                                         WRT_HEAP_EXN};

    for (unsigned i = 0; i < WRT_COUNTOF(tops); i++) {
        if (wrt_valtype_matches(v->types, t, WRT_REF(tops[i], true)))
            return WRT_REF(tops[i], true);
    }
    return WRT_REF(WRT_HEAP_ANY, true);
}

static wasmrt_error *validate_ref_test(struct wrt_validator *v, bool is_cast)
{
    wrt_valtype t = v->insn.imm.type;

    WRT_TRY(wrt_check_valtype(v, t));
    WRT_TRY(wrt_pop(v, top_of(v, t)));
    return wrt_push(v, is_cast ? t : WRT_KIND_I32);
}

/* br_on_cast passes what has the type, br_on_cast_fail what has not. */
static wasmrt_error *validate_br_on_cast(struct wrt_validator *v, bool on_fail)
{
    wrt_valtype from = v->insn.imm.cast.from, to = v->insn.imm.cast.to;
    wrt_valtype rest =
        wrt_valtype_is_nullable(to) ? with_null(from, false) : from;
    wrt_valtype passed = on_fail ? rest : to, last;
    struct wrt_label label;

    WRT_TRY(wrt_check_valtype(v, from));
    WRT_TRY(wrt_check_valtype(v, to));
    if (!wrt_valtype_matches(v->types, to, from))
        return wrt_validator_mismatch(v, from, to);
    WRT_TRY(wrt_find_label(v, v->insn.imm.cast.label, &label));
    WRT_TRY(last_of_label(v, &label, &last));
    if (!wrt_valtype_matches(v->types, passed, last))
        return wrt_validator_mismatch(v, last, passed);
    WRT_TRY(wrt_pop(v, from));
    WRT_TRY(pass_label(v, &label, label.count - 1));
    return wrt_push(v, on_fail ? to : rest);
}

/* Between the outside and the inside; null stays null. */
static wasmrt_error *validate_convert(struct wrt_validator *v,
                                      enum wrt_heap from, enum wrt_heap to)
{
    wrt_valtype found;
    bool is_nullable;

    WRT_TRY(wrt_pop_any(v, &found));
    if (!wrt_valtype_matches(v->types, found, WRT_REF(from, true)))
        return wrt_validator_mismatch(v, WRT_REF(from, true), found);
    is_nullable = found != WRT_KIND_BOT && wrt_valtype_is_nullable(found);
    return wrt_push(v, WRT_REF(to, is_nullable));
}

static wasmrt_error *validate_i31_get(struct wrt_validator *v)
{
    WRT_TRY(wrt_pop(v, WRT_REF(WRT_HEAP_I31, true)));
    return wrt_push(v, WRT_KIND_I32);
}

static wasmrt_error *validate_ref_i31(struct wrt_validator *v)
{
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    return wrt_push(v, WRT_REF(WRT_HEAP_I31, false));
}

/* -- Exceptions ------------------------------------------------------------ */

static wasmrt_error *find_tag(const struct wrt_validator *v, uint32_t idx,
                              const struct wrt_type **type)
{
    if (idx >= v->module->ntags)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_TAG, idx);
    *type = wrt_types_get(v->types, v->module->tags[idx].type_id);
    return NULL;
}

static wasmrt_error *validate_throw(struct wrt_validator *v)
{
    const struct wrt_type *type;

    WRT_TRY(find_tag(v, v->insn.imm.index, &type));
    WRT_TRY(wrt_pop_all(v, wrt_type_params(type), type->nparams));
    wrt_set_unreachable(v);
    return NULL;
}

static wasmrt_error *validate_throw_ref(struct wrt_validator *v)
{
    WRT_TRY(wrt_pop(v, WRT_REF(WRT_HEAP_EXN, true)));
    wrt_set_unreachable(v);
    return NULL;
}

/* Whether what a clause catches can be passed to its label. */
static wasmrt_error *check_catch(const struct wrt_validator *v,
                                 const struct wrt_catch *clause)
{
    const bool has_tag = clause->kind <= WRT_CATCH_REF;
    const bool has_ref =
        clause->kind == WRT_CATCH_REF || clause->kind == WRT_CATCH_ALL_REF;
    const struct wrt_type *type = NULL;
    struct wrt_label label;
    uint32_t nparams, i = 0;
    wrt_valtype exn = WRT_REF(WRT_HEAP_EXN, false);

    if (has_tag)
        WRT_TRY(find_tag(v, clause->tag, &type));
    nparams = has_tag ? type->nparams : 0;
    WRT_TRY(wrt_find_label(v, clause->label, &label));
    if (label.count == nparams + has_ref) {
        while (i < nparams &&
               wrt_valtype_matches(v->types, wrt_type_params(type)[i],
                                   label.types[i]))
            i++;
        if (i == nparams &&
            (!has_ref || wrt_valtype_matches(v->types, exn, label.types[i])))
            return NULL;
    }
    return wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, wrt_validator_offset(v),
                         "what a clause catches does not fit its label");
}

/* The labels of the clauses are those outside of the block. */
static wasmrt_error *validate_try_table(struct wrt_validator *v)
{
    const struct wrt_block_type *block = &v->insn.imm.try_table.block;
    const uint32_t count = v->insn.imm.try_table.ncatches;
    struct wrt_reader r = v->r;
    struct wrt_catch clause;

    if (count > WRT_LIMIT_CATCH_CLAUSES)
        return wrt_limit_error(WRT_LIMIT_IDX_CATCH_CLAUSES, count,
                               wrt_validator_offset(v));
    v->has_try = true;
    WRT_TRY(wrt_pop_block_params(v, block));
    r.pos = v->insn.imm.try_table.catches;
    for (uint32_t i = 0; i < count; i++) {
        wrt_catch_read(&r, &clause);
        WRT_TRY(check_catch(v, &clause));
    }
    return wrt_push_frame(v, WRT_OP_TRY_TABLE, block);
}

static wasmrt_error *validate_try(struct wrt_validator *v)
{
    v->has_try = true;
    v->ntries++;
    WRT_TRY(wrt_pop_block_params(v, &v->insn.imm.block));
    return wrt_push_frame(v, WRT_OP_TRY, &v->insn.imm.block);
}

static wasmrt_error *misplaced(const struct wrt_validator *v)
{
    return wrt_error_new(WASMRT_ERR_END_EXPECTED, wrt_validator_offset(v),
                         "%s without try", wrt_op_infos[v->insn.op].text);
}

/* The older form: catch and catch_all part a try like else parts an if. */
static wasmrt_error *validate_catch(struct wrt_validator *v)
{
    struct wrt_frame *frame = wrt_validator_frame(v);
    const struct wrt_type *type;

    if (frame->op != WRT_OP_TRY && frame->op != WRT_OP_CATCH)
        return misplaced(v);
    WRT_TRY(wrt_next_part(v, v->insn.op));
    if (v->insn.op == WRT_OP_CATCH_ALL)
        return NULL;
    WRT_TRY(find_tag(v, v->insn.imm.index, &type));
    return wrt_push_all(v, wrt_type_params(type), type->nparams);
}

/* Ends a try; the label is one outside of it. */
static wasmrt_error *validate_delegate(struct wrt_validator *v)
{
    struct wrt_label label;

    if (wrt_validator_frame(v)->op != WRT_OP_TRY)
        return misplaced(v);
    if (v->insn.imm.index >= v->nframes - 1)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_LABEL,
                                     v->insn.imm.index);
    WRT_TRY(wrt_find_label(v, v->insn.imm.index + 1, &label));
    return wrt_pop_frame(v);
}

static wasmrt_error *validate_rethrow(struct wrt_validator *v)
{
    struct wrt_label label;
    const struct wrt_frame *frame;

    WRT_TRY(wrt_find_label(v, v->insn.imm.index, &label));
    frame = &v->frames[v->nframes - 1 - v->insn.imm.index];
    if (frame->op != WRT_OP_CATCH && frame->op != WRT_OP_CATCH_ALL)
        return wrt_error_new(WASMRT_ERR_RETHROW_LABEL, wrt_validator_offset(v),
                             NULL);
    wrt_set_unreachable(v);
    return NULL;
}

wasmrt_error *wrt_validate_ref(struct wrt_validator *v)
{
    switch (v->insn.op) {
    case WRT_OP_CALL_REF: return validate_call_ref(v);
    case WRT_OP_RETURN_CALL:
    case WRT_OP_RETURN_CALL_INDIRECT:
    case WRT_OP_RETURN_CALL_REF: return validate_return_call(v);
    case WRT_OP_REF_AS_NON_NULL: return validate_ref_as_non_null(v);
    case WRT_OP_BR_ON_NULL: return validate_br_on_null(v);
    case WRT_OP_BR_ON_NON_NULL: return validate_br_on_non_null(v);
    case WRT_OP_REF_EQ: return validate_ref_eq(v);
    case WRT_OP_REF_TEST:
    case WRT_OP_REF_TEST_NULL: return validate_ref_test(v, false);
    case WRT_OP_REF_CAST:
    case WRT_OP_REF_CAST_NULL: return validate_ref_test(v, true);
    case WRT_OP_BR_ON_CAST: return validate_br_on_cast(v, false);
    case WRT_OP_BR_ON_CAST_FAIL: return validate_br_on_cast(v, true);
    case WRT_OP_ANY_CONVERT_EXTERN:
        return validate_convert(v, WRT_HEAP_EXTERN, WRT_HEAP_ANY);
    case WRT_OP_EXTERN_CONVERT_ANY:
        return validate_convert(v, WRT_HEAP_ANY, WRT_HEAP_EXTERN);
    case WRT_OP_REF_I31: return validate_ref_i31(v);
    case WRT_OP_I31_GET_S:
    case WRT_OP_I31_GET_U: return validate_i31_get(v);
    case WRT_OP_THROW: return validate_throw(v);
    case WRT_OP_THROW_REF: return validate_throw_ref(v);
    case WRT_OP_TRY_TABLE: return validate_try_table(v);
    case WRT_OP_TRY: return validate_try(v);
    case WRT_OP_CATCH:
    case WRT_OP_CATCH_ALL: return validate_catch(v);
    case WRT_OP_DELEGATE: return validate_delegate(v);
    case WRT_OP_RETHROW: return validate_rethrow(v);
    default: return wrt_validate_gc(v);
    }
}
