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

/* A NUL-terminated name; false for what no module can import. */
struct wrt_name;
bool wrt_make_name(const char *text, struct wrt_name *out);

#endif
