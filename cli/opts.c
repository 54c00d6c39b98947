/*
 * Options are recognised by a linear search: there are few, a command line
 * holds fewer, and nothing has to be prepared before the first one is read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/opts.h"

#include "cli/report.h"

#include <string.h>

const struct opt_spec opt_specs[OPT_COUNT] = {
#define RUN      VERB_RUN
#define SERVE    VERB_SERVE
#define VALIDATE VERB_VALIDATE
#define DUMP     VERB_DUMP
#define WAT2WASM VERB_WAT2WASM
#define WASM2WAT VERB_WASM2WAT
#define WAST     VERB_WAST
#define INSPECT  VERB_INSPECT
#define EXPLORE  VERB_EXPLORE
#define ALL      VERB_ALL
#define EARLY    VERB_EARLY
#define OPTIONAL VERB_OPTIONAL
#define OPT(id, verbs, group, name, value, help, example)                      \
    {name, value, help, example, GROUP_##group, verbs},
#include "cli/opts.def"
#undef OPT
#undef RUN
#undef SERVE
#undef VALIDATE
#undef DUMP
#undef WAT2WASM
#undef WASM2WAT
#undef WAST
#undef INSPECT
#undef EXPLORE
#undef ALL
#undef EARLY
#undef OPTIONAL
};

const struct verb_spec verb_specs[VERB_COUNT] = {
#define VERB(id, name, operands, summary, description)                         \
    {#name, operands, summary, description},
#include "cli/verbs.def"
#undef VERB
};

/* -- Names ----------------------------------------------------------------- */

const struct opt_spec *opts_find(const char *text, size_t len)
{
    for (size_t i = 0; i < OPT_COUNT; i++) {
        const char *name = opt_specs[i].name;

        if (strncmp(name, text, len) == 0 && name[len] == '\0')
            return &opt_specs[i];
    }
    return NULL;
}

bool opts_needs_value(const struct opt_spec *spec)
{
    return spec->value && !(spec->verbs & VERB_OPTIONAL);
}

enum verb_idx opts_verb(const char *name)
{
    enum verb_idx idx = 0;

    while (idx < VERB_COUNT && strcmp(verb_specs[idx].name, name) != 0)
        idx++;
    return idx;
}

enum { NEAR_LEN_MAX = 24 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/*
 * The optimal string alignment distance: the number of letters to insert,
 * delete, replace or swap with a neighbour.  Both lengths are at most
 * NEAR_LEN_MAX.  Keeps three rows of the table of distances of prefixes.
 */
static size_t edit_distance(const char *a, size_t a_len, const char *b,
                            size_t b_len)
{
    size_t rows[3][NEAR_LEN_MAX + 1] = {{0}};

    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = least(up[j] + 1, row[j - 1] + 1,
                           up[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], up2[j - 2] + 1, row[j]);
        }
    }
    return rows[a_len % 3][b_len];
}

/*
 * Two slips in a long word, one in a short one.  A wrong first letter is not a
 * usual slip, and without this rule --count would be taken for --mount.
 */
bool opts_nearly_equal(const char *typed, size_t len, const char *name)
{
    size_t name_len = strlen(name), slips = len >= 6 ? 2 : 1;

    if (len < 2 || len > NEAR_LEN_MAX || name_len > NEAR_LEN_MAX)
        return false;
    if (typed[0] != name[0] && (typed[0] != name[1] || typed[1] != name[0]))
        return false;
    return edit_distance(typed, len, name, name_len) <= slips;
}

const struct opt_spec *opts_near(const char *text, size_t len, unsigned verbs)
{
    for (size_t i = 0; i < OPT_COUNT; i++) {
        if ((opt_specs[i].verbs & verbs) &&
            opts_nearly_equal(text, len, opt_specs[i].name))
            return &opt_specs[i];
    }
    return NULL;
}

enum verb_idx opts_near_verb(const char *word)
{
    enum verb_idx idx = 0;

    while (idx < VERB_COUNT &&
           !opts_nearly_equal(word, strlen(word), verb_specs[idx].name))
        idx++;
    return idx;
}

/* -- Reading --------------------------------------------------------------- */

static enum opts_found bad(struct opts *opts, enum opts_fault fault)
{
    opts->fault = fault;
    return OPTS_BAD;
}

/* Takes the value behind '=' or from the next word. */
static enum opts_found read_value(struct opts *opts,
                                  const struct opt_spec *spec, char *equals)
{
    opts->value = NULL;
    if (!spec->value)
        return equals ? bad(opts, OPTS_HAS_VALUE) : OPTS_OPTION;
    if (equals)
        opts->value = equals + 1;
    else if (!opts_needs_value(spec))
        return OPTS_OPTION;
    else if (opts->next < opts->argc)
        opts->value = opts->argv[opts->next++];
    else
        return bad(opts, OPTS_NO_VALUE);
    return OPTS_OPTION;
}

/* The short options that everyone tries. */
static const struct opt_spec *find_short(const char *word)
{
    if (strcmp(word, "-h") == 0)
        return &opt_specs[OPT_HELP];
    if (strcmp(word, "-V") == 0)
        return &opt_specs[OPT_VERSION];
    if (strcmp(word, "-o") == 0)
        return &opt_specs[OPT_OUTPUT];
    return NULL;
}

enum opts_found opts_read(struct opts *opts)
{
    const struct opt_spec *spec;
    char *equals, *name;
    size_t len;

    if (opts->next >= opts->argc)
        return OPTS_END;
    opts->at = opts->next++;
    opts->word = opts->argv[opts->at];
    if (opts->word[0] != '-' || opts->word[1] == '\0')
        return OPTS_WORD;
    if (strcmp(opts->word, "--") == 0)
        return OPTS_DASHES;
    equals = strchr(opts->word, '=');
    len = equals ? (size_t)(equals - opts->word) : strlen(opts->word);
    name = opts->word + 2;
    spec = opts->word[1] == '-' ? opts_find(name, len - 2)
                                : find_short(opts->word);
    opts->near = NULL;
    if (!spec) {
        if (opts->word[1] == '-')
            opts->near = opts_near(name, len - 2, 1u << opts->verb);
        return bad(opts, OPTS_UNKNOWN);
    }
    opts->id = (enum opt_id)(spec - opt_specs);
    if (!(spec->verbs & (1u << opts->verb)))
        return bad(opts, OPTS_OTHER_VERB);
    return read_value(opts, spec, equals);
}

/* -- Complaining ----------------------------------------------------------- */

/* Length of the word up to its '='. */
static int name_len(const char *word)
{
    return (int)strcspn(word, "=");
}

/* Behind FILE the word may be meant for the guest; silence would be worse than
 * a question, since --dri=data would then grant nothing. */
static int complain_unknown(const struct opts *opts, bool is_behind_file)
{
    int len = name_len(opts->word);

    if (!opts->near)
        return cli_usage("unknown option %.*s", len, opts->word);
    if (!is_behind_file)
        return cli_usage("unknown option %.*s; did you mean --%s?", len,
                         opts->word, opts->near->name);
    cli_error("unknown option %.*s; did you mean --%s?", len, opts->word,
              opts->near->name);
    cli_hint("if it is meant for the guest, put -- in front of the guest's "
             "arguments: FILE -- %s",
             opts->word);
    return CLI_EXIT_USAGE;
}

static int complain_other_verb(const struct opts *opts)
{
    const struct opt_spec *spec = &opt_specs[opts->id];
    enum verb_idx verb = 0;

    while (verb + 1 < VERB_COUNT && !(spec->verbs & (1u << verb)))
        verb++;
    return cli_usage("--%s is an option of wasmrt %s, not of wasmrt %s",
                     spec->name, verb_specs[verb].name,
                     verb_specs[opts->verb].name);
}

int opts_complain(const struct opts *opts, bool is_behind_file)
{
    const struct opt_spec *spec = &opt_specs[opts->id];

    switch (opts->fault) {
    case OPTS_UNKNOWN: return complain_unknown(opts, is_behind_file);
    case OPTS_OTHER_VERB: return complain_other_verb(opts);
    case OPTS_HAS_VALUE: return cli_usage("--%s takes no value", spec->name);
    case OPTS_NO_VALUE: break;
    }
    cli_error("--%s needs a value: --%s=%s", spec->name, spec->name,
              spec->value);
    cli_hint("for example: %s", spec->example);
    return CLI_EXIT_USAGE;
}
