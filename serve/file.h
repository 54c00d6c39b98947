/*
 * The parts of sending files that only compute.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_FILE_H
#define SERVE_FILE_H

#include "serve/http.h"

/* The type of a file by its name. */
const char *file_type(const char *name);

/* Whether a part of the path begins with a dot. */
bool file_is_hidden(const char *path);

enum file_range {
    FILE_WHOLE,  /* no range that is understood, or several */
    FILE_PART,   /* *len bytes from *at on */
    FILE_OUTSIDE /* nothing of it is there */
};

/* Reads the field Range for a file of this size. */
enum file_range file_range(struct span value, uint64_t size, uint64_t *at,
                           uint64_t *len);

/* Whether a list of entity tags has this one. */
bool file_has_tag(struct span list, const char *tag);

#endif
