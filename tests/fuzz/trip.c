/*
 * Modules taken through the text format and back.
 *
 *   bytes -> text -> again -> the same text
 *                          -> the same bytes as again
 *                          -> the same listing as that of bytes
 *   bytes -> flat text     -> the same bytes as again
 *   bytes -> generated names, no names -> something that reads back
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/fuzz/trip.h"

#include "tests/fuzz/listing.h"
#include "tests/fuzz/reach.h"
#include "wasmrt.h"
#include "wasmrt/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    char *text;
    size_t len;
};

struct binary {
    uint8_t *bytes;
    size_t len;
};

/* Ends the fuzzer; the text is what went wrong. */
static void fail(const char *what, const wasmrt_error *error,
                 const struct text *text)
{
    char shown[500] = "";

    if (error)
        wasmrt_text_explain(error, NULL, text->text, text->len, shown,
                            sizeof(shown));
    fprintf(stderr, "%s: %s\n%.*s\n", what, shown,
            text->len < 5000 ? (int)text->len : 5000, text->text);
    abort();
}

/* False when the module is refused, or its text would be too long. */
static int print(const uint8_t *bytes, size_t len, unsigned flags,
                 struct text *out)
{
    wasmrt_error *error =
        wasmrt_wasm2wat(bytes, len, flags, &out->text, &out->len);
    int ok = error == NULL;

    if (error)
        reach(wasmrt_code_text(wasmrt_error_code(error)));
    wasmrt_error_delete(error);
    return ok;
}

static struct binary read_back(const struct text *text)
{
    struct binary out = {NULL, 0};
    wasmrt_error *error =
        wasmrt_wat2wasm(text->text, text->len, 0, &out.bytes, &out.len);

    if (error)
        fail("the printed text cannot be read", error, text);
    return out;
}

static int same(const struct binary *a, const uint8_t *bytes, size_t len)
{
    return a->len == len && memcmp(a->bytes, bytes, len) == 0;
}

/* Whether both modules say the same, according to their listings. */
static void compare_listings(const uint8_t *bytes, size_t len,
                             const struct binary *other,
                             const struct text *text)
{
    char *a = listing(bytes, len), *b = listing(other->bytes, other->len);

    if (!a || !b)
        fail("a printed module is not valid", NULL, text);
    if (strcmp(a, b) != 0) {
        fprintf(stderr, "before:\n%s\nafter:\n%s\n", a, b);
        fail("what is read back says something else", NULL, text);
    }
    free(a);
    free(b);
}

/* Other ways to print must read back as the same, or at all. */
static void other_ways(const uint8_t *bytes, size_t len,
                       const struct binary *want)
{
    static const unsigned flags[] = {
        WASMRT_PRINT_FLAT, WASMRT_PRINT_FLAT | WASMRT_PRINT_OFFSETS,
        WASMRT_PRINT_GENERATE_NAMES, WASMRT_PRINT_NO_NAMES};

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        struct text text;
        struct binary binary;

        if (!print(bytes, len, flags[i], &text))
            continue;
        binary = read_back(&text);
        if (flags[i] & WASMRT_PRINT_FLAT &&
            !same(&binary, want->bytes, want->len))
            fail("flat text gives another module", NULL, &text);
        wasmrt_bytes_delete(text.text);
        wasmrt_bytes_delete(binary.bytes);
    }
}

int trip(const uint8_t *bytes, size_t len, enum trip_origin origin)
{
    struct text text, again;
    struct binary first, second;
    int odd_hints;

    if (!print(bytes, len, 0, &text))
        return 0;
    reach("printed");
    /* Hints that are not valid are kept as they are; in code that is encoded
     * anew they may become valid. */
    odd_hints = strstr(text.text, "@custom \"metadata.code") != NULL;
    first = read_back(&text);
    if (origin == TRIP_ENCODED && !same(&first, bytes, len))
        fail("other bytes come back", NULL, &text);
    if (!same(&first, bytes, len))
        compare_listings(bytes, len, &first, &text);
    if (!print(first.bytes, first.len, 0, &again))
        fail("what is read back is not valid", NULL, &text);
    if (!odd_hints &&
        (again.len != text.len || memcmp(again.text, text.text, text.len) != 0))
        fail("what is read back prints differently", NULL, &again);
    second = read_back(&again);
    if (!odd_hints && !same(&second, first.bytes, first.len))
        fail("the second time gives another module", NULL, &again);
    if (same(&first, bytes, len))
        reach("same bytes");
    other_ways(bytes, len, &first);
    wasmrt_bytes_delete(text.text);
    wasmrt_bytes_delete(again.text);
    wasmrt_bytes_delete(first.bytes);
    wasmrt_bytes_delete(second.bytes);
    return 1;
}
