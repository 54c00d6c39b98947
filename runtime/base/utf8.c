/*
 * UTF-8 validation by ranges of the second byte (Unicode, table 3-7).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/utf8.h"

#include <string.h>

/* Length of the sequence that lead begins, with the permitted range of its
 * second byte; 0 when lead begins none. */
static unsigned sequence(uint8_t lead, uint8_t *low, uint8_t *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2)
        return 0;
    if (lead < 0xe0)
        return 2;
    if (lead < 0xf0) {
        if (lead == 0xe0)
            *low = 0xa0;
        else if (lead == 0xed)
            *high = 0x9f;
        return 3;
    }
    if (lead == 0xf0)
        *low = 0x90;
    else if (lead == 0xf4)
        *high = 0x8f;
    return lead < 0xf5 ? 4 : 0;
}

/* Whether eight bytes are ASCII, as names mostly are. */
static bool are_ascii(const uint8_t *bytes)
{
    uint64_t eight;

    memcpy(&eight, bytes, sizeof(eight));
    return !(eight & 0x8080808080808080u);
}

bool wrt_utf8_check(const uint8_t *bytes, size_t len)
{
    size_t i = 0;

    while (i < len) {
        uint8_t low, high;
        unsigned n;

        if (len - i >= 8 && are_ascii(bytes + i)) {
            i += 8;
            continue;
        }
        n = sequence(bytes[i], &low, &high);
        if (n == 0 || len - i < n)
            return false;
        if (n > 1 && (bytes[i + 1] < low || bytes[i + 1] > high))
            return false;
        for (unsigned k = 2; k < n; k++) {
            if ((bytes[i + k] & 0xc0) != 0x80)
                return false;
        }
        i += n;
    }
    return true;
}
