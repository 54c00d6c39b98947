/*
 * Exceptions outside of guest code: errors of kind EXCEPTION.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/exn.h"

#include "runtime/module/names.h"
#include "runtime/store/store.h"
#include "runtime/store/value.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* -- Roots ----------------------------------------------------------------- */

/* Gives back the reference of the error or of the store. */
static void drop(struct wrt_exn_root *root)
{
    if (__atomic_fetch_sub(&root->nrefs, 1, __ATOMIC_ACQ_REL) == 1)
        free(root);
}

static void release(struct wrt_error_cargo *cargo)
{
    drop(WRT_CONTAINER_OF((uintptr_t)cargo, struct wrt_exn_root, cargo));
}

/* Takes roots out of the list from *link on, as long as their errors are gone;
 * returns the first that stays, or NULL. */
static struct wrt_exn_root *prune(struct wrt_exn_root **link)
{
    struct wrt_exn_root *root;

    while ((root = *link) != NULL &&
           __atomic_load_n(&root->nrefs, __ATOMIC_ACQUIRE) == 1) {
        *link = root->next;
        drop(root);
    }
    return root;
}

const struct wrt_exn_root *wrt_exn_roots(struct wrt_ctx *ctx)
{
    struct wrt_exn_root *root = prune(&ctx->store->exn_roots);

    while (root)
        root = prune(&root->next);
    return ctx->store->exn_roots;
}

void wrt_exn_fini(struct wrt_ctx *ctx)
{
    struct wrt_exn_root *next;

    for (struct wrt_exn_root *root = ctx->store->exn_roots; root; root = next) {
        next = root->next;
        root->ctx = NULL;
        drop(root);
    }
    ctx->store->exn_roots = NULL;
}

struct wrt_exn *wrt_exn_find(const wasmrt_error *error,
                             struct wrt_ctx **ctx_out)
{
    const struct wrt_error_cargo *cargo = wrt_error_cargo(error);
    const struct wrt_exn_root *root;

    if (!cargo || cargo->release != release)
        return NULL;
    root = WRT_CONTAINER_OF((uintptr_t)cargo, const struct wrt_exn_root, cargo);
    *ctx_out = root->ctx;
    return root->ctx ? root->exn : NULL;
}

struct wrt_exn *wrt_exn_of_error(const struct wrt_ctx *ctx,
                                 const wasmrt_error *error)
{
    struct wrt_ctx *owner;
    struct wrt_exn *exn = wrt_exn_find(error, &owner);

    return exn && owner == ctx ? exn : NULL;
}

/* -- In words -------------------------------------------------------------- */

/* Text that is cut to its buffer. */
struct text {
    char buf[256];
    size_t len;
};

static void WRT_PRINTF(2, 3) add(struct text *text, const char *fmt, ...)
{
    size_t room = sizeof(text->buf) - text->len;
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(text->buf + text->len, room, fmt, args);
    va_end(args);
    text->len += n < 0 ? 0 : WRT_MIN((size_t)n, room - 1);
}

/* What a module calls a tag: by which name it exports it, has it in its name
 * section, or imports it.  False when the instance does not know it. */
static bool add_name(struct text *text, const struct wrt_instance *inst,
                     const struct wrt_tag_inst *tag)
{
    struct wrt_module *m = inst->module;
    const char *name;
    uint32_t idx = 0;

    while (idx < m->ntags && inst->tags[idx] != tag)
        idx++;
    if (idx == m->ntags)
        return false;
    for (uint32_t i = 0; i < m->nexports; i++) {
        const struct wrt_export *export = &m->exports[i];

        if (export->kind == WRT_EXTERN_TAG &&
            inst->tags[export->index] == tag) {
            add(text, "%s", export->name.text);
            return true;
        }
    }
    name = wrt_names_find(m, WRT_NAMES_TAG, 0, idx);
    if (name)
        add(text, "%s", name);
    for (uint32_t i = 0; !name && i < m->nimports; i++) {
        const struct wrt_import *import = &m->imports[i];

        if (import->kind == WRT_EXTERN_TAG && import->index == idx) {
            add(text, "%s.%s", import->module.text, import->field.text);
            return true;
        }
    }
    return name != NULL;
}

/* The instance that throws knows the tag best; else any that has it. */
static void add_tag(struct text *text, const struct wrt_ctx *ctx,
                    const struct wrt_tag_inst *tag)
{
    const struct wrt_activation *act = ctx->activation;

    if (act && add_name(text, act->instance, tag))
        return;
    for (const struct wrt_instance *inst = ctx->store->instances; inst;
         inst = inst->next) {
        if (add_name(text, inst, tag))
            return;
    }
    add(text, "a tag without a name");
}

static void add_value(struct text *text, wrt_valtype type,
                      const wrt_slot *value)
{
    char name[64];

    wrt_valtype_text(type, name, sizeof(name));
    switch (wrt_valtype_kind(type)) {
    case WRT_KIND_I32: add(text, "%s %" PRId32, name, value->i32); break;
    case WRT_KIND_I64: add(text, "%s %" PRId64, name, value->i64); break;
    case WRT_KIND_F32: add(text, "%s %.9g", name, (double)value->f32); break;
    case WRT_KIND_F64: add(text, "%s %.17g", name, value->f64); break;
    case WRT_KIND_V128:
        add(text, "%s 0x%016" PRIx64 "%016" PRIx64, name, value[1].u64,
            value[0].u64);
        break;
    default: add(text, "%s%s", name, value->ref ? "" : " null"); break;
    }
}

wasmrt_error *wrt_exn_error(struct wrt_ctx *ctx, struct wrt_exn *exn)
{
    const struct wrt_type *type = exn->tag->type;
    struct wrt_exn_root *root = malloc(sizeof(*root));
    struct text text = {.len = 0};
    wasmrt_error *error;

    if (!root)
        return wrt_error_oom();
    add_tag(&text, ctx, exn->tag);
    for (uint32_t i = 0, at = 0; i < type->nparams; i++) {
        add(&text, i ? ", " : " (");
        add_value(&text, wrt_type_params(type)[i], &exn->payload[at]);
        at += wrt_valtype_slots(wrt_type_params(type)[i]);
    }
    add(&text, type->nparams ? ")" : "");
    *root = (struct wrt_exn_root){
        .cargo = {release},
        .nrefs = 2,
        .ctx = ctx,
        .exn = exn,
    };
    error = wrt_error_new(WASMRT_ERR_UNCAUGHT_EXCEPTION, WRT_NO_OFFSET, "%s",
                          text.buf);
    wrt_error_load(error, &root->cargo);
    /* Mostly the last exception is handled before the next is thrown. */
    root->next = prune(&ctx->store->exn_roots);
    ctx->store->exn_roots = root;
    return error;
}
