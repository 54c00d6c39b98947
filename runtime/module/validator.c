/*
 * The operand and control stacks of the validator, off its hot path.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/validator.h"

#include "runtime/module/type_read.h"

enum {
    FIRST_STACK = 64,
    FIRST_FRAMES = 16,
    FIRST_LOOPS = 16,
    SPARE_SLOTS = 2, /* below stack[0] */
};

/* -- Errors ---------------------------------------------------------------- */

wasmrt_error *wrt_validator_mismatch(const struct wrt_validator *v,
                                     wrt_valtype want, wrt_valtype found)
{
    char want_text[64], found_text[64] = "";

    wrt_module_valtype_text(v->module, want, want_text, sizeof(want_text));
    if (found != WRT_KIND_BOT)
        wrt_module_valtype_text(v->module, found, found_text,
                                sizeof(found_text));
    return wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, wrt_validator_offset(v),
                         "instruction requires [%s] but stack has [%s]",
                         want_text, found_text);
}

wasmrt_error *wrt_validator_unknown(const struct wrt_validator *v,
                                    wasmrt_code code, uint32_t idx)
{
    return wrt_error_new(code, wrt_validator_offset(v), " %u", (unsigned)idx);
}

wasmrt_error *wrt_validator_read_error(struct wrt_validator *v)
{
    uint64_t at = wrt_reader_offset(&v->r);

    if (v->r.failed == WASMRT_ERR_BAD_OPCODE)
        return wrt_error_new(WASMRT_ERR_BAD_OPCODE, at, " %02x", *v->r.pos);
    return wrt_reader_error(&v->r);
}

/* -- Operands -------------------------------------------------------------- */

/* Gives an array of count items twice the capacity.  The old array stays in the
 * arena until that is reset. */
static wasmrt_error *grow(struct wrt_validator *v, void *items_inout,
                          size_t count, uint32_t *capacity, uint32_t want,
                          size_t elem)
{
    enum { SLICE_BYTES = 1 << 20 };
    size_t next = WRT_MAX((size_t)*capacity * 2, (size_t)want);
    uint8_t *grown =
        next > UINT32_MAX ? NULL : wrt_arena_raw(v->arena, next, elem);
    const uint8_t *items;

    if (!grown)
        return wrt_error_oom();
    memcpy(&items, items_inout, sizeof(items));
    for (size_t at = 0; at < count * elem; at += SLICE_BYTES) {
        WRT_TRY(wrt_error_if_stopped(v->stop));
        memcpy(grown + at, items + at,
               WRT_MIN(count * elem - at, (size_t)SLICE_BYTES));
    }
    memcpy(items_inout, &grown, sizeof(grown));
    *capacity = (uint32_t)next;
    return NULL;
}

wasmrt_error *wrt_validator_raise_peak(struct wrt_validator *v, uint32_t height)
{
    enum { SPARE = SPARE_SLOTS + 1 }; /* and one above, see apply_rule() */

    if (height > v->capacity) {
        uint32_t capacity = v->capacity + SPARE;
        wrt_valtype *base = v->stack - SPARE_SLOTS;

        WRT_TRY(grow(v, &base, v->height + SPARE_SLOTS, &capacity,
                     height + SPARE, sizeof(*v->stack)));
        v->stack = base + SPARE_SLOTS;
        v->capacity = capacity - SPARE;
    }
    if (height > v->peak)
        v->peak = height;
    return NULL;
}

wasmrt_error *wrt_pop_slow(struct wrt_validator *v, wrt_valtype want)
{
    wrt_valtype found;

    if (v->height == v->base) {
        if (wrt_validator_frame(v)->is_unreachable)
            return NULL;
        return wrt_validator_mismatch(v, want, WRT_KIND_BOT);
    }
    found = v->stack[v->height - 1];
    if (!wrt_valtype_matches(v->types, found, want))
        return wrt_validator_mismatch(v, want, found);
    v->height--;
    return NULL;
}

wasmrt_error *wrt_pop_any(struct wrt_validator *v, wrt_valtype *found)
{
    if (WRT_LIKELY(v->height > v->base)) {
        *found = v->stack[--v->height];
        return NULL;
    }
    *found = WRT_KIND_BOT;
    if (wrt_validator_frame(v)->is_unreachable)
        return NULL;
    return wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, wrt_validator_offset(v),
                         "instruction requires a value but stack has []");
}

wasmrt_error *wrt_pop_ref(struct wrt_validator *v, wrt_valtype *found)
{
    char text[64];

    WRT_TRY(wrt_pop_any(v, found));
    if (wrt_valtype_is_ref(*found) || *found == WRT_KIND_BOT)
        return NULL;
    return wrt_error_new(
        WASMRT_ERR_TYPE_MISMATCH, wrt_validator_offset(v),
        "instruction requires a reference but stack has [%s]",
        wrt_module_valtype_text(v->module, *found, text, sizeof(text)));
}

wasmrt_error *wrt_pop_all(struct wrt_validator *v, const wrt_valtype *types,
                          uint32_t count)
{
    /* Long lists are compared as a whole, so that branches and calls with a
     * thousand values cannot make validation slow. */
    if (count > 4 && v->height - v->base >= count &&
        memcmp(v->stack + v->height - count, types, count * sizeof(*types)) ==
            0) {
        v->height -= count;
        return NULL;
    }
    while (count-- > 0 && !wrt_is_bottomless(v))
        WRT_TRY(wrt_pop(v, types[count]));
    return NULL;
}

wasmrt_error *wrt_push_all(struct wrt_validator *v, const wrt_valtype *types,
                           uint32_t count)
{
    uint32_t height = v->height + count;
    bool has_v128 = false;

    if (count == 0)
        return NULL;
    if (height > v->peak)
        WRT_TRY(wrt_validator_raise_peak(v, height));
    for (uint32_t i = 0; i < count; i++) {
        v->stack[v->height + i] = types[i];
        has_v128 |= types[i] == WRT_KIND_V128;
    }
    v->has_v128 |= has_v128;
    v->height = height;
    return NULL;
}

/* -- Control --------------------------------------------------------------- */

wasmrt_error *wrt_find_label(const struct wrt_validator *v, uint32_t depth,
                             struct wrt_label *label)
{
    const struct wrt_frame *frame;

    if (depth >= v->nframes)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_LABEL, depth);
    frame = &v->frames[v->nframes - 1 - depth];
    if (frame->op == WRT_OP_LOOP)
        *label = (struct wrt_label){frame->params, frame->nparams};
    else
        *label = wrt_frame_results(frame);
    return NULL;
}

wasmrt_error *wrt_check_valtype(const struct wrt_validator *v, wrt_valtype t)
{
    int missing = wrt_valtype_missing_feature(v->features, t);

    if (missing < 0)
        return NULL;
    return wrt_feature_error((enum wrt_feature_idx)missing,
                             wrt_validator_offset(v));
}

wasmrt_error *wrt_find_func_type(const struct wrt_validator *v,
                                 uint32_t type_idx, const struct wrt_type **out)
{
    if (type_idx >= v->module->ntypes)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_TYPE, type_idx);
    *out = wrt_module_type(v->module, type_idx);
    if ((*out)->form != WRT_FORM_FUNC)
        return wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, wrt_validator_offset(v),
                             "type %u is not a function type",
                             (unsigned)type_idx);
    return NULL;
}

wasmrt_error *wrt_check_block(const struct wrt_validator *v,
                              const struct wrt_block_type *block)
{
    const struct wrt_type *type;

    if (block->form == WRT_BLOCK_VALUE)
        return wrt_check_valtype(v, block->value);
    if (block->form == WRT_BLOCK_EMPTY)
        return NULL;
    if (!(v->features & WRT_FEATURE_MULTI_VALUE))
        return wrt_feature_error(WRT_FEATURE_IDX_MULTI_VALUE,
                                 wrt_validator_offset(v));
    return wrt_find_func_type(v, block->type_idx, &type);
}

/* Records a loop and makes it the innermost one. */
static wasmrt_error *enter_loop(struct wrt_validator *v,
                                struct wrt_frame *frame)
{
    if (v->nloops == v->loops_capacity) {
        WRT_TRY(grow(v, &v->loops, v->nloops, &v->loops_capacity, FIRST_LOOPS,
                     sizeof(*v->loops)));
    }
    wrt_enter_loop(v, frame, v->insn.pos);
    return NULL;
}

static wasmrt_error *grow_frames(struct wrt_validator *v)
{
    if (v->nframes >= WRT_LIMIT_NESTING)
        return wrt_limit_error(WRT_LIMIT_IDX_NESTING, v->nframes + 1u,
                               wrt_validator_offset(v));
    WRT_TRY(grow(v, &v->frames, v->nframes, &v->frames_capacity, 0,
                 sizeof(*v->frames)));
    v->frames_capacity =
        WRT_MIN(v->frames_capacity, (uint32_t)WRT_LIMIT_NESTING);
    return NULL;
}

wasmrt_error *wrt_push_frame(struct wrt_validator *v, enum wrt_op op,
                             const struct wrt_block_type *block)
{
    struct wrt_frame *frame;

    if (v->nframes == v->frames_capacity)
        WRT_TRY(grow_frames(v));
    frame = &v->frames[v->nframes];
    *frame = (struct wrt_frame){
        .height = v->height,
        .loop = v->nframes ? frame[-1].loop : WRT_NO_LOOP,
        .ninits = v->ninits,
        .op = (uint16_t)op,
    };
    if (block->form == WRT_BLOCK_VALUE) {
        frame->value = block->value;
        frame->nresults = 1;
    } else if (block->form == WRT_BLOCK_TYPE) {
        struct wrt_block_sig sig = wrt_block_sig(v->module, block);

        frame->params = sig.params;
        frame->nparams = sig.nparams;
        frame->results = sig.results;
        frame->nresults = sig.nresults;
    }
    if (op == WRT_OP_LOOP && v->weights)
        WRT_TRY(enter_loop(v, frame));
    wrt_count_plain_labels(v, frame);
    v->nframes++;
    v->max_frames = WRT_MAX(v->max_frames, v->nframes);
    v->base = v->height;
    /* A function's parameters are locals, not operands. */
    return v->nframes == 1 ? NULL
                           : wrt_push_all(v, frame->params, frame->nparams);
}

/* -- Calls ----------------------------------------------------------------- */

wasmrt_error *wrt_apply_call(struct wrt_validator *v,
                             const struct wrt_type *type)
{
    wrt_note_call(v);
    WRT_TRY(wrt_pop_all(v, wrt_type_params(type), type->nparams));
    return wrt_push_all(v, wrt_type_results(type), type->nresults);
}

wasmrt_error *wrt_check_tail_call(struct wrt_validator *v,
                                  const struct wrt_type *type)
{
    struct wrt_label results = wrt_frame_results(&v->frames[0]);
    const wrt_valtype *have = wrt_type_results(type);
    uint32_t i = 0;

    wrt_note_call(v);
    if (type->nresults == results.count) {
        while (i < results.count &&
               wrt_valtype_matches(v->types, have[i], results.types[i]))
            i++;
    }
    if (i != results.count || type->nresults != results.count)
        return wrt_error_new(WASMRT_ERR_TYPE_MISMATCH, wrt_validator_offset(v),
                             "results of the callee do not fit the function");
    WRT_TRY(wrt_pop_all(v, wrt_type_params(type), type->nparams));
    wrt_set_unreachable(v);
    return NULL;
}

/* -- Start ----------------------------------------------------------------- */

wasmrt_error *wrt_validator_init(struct wrt_validator *v,
                                 const struct wrt_module *module,
                                 struct wrt_arena *arena)
{
    wrt_valtype *base;

    v->module = module;
    v->types = module->types;
    v->features = module->features;
    v->arena = arena;
    v->has_plain_memory = module->nmemories != 0 && !module->memories[0].is_64;
    wrt_reader_init(&v->r, module->bytes, module->len);
    base =
        wrt_arena_raw(arena, FIRST_STACK + SPARE_SLOTS + 1, sizeof(*v->stack));
    v->frames = wrt_arena_raw(arena, FIRST_FRAMES, sizeof(*v->frames));
    if (!base || !v->frames)
        return wrt_error_oom();
    memset(base, 0, SPARE_SLOTS * sizeof(*base));
    v->stack = base + SPARE_SLOTS;
    v->capacity = FIRST_STACK;
    v->frames_capacity = FIRST_FRAMES;
    return NULL;
}
