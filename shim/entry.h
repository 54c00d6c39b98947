/*
 * What a container's entrypoint is: decided by its first bytes, nothing more is
 * read of it here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_ENTRY_H
#define SHIM_ENTRY_H

#include "shim/spec.h"

#include <limits.h>

enum entry_kind { ENTRY_WASM, ENTRY_LINUX };

struct entry {
    enum entry_kind kind;
    char path[PATH_MAX]; /* as the container sees it; may end in #EXPORT */
};

/* Finds args[0] of a container whose root file system is mounted in the bundle,
 * also below its bind mounts. */
bool entry_find(const struct spec *spec, const char *bundle,
                struct entry *entry, struct fault *fault);

/* Whether a name alone says that it is a module's. */
bool entry_promises_module(const char *name);

/* What bytes at the start of a file say; false when they say neither. */
bool entry_classify(const char *path, const unsigned char *bytes, size_t len,
                    enum entry_kind *out);

#endif
