/*
 * Modules for the tests of runtime/module: from text or from hexadecimal bytes,
 * decoded with an engine's table of types of their own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_UNIT_MODULES_H
#define WRT_TESTS_UNIT_MODULES_H

#include "runtime/module/module.h"

/* A decoded module with what it was made from. */
struct test_module {
    struct wrt_types *types;
    struct wrt_module *m;
    uint8_t *bytes;
    size_t len;
};

/* Fails the test when the module is refused. */
void module_from_text(struct test_module *t, const char *text,
                      wrt_features features);

void module_delete(struct test_module *t);

/* Bytes from hexadecimal digits; spaces and text after ';' up to a newline are
 * skipped.  With a header in front.  Release with free(). */
uint8_t *bytes_from_hex(const char *hex, size_t *len);

/* The message with which bytes are refused, "" when they are accepted; valid
 * until the next call.  Decodes an exact copy on the heap, so that reads past
 * the end are seen by the sanitizers. */
const char *refusal_of_bytes(const uint8_t *bytes, size_t len,
                             wrt_features features);
const char *refusal_of_hex(const char *hex, wrt_features features);
const char *refusal_of_text(const char *text, wrt_features features);

/* Checks that a refusal begins with a text; "" means accepted. */
void check_refusal(const char *what, const char *refusal, const char *want);

#endif
