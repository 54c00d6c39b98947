/*
 * Why something failed: a status code for containerd, and a sentence for
 * humans.
 *
 * A function that can fail takes a `struct fault *` as its last argument and
 * returns false after fault_set().  A fault is a value without owner, so it can
 * cross the pipe from a container's process to the shim.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_FAULT_H
#define SHIM_FAULT_H

#include <stdbool.h>

/* The status codes of gRPC that a shim answers with. */
enum fault_code {
    FAULT_NONE = 0,
    FAULT_UNKNOWN = 2,
    FAULT_INVALID = 3,
    FAULT_NOT_FOUND = 5,
    FAULT_EXISTS = 6,
    FAULT_EXHAUSTED = 8,
    FAULT_PRECONDITION = 9,
    FAULT_UNIMPLEMENTED = 12,
    FAULT_UNAVAILABLE = 14
};

enum { FAULT_TEXT_BYTES = 2048 };

struct fault {
    int code; /* enum fault_code */
    char text[FAULT_TEXT_BYTES];
};

/* Both return false, so that they can end a function.  The text is cut to
 * fit; control characters in it become '?', except newlines. */
bool fault_set(struct fault *fault, enum fault_code code, const char *format,
               ...) __attribute__((format(printf, 3, 4)));

/* The same with ": " and what errno means behind it. */
bool fault_errno(struct fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
