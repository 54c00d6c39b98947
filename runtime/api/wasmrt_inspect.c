/*
 * wasmrt/module.h: what a module consists of: functions, memories, sections.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/reader.h"
#include "runtime/store/extern_type.h"

#include "wasmrt/module.h"

enum { HEADER_BYTES = 8 };

bool wasmrt_module_func(wasmrt_module *module, uint32_t func_idx,
                        wasmrt_func_info *out)
{
    const struct wrt_func *func;

    if (func_idx >= module->nfuncs)
        return false;
    func = &module->funcs[func_idx];
    *out = (wasmrt_func_info){
        .name = wrt_module_func_name(module, func_idx),
        .is_import = wrt_module_func_is_import(module, func_idx),
    };
    if (!out->is_import) {
        out->offset = wrt_module_offset(module, func->body);
        out->len = func->body_len;
    }
    return true;
}

size_t wasmrt_module_func_type(const wasmrt_module *module, uint32_t func_idx,
                               char *buf, size_t size)
{
    struct wrt_extern_type type;

    if (func_idx >= module->nfuncs) {
        if (size)
            buf[0] = '\0';
        return 0;
    }
    type = wrt_extern_type_declared(module, WRT_EXTERN_FUNC, func_idx);
    return wrt_extern_type_text(&type, buf, size);
}

bool wasmrt_module_memory(const wasmrt_module *module, size_t n,
                          wasmrt_memory_info *out)
{
    const struct wrt_limits *limits;

    if (n >= module->nmemories)
        return false;
    limits = &module->memories[n];
    *out = (wasmrt_memory_info){
        .is_import = n < module->nimported_memories,
        .has_max = limits->has_max,
        .is_64 = limits->is_64,
        .is_shared = limits->is_shared,
        .min = limits->min,
        .max = limits->max,
        .page_bytes = 1u << limits->page_log2,
    };
    return true;
}

bool wasmrt_module_start(const wasmrt_module *module, uint32_t *func_out)
{
    if (module->has_start)
        *func_out = module->start_func;
    return module->has_start;
}

/* -- Sections -------------------------------------------------------------- */

/* Reads what a section begins with; the module has been decoded before. */
static void read_head(wasmrt_section_info *section, struct wrt_reader contents)
{
    uint32_t n = wrt_read_u32(&contents);

    if (section->id == WRT_SECTION_CUSTOM) {
        section->name = (const char *)wrt_read_bytes(&contents, n);
        section->name_len = section->name ? n : 0;
        section->bytes = contents.pos;
        section->bytes_len = wrt_reader_left(&contents);
    } else {
        section->count = n;
    }
}

bool wasmrt_module_next_section(const wasmrt_module *module,
                                wasmrt_section_info *section)
{
    size_t start =
        section->offset ? (size_t)section->offset + section->len : HEADER_BYTES;
    struct wrt_reader r;

    wrt_reader_init(&r, module->bytes, module->len);
    if (start >= module->len)
        return false;
    wrt_read_bytes(&r, start);
    *section = (wasmrt_section_info){.id = wrt_read_u8(&r)};
    section->len = wrt_read_u32(&r);
    section->offset = wrt_reader_offset(&r);
    section->id_name = wrt_section_name(section->id);
    section->bytes = wrt_read_bytes(&r, section->len);
    section->bytes_len = section->len;
    if (!section->bytes)
        return false;
    r.end = r.pos;
    r.pos = section->bytes;
    read_head(section, r);
    return true;
}

size_t wasmrt_module_size(const wasmrt_module *module)
{
    return module->len;
}
