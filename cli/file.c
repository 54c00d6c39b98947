/*
 * A file is recognised by how it begins.  Only kinds that people do pass to a
 * WebAssembly runtime by mistake are listed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/file.h"

#include "cli/os.h"
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>

/* -- Recognising ----------------------------------------------------------- */

static const char native_hint[] =
    "this is code for the host; compile for WebAssembly: "
    "clang --target=wasm32-wasi";
static const char unpack_hint[] = "unpack it first";

static const struct {
    unsigned char len;
    char magic[9];
    const char *kind;
    const char *hint;
} magics[] = {
    {4, "\177ELF", "an ELF file", native_hint},
    {2, "MZ", "a Windows executable", native_hint},
    {4, "\317\372\355\376", "a Mach-O file", native_hint},
    {4, "\312\376\272\276", "a Mach-O or Java class file", native_hint},
    {4, "BC\300\336", "LLVM bitcode", "link it without -flto -c"},
    {8, "!<arch>\n", "a static library", "link it into a program first"},
    {2, "\037\213", "compressed with gzip", unpack_hint},
    {4, "\050\265\057\375", "compressed with zstd", unpack_hint},
    {6, "\3757zXZ\0", "compressed with xz", unpack_hint},
    {3, "BZh", "compressed with bzip2", unpack_hint},
    {4, "PK\003\004", "a zip archive", unpack_hint},
    {2, "#!", "a script", "run it with its interpreter"},
    {4, "%PDF", "a PDF document", NULL},
    {4, "\211PNG", "a PNG image", NULL},
};

static size_t skip_blanks(const uint8_t *bytes, size_t len)
{
    size_t i = 0;

    if (len >= 3 && memcmp(bytes, "\357\273\277", 3) == 0)
        i = 3;
    while (i < len && strchr(" \t\r\n", bytes[i]) && bytes[i] != 0)
        i++;
    return i;
}

/* Whether bytes begin with `word`, letters in either case; word is lower. */
static bool begins_with(const uint8_t *bytes, size_t len, const char *word)
{
    size_t i = 0;

    for (; word[i]; i++) {
        uint8_t want = (uint8_t)word[i];

        if (i >= len || (bytes[i] != want && (bytes[i] | 0x20) != want))
            return false;
    }
    return true;
}

static bool is_text(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len && i < 512; i++) {
        if (bytes[i] < 0x20 && !strchr("\t\r\n\f", bytes[i]))
            return false;
        if (bytes[i] == 0)
            return false;
    }
    return true;
}

/* The text format begins with a parenthesis or a comment (;; or (;). */
static const char *text_kind(const uint8_t *bytes, size_t len,
                             const char **hint_out)
{
    size_t start = skip_blanks(bytes, len);
    bool has_mark = *bytes == 0xef;

    bytes += start;
    len -= start;
    if (len == 0)
        return "nothing but blanks";
    if (has_mark && (*bytes == '(' || *bytes == ';')) {
        *hint_out = "save it as UTF-8 without that mark";
        return "a text with a byte order mark";
    }
    if (*bytes == '(' || *bytes == ';')
        return NULL;
    if (begins_with(bytes, len, "<!doctype html") ||
        begins_with(bytes, len, "<html")) {
        *hint_out = "it may be the error page of a download";
        return "an HTML page";
    }
    if (*bytes == '<')
        return "an XML document";
    if (*bytes == '{' || *bytes == '[')
        return "a JSON document";
    *hint_out = "the text format begins with (module";
    return is_text(bytes, len) ? "a text" : NULL;
}

/* Version 1 in the upper half of the word: a component, not a core module. */
static bool is_component(const uint8_t *bytes, size_t len)
{
    return len >= 8 && bytes[6] == 1 && bytes[7] == 0;
}

const char *cli_file_kind(const uint8_t *bytes, size_t len,
                          const char **hint_out)
{
    *hint_out = NULL;
    if (len == 0)
        return "empty";
    if (len >= 4 && memcmp(bytes, "\0asm", 4) == 0) {
        if (!is_component(bytes, len))
            return NULL;
        *hint_out = "build a core module; in Rust: --target wasm32-wasip1";
        return "a WebAssembly component";
    }
    for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++) {
        if (len >= magics[i].len &&
            memcmp(bytes, magics[i].magic, magics[i].len) == 0) {
            *hint_out = magics[i].hint;
            return magics[i].kind;
        }
    }
    return text_kind(bytes, len, hint_out);
}

/* -- Reading --------------------------------------------------------------- */

int cli_file_read(struct cli_file *file, const char *path)
{
    const char *why, *kind, *hint;

    file->name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    why = cli_read_file(path, &file->bytes, &file->len);
    if (why) {
        cli_error("cannot read %s: %s", file->name, why);
        return CLI_EXIT_REFUSED;
    }
    kind = cli_file_kind(file->bytes, file->len, &hint);
    if (!kind)
        return CLI_EXIT_OK;
    cli_error("%s: not a WebAssembly module: it is %s", file->name, kind);
    if (hint)
        cli_hint("%s", hint);
    cli_file_fini(file);
    return CLI_EXIT_REFUSED;
}

void cli_file_fini(struct cli_file *file)
{
    free(file->bytes);
    file->bytes = NULL;
}
