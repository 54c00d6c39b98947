/*
 * Errors and stack traces in words.
 *
 * The library says what happened in one line; this file adds the module's name
 * in front, where it happened behind, and what to do about it below.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/report.h"

#include "cli/demangle.h"
#include "cli/json.h"
#include "cli/lines.h"
#include "cli/os.h"
#include "wasmrt/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Finding a line takes time in large modules: for so many frames. */
enum { MESSAGE_BYTES = 4096, LINES_MAX = 32 };

/* -- Writing --------------------------------------------------------------- */

/* NO_COLOR: https://no-color.org; any non-empty value turns colours off. */
static bool use_colours(void)
{
    static signed char known = -1;
    const char *no_color, *term;

    if (known < 0) {
        no_color = getenv("NO_COLOR");
        term = getenv("TERM");
        known = cli_is_terminal(2) && !(no_color && *no_color) && term &&
                strcmp(term, "dumb") != 0;
    }
    return known;
}

static void put_label(const char *label, const char *colour)
{
    if (use_colours())
        fprintf(stderr, "\033[%sm%s\033[0m", colour, label);
    else
        fputs(label, stderr);
}

/* C0, DEL, and the C1 controls, which UTF-8 writes as C2 80 to C2 9F. */
static bool is_control(const unsigned char *p, size_t left)
{
    return (*p < 0x20 && *p != '\t') || *p == 0x7f ||
           (*p == 0xc2 && left > 1 && p[1] >= 0x80 && p[1] < 0xa0);
}

void cli_put_clean(FILE *out, const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;

    for (size_t i = 0, n; i < len; i += n) {
        n = cli_utf8_len(text + i, len - i);
        if (n > 0 && !is_control(p + i, len - i)) {
            fwrite(p + i, 1, n, out);
            continue;
        }
        n = n > 0 ? n : 1;
        fprintf(out, "\\x%02x", p[i + n - 1]);
    }
}

static void put_message(const char *format, va_list args)
{
    char text[MESSAGE_BYTES];
    int len = vsnprintf(text, sizeof(text), format, args);

    if (len < 0)
        return;
    cli_put_clean(stderr, text, strlen(text));
    fputs((size_t)len < sizeof(text) ? "\n" : "...\n", stderr);
}

static void put_error(const char *format, va_list args)
{
    put_label("wasmrt:", "1;31");
    putc(' ', stderr);
    put_message(format, args);
}

void cli_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_error(format, args);
    va_end(args);
}

void cli_hint(const char *format, ...)
{
    va_list args;

    put_label("  hint:", "36");
    putc(' ', stderr);
    va_start(args, format);
    put_message(format, args);
    va_end(args);
}

int cli_usage(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_error(format, args);
    va_end(args);
    cli_hint("wasmrt help explains commands and options");
    return CLI_EXIT_USAGE;
}

/* -- Where ----------------------------------------------------------------- */

static void put_name(const char *name)
{
    char plain[256];

    putc(' ', stderr);
    if (cli_demangle(name, plain, sizeof(plain)))
        name = plain;
    cli_put_clean(stderr, name, strlen(name));
}

static struct lines_sections lines;
static uint64_t code_offset; /* of the contents of the code section */

/* Whether a section has this name, and then what it contains. */
static void note_section(const wasmrt_section_info *info, const char *name,
                         struct lines_section *out)
{
    if (info->name && info->name_len == strlen(name) &&
        memcmp(info->name, name, info->name_len) == 0)
        *out = (struct lines_section){info->bytes, info->bytes_len};
}

void cli_report_lines(const wasmrt_module *module)
{
    wasmrt_section_info info = {0};

    while (wasmrt_module_next_section(module, &info)) {
        note_section(&info, ".debug_line", &lines.line);
        note_section(&info, ".debug_line_str", &lines.line_str);
        note_section(&info, ".debug_str", &lines.str);
        if (strcmp(info.id_name, "code") == 0)
            code_offset = info.offset;
    }
}

/* " file:line:column", when that is known. */
static void put_line(const wasmrt_frame *frame)
{
    struct lines_place place;

    if (!lines.line.bytes || frame->module_offset < code_offset ||
        !lines_find(&lines, frame->module_offset - code_offset, &place) ||
        place.line == 0)
        return;
    putc(' ', stderr);
    cli_put_clean(stderr, place.file, strlen(place.file));
    fprintf(stderr, ":%" PRIu64, place.line);
    if (place.column)
        fprintf(stderr, ":%" PRIu64, place.column);
}

static void put_frame(const wasmrt_frame *frame)
{
    fprintf(stderr, "    at func[%" PRIu32 "]", frame->func_idx);
    if (frame->func_name)
        put_name(frame->func_name);
    fprintf(stderr, "+0x%" PRIx64 " (0x%" PRIx64 ")", frame->func_offset,
            frame->module_offset);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_place(const wasmrt_frame *a, const wasmrt_frame *b)
{
    return a->func_idx == b->func_idx && a->module_offset == b->module_offset &&
           same_text(a->func_name, b->func_name) &&
           same_text(a->module_name, b->module_name);
}

/* A run of equal frames, as recursion makes them, becomes one line. */
static void put_trace(const wasmrt_error *error)
{
    size_t count = wasmrt_error_frame_count(error);
    size_t depth = wasmrt_error_stack_depth(error), looked_up = 0;

    for (size_t i = 0, next; i < count; i = next) {
        const wasmrt_frame *frame = wasmrt_error_frame(error, i);

        next = i + 1;
        while (next < count &&
               same_place(frame, wasmrt_error_frame(error, next)))
            next++;
        put_frame(frame);
        if (looked_up++ < LINES_MAX)
            put_line(frame);
        if (next - i > 1)
            fprintf(stderr, ", %zu times", next - i);
        putc('\n', stderr);
    }
    if (depth > count)
        fprintf(stderr, "    and %zu more frames\n", depth - count);
}

/* Where decoding or validation stopped: in which bytes, in which function. */
static void put_module_place(const wasmrt_error *error)
{
    const char *name = NULL;
    uint64_t offset;
    uint32_t func_idx;
    bool has_offset = wasmrt_error_offset(error, &offset);
    bool has_func = wasmrt_error_func(error, &func_idx, &name);

    if (!has_offset && !has_func)
        return;
    fputs("    at", stderr);
    if (has_offset)
        fprintf(stderr, " offset 0x%" PRIx64, offset);
    if (has_func)
        fprintf(stderr, "%s func[%" PRIu32 "]", has_offset ? " in" : "",
                func_idx);
    if (has_func && name)
        put_name(name);
    putc('\n', stderr);
}

/* Whether an error is shown in the text that the file is. */
static bool has_text_place(const struct cli_file *file,
                           const wasmrt_error *error)
{
    uint64_t place;

    switch (wasmrt_error_kind(error)) {
    case WASMRT_KIND_TEXT: return true;
    case WASMRT_KIND_DECODE:
    case WASMRT_KIND_VALIDATE:
        return file && wasmrt_text_place(error, (const char *)file->bytes,
                                         file->len, &place);
    default: return false;
    }
}

/* An error in the text format: the place in front of the message, and below it
 * the line with a caret. */
static void put_text_error(const struct cli_file *file,
                           const wasmrt_error *error)
{
    char text[MESSAGE_BYTES], *line = text;
    size_t len;

    wasmrt_text_explain(error, file->name, (const char *)file->bytes, file->len,
                        text, sizeof(text));
    len = strcspn(line, "\n");
    cli_error("%.*s", (int)len, line);
    for (line += len; *line == '\n' && line[1]; line += len) {
        len = strcspn(++line, "\n");
        fputs("    ", stderr);
        cli_put_clean(stderr, line, len);
        putc('\n', stderr);
    }
}

/* -- What to do about it --------------------------------------------------- */

/* For errors that an option can cure. */
static void put_hint(wasmrt_code code)
{
    static const struct {
        wasmrt_code code;
        const char *text;
    } hints[] = {
        {WASMRT_ERR_STACK_OVERFLOW, "--max-stack=SIZE gives it more stack"},
        {WASMRT_ERR_FUEL_EXHAUSTED, "--fuel=COUNT gives it more"},
        {WASMRT_ERR_DEADLINE, "--timeout=DURATION gives it more time"},
        {WASMRT_ERR_FD_LIMIT, "--max-fds=COUNT sets the limit"},
        {WASMRT_ERR_MEMORY_LIMIT, "--max-memory=SIZE sets the limit"},
        {WASMRT_ERR_TABLE_LIMIT, "--max-table=COUNT sets the limit"},
        {WASMRT_ERR_GC_HEAP_EXHAUSTED, "--max-gc-heap=SIZE sets the limit"},
        {WASMRT_ERR_ADDRESS_SPACE, "--bounds=check needs less address space"},
        {WASMRT_ERR_ENGINE_UNAVAILABLE, "--engine=interp works everywhere"},
        {WASMRT_ERR_IS_COMPONENT,
         "build for preview1; in Rust: --target wasm32-wasip1"},
    };

    for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
        if (hints[i].code == code)
            cli_hint("%s", hints[i].text);
    }
}

/* What to say in front of the message, where the message alone does not tell
 * who is to blame. */
static const char *kind_phrase(const wasmrt_error *error)
{
    if (wasmrt_error_code(error) == WASMRT_ERR_FEATURE_OFF)
        return "";
    switch (wasmrt_error_kind(error)) {
    case WASMRT_KIND_TRAP: return "trap: ";
    case WASMRT_KIND_DECODE: return "malformed module: ";
    case WASMRT_KIND_VALIDATE: return "invalid module: ";
    case WASMRT_KIND_LINK: return "cannot link: ";
    case WASMRT_KIND_INTERNAL: return "bug: ";
    case WASMRT_KIND_EXIT:
    case WASMRT_KIND_EXCEPTION:
    case WASMRT_KIND_TEXT:
    case WASMRT_KIND_LIMIT:
    case WASMRT_KIND_IO:
    case WASMRT_KIND_OOM:
    case WASMRT_KIND_MISUSE: break;
    }
    return "";
}

/* The message; where the code's own text says nothing more than the kind of
 * error does, without it. */
static const char *message_of(const wasmrt_error *error)
{
    const char *message = wasmrt_error_message(error);
    wasmrt_code code = wasmrt_error_code(error);
    size_t len = strlen(wasmrt_code_text(code));

    if ((code == WASMRT_ERR_IO || code == WASMRT_ERR_MISUSE) &&
        strlen(message) > len && strncmp(message + len, ": ", 2) == 0)
        message += len + 2;
    return message;
}

int cli_exit_status(int32_t guest_status)
{
    int status = guest_status & 0xff;

    return guest_status != 0 && status == 0 ? 1 : status;
}

/* Some codes have a status of their own; for the rest the kind decides. */
static int exit_status(const wasmrt_error *error)
{
    switch (wasmrt_error_code(error)) {
    case WASMRT_ERR_INTERRUPTED: return CLI_EXIT_INTERRUPT;
    case WASMRT_ERR_DEADLINE: return CLI_EXIT_TIMEOUT;
    case WASMRT_ERR_ENGINE_UNAVAILABLE: return CLI_EXIT_USAGE;
    default: break;
    }
    switch (wasmrt_error_kind(error)) {
    case WASMRT_KIND_TRAP: return CLI_EXIT_TRAP;
    case WASMRT_KIND_EXCEPTION: return CLI_EXIT_EXCEPTION;
    case WASMRT_KIND_EXIT:
        return cli_exit_status(wasmrt_error_exit_status(error));
    default: return CLI_EXIT_REFUSED;
    }
}

int cli_report(const struct cli_file *file, const wasmrt_error *error)
{
    wasmrt_error_kind_e kind = wasmrt_error_kind(error);

    if (has_text_place(file, error)) {
        put_text_error(file, error);
        put_hint(wasmrt_error_code(error));
    } else if (kind != WASMRT_KIND_EXIT) {
        cli_error("%s%s%s%s", file ? file->name : "", file ? ": " : "",
                  kind_phrase(error), message_of(error));
        if (wasmrt_error_frame_count(error) > 0)
            put_trace(error);
        else
            put_module_place(error);
        put_hint(wasmrt_error_code(error));
    }
    return exit_status(error);
}
