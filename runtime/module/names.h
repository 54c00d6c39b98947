/*
 * Names for people: the name section (spec, appendix "Name Section"), parsed
 * when somebody asks for the first time.
 *
 * The section is no part of the module's meaning and may hold anything, so what
 * is malformed in it is left out silently; it costs at most a few bytes of
 * memory per byte of the section.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_NAMES_H
#define WRT_MODULE_NAMES_H

#include "runtime/module/module.h"

/* Subsections by id. */
enum wrt_names_kind {
    WRT_NAMES_MODULE,
    WRT_NAMES_FUNC,
    WRT_NAMES_LOCAL, /* of a function */
    WRT_NAMES_LABEL, /* of a function */
    WRT_NAMES_TYPE,
    WRT_NAMES_TABLE,
    WRT_NAMES_MEMORY,
    WRT_NAMES_GLOBAL,
    WRT_NAMES_ELEM,
    WRT_NAMES_DATA,
    WRT_NAMES_FIELD, /* of a type */
    WRT_NAMES_TAG,
    WRT_NAMES_COUNT,
};

struct wrt_names;

/*
 * The name of thing `idx`, or NULL; `outer` is the function of a local or
 * label, the type of a field, else 0.  NUL-terminated; lives as long as the
 * module. Thread-safe.  Also while the module is still being decoded.
 */
const char *wrt_names_find(struct wrt_module *module, enum wrt_names_kind kind,
                           uint32_t outer, uint32_t idx);

/* The same from the name section alone, where exports give functions no names,
 * and with its length; or NULL. */
const struct wrt_name *wrt_names_own(struct wrt_module *module,
                                     enum wrt_names_kind kind, uint32_t outer,
                                     uint32_t idx);

/* How many names of a kind the section gives. */
uint64_t wrt_names_count(struct wrt_module *module, enum wrt_names_kind kind);

/* Parses the section now, so that none of these functions runs out of memory
 * later and hides names. */
WRT_MUST_USE wasmrt_error *wrt_names_load(struct wrt_module *module);

/* Whether anything of the section was malformed or unknown and is not in these
 * names. */
bool wrt_names_are_lossy(struct wrt_module *module);

/* Whether the section breaks its own rules. */
bool wrt_names_are_malformed(struct wrt_module *module);

/* Releases the names of a module; NULL is fine. */
void wrt_names_delete(struct wrt_names *names, const struct wrt_alloc *alloc);

#endif
