/*
 * wasmrt/exception.h: tags and exceptions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/exn.h"

#include "runtime/api/misuse.h"
#include "runtime/store/func.h"
#include "runtime/store/signature.h"
#include "runtime/store/store.h"
#include "runtime/store/value.h"

#include "wasmrt/exception.h"

/* -- Tags ------------------------------------------------------------------ */

/* A tag whose type the store keeps. */
static wasmrt_error *make_tag(struct wrt_store *store,
                              const struct wrt_type *type, wasmrt_tag **out)
{
    struct wrt_tag_inst *tag;

    WRT_REQUIRE(type->nresults == 0, "tag_new: a tag has no results");
    if (!wrt_vec_reserve(&store->engine->alloc, &store->type_ids, 1))
        return wrt_error_oom();
    tag = wrt_store_alloc(store, sizeof(*tag));
    if (!tag)
        return wrt_error_oom();
    store->type_ids.items[store->type_ids.count++] = type->id;
    tag->type = type;
    tag->store = store;
    *out = tag;
    return NULL;
}

wasmrt_error *wasmrt_tag_new(wasmrt_store *store, const char *signature,
                             wasmrt_tag **out)
{
    const struct wrt_type *type;
    struct wrt_types *types;
    wasmrt_error *error;

    WRT_REQUIRE(store && signature && out, "tag_new: an argument is NULL");
    types = store->engine->types;
    WRT_TRY(wrt_signature_type(types, signature, &type));
    error = make_tag(store, type, out);
    if (error)
        wrt_types_release_group(types, type->id);
    return error;
}

size_t wasmrt_tag_param_count(const wasmrt_tag *tag)
{
    return tag->type->nparams;
}

wasmrt_kind wasmrt_tag_param_kind(const wasmrt_tag *tag, size_t n)
{
    return wrt_value_kind(tag->store->engine->types,
                          wrt_type_params(tag->type)[n]);
}

/* -- Throwing -------------------------------------------------------------- */

static wasmrt_error *check_payload(const struct wrt_store *store,
                                   const wasmrt_tag *tag,
                                   const wasmrt_val *args, size_t nargs)
{
    const struct wrt_type *type;

    WRT_REQUIRE(tag && (args || !nargs), "exception_new: an argument is NULL");
    WRT_REQUIRE(tag->store == store, "exception_new: a tag of another store");
    type = tag->type;
    WRT_REQUIRE(nargs == type->nparams,
                "exception_new: another number of values than the tag's");
    for (uint32_t i = 0; i < type->nparams; i++) {
        WRT_REQUIRE(wrt_value_is_of_store(&args[i], store),
                    "exception_new: a reference of another store");
        WRT_REQUIRE(wrt_value_fits(store->engine->types, &args[i],
                                   wrt_type_params(type)[i]),
                    "exception_new: a value is of another type");
    }
    return NULL;
}

/* slots has room for the payload; what they hold lives through the
 * allocation. */
static wasmrt_error *make_exception(struct wrt_ctx *ctx, wasmrt_tag *tag,
                                    const wasmrt_val *args, wrt_slot *slots)
{
    struct wrt_gc_frame frame;
    struct wrt_exn *exn;
    uint32_t at = 0;
    wasmrt_code code;

    for (uint32_t i = 0; i < tag->type->nparams; i++)
        at += wrt_value_store(&args[i], &slots[at]);
    wrt_gc_push_frame(ctx, &frame, slots, at);
    code = wrt_exn_new(ctx, tag, slots, &exn);
    wrt_gc_pop_frame(ctx);
    if (code != WASMRT_ERR_NONE)
        return wrt_func_end_call(ctx, wrt_trap_error(ctx, code));
    return wrt_exn_error(ctx, exn);
}

wasmrt_error *wasmrt_exception_new(wasmrt_store *store, wasmrt_tag *tag,
                                   const wasmrt_val *args, size_t nargs)
{
    wrt_slot few[WRT_FEW_VALUES], *slots;
    const struct wrt_alloc *alloc;
    uint32_t nslots;
    wasmrt_error *error;

    WRT_TRY(check_payload(store, tag, args, nargs));
    alloc = &store->engine->alloc;
    nslots = tag->type->param_slots;
    slots = wrt_take_room(alloc, few, WRT_FEW_VALUES, nslots, sizeof(*slots));
    if (!slots)
        return wrt_error_oom();
    error = make_exception(&store->ctx, tag, args, slots);
    wrt_give_room(alloc, few, slots, nslots, sizeof(*slots));
    return error;
}

wasmrt_error *wasmrt_exception_from_ref(wasmrt_store *store,
                                        const wasmrt_val *ref)
{
    WRT_REQUIRE(ref && ref->kind == WASMRT_EXNREF && ref->of.ref,
                "exception_from_ref: not a reference to an exception");
    WRT_REQUIRE(wrt_value_is_of_store(ref, store),
                "exception_from_ref: a reference of another store");
    return wrt_exn_error(&store->ctx, ref->of.ref);
}

/* -- Looking into exceptions ----------------------------------------------- */

/* The exception and its store's context; NULL when there is none. */
static struct wrt_exn *exception_of(const wasmrt_error *error,
                                    struct wrt_ctx **ctx)
{
    return error ? wrt_exn_find(error, ctx) : NULL;
}

wasmrt_tag *wasmrt_exception_tag(const wasmrt_error *error)
{
    struct wrt_ctx *ctx;
    const struct wrt_exn *exn = exception_of(error, &ctx);

    return exn ? exn->tag : NULL;
}

bool wasmrt_exception_value(const wasmrt_error *error, size_t n,
                            wasmrt_val *out)
{
    struct wrt_ctx *ctx;
    const struct wrt_exn *exn = exception_of(error, &ctx);
    const struct wrt_types *types;
    const wrt_valtype *params;
    uint32_t at = 0;

    if (!exn || n >= exn->tag->type->nparams)
        return false;
    types = ctx->store->engine->types;
    params = wrt_type_params(exn->tag->type);
    for (size_t i = 0; i < n; i++)
        at += wrt_valtype_slots(params[i]);
    memset(out, 0, sizeof(*out));
    wrt_value_load(wrt_value_kind(types, params[n]), &exn->payload[at], out);
    if (wrt_is_traced(types, params[n]))
        wrt_gc_hold(ctx, exn->payload[at].u64);
    return true;
}

bool wasmrt_exception_ref(const wasmrt_error *error, wasmrt_val *out)
{
    struct wrt_ctx *ctx;
    struct wrt_exn *exn = exception_of(error, &ctx);

    if (!exn)
        return false;
    memset(out, 0, sizeof(*out));
    out->kind = WASMRT_EXNREF;
    out->of.ref = exn;
    wrt_gc_hold(ctx, (uintptr_t)exn);
    return true;
}
