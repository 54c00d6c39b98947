/*
 * Values on the command line: what is read, what is refused, and that what is
 * printed reads back as the same bits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/literal.h"

#include "tests/lib/test.h"

#include <stdio.h>
#include <string.h>

/* Reads a value and prints it; NULL when it is refused. */
static const char *echo(const char *text, wasmrt_kind kind)
{
    static char out[128];
    wasmrt_val value, again;
    FILE *f;
    char *colon;

    if (!cli_parse_value(text, kind, &value))
        return NULL;
    memset(out, 0, sizeof(out));
    f = tmpfile();
    cli_put_value(f, &value);
    rewind(f);
    CHECK(fread(out, 1, sizeof(out) - 1, f) > 0);
    fclose(f);
    colon = strstr(out, " : ");
    CHECK(colon != NULL);
    CHECK_STR_EQ(colon + 3, cli_kind_name(kind));
    *colon = '\0';
    CHECK(cli_parse_value(out, kind, &again));
    CHECK_MEM_EQ(&value.of, &again.of, sizeof(value.of));
    return out;
}

TEST(literal_integers)
{
    CHECK_STR_EQ(echo("0", WASMRT_I32), "0");
    CHECK_STR_EQ(echo("-1", WASMRT_I32), "-1");
    CHECK_STR_EQ(echo("+7", WASMRT_I32), "7");
    CHECK_STR_EQ(echo("4294967295", WASMRT_I32), "-1");
    CHECK_STR_EQ(echo("0xFFFFfffe", WASMRT_I32), "-2");
    CHECK_STR_EQ(echo("-0x80000000", WASMRT_I32), "-2147483648");
    CHECK_STR_EQ(echo("0xffffffffffffffff", WASMRT_I64), "-1");
    CHECK_STR_EQ(echo("-9223372036854775808", WASMRT_I64),
                 "-9223372036854775808");
}

TEST(literal_integers_refused)
{
    static const char *const bad[] = {"",
                                      "x",
                                      "1.5",
                                      "4294967296",
                                      "-2147483649",
                                      "0x",
                                      "0x1ffffffff",
                                      "--1",
                                      "1 ",
                                      " 1",
                                      "1e3",
                                      "99999999999999999999"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK(echo(bad[i], WASMRT_I32) == NULL);
    CHECK(echo("18446744073709551616", WASMRT_I64) == NULL);
    CHECK(echo("-9223372036854775809", WASMRT_I64) == NULL);
}

TEST(literal_floats)
{
    CHECK_STR_EQ(echo("1.5", WASMRT_F32), "1.5");
    CHECK_STR_EQ(echo("-0", WASMRT_F64), "-0");
    CHECK_STR_EQ(echo("0.1", WASMRT_F32), "0.1");
    CHECK_STR_EQ(echo("0.1", WASMRT_F64), "0.1");
    CHECK_STR_EQ(echo("0x1.8p3", WASMRT_F64), "12");
    CHECK_STR_EQ(echo("5e-324", WASMRT_F64), "5e-324");
    CHECK_STR_EQ(echo("3.4028234663852886e38", WASMRT_F32), "3.4028235e+38");
    CHECK_STR_EQ(echo("0.30000000000000004", WASMRT_F64),
                 "0.30000000000000004");
    CHECK_STR_EQ(echo("inf", WASMRT_F32), "inf");
    CHECK_STR_EQ(echo("-inf", WASMRT_F64), "-inf");
    CHECK_STR_EQ(echo("nan", WASMRT_F32), "nan");
    CHECK_STR_EQ(echo("-nan", WASMRT_F64), "-nan");
    CHECK_STR_EQ(echo("nan:0x200000", WASMRT_F32), "nan:0x200000");
    CHECK_STR_EQ(echo("nan:0x4000000000001", WASMRT_F64),
                 "nan:0x4000000000001");
    CHECK_STR_EQ(echo("nan:0x400000", WASMRT_F32), "nan");
}

TEST(literal_floats_refused)
{
    static const char *const bad[] = {
        "",         "x",   "1.5x", "nan(1)", "nan:0x0", "nan:0x800000",
        "infinity", "NAN", " 1",   "1e99",   "nan:1",   "1,5"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK(echo(bad[i], WASMRT_F32) == NULL);
    CHECK(echo("1e999", WASMRT_F64) == NULL);
}

TEST(literal_vectors_and_references)
{
    CHECK_STR_EQ(echo("0x1", WASMRT_V128),
                 "0x00000000000000000000000000000001");
    CHECK(echo("0x", WASMRT_V128) == NULL);
    CHECK(echo("12", WASMRT_V128) == NULL);
    CHECK(echo("0x1g", WASMRT_V128) == NULL);
    CHECK(echo("0x000000000000000000000000000000001", WASMRT_V128) == NULL);
    CHECK_STR_EQ(echo("null", WASMRT_EXTERNREF), "null");
    CHECK(echo("5", WASMRT_FUNCREF) == NULL);
}
