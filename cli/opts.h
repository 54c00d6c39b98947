/*
 * The command line, read in place: one pass over argv, nothing is copied.
 *
 * opts.def lists the options and verbs.def the commands; this reader, the help,
 * the manual page and the completion scripts all come from these two tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_OPTS_H
#define WRT_CLI_OPTS_H

#include <stdbool.h>
#include <stddef.h>

/* Position of each command in verbs.def. */
enum verb_idx {
#define VERB(id, name, operands, summary, description) VERB_IDX_##id,
#include "cli/verbs.def"
#undef VERB
    VERB_COUNT
};

/* A set of commands. */
enum verb_bit {
#define VERB(id, name, operands, summary, description)                         \
    VERB_##id = 1 << VERB_IDX_##id,
#include "cli/verbs.def"
#undef VERB
    VERB_ALL = (1 << VERB_COUNT) - 1,
    VERB_EARLY = 1 << VERB_COUNT,         /* only before FILE */
    VERB_OPTIONAL = 1 << (VERB_COUNT + 1) /* the value may be left out */
};

enum opt_group {
    GROUP_GRANTS,
    GROUP_SERVING,
    GROUP_RUNNING,
    GROUP_LIMITS,
    GROUP_INSIDE,
    GROUP_ABOUT,
    GROUP_COUNT
};

enum opt_id {
#define OPT(id, verbs, group, name, value, help, example) OPT_##id,
#include "cli/opts.def"
#undef OPT
    OPT_COUNT
};

/* One row of opts.def. */
struct opt_spec {
    const char *name;
    const char *value; /* NULL: takes none */
    const char *help;
    const char *example;
    unsigned char group;  /* enum opt_group */
    unsigned short verbs; /* sum of enum verb_bit */
};

/* One row of verbs.def. */
struct verb_spec {
    const char *name;
    const char *operands;
    const char *summary;
    const char *description;
};

extern const struct opt_spec opt_specs[OPT_COUNT];
extern const struct verb_spec verb_specs[VERB_COUNT];

/* What opts_read() found. */
enum opts_found {
    OPTS_END,    /* no more words */
    OPTS_OPTION, /* id and value are set */
    OPTS_WORD,   /* a word that does not begin with a dash, or "-" alone */
    OPTS_DASHES, /* the word -- */
    OPTS_BAD     /* begins with a dash, and `fault` says what is wrong */
};

enum opts_fault {
    OPTS_UNKNOWN,    /* no option of any command; `near` may be one meant */
    OPTS_OTHER_VERB, /* an option of another command: `id` */
    OPTS_NO_VALUE,   /* the value is missing: `id` */
    OPTS_HAS_VALUE   /* a value where none is taken: `id` */
};

/* Owner: main.  argv must be writable and outlives the reader. */
struct opts {
    char **argv;
    int argc;
    int next;           /* index of the word that opts_read() reads next */
    int at;             /* index of the word read last */
    enum verb_idx verb; /* whose options are accepted */
    char *word;         /* the word read last */
    enum opt_id id;
    char *value; /* NULL for an option without value */
    enum opts_fault fault;
    const struct opt_spec *near;
};

/* Reads the next word and what belongs to it. */
enum opts_found opts_read(struct opts *opts);

/* Reports the fault of OPTS_BAD on standard error.  Behind FILE, explains how
 * to pass the word to the guest.  Returns the exit status. */
int opts_complain(const struct opts *opts, bool is_behind_file);

/* Whether the option needs a value. */
bool opts_needs_value(const struct opt_spec *spec);

/* The option whose name is text[0..len), or NULL. */
const struct opt_spec *opts_find(const char *text, size_t len);

/* The option of the commands in `verbs` that text[0..len) nearly spells, or
 * NULL. */
const struct opt_spec *opts_near(const char *text, size_t len, unsigned verbs);

/* The command of that name, or VERB_COUNT. */
enum verb_idx opts_verb(const char *name);

/* The command that a word nearly spells, or VERB_COUNT. */
enum verb_idx opts_near_verb(const char *word);

/* Whether `typed` is `name` with few slips: a letter wrong, missing, too many
 * or swapped with its neighbour. */
bool opts_nearly_equal(const char *typed, size_t len, const char *name);

#endif
