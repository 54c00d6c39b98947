/*
 * Modules for the tests of runtime/module.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/unit/modules.h"

#include "runtime/text/text.h"
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>

enum { REFUSAL_MAX = 512 };

static void text_to_bytes(const char *text, uint8_t **bytes, size_t *len)
{
    wasmrt_error *error = wrt_text_to_binary(&wrt_alloc_libc, text,
                                             strlen(text), true, bytes, len);

    if (error)
        FAIL("%s: %s", text, wasmrt_error_message(error));
}

void module_from_text(struct test_module *t, const char *text,
                      wrt_features features)
{
    wasmrt_error *error;

    text_to_bytes(text, &t->bytes, &t->len);
    CHECK(wrt_types_new(&wrt_alloc_libc, &t->types) == NULL);
    error = wrt_module_decode(&wrt_alloc_libc, t->types, features, t->bytes,
                              t->len, false, &t->m);
    if (error)
        FAIL("%s: %s", text, wasmrt_error_message(error));
}

void module_delete(struct test_module *t)
{
    wrt_module_unref(t->m);
    wrt_types_delete(t->types);
    wrt_free(&wrt_alloc_libc, t->bytes, t->len);
}

static int digit_of(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

uint8_t *bytes_from_hex(const char *hex, size_t *len)
{
    static const uint8_t header[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    uint8_t *bytes = malloc(strlen(hex) / 2 + sizeof(header) + 1);

    CHECK(bytes != NULL);
    memcpy(bytes, header, sizeof(header));
    *len = sizeof(header);
    while (*hex) {
        if (*hex == ';') {
            hex += strcspn(hex, "\n");
        } else if (digit_of(*hex) < 0) {
            hex++;
        } else {
            bytes[(*len)++] =
                (uint8_t)(digit_of(hex[0]) << 4 | digit_of(hex[1]));
            hex += 2;
        }
    }
    return bytes;
}

/* The refusal, in a buffer of REFUSAL_MAX. */
static void decode(char *refusal, const uint8_t *bytes, size_t len,
                   wrt_features features)
{
    struct wrt_types *types;
    struct wrt_module *m;
    uint8_t *copy = malloc(len ? len : 1);
    wasmrt_error *error;

    CHECK(copy != NULL);
    memcpy(copy, bytes, len);
    CHECK(wrt_types_new(&wrt_alloc_libc, &types) == NULL);
    error = wrt_module_decode(&wrt_alloc_libc, types, features, copy, len,
                              false, &m);
    snprintf(refusal, REFUSAL_MAX, "%s",
             error ? wasmrt_error_message(error) : "");
    if (!error)
        wrt_module_unref(m);
    wasmrt_error_delete(error);
    wrt_types_delete(types);
    free(copy);
}

/* The validator's hot loop and the loop around it refuse the same. */
static void check_both_loops(const uint8_t *bytes, size_t len,
                             wrt_features features)
{
    char hot[REFUSAL_MAX], cold[REFUSAL_MAX];

    decode(hot, bytes, len, features);
    decode(cold, bytes, len, features | WRT_FEATURES_NO_HOT_LOOP);
    if (strcmp(hot, cold) != 0)
        FAIL("refused by the hot loop: \"%s\", by the other: \"%s\"", hot,
             cold);
}

/* With a custom section behind it: the hot loop stays away from the last bytes
 * of a module, which is all that most modules here have. */
static void check_with_room(const uint8_t *bytes, size_t len,
                            wrt_features features)
{
    static const uint8_t section[] = {0, 18, 1, 'x', 0, 0, 0, 0, 0, 0,
                                      0, 0,  0, 0,   0, 0, 0, 0, 0, 0};
    uint8_t *longer = malloc(len + sizeof(section));

    CHECK(longer != NULL);
    memcpy(longer, bytes, len);
    memcpy(longer + len, section, sizeof(section));
    check_both_loops(longer, len + sizeof(section), features);
    free(longer);
}

const char *refusal_of_bytes(const uint8_t *bytes, size_t len,
                             wrt_features features)
{
    static char refusal[REFUSAL_MAX];

    check_both_loops(bytes, len, features);
    check_with_room(bytes, len, features);
    decode(refusal, bytes, len, features);
    return refusal;
}

const char *refusal_of_hex(const char *hex, wrt_features features)
{
    size_t len;
    uint8_t *bytes = bytes_from_hex(hex, &len);
    const char *refusal = refusal_of_bytes(bytes, len, features);

    free(bytes);
    return refusal;
}

const char *refusal_of_text(const char *text, wrt_features features)
{
    uint8_t *bytes;
    const char *refusal;
    size_t len;

    text_to_bytes(text, &bytes, &len);
    refusal = refusal_of_bytes(bytes, len, features);
    wrt_free(&wrt_alloc_libc, bytes, len);
    return refusal;
}

void check_refusal(const char *what, const char *got, const char *want)
{
    if (*want ? strncmp(got, want, strlen(want)) != 0 : *got != '\0')
        FAIL("%s: \"%s\", not \"%s\"", what, got, want);
}
