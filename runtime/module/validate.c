/*
 * Validation of a function body: its locals, and what the analysis gives.
 *
 * validate_code.c has the loop over the instructions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/validate.h"

#include "runtime/module/type_read.h"
#include "runtime/module/validator.h"

/* Locals in an array when nobody wants them all; and the least length of that
 * array, since the hot loop reads at any byte before it looks what it is. */
enum { PLAIN_EXPANSION = 256, LEAST_EXPANSION = 256 };

/* -- Locals ---------------------------------------------------------------- */

static wasmrt_error *read_locals(struct wrt_validator *v, uint32_t nparams)
{
    uint32_t ngroups = wrt_read_u32(&v->r), total = nparams;
    struct wrt_local_run *runs;

    if (ngroups > wrt_reader_left(&v->r))
        wrt_reader_fail(&v->r, WASMRT_ERR_UNEXPECTED_END);
    if (v->r.failed)
        return wrt_reader_error(&v->r);
    runs = wrt_arena_raw(v->arena, ngroups, sizeof(*runs));
    if (!runs)
        return wrt_error_oom();
    for (uint32_t i = 0; i < ngroups; i++) {
        uint64_t at = wrt_reader_offset(&v->r);
        uint32_t count = wrt_read_u32(&v->r);

        if (__builtin_add_overflow(total, count, &total))
            return wrt_error_new(WASMRT_ERR_TOO_MANY_LOCALS, at, NULL);
        runs[i].end = total;
        runs[i].type = wrt_read_valtype(v->module, 0, &v->r);
        if (v->r.failed)
            return wrt_reader_error(&v->r);
        v->insn.pos = v->r.pos; /* where an error would be */
        WRT_TRY(wrt_check_valtype(v, runs[i].type));
        v->has_v128 |= runs[i].type == WRT_KIND_V128;
    }
    if (total > WRT_LIMIT_FUNC_LOCALS)
        return wrt_limit_error(WRT_LIMIT_IDX_FUNC_LOCALS, total,
                               wrt_reader_offset(&v->r));
    v->runs = runs;
    v->nruns = ngroups;
    v->nlocals = total;
    return NULL;
}

/* Writes the types of the first v->nexpanded locals. */
static void expand_locals(struct wrt_validator *v, wrt_valtype *out,
                          const struct wrt_type *type)
{
    uint32_t i = 0;

    for (; i < type->nparams; i++)
        out[i] = wrt_type_params(type)[i];
    for (uint32_t k = 0; k < v->nruns && i < v->nexpanded; k++) {
        while (i < v->runs[k].end && i < v->nexpanded)
            out[i++] = v->runs[k].type;
    }
}

/* Starts to track initialisation when a local has no default value. */
static wasmrt_error *init_nondefaultable(struct wrt_validator *v,
                                         const struct wrt_type *type)
{
    bool any = false;

    for (uint32_t k = 0; k < v->nruns; k++) {
        wrt_valtype t = v->runs[k].type;

        any |= wrt_valtype_is_ref(t) && !wrt_valtype_is_nullable(t);
    }
    if (!any)
        return NULL;
    v->is_init = wrt_arena_array(v->arena, v->nlocals, sizeof(*v->is_init));
    v->inits = wrt_arena_array(v->arena, v->nlocals, sizeof(*v->inits));
    if (!v->is_init || !v->inits)
        return wrt_error_oom();
    for (uint32_t i = 0; i < v->nlocals; i++) {
        wrt_valtype t = i < type->nparams ? WRT_KIND_I32 : wrt_find_local(v, i);

        v->is_init[i] = !wrt_valtype_is_ref(t) || wrt_valtype_is_nullable(t);
    }
    return NULL;
}

static wasmrt_error *init_locals(struct wrt_validator *v,
                                 const struct wrt_type *type, bool analyse)
{
    wrt_valtype *locals;

    WRT_TRY(read_locals(v, type->nparams));
    v->nexpanded = v->nlocals;
    if (!analyse && v->nlocals > type->nparams + PLAIN_EXPANSION)
        v->nexpanded = type->nparams + PLAIN_EXPANSION;
    locals = wrt_arena_raw(v->arena,
                           WRT_MAX(v->nexpanded, (uint32_t)LEAST_EXPANSION),
                           sizeof(*locals));
    if (!locals)
        return wrt_error_oom();
    expand_locals(v, locals, type);
    v->locals = locals;
    if (analyse) {
        /* Both in one piece, with one below the first. */
        enum { EACH = sizeof(*v->weights) + sizeof(*v->written_first) };
        size_t count = (size_t)v->nlocals + 1;

        v->weights = wrt_arena_array(v->arena, count, EACH);
        if (!v->weights)
            return wrt_error_oom();
        v->written_first = (bool *)(v->weights + count) + 1;
        v->weights++;
        v->weight = 1;
    }
    return init_nondefaultable(v, type);
}

wrt_valtype wrt_find_local(const struct wrt_validator *v, uint32_t idx)
{
    uint32_t low = 0, high = v->nruns - 1;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (idx < v->runs[mid].end)
            high = mid;
        else
            low = mid + 1;
    }
    return v->runs[low].type;
}

/* -- The function ---------------------------------------------------------- */

static void fill_info(const struct wrt_validator *v, struct wrt_finfo *info,
                      const struct wrt_type *type, uint32_t code_start)
{
    *info = (struct wrt_finfo){
        .type = type,
        .nlocals = v->nlocals,
        .locals = v->locals,
        .code_start = code_start,
        .max_height = v->peak,
        .max_slots = v->has_v128 ? v->peak * 2 : v->peak,
        .max_nesting = v->max_frames,
        .ninsns = v->ninsns,
        .has_call = v->has_call,
        .has_try = v->has_try,
        .ntries = v->ntries,
        .has_grow = v->has_grow,
        .has_v128 = v->has_v128,
        .nloops = v->nloops,
        .loops = v->loops,
        .weights = v->weights,
        .call_weight = v->call_weight,
        .written_first = v->written_first,
    };
}

/* What lies behind a body is none of its instructions: any error in there means
 * that the body's `end` is missing. */
static wasmrt_error *adjust_error(const struct wrt_module *module,
                                  const struct wrt_func *func,
                                  wasmrt_error *error)
{
    uint64_t end = wrt_module_offset(module, func->body + func->body_len), at;
    wasmrt_code code = wasmrt_error_code(error);

    if (!wasmrt_error_offset(error, &at) || at < end ||
        code == WASMRT_ERR_UNEXPECTED_END || code == WASMRT_ERR_SECTION_SIZE)
        return error;
    wasmrt_error_delete(error);
    return wrt_error_new(WASMRT_ERR_END_EXPECTED, end, NULL);
}

static wasmrt_error *validate_func(const struct wrt_module *module,
                                   uint32_t func_idx, struct wrt_arena *scratch,
                                   const uint32_t *stop, struct wrt_finfo *info)
{
    const struct wrt_func *func = &module->funcs[func_idx];
    const struct wrt_type *type = wrt_module_func_type(module, func_idx);
    const struct wrt_block_type block = {.form = WRT_BLOCK_TYPE,
                                         .type_idx = func->type_idx};
    struct wrt_validator v = {.body = func->body, .stop = stop};
    const uint8_t *code;

    WRT_TRY(wrt_validator_init(&v, module, scratch));
    /* Up to the end of the module: a body that is cut off by its size then
     * gives the errors that the specification has for it. */
    v.r.pos = func->body;
    WRT_TRY(init_locals(&v, type, info != NULL));
    code = v.r.pos;
    v.insn.pos = code;
    WRT_TRY(wrt_push_frame(&v, WRT_OP_BLOCK, &block));
    wrt_validate_hot_init(&v);
    WRT_TRY(wrt_validate_code(&v, func->body + func->body_len));
    if (info)
        fill_info(&v, info, type, (uint32_t)(code - func->body));
    return NULL;
}

wasmrt_error *wrt_validate_func(const struct wrt_module *module,
                                uint32_t func_idx, struct wrt_arena *scratch,
                                const uint32_t *stop, struct wrt_finfo *info)
{
    wasmrt_error *error = validate_func(module, func_idx, scratch, stop, info);

    return error ? adjust_error(module, &module->funcs[func_idx], error) : NULL;
}
