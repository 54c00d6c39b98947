/*
 * The harness has to be right before anything it says counts: these tests run
 * children that fail in each way and look at what the harness made of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs a body that must end in a failed check; returns what it printed. */
static const char *output_of_failure(void (*body)(void))
{
    static char text[1024];
    int ends[2], status;
    ssize_t n = 0, got;
    pid_t pid;

    CHECK_EQ(pipe(ends), 0);
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        body();
        _exit(0);
    }
    close(ends[1]);
    while ((got = read(ends[0], text + n, sizeof(text) - 1 - (size_t)n)) > 0)
        n += got;
    text[n] = '\0';
    close(ends[0]);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 1);
    return text;
}

static void unequal_integers(void)
{
    CHECK_EQ(2 + 2, 5u);
}

static void negative_is_not_unsigned(void)
{
    int8_t minus_one = -1;

    CHECK_EQ(minus_one, 255u);
}

static void unequal_wide_values(void)
{
    CHECK_EQ(UINT64_MAX, INT64_C(-1));
}

static void unequal_floats(void)
{
    CHECK_EQ(0.5, 0.25f);
}

static void nan_equals_nothing(void)
{
    CHECK_EQ(NAN, NAN);
}

static void unequal_strings(void)
{
    CHECK_STR_EQ("one", NULL);
}

static void unequal_bytes(void)
{
    CHECK_MEM_EQ("abcd", "abXd", 4);
}

static void missing_part(void)
{
    CHECK_STR_HAS("unknown import", "type mismatch");
}

TEST(harness_failed_checks_print_both_sides)
{
    CHECK_STR_HAS(output_of_failure(unequal_integers), "left:  4\n");
    CHECK_STR_HAS(output_of_failure(unequal_integers), "right: 5 (0x5)\n");
    CHECK_STR_HAS(output_of_failure(unequal_integers), "test_harness.c:");
    CHECK_STR_HAS(output_of_failure(negative_is_not_unsigned), "left:  -1\n");
    CHECK_STR_HAS(output_of_failure(unequal_wide_values), "right: -1\n");
    CHECK_STR_HAS(output_of_failure(unequal_floats), "right: 0.25\n");
    CHECK_STR_HAS(output_of_failure(nan_equals_nothing), "nan");
    CHECK_STR_HAS(output_of_failure(unequal_strings), "(null)");
    CHECK_STR_HAS(output_of_failure(unequal_bytes), "byte 2 of 4");
    CHECK_STR_HAS(output_of_failure(missing_part), "part: \"type mismatch\"");
}

TEST(harness_compares_by_value_across_types)
{
    uint8_t small = 200;
    int64_t wide = 200;
    const char *text = "x";

    CHECK_EQ(small, wide);
    CHECK_EQ(true, 1);
    CHECK_EQ(1, 1.0);
    CHECK_EQ(text, (const void *)text);
    CHECK_EQ((size_t)7, 7);
    CHECK_STR_EQ(text, "x");
    CHECK_STR_EQ((const char *)NULL, NULL);
    CHECK_MEM_EQ("ab", "ac", 1);
}

TEST(harness_starts_a_test_in_an_empty_directory)
{
    char path[512];
    FILE *file;

    CHECK(getcwd(path, sizeof(path)) != NULL);
    CHECK_STR_EQ(path, getenv("TMPDIR"));
    CHECK(access("left-behind", F_OK) != 0);
    file = fopen("left-behind", "w"); /* -r 2 would find it */
    CHECK(file != NULL);
    fclose(file);
}

TEST(harness_puts_a_test_in_its_own_process_group)
{
    CHECK_EQ(getpgrp(), getpid());
}
