/*
 * Decoding, validation, analysis and listing with every feature on, apart from
 * any engine: what the default features keep out of fuzz_decode.
 *
 * What has been accepted is then used as the engines use it: every function is
 * validated again with its analysis, whose results must be consistent, every
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

static void validate_again(const struct wrt_module *m)
{
    struct wrt_arena arena;

    wrt_arena_init(&arena, &wrt_alloc_libc);
    for (uint32_t i = m->nimported_funcs; i < m->nfuncs; i++) {
        struct wrt_finfo info;

        wrt_arena_reset(&arena);
        require(wrt_validate_func(m, i, &arena, &info) == NULL);
        check_info(&info, m->funcs[i].body_len);
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

static void evaluate(struct wrt_module *m)
{
    const struct wrt_const_env env = {m, global_get, ref_func};

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
    error = wrt_module_decode(&wrt_alloc_libc, types, 0xffffffffu, data, size,
                              false, &m);
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
