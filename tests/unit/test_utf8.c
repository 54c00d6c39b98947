/*
 * UTF-8: every boundary of the ranges of well-formed sequences.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/utf8.h"

#include "tests/lib/test.h"

static bool ok(const char *text)
{
    return wrt_utf8_check((const uint8_t *)text, strlen(text));
}

TEST(utf8_accepts_the_ends_of_each_range)
{
    CHECK(ok(""));
    CHECK(wrt_utf8_check((const uint8_t *)"a\0b", 3));
    CHECK(ok("\x01\x7f"));
    CHECK(ok("\xc2\x80\xdf\xbf"));
    CHECK(ok("\xe0\xa0\x80\xec\xbf\xbf"));
    CHECK(ok("\xed\x80\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"));
    CHECK(ok("\xf0\x90\x80\x80\xf3\xbf\xbf\xbf\xf4\x8f\xbf\xbf"));
}

TEST(utf8_refuses_what_lies_outside)
{
    CHECK(!ok("\x80"));             /* continuation first */
    CHECK(!ok("\xc0\x80"));         /* overlong */
    CHECK(!ok("\xc1\xbf"));         /* overlong */
    CHECK(!ok("\xe0\x9f\xbf"));     /* overlong */
    CHECK(!ok("\xf0\x8f\xbf\xbf")); /* overlong */
    CHECK(!ok("\xed\xa0\x80"));     /* surrogate */
    CHECK(!ok("\xed\xbf\xbf"));     /* surrogate */
    CHECK(!ok("\xf4\x90\x80\x80")); /* above U+10FFFF */
    CHECK(!ok("\xf5\x80\x80\x80"));
    CHECK(!ok("\xff"));
    CHECK(!ok("\xc2"));         /* truncated */
    CHECK(!ok("\xe1\x80"));     /* truncated */
    CHECK(!ok("\xf1\x80\x80")); /* truncated */
    CHECK(!ok("\xc2\x41"));
    CHECK(!ok("\xe1\x80\x41"));
    CHECK(!ok("\xf1\x80\x80\xc0"));
}
