/*
 * Machine code in a listing, for readers.
 *
 * The library lists bytes, in lines that begin with `    +` and the distance
 * from the function's start.  They are held back until the function ends; then
 * objdump disassembles all of them at once, so that the targets of branches are
 * distances as well, and its lines take their place.  Without it, the bytes
 * are the listing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/disasm.h"

#include "cli/os.h"
#include "cli/report.h"
#include "cli/text.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct cli_text held; /* lines of a function, in full */
static wasmrt_write_fn sink; /* NULL: standard output */
static void *sink_user;
static bool is_missing; /* there is no disassembler */

/* Falls silent when memory is exhausted: a listing is no result. */
static void append(struct cli_text *text, const char *bytes, size_t len)
{
    cli_text_append(text, bytes, len);
}

static void put(const char *bytes, size_t len)
{
    if (sink)
        sink(sink_user, bytes, len);
    else
        fwrite(bytes, 1, len, stdout);
}

/* -- Lines of bytes -------------------------------------------------------- */

/* `    +` and four digits or more, a colon, bytes. */
static bool is_code(const char *line)
{
    return strncmp(line, "    +", 5) == 0;
}

/* Appends the bytes of a line. */
static void read_bytes(struct cli_text *code, const char *line)
{
    const char *p = strchr(line, ':');

    while (p && p[1] == ' ') {
        char byte = (char)strtoul(p + 2, NULL, 16);

        append(code, &byte, 1);
        p += 3; /* a space and two digits */
    }
}

/* Where the code of a line ends. */
static unsigned long end_of(const char *line)
{
    size_t bytes = strcspn(strchr(line, ':') + 1, "\n") / 3;

    return strtoul(line + 5, NULL, 16) + (unsigned long)bytes;
}

static const char *next_line(const char *line)
{
    return line + strcspn(line, "\n") + 1;
}

/* -- The disassembler ------------------------------------------------------ */

/* What objdump says of the code: lines of an offset, a colon, a tab and text.
 * NULL when it is not there.  Released with free(). */
static char *disassemble(const struct cli_text *code)
{
    char path[64], command[256], *listing = NULL;

    if (!cli_write_temporary(code->bytes, code->len, path))
        return NULL;
    snprintf(command, sizeof(command),
             "objdump -D -b binary -mi386:x86-64 -Mintel --no-show-raw-insn "
             "%s 2>/dev/null",
             path);
    listing = cli_output_of(command);
    cli_remove(path);
    return listing;
}

/* The next line of that kind from *p on, which is moved behind it: its offset;
 * or ULONG_MAX. */
static unsigned long next_insn(const char **p, const char **text, int *len)
{
    while (**p) {
        const char *line = *p, *tab = line + strcspn(line, "\t\n");
        char *end;
        unsigned long offset = strtoul(line, &end, 16);

        *p = next_line(line);
        if (*tab != '\t' || end == line || *end != ':')
            continue;
        *text = tab + 1;
        *len = (int)strcspn(tab + 1, "\n");
        while (*len > 0 && (*text)[*len - 1] == ' ')
            --*len;
        return offset;
    }
    return ULONG_MAX;
}

/* One line: place, bytes, text. */
static void print_insn(const struct cli_text *code, unsigned long at,
                       unsigned long end, const char *text, int len)
{
    enum { TEXT_AT = 3 * 10 };
    char piece[32];
    int column = 0;

    put(piece, (size_t)snprintf(piece, sizeof(piece), "    +%04lx:", at));
    for (unsigned long i = at; i < end && i < code->len; i++, column += 3)
        put(piece, (size_t)snprintf(piece, sizeof(piece), " %02x",
                                    (unsigned char)code->bytes[i]));
    for (; column < TEXT_AT + 2; column++)
        put(" ", 1);
    put(text, (size_t)len);
    put("\n", 1);
}

/* The listing of a function, where instructions take the place of bytes. */
static void print_both(const struct cli_text *code, const char *listing)
{
    const char *text, *next_text;
    int len, next_len;
    unsigned long at = next_insn(&listing, &text, &len), next;

    for (const char *line = held.bytes; *line; line = next_line(line)) {
        if (!is_code(line)) {
            put(line, strcspn(line, "\n"));
            put("\n", 1);
            continue;
        }
        while (at != ULONG_MAX && at < end_of(line)) {
            next = next_insn(&listing, &next_text, &next_len);
            print_insn(code, at, next == ULONG_MAX ? code->len : next, text,
                       len);
            at = next;
            text = next_text;
            len = next_len;
        }
    }
}

/* -- The listing ----------------------------------------------------------- */

/* Prints what was held back of a function: beside objdump's lines, or as it is
 * where there is no objdump. */
static void flush(void)
{
    struct cli_text code = {.bytes = NULL};
    char *listing = NULL;

    for (const char *line = held.bytes; line && *line; line = next_line(line)) {
        if (is_code(line))
            read_bytes(&code, line);
    }
    if (code.len && !is_missing) {
        listing = disassemble(&code);
        is_missing = !listing;
    }
    if (listing)
        print_both(&code, listing);
    else if (held.bytes && held.len)
        put(held.bytes, held.len);
    free(listing);
    free(code.bytes);
    held.len = 0;
    if (held.bytes)
        held.bytes[0] = '\0';
}

void cli_disasm_begin(wasmrt_write_fn write, void *user)
{
    sink = write;
    sink_user = user;
}

void cli_disasm_write(void *user, const char *text, size_t len)
{
    (void)user;
    append(&held, text, len);
    /* An empty line ends a function. */
    if (held.len >= 2 && memcmp(held.bytes + held.len - 2, "\n\n", 2) == 0)
        flush();
}

void cli_disasm_end(void)
{
    flush();
    free(held.bytes);
    held = (struct cli_text){.bytes = NULL};
    if (is_missing && !sink)
        cli_hint(
            "objdump is not there (it is in the package binutils): machine "
            "code is shown as bytes");
}
