/*
 * Help and the manual page, from the tables of commands, options and statuses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cmd.h"
#include "cli/report.h"
#include "wasmrt/version.h"

#include <string.h>

enum { LINE_COLUMNS = 79, OPTION_INDENT = 6 };

static const char *const group_titles[GROUP_COUNT] = {
    [GROUP_GRANTS] = "What the guest is granted",
    [GROUP_SERVING] = "The server",
    [GROUP_RUNNING] = "How it runs",
    [GROUP_LIMITS] = "Limits",
    [GROUP_INSIDE] = "Looking inside",
    [GROUP_ABOUT] = "About wasmrt",
};

static const struct {
    int status;
    const char *meaning;
} exits[] = {
#define EXIT(id, status, meaning) {status, meaning},
#include "cli/exits.def"
#undef EXIT
};

enum { EXIT_COUNT = sizeof(exits) / sizeof(*exits) };

/* -- On a terminal --------------------------------------------------------- */

/* Prints one paragraph, broken between words, and returns what follows its
 * newline, or NULL at the end. */
static const char *put_paragraph(const char *text, int indent)
{
    int column = 0;

    while (*text && *text != '\n') {
        int len = (int)strcspn(text, " \n");

        if (column > 0 && column + 1 + len > LINE_COLUMNS) {
            putchar('\n');
            column = 0;
        }
        column += printf("%*s%.*s", column ? 1 : indent, "", len, text);
        text += len;
        text += strspn(text, " ");
    }
    putchar('\n');
    return *text ? text + 1 : NULL;
}

static void put_option_line(const struct opt_spec *spec)
{
    bool is_optional = spec->value && !opts_needs_value(spec);

    printf("  --%s%s%s%s%s\n", spec->name, is_optional ? "[" : "",
           spec->value ? "=" : "", spec->value ? spec->value : "",
           is_optional ? "]" : "");
}

static void put_option(const struct opt_spec *spec)
{
    put_option_line(spec);
    put_paragraph(spec->help, OPTION_INDENT);
}

static void put_usage(enum verb_idx verb)
{
    printf("wasmrt %s%s%s", verb_specs[verb].name,
           *verb_specs[verb].operands ? " " : "", verb_specs[verb].operands);
}

/* The options of a command, under the titles of their groups. */
static void put_options(enum verb_idx verb)
{
    int group = -1;

    for (size_t i = 0; i < OPT_COUNT; i++) {
        const struct opt_spec *spec = &opt_specs[i];

        if (!(spec->verbs & (1u << verb)))
            continue;
        if (spec->group != group) {
            group = spec->group;
            printf("\n%s\n", group_titles[group]);
        }
        put_option(spec);
    }
}

static const char *const examples[][2] = {
    {"wasmrt app.wasm one two", "run it with arguments"},
    {"wasmrt app.wasm --dir=data", "let it use the directory data"},
    {"wasmrt app.wasm --dir=/srv/www::/www:ro",
     "read-only, under another name"},
    {"wasmrt app.wasm --env=LANG=C -- --help", "--help is the guest's"},
    {"wasmrt lib.wasm --invoke=add 2 3", "call one function"},
    {"wasmrt - <app.wasm", "read it from standard input"},
    {"wasmrt inspect app.wasm", "what does it need?"},
    {"wasmrt app.wasm --trace=wasi", "what does it ask for?"},
    {"wasmrt app.wasm --profile=flame.svg", "where does time go?"},
};

enum { EXAMPLE_COUNT = sizeof(examples) / sizeof(*examples) };

static void put_examples(void)
{
    printf("\nExamples\n");
    for (size_t i = 0; i < EXAMPLE_COUNT; i++)
        printf("  %-40s  # %s\n", examples[i][0], examples[i][1]);
}

static void put_exits(void)
{
    printf("\nExit status: the guest's, or\n");
    for (size_t i = 1; i < EXIT_COUNT; i++)
        printf("  %3d  %s\n", exits[i].status, exits[i].meaning);
}

int cli_help_overview(void)
{
    printf("wasmrt runs WebAssembly programs.\n\n");
    printf("Usage: wasmrt [run] [OPTIONS] FILE [OPTIONS] [--] [ARGS...]\n");
    printf("       wasmrt COMMAND ...\n");
    put_examples();
    printf("\nCommands\n");
    for (int i = 0; i < VERB_COUNT; i++)
        printf("  %-12s%s\n", verb_specs[i].name, verb_specs[i].summary);
    put_exits();
    printf("\nwasmrt help COMMAND explains a command and its options, and "
           "wasmrt help dir\nthe option --dir.\n");
    return CLI_EXIT_OK;
}

int cli_help_verb(enum verb_idx verb)
{
    const char *text = verb_specs[verb].description;

    printf("Usage: ");
    put_usage(verb);
    printf("\n\n");
    while (text) {
        text = put_paragraph(text, 0);
        if (text)
            putchar('\n');
    }
    if (verb == VERB_IDX_RUN)
        put_examples();
    put_options(verb);
    if (verb == VERB_IDX_RUN)
        put_exits();
    return CLI_EXIT_OK;
}

static int help_option(const struct opt_spec *spec)
{
    put_option(spec);
    printf("\n%*sExample: %s\n", OPTION_INDENT, "", spec->example);
    return CLI_EXIT_OK;
}

int cli_print_version(void)
{
    printf("wasmrt %s\n", wasmrt_version());
    return CLI_EXIT_OK;
}

int cmd_version(struct opts *opts)
{
    if (opts->next < opts->argc)
        return cli_usage("version takes no argument");
    return cli_print_version();
}

/* -- The manual page ------------------------------------------------------- */

/* Writes text for man(7): hyphens that are to be copied stay hyphens, and no
 * line begins with a control character. */
static void put_roff(const char *text)
{
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else if (*text == '\n')
            fputs("\n.PP\n", stdout);
        else
            putchar(*text);
    }
}

/* A tagged paragraph, as man's OPTIONS sections have them. */
static void put_roff_option(const struct opt_spec *spec)
{
    printf(".TP\n.B ");
    put_roff("--");
    put_roff(spec->name);
    if (spec->value) {
        printf("%s=\\fI", opts_needs_value(spec) ? "" : "[");
        put_roff(spec->value);
        printf("\\fR%s", opts_needs_value(spec) ? "" : "]");
    }
    putchar('\n');
    put_roff(spec->help);
    printf("\n.br\nExample: \\fB");
    put_roff(spec->example);
    printf("\\fR\n");
}

static void put_roff_verb(enum verb_idx verb)
{
    printf(".SS wasmrt %s ", verb_specs[verb].name);
    put_roff(verb_specs[verb].operands);
    putchar('\n');
    put_roff(verb_specs[verb].description);
    putchar('\n');
}

static void put_roff_options(void)
{
    int group = -1;

    printf(".SH OPTIONS\n");
    for (size_t i = 0; i < OPT_COUNT; i++) {
        if (opt_specs[i].group != group) {
            group = opt_specs[i].group;
            printf(".SS %s\n", group_titles[group]);
        }
        put_roff_option(&opt_specs[i]);
    }
}

static void put_roff_examples(void)
{
    printf(".SH EXAMPLES\n");
    for (size_t i = 0; i < EXAMPLE_COUNT; i++) {
        printf(".TP\n.B ");
        put_roff(examples[i][0]);
        putchar('\n');
        put_roff(examples[i][1]);
        putchar('\n');
    }
}

/* The sections in the order that man-pages(7) gives. */
static int print_man(void)
{
    printf(".TH WASMRT 1 \"\" \"wasmrt %s\" \"User Commands\"\n",
           wasmrt_version());
    printf(".SH NAME\nwasmrt \\- run WebAssembly programs\n");
    printf(".SH SYNOPSIS\n.B wasmrt\n"
           "[run] [OPTIONS] FILE [OPTIONS] [\\-\\-] [ARGS...]\n.br\n"
           ".B wasmrt\nCOMMAND ...\n");
    printf(".SH DESCRIPTION\n"
           "wasmrt runs programs in the WebAssembly format, sandboxed: they "
           "see of the host\nwhat the command line grants.\n");
    for (int i = 0; i < VERB_COUNT; i++)
        put_roff_verb((enum verb_idx)i);
    put_roff_options();
    put_roff_examples();
    printf(".SH EXIT STATUS\nThe guest's, or\n");
    for (size_t i = 0; i < EXIT_COUNT; i++)
        printf(".TP\n.B %d\n%s\n", exits[i].status, exits[i].meaning);
    printf(".SH ENVIRONMENT\n.TP\n.B NO_COLOR\n"
           "When set and not empty, messages have no colours.\n");
    return CLI_EXIT_OK;
}

/* -- wasmrt help ----------------------------------------------------------- */

/* A command, or an option with or without its dashes. */
static int help_word(const char *word)
{
    enum verb_idx verb = opts_verb(word);
    const struct opt_spec *spec;

    if (verb != VERB_COUNT)
        return cli_help_verb(verb);
    word += strncmp(word, "--", 2) == 0 ? 2 : 0;
    spec = opts_find(word, strlen(word));
    if (spec)
        return help_option(spec);
    spec = opts_near(word, strlen(word), VERB_ALL);
    if (spec)
        return cli_usage("there is no command and no option %s; did you mean "
                         "--%s?",
                         word, spec->name);
    return cli_usage("there is no command and no option %s", word);
}

int cmd_help(struct opts *opts)
{
    if (opts->next >= opts->argc)
        return cli_help_overview();
    if (strcmp(opts->argv[opts->next], "--man") == 0)
        return print_man();
    return help_word(opts->argv[opts->next]);
}
