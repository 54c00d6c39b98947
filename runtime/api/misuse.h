/*
 * Checks of arguments, shared by the files of the public API.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_API_MISUSE_H
#define WRT_API_MISUSE_H

#include "runtime/base/error.h"

#include "wasmrt/value.h"

/* Returns a MISUSE error that names the rule when cond does not hold. */
#define WRT_REQUIRE(cond, rule)                                                \
    do {                                                                       \
        if (WRT_UNLIKELY(!(cond)))                                             \
            return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET, rule);      \
    } while (0)

struct wrt_store;
struct wrt_type;

/* Whether arguments, as many as a function of the type has, may be passed to
 * it; `what` is who asks. */
WRT_MUST_USE wasmrt_error *wrt_check_args(const struct wrt_store *store,
                                          const struct wrt_type *type,
                                          const wasmrt_val *args,
                                          const char *what);

struct wrt_name;

/* A name of an import; false for what no module can import. */
bool wrt_make_name(const char *text, size_t len, struct wrt_name *out);

/* The length of a name that ends with NUL; of NULL, which is none, 0. */
WRT_INLINE size_t wrt_name_len(const char *text)
{
    return text ? strlen(text) : 0;
}

#endif
