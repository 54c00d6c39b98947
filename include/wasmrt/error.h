/*
 * wasmrt/error.h - the one error object.
 *
 * Every fallible function returns a `wasmrt_error *`: NULL is success, anything
 * else is owned by the caller and released with wasmrt_error_delete().  One
 * object serves malformed modules, failed links, guest traps, guest exits,
 * limits and misuse; wasmrt_error_kind() tells them apart.
 *
 * Thread-safety words used in these headers: *Yes* (any threads, same objects),
 * *Distinct* (safe if the objects differ), *Store* (only the thread that uses
 * that store), *Signal* (also from a signal handler or another thread).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_ERROR_H
#define WASMRT_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Marks what the library exports. */
#if defined(__GNUC__)
#define WASMRT_API __attribute__((visibility("default")))
/** A result that must not be ignored. */
#define WASMRT_MUST_USE __attribute__((warn_unused_result))
#else
#define WASMRT_API
#define WASMRT_MUST_USE
#endif

/** An owned result: the caller releases it with `deleter`. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 11
#define WASMRT_OWN(deleter)                                                    \
    __attribute__((malloc(deleter, 1), warn_unused_result))
#else
#define WASMRT_OWN(deleter) WASMRT_MUST_USE
#endif

/** What went wrong, and where.  Immutable; owned by whoever received it. */
typedef struct wasmrt_error wasmrt_error;

/** The sort of an error. */
typedef enum wasmrt_error_kind_e {
    WASMRT_KIND_TRAP = 1,  /**< The guest trapped; frames are available. */
    WASMRT_KIND_EXIT,      /**< The guest ended itself; see the exit status. */
    WASMRT_KIND_EXCEPTION, /**< Thrown and not caught; see exception.h. */
    WASMRT_KIND_DECODE,    /**< Not a well-formed module. */
    WASMRT_KIND_VALIDATE,  /**< Well-formed but not valid. */
    WASMRT_KIND_TEXT,      /**< Not well-formed text format. */
    WASMRT_KIND_LINK,      /**< Imports or exports do not fit. */
    WASMRT_KIND_LIMIT,     /**< A limit was reached; the message names it. */
    WASMRT_KIND_IO,        /**< The operating system refused something. */
    WASMRT_KIND_OOM,       /**< The host's memory is exhausted. */
    WASMRT_KIND_MISUSE,    /**< The embedder broke a rule of the API. */
    WASMRT_KIND_INTERNAL   /**< A bug of this library that it found itself. */
} wasmrt_error_kind_e;

/** The exact error; one value per row of errors.def. */
typedef enum wasmrt_code {
    WASMRT_ERR_NONE = 0,
#define WASMRT_ERROR_ROW(code, kind, text) WASMRT_ERR_##code,
#include "wasmrt/errors.def"
#undef WASMRT_ERROR_ROW
    WASMRT_ERR_COUNT_
} wasmrt_code;

/** See store.h. */
struct wrt_instance;

/** One frame of a guest stack trace, innermost first.  Borrowed strings live
 * as long as the error. */
typedef struct wasmrt_frame {
    const char *module_name; /**< From the name section, or NULL. */
    const char *func_name; /**< From the name section or an export, or NULL. */
    uint32_t func_idx;     /**< In the module's function index space. */
    uint64_t
        module_offset;    /**< Byte offset of the instruction in the module. */
    uint64_t func_offset; /**< The same, from the start of the function. */
    struct wrt_instance *instance; /**< A wasmrt_instance: good as long as its
                                        store. */
} wasmrt_frame;

/**
 * Releases an error.  NULL is allowed.
 *
 * @param error    Ownership is taken.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_error_delete(wasmrt_error *error);

/**
 * Makes an error, for host functions that fail.
 *
 * @param code     What went wrong; WASMRT_ERR_HOST_TRAP for a plain failure.
 * @param message  Borrowed for the call; NULL takes the code's own text.
 * @return         An owned error.  When memory is exhausted, an out-of-memory
 *                 error; never NULL.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_OWN(wasmrt_error_delete)
    wasmrt_error *wasmrt_error_new(wasmrt_code code, const char *message);

/**
 * Makes the error that ends the guest with an exit status (proc_exit).
 *
 * @param status   The guest's status.
 * @return         An owned error of kind EXIT, never NULL.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_OWN(wasmrt_error_delete)
    wasmrt_error *wasmrt_error_new_exit(int32_t status);

/**
 * The sort of an error.
 *
 * @param error    Borrowed.
 * @return         One of the WASMRT_KIND values.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API wasmrt_error_kind_e wasmrt_error_kind(const wasmrt_error *error);

/**
 * The exact code of an error.
 *
 * @param error    Borrowed.
 * @return         One of the WASMRT_ERR values.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API wasmrt_code wasmrt_error_code(const wasmrt_error *error);

/**
 * One line for humans: what, and the detail.  Where and the stack trace are
 * separate (offset, function, frames).
 *
 * @param error    Borrowed.
 * @return         NUL-terminated UTF-8, valid until the error is deleted.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API const char *wasmrt_error_message(const wasmrt_error *error);

/**
 * Where in the module's bytes.
 *
 * @param error    Borrowed.
 * @param out      Receives the byte offset from the start of the module (or of
 *                 the text) when there is one.
 * @return         Whether the error has an offset.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API bool wasmrt_error_offset(const wasmrt_error *error, uint64_t *out);

/**
 * In which function.
 *
 * @param error    Borrowed.
 * @param idx_out  Receives the function's index when there is one.
 * @param name_out Receives the function's name, or NULL when it has none;
 *                 valid until the error is deleted.  May be NULL.
 * @return         Whether the error lies in a function.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API bool wasmrt_error_func(const wasmrt_error *error, uint32_t *idx_out,
                                  const char **name_out);

/**
 * The exit status of an error of kind EXIT.
 *
 * @param error    Borrowed.
 * @return         The status; 0 for errors of other kinds.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API int32_t wasmrt_error_exit_status(const wasmrt_error *error);

/**
 * Number of guest frames recorded with a trap, exit or exhausted limit.
 *
 * @param error    Borrowed.
 * @return         The number of frames that wasmrt_error_frame() gives.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API size_t wasmrt_error_frame_count(const wasmrt_error *error);

/**
 * Number of guest frames that the stack had; greater than the frame count when
 * the middle of a deep stack was left out.
 *
 * @param error    Borrowed.
 * @return         The depth of the guest's stack at the error; no more than
 *                 131,072 frames are counted.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API size_t wasmrt_error_stack_depth(const wasmrt_error *error);

/**
 * One guest frame.
 *
 * @param error    Borrowed.
 * @param n        0 is the innermost frame.
 * @return         Valid until the error is deleted; NULL when n is too large.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API const wasmrt_frame *wasmrt_error_frame(const wasmrt_error *error,
                                                  size_t n);

/**
 * The fixed text of a code, as its row in errors.def has it.
 *
 * @param code     Any value.
 * @return         A string with static lifetime; "unknown error" for others.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API const char *wasmrt_code_text(wasmrt_code code);

#ifdef __cplusplus
}
#endif

#endif
