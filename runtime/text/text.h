/*
 * The text format, from the inside: text -> binary module.
 *
 * Binary bytes are the only interface between the text format and the rest, so
 * that text goes through the same decoder and validator as everything else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TEXT_TEXT_H
#define WRT_TEXT_TEXT_H

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"

/*
 * Translates "(module ...)", or the fields of a module without parentheses.
 * with_names: a name section says the identifiers and @name annotations.
 * *out was made with alloc and is the caller's: release *out_len bytes with
 * wrt_free().  Errors of kind TEXT carry a byte offset in the text.
 */
WRT_MUST_USE wasmrt_error *wrt_text_to_binary(const struct wrt_alloc *alloc,
                                              const char *text, size_t len,
                                              bool with_names, uint8_t **out,
                                              size_t *out_len);

struct wrt_module;

/*
 * The module in text form, with a newline at its end; flags are those of
 * wasmrt_wasm2wat().  *out is NUL-terminated, was made with alloc and is the
 * caller's: release *out_len + 1 bytes.  Fails when
 * memory is exhausted, or with LIMIT when the text would be too long to parse.
 */
WRT_MUST_USE wasmrt_error *wrt_text_print(const struct wrt_alloc *alloc,
                                          struct wrt_module *module,
                                          unsigned flags, char **out,
                                          size_t *out_len);

#endif
