/*
 * Listing of machine code for humans: the bytes of each instruction, behind its
 * name and its place in the module.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/operand.h"
#include "jit/tell.h"
#include "runtime/module/dump.h"

#include <stdio.h>

/* Lines that the command line tool looks for. */
static void list_bytes(const struct wrt_out *out, const uint8_t *code,
                       uint32_t start, uint32_t end)
{
    enum { A_LINE = 16 };

    for (uint32_t i = start; i < end; i++) {
        if ((i - start) % A_LINE == 0)
            wrt_out_put(out, "    +%04x:", (unsigned)i);
        wrt_out_put(out, " %02x%s", code[i],
                    i + 1 == end || (i + 1 - start) % A_LINE == 0 ? "\n" : "");
    }
}

static void list_lines(const struct wrt_out *out, struct jit *j)
{
    const struct wrt_module *module = j->module;
    const struct jit_line *lines = j->lines->all.items;
    const uint8_t *code = jit_code(j)->start;
    size_t count = j->lines->all.count;

    wrt_out_put(out, "  machine code: %u bytes\n", (unsigned)jit_pos(j));
    wrt_out_put(out, "  begin\n");
    list_bytes(out, code, 0, count ? lines[0].pos : j->lines->end_at);
    for (size_t i = 0; i < count; i++) {
        uint32_t end = i + 1 < count ? lines[i + 1].pos : j->lines->end_at;

        if (end == lines[i].pos)
            continue;
        wrt_out_put(
            out, "  0x%06llx  %s\n",
            (unsigned long long)wrt_module_offset(
                module, module->funcs[j->func_idx].body + lines[i].offset),
            wrt_op_infos[lines[i].op].text);
        list_bytes(out, code, lines[i].pos, end);
    }
    wrt_out_put(out, "  end\n");
    list_bytes(out, code, j->lines->end_at, jit_pos(j));
    wrt_out_put(out, "\n");
}

/* Gives the code the address that it would get now. */
static void bind(struct jit *j)
{
    wrt_mutex_lock(&j->native->lock);
    jit_bind_fars(j->native, &j->made, (uint32_t)j->native->used);
    wrt_mutex_unlock(&j->native->lock);
}

wasmrt_error *jit_list(struct wrt_module *module, uint32_t func_idx,
                       wrt_write_fn *write, void *user)
{
    const struct wrt_out out = {write, user};
    struct wrt_native *native = module->native;
    struct jit_lines lines = {.end_at = 0};
    wasmrt_error *error;
    struct jit j;

    if (native)
        WRT_TRY(jit_make_ready(native));
    if (!native || !jit_is_ready(native)) {
        wrt_out_put(&out, "  no machine code: everything is interpreted\n\n");
        return NULL;
    }
    jit_init(&j, native);
    j.lines = &lines;
    error = jit_make(&j, func_idx, NULL);
    if (!error && j.is_unsupported) {
        wrt_out_put(&out,
                    "  no machine code: this function is interpreted\n\n");
    } else if (!error) {
        bind(&j);
        list_lines(&out, &j);
    }
    wrt_vec_fini(module->alloc, &lines.all);
    jit_fini(&j);
    return error;
}

wasmrt_error *jit_list_threaded(struct wrt_module *module, uint32_t func_idx,
                                wrt_write_fn *write, void *user)
{
    return jit_threaded_backend->list_code(module, func_idx, write, user);
}
