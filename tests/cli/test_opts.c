/*
 * Reading the command line: what is an option, what is a word, and what is
 * close enough to an option to be a slip of the finger.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/opts.h"

#include "cli/report.h"
#include "tests/lib/test.h"

#include <string.h>

/* Reads words of `run`; the array ends with NULL. */
static struct opts words(char **argv)
{
    struct opts opts = {.argv = argv, .verb = VERB_IDX_RUN};

    while (argv[opts.argc])
        opts.argc++;
    return opts;
}

#define WORDS(...) words((char *[]){__VA_ARGS__, NULL})

TEST(opts_value_behind_equals_or_in_next_word)
{
    char equals[] = "--env=A=1", name[] = "--env", value[] = "A=1";
    struct opts opts = WORDS(equals, name, value);

    CHECK_EQ(opts_read(&opts), OPTS_OPTION);
    CHECK_EQ(opts.id, OPT_ENV);
    CHECK_STR_EQ(opts.value, "A=1");
    CHECK_EQ(opts_read(&opts), OPTS_OPTION);
    CHECK_EQ(opts.at, 1);
    CHECK_STR_EQ(opts.value, "A=1");
    CHECK_EQ(opts_read(&opts), OPTS_END);
}

TEST(opts_value_may_be_empty_or_begin_with_a_dash)
{
    char empty[] = "--argv0=", name[] = "--argv0", value[] = "--";
    struct opts opts = WORDS(empty, name, value);

    CHECK_EQ(opts_read(&opts), OPTS_OPTION);
    CHECK_STR_EQ(opts.value, "");
    CHECK_EQ(opts_read(&opts), OPTS_OPTION);
    CHECK_STR_EQ(opts.value, "--");
}

TEST(opts_words_and_dashes)
{
    char file[] = "app.wasm", dash[] = "-", dashes[] = "--";
    struct opts opts = WORDS(file, dash, dashes);

    CHECK_EQ(opts_read(&opts), OPTS_WORD);
    CHECK_STR_EQ(opts.word, "app.wasm");
    CHECK_EQ(opts_read(&opts), OPTS_WORD);
    CHECK_EQ(opts_read(&opts), OPTS_DASHES);
    CHECK_EQ(opts_read(&opts), OPTS_END);
}

static enum opts_fault fault_of(char *word)
{
    struct opts opts = WORDS(word);

    CHECK_EQ(opts_read(&opts), OPTS_BAD);
    return opts.fault;
}

TEST(opts_faults)
{
    char unknown[] = "--nosuchthing", none[] = "--dir",
         with[] = "--gc-stress=1";
    char other[] = "--iops", single[] = "-x", empty[] = "--=3";

    CHECK_EQ(fault_of(unknown), OPTS_UNKNOWN);
    CHECK_EQ(fault_of(none), OPTS_NO_VALUE);
    CHECK_EQ(fault_of(with), OPTS_HAS_VALUE);
    CHECK_EQ(fault_of(other), OPTS_OTHER_VERB);
    CHECK_EQ(fault_of(single), OPTS_UNKNOWN);
    CHECK_EQ(fault_of(empty), OPTS_UNKNOWN);
}

/* The name of the option that a word nearly spells, or "". */
static const char *near(const char *word)
{
    const struct opt_spec *spec = opts_near(word, strlen(word), VERB_RUN);

    return spec ? spec->name : "";
}

TEST(opts_near_finds_slips)
{
    CHECK_STR_EQ(near("dri"), "dir");
    CHECK_STR_EQ(near("idr"), "dir");
    CHECK_STR_EQ(near("dirs"), "dir");
    CHECK_STR_EQ(near("enf"), "env");
    CHECK_STR_EQ(near("timout"), "timeout");
    CHECK_STR_EQ(near("max_memroy"), "max-memory");
    CHECK_STR_EQ(near("invoek"), "invoke");
}

TEST(opts_near_leaves_other_words_alone)
{
    CHECK_STR_EQ(near("verbose"), "");
    CHECK_STR_EQ(near("count"), "");
    CHECK_STR_EQ(near("file"), "");
    CHECK_STR_EQ(near("list"), "");
    CHECK_STR_EQ(near("d"), "");
    CHECK_STR_EQ(near(""), "");
    CHECK_STR_EQ(near("iops"), "");
    CHECK_STR_EQ(near("a-word-far-longer-than-any-option-of-ours"), "");
}

TEST(opts_near_verb)
{
    CHECK_EQ(opts_near_verb("rnu"), VERB_IDX_RUN);
    CHECK_EQ(opts_near_verb("validat"), VERB_IDX_VALIDATE);
    CHECK_EQ(opts_near_verb("app.wasm"), VERB_COUNT);
}

/* Help, completion and the manual depend on these. */
TEST(opts_table_is_well_formed)
{
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct opt_spec *spec = &opt_specs[i];

        CHECK(opts_find(spec->name, strlen(spec->name)) == spec);
        CHECK(spec->verbs != 0);
        CHECK_STR_HAS(spec->help, ".");
        CHECK(strncmp(spec->example, "wasmrt ", 7) == 0);
        CHECK_STR_HAS(spec->example, spec->name);
        CHECK(i == 0 || spec->group >= opt_specs[i - 1].group);
        CHECK(!opts_near(spec->name, strlen(spec->name), spec->verbs) ||
              opts_near(spec->name, strlen(spec->name), spec->verbs) == spec);
    }
}
