/*
 * wasmrt/module.h: modules from bytes and files, and what they declare.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/api/misuse.h"
#include "runtime/base/os.h"
#include "runtime/module/hints.h"
#include "runtime/module/names.h"
#include "runtime/store/engine.h"
#include "runtime/store/extern_type.h"
#include "runtime/text/text.h"

#include "wasmrt/module.h"

/* -- What the bytes are ---------------------------------------------------- */

/* Formats that are easily taken for modules. */
static const struct {
    const char *magic;
    size_t len;
    const char *name;
} other_formats[] = {
    {"\x1f\x8b", 2, "compressed with gzip"},
    {"\x28\xb5\x2f\xfd", 4, "compressed with zstd"},
    {"\xfd"
     "7zXZ",
     5, "compressed with xz"},
    {"PK\x03\x04", 4, "a zip archive"},
    {"\x7f"
     "ELF",
     4, "a native (ELF) program or library"},
    {"BC\xc0\xde", 4, "LLVM bitcode"},
    {"!<arch>\n", 8, "an archive of object files"},
    {"<!DOCTYPE", 9, "an HTML page"},
    {"<!doctype", 9, "an HTML page"},
    {"<html", 5, "an HTML page"},
    {"#!", 2, "a script"},
};

/* The error for bytes of another format, or NULL. */
static wasmrt_error *check_format(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < WRT_COUNTOF(other_formats); i++) {
        if (len >= other_formats[i].len &&
            memcmp(bytes, other_formats[i].magic, other_formats[i].len) == 0)
            return wrt_error_new(WASMRT_ERR_NOT_WASM, 0, "the input is %s",
                                 other_formats[i].name);
    }
    return NULL;
}

/* Whether the first thing in it, spaces aside, begins a text module.  Comments
 * do as well. */
static bool is_text(const uint8_t *bytes, size_t len)
{
    size_t i = 0;

    while (i < len && (bytes[i] == ' ' || (bytes[i] >= 9 && bytes[i] <= 13)))
        i++;
    return i < len && (bytes[i] == '(' ||
                       (bytes[i] == ';' && i + 1 < len && bytes[i + 1] == ';'));
}

/* -- Modules --------------------------------------------------------------- */

static wasmrt_error *compile_text(wasmrt_engine *engine, const uint8_t *text,
                                  size_t len, wasmrt_module **out)
{
    const struct wrt_alloc *alloc = &engine->alloc;
    uint8_t *bytes;
    size_t nbytes;
    wasmrt_error *error;

    WRT_TRY(wrt_text_to_binary(alloc, (const char *)text, len, true, &bytes,
                               &nbytes));
    error = wrt_engine_compile(engine, bytes, nbytes, false, out);
    if (error)
        wrt_free(alloc, bytes, nbytes);
    else
        (*out)->owns_bytes = true;
    return error;
}

static wasmrt_error *compile(wasmrt_engine *engine, const uint8_t *bytes,
                             size_t len, bool copy, wasmrt_module **out)
{
    WRT_TRY(check_format(bytes, len));
    return is_text(bytes, len)
               ? compile_text(engine, bytes, len, out)
               : wrt_engine_compile(engine, bytes, len, copy, out);
}

wasmrt_error *wasmrt_module_new(wasmrt_engine *engine, const void *bytes,
                                size_t len, wasmrt_module **out)
{
    WRT_REQUIRE(engine && out, "module_new: an argument is NULL");
    WRT_REQUIRE(bytes || len == 0, "module_new: bytes is NULL");
    return compile(engine, len ? bytes : "", len, true, out);
}

wasmrt_error *wasmrt_module_new_borrowed(wasmrt_engine *engine,
                                         const void *bytes, size_t len,
                                         wasmrt_module **out)
{
    WRT_REQUIRE(engine && out, "module_new_borrowed: an argument is NULL");
    WRT_REQUIRE(bytes || len == 0, "module_new_borrowed: bytes is NULL");
    return compile(engine, len ? bytes : "", len, false, out);
}

wasmrt_error *wasmrt_module_from_file(wasmrt_engine *engine, const char *path,
                                      wasmrt_module **out)
{
    const char *why;
    uint8_t *bytes;
    size_t len;
    wasmrt_error *error;

    WRT_REQUIRE(engine && path && out, "module_from_file: an argument is NULL");
    why = wrt_os_read_file(path, &engine->alloc, WRT_LIMIT_MODULE_BYTES, &bytes,
                           &len);
    if (why)
        return wrt_error_new(WASMRT_ERR_IO, WRT_NO_OFFSET, "%s: %s", path, why);
    error = compile(engine, len ? bytes : (const uint8_t *)"", len, false, out);
    if (!error && (*out)->bytes == bytes)
        (*out)->owns_bytes = true;
    else
        wrt_free(&engine->alloc, bytes, len);
    return error;
}

wasmrt_error *wasmrt_module_validate(wasmrt_engine *engine, const void *bytes,
                                     size_t len)
{
    struct wrt_module *module;

    WRT_REQUIRE(engine, "module_validate: the engine is NULL");
    WRT_REQUIRE(bytes || len == 0, "module_validate: bytes is NULL");
    WRT_TRY(compile(engine, len ? bytes : (const uint8_t *)"", len, false,
                    &module));
    wrt_engine_module_unref(module);
    return NULL;
}

wasmrt_module *wasmrt_module_ref(wasmrt_module *module)
{
    return wrt_engine_module_ref(module);
}

void wasmrt_module_delete(wasmrt_module *module)
{
    if (module)
        wrt_engine_module_unref(module);
}

/* -- Imports and exports --------------------------------------------------- */

size_t wasmrt_module_import_count(const wasmrt_module *module)
{
    return module->nimports;
}

bool wasmrt_module_import(const wasmrt_module *module, size_t n,
                          wasmrt_extern_info *out)
{
    const struct wrt_import *import;

    if (n >= module->nimports)
        return false;
    import = &module->imports[n];
    *out = (wasmrt_extern_info){
        .module = import->module.text,
        .module_len = import->module.len,
        .name = import->field.text,
        .name_len = import->field.len,
        .kind = (wasmrt_extern_kind)import->kind,
    };
    return true;
}

size_t wasmrt_module_export_count(const wasmrt_module *module)
{
    return module->nexports;
}

bool wasmrt_module_export(const wasmrt_module *module, size_t n,
                          wasmrt_extern_info *out)
{
    const struct wrt_export *export;

    if (n >= module->nexports)
        return false;
    export = &module->exports[n];
    *out = (wasmrt_extern_info){
        .name = export->name.text,
        .name_len = export->name.len,
        .kind = (wasmrt_extern_kind) export->kind,
    };
    return true;
}

size_t wasmrt_module_extern_type(const wasmrt_module *module, bool is_import,
                                 size_t n, char *buf, size_t size)
{
    struct wrt_extern_type type;

    if (n >= (is_import ? module->nimports : module->nexports)) {
        if (size)
            buf[0] = '\0';
        return 0;
    }
    type = is_import ? wrt_extern_type_declared(module, module->imports[n].kind,
                                                module->imports[n].index)
                     : wrt_extern_type_declared(module, module->exports[n].kind,
                                                module->exports[n].index);
    return wrt_extern_type_text(&type, buf, size);
}

wasmrt_error *wasmrt_module_check_custom(wasmrt_module *module)
{
    struct wrt_arena arena;
    struct wrt_hints hints;
    wasmrt_error *error;

    WRT_REQUIRE(module, "module_check_custom: the module is NULL");
    error = wrt_names_load(module);
    if (!error && wrt_names_are_malformed(module))
        error = wrt_error_new(WASMRT_ERR_BAD_CUSTOM, WRT_NO_OFFSET, "name");
    if (error)
        return error;
    wrt_arena_init(&arena, module->alloc);
    error = wrt_hints_read(module, &arena, &hints);
    wrt_arena_fini(&arena);
    return error;
}
