/*
 * Numbers of the text format: shapes, ranges, and exact rounding.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/number.h"

#include "tests/lib/test.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t bits_of(const char *text, unsigned bits)
{
    uint64_t out = 0;

    if (!wrt_number_float(text, strlen(text), bits, &out))
        FAIL("%s is out of range", text);
    return out;
}

static bool in_range(const char *text, unsigned bits)
{
    uint64_t out;

    return wrt_number_float(text, strlen(text), bits, &out);
}

TEST(number_shapes_follow_the_grammar)
{
    static const struct {
        const char *text;
        enum wrt_token_kind kind;
    } cases[] = {
        {"0", WRT_TOKEN_NAT},           {"0x1F", WRT_TOKEN_NAT},
        {"1_000", WRT_TOKEN_NAT},       {"0xa_b", WRT_TOKEN_NAT},
        {"+0", WRT_TOKEN_INT},          {"-0x7", WRT_TOKEN_INT},
        {"1.", WRT_TOKEN_FLOAT},        {"1.5", WRT_TOKEN_FLOAT},
        {"1e5", WRT_TOKEN_FLOAT},       {"1.E-5", WRT_TOKEN_FLOAT},
        {"0x1.8p+3", WRT_TOKEN_FLOAT},  {"0x1p3", WRT_TOKEN_FLOAT},
        {"inf", WRT_TOKEN_FLOAT},       {"-nan", WRT_TOKEN_FLOAT},
        {"nan:0x1_0", WRT_TOKEN_FLOAT}, {"1_0.0_1e1_0", WRT_TOKEN_FLOAT},
        {"", WRT_TOKEN_RESERVED},       {"-", WRT_TOKEN_RESERVED},
        {"_1", WRT_TOKEN_RESERVED},     {"1_", WRT_TOKEN_RESERVED},
        {"1__0", WRT_TOKEN_RESERVED},   {"0x", WRT_TOKEN_RESERVED},
        {"0xg", WRT_TOKEN_RESERVED},    {"1a", WRT_TOKEN_RESERVED},
        {".5", WRT_TOKEN_RESERVED},     {"1._5", WRT_TOKEN_RESERVED},
        {"1e", WRT_TOKEN_RESERVED},     {"1e+", WRT_TOKEN_RESERVED},
        {"0x1p", WRT_TOKEN_RESERVED},   {"0x1e5p", WRT_TOKEN_RESERVED},
        {"nan:", WRT_TOKEN_RESERVED},   {"nan:1", WRT_TOKEN_RESERVED},
        {"nan:0x", WRT_TOKEN_RESERVED}, {"infinity", WRT_TOKEN_RESERVED},
        {"0x1_p1", WRT_TOKEN_RESERVED}, {"1.0_", WRT_TOKEN_RESERVED},
    };

    for (size_t i = 0; i < WRT_COUNTOF(cases); i++) {
        const char *text = cases[i].text;

        if (wrt_number_shape(text, strlen(text)) != cases[i].kind)
            FAIL("%s: kind %d", text, wrt_number_shape(text, strlen(text)));
    }
}

TEST(number_integers_keep_their_range)
{
    static const struct {
        const char *text;
        unsigned bits;
        bool ok;
        uint64_t value;
    } cases[] = {
        {"0xffffffff", 32, true, 0xffffffff},
        {"4294967295", 32, true, 0xffffffff},
        {"4294967296", 32, false, 0},
        {"-0x80000000", 32, true, 0xffffffff80000000},
        {"-2147483649", 32, false, 0},
        {"-0", 32, true, 0},
        {"+1", 32, true, 1},
        {"18446744073709551615", 64, true, UINT64_MAX},
        {"18446744073709551616", 64, false, 0},
        {"0xffff_ffff_ffff_ffff", 64, true, UINT64_MAX},
        {"0x1_0000_0000_0000_0000", 64, false, 0},
        {"-9223372036854775808", 64, true, 0x8000000000000000},
        {"-9223372036854775809", 64, false, 0},
        {"255", 8, true, 255},
        {"256", 8, false, 0},
        {"-128", 8, true, (uint64_t)-128},
        {"-129", 8, false, 0},
    };

    for (size_t i = 0; i < WRT_COUNTOF(cases); i++) {
        uint64_t value = 0;
        bool ok = wrt_number_int(cases[i].text, strlen(cases[i].text),
                                 cases[i].bits, &value);

        if (ok != cases[i].ok || (ok && value != cases[i].value))
            FAIL("%s: %d %llx", cases[i].text, ok, (unsigned long long)value);
    }
}

TEST(number_special_floats)
{
    CHECK_EQ(bits_of("inf", 32), 0x7f800000);
    CHECK_EQ(bits_of("-inf", 64), 0xfff0000000000000);
    CHECK_EQ(bits_of("nan", 32), 0x7fc00000);
    CHECK_EQ(bits_of("-nan", 64), 0xfff8000000000000);
    CHECK_EQ(bits_of("nan:0x1", 32), 0x7f800001);
    CHECK_EQ(bits_of("nan:0x7f_ffff", 32), 0x7fffffff);
    CHECK_EQ(bits_of("-nan:0xfffffffffffff", 64), UINT64_MAX);
    CHECK(!in_range("nan:0x0", 32));
    CHECK(!in_range("nan:0x800000", 32));
    CHECK(!in_range("nan:0x10000000000000", 64));
    CHECK(!in_range("nan:0x10000000000000000", 64));
    CHECK_EQ(bits_of("-0", 32), 0x80000000);
    CHECK_EQ(bits_of("-0.0e99999999999", 64), 0x8000000000000000);
    CHECK_EQ(bits_of("0x0p999999999999", 64), 0);
}

TEST(number_ends_of_the_float_ranges)
{
    CHECK_EQ(bits_of("0x1.fffffep127", 32), 0x7f7fffff);
    CHECK_EQ(bits_of("0x1.fffffefffffp127", 32), 0x7f7fffff);
    CHECK(!in_range("0x1.ffffffp127", 32));
    CHECK(!in_range("0x1p128", 32));
    CHECK_EQ(bits_of("340282356779733661637539395458142568447.9999", 32),
             0x7f7fffff);
    CHECK(!in_range("340282356779733661637539395458142568448", 32));
    CHECK(!in_range("1e400", 64));
    CHECK(!in_range("1e99999999999999999999", 64));
    CHECK_EQ(bits_of("1e-99999999999999999999", 64), 0);
    CHECK_EQ(bits_of("0x1p-1074", 64), 1);
    CHECK_EQ(bits_of("0x1p-1075", 64), 0);
    CHECK_EQ(bits_of("0x1.000001p-1075", 64), 1);
    CHECK_EQ(bits_of("0x3p-1075", 64), 2); /* 1.5 ulp: to even */
    CHECK_EQ(bits_of("0x1p-149", 32), 1);
    CHECK_EQ(bits_of("0x1p-150", 32), 0);
    CHECK_EQ(bits_of("0x0.ffffffp-126", 32), 0x00800000); /* becomes normal */
    CHECK_EQ(bits_of("5e-324", 64), 1);
    CHECK_EQ(bits_of("2e-324", 64), 0);
}

/* Half-way cases: only digits far behind decide. */
TEST(number_floats_round_ties_to_even_and_see_every_digit)
{
    char text[1200];

    CHECK_EQ(bits_of("0x1.00000100000000000", 32), 0x3f800000);
    CHECK_EQ(bits_of("0x1.00000100000000001", 32), 0x3f800001);
    CHECK_EQ(bits_of("0x1.00000300000000000", 32), 0x3f800002);
    CHECK_EQ(bits_of("9007199254740993", 64), bits_of("9007199254740992", 64));
    CHECK_EQ(bits_of("9007199254740993.00000000000000000001", 64),
             bits_of("9007199254740994", 64));
    snprintf(text, sizeof(text), "9007199254740993.%01000d1", 0);
    CHECK_EQ(bits_of(text, 64), bits_of("9007199254740994", 64));
    snprintf(text, sizeof(text), "0x1.000000000000080%0900d1", 0);
    CHECK_EQ(bits_of(text, 64), 0x3ff0000000000001);
    snprintf(text, sizeof(text), "1%0300d.e-300", 0);
    CHECK_EQ(bits_of(text, 64), bits_of("1", 64));
    snprintf(text, sizeof(text), "0.%0300d1e301", 0);
    CHECK_EQ(bits_of(text, 64), bits_of("1", 64));
}

/* The C library is an independent oracle. */
static void compare(const char *text)
{
    double want64 = strtod(text, NULL);
    float want32 = strtof(text, NULL);
    uint64_t want, got = 0;
    uint32_t want_bits;
    bool ok = wrt_number_float(text, strlen(text), 64, &got);

    memcpy(&want, &want64, sizeof(want));
    if (ok != (want64 <= DBL_MAX && want64 >= -DBL_MAX) || (ok && got != want))
        FAIL("f64 %s: %llx, not %llx", text, (unsigned long long)got,
             (unsigned long long)want);
    ok = wrt_number_float(text, strlen(text), 32, &got);
    memcpy(&want_bits, &want32, sizeof(want_bits));
    if (ok != (want32 <= FLT_MAX && want32 >= -FLT_MAX) ||
        (ok && got != want_bits))
        FAIL("f32 %s: %llx, not %x", text, (unsigned long long)got, want_bits);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 11;
}

TEST(number_floats_agree_with_the_c_library)
{
    uint64_t state = 1;
    char text[80];

    for (int i = 0; i < 20000; i++) {
        unsigned long long a = next_random(&state), b = next_random(&state);
        int exponent = (int)(next_random(&state) % 700) - 350;

        snprintf(text, sizeof(text), "%llu.%llue%d", a, b, exponent);
        compare(text);
        snprintf(text, sizeof(text), "%llue%d", a % 1000, exponent / 8);
        compare(text);
        snprintf(text, sizeof(text), "-%llu", a);
        compare(text);
        snprintf(text, sizeof(text), "0x%llx.%llxp%d", a, b, exponent * 4);
        compare(text);
    }
}

/* Each double prints as 17 digits and must come back. */
TEST(number_doubles_survive_a_round_trip)
{
    uint64_t state = 7;
    char text[80];

    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&state) << 11 ^ next_random(&state);
        double value;

        memcpy(&value, &bits, sizeof(value));
        if (!(value <= DBL_MAX && value >= -DBL_MAX))
            continue;
        snprintf(text, sizeof(text), "%.17g", value);
        CHECK_EQ(bits_of(text, 64), bits);
        snprintf(text, sizeof(text), "%a", value);
        CHECK_EQ(bits_of(text, 64), bits);
    }
}
