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

/** How wasmrt_wat2wasm() translates; combine with |. */
typedef enum wasmrt_text_flags {
    /** No name section. Else identifiers and @name annotations make one. */
    WASMRT_TEXT_NO_NAMES = 1
} wasmrt_text_flags;

/**
 * Translates a module from the text format to the binary format.
 *
 * The module is not validated, only well-formed.
 *
 * @param text     Borrowed for the call; UTF-8, need not be NUL-terminated.
 * @param len      Length in bytes.
 * @param flags    Sum of wasmrt_text_flags.
 * @param out      On success receives the module's bytes; release with
 *                 wasmrt_bytes_delete(). Untouched on failure.
 * @param out_len  Receives their number.
 * @return         NULL, or an owned error of kind TEXT, LIMIT or OOM. Its
 *                 offset is a byte offset in the text.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_wat2wasm(const char *text, size_t len, unsigned flags, uint8_t **out,
                size_t *out_len);

/** How wasmrt_wasm2wat() writes; combine with |. */
typedef enum wasmrt_print_flags {
    /** An instruction per line in the order of the code, not folded. */
    WASMRT_PRINT_FLAT = 1,
    /** Indices instead of the names of the name section, which is dropped. */
    WASMRT_PRINT_NO_NAMES = 2,
    /** Names for what has none; they become names of the module. */
    WASMRT_PRINT_GENERATE_NAMES = 4,
    /** The byte offset of what each line begins with, as a comment. */
    WASMRT_PRINT_OFFSETS = 8
} wasmrt_print_flags;

/**
 * Translates a module from the binary format to the text format.
 *
 * Read back, the text gives the same module: the same bytes where the given
 * ones are in the shortest form, with the same names and custom sections.
 *
 * @param bytes    Borrowed for the call; a valid module with any features.
 * @param len      Length in bytes.
 * @param flags    Sum of wasmrt_print_flags.
 * @param out      On success receives UTF-8, NUL-terminated; release with
 *                 wasmrt_bytes_delete(). Untouched on failure.
 * @param out_len  Receives its length in bytes, without the NUL.
 * @return         NULL, or an owned error of kind DECODE, VALIDATE, LIMIT or
 *                 OOM.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_wasm2wat(const uint8_t *bytes, size_t len, unsigned flags, char **out,
                size_t *out_len);

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
 * Finds where in a text an error has its place: one of the text itself, or one
 * of the module that was translated from it, as wasmrt_module_new() gives them.
 * For the latter the text is translated again.
 *
 * @param error    Borrowed.
 * @param text     Borrowed; what was translated.
 * @param len      Length in bytes.
 * @param offset_out Receives the byte offset: of the instruction, or of the
 *                 field of the module.
 * @return         False when the error has no place there.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API bool wasmrt_text_place(const wasmrt_error *error, const char *text,
                                  size_t len, uint64_t *offset_out);

/**
 * Writes an error in a text for humans: the place, the message, the line, and a
 * caret below the character. What wasmrt_text_place() does not find is the
 * message alone.
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

/** A test script: commands, read one after the other. */
typedef struct wasmrt_script wasmrt_script;

/** What a command of a script does. */
typedef enum wasmrt_script_kind {
    WASMRT_SCRIPT_MODULE,     /**< Make a module and an instance of it. */
    WASMRT_SCRIPT_DEFINITION, /**< Make a module only. */
    WASMRT_SCRIPT_INSTANCE,   /**< Make an instance of a definition. */
    WASMRT_SCRIPT_REGISTER,   /**< Name an instance for imports. */
    WASMRT_SCRIPT_ACTION,     /**< Act. */
    WASMRT_SCRIPT_ASSERT_RETURN,
    WASMRT_SCRIPT_ASSERT_TRAP,
    WASMRT_SCRIPT_ASSERT_EXHAUSTION,
    WASMRT_SCRIPT_ASSERT_EXCEPTION,
    WASMRT_SCRIPT_ASSERT_MALFORMED,
    WASMRT_SCRIPT_ASSERT_MALFORMED_CUSTOM,
    WASMRT_SCRIPT_ASSERT_INVALID,
    WASMRT_SCRIPT_ASSERT_INVALID_CUSTOM,
    WASMRT_SCRIPT_ASSERT_UNLINKABLE,
    WASMRT_SCRIPT_ASSERT_UNINSTANTIABLE, /**< assert_trap of a module. */
    WASMRT_SCRIPT_THREAD, /**< Run the commands of body in a new thread. */
    WASMRT_SCRIPT_WAIT    /**< Wait for a thread. */
} wasmrt_script_kind;

/** What a value of a script is, or has to be. */
typedef enum wasmrt_script_type {
    WASMRT_SCRIPT_I32,
    WASMRT_SCRIPT_I64,
    WASMRT_SCRIPT_F32,
    WASMRT_SCRIPT_F64,
    WASMRT_SCRIPT_V128,
    WASMRT_SCRIPT_REF_NULL,   /**< Null; `heap` says of what, or is NULL. */
    WASMRT_SCRIPT_REF_EXTERN, /**< A host reference, `bits` its number. */
    WASMRT_SCRIPT_REF_HOST,   /**< The same as an anyref. */
    WASMRT_SCRIPT_REF,        /**< Not null and of type `heap`. */
    WASMRT_SCRIPT_EITHER      /**< One of `alternatives`. */
} wasmrt_script_type;

/** What a float has to be. */
typedef enum wasmrt_script_nan {
    WASMRT_SCRIPT_EXACT,         /**< These bits. */
    WASMRT_SCRIPT_CANONICAL_NAN, /**< A NaN of the smallest payload. */
    WASMRT_SCRIPT_ARITHMETIC_NAN /**< A quiet NaN. */
} wasmrt_script_nan;

/** A constant of a script, or a pattern for a result. */
typedef struct wasmrt_script_value {
    wasmrt_script_type type;
    uint64_t bits;            /**< Numbers; host references with has_number. */
    uint8_t v128[16];         /**< Vectors, in memory order. */
    unsigned lanes;           /**< Vectors: 2, 4, 8 or 16. */
    bool is_float;            /**< Vectors of f32 or f64 lanes. */
    bool has_number;          /**< References: `bits` counts. */
    wasmrt_script_nan nan[4]; /**< Floats: [0]; vectors: each lane. */
    const char *heap;         /**< "func", "extern", "i31" ..., or NULL. */
    const struct wasmrt_script_value *alternatives;
    size_t nalternatives;
} wasmrt_script_value;

/** One command.  Strings are NUL-terminated and, as everything in it, valid
 * until the next command is read. */
typedef struct wasmrt_script_command {
    wasmrt_script_kind kind;
    size_t line;      /**< From 1. */
    const char *name; /**< Of the module or instance ("$" left out), or NULL;
                         of what is registered; of the thread. */
    const char *definition; /**< INSTANCE: what of, or NULL for the last. */
    const char *as;         /**< REGISTER: the name for imports. */
    size_t as_len;

    /** The module in binary form, or NULL with the error that translating it
     * gave (borrowed). */
    const uint8_t *bytes;
    size_t len;
    const wasmrt_error *error;
    const char *text; /**< What the error has its place in, or NULL. */
    size_t text_len;

    /** The action: read a global, or call. */
    bool is_get;
    const char *module; /**< Instance to act on, or NULL for the last. */
    const char *field;
    size_t field_len;
    const wasmrt_script_value *args;
    size_t nargs;

    const wasmrt_script_value *results; /**< ASSERT_RETURN. */
    size_t nresults;
    const char *expected; /**< What the error has to say. */

    const char *body; /**< THREAD: its commands, a script of its own. */
    size_t body_len;
    const char *shared; /**< THREAD: instance that it shares, or NULL. */
} wasmrt_script_command;

/**
 * Releases a script. NULL is allowed.
 *
 * @param script   Ownership is taken.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_script_delete(wasmrt_script *script);

/**
 * Begins to read a script.
 *
 * @param text     Borrowed until the script is deleted.
 * @param len      Length in bytes.
 * @param out      On success receives a script that the caller owns. Untouched
 *                 on failure.
 * @return         NULL, or an owned error of kind TEXT, LIMIT or OOM.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_script_new(const char *text, size_t len, wasmrt_script **out);

/**
 * Reads the next command.
 *
 * A module that cannot be translated is no error of the script: the command
 * carries it.
 *
 * @param script   Borrowed.
 * @param out      Receives the command, borrowed until the next call; NULL at
 *                 the end.
 * @return         NULL, or an owned error of kind TEXT or OOM. After an error
 *                 the script is at its end.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_script_next(wasmrt_script *script, const wasmrt_script_command **out);

#ifdef __cplusplus
}
#endif

#endif
