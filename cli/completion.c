/*
 * Completion scripts for shells, from the tables of commands and options.
 *
 * They complete commands, options, and the values that opts.def enumerates; all
 * else is left to the shell's completion of file names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cmd.h"
#include "cli/report.h"

#include <string.h>

/* "a|b|c" in lower case lists the only values; "FILE" names one. */
static bool is_list(const char *value)
{
    return value[0] >= 'a' && value[0] <= 'z' && !strchr(value, '=');
}

static bool is_feature(const struct opt_spec *spec)
{
    return spec == &opt_specs[OPT_ENABLE] || spec == &opt_specs[OPT_DISABLE];
}

static bool lists_values(const struct opt_spec *spec)
{
    return spec->value && (is_list(spec->value) || is_feature(spec));
}

/* Writes the values that an option can have, with blanks between. */
static void put_values(const struct opt_spec *spec)
{
    const char *name;

    if (is_feature(spec)) {
        for (size_t i = 0; (name = wasmrt_feature_name(i, NULL, NULL)); i++)
            printf("%s%s", i ? " " : "", name);
        return;
    }
    for (const char *p = spec->value; *p; p++)
        putchar(*p == '|' ? ' ' : *p);
}

/* The first sentence of a help text. */
static void put_summary(const char *help)
{
    while (*help && !(help[0] == '.' && (help[1] == ' ' || !help[1])))
        putchar(*help++);
}

/* -- bash ------------------------------------------------------------------ */

static void put_bash_words(enum verb_idx verb)
{
    for (size_t i = 0; i < OPT_COUNT; i++) {
        if (opt_specs[i].verbs & (1u << verb))
            printf("--%s%s ", opt_specs[i].name,
                   opts_needs_value(&opt_specs[i]) ? "=" : "");
    }
}

static void put_bash_values(void)
{
    for (size_t i = 0; i < OPT_COUNT; i++) {
        if (!lists_values(&opt_specs[i]))
            continue;
        printf("        --%s) words=\"", opt_specs[i].name);
        put_values(&opt_specs[i]);
        printf("\" ;;\n");
    }
}

/* bash splits words at '=', so a value follows as a word of its own. */
static int print_bash(void)
{
    printf("_wasmrt() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=\n"
           "    local verb=${COMP_WORDS[1]} words= value=\n"
           "    prev=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    if [ \"$cur\" = = ]; then cur= value=1\n"
           "    elif [ \"$prev\" = = ]; then\n"
           "        prev=${COMP_WORDS[COMP_CWORD-2]} value=1\n"
           "    fi\n"
           "    case $prev in\n");
    put_bash_values();
    printf("        *) [ \"$value\" ] || case $verb in\n");
    for (int i = 0; i < VERB_COUNT; i++) {
        printf("            %s%s) words=\"", verb_specs[i].name,
               i == VERB_IDX_RUN ? "|-*|*.wasm|*.wat" : "");
        put_bash_words((enum verb_idx)i);
        printf("\" ;;\n");
    }
    printf("           esac ;;\n"
           "    esac\n"
           "    [ \"$COMP_CWORD\" -gt 1 ] || words=\"$words");
    for (int i = 0; i < VERB_COUNT; i++)
        printf(" %s", verb_specs[i].name);
    printf("\"\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
           "    case $COMPREPLY in *=) compopt -o nospace ;; esac\n"
           "    [ ${#COMPREPLY[@]} -gt 0 ] ||\n"
           "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
           "}\n"
           "complete -o filenames -F _wasmrt wasmrt\n");
    return CLI_EXIT_OK;
}

/* -- zsh ------------------------------------------------------------------- */

/* One specification of zsh's _arguments: --name=[summary]:value:(choices). */
static void put_zsh_option(const struct opt_spec *spec)
{
    printf(" '--%s%s[", spec->name, opts_needs_value(spec) ? "=" : "");
    put_summary(spec->help);
    putchar(']');
    if (spec->value && !opts_needs_value(spec)) {
        /* _arguments has no value that may be left out behind = */
    } else if (lists_values(spec)) {
        printf(":value:(");
        put_values(spec);
        putchar(')');
    } else if (spec->value) {
        printf(":value:_files");
    }
    putchar('\'');
}

/* run comes last: its options are offered when no other command is named.  The
 * end serves both ways of use: as a function on fpath, and eval'ed. */
static int print_zsh(void)
{
    printf("#compdef wasmrt\n_wasmrt() {\n"
           "    local -a verbs options\n    verbs=(");
    for (int i = 0; i < VERB_COUNT; i++)
        printf(" '%s:%s'", verb_specs[i].name, verb_specs[i].summary);
    printf(")\n    case $words[2] in\n");
    for (int i = VERB_COUNT - 1; i >= 0; i--) {
        printf("    %s) options=(",
               i == VERB_IDX_RUN ? "*" : verb_specs[i].name);
        for (size_t k = 0; k < OPT_COUNT; k++) {
            if (opt_specs[k].verbs & (1u << i))
                put_zsh_option(&opt_specs[k]);
        }
        printf(") ;;\n");
    }
    printf("    esac\n"
           "    (( CURRENT > 2 )) || _describe command verbs\n"
           "    _arguments $options '*:file:_files'\n"
           "}\n"
           "if [ \"$funcstack[1]\" = _wasmrt ]; then _wasmrt \"$@\"\n"
           "else compdef _wasmrt wasmrt; fi\n");
    return CLI_EXIT_OK;
}

/* -- fish ------------------------------------------------------------------ */

/* run is the command when no other one is named, so its options are offered
 * unless a command that lacks them was. */
static void put_fish_condition(unsigned verbs)
{
    bool is_runs = verbs & VERB_RUN;

    if ((verbs & VERB_ALL) == VERB_ALL)
        return;
    printf(" -n '%s__fish_seen_subcommand_from", is_runs ? "not " : "");
    for (int i = 0; i < VERB_COUNT; i++) {
        if (!(verbs & (1u << i)) == is_runs)
            printf(" %s", verb_specs[i].name);
    }
    printf("'");
}

/* -x: the values are the only ones; -r: a value follows, often a file. */
static void put_fish_option(const struct opt_spec *spec)
{
    printf("complete -c wasmrt");
    put_fish_condition(spec->verbs);
    printf(" -l %s", spec->name);
    if (lists_values(spec)) {
        printf(opts_needs_value(spec) ? " -x -a '" : " -f -a '");
        put_values(spec);
        printf("'");
    } else if (spec->value) {
        printf(" -r");
    }
    printf(" -d '");
    put_summary(spec->help);
    printf("'\n");
}

static int print_fish(void)
{
    for (int i = 0; i < VERB_COUNT; i++)
        printf("complete -c wasmrt -n __fish_use_subcommand -a %s -d '%s'\n",
               verb_specs[i].name, verb_specs[i].summary);
    for (size_t i = 0; i < OPT_COUNT; i++)
        put_fish_option(&opt_specs[i]);
    return CLI_EXIT_OK;
}

int cmd_completion(struct opts *opts)
{
    const char *shell = opts->next < opts->argc ? opts->argv[opts->next] : "";

    if (strcmp(shell, "bash") == 0)
        return print_bash();
    if (strcmp(shell, "zsh") == 0)
        return print_zsh();
    if (strcmp(shell, "fish") == 0)
        return print_fish();
    return cli_usage("completion is for bash, zsh or fish");
}
