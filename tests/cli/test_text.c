/*
 * What stands in messages: names made readable, kinds of files, exit statuses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/demangle.h"
#include "cli/report.h"
#include "tests/lib/test.h"

#include <string.h>

static const char *plain(const char *name)
{
    static char out[64];

    return cli_demangle(name, out, sizeof(out)) ? out : NULL;
}

TEST(demangle_rust)
{
    CHECK_STR_EQ(plain("_ZN4core3fmt5write17h0123456789abcdefE"),
                 "core::fmt::write");
    CHECK_STR_EQ(plain("_ZN48_$LT$str$u20$as$u20$core..fmt..Debug$GT$abcdef"
                       "gh3fmt17h0123456789abcdefE"),
                 "<str as core::fmt::Debug>abcdefgh::fmt");
}

TEST(demangle_cpp)
{
    CHECK_STR_EQ(plain("_ZN2ns5Class6methodEv"), "ns::Class::method");
}

TEST(demangle_leaves_the_rest)
{
    CHECK(plain("main") == NULL);
    CHECK(plain("_ZN") == NULL);
    CHECK(plain("_ZNE") == NULL);
    CHECK(plain("_ZN4cor") == NULL);
    CHECK(plain("_ZN99999999999999999999a") == NULL);
    CHECK(plain("_ZN3fooIiE3barEv") == NULL);
    CHECK(plain("_Z3foov") == NULL);
    CHECK(plain("_ZN70a23456789a23456789a23456789a23456789a23456789a23456789"
                "a23456789a23456789E") == NULL);
}

static const char *kind(const char *bytes, size_t len)
{
    const char *hint;

    return cli_file_kind((const uint8_t *)bytes, len, &hint);
}

#define KIND(literal) kind(literal, sizeof(literal) - 1)

TEST(file_kinds_are_recognised)
{
    CHECK_STR_HAS(KIND(""), "empty");
    CHECK_STR_HAS(KIND("\177ELF\2\1\1"), "ELF");
    CHECK_STR_HAS(KIND("\037\213\010"), "gzip");
    CHECK_STR_HAS(KIND("  <!DOCTYPE HTML>"), "HTML");
    CHECK_STR_HAS(KIND("\n<html>"), "HTML");
    CHECK_STR_HAS(KIND("<?xml version"), "XML");
    CHECK_STR_HAS(KIND("{\"a\": 1}"), "JSON");
    CHECK_STR_HAS(KIND("#!/bin/sh"), "script");
    CHECK_STR_HAS(KIND("!<arch>\n"), "library");
    CHECK_STR_HAS(KIND("\0asm\x0d\0\1\0"), "component");
    CHECK_STR_HAS(KIND("hello world"), "text");
    CHECK_STR_HAS(KIND("\3757zXZ\0\0"), "xz");
    CHECK_STR_HAS(KIND("\xef\xbb\xbf(module)"), "byte order mark");
    CHECK_STR_HAS(KIND("   "), "blanks");
}

TEST(file_kinds_that_may_be_modules_are_left_to_the_decoder)
{
    CHECK(KIND("\0asm\1\0\0\0") == NULL);
    CHECK(KIND("\0asm") == NULL);
    CHECK(KIND("\0as") == NULL);
    CHECK(KIND("(module)") == NULL);
    CHECK(KIND(" \n;; comment") == NULL);
    CHECK(KIND("\1\2\3\4") == NULL);
}

TEST(exit_status_keeps_failures)
{
    CHECK_EQ(cli_exit_status(0), 0);
    CHECK_EQ(cli_exit_status(3), 3);
    CHECK_EQ(cli_exit_status(-1), 255);
    CHECK_EQ(cli_exit_status(256), 1);
}

TEST(control_characters_are_shown)
{
    static const char text[] = "a\033[1m\xc2\x9b\xc3\xa9\x7f";
    char got[64] = {0};
    FILE *f = tmpfile();

    cli_put_clean(f, text, sizeof(text) - 1);
    rewind(f);
    CHECK(fread(got, 1, sizeof(got) - 1, f) > 0);
    fclose(f);
    CHECK_STR_EQ(got, "a\\x1b[1m\\x9b\xc3\xa9\\x7f");
}
