/*
 * A look into JSON without making anything of it: for the verb `start`, of
 * which containerd waits for every container, and which wants one word of
 * config.json.
 *
 * It answers only where no reader of JSON could see it differently: text that
 * is strictly JSON, in ASCII, with the members in question there at most once
 * and written without escapes.  Everything else is for the real reader.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_PEEK_H
#define SHIM_PEEK_H

#include <stddef.h>

enum peek { PEEK_FOUND, PEEK_ABSENT, PEEK_UNSURE };

/* The text that is member `inner` of member `outer` of the object that the JSON
 * is, with a NUL; unsure where that takes more than `size` bytes. */
enum peek peek_text(const char *json, size_t len, const char *outer,
                    const char *inner, char *out, size_t size);

#endif
