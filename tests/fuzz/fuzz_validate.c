/*
 * Decoding, validation, analysis and listing with every feature on, apart from
 * any engine: what the default features keep out of fuzz_decode.
 *
 * What has been accepted is then used as the engines use it: every function is
 * validated again with its analysis, whose results must be consistent, every
 * verdict and every analysis is compared with those without the hot loop, every
 * constant expression is evaluated, and the listing walks all code.
 *
 * fuzz-seeds: modules
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/const_expr.h"
#include "runtime/module/dump.h"
#include "runtime/module/validate.h"
#include "tests/fuzz/reach.h"

#include <stdlib.h>

static void discard(void *user, const char *text, size_t len)
{
    (void)text;
    *(size_t *)user += len;
}

/* Stops the fuzzer at a result that cannot be. */
static void require(bool cond)
{
    if (!cond)
        abort();
}

static void check_info(const struct wrt_finfo *info, uint32_t body_len)
{
    require(info->max_slots >= info->max_height);
    require(info->max_nesting >= 1 && info->ninsns >= 1);
    require(info->code_start < body_len);
    for (uint32_t i = 0; i < info->nloops; i++) {
        const struct wrt_loop *loop = &info->loops[i];

        require(loop->start < loop->end && loop->end < body_len);
        if (loop->parent == WRT_NO_LOOP) {
            require(loop->depth == 1);
            continue;
        }
        require(loop->parent < i);
        require(info->loops[loop->parent].depth + 1 == loop->depth);
        require(info->loops[loop->parent].end > loop->end);
        require(!loop->has_call || info->loops[loop->parent].has_call);
    }
    for (uint32_t i = 0; i < info->nlocals; i++)
        require(!info->written_first[i] || info->weights[i] != 0);
    if (info->nloops)
        reach("loops");
    if (info->has_try)
        reach("exception handlers");
}

/* The analysis with and without the hot loop. */
static void compare_info(const struct wrt_module *m, uint32_t func_idx)
{
    struct wrt_arena arena;
    struct wrt_finfo a, b;
    struct wrt_module slow = *m;

    slow.features |= WRT_FEATURES_NO_HOT_LOOP;
    wrt_arena_init(&arena, &wrt_alloc_libc);
    require(wrt_validate_func(m, func_idx, &arena, NULL, &a) == NULL);
    require(wrt_validate_func(&slow, func_idx, &arena, NULL, &b) == NULL);
    require(a.max_height == b.max_height && a.max_slots == b.max_slots);
    require(a.max_nesting == b.max_nesting && a.ninsns == b.ninsns);
    require(a.has_call == b.has_call);
    require(a.nloops == b.nloops && a.nlocals == b.nlocals);
    require(memcmp(a.weights, b.weights, a.nlocals * sizeof(*a.weights)) == 0);
    require(memcmp(a.written_first, b.written_first, a.nlocals) == 0);
    wrt_arena_fini(&arena);
}

/* Both ways through the validator say the same. */
static void compare_verdicts(struct wrt_types *types, const uint8_t *data,
                             size_t size, const wasmrt_error *error)
{
    struct wrt_module *m = NULL;
    wasmrt_error *other = wrt_module_decode(
        &wrt_alloc_libc, types, WRT_FEATURES_ALL | WRT_FEATURES_NO_HOT_LOOP,
        data, size, false, &m);

    require(!error == !other);
    if (error)
        require(strcmp(wasmrt_error_message(error),
                       wasmrt_error_message(other)) == 0);
    wasmrt_error_delete(other);
    if (m)
        wrt_module_unref(m);
}

static void validate_again(const struct wrt_module *m)
{
    struct wrt_arena arena;

    wrt_arena_init(&arena, &wrt_alloc_libc);
    for (uint32_t i = m->nimported_funcs; i < m->nfuncs; i++) {
        struct wrt_finfo info;

        wrt_arena_reset(&arena);
        require(wrt_validate_func(m, i, &arena, NULL, &info) == NULL);
        check_info(&info, m->funcs[i].body_len);
        compare_info(m, i);
        reach("functions");
    }
    wrt_arena_fini(&arena);
}

static void global_get(void *user, uint32_t idx, union wrt_const_value *out)
{
    require(idx < ((const struct wrt_module *)user)->nglobals);
    out->bits = idx;
}

static void ref_func(void *user, uint32_t idx, union wrt_const_value *out)
{
    require(idx < ((const struct wrt_module *)user)->nfuncs);
    out->bits = idx + 1;
}

/* There is no heap here. */
static wasmrt_error *object(void *user, const struct wrt_insn *insn,
                            union wrt_const_value *stack, uint32_t *height)
{
    (void)user;
    (void)stack;
    (void)height;
    return wrt_feature_error(WRT_FEATURE_IDX_GC,
                             wrt_module_offset(user, insn->pos));
}

static void evaluate(struct wrt_module *m)
{
    const struct wrt_const_env env = {m, global_get, ref_func, NULL, object};

    for (uint32_t i = m->nimported_globals; i < m->nglobals; i++) {
        union wrt_const_value value;
        wasmrt_error *error =
            wrt_const_expr_eval(m, &m->globals[i].init, &env, &value);

        reach(error ? "expressions refused" : "expressions");
        wasmrt_error_delete(error);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wrt_types *types;
    size_t listed = 0;
    const struct wrt_dump_options options = {
        .parts = 31, .write = discard, .user = &listed};
    struct wrt_module *m = NULL;
    wasmrt_error *error;

    if (size < 4 || memcmp(data, "\0asm", 4) != 0)
        return -1;
    if (!types)
        require(wrt_types_new(&wrt_alloc_libc, &types) == NULL);
    error = wrt_module_decode(&wrt_alloc_libc, types, WRT_FEATURES_ALL, data,
                              size, false, &m);
    compare_verdicts(types, data, size, error);
    reach(error ? wasmrt_code_text(wasmrt_error_code(error)) : "accepted");
    wasmrt_error_delete(error);
    if (!m)
        return 0;
    validate_again(m);
    evaluate(m);
    require(wrt_module_dump(m, &options) == NULL && listed > 0);
    wrt_module_unref(m);
    return 0;
}
