/*
 * What config.json and annotations grant to a guest, piece by piece: whoever
 * runs it puts the pieces where it keeps them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_GRANT_H
#define SHIM_GRANT_H

#include "shim/spec.h"

/* Strings are borrowed for the call. */
struct grant_taker {
    void (*env)(void *user, const char *name, const char *value);
    void (*dir)(void *user, const char *host, const char *guest,
                bool is_read_only);
    void *user;
};

/* Environment and preopened directories, in their order. */
void grant_env(const struct grant_taker *taker, const struct spec *spec);
void grant_dirs(const struct grant_taker *taker, const struct spec *spec);

#endif
