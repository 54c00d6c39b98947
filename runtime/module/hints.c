/*
 * Branch hints, read and checked.
 *
 * The section is a vector of functions with a vector of hints each; a hint is
 * an offset from the start of the function's body, a length of one, and a byte
 * that is 0 or 1.  It stands before the code section.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/hints.h"

#include "runtime/module/insn.h"

static wasmrt_error *malformed(const struct wrt_reader *r, const char *what)
{
    return wrt_error_new(WASMRT_ERR_BAD_CUSTOM, wrt_reader_offset(r),
                         WRT_HINTS_SECTION ": %s", what);
}

/* Whether each hint is for an instruction that branches on a condition. */
static wasmrt_error *check_targets(const struct wrt_module *m,
                                   uint32_t func_idx,
                                   const struct wrt_hint *hints, uint32_t count)
{
    const struct wrt_func *func = &m->funcs[func_idx];
    struct wrt_reader r;
    struct wrt_insn insn;
    uint32_t i = 0;

    wrt_reader_init(&r, m->bytes, m->len);
    r.pos = func->body;
    r.end = func->body + func->body_len;
    wrt_locals_skip(m, &r);
    while (i < count && r.pos != r.end) {
        wrt_insn_read(m, &r, &insn);
        if ((uint64_t)(insn.pos - func->body) < hints[i].offset)
            continue;
        if ((uint64_t)(insn.pos - func->body) != hints[i].offset ||
            (insn.op != WRT_OP_IF && insn.op != WRT_OP_BR_IF))
            break;
        i++;
    }
    if (i == count)
        return NULL;
    return wrt_error_new(WASMRT_ERR_HINT_TARGET,
                         wrt_module_offset(m, func->body) + hints[i].offset,
                         NULL);
}

/* Reads the hints of a function to out, which has room for all that fit the
 * section. */
static wasmrt_error *read_func(const struct wrt_module *m, struct wrt_reader *r,
                               struct wrt_hints *out)
{
    uint32_t func_idx = wrt_read_u32(r), count = wrt_read_u32(r);
    uint32_t first = out->count;

    if (r->failed || func_idx >= m->nfuncs ||
        wrt_module_func_is_import(m, func_idx))
        return malformed(r, "no function of the module");
    if (first > 0 && func_idx <= out->items[first - 1].func_idx)
        return malformed(r, "functions out of order");
    for (uint32_t i = 0; i < count; i++) {
        struct wrt_hint *hint = &out->items[out->count];
        uint32_t size;
        uint8_t value;

        hint->func_idx = func_idx;
        hint->offset = wrt_read_u32(r);
        size = wrt_read_u32(r);
        value = wrt_read_u8(r);
        if (r->failed || size != 1 || value > 1)
            return malformed(r, "a hint is one byte, 0 or 1");
        if (i > 0 && hint->offset <= hint[-1].offset)
            return malformed(r, "hints out of order");
        hint->is_likely = value == 1;
        out->count++;
    }
    return check_targets(m, func_idx, out->items + first, count);
}

/* Hints stand in front of the code that they are about. */
static wasmrt_error *read_section(const struct wrt_module *m,
                                  const struct wrt_custom_section *section,
                                  struct wrt_arena *arena,
                                  struct wrt_hints *out)
{
    struct wrt_reader r;

    wrt_reader_init(&r, m->bytes, m->len);
    r.pos = section->bytes;
    r.end = section->bytes + section->len;
    if (section->after == WRT_SECTION_CODE ||
        section->after == WRT_SECTION_DATA)
        return malformed(&r, "behind the code section");
    out->items =
        wrt_arena_array(arena, section->len / 3 + 1, sizeof(*out->items));
    if (!out->items)
        return wrt_error_oom();
    for (uint32_t n = wrt_read_u32(&r); n > 0 && !r.failed; n--)
        WRT_TRY(read_func(m, &r, out));
    if (r.failed || r.pos != r.end)
        return malformed(&r, "size mismatch");
    return NULL;
}

wasmrt_error *wrt_hints_read(const struct wrt_module *module,
                             struct wrt_arena *arena, struct wrt_hints *out)
{
    static const char name[] = WRT_HINTS_SECTION;
    bool found = false;

    *out = (struct wrt_hints){.count = 0};
    for (uint32_t i = 0; i < module->ncustoms; i++) {
        const struct wrt_custom_section *section = &module->customs[i];
        struct wrt_reader r;

        if (section->name.len != sizeof(name) - 1 ||
            memcmp(section->name.text, name, sizeof(name) - 1) != 0)
            continue;
        wrt_reader_init(&r, module->bytes, module->len);
        r.pos = section->bytes;
        if (found)
            return malformed(&r, "a second section");
        found = true;
        out->section = i;
        WRT_TRY(read_section(module, section, arena, out));
    }
    return NULL;
}
