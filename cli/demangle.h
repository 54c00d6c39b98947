/*
 * Readable names of functions in stack traces.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_DEMANGLE_H
#define WRT_CLI_DEMANGLE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes the readable form of a mangled name: nested names of C++ and of Rust's
 * older scheme, without parameters, templates and hashes.  False, with out
 * unspecified, when the name is not one of these; it is then shown as it is.
 */
bool cli_demangle(const char *name, char *out, size_t size);

#endif
