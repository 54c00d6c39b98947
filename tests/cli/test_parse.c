/*
 * Values of options: durations, sizes, directories, variable files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/parse.h"

#include "tests/lib/test.h"

#include <stdio.h>
#include <string.h>

/* UINT64_MAX stands for "refused"; no test expects that many nanoseconds. */
static uint64_t duration(const char *text)
{
    uint64_t ns;

    return cli_parse_duration(text, &ns) ? ns : UINT64_MAX;
}

static uint64_t size(const char *text)
{
    uint64_t bytes;

    return cli_parse_size(text, &bytes) ? bytes : UINT64_MAX;
}

TEST(parse_duration_takes_units_and_fractions)
{
    CHECK_EQ(duration("10"), 10000000000);
    CHECK_EQ(duration("10s"), 10000000000);
    CHECK_EQ(duration("1.5s"), 1500000000);
    CHECK_EQ(duration("20ms"), 20000000);
    CHECK_EQ(duration("0.25ms"), 250000);
    CHECK_EQ(duration("7us"), 7000);
    CHECK_EQ(duration("3ns"), 3);
    CHECK_EQ(duration("2m"), 120000000000);
    CHECK_EQ(duration("1h"), 3600000000000);
}

TEST(parse_duration_refuses)
{
    static const char *const bad[] = {
        "",           "s", "-1s",   "1.s", ".5s", "1 s",
        "1.5.5",      "0", "0.1ns", "1d",  "1ss", "99999999999999999999",
        "9999999999h"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_EQ(duration(bad[i]), UINT64_MAX);
}

TEST(parse_size_takes_powers_of_1024)
{
    CHECK_EQ(size("0"), 0);
    CHECK_EQ(size("65536"), 65536);
    CHECK_EQ(size("64K"), 65536);
    CHECK_EQ(size("64KiB"), 65536);
    CHECK_EQ(size("1.5M"), 1536 * 1024);
    CHECK_EQ(size("0.999999999K"), 1023);
    CHECK_EQ(size("4G"), UINT64_C(1) << 32);
    CHECK_EQ(size("2TiB"), UINT64_C(1) << 41);
}

TEST(parse_size_refuses)
{
    static const char *const bad[] = {"",    "M",  "1MB",       "1m",
                                      "1 M", "-1", "99999999T", "0x10"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_EQ(size(bad[i]), UINT64_MAX);
}

TEST(parse_count_checks_the_maximum)
{
    uint64_t n;

    CHECK(cli_parse_count("10", 10, &n));
    CHECK_EQ(n, 10);
    CHECK(!cli_parse_count("11", 10, &n));
    CHECK(!cli_parse_count("1x", 10, &n));
    CHECK(!cli_parse_count("", 10, &n));
}

/* "host|guest|ro" or what is wrong. */
static const char *show(const char *why, const struct cli_mount *mount)
{
    static char text[256];

    if (why)
        return why;
    snprintf(text, sizeof(text), "%s|%s|%s", mount->host, mount->guest,
             mount->is_read_only ? "ro" : "rw");
    return text;
}

static const char *dir(const char *text)
{
    static char copy[256];
    struct cli_mount mount;

    snprintf(copy, sizeof(copy), "%s", text);
    return show(cli_parse_dir(copy, &mount), &mount);
}

static const char *mount(const char *text)
{
    static char copy[256];
    struct cli_mount mount;

    snprintf(copy, sizeof(copy), "%s", text);
    return show(cli_parse_mount(copy, &mount), &mount);
}

TEST(parse_dir_splits_at_the_last_colons)
{
    CHECK_STR_EQ(dir("data"), "data|data|rw");
    CHECK_STR_EQ(dir("data:ro"), "data|data|ro");
    CHECK_STR_EQ(dir("/srv/www::/www"), "/srv/www|/www|rw");
    CHECK_STR_EQ(dir("/srv/www::/www:ro"), "/srv/www|/www|ro");
    CHECK_STR_EQ(dir("a::b::c"), "a::b|c|rw");
    CHECK_STR_EQ(dir("a:b"), "a:b|a:b|rw");
    CHECK_STR_EQ(dir("a:b::c:d:ro"), "a:b|c:d|ro");
    CHECK_STR_EQ(dir("a:::b"), "a:|b|rw");
    CHECK_STR_EQ(dir("a::ro"), "a:|a:|ro");
    CHECK_STR_EQ(dir("a:ro:ro"), "a:ro|a:ro|ro");
    CHECK_STR_EQ(dir("a:ro::b"), "a:ro|b|rw");
}

TEST(parse_dir_refuses_empty_names)
{
    CHECK_STR_HAS(dir(""), "host directory is empty");
    CHECK_STR_HAS(dir(":ro"), "host directory is empty");
    CHECK_STR_HAS(dir("::b"), "host directory is empty");
    CHECK_STR_HAS(dir("a::"), "guest directory is empty");
    CHECK_STR_HAS(dir("a:::ro"), "guest directory is empty");
}

TEST(parse_mount_takes_every_name)
{
    CHECK_STR_EQ(mount("host=a"), "a|a|rw");
    CHECK_STR_EQ(mount("host=a,guest=b"), "a|b|rw");
    CHECK_STR_EQ(mount("ro,guest=b,host=a"), "a|b|ro");
    CHECK_STR_EQ(mount("host=a::b:ro,guest=c"), "a::b:ro|c|rw");
    CHECK_STR_EQ(mount("host=\"a,b\",guest=c,ro"), "a,b|c|ro");
    CHECK_STR_EQ(mount("host=\"a\"\"b\""), "a\"b|a\"b|rw");
    CHECK_STR_EQ(mount("host=a=b"), "a=b|a=b|rw");
}

TEST(parse_mount_refuses)
{
    CHECK_STR_HAS(mount(""), "none of host=");
    CHECK_STR_HAS(mount("guest=b"), "host= is missing");
    CHECK_STR_HAS(mount("host="), "host= is empty");
    CHECK_STR_HAS(mount("host=a,guest="), "guest= is empty");
    CHECK_STR_HAS(mount("host=a,host=b"), "host= is given twice");
    CHECK_STR_HAS(mount("host=a,guest=b,guest=c"), "guest= is given twice");
    CHECK_STR_HAS(mount("host=a,readonly"), "none of host=");
    CHECK_STR_HAS(mount("host=a,"), "none of host=");
    CHECK_STR_HAS(mount("host=\"a,ro"), "quote is not closed");
}

TEST(parse_env_lines)
{
    char file[] = "# comment\n\nA=1\r\nHOME\n=x\nB=\nC=a=b";
    char *text = file, *name, *value;

    CHECK(cli_parse_env_line(&text, &name, &value));
    CHECK_STR_EQ(name, "A");
    CHECK_STR_EQ(value, "1");
    CHECK(cli_parse_env_line(&text, &name, &value));
    CHECK_STR_EQ(name, "HOME");
    CHECK(value == NULL);
    CHECK(cli_parse_env_line(&text, &name, &value));
    CHECK_STR_EQ(name, "");
    CHECK(cli_parse_env_line(&text, &name, &value));
    CHECK_STR_EQ(name, "B");
    CHECK_STR_EQ(value, "");
    CHECK(cli_parse_env_line(&text, &name, &value));
    CHECK_STR_EQ(value, "a=b");
    CHECK(!cli_parse_env_line(&text, &name, &value));
}

TEST(parse_range_takes_two_numbers_in_order)
{
    uint64_t first, end;

    CHECK(cli_parse_range("3:17", 17, &first, &end));
    CHECK_EQ(first, 3);
    CHECK_EQ(end, 17);
    CHECK(cli_parse_range("0:0", 17, &first, &end));
    CHECK(!cli_parse_range("3:18", 17, &first, &end));
    CHECK(!cli_parse_range("4:3", 17, &first, &end));
    CHECK(!cli_parse_range("3", 17, &first, &end));
    CHECK(!cli_parse_range(":3", 17, &first, &end));
    CHECK(!cli_parse_range("3:", 17, &first, &end));
    CHECK(!cli_parse_range("3:4:5", 17, &first, &end));
    CHECK(!cli_parse_range("a:4", 17, &first, &end));
}
