/*
 * wasmrt/text.h - the text format: modules and test scripts
 *
 * Modules in text form are translated to the binary format, so that whatever
 * takes a binary module takes them too.  Scripts are the .wast files of
 * WebAssembly's test suite: a reader gives one command after the other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_TEXT_H
#define WASMRT_TEXT_H

#include "wasmrt/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Releases bytes that a function of this header gave. NULL is allowed.
 *
 * @param bytes    Ownership is taken.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_bytes_delete(void *bytes);

/**
 * Translates a module from the text format to the binary format.
 *
 * The module is not validated, only well-formed.
 *
 * @param text     Borrowed for the call; UTF-8, need not be NUL-terminated.
 * @param len      Length in bytes.
 * @param out      On success receives the module's bytes; release with
 *                 wasmrt_bytes_delete(). Untouched on failure.
 * @param out_len  Receives their number.
 * @return         NULL, or an owned error of kind TEXT, LIMIT or OOM. Its
 *                 offset is a byte offset in the text.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_wat2wasm(const char *text, size_t len, uint8_t **out, size_t *out_len);

/**
 * Finds the line and column of a byte of a text.
 *
 * @param text     Borrowed.
 * @param len      Length in bytes.
 * @param offset   Byte offset; cut to len.
 * @param line_out Receives the line, from 1.
 * @param column_out Receives the column in characters, from 1.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API void wasmrt_text_locate(const char *text, size_t len,
                                   uint64_t offset, size_t *line_out,
                                   size_t *column_out);

/**
 * Writes an error in a text for humans: the place, the message, the line, and a
 * caret below the character.
 *
 * @param error    Borrowed.
 * @param name     Of the file, for the place; NULL for none.
 * @param text     Borrowed; what was translated.
 * @param len      Length in bytes.
 * @param buf      Receives NUL-terminated text with a final newline, cut to
 *                 size.
 * @param size     Size of buf in bytes.
 * @return         Length of the whole text, without the NUL.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API size_t wasmrt_text_explain(const wasmrt_error *error,
                                      const char *name, const char *text,
                                      size_t len, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif
