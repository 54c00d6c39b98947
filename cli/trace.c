/*
 * --trace: what a guest does, as lines.
 *
 *     call  fib(i32 3)          a function begins, indented by depth
 *     ret   fib = i32 2         and returns
 *     insn  fib+0x7 i32.add     an instruction
 *     mem   fib+0x9 i32.load [0x1000] 4 bytes = 0x2a
 *
 * Kinds may be restricted to functions whose names match a pattern.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/demangle.h"
#include "cli/literal.h"
#include "cli/os.h"
#include "cli/report.h"
#include "cli/run.h"
#include "wasmrt/debug.h"

#include <inttypes.h>
#include <string.h>

enum { NAME_BYTES = 512, INDENT_MAX = 30 };

enum trace_kind { TRACE_INSN, TRACE_CALLS, TRACE_MEMORY, TRACE_WASI, KINDS };

static const struct {
    const char *word;
    unsigned bit; /* of wasmrt_trace_kinds; 0: WASI's */
} kinds[KINDS] = {
    [TRACE_INSN] = {"insn", WASMRT_TRACE_INSNS},
    [TRACE_CALLS] = {"calls", WASMRT_TRACE_CALLS},
    [TRACE_MEMORY] = {"memory", WASMRT_TRACE_MEMORY},
    [TRACE_WASI] = {"wasi", 0},
};

static const char *patterns[KINDS]; /* NULL: every function */
static FILE *out;                   /* NULL: standard error */
static unsigned depth;

static FILE *file(void)
{
    return out ? out : stderr;
}

/* -- Names ----------------------------------------------------------------- */

/* Whether text matches a pattern of *, ? and other characters: the last star
 * takes one more character whenever what follows it does not match. */
static bool matches(const char *pattern, const char *text)
{
    const char *star = NULL, *again = NULL;

    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            again = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++again;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

/* The function's name as it is shown and matched. */
static void name_of(const wasmrt_trace_event *event, char *name, size_t size)
{
    if (!event->func_name)
        snprintf(name, size, "func[%" PRIu32 "]", event->func_idx);
    else if (!cli_demangle(event->func_name, name, size))
        snprintf(name, size, "%s", event->func_name);
}

static void put_name(const char *name)
{
    cli_put_clean(file(), name, strlen(name));
}

/* -- Lines ----------------------------------------------------------------- */

static void put_values(const wasmrt_trace_event *event)
{
    for (size_t i = 0; i < event->nvals && i < 16; i++) {
        fprintf(file(), "%s", i ? ", " : "");
        cli_put_value(file(), &event->vals[i]);
    }
    if (event->nvals > 16)
        fputs(", ...", file());
}

static void put_call(const wasmrt_trace_event *event, const char *name)
{
    unsigned indent = depth < INDENT_MAX ? depth : INDENT_MAX;

    fprintf(file(), "%-5s %*s", event->is_return ? "ret" : "call",
            (int)(2 * indent), "");
    put_name(name);
    if (!event->is_return) {
        putc('(', file());
        put_values(event);
        putc(')', file());
    } else if (event->nvals > 0) {
        fputs(" = ", file());
        put_values(event);
    }
    putc('\n', file());
}

static void put_insn(const wasmrt_trace_event *event, const char *name)
{
    fprintf(file(), "%-5s ",
            event->kind == WASMRT_TRACE_MEMORY ? "mem" : "insn");
    put_name(name);
    fprintf(file(), "+0x%" PRIx64 " %s", event->func_offset, event->insn);
    if (event->kind == WASMRT_TRACE_MEMORY) {
        fprintf(file(), " [0x%" PRIx64 "] %" PRIu32 " byte%s", event->address,
                event->len, event->len == 1 ? "" : "s");
        if (event->has_value)
            fprintf(file(), " = 0x%" PRIx64, event->value);
    }
    putc('\n', file());
}

static const char *pattern_of(wasmrt_trace_kinds kind)
{
    for (int i = 0; i < KINDS; i++) {
        if (kinds[i].bit == (unsigned)kind)
            return patterns[i];
    }
    return NULL;
}

static void on_event(void *user, const wasmrt_trace_event *event)
{
    const char *pattern = pattern_of(event->kind);
    char name[NAME_BYTES];

    (void)user;
    name_of(event, name, sizeof(name));
    cli_lock(); /* threads of the guest */
    if (event->is_return && depth > 0)
        depth--;
    if (!pattern || matches(pattern, name)) {
        if (event->kind == WASMRT_TRACE_CALLS)
            put_call(event, name);
        else
            put_insn(event, name);
    }
    if (event->kind == WASMRT_TRACE_CALLS && !event->is_return)
        depth++;
    cli_unlock();
}

static void on_wasi(void *user, const char *line)
{
    (void)user;
    cli_lock();
    cli_put_clean(file(), line, strlen(line));
    putc('\n', file());
    cli_unlock();
}

/* -- The options ----------------------------------------------------------- */

/* One kind with its pattern, which ends the word. */
static bool add_kind(struct run *run, char *word)
{
    char *colon = strchr(word, ':');

    if (colon)
        *colon = '\0';
    for (int i = 0; i < KINDS; i++) {
        if (strcmp(word, kinds[i].word) != 0 || (i == TRACE_WASI && colon))
            continue;
        patterns[i] = colon ? colon + 1 : NULL;
        run->trace_kinds |= kinds[i].bit;
        if (i == TRACE_WASI)
            wasmrt_wasi_config_trace(run->wasi, on_wasi, NULL);
        else
            wasmrt_config_on_trace(run->config, run->trace_kinds, on_event,
                                   NULL);
        return true;
    }
    return false;
}

int run_choose_trace(struct run *run, char *what)
{
    for (char *word = what, *next; word; word = next) {
        next = strchr(word, ',');
        if (next)
            *next++ = '\0';
        if (!add_kind(run, word)) {
            cli_error("--trace: %s is none of insn, calls, memory, wasi", word);
            cli_hint("for example: %s", opt_specs[OPT_TRACE].example);
            return CLI_EXIT_USAGE;
        }
    }
    return CLI_GO_ON;
}

int run_choose_trace_file(const char *path)
{
    out = fopen(path, "w");
    if (out)
        return CLI_GO_ON;
    cli_error("--trace-out: cannot write %s: %s", path, cli_why());
    return CLI_EXIT_REFUSED;
}

int run_end_trace(int status)
{
    if (!out || (fflush(out) == 0 && !ferror(out)))
        return status;
    cli_error("--trace-out: cannot write all of it");
    return status == CLI_EXIT_OK ? CLI_EXIT_REFUSED : status;
}
