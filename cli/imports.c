/*
 * Imports that nobody provides.
 *
 * Which toolchain or host a module was meant for shows in the names that it
 * imports; the table below turns the usual ones into advice.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/imports.h"

#include "cli/report.h"

#include <string.h>

enum { LISTED_IMPORTS = 50, TYPE_BYTES = 512 };

/* `module` and `name` are compared as prefixes; NULL matches any name. */
static const struct {
    const char *module, *name, *hint;
} advices[] = {
    {"env", "__linear_memory", "this is an object file: link it with wasm-ld"},
    {"env", "__stack_pointer",
     "this is a library for dynamic linking, which "
     "wasmrt does not do: link statically"},
    {"env", "memory",
     "the module was linked with --import-memory: link "
     "without it, unless it is for threads"},
    {"env", "emscripten_",
     "this was built for a browser: with Emscripten, add "
     "-sSTANDALONE_WASM"},
    {"wasi_snapshot_preview1", NULL, "preview1 has no function of that name"},
    {"wasi_unstable", NULL, "WASI's first version had no such function"},
    {"wasi:", NULL,
     "wasmrt offers WASI preview1: in Rust, build with --target "
     "wasm32-wasip1"},
    {"wasi", "thread-spawn",
     "the module starts threads: --wasi=threads lets it"},
    {"wbg", NULL,
     "this was built for JavaScript with wasm-bindgen: in Rust, "
     "build with --target wasm32-wasip1"},
    {"__wbindgen", NULL,
     "this was built for JavaScript with wasm-bindgen: in "
     "Rust, build with --target wasm32-wasip1"},
    {"gojs", NULL,
     "this was built for a browser: in Go, build with "
     "GOOS=wasip1"},
    {"go", "runtime.",
     "this was built for a browser: in Go, build with "
     "GOOS=wasip1"},
};

enum { ADVICE_COUNT = sizeof(advices) / sizeof(*advices) };

static bool has_prefix(const char *text, size_t len, const char *prefix)
{
    size_t prefix_len = strlen(prefix);

    return len >= prefix_len && memcmp(text, prefix, prefix_len) == 0;
}

bool cli_imports_wasi(const wasmrt_module *module)
{
    wasmrt_extern_info info;

    for (size_t i = 0; wasmrt_module_import(module, i, &info); i++) {
        if (has_prefix(info.module, info.module_len, "wasi_"))
            return true;
    }
    return false;
}

/* The first advice that fits, or ADVICE_COUNT. */
static size_t find_advice(const wasmrt_extern_info *info)
{
    size_t i = 0;

    while (i < ADVICE_COUNT &&
           (!has_prefix(info->module, info->module_len, advices[i].module) ||
            (advices[i].name &&
             !has_prefix(info->name, info->name_len, advices[i].name))))
        i++;
    return i;
}

const char *cli_import_advice(const wasmrt_extern_info *info)
{
    size_t i = find_advice(info);

    return i < ADVICE_COUNT ? advices[i].hint : NULL;
}

bool cli_import_is_thread_spawn(const wasmrt_extern_info *info)
{
    return info->module_len == 4 && memcmp(info->module, "wasi", 4) == 0 &&
           info->name_len == 12 && memcmp(info->name, "thread-spawn", 12) == 0;
}

/* What needs no quotes in any shell. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c && strchr("_-./:=@%+,", c));
}

void cli_put_shell(FILE *out, const char *text, size_t len)
{
    bool plain = len > 0;

    for (size_t i = 0; i < len; i++)
        plain = plain && is_plain(text[i]);
    if (!plain)
        putc('\'', out);
    for (size_t i = 0, n; i < len; i += n) {
        const char *quote = memchr(text + i, '\'', len - i);

        n = quote ? (size_t)(quote - text) - i : len - i;
        cli_put_clean(out, text + i, n);
        if (quote) {
            fputs("'\\''", out);
            n++;
        }
    }
    if (!plain)
        putc('\'', out);
}

/* "    module.name: type", whatever characters the names hold. */
static void put_import(const wasmrt_module *module, size_t n,
                       const wasmrt_extern_info *info)
{
    char type[TYPE_BYTES];

    wasmrt_module_extern_type(module, true, n, type, sizeof(type));
    fputs("    ", stderr);
    cli_put_clean(stderr, info->module, info->module_len);
    putc('.', stderr);
    cli_put_clean(stderr, info->name, info->name_len);
    fprintf(stderr, ": %s\n", type);
}

void cli_list_missing(const wasmrt_module *module, const wasmrt_linker *linker)
{
    bool fits[ADVICE_COUNT + 1] = {false};
    wasmrt_extern_info info, unknown = {.module = ""};
    size_t count = 0, advice;

    for (size_t i = 0; wasmrt_module_import(module, i, &info); i++) {
        if (wasmrt_linker_has(linker, &info))
            continue;
        if (count++ < LISTED_IMPORTS)
            put_import(module, i, &info);
        advice = find_advice(&info);
        if (advice == ADVICE_COUNT && !fits[advice])
            unknown = info;
        fits[advice] = true;
    }
    if (count > LISTED_IMPORTS)
        fprintf(stderr, "    and %zu more\n", count - LISTED_IMPORTS);
    for (size_t i = 0; i < ADVICE_COUNT; i++) {
        if (fits[i])
            cli_hint("%s", advices[i].hint);
    }
    if (fits[ADVICE_COUNT]) {
        cli_hint("--preload takes the exports of another module for them:");
        fputs("    --preload=", stderr);
        cli_put_shell(stderr, unknown.module, unknown.module_len);
        fputs("=FILE\n", stderr);
        cli_hint(
            "the command line provides WASI besides; a program that embeds "
            "wasmrt can provide more");
    }
}
