/*
 * wasmrt/native.h - C functions as they are, in both directions
 *
 * Any C function becomes an import, called with its own parameters; any
 * function of a guest becomes a C function pointer. Signatures say what the C
 * side has:
 *
 *     (i32 f64) -> i64     int32_t or uint32_t, double; int64_t or uint64_t
 *     ptr[N]               a pointer to N bytes of the guest's memory
 *     buf                  a pointer, and behind it a size_t: so many bytes
 *     str                  a copy of a string that ends with NUL
 *
 * `const` or `mut` may stand before ptr and buf, as a note to the reader, and
 * const before str, which is never written to. The guest passes addresses of
 * its memory as i32, for buf an i32 more. Each is checked: the bytes lie in the
 * memory, a string ends in it, and an address for ptr[N] is a multiple of what
 * a C type of that size may need (the largest power of 2 that divides N, at
 * most 16). What does not fit is a trap BAD_GUEST_POINTER, and the function is
 * not called. Address 0 is an address like any other, never NULL.
 *
 * A C function gets what it was declared with, unchecked otherwise: a wrong
 * signature, or a function that must not be called with any bytes, ends the
 * process and not the guest.
 *
 * This needs libffi. A library that was built without (make FFI=0) refuses with
 * an error, see wasmrt_native_available().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_NATIVE_H
#define WASMRT_NATIVE_H

#include "wasmrt/linker.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Whether this build can make native calls.
 *
 * @return         False when it was made without libffi.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API bool wasmrt_native_available(void);

/**
 * Defines a C function for every store. Costs more per call than
 * wasmrt_linker_define_raw(), and less code.
 *
 * The guest's memory stays where it is while the function runs: if code that it
 * calls back grows it, and that would move it, growth fails.
 *
 * @param linker   Borrowed.
 * @param module   First import name.
 * @param name     Second import name.
 * @param function The C function, for example (void *)pow.
 * @param signature Up to 32 parameters and at most one result, a number.
 * @return         NULL, or an owned error of kind MISUSE (also when this build
 *                 has no libffi), LINK (defined already) or OOM.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_linker_define_native(wasmrt_linker *linker, const char *module,
                            const char *name, void *function,
                            const char *signature);

/**
 * The same with names that have a length, and may contain NUL bytes.
 *
 * @param linker   Borrowed.
 * @param module   First import name.
 * @param module_len Its length in bytes.
 * @param name     Second import name.
 * @param name_len Its length in bytes.
 * @param function The C function.
 * @param signature Up to 32 parameters and at most one result, a number.
 * @return         As wasmrt_linker_define_native().
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *wasmrt_linker_define_native_n(
    wasmrt_linker *linker, const char *module, size_t module_len,
    const char *name, size_t name_len, void *function, const char *signature);

/* -- Functions of guests as C functions ------------------------------------ */

/** A function of a guest as a C function. Owned by its store. */
typedef struct wasmrt_closure wasmrt_closure;

/**
 * Releases a closure; its C function must not be called any more. NULL is
 * allowed. Not after the store has been deleted, which releases its closures.
 *
 * @param closure  Ownership is taken.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_closure_delete(wasmrt_closure *closure);

/**
 * Makes a C function that calls a function of a guest, for libraries that call
 * back: qsort(), visitors, hooks.
 *
 * Parameters are numbers and ptr[N]: a pointer into the memory of the
 * function's instance, of which the guest gets the address. str and buf, which
 * need not be in that memory, take wasmrt_closure_new_copying(); here they are
 * an error, because the guest could not read them. The C function may
 * be called by code of the host and from native calls, on the thread that uses
 * the store.
 *
 * When the guest ends with an error, or a pointer is not into its memory, the C
 * function returns 0, and so do all closures of the store from then on without
 * running the guest, until somebody takes the error: the native call in
 * progress, which ends with it as a trap of its caller; or, where there is
 * none, wasmrt_store_take_closure_error().
 *
 * @param store    Borrowed.
 * @param func     Borrowed; of the store.
 * @param signature The C function's; what the guest sees of it must be the
 *                 type of func.
 * @param out      Receives a closure that the caller owns.
 * @return         NULL, or an owned error of kind MISUSE (also when this build
 *                 has no libffi) or OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_closure_new(wasmrt_store *store, wasmrt_func *func,
                   const char *signature, wasmrt_closure **out);

/**
 * wasmrt_closure_new() with parameters str and buf, which the guest gets copies
 * of: it has a memory of its own and can read nothing else.
 *
 * For each call the host asks alloc for room, copies, calls, and gives the room
 * back, last first. The guest gets the address of the copy, and of buf the
 * length behind it; a string has its NUL. NULL is address 0, as is a buf of 0
 * bytes. What the guest writes to a `mut buf` is copied back when it has
 * returned; to others, it is lost. When the guest ends with an error nothing is
 * copied or given back: its allocator may be what failed.
 *
 * An alloc that gives 0, or room that is not in the memory, is an error
 * BAD_GUEST_POINTER of the call, as are a buf that is NULL with a length, and
 * more than 4 GiB.
 *
 * @param store    Borrowed.
 * @param func     Borrowed; of the store.
 * @param signature The C function's; see wasmrt_closure_new().
 * @param alloc    Borrowed; (i32) -> i32, from bytes to an address, such as the
 *                 guest's malloc. Of an instance whose first memory is that of
 *                 func. NULL when nothing is copied.
 * @param release  Borrowed; (i32) -> (), such as free. NULL when alloc needs
 *                 none.
 * @param out      Receives a closure that the caller owns.
 * @return         As wasmrt_closure_new().
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_closure_new_copying(wasmrt_store *store, wasmrt_func *func,
                           const char *signature, wasmrt_func *alloc,
                           wasmrt_func *release, wasmrt_closure **out);

/**
 * The C function, to be cast to its type.
 *
 * @param closure  Borrowed.
 * @return         Good until the closure or its store is deleted.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API void *wasmrt_closure_function(const wasmrt_closure *closure);

/**
 * Takes the error that ended a call of a closure when no native call was in
 * progress. Ask after each use of a closure.
 *
 * @param store    Borrowed.
 * @return         NULL, or the error, which the caller owns.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_store_take_closure_error(wasmrt_store *store);

#ifdef __cplusplus
}
#endif

#endif
