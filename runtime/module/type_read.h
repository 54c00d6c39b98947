/*
 * Value types in the binary format (spec 5.3).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_TYPE_READ_H
#define WRT_MODULE_TYPE_READ_H

#include "runtime/base/reader.h"
#include "runtime/module/module.h"

/*
 * Reads a value type.  Type indices below module->ntypes become type ids; the
 * next npending ones are members of the recursion group that is being decoded
 * and become relative, as wrt_types_add_group() wants them.  Feature gates are
 * the caller's: wrt_valtype_missing_feature().
 */
wrt_valtype wrt_read_valtype(const struct wrt_module *module, uint32_t npending,
                             struct wrt_reader *r);

/* The same, but only reference types are well-formed. */
wrt_valtype wrt_read_reftype(const struct wrt_module *module, uint32_t npending,
                             struct wrt_reader *r);

/* Reads a heap type and gives the reference type to it. */
wrt_valtype wrt_read_heap_type(const struct wrt_module *module,
                               uint32_t npending, struct wrt_reader *r,
                               bool is_nullable);

/* A type index as a type id or a relative one; fails as unknown type. */
uint32_t wrt_read_type_id(const struct wrt_module *module, uint32_t npending,
                          struct wrt_reader *r);

/* The first feature that a type needs and that is off, or -1. */
int wrt_valtype_missing_feature(wrt_features features, wrt_valtype t);

#endif
